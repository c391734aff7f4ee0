"""Tags and notes are an academy's own: read as typed, kept whole, seen by nobody else."""

from __future__ import annotations

import pytest

from catalog import archive, store, tags
from catalog.model import ArchiveReason
from catalog.store import Transact
from catalog.tags import Noted, dump_tags, parse_tags
from tests.catalog.stock import NOW, course, upload


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


def test_courses_are_listed_and_counted_by_a_tag(transact: Transact) -> None:
    first, second, third = (upload(transact, course(f"UP-{n}", f"Course {n}")) for n in (1, 2, 3))
    for course_id, said in ((first, ("fire", "must")), (second, ("fire",)), (third, ("Fire",))):
        transact(lambda c, at=course_id, its=said: tags.keep(c, 1, course_id=at, noted=Noted(its)))
    gone = {"reason": ArchiveReason.REMOVED, "by": None, "now": NOW}
    transact(lambda c: archive.archive(c, 1, course_id=second, **gone))

    def listed(**asked: object) -> list[int]:
        rows = transact(lambda c: store.courses(c, 1, **asked))
        assert transact(lambda c: store.count_courses(c, 1, **asked)) == len(rows)
        return [row.id for row in rows]

    assert listed(tag="fire") == [first, second]
    assert listed(tag="fire", archived=False) == [first]
    assert listed(tag="fire", search="course 2") == [second]
    assert listed(tag="fir") == []
    assert transact(lambda c: store.count_courses(c, 2, tag="fire")) == 0
    found = transact(lambda c: tags.of_courses(c, 1, [first, third]))
    assert found == {first: ["fire", "must"], third: ["Fire"]}
    assert transact(lambda c: tags.of_courses(c, 2, [first])) == {first: []}


def test_another_academy_cannot_note_anything(
    transact: Transact,
) -> None:
    course_id = upload(transact, course())
    transact(lambda c: tags.keep(c, 2, course_id=course_id, noted=Noted((), "foreign")))

    assert transact(lambda c: tags.noted(c, 1, course_id=course_id)) == Noted()
