"""Why is it not complete? Every cause, played: launched by the hall, said at the real door."""

from __future__ import annotations

from datetime import timedelta

import pytest

from catalog.model import Completion
from hacp.model import Credit
from hacp.receiving import MAX_BODY
from launcher.explaining.explain import BESIDES
from launcher.explaining.findings import WORDS, Cause, Finding
from launcher.launches import LaunchRefused


def line_of(finding: Finding) -> tuple[int, str, int | None, str]:
    (evidence,) = finding.evidence
    return evidence.number, evidence.command, evidence.line, evidence.text


# Archived meanwhile


def test_a_course_that_was_archived_before_anybody_began(stage, found, besides):
    stage.course()
    stage.archive()
    finding = found(
        Cause.ARCHIVED,
        "The course was archived on 4 May 2026, 09:30 UTC, before this was complete; nobody can"
        " launch it since.",
    )
    assert finding.evidence == ()
    assert stage.explained("A1").finding.cause is Cause.ARCHIVED
    besides(Cause.NEVER_LAUNCHED, "The learner has never launched “Unit A1”.")


def test_a_learner_who_had_left_in_the_middle_when_it_was_archived(stage, found, besides):
    stage.course()
    stage.launch()
    stage.put("lesson_status=incomplete")
    stage.say("ExitAU")
    stage.wait(days=1).archive()
    found(
        Cause.ARCHIVED,
        "The course was archived on 5 May 2026, 09:30 UTC, before this was complete; nobody can"
        " launch it since.",
    )
    besides(
        Cause.INCOMPLETE,
        "The content said “incomplete” last, and then left in good order on 4 May 2026, 09:30 UTC.",
    )


def test_work_that_came_while_it_was_archived_is_held(stage, found):
    stage.course(mastery="80")
    stage.launch()
    stage.say("GetParam")
    stage.put("lesson_status=incomplete")
    stage.archive()
    stage.put("lesson_status=completed", "score=90")
    stage.say("ExitAU")
    sentence = (
        "The course was archived on 4 May 2026, 09:30 UTC while the learner was in the middle of"
        " it: what the content has sent since then (messages: 2) is kept and does not count yet."
    )
    finding = found(Cause.HELD, sentence)
    assert line_of(finding) == (4, "ExitAU", None, "")
    found(Cause.HELD, sentence, au_id="A1")

    stage.reactivate()

    found(
        Cause.PASSED,
        "Passed on 4 May 2026, 09:30 UTC with the score 90; the content said “completed”.",
    )


def test_the_last_word_that_is_held_is_shown_by_its_line(stage, found):
    stage.course()
    stage.launch()
    stage.say("GetParam")
    stage.archive()
    stage.put("lesson_status=incomplete")
    finding = stage.explained().finding
    assert line_of(finding) == (2, "PutParam", 2, "lesson_status=incomplete")


def test_what_is_held_of_another_unit_is_held_of_the_course(stage, found):
    stage.course("A1", "A2")
    stage.launch("A1").say("GetParam")
    stage.wait(minutes=1).launch("A2").say("GetParam")
    stage.archive()
    stage.put("lesson_status=completed", session=0)
    assert stage.explained().finding.cause is Cause.HELD
    assert stage.explained("A1").finding.cause is Cause.HELD
    assert stage.explained("A2").finding.cause is Cause.ARCHIVED


def test_a_window_that_had_not_begun_when_it_was_archived(stage, found):
    stage.course()
    stage.launch().wait(minutes=1)
    stage.archive()
    stage.say("GetParam")
    stage.put("lesson_status=completed")
    assert stage.explained().finding.cause is Cause.ARCHIVED
    stage.wait(days=2).reactivate()
    finding = found(
        Cause.SHUT_OUT,
        "It was launched on 4 May 2026, 09:30 UTC, the course was archived before its content had"
        " said anything, and what it said on 4 May 2026, 09:31 UTC was refused.",
    )
    assert line_of(finding) == (2, "PutParam", None, "")


def test_a_window_that_came_too_late_to_begin_and_began_when_the_course_was_back(stage, found):
    stage.course()
    stage.launch().archive()
    stage.say("GetParam")
    stage.reactivate()
    stage.say("GetParam")
    assert stage.explained().finding.cause is Cause.ONLY_ASKED


def test_what_was_done_before_stays_done_while_it_is_archived(stage, found):
    stage.course()
    stage.launch()
    stage.put("lesson_status=completed")
    stage.archive()
    found(Cause.COMPLETED, "Completed on 4 May 2026, 09:30 UTC: the content said “completed”.")


def test_a_unit_that_is_done_in_a_course_that_is_not(stage, found):
    stage.course("A1", "A2")
    stage.launch("A1")
    stage.put("lesson_status=completed")
    stage.archive()
    assert stage.explained().finding.cause is Cause.ARCHIVED
    assert stage.explained("A1").finding.cause is Cause.COMPLETED


def test_what_was_set_by_hand_comes_first_and_a_list_asks_only_once(stage):
    stage.course()
    stage.launch()
    stage.put("lesson_status=incomplete")
    stage.set_by_hand("failed")
    stage.archive()
    causes = [one.cause for one in stage.explained().findings]
    assert causes[:2] == [Cause.SET_BY_HAND, Cause.ARCHIVED]
    assert not stage.behind()


def test_a_list_that_was_read_before_says_the_new_state_after(stage):
    stage.course()
    stage.launch()
    stage.put("lesson_status=incomplete")
    for change, cause in (
        (stage.archive, Cause.ARCHIVED),
        (stage.reactivate, Cause.NO_EXIT),
        (stage.archive, Cause.ARCHIVED),
    ):
        assert not stage.behind()
        change()
        assert stage.behind()
        stage.catch_up()
        assert stage.hint().finding.cause is cause


# Nothing came of it


def test_a_course_that_was_never_launched(stage, found):
    stage.course()
    found(Cause.NEVER_LAUNCHED, "The learner has never launched “Unit A1”.")
    found(Cause.NEVER_LAUNCHED, "The learner has never launched “Unit A1”.", au_id="A1")


def test_a_unit_that_waits_for_another(stage, found):
    stage.course("A1", "A2", prerequisites={"A2": "A1"})
    found(Cause.LOCKED, "“Unit A2” is locked until “Unit A1” is completed.", au_id="A2")


@pytest.mark.parametrize(
    ("prerequisite", "sentence"),
    [
        ("A1|A2", "“Unit A3” is locked until “Unit A1” or “Unit A2” is completed."),
        ("A1=failed", "“Unit A3” is locked until “Unit A1” has the status “Not passed”."),
    ],
)
def test_a_lock_is_told_with_the_words_that_refuse_the_launch(stage, found, prerequisite, sentence):
    stage.course("A1", "A2", "A3", prerequisites={"A3": prerequisite})
    found(Cause.LOCKED, sentence, au_id="A3")
    with pytest.raises(LaunchRefused) as refused:
        stage.launch("A3")
    assert refused.value.reason == sentence


def test_a_unit_that_was_open_only_before_another_was_done(stage, found):
    stage.course("A1", "A2", prerequisites={"A1": "~A2"})
    stage.launch("A2")
    stage.put("lesson_status=completed")
    sentence = "“Unit A1” is locked: it was open only while “Unit A2” is not completed."
    found(Cause.CLOSED, sentence)
    found(Cause.CLOSED, sentence, au_id="A1")


def test_where_nothing_was_launched_the_unit_that_is_open_is_told(stage, found):
    stage.course("A0", "A1", prerequisites={"A0": "A1"})
    found(Cause.NEVER_LAUNCHED, "The learner has never launched “Unit A1”.")


def test_a_course_that_is_locked_as_a_whole(stage, found):
    stage.course("A1", "A2", prerequisites={"root": "J9"})
    found(
        Cause.LOCKED,
        "“Unit A1” is locked, with all of “Safety”, until “J9” is completed.",
    )


def test_a_course_of_which_the_rest_is_locked(stage, found):
    stage.course("A1", "A2", prerequisites={"A2": "A1=passed"})
    stage.launch("A1")
    stage.put("lesson_status=completed")
    found(
        Cause.LOCKED,
        "“Unit A2” is locked until “Unit A1” is passed.",
    )


def test_a_launch_whose_content_never_called(stage, found):
    stage.course()
    stage.launch().wait(hours=3)
    finding = found(
        Cause.NEVER_CALLED,
        "It was launched on 4 May 2026, 09:30 UTC, and its content has not called since.",
    )
    assert finding.evidence == ()


def test_a_second_launch_whose_content_never_called(stage, found):
    stage.course()
    stage.launch()
    stage.put("lesson_status=incomplete")
    stage.wait(hours=1).launch()
    found(
        Cause.NEVER_CALLED,
        "It was launched on 4 May 2026, 10:30 UTC, and its content has not called since.",
    )


def test_content_that_asks_and_never_reports(stage, found):
    stage.course()
    stage.launch()
    for _ in range(30):
        stage.say("GetParam")
    finding = found(
        Cause.ONLY_ASKED,
        "The content has called, but never reported a status, a score or a place (PutParam).",
    )
    assert line_of(finding)[:2] == (1, "GetParam")


@pytest.mark.parametrize("command", ["ExitAU", "PutInteractions"])
def test_content_that_never_asked_is_not_said_to_have(stage, found, command):
    stage.course()
    stage.launch().say(command)
    found(
        Cause.ONLY_ASKED,
        "The content has called, but never reported a status, a score or a place (PutParam).",
    )


# What the reports say


def test_content_that_sends_no_status(stage, found):
    stage.course()
    stage.launch().wait(minutes=5)
    stage.say("GetParam")
    stage.put("lesson_location=page-2", "time=00:01:00")
    finding = found(Cause.NO_STATUS, "The content reports, but has never sent a status.")
    assert line_of(finding) == (2, "PutParam", 2, "lesson_location=page-2")


def test_content_that_reports_nothing_in_its_report(stage, found):
    stage.course()
    stage.launch()
    stage.put("lesson_status=")
    found(Cause.NO_STATUS, "The content reports, but has never sent a status.")


def test_content_that_saves_only_a_bookmark(stage, found):
    stage.course()
    stage.launch()
    stage.put("lesson_location=page-2", lesson="a=1")
    found(
        Cause.ONLY_BOOKMARK,
        "The content has saved where the learner is, but never a status.",
    )


def test_content_whose_status_cannot_be_read(stage, found):
    stage.course()
    stage.launch()
    stage.put("; a remark", "lesson_location=1", "Lesson_Status = unknown, suspend")
    finding = found(
        Cause.STATUS_UNREADABLE,
        "The content says the status “unknown, suspend”, which is not one that AICC knows.",
    )
    assert line_of(finding) == (1, "PutParam", 4, "Lesson_Status = unknown, suspend")


def test_a_status_of_many_words_is_cut(stage, found):
    stage.course()
    stage.launch()
    stage.put(f"lesson_status={'x' * 500}")
    found(
        Cause.STATUS_UNREADABLE,
        f"The content says the status “{'x' * 59}…”, which is not one that AICC knows.",
    )


def test_a_word_that_only_begins_like_a_status(stage, found):
    stage.course()
    stage.launch()
    stage.put("lesson_status=finished")
    finding = found(
        Cause.MISREAD,
        "The content says the status “finished”; only the first letter of a status counts, so it"
        " was taken for “failed”.",
    )
    assert line_of(finding) == (1, "PutParam", 2, "lesson_status=finished")


def test_content_that_says_failed_itself(stage, found):
    stage.course()
    stage.launch()
    stage.put("lesson_status=f")
    stage.put("lesson_status=incomplete")
    finding = found(
        Cause.FAILED,
        "The content itself said “failed”; no mastery score of ours was involved.",
    )
    assert line_of(finding)[0] == 1


def test_content_that_says_not_attempted_itself(stage, found):
    stage.course()
    stage.launch()
    stage.put("lesson_status=not attempted")
    found(
        Cause.UNTOUCHED,
        "The content has reported, but says itself that nothing was attempted.",
    )


def test_content_that_says_browsed_though_launched_for_credit(stage, found):
    stage.course()
    stage.launch()
    stage.put("lesson_status=browsed")
    found(
        Cause.LOOKED_AT,
        "The content says that it was only browsed, although it was launched for credit.",
    )


def test_a_window_that_was_closed_while_incomplete(stage, found):
    stage.course()
    stage.launch()
    stage.say("GetParam")
    stage.put("lesson_status=incomplete")
    stage.wait(days=1)
    finding = found(
        Cause.NO_EXIT,
        "The content last said “incomplete”. It was last heard of on 4 May 2026, 09:30 UTC and has"
        " not said goodbye (ExitAU): it is still open, or its window was closed before the end.",
    )
    assert line_of(finding) == (2, "PutParam", 2, "lesson_status=incomplete")


def test_a_window_that_only_asked_is_not_said_to_have_spoken(stage, found):
    stage.course()
    stage.launch()
    stage.put("lesson_status=incomplete")
    stage.say("ExitAU")
    stage.wait(days=3).launch().say("GetParam")
    found(
        Cause.NO_EXIT,
        "The content last said “incomplete”. It was last heard of on 7 May 2026, 09:30 UTC and has"
        " not said goodbye (ExitAU): it is still open, or its window was closed before the end.",
    )


def test_content_that_leaves_incomplete_in_good_order(stage, found):
    stage.course()
    stage.launch()
    stage.put("lesson_status=I,suspend")
    stage.say("ExitAU")
    found(
        Cause.INCOMPLETE,
        "The content said “I,suspend” last, and then left in good order on 4 May 2026, 09:30 UTC.",
    )


def test_content_that_ran_out_of_time(stage, found):
    stage.course()
    stage.launch()
    stage.say("ExitParam", "lesson_status=incomplete,time-out")
    found(
        Cause.TIME_OUT,
        "The content ended because the time allowed was over, and said “incomplete,time-out”.",
    )


# Sessions


def late(stage) -> str:
    return stage.put("lesson_status=completed", "score=100")


def test_a_session_that_had_expired_before_the_last_report(stage, found):
    stage.course()
    stage.launch()
    stage.put("lesson_status=incomplete")
    stage.wait(hours=25)
    assert late(stage).startswith("error=3")
    finding = found(
        Cause.EXPIRED,
        "The content reported on 5 May 2026, 10:30 UTC, after its session had expired: it was"
        " launched on 4 May 2026, 09:30 UTC and last heard of on 4 May 2026, 09:30 UTC.",
    )
    assert line_of(finding) == (2, "PutParam", 2, "lesson_status=completed")


def test_an_expired_session_is_behind_us_once_a_new_one_reports(stage, found):
    stage.course()
    stage.launch()
    stage.wait(hours=25)
    stage.put("lesson_status=incomplete")
    stage.launch()
    stage.put("lesson_status=incomplete")
    assert stage.explained().finding.cause is Cause.NO_EXIT
    assert Cause.EXPIRED not in {one.cause for one in stage.explained().findings}


def test_a_report_after_the_grace_time(stage, found):
    stage.course()
    stage.launch()
    stage.put("lesson_status=incomplete")
    stage.say("ExitAU")
    stage.wait(minutes=11)
    assert late(stage).startswith("error=3")
    found(
        Cause.AFTER_GRACE,
        "The content said goodbye (ExitAU) on 4 May 2026, 09:30 UTC and reported again on"
        " 4 May 2026, 09:41 UTC, after the time that is allowed for late messages.",
    )


def test_a_second_window_that_took_over(stage, found):
    stage.course()
    stage.launch()
    stage.put("lesson_status=incomplete")
    stage.wait(minutes=10).launch()
    stage.put("lesson_status=incomplete")
    assert stage.put("lesson_status=completed", session=0).startswith("error=3")
    finding = found(
        Cause.TAKEN_OVER,
        "It was launched again on 4 May 2026, 09:40 UTC, and the first window's report on"
        " 4 May 2026, 09:40 UTC was refused because the second had taken over.",
    )
    assert line_of(finding) == (3, "PutParam", 2, "lesson_status=completed")
    stage.put("lesson_status=incomplete")
    found(Cause.TAKEN_OVER, finding_sentence(finding, stage))


def finding_sentence(finding: Finding, stage) -> str:
    with stage.app.app_context():
        return finding.sentence


def test_a_report_that_is_too_large(stage, found):
    stage.course()
    stage.launch()
    stage.put("lesson_status=incomplete")
    stage.put("lesson_status=completed", lesson="x" * MAX_BODY)
    explained = stage.explained()
    size = explained.finding.values["reason"].split()[2]
    found(
        Cause.TOO_LARGE,
        "The content's report on 4 May 2026, 09:30 UTC was refused: Request of"
        f" {size} bytes is too large, at most {MAX_BODY} are taken.",
    )


def test_a_result_sent_by_a_command_that_aicc_does_not_have(stage, found):
    stage.course()
    stage.launch()
    stage.put("lesson_status=incomplete")
    stage.say("LMSFinish", "lesson_status=completed")
    finding = found(
        Cause.UNKNOWN_COMMAND,
        "The content used the command “LMSFinish”, which AICC does not have, so nothing of it was"
        " recorded.",
    )
    assert line_of(finding) == (2, "LMSFinish", 2, "lesson_status=completed")


def test_an_unknown_command_that_would_change_nothing_is_noticed_besides(stage, found, besides):
    stage.course(mastery="80")
    stage.launch()
    stage.put("lesson_status=completed", "score=60")
    stage.say("LMSFinish")
    found(Cause.BELOW_MASTERY, "The score 60 is below the mastery score 80.")
    besides(
        Cause.UNKNOWN_COMMAND,
        "The content used the command “LMSFinish”, which AICC does not have, so nothing of it was"
        " recorded.",
    )


def test_content_that_knows_no_command_of_aicc_at_all(stage, found):
    stage.course()
    stage.launch()
    stage.say("LMSInitialize")
    found(
        Cause.UNKNOWN_COMMAND,
        "The content used the command “LMSInitialize”, which AICC does not have, so nothing of it"
        " was recorded.",
    )


def test_a_late_report_that_would_change_nothing_is_noticed_besides(stage, found, besides):
    stage.course(mastery="80")
    stage.launch()
    stage.put("lesson_status=completed", "score=60")
    stage.say("ExitAU")
    stage.wait(minutes=11)
    stage.put("lesson_status=incomplete")
    found(Cause.BELOW_MASTERY, "The score 60 is below the mastery score 80.")
    besides(
        Cause.AFTER_GRACE,
        "The content said goodbye (ExitAU) on 4 May 2026, 09:30 UTC and reported again on"
        " 4 May 2026, 09:41 UTC, after the time that is allowed for late messages.",
    )


def test_a_late_report_that_lost_a_better_result_is_the_cause(stage):
    stage.course(mastery="80")
    stage.launch()
    stage.put("lesson_status=completed", "score=60")
    stage.wait(hours=25)
    stage.put("lesson_status=completed", "score=90")
    assert stage.explained().finding.cause is Cause.EXPIRED


# Modes


def test_a_review_that_records_nothing(stage, found, besides):
    stage.course(mastery="80")
    stage.launch()
    stage.put("lesson_status=completed")
    stage.launch().say("GetParam")
    stage.put("score=90")
    # The first window, which the review does not take over from.
    stage.put("score=40", session=0)
    finding = found(
        Cause.REVIEW,
        "The last launch was a review, and a review records nothing, whatever the content says.",
    )
    assert line_of(finding)[0] == 3
    besides(Cause.BELOW_MASTERY, "The score 40 is below the mastery score 80.")


def test_a_browse_that_records_no_result(stage, found):
    stage.course()
    stage.launch(browse=True)
    stage.put("lesson_status=completed")
    found(
        Cause.BROWSE,
        "The last launch was to browse, which records that it was looked at and no result.",
    )


def test_a_launch_without_credit(stage, found):
    stage.course(mastery="80")
    stage.launch(credit=Credit.NO_CREDIT)
    stage.put("lesson_status=incomplete", "score=90")
    found(
        Cause.NO_CREDIT,
        "The last launch was without credit, so no mastery score was applied and the content need"
        " not finish.",
    )


# It is complete


def test_a_completed_unit_says_when_and_by_which_word(stage, found):
    stage.course()
    stage.launch()
    stage.put("lesson_status=C")
    stage.say("ExitAU")
    finding = found(Cause.COMPLETED, "Completed on 4 May 2026, 09:30 UTC: the content said “C”.")
    assert line_of(finding) == (1, "PutParam", 2, "lesson_status=C")


def test_a_passed_unit_says_its_score(stage, found):
    stage.course(mastery="80")
    stage.launch()
    stage.put("lesson_status=completed", "score=90.50")
    found(
        Cause.PASSED,
        "Passed on 4 May 2026, 09:30 UTC with the score 90.5; the content said “completed”.",
    )


def test_a_completion_without_the_score_that_mastery_needs(stage, found):
    stage.course(mastery="80")
    stage.launch()
    stage.put("lesson_status=completed")
    found(
        Cause.COMPLETED_UNJUDGED,
        "The content said “completed” on 4 May 2026, 09:30 UTC and never sent a score that can be"
        " read, so the mastery score 80 was not applied: its word counts.",
    )


def test_a_pass_with_a_score_that_cannot_be_read(stage, found, besides):
    stage.course(mastery="80")
    stage.launch()
    stage.put("lesson_status=passed", "score=excellent")
    found(
        Cause.COMPLETED_UNJUDGED,
        "The content said “passed” on 4 May 2026, 09:30 UTC and never sent a score that can be"
        " read, so the mastery score 80 was not applied: its word counts.",
    )
    besides(
        Cause.SCORE_UNREADABLE, "The content says the score “excellent”, which is not a number."
    )


def test_a_score_that_came_in_a_review_is_not_said_to_be_kept(stage):
    stage.course(mastery="80")
    stage.launch()
    stage.put("lesson_status=completed")
    stage.say("ExitAU")
    stage.wait(minutes=30).launch()
    stage.put("score=90")
    review = stage.explained().findings[1]
    assert review.cause is Cause.REVIEW
    with stage.app.app_context():
        assert "the learner has to press Retake" in review.what_to_do


def test_a_score_that_follows_the_completion_passes_it(stage, found):
    stage.course(mastery="80")
    stage.launch()
    stage.put("lesson_status=completed")
    stage.wait(minutes=5)
    stage.put("score=90")
    found(
        Cause.PASSED,
        "Passed on 4 May 2026, 09:35 UTC with the score 90; the content said “completed”.",
    )


def test_a_pass_is_dated_by_itself_and_not_by_an_earlier_completion(stage, found):
    stage.course(mastery="80")
    stage.launch()
    stage.put("lesson_status=completed")
    stage.put("score=40")
    stage.say("ExitAU")
    assert stage.row().completed_at is None
    stage.wait(days=20).launch()
    stage.put("lesson_status=completed", "score=90")
    found(
        Cause.PASSED,
        "Passed on 24 May 2026, 09:30 UTC with the score 90; the content said “completed”.",
    )
    assert stage.row().completed_at == stage.attempts()[0].completed_at


def test_a_course_is_completed_since_its_last_unit_however_often_one_is_reviewed(stage, found):
    stage.course("A1", "A2")
    for unit in ("A1", "A2"):
        stage.launch(unit)
        stage.put("lesson_status=completed")
        stage.say("ExitAU")
        stage.wait(days=5)
    stage.launch("A1").say("GetParam")
    found(Cause.COMPLETED, "Completed on 9 May 2026, 09:30 UTC: the content said “completed”.")


def test_a_completion_that_no_exchange_in_reach_shows(stage, found):
    stage.course()
    stage.launch()
    stage.put("lesson_status=completed")
    for page in range(30):
        stage.put(f"lesson_location={page}")
    stage.refresh()
    assert stage.hint().finding.cause is Cause.COMPLETED
    with stage.app.app_context():
        assert stage.hint().finding.sentence.endswith("said “completed”.")


def test_a_review_behind_a_completion_is_noticed_besides(stage, found, besides):
    stage.course()
    stage.launch()
    stage.put("lesson_status=completed")
    stage.launch()
    stage.put("lesson_status=incomplete")
    found(Cause.COMPLETED, "Completed on 4 May 2026, 09:30 UTC: the content said “completed”.")
    besides(
        Cause.REVIEW,
        "The last launch was a review, and a review records nothing, whatever the content says.",
    )


# Whole courses


def test_other_units_of_the_course_are_left(stage, found):
    stage.course("A1", "A2", "A3")
    stage.launch("A1")
    stage.put("lesson_status=completed")
    found(
        Cause.OTHER_UNITS,
        "What was begun is done, but the course has more units that are not: “Unit A2”, “Unit A3”.",
    )
    found(
        Cause.COMPLETED,
        "Completed on 4 May 2026, 09:30 UTC: the content said “completed”.",
        au_id="A1",
    )


def test_the_unit_that_is_in_the_way_speaks_for_the_course(stage, found):
    stage.course("A1", "A2")
    stage.launch("A2")
    stage.put("lesson_status=failed")
    stage.wait(minutes=1).launch("A1")
    stage.put("lesson_status=completed")
    found(
        Cause.FAILED,
        "The content itself said “failed”; no mastery score of ours was involved.",
    )


def test_a_course_whose_own_rule_is_not_met(stage, found):
    stage.course("A1", completions=(Completion("root", "A1=passed", "passed"),))
    stage.launch("A1")
    stage.put("lesson_status=completed")
    found(
        Cause.COURSE_RULE,
        "Every unit is done, but the course's own completion rule (.cmp) is not met.",
    )


def test_a_course_that_its_own_rule_completes_has_no_finding_in_lists(stage):
    stage.course("A1", completions=(Completion("root", "A1=incomplete", "completed"),))
    stage.launch("A1")
    stage.put("lesson_status=incomplete")
    assert stage.hint() is None


# What was noticed besides


def test_a_time_that_cannot_be(stage, besides):
    stage.course()
    stage.launch()
    stage.put("lesson_status=incomplete", "time=05:00:00")
    finding = besides(
        Cause.TIME_IMPLAUSIBLE,
        "The content reported 05:00:00 of time, more than had passed since the launch.",
    )
    assert line_of(finding) == (1, "PutParam", 3, "time=05:00:00")


def test_a_time_of_a_browse_is_nobodys_concern(stage):
    stage.course()
    stage.launch(browse=True)
    stage.put("lesson_status=incomplete", "time=05:00:00")
    assert {one.cause for one in stage.explained().findings} == {Cause.BROWSE}


# All of them


def test_what_is_said_besides_has_words(stage):
    assert set(Cause) == set(WORDS)
    assert set(Cause) > BESIDES


def test_a_finding_does_not_depend_on_when_it_is_looked_at(stage):
    stage.course()
    stage.launch()
    stage.put("lesson_status=incomplete")
    before = stage.explained().findings
    stage.clock.move(timedelta(days=400))
    assert stage.explained().findings == before
