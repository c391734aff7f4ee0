"""The text file for the vendor: all of the case, and nobody's name in it."""

from __future__ import annotations

import io
from urllib.parse import quote, quote_plus

import pytest

from launcher.explaining import handover
from launcher.explaining.handover import NAME, Blackout


@pytest.fixture
def handed_over(stage):
    """Return `handed_over() -> str`: the file of the stage's first attempt."""

    def _handed_over() -> str:
        stream = io.StringIO()
        attempt = stage.attempts()[0]
        explained = stage.explained(attempt.au_id)
        with stage.app.app_context():
            stage.read(
                lambda connection: handover.write(
                    stream,
                    connection,
                    stage.academy_id,
                    attempt=attempt,
                    explained=explained,
                    now=stage.now(),
                )
            )
        return stream.getvalue()

    return _handed_over


@pytest.fixture
def played(stage):
    """A conversation with something of everything, and the learner's name all over it."""
    stage.course(mastery="80")
    stage.launch()
    stage.say("GetParam")
    stage.put(
        "lesson_location=hello Jane Doe",
        "lesson_status=completed,",
        "score=60",
        lesson=f"{stage.learner.email}\r\nDOE, JANE\r\n{stage.launched[0].upper()}",
    )
    stage.say("GetParam")
    stage.app.test_client().get(
        f"/hacp/{stage.academy_id}?command=ExitAU&session_id={stage.launched[0]}"
    )
    return stage


def test_the_file_begins_with_what_was_found_and_where(played, handed_over):
    text = handed_over()
    assert "* The score 60 is below the mastery score 80." in text
    assert (
        "  See exchange 2 (PutParam, 2026-05-04 09:30:01 UTC), line 4 of its aicc_data: score=60"
        in text
    )
    assert "Have the learner launch it again" in text


def test_the_facts_name_course_unit_and_the_learner_by_student_id(played, handed_over):
    text = handed_over()
    for fact in (
        "Course:              Safety (SAFETY-101)",
        "Unit:                Unit A1 (A1)",
        f"Student id:          {played.learner.student_id}",
        "Status recorded:     failed",
        "Status said last:    completed",
        "Score that counts:   60",
        "Mastery score:       80",
        "Session 1: opened 2026-05-04 09:30:00 UTC",
        "mode normal, credit",
    ):
        assert fact in text


def test_every_exchange_stands_there_raw_and_decoded(played, handed_over):
    text = handed_over()
    assert text.count("--- Exchange ") == 4
    assert "command=PutParam&version=4.0&session_id=sid-" in text
    assert "-- aicc_data, decoded\n[core]\n" in text
    assert "-- reply, raw\nerror=0\n" in text
    assert "Noted: status `completed,` has a trailing comma" in text
    assert "-- query, raw\ncommand=ExitAU&session_id=sid-" in text
    assert "(no content type)" in text


def test_nobody_can_tell_from_it_who_the_learner_is_or_continue_the_session(played, handed_over):
    text = handed_over().lower()
    for secret in ("jane", "doe", "learner@example.org", "learner%40", played.launched[0]):
        assert secret not in text
    assert f"student_name={NAME}" in text


def test_a_long_conversation_is_there_to_its_end(stage, handed_over, monkeypatch):
    monkeypatch.setattr(handover, "BATCH", 2)
    stage.course()
    stage.launch()
    for page in range(5):
        stage.put(f"lesson_location={page}")
    assert handed_over().count("--- Exchange ") == 5


def test_a_launch_whose_content_never_called_has_a_file_too(stage, handed_over):
    stage.course()
    stage.launch()
    text = handed_over()
    assert "its content has not called since" in text
    assert "Mastery score:       -" in text


SPELLINGS = [
    "Müller, Anna",
    "anna müller",
    "Müller Anna",
    "Müller,Anna",
    quote("Müller, Anna"),
    quote_plus("Müller, Anna"),
    "M%C3%BCller,+Anna",
    quote(quote("Müller, Anna", safe="")),
    "M%FCller%2C%20Anna",
    "M\\xfcller, Anna",
]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_name_is_taken_out_however_it_is_written(spelling):
    assert Blackout(["Müller, Anna"])(f"<{spelling}>") == f"<{NAME}>"


def test_a_name_of_many_parts_is_taken_out_whichever_comes_first():
    blackout = Blackout(["de la Cruz y Soto, Ana Maria"])
    assert blackout("de la Cruz y Soto, Ana Maria!") == f"{NAME}!"
    assert blackout("Ana Maria de la Cruz y Soto!") == f"{NAME}!"


def test_without_a_name_nothing_is_taken_out():
    assert Blackout(["", "X"])("X marks the spot") == "X marks the spot"


def test_a_session_id_is_taken_out_and_longer_digits_are_left():
    blackout = Blackout([])
    assert blackout(f"at {'a1' * 20}.") == "at (session id)."
    assert blackout("a1" * 21) == "a1" * 21


def test_what_an_admin_decided_by_hand_is_not_the_vendors_business(played, handed_over):
    played.set_by_hand("passed", reason="A medical reason")

    text = handed_over()

    assert "* The score 60 is below the mastery score 80." in text
    assert "by hand" not in text
    assert "medical" not in text
