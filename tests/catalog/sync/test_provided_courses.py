"""From an item to a course and after: the provider's fields follow, the admins' own stay."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from catalog import categories, store
from catalog.model import AssignableUnit, Course
from catalog.provider.provided import Item, item_hash
from catalog.schema import CourseTable
from catalog.search import Asked, search
from catalog.store import Transact
from catalog.supply import items
from catalog.sync import provided_courses
from catalog.sync.provided_courses import Change, course_after, course_of
from tests.catalog.stock import NOW, bring, course, item, key, stored, stored_item, upload

WHOLE = item(
    1,
    "Safety",
    description="How to stay in one piece",
    publisher="Northwind",
    languages=("en-US", "de"),
    categories=(("Compliance", "Safety"), ("Basics",)),
    duration=timedelta(minutes=45),
    picture_url="https://pictures.example.org/1.png",
)


def change(transact: Transact, number: int, after: Item, before: Item | None) -> list[int]:
    one = Change(number, after, item_hash(after), before)
    return transact(lambda c: provided_courses.change(c, 1, [one], now=NOW))


def columns(transact: Transact, number: int) -> dict[str, Any]:
    query = select(CourseTable.__table__).where(CourseTable.id == number)
    return transact(lambda c: dict(c.execute(query).one()._mapping))


def test_an_item_becomes_a_course_with_one_unit(transact: Transact) -> None:
    (number,) = bring(transact, WHOLE)
    made = stored(transact, number)
    (unit,) = made.course.units
    assert (made.title, made.course.course_id, unit.system_id) == ("Safety", key(1), "AU")
    assert store.launch_address(made, unit, content_url="http://localhost") == WHOLE.launch_url
    row = columns(transact, number)
    assert {name: row[name] for name in ("provider", "publisher", "languages", "duration")} == {
        "provider": "opensesame",
        "publisher": "Northwind",
        "languages": '["en-US", "de"]',
        "duration": 45 * 60,
    }
    found = transact(lambda c: categories.paths_of(c, 1, course_ids=[number]))
    assert set(found[number]) == set(WHOLE.categories)


def test_ids_come_in_the_order_of_the_items(transact: Transact) -> None:
    several = [item(number, f"Course {number}") for number in range(60)]
    ids = bring(transact, *several)
    rows = transact(lambda c: store.courses_by_ids(c, 1, ids=ids))
    assert [rows[number].title for number in ids] == [one.title for one in several]
    assert rows[ids[0]].provider == "opensesame"


def test_a_changed_item_changes_the_course_and_nothing_of_the_admins(transact: Transact) -> None:
    (number,) = bring(transact, WHOLE)
    transact(
        lambda c: c.execute(
            update(CourseTable).where(CourseTable.id == number).values(note="Ask Kim first")
        )
    )
    after = replace(
        WHOLE,
        title="Safety 2",
        launch_url="https://content.example.org/other",
        languages=("fr",),
        categories=(("Compliance",),),
        duration=None,
    )
    assert change(transact, number, after, WHOLE) == []
    now = stored(transact, number)
    assert (now.version, now.title, now.course.units[0].file_name) == (
        1,
        "Safety 2",
        "https://content.example.org/other",
    )
    row = columns(transact, number)
    assert (row["duration"], row["languages"], row["note"]) == (None, '["fr"]', "Ask Kim first")
    assert row["title_key"] == "safety 2"
    found = stored_item(transact, 1)
    assert found is not None
    assert found.hash == item_hash(after)
    provided = transact(lambda c: items.provided(c, 1, course_id=number))
    assert provided is not None
    assert provided.item == after


UPLOADED = course(
    "SAFETY-7",
    "Old title",
    units=(
        AssignableUnit(
            "SCO1", "Old title", "https://content.example.org/launch/1?v=1", web_launch="a=b"
        ),
    ),
)


def test_an_upload_with_one_unit_is_linked_and_keeps_what_runs(transact: Transact) -> None:
    number = upload(transact, UPLOADED)
    assert change(transact, number, WHOLE, None) == []
    linked = stored(transact, number)
    assert (linked.version, linked.title, linked.course.course_id) == (1, "Safety", "SAFETY-7")
    (unit,) = linked.course.units
    assert (unit.system_id, unit.file_name, unit.web_launch) == ("SCO1", WHOLE.launch_url, "")
    found = stored_item(transact, 1)
    assert found is not None
    assert found.course_id == number
    assert columns(transact, number)["provider"] == "opensesame"
    assert [hit.id for hit in transact(lambda c: search(c, 1, Asked("safety"))).hits] == [number]
    assert transact(lambda c: search(c, 1, Asked("old"))).hits == ()


def test_an_upload_with_more_units_gets_a_new_version(transact: Transact) -> None:
    units = tuple(AssignableUnit(f"A{n}", "Part", f"https://example.org/{n}") for n in (1, 2))
    number = upload(transact, Course("SAFETY-7", "Old", units, ("A1", "A2")))
    assert change(transact, number, WHOLE, None) == [number]
    assert [unit.system_id for unit in stored(transact, number).course.units] == ["AU"]
    assert len(stored(transact, number, version=1).course.units) == 2


def test_an_item_without_an_address_leaves_units_as_they_are() -> None:
    two = replace(UPLOADED, units=(*UPLOADED.units, AssignableUnit("B", "B", "b.html")))
    without = replace(WHOLE, launch_url="", package_url="https://content.example.org/1.zip")
    assert course_after(two, without).units == two.units
    assert course_after(two, without).title == "Safety"


@pytest.mark.parametrize("mastered", [None, "80"])
def test_what_an_upload_said_beyond_the_item_stays(mastered: str | None) -> None:
    unit = replace(UPLOADED.units[0], mastery_score=mastered, core_vendor="x=1")
    after = course_after(replace(UPLOADED, units=(unit,), version="4.0"), WHOLE)
    assert (after.version, after.units[0].mastery_score, after.units[0].core_vendor) == (
        "4.0",
        mastered,
        "x=1",
    )


def test_nothing_to_add_or_change_asks_nothing(transact: Transact) -> None:
    assert transact(lambda c: provided_courses.add(c, 1, [], now=NOW)) == []
    assert transact(lambda c: provided_courses.change(c, 1, [], now=NOW)) == []


def test_a_course_of_an_item_says_who_made_it() -> None:
    assert course_of(WHOLE).creator == "Northwind"
