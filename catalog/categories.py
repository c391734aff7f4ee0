"""The category tree as delivered: paths become nodes, courses stand in them, emptied ones go.

Serves the sync, the search and the pages that show the tree; nobody edits it. Equal names under
different parents are different categories. Takes a connection, never commits.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import Connection, bindparam, delete, exists, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from catalog.bulk import NewRows
from catalog.schema import CategoryTable, CourseCategoryTable, CourseTable
from catalog.supply.model import Category

Path = tuple[str, ...]
# Between the names of a path: no name holds it, since foreign text comes without controls.
_BETWEEN = "\x1f"

_BY_PATH = select(CategoryTable.path_key, CategoryTable.id).where(
    CategoryTable.academy_id == bindparam("academy_id"),
    CategoryTable.path_key.in_(bindparam("path_keys", expanding=True)),
)
_NEW_PLACES = NewRows(CourseCategoryTable.__table__, "academy_id", "course_id", "category_id")


def place(
    connection: Connection,
    academy_id: int,
    courses: Mapping[int, Collection[Path]],
    *,
    fresh: bool,
) -> None:
    """Let courses stand in the categories of their paths and in no others.

    Nodes that are not there yet are made. `fresh` says that none of the courses stood anywhere
    before, which saves a look. `prune` takes away what was left empty.
    """
    if not fresh and courses:
        connection.execute(
            delete(CourseCategoryTable).where(
                CourseCategoryTable.academy_id == academy_id,
                CourseCategoryTable.course_id.in_(list(courses)),
            )
        )
    known = _ids(connection, academy_id, {path for paths in courses.values() for path in paths})
    _NEW_PLACES.add(
        connection,
        (
            (academy_id, course_id, known[path])
            for course_id, paths in courses.items()
            for path in dict.fromkeys(paths)
        ),
    )


def prune(connection: Connection, academy_id: int) -> int:
    """Take away the nodes in and below which no course stands; return how many.

    Archived courses count: their pages still say where they stood.
    """
    child = aliased(CategoryTable)
    stands = exists().where(
        CourseCategoryTable.academy_id == CategoryTable.academy_id,
        CourseCategoryTable.category_id == CategoryTable.id,
    )
    parts = exists().where(
        child.academy_id == CategoryTable.academy_id, child.parent_id == CategoryTable.id
    )
    gone = 0
    while True:
        empty = select(CategoryTable.id).where(
            CategoryTable.academy_id == academy_id, ~stands, ~parts
        )
        ids = list(connection.execute(empty).scalars())
        if not ids:
            return gone
        for few in _chunks(ids):
            connection.execute(delete(CategoryTable).where(CategoryTable.id.in_(few)))
        gone += len(ids)


def tree(connection: Connection, academy_id: int) -> dict[int, Category]:
    """Return all nodes by id, parents before children and siblings by name.

    A course that stands in several nodes of one branch counts once in each node above them.
    """
    nodes = {
        found.id: found
        for found in connection.execute(
            select(CategoryTable.id, CategoryTable.parent_id, CategoryTable.name).where(
                CategoryTable.academy_id == academy_id
            )
        )
    }
    children: dict[int | None, list[int]] = {}
    for found in nodes.values():
        children.setdefault(found.parent_id, []).append(found.id)
    standing = _standing(connection, academy_id)
    paths: dict[int, Path] = {}
    ordered: list[int] = []
    waiting = _by_name(children.get(None, []), nodes)
    while waiting:
        number = waiting.pop()
        node = nodes[number]
        paths[number] = (*paths.get(node.parent_id, ()), node.name)
        ordered.append(number)
        waiting += _by_name(children.get(number, []), nodes)
    for number in reversed(ordered):
        parent = nodes[number].parent_id
        if parent is not None:
            standing.setdefault(parent, set()).update(standing.get(number, ()))
    return {
        number: Category(
            id=number,
            parent_id=nodes[number].parent_id,
            name=nodes[number].name,
            path=paths[number],
            courses=len(standing.get(number, ())),
            children=tuple(reversed(_by_name(children.get(number, []), nodes))),
        )
        for number in ordered
    }


def below(connection: Connection, academy_id: int, *, category_id: int) -> list[int]:
    """Return a category and everything below it, by ids; nothing where the academy has no such."""
    top = (
        select(CategoryTable.id)
        .where(CategoryTable.academy_id == academy_id, CategoryTable.id == category_id)
        .cte("branch", recursive=True)
    )
    rest = select(CategoryTable.id).where(
        CategoryTable.academy_id == academy_id, CategoryTable.parent_id == top.c.id
    )
    return list(connection.execute(select(top.union_all(rest).c.id)).scalars())


def paths_of(
    connection: Connection, academy_id: int, *, course_ids: Sequence[int]
) -> dict[int, tuple[Path, ...]]:
    """Return the paths of the categories in which courses stand, in order."""
    query = select(CourseCategoryTable.course_id, CourseCategoryTable.category_id).where(
        CourseCategoryTable.academy_id == academy_id,
        CourseCategoryTable.course_id.in_(course_ids),
    )
    placed = connection.execute(query).all()
    paths = _paths(connection, academy_id, {found.category_id for found in placed})
    result: dict[int, list[Path]] = {}
    for found in placed:
        result.setdefault(found.course_id, []).append(paths[found.category_id])
    return {course_id: tuple(sorted(some)) for course_id, some in result.items()}


def _paths(connection: Connection, academy_id: int, ids: Collection[int]) -> dict[int, Path]:
    """Walk up from some nodes, one level with each question."""
    nodes: dict[int, tuple[int | None, str]] = {}
    wanted = set(ids)
    while wanted:
        query = select(CategoryTable.id, CategoryTable.parent_id, CategoryTable.name).where(
            CategoryTable.academy_id == academy_id, CategoryTable.id.in_(wanted)
        )
        level = connection.execute(query).all()
        nodes |= {found.id: (found.parent_id, found.name) for found in level}
        wanted = {found.parent_id for found in level if found.parent_id not in (None, *nodes)}
    return {number: _walk_up(nodes, number) for number in ids}


def _walk_up(nodes: Mapping[int, tuple[int | None, str]], number: int | None) -> Path:
    names: list[str] = []
    while number is not None:
        number, name = nodes[number]
        names.append(name)
    return tuple(reversed(names))


def _ids(connection: Connection, academy_id: int, paths: Iterable[Path]) -> dict[Path, int]:
    """Return the ids of paths, making nodes level by level where there are none yet."""
    wanted = {path[:length] for path in paths for length in range(1, len(path) + 1)}
    known = _known(connection, academy_id, wanted)
    while missing := wanted - known.keys():
        depth = min(map(len, missing))
        level = sorted(path for path in missing if len(path) == depth)
        try:
            with connection.begin_nested():
                known |= _made(connection, academy_id, level, known)
        except IntegrityError:
            # A decision made some of them at this very moment.
            known |= _known(connection, academy_id, level)
    return known


def _made(
    connection: Connection, academy_id: int, level: Sequence[Path], known: Mapping[Path, int]
) -> dict[Path, int]:
    rows = [
        {
            "academy_id": academy_id,
            "parent_id": known.get(path[:-1]),
            "name": path[-1],
            "path_key": _key(path),
        }
        for path in level
    ]
    statement = insert(CategoryTable).returning(CategoryTable.path_key, CategoryTable.id)
    made = {found.path_key: found.id for found in connection.execute(statement, rows)}
    return {path: made[_key(path)] for path in level}


def _known(connection: Connection, academy_id: int, paths: Collection[Path]) -> dict[Path, int]:
    if not paths:
        return {}
    keys = {_key(path): path for path in paths}
    asked = {"academy_id": academy_id, "path_keys": list(keys)}
    return {keys[found.path_key]: found.id for found in connection.execute(_BY_PATH, asked)}


def _key(path: Path) -> str:
    return hashlib.sha256(_BETWEEN.join(path).encode()).hexdigest()


def _standing(connection: Connection, academy_id: int) -> dict[int, set[int]]:
    """Return the courses that stand in each node and are not archived."""
    query = (
        select(CourseCategoryTable.category_id, CourseCategoryTable.course_id)
        .join(CourseTable, CourseTable.id == CourseCategoryTable.course_id)
        .where(CourseCategoryTable.academy_id == academy_id, CourseTable.archived_at.is_(None))
    )
    standing: dict[int, set[int]] = {}
    for category_id, course_id in connection.execute(query):
        standing.setdefault(category_id, set()).add(course_id)
    return standing


def _by_name(ids: Iterable[int], nodes: Mapping[int, object]) -> list[int]:
    """Order siblings so that the first by name is popped first."""

    def key(number: int) -> tuple[str, int]:
        return str(getattr(nodes[number], "name", "")).casefold(), number

    return sorted(ids, key=key, reverse=True)


def _chunks(ids: Sequence[int], size: int = 500) -> Iterable[Sequence[int]]:
    return (ids[at : at + size] for at in range(0, len(ids), size))
