"""Requests that named no session of ours, from where a content is at home, played at the door."""

from __future__ import annotations

from launcher.explaining.findings import Cause
from tests.launcher.stage import CONTENT


def test_posts_with_a_session_that_was_never_given(stage, besides, found):
    stage.course()
    stage.launch()
    for _ in range(2):
        stage.put("lesson_status=completed", session_id="0" * 40)
    stage.put("lesson_status=completed", session_id="1" * 40, origin="https://elsewhere.example")
    found(
        Cause.NEVER_CALLED,
        "It was launched on 4 May 2026, 09:30 UTC, and its content has not called since.",
    )
    besides(
        Cause.UNKNOWN_SESSION,
        "2 requests came from the same content address (https://content.example.org) with a session"
        " id that this academy never gave; they may be this learner's.",
    )


def test_strangers_of_another_day_are_not_this_learners(stage):
    stage.course()
    stage.put("lesson_status=completed", session_id="0" * 40)
    stage.launch().wait(days=2)
    stage.put("lesson_status=completed", session_id="0" * 40)
    assert [one.cause for one in stage.explained().findings] == [Cause.NEVER_CALLED]


def test_what_names_no_session_at_all_is_not_counted(stage):
    stage.course()
    stage.launch()
    client, address = stage.app.test_client(), f"/hacp/{stage.academy_id}"
    for body in (b"hello", b"", b"command=GetParam&version=4.0", b"command=GetParam&session_id="):
        client.post(address, data=body, headers={"Origin": CONTENT})
    assert [one.cause for one in stage.explained().findings] == [Cause.NEVER_CALLED]
