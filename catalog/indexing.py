"""What a course is found by: its marks, its words and its languages, made anew when it changes.

Serves `intake`, `provided_courses` and upgrades. Whoever writes a course calls `index` in the same
transaction. An edition number in the course's row tells what an older release made.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, delete, select, update

from catalog import categories, marks, search
from catalog.bulk import NewRows
from catalog.document import parse_document
from catalog.model import Course
from catalog.schema import (
    INDEX_EDITION,
    LANGUAGE_LENGTH,
    TITLE_KEY_LENGTH,
    CourseTable,
    LanguageTable,
    StructureTable,
)
from catalog.supply.schema import ItemTable
from catalog.words import fold

AT_ONCE = 200

_NEW_LANGUAGES = NewRows(LanguageTable.__table__, "academy_id", "course_id", "language")


@dataclass(frozen=True, slots=True)
class Indexed:
    """A course with what it is found by. `key` is its id at the provider, "" for an upload."""

    course_id: int
    course: Course
    publisher: str = ""
    languages: tuple[str, ...] = ()
    categories: tuple[tuple[str, ...], ...] = ()
    key: str = ""


def index(
    connection: Connection, academy_id: int, courses: Sequence[Indexed], *, fresh: bool
) -> None:
    """Let courses be found by what they are now. `fresh` says that they are new."""
    marked = {
        one.course_id: marks.marks_to_keep(one.course, one.publisher, one.languages, key=one.key)
        for one in courses
    }
    marks.put(connection, academy_id, marked, fresh=fresh)
    search.put(connection, academy_id, [_text(one) for one in courses], fresh=fresh)
    _put_languages(connection, academy_id, courses, fresh=fresh)


def index_again(connection: Connection, academy_id: int, course_ids: Sequence[int]) -> None:
    """Index courses anew as they are stored."""
    index(connection, academy_id, _read(connection, academy_id, course_ids), fresh=False)


def refresh(connection: Connection, *, limit: int = AT_ONCE) -> int:
    """Index some courses, of whatever academy, that an older release left; return how many.

    Call it until it returns 0. Two at once take turns, and whoever comes second passes over what
    the first has done.
    """
    older = (
        select(CourseTable.academy_id, CourseTable.id)
        .where(CourseTable.index_edition < INDEX_EDITION)
        .order_by(CourseTable.index_edition, CourseTable.id)
        .limit(limit)
        .with_for_update()
    )
    by_academy: dict[int, list[int]] = {}
    for academy_id, course_id in connection.execute(older):
        by_academy.setdefault(academy_id, []).append(course_id)
    for academy_id, ids in by_academy.items():
        index_again(connection, academy_id, ids)
        _note_edition(connection, ids)
    return sum(map(len, by_academy.values()))


def _text(one: Indexed) -> search.Text:
    names = [name for path in one.categories for name in path]
    about = [*dict.fromkeys(names), one.publisher, "" if one.key else one.course.course_id]
    return search.Text(one.course_id, one.course.title, " ".join(about), one.course.description)


def _put_languages(
    connection: Connection, academy_id: int, courses: Sequence[Indexed], *, fresh: bool
) -> None:
    if not fresh:
        connection.execute(
            delete(LanguageTable).where(
                LanguageTable.academy_id == academy_id,
                LanguageTable.course_id.in_([one.course_id for one in courses]),
            )
        )
    _NEW_LANGUAGES.add(
        connection,
        (
            (academy_id, one.course_id, language)
            for one in courses
            for language in dict.fromkeys(
                said.casefold()[:LANGUAGE_LENGTH] for said in one.languages
            )
        ),
    )


def _read(connection: Connection, academy_id: int, ids: Sequence[int]) -> list[Indexed]:
    paths = categories.paths_of(connection, academy_id, course_ids=ids)
    query = (
        select(
            CourseTable.id,
            CourseTable.publisher,
            CourseTable.languages,
            StructureTable.document,
            ItemTable.key,
        )
        .join(StructureTable, StructureTable.course_id == CourseTable.id)
        .outerjoin(
            ItemTable,
            (ItemTable.academy_id == CourseTable.academy_id)
            & (ItemTable.course_id == CourseTable.id),
        )
        .where(CourseTable.academy_id == academy_id, CourseTable.id.in_(ids))
        .order_by(CourseTable.id, StructureTable.version)
    )
    # The last version of each is the one in force.
    newest = {found.id: found for found in connection.execute(query)}
    return [
        Indexed(
            course_id=found.id,
            course=parse_document(found.document),
            publisher=found.publisher,
            languages=tuple(json.loads(found.languages)),
            categories=paths.get(found.id, ()),
            key=found.key or "",
        )
        for found in newest.values()
    ]


def _note_edition(connection: Connection, ids: Sequence[int]) -> None:
    titles = select(CourseTable.id, CourseTable.title).where(CourseTable.id.in_(ids))
    rows = [
        {"of_course": found.id, "new_key": fold(found.title)[:TITLE_KEY_LENGTH]}
        for found in connection.execute(titles)
    ]
    connection.execute(
        update(CourseTable)
        .where(CourseTable.id == bindparam("of_course"))
        .values(title_key=bindparam("new_key"), index_edition=INDEX_EDITION),
        rows,
    )
