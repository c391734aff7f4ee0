"""A look inside records nothing but itself, and a launch without credit is not judged.

Content talks HACP to the real endpoint.
"""

from __future__ import annotations

import pytest

from hacp.model import Credit, Status
from launcher.launches import LaunchRefused
from tests.launcher.stage import Stage


def core(reply: str) -> dict[str, str]:
    pairs = (line.partition("=") for line in reversed(reply.split("\r\n")))
    return {name: value for name, equals, value in pairs if equals}


def test_a_look_inside_tells_content_so_and_records_no_result(stage: Stage) -> None:
    stage.course(mastery="80")
    stage.launch(browse=True)
    said = core(stage.say("GetParam"))
    assert (said["lesson_mode"], said["credit"]) == ("browse", "no-credit")

    stage.put("lesson_status=completed", "score=90", "time=00:00:01", "lesson_location=9")

    (attempt,) = stage.attempts()
    assert (attempt.status, attempt.score, attempt.location) == (Status.BROWSED, None, "")
    assert attempt.seconds == 0


def test_behind_a_look_the_unit_is_worked_at_for_credit(stage: Stage) -> None:
    stage.course(mastery="80")
    stage.launch(browse=True)
    stage.put("lesson_status=completed")
    stage.launch()
    said = core(stage.say("GetParam"))
    assert (said["lesson_mode"], said["credit"]) == ("normal", "credit")
    stage.put("lesson_status=completed", "score=90")
    assert [one.status for one in stage.attempts()] == [Status.PASSED]


def test_a_look_into_a_unit_that_is_under_way_changes_nothing(stage: Stage) -> None:
    stage.course()
    stage.launch()
    stage.put("lesson_status=incomplete", "lesson_location=5")
    stage.launch(browse=True)
    stage.put("lesson_status=completed", "lesson_location=9")
    (attempt,) = stage.attempts()
    assert (attempt.status, attempt.location) == (Status.INCOMPLETE, "5")
    # Nor does it take the unit away from the window that works.
    assert stage.put("lesson_location=6", session=0).startswith("error=0")


def test_no_look_goes_past_a_lock(stage: Stage) -> None:
    stage.course("A1", "A2", prerequisites={"A2": "A1"})
    with pytest.raises(LaunchRefused, match="“Unit A2” is locked"):
        stage.launch("A2", browse=True)


def test_without_credit_the_contents_word_stands(stage: Stage) -> None:
    stage.course(mastery="80")
    stage.launch(credit=Credit.NO_CREDIT)
    said = core(stage.say("GetParam"))
    assert (said["lesson_mode"], said["credit"]) == ("normal", "no-credit")
    stage.put("lesson_status=completed", "score=40")
    assert [one.status for one in stage.attempts()] == [Status.COMPLETED]


def test_the_button_stands_where_nothing_has_begun(stage: Stage) -> None:
    stage.course("A1", "A2", "A3", "A4", prerequisites={"A4": "A3"})
    stage.launch("A1")
    stage.put("lesson_status=incomplete")
    stage.launch("A2", browse=True)
    stage.put("lesson_status=completed")
    units = stage.stand().units
    assert [unit.may_browse for unit in units] == [False, True, True, False]
    # What was only looked into is launched and not resumed.
    assert [unit.action for unit in units] == ["resume", "launch", "launch", "launch"]
