"""A retake is a new attempt with nothing of the one before; which one counts is the course's rule.

Content talks HACP to the real endpoint, on SQLite and on PostgreSQL.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from flask import Flask

from hacp.model import Status
from launcher import config, launches
from launcher.db import transact
from launcher.launches import LaunchRefused
from launcher.schema import Counts
from tests.launcher.stage import Stage


@pytest.fixture
def passed(either_stage: Stage) -> Stage:
    """A learner who has passed the only unit of a course, with a bookmark and suspend data."""
    either_stage.course(mastery="80")
    either_stage.launch()
    either_stage.put(
        "lesson_status=completed",
        "score=90",
        "time=00:00:05",
        "lesson_location=page-9",
        lesson="a=1",
    )
    either_stage.say("ExitAU")
    return either_stage.wait(minutes=30)


def core(reply: str) -> dict[str, str]:
    """Return the keywords of a reply, of which the first of a name counts."""
    pairs = (line.partition("=") for line in reversed(reply.split("\r\n")))
    return {name: value for name, equals, value in pairs if equals}


def test_a_retake_begins_with_nothing_but_the_results_before_it(passed: Stage) -> None:
    passed.launch(retake=True)

    said = core(passed.say("GetParam"))

    assert said["lesson_status"] == "not attempted,ab-initio"
    assert (said["lesson_mode"], said["credit"]) == ("normal", "credit")
    assert (said["lesson_location"], said["time"]) == ("", "00:00:00")
    assert "score" not in said
    assert (said["attempt_number"], said["lesson_status.1"], said["score.1"]) == (
        "2",
        "passed",
        "90",
    )


def test_what_was_recorded_before_stays_as_it_was(passed: Stage) -> None:
    (before,) = passed.attempts()

    passed.launch(retake=True)
    passed.put("lesson_status=failed", "score=10", "lesson_location=page-1", lesson="b=2")

    first, second = passed.attempts()
    # Only that a retake writes now, so that older windows cannot, is new.
    assert first == replace(before, writer=second.writer)
    assert (second.number, second.status, second.location) == (2, Status.FAILED, "page-1")


@pytest.mark.parametrize(
    ("counts", "status", "percent"),
    [(Counts.BEST, "passed", 90.0), (Counts.LAST, "failed", 10.0), (Counts.FIRST, "passed", 90.0)],
)
def test_the_rule_of_the_course_says_which_attempt_its_transcript_shows(
    passed: Stage, counts, status, percent
) -> None:
    passed.rule(counts=counts)
    passed.launch(retake=True)
    assert passed.row().status == "passed"

    passed.put("lesson_status=failed", "score=10", "time=00:00:07")

    row = passed.row()
    assert (row.status, row.percent, row.attempts, row.seconds) == (status, percent, 2, 12.0)


def test_another_rule_shows_in_the_transcript_and_the_explanation_at_once(passed: Stage) -> None:
    passed.launch(retake=True)
    passed.put("lesson_status=failed", "score=10")
    assert passed.row().status == "passed"
    assert passed.explained().finding.well

    passed.rule(counts=Counts.LAST)

    assert passed.row().status == "failed"
    assert passed.row().completed_at is None
    assert passed.hint().finding.cause == "below-mastery"
    assert passed.explained().finding.cause == "below-mastery"


def test_a_unit_that_waits_for_a_retaken_one_follows_the_rule(either_stage: Stage) -> None:
    either_stage.course("A1", "A2", prerequisites={"A2": "A1"})
    either_stage.launch("A1")
    either_stage.put("lesson_status=completed")
    either_stage.launch("A1", retake=True)
    either_stage.put("lesson_status=incomplete")
    either_stage.launch("A2")

    either_stage.rule(counts=Counts.LAST)

    with pytest.raises(LaunchRefused, match="is locked until"):
        either_stage.launch("A2")


def test_where_retakes_are_not_allowed_none_is_opened(passed: Stage) -> None:
    passed.rule(retakes=False)

    with pytest.raises(LaunchRefused, match="“Unit A1” may not be taken again"):
        passed.launch(retake=True)

    assert len(passed.attempts()) == 1
    passed.launch()
    assert core(passed.say("GetParam"))["lesson_mode"] == "review"


@pytest.mark.parametrize("retakes", [True, False])
def test_what_is_not_over_is_resumed_by_either_button(either_stage: Stage, retakes) -> None:
    either_stage.course()
    either_stage.rule(retakes=retakes)
    either_stage.launch(retake=True)
    either_stage.put("lesson_status=incomplete", "lesson_location=page-3")

    either_stage.launch(retake=True)

    assert core(either_stage.say("GetParam"))["lesson_location"] == "page-3"
    assert len(either_stage.attempts()) == 1


def test_an_older_window_writes_to_the_older_attempt_until_the_retake_does(
    either_stage: Stage,
) -> None:
    either_stage.course(mastery="80")
    either_stage.launch()
    either_stage.put("lesson_status=completed", "score=40")
    either_stage.wait(minutes=5).launch(retake=True)
    # Its last word may still be on the way.
    assert either_stage.put("score=50", session=0).startswith("error=0")
    either_stage.put("lesson_status=incomplete")

    late = either_stage.put("lesson_status=completed", "score=99", session=0)

    assert late.startswith("error=3")
    assert either_stage.say("GetParam", session=0).startswith("error=0")
    first, second = either_stage.attempts()
    assert (first.status, first.score.raw) == (Status.FAILED, 50)
    assert (second.status, either_stage.row().status) == (Status.INCOMPLETE, "failed")


def test_a_retake_leaves_the_windows_of_other_units_and_learners_alone(
    either_stage: Stage,
) -> None:
    either_stage.course("A1", "A2")
    other = either_stage.another("other")
    either_stage.launch("A2")
    other.launch("A1")
    either_stage.launch("A1")
    either_stage.put("lesson_status=failed")
    either_stage.launch("A1", retake=True)
    either_stage.put("lesson_status=incomplete")

    assert either_stage.put("lesson_status=completed", session=0).startswith("error=0")
    assert other.put("lesson_status=completed").startswith("error=0")


def test_a_word_that_came_behind_a_retake_is_explained(either_stage: Stage) -> None:
    either_stage.course(mastery="80")
    either_stage.rule(counts=Counts.FIRST)
    either_stage.launch()
    either_stage.put("lesson_status=completed", "score=40")
    either_stage.wait(minutes=5).launch(retake=True)
    either_stage.put("lesson_status=incomplete")
    either_stage.put("lesson_status=completed", "score=99", session=0)

    finding = either_stage.explained().finding

    assert finding.cause == "taken-over"
    with either_stage.app.app_context():
        assert finding.sentence.startswith("It was launched again on ")
        assert "the first window's report on 4 May 2026, 09:35 UTC was refused" in finding.sentence


def test_pressing_twice_at_once_opens_one_retake(passed: Stage, either_app: Flask) -> None:
    start = Barrier(2)

    def press() -> str:
        def unit(connection) -> str:
            launched = launches.launch(
                connection,
                passed.learner,
                course_id=passed.course_id,
                au_id="A1",
                settings=config.current(),
                now=passed.now(),
                retake=True,
            )
            return launched.session_id

        with either_app.app_context():
            start.wait()
            return transact(unit)

    with ThreadPoolExecutor(2) as pool:
        opened = {future.result() for future in [pool.submit(press), pool.submit(press)]}

    assert len(opened) == 2
    assert [one.number for one in passed.attempts()] == [1, 2]


def test_a_unit_that_waits_for_a_retaken_one_is_not_retaken_itself(either_stage: Stage) -> None:
    either_stage.course("A1", "A2", prerequisites={"A2": "A1"})
    either_stage.rule(counts=Counts.LAST)
    for unit in ("A1", "A2"):
        either_stage.launch(unit)
        either_stage.put("lesson_status=completed")
    either_stage.launch("A1", retake=True)
    either_stage.put("lesson_status=failed")

    with pytest.raises(LaunchRefused, match="“Unit A2” is locked until “Unit A1” is completed"):
        either_stage.launch("A2", retake=True)

    assert [(one.au_id, one.number) for one in either_stage.attempts()] == [
        ("A1", 1),
        ("A1", 2),
        ("A2", 1),
    ]
    either_stage.launch("A2")
    assert core(either_stage.say("GetParam"))["lesson_mode"] == "review"


def test_a_retake_that_is_under_way_does_not_go_on_behind_a_lock(either_stage: Stage) -> None:
    either_stage.course("A1", "A2", prerequisites={"A1": "~A2"})
    either_stage.launch("A1")
    either_stage.put("lesson_status=completed")
    either_stage.launch("A1", retake=True)
    either_stage.put("lesson_status=incomplete")
    either_stage.launch("A2")
    either_stage.put("lesson_status=completed")

    with pytest.raises(LaunchRefused, match="“Unit A1” is locked: it was open only while"):
        either_stage.launch("A1")


def test_what_was_set_by_hand_opens_no_locked_unit_for_credit(either_stage: Stage) -> None:
    either_stage.course("A1", "A2", prerequisites={"A2": "A1"})
    either_stage.set_by_hand("completed", "A2")

    with pytest.raises(LaunchRefused, match="“Unit A2” is locked until"):
        either_stage.launch("A2")


def test_a_failed_attempt_goes_on_where_no_retake_is_allowed(either_stage: Stage) -> None:
    either_stage.course(mastery="80")
    either_stage.rule(counts=Counts.FIRST, retakes=False)
    either_stage.launch()
    either_stage.put("lesson_status=completed", "score=10")
    either_stage.say("ExitAU")
    assert either_stage.row().status == "failed"

    either_stage.wait(minutes=20).launch()
    either_stage.put("lesson_status=completed", "score=95")

    assert [(one.number, one.status) for one in either_stage.attempts()] == [(1, Status.PASSED)]
    assert either_stage.row().status == "passed"
