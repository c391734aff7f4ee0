"""Versions: the same units change in place, others make a new version, learners keep theirs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from catalog import versions
from catalog.model import AssignableUnit, Course
from catalog.store import Transact
from tests.catalog.stock import NOW, course, stored, upload

EDITED = replace(course(title="Edited"), description="Now with a description")
OTHER = course(title="Other", units=(AssignableUnit("B1", "Two", "https://example.org/"),))


def change(transact: Transact, number: int, after: Course, **more: Any) -> list[int]:
    return transact(lambda c: versions.change(c, 1, {number: after}, now=NOW, **more))


def test_the_same_units_change_in_place(transact: Transact) -> None:
    number = upload(transact, course())
    assert change(transact, number, EDITED) == []
    now = stored(transact, number)
    assert (now.version, now.course, now.title) == (1, EDITED, "Edited")


def test_other_units_make_a_new_version_and_the_old_one_stays(transact: Transact) -> None:
    number = upload(transact, course())
    assert change(transact, number, OTHER) == [number]
    assert (stored(transact, number).version, stored(transact, number).course) == (2, OTHER)
    assert stored(transact, number, version=1).course == course()


def test_each_version_has_its_own_content(transact: Transact) -> None:
    number = upload(transact, course())
    change(transact, number, OTHER, content=("b" * 40, "set"))
    old, new = stored(transact, number, version=1), stored(transact, number)
    assert (old.content_key, old.folder) == (None, "")
    assert (new.content_key, new.folder) == ("b" * 40, "set")
    change(transact, number, OTHER, content=("c" * 40, ""))
    assert (stored(transact, number).version, stored(transact, number).content_key) == (2, "c" * 40)


def test_a_course_of_another_academy_is_not_changed(transact: Transact) -> None:
    number = upload(transact, course())
    assert transact(lambda c: versions.change(c, 2, {number: OTHER}, now=NOW)) == []
    assert stored(transact, number).course == course()
