"""What a report does to the record: mastery, score, time, place, and who is told of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hacp.model import (
    Attempt,
    Credit,
    Exit,
    Mode,
    Policy,
    Report,
    Request,
    Score,
    Session,
    Standing,
    Status,
)
from hacp.rules import JUDGED, NEXT, ROLL_UP_EVERY, TIME_MARGIN, converse, judge, record
from tests.hacp.server import MASTERY, START, ticket

ATTEMPT = Attempt(1, 11, 7, 3, "A1", 1, START, START)
SESSION = Session(21, 11, ticket(), Standing(), START, START)


def score(raw: float) -> Score:
    return Score(Decimal(str(raw)))


def after(*reports: Report, session: Session = SESSION, attempt: Attempt = ATTEMPT) -> Attempt:
    """Return the attempt after these reports, each an hour behind the one before."""
    for number, report in enumerate(reports, start=1):
        now = START + timedelta(hours=number)
        attempt, session, _ = record(attempt, session, report, now=now, exchange_id=number)
    return attempt


# Judgement


JUDGEMENTS = [
    # (said, raw, mastery, credit) -> status
    (Status.COMPLETED, 80, 80, Credit.CREDIT, Status.PASSED),
    (Status.COMPLETED, 79.9, 80, Credit.CREDIT, Status.FAILED),
    (Status.PASSED, 79.9, 80, Credit.CREDIT, Status.FAILED),
    (Status.FAILED, 80, 80, Credit.CREDIT, Status.PASSED),
    (Status.COMPLETED, 0, 0, Credit.CREDIT, Status.PASSED),
    (Status.INCOMPLETE, 100, 80, Credit.CREDIT, Status.INCOMPLETE),
    (Status.BROWSED, 100, 80, Credit.CREDIT, Status.BROWSED),
    (Status.NOT_ATTEMPTED, 100, 80, Credit.CREDIT, Status.NOT_ATTEMPTED),
    (Status.COMPLETED, None, 80, Credit.CREDIT, Status.COMPLETED),
    (Status.PASSED, None, 80, Credit.CREDIT, Status.PASSED),
    (Status.COMPLETED, 100, None, Credit.CREDIT, Status.COMPLETED),
    (Status.PASSED, 0, None, Credit.CREDIT, Status.PASSED),
    (Status.FAILED, 100, None, Credit.CREDIT, Status.FAILED),
    (Status.PASSED, 10, 80, Credit.NO_CREDIT, Status.PASSED),
    (Status.COMPLETED, 90, 80, Credit.NO_CREDIT, Status.COMPLETED),
]


@pytest.mark.conforms(
    "Results",
    "CMI001 2.2, Lesson Status Determination",
    "With credit, a mastery score and a raw score: passed at mastery and above, failed below.",
    grade="A",
    case="completed-80-80-credit-passed",
)
@pytest.mark.conforms(
    "Results",
    "CMI001 2.2, Lesson Status Determination",
    "Without a mastery score the content's word stands, also where the score is 0.",
    grade="A",
    case="completed-100-None-credit-completed",
)
@pytest.mark.conforms(
    "Results",
    "SCORM 1.2",
    "Without credit mastery judges nothing.",
    grade="B",
    case="passed-10-80-no-credit-passed",
)
@pytest.mark.parametrize(("said", "raw", "mastery", "credit", "status"), JUDGEMENTS)
def test_mastery_decides_where_credit_mastery_and_a_score_are_known(
    said, raw, mastery, credit, status
):
    facts = ticket(credit=credit, mastery_score=None if mastery is None else Decimal(str(mastery)))
    assert judge(said, None if raw is None else Decimal(str(raw)), ticket=facts) is status


@pytest.mark.conforms(
    "Results",
    "CMI001 2.2, Lesson Status Determination",
    "Incomplete stays incomplete, whatever the score.",
    grade="B",
)
@given(st.sampled_from(Status), st.decimals(-100, 100), st.decimals(-100, 100))
def test_mastery_never_judges_work_that_goes_on(said, raw, mastery):
    status = judge(said, raw, ticket=ticket(mastery_score=mastery))
    assert (status is said) or said in JUDGED
    assert (status in {Status.PASSED, Status.FAILED}) or said not in JUDGED


# Status and score


WITH_MASTERY = replace(SESSION, ticket=ticket(mastery_score=MASTERY))
COURSES_OF_EVENTS = {
    # reports -> (status, score that counts, last, best)
    "completed, the score later": (
        [Report(Status.COMPLETED), Report(score=score(55)), Report(score=score(85))],
        (Status.PASSED, 85, 85, 85),
    ),
    "the score first, completed later": (
        [Report(Status.INCOMPLETE, score=score(85)), Report(Status.COMPLETED)],
        (Status.PASSED, 85, 85, 85),
    ),
    "a score before any status": (
        [Report(score=score(85)), Report(Status.COMPLETED)],
        (Status.PASSED, 85, 85, 85),
    ),
    "a score and never a status": (
        [Report(score=score(85))],
        (Status.NOT_ATTEMPTED, 85, 85, 85),
    ),
    "passed, then worse": (
        [Report(Status.PASSED, score=score(90)), Report(Status.FAILED, score=score(40))],
        (Status.PASSED, 90, 40, 90),
    ),
    "passed, then better": (
        [Report(Status.PASSED, score=score(90)), Report(Status.PASSED, score=score(95))],
        (Status.PASSED, 95, 95, 95),
    ),
    "failed, then worse, then passed": (
        [
            Report(Status.FAILED, score=score(50)),
            Report(Status.FAILED, score=score(40)),
            Report(Status.PASSED, score=score(81)),
        ],
        (Status.PASSED, 81, 81, 81),
    ),
    "a lower status with a higher score": (
        [Report(Status.COMPLETED, score=score(60)), Report(Status.INCOMPLETE, score=score(100))],
        (Status.FAILED, 60, 100, 100),
    ),
    "a word that means nothing, with a score": (
        [Report(Status.COMPLETED), Report(None, Exit.NORMAL, score(90))],
        (Status.PASSED, 90, 90, 90),
    ),
}


@pytest.mark.conforms(
    "Results",
    "CMI001 v4, section 6",
    "The score that counts came with the status that counts; the last and the best stand beside "
    "it.",
    grade="D",
)
@pytest.mark.parametrize(("reports", "result"), COURSES_OF_EVENTS.values(), ids=COURSES_OF_EVENTS)
def test_the_score_that_counts_came_with_the_status_that_counts(reports, result):
    attempt = after(*reports, session=WITH_MASTERY)
    status, counts, last, best = result
    assert attempt.status is status
    assert attempt.score == score(counts)
    assert (attempt.last_score, attempt.best_score) == (score(last), score(best))


@pytest.mark.conforms(
    "Results",
    "Moodle, Skillport",
    "A post without a status keeps the one that is recorded.",
    grade="B",
)
def test_a_bookmark_alone_keeps_the_status_and_judges_nothing():
    done = after(Report(Status.COMPLETED, score=score(50)))
    assert done.status is Status.COMPLETED
    # The mastery was changed since; it holds for later results only.
    moved = after(
        Report(location="2"),
        Report(seconds=Decimal(1)),
        Report(exit=Exit.SUSPEND),
        attempt=done,
        session=WITH_MASTERY,
    )
    assert (moved.status, moved.score, moved.location) == (Status.COMPLETED, score(50), "2")


@pytest.mark.conforms(
    "Results",
    "CMI001 v4, section 6",
    "The content's own failed comes through where it said completed before.",
    grade="D",
)
def test_the_contents_own_failed_turns_completed_to_failed():
    attempt = after(Report(Status.COMPLETED), Report(Status.FAILED))
    assert attempt.status is Status.FAILED
    assert attempt.said is Status.FAILED


def test_completion_has_the_time_when_it_first_came():
    attempt = after(Report(Status.INCOMPLETE), Report(Status.COMPLETED), Report(Status.PASSED))
    assert attempt.completed_at == START + timedelta(hours=2)
    assert after(Report(Status.FAILED)).completed_at is None


def test_what_a_judgement_fails_is_no_longer_completed_until_it_is_again():
    judged = after(Report(Status.COMPLETED), Report(score=score(40)), session=WITH_MASTERY)
    assert (judged.status, judged.completed_at) == (Status.FAILED, None)
    later = START + timedelta(days=20)
    passed, _, _ = record(
        judged,
        WITH_MASTERY,
        Report(Status.COMPLETED, score=score(90)),
        now=later,
        exchange_id=9,
    )
    assert (passed.status, passed.completed_at) == (Status.PASSED, later)


def test_an_exit_flag_is_the_last_one_said():
    assert after(Report(exit=Exit.SUSPEND)).exit is Exit.SUSPEND
    assert after(Report(exit=Exit.SUSPEND), Report()).exit is Exit.SUSPEND
    assert after(Report(exit=Exit.SUSPEND), Report(exit=Exit.NORMAL)).exit is Exit.NORMAL


REPORTS = st.builds(
    Report,
    status=st.none() | st.sampled_from(Status),
    score=st.none() | st.integers(0, 100).map(score),
    seconds=st.none() | st.integers(0, 10**6).map(Decimal),
)
SESSIONS = st.sampled_from([SESSION, WITH_MASTERY])


@pytest.mark.conforms(
    "Results",
    "CMI001 v4, section 6",
    "Passed is final for the attempt.",
    grade="D",
)
@given(st.lists(REPORTS), SESSIONS)
def test_whatever_is_said_a_status_moves_only_along_the_table(reports, session):
    before = ATTEMPT
    for report in reports:
        now = after(report, attempt=before, session=session)
        assert now.status in NEXT[before.status].values()
        if before.status is Status.PASSED:
            assert now.status is Status.PASSED
        before = now


@given(st.lists(REPORTS), SESSIONS)
def test_the_best_score_is_the_highest_said_and_the_last_the_last(reports, session):
    attempt = after(*reports, session=session)
    said = [report.score for report in reports if report.score is not None]
    assert attempt.last_score == (said[-1] if said else None)
    assert (attempt.best_score.raw if attempt.best_score else None) == max(
        (one.raw for one in said), default=None
    )
    assert attempt.score is None or attempt.score in said


# Place


@pytest.mark.conforms(
    "Results",
    "CMI001 v4, section 6",
    "Location and suspend data: the last ones said count, an empty one too.",
    grade="B",
)
def test_a_place_is_kept_until_another_is_said_and_an_empty_one_is_one():
    attempt = after(Report(location="1", suspend_data="a"), Report())
    assert (attempt.location, attempt.suspend_data, attempt.suspend_from) == ("1", "a", 1)
    attempt = after(Report(location="", suspend_data=""), attempt=attempt)
    assert (attempt.location, attempt.suspend_data) == ("", "")


def test_suspend_data_that_is_said_again_still_comes_from_where_it_first_stood():
    attempt = after(Report(suspend_data="a"), Report(suspend_data="a"), Report(suspend_data="b"))
    assert (attempt.suspend_data, attempt.suspend_from) == ("b", 3)
    assert after(Report(suspend_data="a"), Report(suspend_data="a")).suspend_from == 1


# Time


@pytest.mark.conforms(
    "Time",
    "Rustici, iSpring, SAP",
    "Each report says the session's time so far: the last one is added to the total, once.",
    grade="B",
)
def test_time_is_the_sessions_last_word_added_once():
    attempt, session = ATTEMPT, SESSION
    for minutes in (5, 10, 7):
        now = START + timedelta(hours=minutes)
        report = Report(seconds=Decimal(minutes * 60))
        attempt, session, notes = record(attempt, session, report, now=now, exchange_id=1)
        assert attempt.seconds == session.seconds == Decimal(minutes * 60)
        assert notes == ()


@pytest.mark.conforms(
    "Time",
    "CMI001 v4, section 6",
    "A later session adds to the time of those before it.",
    grade="B",
)
def test_a_later_session_adds_to_the_time_before_it():
    before = replace(ATTEMPT, seconds=Decimal(600))
    attempt = after(Report(seconds=Decimal(60)), Report(seconds=Decimal(90)), attempt=before)
    assert attempt.seconds == Decimal(690)


BOUNDS = {
    # (seconds since launch, reported, counted)
    "as the clock": (60, 60, 60),
    "less than the clock": (60, 5, 5),
    "within the margin": (60, 70, 70),
    "beyond it": (60, 71, 70),
    "twice the clock, as Storyline": (15, 30, 25),
    "at once": (0, 3600, 10),
    "a part of a second": (0.123456, 3600, "10.12"),
    "a clock that was set back": (-42.87, 60, 0),
    "a clock that was set back, and no time": (-42.87, 0, 0),
}


@pytest.mark.conforms(
    "Time",
    "Profiscience, UGS, Storyline",
    "No session counts more time than has passed since its launch, and ten seconds.",
    grade="T",
    case="twice the clock, as Storyline",
)
@pytest.mark.parametrize(("passed", "reported", "counted"), BOUNDS.values(), ids=BOUNDS)
def test_no_more_time_is_counted_than_has_passed(passed, reported, counted):
    now = START + timedelta(seconds=passed)
    report = Report(seconds=Decimal(reported))
    attempt, session, notes = record(ATTEMPT, SESSION, report, now=now, exchange_id=1)
    assert attempt.seconds == session.seconds == Decimal(str(counted))
    assert bool(notes) is (Decimal(str(counted)) < reported)


def test_the_margin_is_ten_seconds():
    assert timedelta(seconds=10) == TIME_MARGIN


# Modes


ALL = Report(Status.PASSED, Exit.SUSPEND, score(100), Decimal(60), "9", "x")


@pytest.mark.conforms("Attempts", "Rustici, Inspired", "A review records nothing.", grade="B")
def test_a_review_records_nothing():
    session = replace(SESSION, ticket=ticket(mode=Mode.REVIEW))
    now = START + timedelta(hours=1)
    attempt, heard, notes = record(ATTEMPT, session, ALL, now=now, exchange_id=1)
    assert (attempt, heard) == (ATTEMPT, session)
    assert notes == ("a review is read-only: nothing was recorded",)


@pytest.mark.conforms(
    "Attempts",
    "SCORM 1.2",
    "A browse turns not attempted to browsed, and records nothing else.",
    grade="B",
)
@pytest.mark.parametrize("recorded", Status)
def test_a_browse_turns_not_attempted_to_browsed_and_nothing_else(recorded):
    session = replace(SESSION, ticket=ticket(mode=Mode.BROWSE, mastery_score=MASTERY))
    before = replace(ATTEMPT, status=recorded)
    now = START + timedelta(hours=1)
    attempt, heard, notes = record(before, session, ALL, now=now, exchange_id=1)
    fresh = recorded is Status.NOT_ATTEMPTED
    assert attempt == replace(before, status=Status.BROWSED if fresh else recorded)
    assert heard == session
    assert notes == ("a browse records no result",)


# Who is told


def news(aicc_data: str, *, attempt=ATTEMPT, session=SESSION, command="PutParam", seconds=60.0):
    request = Request(command, "sid", aicc_data=f"[core]\n{aicc_data}")
    now = START + timedelta(seconds=seconds)
    return converse(attempt, session, request, now=now, exchange_id=1, policy=Policy())


TOLD = replace(SESSION, told_at=START, seconds=Decimal(5))
DONE = replace(
    ATTEMPT, status=Status.COMPLETED, said=Status.COMPLETED, score=score(5), seconds=Decimal(5)
)
NEWS = {
    # (report, seconds since the last telling) -> told
    "a status": ("lesson_status=p", 1, True),
    "a score that counts": ("score=9", 1, True),
    "a status that changes nothing": ("lesson_status=c", 1, False),
    "a score that does not count": ("lesson_status=i\nscore=9", 1, False),
    "a bookmark": ("lesson_location=2", 3600, False),
    "the same time": ("time=00:00:05", 3600, False),
    "more time, at once": ("time=00:00:06", 59, False),
    "more time, a minute later": ("time=00:00:06", 60, True),
    "nothing": ("", 3600, False),
}


@pytest.mark.parametrize(("report", "seconds", "told"), NEWS.values(), ids=NEWS)
def test_the_hall_is_told_of_results_at_once_and_of_time_now_and_then(report, seconds, told):
    outcome = news(report, attempt=DONE, session=TOLD, seconds=seconds)
    assert outcome.changed is told
    assert outcome.session.told_at == (START + timedelta(seconds=seconds) if told else TOLD.told_at)


@pytest.mark.parametrize(
    ("report", "session", "only_time"),
    [
        ("time=00:00:06", TOLD, True),
        ("time=00:00:06\nlesson_status=p", TOLD, False),
        ("time=00:00:05", TOLD, False),
        ("time=00:00:06", replace(TOLD, told_at=None), False),
    ],
)
def test_the_hall_hears_whether_nothing_but_time_has_moved(report, session, only_time):
    assert news(report, attempt=DONE, session=session, seconds=60).only_time is only_time


def test_the_first_time_of_a_session_is_told_at_once():
    assert news("time=00:00:01", seconds=1).changed
    assert timedelta(minutes=1) == ROLL_UP_EVERY


def test_a_first_exit_is_told_and_getparam_never():
    assert news("", command="ExitAU").changed
    assert news("lesson_status=i", command="ExitParam").changed
    assert not news("lesson_status=p", command="GetParam").changed


def test_the_same_score_said_again_with_its_maximum_is_no_news():
    first = news("lesson_status=i\nscore=80,100")
    again = news("lesson_status=i\nscore=80,100,0", attempt=first.attempt, session=first.session)
    assert not again.changed
