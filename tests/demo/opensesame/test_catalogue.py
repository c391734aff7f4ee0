"""The courses on offer have the variety that real listings have."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date

import pytest

from demo.opensesame.catalogue import COURSES
from demo.opensesame.model import ActiveAs, Variant

TODAY = date(2025, 6, 2)
GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def test_each_course_has_a_guid_of_its_own() -> None:
    ids = [course.id.lower() for course in COURSES]

    assert all(GUID.fullmatch(id_) for id_ in ids)
    assert len(set(ids)) == len(ids)


def test_every_way_of_writing_and_of_speaking_occurs() -> None:
    assert {course.active_as for course in COURSES} == set(ActiveAs)
    assert {course.variant for course in COURSES} == set(Variant)


def test_equal_leaf_names_stand_under_different_parents() -> None:
    paths = {path for course in COURSES for path in course.categories if path}
    leaves = Counter(path.rpartition("|")[2] for path in paths)

    assert leaves["Safety"] == 2
    assert all(path.startswith("|") for path in paths)


@pytest.mark.parametrize(
    ("what", "found"),
    [
        ("a category with a comma", any("," in "".join(c.categories) for c in COURSES)),
        ("a language by its name", any("English" in c.languages for c in COURSES)),
        ("several languages", any(len(c.languages) > 1 for c in COURSES)),
        ("an unknown duration", any(c.duration == "99:59" for c in COURSES)),
        ("HTML to be sanitised", any("<script" in c.description_html for c in COURSES)),
        ("a GUID in capitals", any(c.id != c.id.lower() for c in COURSES)),
        ("no launch address", any(c.only_package for c in COURSES)),
        ("no picture", any(not c.has_picture for c in COURSES)),
        ("text beyond ASCII", any(not c.title.isascii() for c in COURSES)),
        ("several active licences", any(len(c.licences) > 1 for c in COURSES)),
        (
            "no active licence",
            any(not any(one.is_active(TODAY) for one in c.licences) for c in COURSES),
        ),
    ],
)
def test_there_is(what: str, found: bool) -> None:
    assert found, what
