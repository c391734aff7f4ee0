"""Filing: objectives become the attempt's, preferences the learner's, the rest records."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from hacp.filing import MOST_OBJECTIVES, file_remarks, file_table
from hacp.model import Attempt, Objective, Score, Session, Standing, Status
from hacp.records import Achievement, Comment, Interaction, Try
from hacp.remarks import Remarks
from tests.hacp.server import START, ticket

ATTEMPT = Attempt(1, 11, 7, 3, "A1", 1, START, START)
SESSION = Session(21, 11, ticket(), Standing(), START, START)
FORTY = Score(Decimal(40))


def test_a_report_that_says_nothing_more_leaves_all_as_it_was():
    filed = file_remarks(ATTEMPT, SESSION, Remarks())
    assert filed.attempt is ATTEMPT
    assert filed.session is SESSION
    assert filed.records == ()


def test_comments_and_tries_are_records():
    said = Remarks(comments=(Comment("x"),), tries=(Try(1, FORTY),))
    assert file_remarks(ATTEMPT, SESSION, said).records == (Comment("x"), Try(1, FORTY))


@pytest.mark.conforms(
    "Data",
    "Rustici",
    "Only changed objectives are sent: what is not said of one stays.",
    grade="C",
)
def test_an_objective_keeps_what_is_not_said_anew():
    first = Achievement("o1", FORTY, Status.FAILED)
    second = Achievement("o1", status=Status.PASSED)
    filed = file_remarks(ATTEMPT, SESSION, Remarks(achievements=(first, second)))
    assert filed.attempt.objectives == (Objective("o1", FORTY, Status.PASSED),)
    assert filed.records == (first, second)


def test_an_objective_that_says_nothing_new_is_no_record():
    attempt = replace(ATTEMPT, objectives=(Objective("o1", FORTY, Status.PASSED),))
    again = (Achievement("o1", FORTY), Achievement("o1"), Achievement("o2"))
    filed = file_remarks(attempt, SESSION, Remarks(achievements=again))
    assert filed.records == (Achievement("o2"),)
    assert filed.attempt.objectives == (*attempt.objectives, Objective("o2"))


def test_more_objectives_than_are_kept_are_records_alone():
    full = tuple(Objective(f"o{number}") for number in range(MOST_OBJECTIVES))
    attempt = replace(ATTEMPT, objectives=full)
    said = (Achievement("more", FORTY), Achievement("o1", FORTY))
    filed = file_remarks(attempt, SESSION, Remarks(achievements=said))
    assert filed.records == said
    assert len(filed.attempt.objectives) == MOST_OBJECTIVES
    assert filed.attempt.objectives[1].score == FORTY


def test_preferences_are_added_to_those_of_before():
    session = replace(SESSION, preferences=(("audio", "5"), ("text", "1")))
    said = Remarks(preferences=(("audio", "7"), ("language", "pt")))
    filed = file_remarks(ATTEMPT, session, said)
    assert dict(filed.session.preferences) == {"audio": "7", "text": "1", "language": "pt"}
    same = file_remarks(ATTEMPT, session, Remarks(preferences=(("text", "1"),)))
    assert same.session is session


def test_every_row_of_a_table_is_a_record_and_objectives_are_the_attempts_too():
    rows = (Achievement("o1", FORTY), Interaction("q1"), Achievement("o1", FORTY))
    filed = file_table(ATTEMPT, SESSION, rows)
    assert filed.records == rows
    assert filed.attempt.objectives == (Objective("o1", FORTY),)
    assert file_table(ATTEMPT, SESSION, (Interaction("q1"),)).attempt is ATTEMPT
