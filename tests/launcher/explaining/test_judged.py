"""What a score has to do with it, played: launched by the hall, said at the real door."""

from __future__ import annotations

from decimal import Decimal

import pytest

from hacp.model import Credit
from launcher.explaining.findings import Cause, Finding
from launcher.records import mastery
from launcher.records.mastery import SetMastery
from tests.launcher.stage import Stage


def line_of(finding: Finding) -> tuple[int, str, int | None, str]:
    (evidence,) = finding.evidence
    return evidence.number, evidence.command, evidence.line, evidence.text


def set_mastery(stage: Stage, score: str | None) -> None:
    """Set the mastery score of the unit as an admin does."""
    to = SetMastery(None if score is None else Decimal(score), "Admin, Ada", stage.now())
    stage.transact(
        lambda connection: mastery.set_mastery(
            connection, stage.academy_id, course_id=stage.course_id, au_id="A1", mastery=to
        )
    )


def test_a_score_below_mastery(stage, found):
    stage.course(mastery="80")
    stage.launch()
    stage.say("GetParam")
    stage.put("lesson_status=completed", "score=60,100,0")
    stage.say("ExitAU")
    finding = found(Cause.BELOW_MASTERY, "The score 60 is below the mastery score 80.")
    assert line_of(finding) == (2, "PutParam", 3, "score=60,100,0")


def test_a_score_below_mastery_while_still_incomplete_is_not_the_cause(stage, found):
    stage.course(mastery="80")
    stage.launch()
    stage.put("lesson_status=incomplete", "score=10")
    assert stage.explained().finding.cause is Cause.NO_EXIT


def test_a_score_on_another_scale(stage, found):
    stage.course(mastery="80")
    stage.launch()
    stage.put("lesson_status=completed", "score=9,10,0")
    found(
        Cause.SCALE,
        "The content sent 9 of 10, which is 90 %, but the mastery score 80 is compared with the 9.",
    )


def test_a_score_that_is_low_on_any_scale(stage, found):
    stage.course(mastery="80")
    stage.launch()
    stage.put("lesson_status=completed", "score=3,10,0")
    found(Cause.BELOW_MASTERY, "The score 3 is below the mastery score 80.")


def test_a_version_that_drops_decimals(stage, found):
    stage.course(mastery="79.5")
    stage.launch()
    stage.put("lesson_status=completed", "score=79", version="2.2")
    found(
        Cause.DECIMALS,
        "The score 79 is less than a point below the mastery score 79.5, and the content speaks"
        " AICC version 2.2, which has no decimals.",
    )


@pytest.mark.parametrize(("version", "score"), [("4.0", "79"), ("2.2", "60"), ("soon", "79")])
def test_decimals_are_blamed_only_where_they_could_have_helped(stage, found, version, score):
    stage.course(mastery="79.5")
    stage.launch()
    stage.put("lesson_status=completed", f"score={score}", version=version)
    found(Cause.BELOW_MASTERY, f"The score {score} is below the mastery score 79.5.")


def test_a_score_that_reaches_mastery_before_the_content_is_finished(stage, found):
    stage.course(mastery="80")
    stage.launch()
    stage.put("lesson_status=incomplete", "score=90")
    found(
        Cause.NOT_JUDGED,
        "The score 90 reaches the mastery score 80, but the content says “incomplete”: a score"
        " counts only once the content says that it is finished.",
    )


def test_a_score_that_fell_out_of_what_is_read_for_a_list(stage, found):
    stage.course(mastery="80")
    stage.launch()
    stage.put("lesson_status=completed", "score=60")
    for page in range(30):
        stage.put(f"lesson_location={page}")
    found(Cause.BELOW_MASTERY, "The score 60 is below the mastery score 80.")


def test_a_score_that_cannot_be_read(stage, found):
    stage.course(mastery="80")
    stage.launch()
    stage.put("lesson_status=incomplete", "score=ninety")
    finding = found(
        Cause.SCORE_UNREADABLE,
        "The content says the score “ninety”, which is not a number.",
    )
    assert line_of(finding) == (1, "PutParam", 3, "score=ninety")


def test_a_lower_score_that_was_not_judged_is_not_the_one_that_failed(stage, found):
    stage.course(mastery="80")
    stage.launch()
    stage.put("lesson_status=completed", "score=70")
    stage.put("lesson_status=incomplete", "score=0")
    stage.say("ExitAU")
    finding = found(Cause.BELOW_MASTERY, "The score 70 is below the mastery score 80.")
    assert line_of(finding) == (1, "PutParam", 3, "score=70")


@pytest.mark.parametrize("later", ["60", None])
def test_a_mastery_that_was_changed_since_is_not_the_one_that_judged(stage, found, later):
    stage.course(mastery="80")
    stage.launch()
    stage.put("lesson_status=completed", "score=70")
    stage.say("ExitAU")
    set_mastery(stage, later)
    stage.wait(days=1).launch().say("GetParam")
    found(Cause.BELOW_MASTERY, "The score 70 is below the mastery score 80.")


def test_a_mastery_that_was_added_since_did_not_fail_what_the_content_failed(stage, found):
    stage.course()
    stage.launch()
    stage.put("lesson_status=failed", "score=50")
    stage.say("ExitAU")
    set_mastery(stage, "80")
    stage.wait(days=1).launch().say("GetParam")
    found(
        Cause.FAILED,
        "The content itself said “failed”; no mastery score of ours was involved.",
    )


def test_a_second_try_is_compared_with_the_mastery_of_its_own_launch(stage, found):
    stage.course(mastery="80")
    stage.launch()
    stage.put("lesson_status=completed", "score=70")
    set_mastery(stage, "90")
    stage.wait(days=1).launch()
    stage.put("lesson_status=completed", "score=85")
    found(Cause.BELOW_MASTERY, "The score 85 is below the mastery score 90.")


def test_a_mastery_that_judged_after_the_contents_own_word_is_told(stage, found):
    stage.course()
    stage.launch()
    stage.put("lesson_status=failed")
    set_mastery(stage, "80")
    stage.wait(days=1).launch()
    stage.put("lesson_status=completed", "score=70")
    found(Cause.BELOW_MASTERY, "The score 70 is below the mastery score 80.")


def test_a_score_that_could_pass_waits_for_its_status_though_one_failed_before(stage, found):
    stage.course(mastery="80")
    stage.launch()
    stage.put("lesson_status=completed", "score=70")
    stage.put("lesson_status=incomplete", "score=90")
    found(
        Cause.NOT_JUDGED,
        "The score 90 reaches the mastery score 80, but the content says “incomplete”: a score"
        " counts only once the content says that it is finished.",
    )


def test_without_credit_no_mastery_has_judged(stage, found):
    stage.course(mastery="80")
    stage.launch(credit=Credit.NO_CREDIT)
    stage.put("lesson_status=failed", "score=50")
    assert stage.explained().finding.cause is Cause.FAILED


def test_a_word_that_cannot_be_read_does_not_hide_the_score_that_failed(stage, found, besides):
    stage.course(mastery="80")
    stage.launch()
    stage.put("lesson_status=completed", "score=40")
    stage.put("lesson_status=unknown", "score=40")
    found(Cause.BELOW_MASTERY, "The score 40 is below the mastery score 80.")
    besides(
        Cause.STATUS_UNREADABLE,
        "The content says the status “unknown”, which is not one that AICC knows.",
    )


def test_a_word_that_cannot_be_read_is_why_a_score_does_not_count(stage):
    stage.course(mastery="80")
    stage.launch()
    stage.put("lesson_status=incomplete")
    stage.put("lesson_status=unknown", "score=90")
    assert stage.explained().finding.cause is Cause.STATUS_UNREADABLE


def test_a_launch_that_never_called_does_not_hide_the_score_that_failed(stage, besides):
    stage.course(mastery="80")
    stage.launch()
    stage.put("lesson_status=completed", "score=40")
    stage.say("ExitAU")
    stage.wait(days=1).launch()
    assert stage.explained().finding.cause is Cause.NEVER_CALLED
    besides(Cause.BELOW_MASTERY, "The score 40 is below the mastery score 80.")


def test_a_score_that_came_before_the_word_is_shown_where_it_came(stage, found):
    stage.course(mastery="79.5")
    stage.launch()
    stage.put("lesson_status=incomplete", "score=79", version="2.2")
    stage.put("lesson_status=completed")
    finding = found(
        Cause.DECIMALS,
        "The score 79 is less than a point below the mastery score 79.5, and the content speaks"
        " AICC version 2.2, which has no decimals.",
    )
    assert line_of(finding) == (1, "PutParam", 3, "score=79")
