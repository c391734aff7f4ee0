"""Findings as lists and pages ask for them: stored with the post, or brought up to date."""

from __future__ import annotations

import pytest

from launcher.explaining import explanations
from launcher.explaining.findings import Cause


def cause(stage) -> Cause | None:
    hint = stage.hint()
    return hint.finding.cause if hint else None


def test_a_finding_is_stored_with_the_post_that_brings_it(stage):
    stage.course(mastery="80")
    assert cause(stage) is Cause.NEVER_LAUNCHED
    stage.launch()
    assert cause(stage) is Cause.NEVER_CALLED
    stage.put("lesson_status=completed", "score=60")
    assert cause(stage) is Cause.BELOW_MASTERY
    assert not stage.behind()


def test_a_row_is_behind_once_its_content_has_spoken_without_a_result(stage):
    stage.course()
    stage.launch()
    assert not stage.behind()
    stage.say("GetParam")
    assert cause(stage) is Cause.NEVER_CALLED
    assert stage.behind()
    stage.catch_up()
    assert cause(stage) is Cause.ONLY_ASKED
    assert not stage.behind()


def test_a_row_is_behind_once_a_report_was_refused(stage):
    stage.course()
    stage.launch()
    stage.put("lesson_status=incomplete")
    stage.wait(hours=25)
    stage.put("lesson_status=completed")
    assert stage.behind()


def test_what_a_page_asks_for_is_brought_up_to_date(stage):
    stage.course()
    stage.launch()
    stage.say("GetParam")
    with stage.app.app_context():
        found = explanations.fresh_hints(stage.academy_id, keys=[stage.key])
        again = explanations.fresh_hints(stage.academy_id, keys=[stage.key])
    assert found == again
    assert found[stage.key].finding.cause is Cause.ONLY_ASKED


def test_a_page_without_rows_asks_for_nothing(stage):
    with stage.app.app_context():
        assert explanations.fresh_hints(stage.academy_id, keys=[]) == {}


def test_many_rows_are_asked_for_at_once(stage):
    stage.course()
    keys = [(learner_id, stage.course_id) for learner_id in range(5000)]
    with stage.app.app_context():
        assert set(explanations.fresh_hints(stage.academy_id, keys=keys)) == {stage.key}


def test_another_academy_has_no_hint_of_ours(stage, people):
    stage.course()
    with stage.app.app_context():
        other = explanations.fresh_hints(people.other_academy_id, keys=[stage.key])
    assert other == {}


def test_a_cause_of_a_later_version_is_left_out(stage, monkeypatch):
    stage.course()
    monkeypatch.setattr(explanations, "parse_finding", lambda _cause, _values: None)
    assert stage.hint() is None


def test_a_course_that_is_not_there_cannot_be_explained(stage):
    stage.course()
    stage.course_id += 1
    with pytest.raises(LookupError):
        stage.explained()


def test_both_databases_find_and_store_the_same(either_stage):
    stage = either_stage
    stage.course(mastery="80")
    stage.launch()
    stage.put("lesson_status=completed", session_id="0" * 40)
    stage.say("GetParam")
    assert stage.behind()
    stage.catch_up()
    assert cause(stage) is Cause.ONLY_ASKED
    stage.put("lesson_status=completed", "score=60", lesson="é" * 9000)
    stage.say("ExitAU")
    assert cause(stage) is Cause.BELOW_MASTERY
    assert [one.cause for one in stage.explained("A1").findings] == [
        Cause.BELOW_MASTERY,
        Cause.UNKNOWN_SESSION,
    ]
