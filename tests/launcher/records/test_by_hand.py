"""Statuses set by hand, as they are kept: what is in force, and all there ever was."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from catalog.model import Result, ResultStatus
from launcher.records import by_hand
from launcher.records.by_hand import HandStatus

NOW = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
SET = HandStatus(
    id=11,
    learner_id=7,
    course_id=3,
    element="A1",
    status=ResultStatus.PASSED,
    percent=66.67,
    reason="Seen at the classroom exam",
    set_by="Admin, Ada",
    set_at=NOW,
)
HERE = {"learner_id": 7, "course_id": 3}


def test_what_is_set_is_in_force_for_its_learner_and_course_alone(connection):
    by_hand.add(connection, 1, SET)
    by_hand.add(connection, 1, replace(SET, id=12, learner_id=8))

    assert by_hand.in_force(connection, 1, **HERE) == {"A1": SET}
    assert by_hand.in_force(connection, 2, **HERE) == {}
    assert by_hand.in_force(connection, 1, learner_id=7, course_id=4) == {}


def test_what_has_ended_stays_in_the_history_with_who_when_and_why(connection):
    later = NOW + timedelta(hours=1)
    by_hand.add(connection, 1, SET)
    by_hand.end(connection, 1, id=11, by="Other, Otto", now=later, reason="Wrong person")
    newer = replace(SET, id=12, element="root", set_by="", percent=None)
    by_hand.add(connection, 1, newer)

    ended = replace(SET, ended_at=later, ended_by="Other, Otto", end_reason="Wrong person")
    assert by_hand.in_force(connection, 1, **HERE) == {"root": newer}
    assert by_hand.history(connection, 1, **HERE) == [newer, ended]


def test_an_end_is_written_once_and_in_its_own_academy(connection):
    by_hand.add(connection, 1, SET)
    by_hand.end(connection, 2, id=11, by="Stranger", now=NOW, reason="x")
    assert by_hand.in_force(connection, 1, **HERE) == {"A1": SET}

    by_hand.end(connection, 1, id=11, by="Ada", now=NOW, reason=None)
    by_hand.end(connection, 1, id=11, by="Otto", now=NOW, reason="again")

    (kept,) = by_hand.history(connection, 1, **HERE)
    assert (kept.ended_by, kept.end_reason) == ("Ada", None)


@pytest.mark.parametrize(
    ("percent", "own", "counts"),
    [
        (66.67, Result(ResultStatus.FAILED, 10.0, 60.0), (66.67, 60.0)),
        (0.0, Result(ResultStatus.FAILED, 10.0, 60.0), (0.0, 60.0)),
        (None, Result(ResultStatus.FAILED, 10.0, 60.0), (10.0, 60.0)),
        (None, Result(), (None, 0.0)),
    ],
)
def test_what_counts_is_the_status_by_hand_and_the_score_where_there_is_one(percent, own, counts):
    result = replace(SET, percent=percent).over(own)
    assert (result.status, result.percent, result.seconds) == (ResultStatus.PASSED, *counts)
