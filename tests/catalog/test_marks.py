"""Marks that are kept: duplicates found by a look-up, twins, and pairs already in the catalog."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection

from catalog import marks
from catalog.duplicates import MarkKind, Verdict, marks_of_course, marks_of_item
from catalog.marks import Pair
from catalog.model import AssignableUnit, Course
from catalog.provider.provided import Item, item_hash
from catalog.store import Transact
from catalog.sync import provided_courses
from tests.catalog.stock import HOSTS, NOW, bring, course, item, key, upload

LAUNCHED = AssignableUnit("A1", "One", "https://content.example.org/launch/1?session=7")


def judge(transact: Transact, *asked: Item, academy_id: int = 1) -> list[Verdict | None]:
    return transact(
        lambda c: marks.match(
            c, academy_id, [marks_of_item(one) for one in asked], hosts=HOSTS, linked=False
        )
    )


def test_an_upload_is_found_by_where_it_launches(transact: Transact) -> None:
    number = upload(transact, course(units=(LAUNCHED,)))
    (found, other) = judge(transact, item(1), item(2))
    assert found is not None
    assert (found.course_ids, found.kind, found.certain) == ((number,), MarkKind.LAUNCH, True)
    assert other is None


def test_an_academy_whose_courses_are_all_linked_has_none_to_match(transact: Transact) -> None:
    bring(transact, item(1))
    assert not transact(lambda c: marks.has_uploaded(c, 1))
    upload(transact, course(units=(LAUNCHED,)))
    assert transact(lambda c: marks.has_uploaded(c, 1))
    assert not transact(lambda c: marks.has_uploaded(c, 2))


def test_an_address_at_hosts_of_others_says_nothing(transact: Transact) -> None:
    upload(transact, course(units=(LAUNCHED,)))
    (found,) = transact(
        lambda c: marks.match(c, 1, [marks_of_item(item(1))], hosts=["else.org"], linked=False)
    )
    assert found is None


def test_an_upload_is_found_by_the_id_in_its_files(transact: Transact) -> None:
    number = upload(transact, course(course_id=key(1).upper()))
    (found,) = judge(transact, item(1))
    assert found is not None
    assert (found.course_ids, found.kind) == ((number,), MarkKind.GUID)


def test_an_equal_title_is_only_possible(transact: Transact) -> None:
    upload(transact, course(title="Safety  at work"))
    (found,) = judge(transact, item(1, "safety at Work"))
    assert found is not None
    assert (found.kind, found.certain) == (MarkKind.TITLE, False)


def test_another_academy_has_no_duplicates_here(transact: Transact) -> None:
    upload(transact, course(units=(LAUNCHED,)))
    assert judge(transact, item(1), academy_id=2) == [None]


def test_an_item_is_no_duplicate_of_another_items_course(transact: Transact) -> None:
    bring(transact, item(1, "Safety"))
    assert judge(transact, replace(item(2, "Safety"), launch_url=item(1).launch_url)) == [None]


def test_an_upload_may_be_one_of_the_providers_courses(transact: Transact) -> None:
    (number,) = bring(transact, item(1))
    asked = marks_of_course(course(units=(LAUNCHED,)), hosts=HOSTS)
    (found,) = transact(lambda c: marks.match(c, 1, [asked], hosts=HOSTS, linked=True))
    assert found is not None
    assert (found.course_ids, found.kind) == ((number,), MarkKind.LAUNCH)


def test_marks_follow_the_course(transact: Transact) -> None:
    number = upload(transact, course(units=(LAUNCHED,)))
    moved = item(5, "Moved")
    change = provided_courses.Change(number, moved, item_hash(moved))
    transact(lambda c: provided_courses.change(c, 1, [change], now=NOW))
    asked = marks_of_course(course("OTHER", units=(LAUNCHED,)), hosts=HOSTS)
    again = marks_of_item(replace(moved, key=key(6)))
    found = transact(
        lambda c: marks.match(
            c, 1, [asked, replace(again, ids=frozenset())], hosts=HOSTS, linked=True
        )
    )
    assert found[0] is None
    assert found[1] is not None
    assert found[1].course_ids == (number,)
    own = transact(lambda c: marks.marks_of(c, 1, course_id=number, hosts=HOSTS))
    assert own is not None
    assert own.ids == {key(5)}


def pairs(transact: Transact) -> list[Pair]:
    def ask(connection: Connection) -> list[Pair]:
        return list(marks.pairs(connection, 1, hosts=HOSTS))

    return transact(ask)


def test_pairs_that_are_in_the_catalog_already_are_listed_with_the_reason(
    transact: Transact,
) -> None:
    first = upload(transact, course("UP-1", "Safety", units=(LAUNCHED,)))
    second = upload(transact, course("UP-2", "Other", units=(LAUNCHED,)))
    upload(transact, course("UP-3", "Third", units=(LAUNCHED,)), academy_id=2)
    upload(transact, course("UP-4", "Fourth"))
    (pair,) = pairs(transact)
    assert (pair.course_id, pair.other_id, pair.twins) == (second, first, False)
    assert pair.verdict.kind is MarkKind.LAUNCH


def test_courses_kept_side_by_side_know_of_each_other(transact: Transact) -> None:
    first = upload(transact, course("UP-1", "Safety", units=(LAUNCHED,)))
    second = upload(transact, course("UP-2", "Hygiene", units=(LAUNCHED,)))
    for _ in range(2):
        transact(
            lambda c: marks.link_twins(
                c,
                1,
                course_id=second,
                others=[first, first, second],
                kind=MarkKind.LAUNCH,
                reason="It is launched there too.",
                now=NOW,
            )
        )
    for number, other, title in ((first, second, "Hygiene"), (second, first, "Safety")):
        found = transact(lambda c, n=number: marks.twins_of(c, 1, course_id=n))
        assert found == [marks.Twin(other, title, "launch", "It is launched there too.", NOW)]
    assert transact(lambda c: marks.twins_of(c, 2, course_id=first)) == []
    assert [pair.twins for pair in pairs(transact)] == [True]


def test_a_crowd_of_equal_titles_is_looked_through_in_bounds(transact: Transact) -> None:
    several = [Course(f"C-{n}", "Welcome", (launched_at(n),), ("A1",)) for n in range(12)]
    for one in several:
        upload(transact, one)
    found = pairs(transact)
    assert {pair.verdict.kind for pair in found} == {MarkKind.TITLE}
    assert len(found) == 12 * 11 // 2


def launched_at(number: int) -> AssignableUnit:
    return AssignableUnit("A1", "One", f"https://content.example.org/own/{number}")


def test_courses_are_named_in_a_sentence(transact: Transact) -> None:
    number = upload(transact, course(title="Safety"))
    named = transact(lambda c: marks.names_of(c, 1, [number, 999]))
    assert named == f'course {number}, "Safety"'
