"""Mastery scores that an academy has set: in place of the course's own, and for later launches."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from catalog.model import AssignableUnit
from hacp.model import Status
from launcher.records.mastery import SetMastery, in_force, mastery_set, set_mastery, use_own
from tests.launcher.stage import Stage

NOW = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
UNIT = AssignableUnit("A1", "Unit", "https://content.example.org/", mastery_score=Decimal(80))


@pytest.mark.parametrize(
    ("known", "score"),
    [
        ({}, Decimal(80)),
        ({"A2": SetMastery(Decimal(50), "Ada", NOW)}, Decimal(80)),
        ({"A1": SetMastery(Decimal("79.5"), "Ada", NOW)}, Decimal("79.5")),
        ({"A1": SetMastery(None, "", NOW)}, None),
    ],
)
def test_what_was_set_counts_before_the_courses_own(known, score):
    assert in_force(UNIT, known) == score


def test_what_is_set_is_kept_exactly_replaced_and_taken_back(connection):
    here = {"course_id": 3, "au_id": "A1"}
    set_mastery(connection, 1, **here, mastery=SetMastery(Decimal("66.60"), "Ada", NOW))
    set_mastery(connection, 1, **here, mastery=SetMastery(None, "", NOW))
    set_mastery(connection, 1, **here, mastery=SetMastery(Decimal("0.1"), "Ada", NOW))

    known = {"A1": SetMastery(Decimal("0.1"), "Ada", NOW)}
    assert mastery_set(connection, 1, course_id=3) == known
    assert mastery_set(connection, 2, course_id=3) == mastery_set(connection, 1, course_id=4) == {}
    assert use_own(connection, 1, **here)
    assert not use_own(connection, 1, **here)
    assert mastery_set(connection, 1, course_id=3) == {}


def test_a_change_reaches_later_launches_and_judges_no_recorded_attempt_anew(
    either_stage: Stage,
) -> None:
    stage = either_stage
    stage.course(mastery="80")
    stage.launch()
    stage.put("lesson_status=completed", "score=70")
    assert stage.attempts()[0].status is Status.FAILED

    stage.transact(
        lambda connection: set_mastery(
            connection,
            stage.academy_id,
            course_id=stage.course_id,
            au_id="A1",
            mastery=SetMastery(Decimal(60), "Ada", NOW),
        )
    )
    assert stage.attempts()[0].status is Status.FAILED

    # The session that runs was launched with 80, and a bookmark judges nothing in the next one.
    stage.put("score=75")
    assert stage.attempts()[0].status is Status.FAILED
    stage.launch()
    assert "mastery_score=60" in stage.say("GetParam")
    stage.put("lesson_location=7")
    assert stage.attempts()[0].status is Status.FAILED
    stage.put("score=65")
    assert stage.attempts()[0].status is Status.PASSED
