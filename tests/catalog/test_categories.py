"""The category tree: paths as delivered, equal names apart, emptied branches gone."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, create_engine

from catalog import archive, categories, store
from catalog.categories import Path
from catalog.model import ArchiveReason, AssignableUnit, Course
from catalog.store import Transact
from catalog.supply import schema as supply_schema
from catalog.supply.model import Category

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def add(transact: Transact, title: str, academy_id: int = 1) -> int:
    unit = AssignableUnit("A1", "One", "https://content.example.org/")
    return transact(
        lambda c: store.add_course(
            c,
            academy_id,
            course=Course(title, title, (unit,), ("A1",)),
            source="",
            fingerprint=title,
            content_key=None,
            folder="",
            now=NOW,
        )
    )


def place(transact: Transact, course_id: int, *paths: Path, academy_id: int = 1) -> None:
    transact(lambda c: categories.place(c, academy_id, {course_id: paths}, fresh=False))


def tree(transact: Transact, academy_id: int = 1) -> list[Category]:
    return list(transact(lambda c: categories.tree(c, academy_id)).values())


def shape(transact: Transact) -> list[tuple[Path, int]]:
    return [(node.path, node.courses) for node in tree(transact)]


def test_paths_become_a_tree_in_the_order_of_names(transact: Transact) -> None:
    place(
        transact,
        add(transact, "A"),
        ("Safety", "Fire, smoke"),
        ("business",),
        ("Safety", "Chemistry", "Acids"),
    )
    assert shape(transact) == [
        (("business",), 1),
        (("Safety",), 1),
        (("Safety", "Chemistry"), 1),
        (("Safety", "Chemistry", "Acids"), 1),
        (("Safety", "Fire, smoke"), 1),
    ]


def test_equal_names_under_different_parents_stay_apart(transact: Transact) -> None:
    first, second = add(transact, "A"), add(transact, "B")
    place(transact, first, ("Sales", "Basics"))
    place(transact, second, ("Safety", "Basics"))
    by_path = {node.path: node for node in tree(transact)}
    assert by_path["Sales", "Basics"].id != by_path["Safety", "Basics"].id
    found = transact(lambda c: categories.paths_of(c, 1, course_ids=[first, second]))
    assert found == {first: (("Sales", "Basics"),), second: (("Safety", "Basics"),)}


def test_names_that_only_join_to_the_same_are_different_paths(transact: Transact) -> None:
    place(transact, add(transact, "A"), ("a|b",), ("a", "b"))
    assert [path for path, _ in shape(transact)] == [("a",), ("a", "b"), ("a|b",)]


def test_a_known_path_is_used_again(transact: Transact) -> None:
    for title in "AB":
        place(transact, add(transact, title), ("Safety", "Fire"))
    assert shape(transact) == [(("Safety",), 2), (("Safety", "Fire"), 2)]


def test_a_course_counts_once_above_several_of_its_nodes(transact: Transact) -> None:
    place(transact, add(transact, "A"), ("Safety", "Fire"), ("Safety", "Water"), ("Safety",))
    assert shape(transact)[0] == (("Safety",), 1)


def test_a_renamed_branch_follows_and_the_emptied_one_goes(transact: Transact) -> None:
    course_id, other = add(transact, "A"), add(transact, "B")
    place(transact, course_id, ("Compliance", "Old", "Deep"))
    place(transact, other, ("Compliance",))
    place(transact, course_id, ("Compliance", "New"))
    assert transact(lambda c: categories.prune(c, 1)) == 2
    assert [path for path, _ in shape(transact)] == [("Compliance",), ("Compliance", "New")]
    assert transact(lambda c: categories.prune(c, 1)) == 0


def test_an_archived_course_keeps_its_place_and_is_not_counted(transact: Transact) -> None:
    course_id = add(transact, "A")
    place(transact, course_id, ("Safety",))
    transact(
        lambda c: archive.archive(
            c, 1, course_id=course_id, reason=ArchiveReason.ADMIN, by=None, now=NOW
        )
    )
    transact(lambda c: categories.prune(c, 1))
    assert shape(transact) == [(("Safety",), 0)]
    found = transact(lambda c: categories.paths_of(c, 1, course_ids=[course_id]))
    assert found == {course_id: (("Safety",),)}


def test_a_branch_is_found_with_all_below_it(transact: Transact) -> None:
    place(transact, add(transact, "A"), ("Safety", "Fire", "Exits"), ("Sales",))
    nodes = {node.path: node for node in tree(transact)}

    def below(path: Path, academy_id: int = 1) -> set[int]:
        number = nodes[path].id
        return set(transact(lambda c: categories.below(c, academy_id, category_id=number)))

    assert below(("Safety",)) == {nodes[path].id for path in nodes if path[0] == "Safety"}
    assert below(("Sales",)) == {nodes["Sales",].id}
    assert below(("Safety",), academy_id=2) == set()


def test_another_academy_has_its_own_tree(transact: Transact) -> None:
    place(transact, add(transact, "A"), ("Safety",))
    place(transact, add(transact, "B", 2), ("Sales",), academy_id=2)
    assert [node.path for node in tree(transact, 2)] == [("Sales",)]


def test_a_name_as_long_as_it_may_be_and_a_deep_path_are_kept(transact: Transact) -> None:
    path = tuple(f"{'x' * 250}{depth}" for depth in range(20))
    place(transact, add(transact, "A"), path)
    assert tree(transact)[-1].path == path


@pytest.mark.postgresql
def test_a_path_that_somebody_else_makes_meanwhile_is_taken(postgresql_url: str) -> None:
    engine = create_engine(postgresql_url)
    supply_schema.Base.metadata.create_all(engine)

    def transact(unit):  # type: ignore[no-untyped-def]
        with engine.begin() as connection:
            return unit(connection)

    ids = [add(transact, title) for title in "AB"]
    inserted, done = threading.Event(), []

    def second(connection: Connection) -> None:
        inserted.wait()
        categories.place(connection, 1, {ids[1]: [("Safety", "Fire")]}, fresh=True)
        done.append(True)

    thread = threading.Thread(target=transact, args=(second,))
    thread.start()

    def first(connection: Connection) -> None:
        categories.place(connection, 1, {ids[0]: [("Safety", "Fire")]}, fresh=True)
        inserted.set()
        thread.join(0.5)
        # The other one waits for us: nobody has made a second node of the same path.
        assert not done

    transact(first)
    thread.join()
    assert done
    assert shape(transact) == [(("Safety",), 2), (("Safety", "Fire"), 2)]
    engine.dispose()
