"""A status set by hand counts beside what content said, until it is withdrawn.

Content talks HACP to the real endpoint, on SQLite and on PostgreSQL.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest

from catalog.model import Completion
from hacp.model import Status
from launcher.launches import LaunchRefused
from launcher.people import enrolments
from launcher.records import by_hand, standing
from launcher.records.set_by_hand import HandRefused
from tests.launcher.stage import Stage


@pytest.fixture
def failed(either_stage: Stage) -> Stage:
    """A learner who has failed the only unit of a course."""
    either_stage.course(mastery="80")
    either_stage.launch()
    either_stage.put("lesson_status=completed", "score=40", "time=00:00:01")
    either_stage.say("ExitAU")
    return either_stage


def history(stage: Stage) -> list[by_hand.HandStatus]:
    return stage.read(
        lambda connection: by_hand.history(
            connection,
            stage.academy_id,
            learner_id=stage.learner.id,
            course_id=stage.course_id,
        )
    )


def test_it_counts_in_the_transcript_and_leaves_the_attempt_as_content_left_it(failed: Stage):
    (before,) = failed.attempts()
    assert not failed.row().by_hand

    set_now = failed.set_by_hand("passed", percent=85.5, reason="Oral exam, protocol 17")

    assert failed.attempts() == [before]
    row = failed.row()
    assert (row.status, row.percent, row.by_hand, row.attempts) == ("passed", 85.5, True, 1)
    assert row.completed_at == set_now.set_at
    assert row.last_at == before.last_at


def test_without_a_score_the_contents_own_stays(failed: Stage):
    failed.set_by_hand("completed")
    assert (failed.row().status, failed.row().percent) == ("completed", 40.0)


def test_withdrawn_what_content_said_counts_again_and_both_are_remembered(failed: Stage):
    before = failed.row()
    failed.set_by_hand("passed", reason="Exam")
    failed.wait(hours=1).withdraw_by_hand()

    assert failed.row() == before
    (kept,) = history(failed)
    assert (kept.reason, kept.end_reason, kept.ended_by) == ("Exam", "A mistake", "Admin, Ada")
    assert (kept.ended_at - kept.set_at).total_seconds() == 3600


def test_what_content_says_meanwhile_is_recorded_and_counts_after_the_withdrawal(failed: Stage):
    failed.set_by_hand("failed", reason="Somebody else did it")
    failed.launch()
    failed.put("lesson_status=completed", "score=95")

    assert failed.attempts()[0].status is Status.PASSED
    assert (failed.row().status, failed.row().percent) == ("failed", 95.0)

    failed.withdraw_by_hand()
    assert (failed.row().status, failed.row().percent) == ("passed", 95.0)
    assert not failed.row().by_hand


def test_a_newer_one_takes_the_place_of_the_one_before(failed: Stage):
    first = failed.set_by_hand("passed", percent=70)
    failed.wait(minutes=1)
    second = failed.set_by_hand("incomplete")

    assert failed.row().status == "incomplete"
    newest, oldest = history(failed)
    assert newest == second
    assert oldest == replace(first, ended_at=second.set_at, ended_by="Admin, Ada", end_reason=None)


def test_it_unlocks_what_waits_for_the_unit_and_completes_the_course(either_stage: Stage):
    stage = either_stage
    stage.course("A1", "A2", prerequisites={"A2": "A1"})
    with pytest.raises(LaunchRefused):
        stage.launch("A2")

    stage.set_by_hand("completed", "A1")
    stage.launch("A2")
    assert stage.row().status == "incomplete"
    stage.put("lesson_status=completed")
    assert stage.row().status == "completed"

    stage.withdraw_by_hand("A1")
    assert (stage.row().status, stage.row().completed_at) == ("incomplete", None)
    stage.set_by_hand("failed", "A2")
    # The content itself had said completed: that can be looked back at, but not taken again.
    with pytest.raises(LaunchRefused, match="is locked until"):
        stage.launch("A2", retake=True)


def test_a_status_of_the_whole_course_stands_over_what_its_units_amount_to(either_stage: Stage):
    stage = either_stage
    stage.course("A1", "A2", completions=(Completion("root", "A1 & A2", "completed"),))

    stage.set_by_hand("passed", "root", percent=50)

    row = stage.row()
    assert (row.status, row.percent, row.by_hand, row.last_at) == ("passed", 50.0, True, None)
    assert row.completed_at == stage.now()
    stage.launch("A1")
    stage.put("lesson_status=failed", "score=10")
    assert (stage.row().status, stage.row().percent) == ("passed", 50.0)
    stage.withdraw_by_hand("root")
    assert (stage.row().status, stage.row().percent) == ("incomplete", 10.0)


def test_the_units_standing_says_what_counts_and_that_it_is_by_hand(failed: Stage):
    failed.set_by_hand("completed", percent=60)

    found = failed.read(
        lambda connection: standing.stand(
            connection,
            failed.academy_id,
            learner_id=failed.learner.id,
            course_id=failed.course_id,
        )
    )
    (unit,) = found.units
    assert (unit.status, unit.score.raw, unit.score.max) == (Status.COMPLETED, 60, 100)
    assert unit.by_hand.reason == "Seen"
    # The content's own attempt is over all the same, and may be resumed or begun anew.
    assert (unit.counting.status, unit.action, unit.may_retake) == (Status.FAILED, "resume", True)
    assert (found.done, found.by_hand["A1"]) == (1, unit.by_hand)


NAMED = "Say why; it is kept with the record."
REFUSED = [
    ({"status": "passed", "element": "A9"}, "element", "has no unit “A9”"),
    ({"status": "browsed"}, "status", "Choose one of: passed, completed, failed, incomplete"),
    ({"status": "not attempted"}, "status", "cannot be set"),
    ({"status": "Passed"}, "status", "cannot be set"),
    ({"status": "passed", "percent": 100.01}, "score", "from 0 to 100"),
    ({"status": "passed", "percent": -1.0}, "score", "from 0 to 100"),
    ({"status": "passed", "percent": float("nan")}, "score", "from 0 to 100"),
    ({"status": "passed", "reason": " \t\n"}, "reason", NAMED),
    ({"status": "passed", "reason": "x" * 1001}, "reason", "at most 1000"),
    ({"status": "passed", "reason": "bell \a"}, "reason", "visible characters"),
]


@pytest.mark.parametrize(("facts", "field", "says"), REFUSED, ids=range(len(REFUSED)))
def test_what_cannot_be_set_is_refused_and_nothing_is_kept(stage: Stage, facts, field, says):
    stage.course()
    with stage.app.test_request_context(), pytest.raises(HandRefused, match=says) as refused:
        stage.set_by_hand(**facts)
    assert refused.value.field == field
    assert history(stage) == []


def test_a_reason_is_kept_on_one_line(stage: Stage):
    stage.course()
    assert stage.set_by_hand("passed", reason=" Oral\r\n exam ").reason == "Oral exam"


def test_nobody_gets_a_record_in_a_course_they_have_nothing_to_do_with(stage: Stage):
    stage.course()
    withdraw_from_course(stage)

    with pytest.raises(HandRefused, match="is not enrolled"):
        stage.set_by_hand("passed")
    assert history(stage) == []


def withdraw_from_course(stage: Stage) -> None:
    stage.transact(
        lambda connection: enrolments.withdraw(
            connection,
            academy_id=stage.academy_id,
            learner_id=stage.learner.id,
            course_id=stage.course_id,
        )
    )


def test_a_record_by_hand_survives_the_end_of_the_enrolment(stage: Stage):
    stage.course()
    stage.set_by_hand("passed")

    withdraw_from_course(stage)

    assert stage.row().status == "passed"
    stage.withdraw_by_hand()
    assert stage.row().status == "not attempted"


def test_withdrawing_nothing_or_what_was_set_anew_meanwhile_is_refused(stage: Stage):
    stage.course()
    with pytest.raises(HandRefused, match="Nothing is set"):
        stage.withdraw_by_hand()
    first = stage.set_by_hand("passed")
    second = stage.set_by_hand("failed")

    with pytest.raises(HandRefused, match="set it anew meanwhile"):
        stage.withdraw_by_hand(seen=first.id)
    assert stage.row().status == "failed"
    stage.withdraw_by_hand(seen=second.id)


def test_two_admins_at_once_leave_one_in_force(failed: Stage):
    start = Barrier(2)

    def decide(status: str) -> None:
        start.wait()
        failed.set_by_hand(status)

    with ThreadPoolExecutor(2) as pool:
        for future in [pool.submit(decide, "passed"), pool.submit(decide, "incomplete")]:
            future.result()

    kept = history(failed)
    (in_force,) = [one for one in kept if one.ended_at is None]
    assert len(kept) == 2
    assert failed.row().status == in_force.status


def test_the_explanation_says_so_first_and_what_content_said_beside_it(failed: Stage):
    failed.set_by_hand("passed", reason="Oral exam")
    first, *others = failed.explained().findings
    assert (first.cause, first.well) == ("done-by-hand", True)
    with failed.app.app_context():
        assert "“Unit A1” was set to “passed” by hand" in first.sentence
        assert "by Admin, Ada, for this reason: “Oral exam”." in first.sentence
    assert [one.cause for one in others] == ["below-mastery"]
    assert failed.explained("A1").finding.cause == "done-by-hand"
    assert failed.hint().finding.cause == "done-by-hand"

    failed.set_by_hand("incomplete")
    assert failed.hint().finding.cause == "set-by-hand"
    assert not failed.explained().finding.well


def test_a_unit_that_is_done_by_hand_is_not_what_keeps_the_course_open(either_stage: Stage):
    either_stage.course("A1", "A2")
    either_stage.launch("A1")
    either_stage.put("lesson_status=incomplete")

    either_stage.set_by_hand("completed", "A1")

    finding = either_stage.explained().finding
    assert (finding.cause, finding.values["units"]) == ("other-units", "“Unit A2”")
    assert either_stage.hint().finding.cause == "other-units"
    never = either_stage.explained("A2").finding
    assert never.cause == "never-launched"
