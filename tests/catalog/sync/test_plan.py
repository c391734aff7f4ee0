"""What a listing means for what is known: page by page, at its end, twice, and in any order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.model import ArchiveReason
from catalog.provider.provided import Item, item_hash
from catalog.sync.plan import (
    MISSES_UNTIL_REMOVED,
    MOST_ARCHIVED,
    Doubt,
    Known,
    Step,
    StepKind,
    doubt,
    overrules,
    plan_missing,
    plan_page,
)

ON = Item(key="k", title="T", launch_url="https://a.example/k")
OFF = replace(ON, active=False)
RENAMED = replace(ON, title="U")
REMOVED, INACTIVE, ADMIN = ArchiveReason

Listed = dict[str, Known]


def known(item: Item = ON, **changes: object) -> Known:
    values: dict[str, object] = {"active": item.active, **changes}
    return Known(1, item.key, item_hash(item), **values)  # type: ignore[arg-type]


def store(courses: Listed, steps: Sequence[Step]) -> None:
    """Carry steps out as the sync has to: what a step says is stored, and nothing else."""
    for step in steps:
        if step.writes:
            number = step.course_id or len(courses) + 1
            courses[step.key] = Known(number, step.key, *step.after)


def listing(courses: Listed, pages: Sequence[Sequence[Item]]) -> list[Step]:
    """Read a complete listing as the sync does; archiving waits for its end."""
    seen: set[str] = set()
    steps, waiting = [], []
    for page in pages:
        for step in plan_page(courses, page, seen):
            if step.kind is StepKind.ARCHIVE:
                waiting.append(step)
            else:
                store(courses, [step])
            steps.append(step)
    missing = plan_missing(courses, seen)
    store(courses, [*waiting, *missing])
    return [*steps, *missing]


# What was known, what the listing says (None: the course is not in it), and what becomes of it:
# the step, why it is archived then, whether an admin's word still stands.
Case = tuple[Known, Item | None, StepKind, ArchiveReason | None, bool]
CASES: list[Case] = [
    # open
    (known(), ON, StepKind.UNCHANGED, None, False),
    (known(), RENAMED, StepKind.UPDATE, None, False),
    (known(), OFF, StepKind.ARCHIVE, INACTIVE, False),
    (known(), None, StepKind.MISSED, None, False),
    (known(missed=1), ON, StepKind.UNCHANGED, None, False),
    (known(missed=1), None, StepKind.ARCHIVE, REMOVED, False),
    (known(OFF), OFF, StepKind.ARCHIVE, INACTIVE, False),
    # archived by what OpenSesame said
    (known(OFF, archived_for=INACTIVE), ON, StepKind.REACTIVATE, None, False),
    (known(OFF, archived_for=INACTIVE), RENAMED, StepKind.REACTIVATE, None, False),
    (known(OFF, archived_for=INACTIVE), OFF, StepKind.UNCHANGED, INACTIVE, False),
    (known(OFF, archived_for=INACTIVE), None, StepKind.MISSED, INACTIVE, False),
    (known(OFF, archived_for=INACTIVE, missed=1), None, StepKind.MISSED, INACTIVE, False),
    (known(missed=2, archived_for=REMOVED), ON, StepKind.REACTIVATE, None, False),
    (known(missed=2, archived_for=REMOVED), OFF, StepKind.UPDATE, REMOVED, False),
    # archived by an admin: only an admin takes it back
    (known(archived_for=ADMIN), ON, StepKind.UNCHANGED, ADMIN, False),
    (known(archived_for=ADMIN), RENAMED, StepKind.UPDATE, ADMIN, False),
    (known(archived_for=ADMIN), OFF, StepKind.UPDATE, ADMIN, False),
    (known(OFF, archived_for=ADMIN), ON, StepKind.UPDATE, ADMIN, False),
    (known(archived_for=ADMIN), None, StepKind.MISSED, ADMIN, False),
    (known(archived_for=ADMIN, missed=1), None, StepKind.MISSED, ADMIN, False),
    # reactivated by an admin although it is inactive over there: until the flag changes again
    (known(OFF, overruled=True), OFF, StepKind.UNCHANGED, None, True),
    (known(OFF, overruled=True), replace(OFF, title="U"), StepKind.UPDATE, None, True),
    (known(OFF, overruled=True), ON, StepKind.UPDATE, None, False),
    (known(OFF, overruled=True), None, StepKind.MISSED, None, True),
    (known(OFF, overruled=True, missed=1), None, StepKind.MISSED, None, True),
    # reactivated by an admin although the list lacks it
    (known(overruled=True, missed=2), ON, StepKind.UNCHANGED, None, False),
    (known(overruled=True, missed=2), OFF, StepKind.ARCHIVE, INACTIVE, False),
]


@pytest.mark.parametrize(("before", "item", "kind", "archived_for", "overruled"), CASES)
def test_what_becomes_of_a_known_course(
    before: Known,
    item: Item | None,
    kind: StepKind,
    archived_for: ArchiveReason | None,
    overruled: bool,
) -> None:
    courses = {"k": before}
    if item is None:
        (step,) = plan_missing(courses, set())
    else:
        (step,) = plan_page(courses, [item], set())

    assert (step.kind, step.archived_for, step.overruled) == (kind, archived_for, overruled)
    assert step.course_id == 1
    assert step.active is (item or before).active
    assert step.missed == (0 if item else before.missed + 1)


@pytest.mark.parametrize(("before", "item"), [case[:2] for case in CASES])
def test_a_step_that_was_stored_is_not_taken_again(before: Known, item: Item | None) -> None:
    courses = {"k": before}
    pages = [[item] if item else []]
    # A course that is missing is missed twice before nothing more happens.
    for _ in range(MISSES_UNTIL_REMOVED):
        listing(courses, pages)
    stored = dict(courses)

    again = listing(courses, pages)

    assert {step.kind for step in again} <= {StepKind.UNCHANGED}
    assert not [step for step in again if step.writes]
    assert courses == stored


def test_what_is_not_known_is_new_and_what_is_inactive_already_is_ignored() -> None:
    off = replace(OFF, key="l")
    new, ignored = plan_page({}, [ON, off], set())

    assert (new.kind, new.course_id, new.hash, new.item) == (StepKind.NEW, None, item_hash(ON), ON)
    assert new.writes
    assert new.changed
    assert (ignored.kind, ignored.writes) == (StepKind.IGNORED, False)


def test_a_course_that_comes_twice_counts_once_and_the_first_one_counts() -> None:
    seen: set[str] = set()
    courses: Listed = {}

    first = plan_page(courses, [ON, RENAMED], seen)
    store(courses, first)
    second = plan_page(courses, [RENAMED], seen)
    store(courses, second)

    assert [step.kind for step in (*first, *second)] == ["new", "repeated", "repeated"]
    assert courses["k"].hash == item_hash(ON)
    assert seen == {"k"}


def test_a_course_missed_once_and_listed_again_must_be_missed_twice_anew() -> None:
    courses = {"k": known()}

    for pages in ([[]], [[ON]], [[]]):
        listing(courses, pages)

    assert courses["k"].archived_for is None
    assert courses["k"].missed == 1


def test_a_course_listed_but_unreadable_is_not_missing() -> None:
    assert plan_missing({"k": known(missed=1)}, {"k"}) == ()


def test_nothing_is_planned_for_what_was_missed_and_archived_long_ago() -> None:
    assert plan_missing({"k": known(missed=2, archived_for=REMOVED)}, set()) == ()


@pytest.mark.parametrize(
    ("before", "against"),
    [
        (known(archived_for=ADMIN), False),
        (known(archived_for=ADMIN, missed=1), False),
        (known(OFF, archived_for=INACTIVE), True),
        (known(archived_for=REMOVED, missed=2), True),
        (known(OFF, archived_for=ADMIN), True),
    ],
)
def test_an_admins_reactivation_against_opensesame_outlasts_the_next_syncs(
    before: Known, against: bool
) -> None:
    assert overrules(before) is against
    courses = {"k": replace(before, archived_for=None, overruled=overrules(before))}
    pages = [[OFF if not before.active else ON] if before.missed < 2 else []]

    for _ in range(3):
        listing(courses, pages)

    assert courses["k"].archived_for is None


def archiving(count: int) -> list[Step]:
    courses = {str(n): replace(known(missed=1), course_id=n, key=str(n)) for n in range(count)}
    return list(plan_missing(courses, set()))


@pytest.mark.parametrize(
    ("archived", "listed", "courses", "found"),
    [
        # realistic
        (3, 97, 100, None),
        (MOST_ARCHIVED, 5, 25, None),
        (MOST_ARCHIVED + 1, 5, 26, Doubt.TOO_MANY),
        (100, 900, 1000, None),
        (101, 899, 1000, Doubt.TOO_MANY),
        # An empty listing is doubted also when it archives nothing yet, or only little.
        (0, 0, 1, Doubt.EMPTY),
        (1, 0, 1, Doubt.EMPTY),
        # Nothing to lose.
        (0, 0, 0, None),
        (0, 50, 0, None),
    ],
)
def test_a_listing_that_would_archive_too_much_is_doubted(
    archived: int, listed: int, courses: int, found: Doubt | None
) -> None:
    assert doubt(archiving(archived), listed=listed, courses=courses) is found


keys = st.sampled_from("abcdefgh")
listed_items = st.dictionaries(
    keys, st.tuples(st.sampled_from(["T", "U", "V"]), st.booleans()), max_size=8
).map(
    lambda found: [
        Item(key=key, title=title, launch_url="https://a.example/", active=active)
        for key, (title, active) in found.items()
    ]
)
knowns = st.builds(
    Known,
    course_id=st.just(0),
    key=st.just(""),
    hash=st.sampled_from([item_hash(ON), item_hash(OFF), "old"]),
    active=st.booleans(),
    missed=st.integers(0, MISSES_UNTIL_REMOVED),
    archived_for=st.none() | st.sampled_from(ArchiveReason),
    overruled=st.booleans(),
)
catalogues = st.dictionaries(keys, knowns, max_size=8).map(
    lambda found: {
        key: replace(one, key=key, course_id=number)
        for number, (key, one) in enumerate(found.items(), start=1)
    }
)


def paged(items: Sequence[Item], size: int) -> list[Sequence[Item]]:
    return [items[start : start + size] for start in range(0, len(items), size)]


@given(catalogues, listed_items, st.integers(1, 5))
def test_running_twice_changes_nothing_the_second_time(
    courses: Listed, items: list[Item], size: int
) -> None:
    for _ in range(MISSES_UNTIL_REMOVED):
        listing(courses, paged(items, size))
    stored = dict(courses)

    steps = listing(courses, paged(items, size))

    assert courses == stored
    assert not [step for step in steps if step.writes]


@given(catalogues, listed_items, st.data())
def test_no_order_of_pages_and_no_repetition_changes_the_outcome(
    courses: Listed, items: list[Item], data: st.DataObject
) -> None:
    straight, mixed = dict(courses), dict(courses)
    repeated = data.draw(st.lists(st.sampled_from(items), max_size=5)) if items else []
    shuffled = data.draw(st.permutations([*items, *repeated]))
    listing(straight, [items])

    listing(mixed, paged(shuffled, data.draw(st.integers(1, 5))))

    # Only the numbers of new courses follow the order.
    assert {one.key: replace(one, course_id=0) for one in mixed.values()} == {
        one.key: replace(one, course_id=0) for one in straight.values()
    }


@given(catalogues, listed_items)
def test_what_an_admin_archived_no_listing_takes_back(courses: Listed, items: list[Item]) -> None:
    by_admin = {key for key, one in courses.items() if one.archived_for is ADMIN}

    listing(courses, [items])

    assert by_admin <= {key for key, one in courses.items() if one.archived_for is ADMIN}


@given(catalogues, listed_items)
def test_one_listing_archives_only_what_it_calls_inactive_or_what_was_missed_before(
    courses: Listed, items: list[Item]
) -> None:
    inactive = {item.key for item in items if not item.active}
    missed = {key for key, one in courses.items() if one.missed}
    open_before = {key for key, one in courses.items() if one.archived_for is None}

    listing(courses, [items])

    archived = {key for key in open_before if courses[key].archived_for is not None}
    assert archived <= inactive | missed
