"""Tags and notes are an academy's own: read as typed, kept whole, seen by nobody else."""

from __future__ import annotations

import pytest

from catalog import tags
from catalog.store import Transact
from catalog.tags import Noted, dump_tags, parse_tags
from tests.catalog.stock import course, upload


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("fire, Safety", ("fire", "Safety")),
        ("  fire ,, FIRE,fire  drill ", ("fire", "fire drill")),
        ("", ()),
        (" , ", ()),
    ],
)
def test_tags_are_read_as_people_type_them(said, expected):
    assert parse_tags(said) == expected
    assert parse_tags(dump_tags(expected)) == expected


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ("x" * 500, "at most"),
        ("a\x00b", "visible characters"),
        (",".join(f"t{n}" for n in range(21)), "at most 20 tags"),
    ],
)
def test_what_sorts_nothing_is_refused(said, fault):
    with pytest.raises(ValueError, match=fault):
        parse_tags(said)


def test_what_is_noted_takes_the_place_of_what_was(
    transact: Transact,
) -> None:
    course_id, other_id = upload(transact, course()), upload(transact, course(), 2)
    for noted in (Noted(("fire", "old"), "first"), Noted(("Fire", "new"), "second")):
        transact(lambda c, one=noted: tags.keep(c, 1, course_id=course_id, noted=one))
    transact(lambda c: tags.keep(c, 2, course_id=other_id, noted=Noted(("theirs",), "")))

    found = transact(lambda c: tags.noted(c, 1, course_id=course_id))

    assert found == Noted(("Fire", "new"), "second")
    assert transact(lambda c: tags.used(c, 1)) == [("Fire", 1), ("new", 1)]
    assert transact(lambda c: tags.noted(c, 1, course_id=other_id)) == Noted()


def test_another_academy_cannot_note_anything(
    transact: Transact,
) -> None:
    course_id = upload(transact, course())
    transact(lambda c: tags.keep(c, 2, course_id=course_id, noted=Noted((), "foreign")))

    assert transact(lambda c: tags.noted(c, 1, course_id=course_id)) == Noted()
