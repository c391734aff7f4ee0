"""The catalog's queries, on both databases, each bound to its academy."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import StatementError

from catalog import store
from catalog.errors import AlreadyStored
from catalog.model import AssignableUnit, Course
from catalog.store import StoredCourse, Transact

NOW = datetime(2024, 2, 29, 12, 0, 0, 123456, tzinfo=UTC)
UNIT = AssignableUnit("A1", "One", "start page.html")


def keep(
    transact: Transact,
    *,
    title: str = "Title",
    aicc_id: str = "C-1",
    academy_id: int = 1,
    fingerprint: str | None = None,
    key: str | None = None,
    now: datetime = NOW,
) -> int:
    course = Course(aicc_id, title, (UNIT,), ("A1",), description="About it")
    return transact(
        lambda connection: store.add_course(
            connection,
            academy_id,
            course=course,
            source="package.zip",
            fingerprint=fingerprint or f"{title}{aicc_id}",
            content_key=key,
            folder="my set",
            now=now,
        )
    )


def titles(transact: Transact, search: str = "", academy_id: int = 1) -> list[str]:
    def ask(connection: Connection) -> list[str]:
        found = store.courses(connection, academy_id, search=search)
        assert store.count_courses(connection, academy_id, search=search) == len(found)
        return [row.title for row in found]

    return transact(ask)


def test_a_course_is_read_back_whole(transact: Transact) -> None:
    course_id = keep(transact, key="a" * 40)
    stored = transact(lambda connection: store.course(connection, 1, course_id=course_id))
    assert stored == StoredCourse(
        id=course_id,
        academy_id=1,
        title="Title",
        source="package.zip",
        content_key="a" * 40,
        folder="my set",
        created_at=NOW,
        course=Course("C-1", "Title", (UNIT,), ("A1",), description="About it"),
    )


def test_a_list_row_says_what_lists_need(transact: Transact) -> None:
    course_id = keep(transact)
    (row,) = transact(lambda connection: store.courses(connection, 1))
    assert row == store.CourseRow(course_id, 1, "C-1", "Title", "About it", 1, "package.zip", NOW)


@pytest.mark.parametrize("course_id", [0, -1, 2**31, 10**30])
def test_an_impossible_id_is_no_course(transact: Transact, course_id: int) -> None:
    assert transact(lambda connection: store.course(connection, 1, course_id=course_id)) is None
    assert transact(lambda connection: store.courses_by_ids(connection, 1, ids=[course_id])) == {}


def test_another_academy_sees_nothing(transact: Transact) -> None:
    course_id = keep(transact, fingerprint="f")

    def ask(connection: Connection) -> list[object]:
        return [
            store.course(connection, 2, course_id=course_id),
            store.courses(connection, 2),
            store.count_courses(connection, 2),
            store.courses_by_ids(connection, 2, ids=[course_id]),
            store.find(connection, 2, text=str(course_id)),
            store.find(connection, 2, text="C-1"),
            store.course_by_fingerprint(connection, 2, fingerprint="f"),
        ]

    assert not any(transact(ask))


def test_courses_are_listed_by_title_page_by_page(transact: Transact) -> None:
    for title in ("cherry", "Apple", "banana"):
        keep(transact, title=title)
    assert titles(transact) == ["Apple", "banana", "cherry"]
    page = transact(lambda connection: store.courses(connection, 1, limit=1, offset=1))
    assert [row.title for row in page] == ["banana"]


@pytest.mark.parametrize(
    ("search", "found"),
    [
        # realistic
        ("", True),
        ("größe", True),
        ("GRÖSSE", True),
        ("größe 100%", True),
        ("c_1\\x", True),
        # sloppy
        ("  100%   größe ", True),
        ("gro\u0308ße", True),
        # hostile
        ("%%", False),
        ("g_öße", False),
        ("_", True),
        ("c_1%", False),
        ("\\", True),
        ("\0", True),
        ("'; DROP TABLE catalog_courses; --", False),
    ],
)
def test_a_search_looks_in_title_and_id_in_any_case(
    transact: Transact, search: str, found: bool
) -> None:
    keep(transact, title="Die Größe: 100%", aicc_id="C_1\\x")
    assert bool(titles(transact, search)) is found


def test_a_course_is_found_by_id_or_aicc_id(transact: Transact) -> None:
    first = keep(transact, aicc_id="Ärzte-1")
    second = keep(transact, aicc_id=str(first))

    def found(text: str) -> list[int]:
        return [row.id for row in transact(lambda connection: store.find(connection, 1, text=text))]

    assert found("ÄRZTE-1") == [first]
    assert found(f" {first} ") == [first, second]
    assert found("nothing") == found("") == found("9" * 10) == found("9" * 99) == found("٣") == []


def test_several_courses_are_fetched_by_ids(transact: Transact) -> None:
    ids = [keep(transact, title=title) for title in "abc"]
    found = transact(lambda connection: store.courses_by_ids(connection, 1, ids=[*ids[:2], 999]))
    assert {number: row.title for number, row in found.items()} == {ids[0]: "a", ids[1]: "b"}


def test_a_fingerprint_is_kept_once_in_an_academy(transact: Transact) -> None:
    course_id = keep(transact, fingerprint="f")
    with pytest.raises(AlreadyStored):
        keep(transact, title="Other", fingerprint="f")
    keep(transact, fingerprint="f", academy_id=2)
    known = transact(lambda connection: store.course_by_fingerprint(connection, 1, fingerprint="f"))
    assert known is not None
    assert known.id == course_id
    assert titles(transact) == ["Title"]


def test_long_texts_are_kept_on_both_databases(transact: Transact) -> None:
    keep(transact, title="x" * 5000, aicc_id="y" * 255, fingerprint="f")
    assert titles(transact) == ["x" * 5000]


def test_a_naive_time_is_refused(catalog_engine: Engine, transact: Transact) -> None:
    with pytest.raises(StatementError):
        keep(transact, now=datetime(2024, 1, 1))


def stored(file_name: str, key: str | None) -> tuple[StoredCourse, AssignableUnit]:
    unit = AssignableUnit("A1", "One", file_name)
    course = Course("C", "T", (unit,), ("A1",))
    return StoredCourse(7, 1, "T", "p", key, "my set", NOW, course), unit


@pytest.mark.parametrize(
    ("file_name", "address"),
    [
        ("https://content.example.org/a?b=c", "https://content.example.org/a?b=c"),
        ("start.html", "http://localhost:8081/KEY/my%20set/start.html"),
        ("../a%20b.html?x=1#y", "http://localhost:8081/KEY/a%20b.html?x=1#y"),
    ],
)
@pytest.mark.parametrize("content_url", ["http://localhost:8081", "http://localhost:8081/"])
def test_a_launch_address_is_absolute(file_name: str, address: str, content_url: str) -> None:
    course, unit = stored(file_name, "KEY")
    assert store.launch_address(course, unit, content_url=content_url) == address


def test_a_unit_without_its_content_has_no_launch_address() -> None:
    course, unit = stored("start.html", None)
    with pytest.raises(LookupError, match="course 7"):
        store.launch_address(course, unit, content_url="http://localhost:8081")
