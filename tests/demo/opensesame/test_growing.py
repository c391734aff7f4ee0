"""Made-up courses are many, different, and the same each time."""

from __future__ import annotations

import pytest

from demo.opensesame.growing import Growth
from demo.opensesame.model import ActiveAs, Variant


def test_the_same_growth_makes_the_same_courses_and_another_seed_makes_others() -> None:
    once = [Growth(300).entry(number) for number in range(300)]

    assert once == [Growth(300).entry(number) for number in range(300)]
    assert {entry.course.id for entry in once}.isdisjoint(
        Growth(300, seed=2).course(number).id for number in range(300)
    )
    assert len({entry.course.id for entry in once}) == 300
    assert len({entry.course.title for entry in once}) == 300
    assert {entry.course.variant for entry in once} == set(Variant)
    assert {entry.course.active_as for entry in once} == set(ActiveAs)


def test_a_course_is_found_again_by_its_id() -> None:
    growth = Growth(40_000, seed=7)

    assert growth.number_of(growth.id_of(39_999)) == 39_999
    assert growth.course(39_999).id == growth.id_of(39_999)


@pytest.mark.parametrize(
    "course_id", ["", "x" * 36, Growth(40_000).id_of(40_000), Growth(5, seed=2).id_of(1)]
)
def test_an_id_of_something_else_is_not_taken_for_one(course_id: str) -> None:
    assert Growth(40_000).number_of(course_id) is None


def test_shares_are_about_what_was_asked_and_a_larger_one_takes_the_same_ones_too() -> None:
    def retired(share: float) -> set[int]:
        growth = Growth(4000, retired=share)
        return {number for number in range(growth.count) if growth.entry(number).retired}

    assert retired(0) == set()
    assert 20 <= len(retired(0.01)) <= 60
    assert retired(0.01) < retired(0.05)
    assert len(retired(1)) == 4000


def test_a_revision_changes_some_titles_and_no_ids() -> None:
    before, after = Growth(1000), Growth(1000, revised=0.1)
    changed = [n for n in range(1000) if before.course(n) != after.course(n)]

    assert 70 <= len(changed) <= 130
    assert all(before.course(n).id == after.course(n).id for n in changed)
    assert all(before.course(n).title != after.course(n).title for n in changed)
