"""Duplicates: by what two courses are the same one, in which order, how surely, and the reason."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.duplicates import MarkKind, Marks, marks_of_course, marks_of_item, verdict
from catalog.model import AssignableUnit, Course
from catalog.provider.provided import Item

KEY = "0f8fad5b-d9cb-469f-a165-70867728950e"
OTHER = "11111111-2222-3333-4444-555555555555"
HOST = "https://launch.opensesame.com"
ITEM = Item(
    key=KEY,
    title="Safety at work",
    publisher="Example Press",
    languages=("en-US",),
    launch_url=f"{HOST}/aicc?course=7",
)


def course(
    course_id: str = "SAFETY",
    *units: tuple[str, str],
    title: str = "Something else",
    creator: str = "",
    web_launch: str = "",
) -> Course:
    made = tuple(
        AssignableUnit(system_id, system_id, file_name, web_launch=web_launch)
        for system_id, file_name in units or [("A1", "start.html")]
    )
    return Course(course_id, title, made, tuple(one.system_id for one in made), creator=creator)


PROVIDED = course(KEY, ("AU", f"{HOST}/aicc?course=7"), title="Safety at work")


# What the item is compared with, and what matches: kind, certain, what the reason names.
Case = tuple[Marks, MarkKind, bool, str]
MATCHES: list[Case] = [
    # realistic
    (marks_of_course(PROVIDED, key=KEY), MarkKind.ID, True, KEY),
    (
        marks_of_course(course("C", ("A1", f"{HOST}/aicc?course=7"))),
        MarkKind.LAUNCH,
        True,
        "launch.opensesame.com/aicc?course=7",
    ),
    (marks_of_course(course(KEY, ("AU", "x.html"))), MarkKind.STRUCTURE, True, KEY),
    (marks_of_course(course(KEY, ("A1", "x.html"))), MarkKind.GUID, True, KEY),
    (marks_of_course(course("C", (f"os_{KEY}", "x.html"))), MarkKind.GUID, True, KEY),
    (
        marks_of_course(course("C", ("A1", f"https://a.example/{KEY}/start.html"))),
        MarkKind.GUID,
        True,
        KEY,
    ),
    (
        marks_of_course(course(title="Safety at work", creator="Example Press")),
        MarkKind.TITLE,
        False,
        "safety at work",
    ),
    # sloppy
    (
        marks_of_course(
            course("C", ("A1", "http://Launch.OpenSesame.com:80/aicc?token=1&course=7#top"))
        ),
        MarkKind.LAUNCH,
        True,
        "launch.opensesame.com/aicc?course=7",
    ),
    (
        marks_of_course(course("C", ("A1", f"{HOST}/aicc"), web_launch="course=7")),
        MarkKind.LAUNCH,
        True,
        "launch.opensesame.com/aicc?course=7",
    ),
    (marks_of_course(course(f"{{{KEY.upper()}}}")), MarkKind.GUID, True, KEY),
    (marks_of_course(course(KEY.replace("-", "").upper())), MarkKind.GUID, True, KEY),
    (
        marks_of_course(course("C", ("A1", "go.html"), web_launch=f"id={KEY}")),
        MarkKind.GUID,
        True,
        KEY,
    ),
    (
        marks_of_course(course(title=" SAFETY  at Work"), "example press", ("en",)),
        MarkKind.TITLE,
        False,
        "safety at work",
    ),
]


@pytest.mark.parametrize(("marks", "kind", "certain", "shown"), MATCHES)
def test_the_same_course_is_found_with_the_reason(
    marks: Marks, kind: MarkKind, certain: bool, shown: str
) -> None:
    found = verdict(marks_of_item(ITEM), {9: marks})

    assert found is not None
    assert (found.course_ids, found.kind, found.certain, found.evidence) == (
        (9,),
        kind,
        certain,
        shown,
    )
    assert shown in found.reason


@pytest.mark.parametrize("marks", [case[0] for case in MATCHES])
def test_it_is_found_from_the_other_side_too(marks: Marks) -> None:
    there, back = (
        verdict(marks, {1: marks_of_item(ITEM)}),
        verdict(marks_of_item(ITEM), {1: marks}),
    )

    assert there == back


@pytest.mark.parametrize(
    "marks",
    [
        marks_of_course(course()),
        # Another course of OpenSesame, though all else is equal.
        marks_of_course(replace(PROVIDED, course_id=OTHER), "Example Press", key=OTHER),
        marks_of_item(replace(ITEM, key=OTHER)),
        marks_of_course(course("C", ("A1", f"{HOST}/aicc?course=8"))),
        marks_of_course(course(title="Safety at work", creator="Somebody else")),
        marks_of_course(course(title="Safety at work"), "Example Press", ("es",)),
        marks_of_course(course(title="Safety at work"), "Example Press", ("en-GB",)),
        marks_of_course(course(f"{KEY}0")),
        marks_of_course(course(f"a{KEY}")),
        marks_of_course(course("", title="")),
    ],
)
def test_another_course_is_not_the_same_one(marks: Marks) -> None:
    assert verdict(marks_of_item(ITEM), {9: marks}) is None


def test_the_surest_kind_decides_and_names_all_that_match_by_it() -> None:
    same_title = marks_of_course(course(title="Safety at work"))
    by_guid = marks_of_course(course(KEY, ("A1", "x.html"), title="Safety at work"))
    known = {1: same_title, 30: by_guid, 2: by_guid}

    found = verdict(marks_of_item(ITEM), known)

    assert found is not None
    assert (found.kind, found.course_ids) == (MarkKind.GUID, (2, 30))


def test_two_uploads_match_by_course_id_and_all_system_ids() -> None:
    upload = marks_of_course(course("safety", ("A1", "a.html"), ("a2", "b.html")))
    same = marks_of_course(course("SAFETY", ("A2", "new.html"), ("A1", "a.html")))
    fewer = marks_of_course(course("SAFETY", ("A1", "a.html"), title="Third"))

    found = verdict(upload, {1: same, 2: replace(fewer, titles=frozenset())})

    assert found is not None
    assert (found.course_ids, found.kind) == ((1,), MarkKind.STRUCTURE)
    assert found.reason == 'Its Course_ID "safety" and all its System_IDs are the same.'


def test_uploads_that_share_the_guid_of_a_customer_are_two_courses() -> None:
    one, other = (
        marks_of_course(course(name, (name, f"{HOST}/go?c={OTHER}&n={name}"), title=name))
        for name in ("X1", "X2")
    )

    assert verdict(one, {1: other}) is None


def test_uploads_with_one_guid_in_their_course_ids_are_the_same_course() -> None:
    one = marks_of_course(course(f"os-{KEY}", ("A1", "a.html"), title="One"))
    other = marks_of_course(course(KEY, ("B1", "b.html"), title="Two"))

    found = verdict(one, {1: other})

    assert found is not None
    assert found.kind is MarkKind.GUID


def test_equal_addresses_elsewhere_need_not_be_the_same_course() -> None:
    one, other = (
        marks_of_course(course(name, (name, "https://player.example/go"), title=name))
        for name in ("X1", "X2")
    )
    told, told_other = (
        marks_of_course(
            course(name, (name, "https://a.player.example/go"), title=name),
            hosts=["player.example"],
        )
        for name in ("X1", "X2")
    )

    assert verdict(one, {1: other}) is None
    found = verdict(told, {1: told_other})
    assert found is not None
    assert found.kind is MarkKind.LAUNCH


def test_a_host_that_only_ends_like_opensesame_is_another_one() -> None:
    marks = marks_of_course(course("C", ("A1", "https://notopensesame.com/go")))

    assert marks.launches == frozenset()


def test_unknown_publishers_and_languages_do_not_tell_titles_apart() -> None:
    bare = replace(ITEM, publisher="", languages=())

    found = verdict(marks_of_item(bare), {1: marks_of_course(course(title="Safety at work"))})

    assert found is not None
    assert not found.certain


few_texts = st.sampled_from(["", "a", "b", KEY, OTHER, f"{HOST}/{KEY}?x=1", f"{HOST}/b?token=1"])
few_courses = st.builds(
    lambda course_id, title, creator, units: course(
        course_id, *units, title=title, creator=creator
    ),
    few_texts,
    few_texts,
    few_texts,
    st.lists(st.tuples(few_texts, few_texts), max_size=2),
)
marks = st.builds(
    marks_of_course,
    few_courses,
    few_texts,
    st.lists(st.sampled_from(["en", "en-US", "fr"]), max_size=2),
    key=st.sampled_from(["", KEY, OTHER]),
)


@given(marks, marks)
def test_whoever_matches_has_a_mark_to_be_found_by(one: Marks, other: Marks) -> None:
    found = verdict(one, {1: other})

    if found is not None:
        assert set(one.pairs()) & set(other.pairs())
        assert found.reason
    assert found == verdict(other, {1: one})


@given(marks)
def test_marks_are_short_enough_for_an_index(one: Marks) -> None:
    assert all(len(value) == 64 for _, value in one.pairs())
    assert len(set(one.pairs())) == len(list(one.pairs()))
