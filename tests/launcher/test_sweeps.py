"""The sweep: what fell silent is closed once, and the transcript is right behind it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import Connection, select

import catalog.store
import hacp.store
from catalog.model import AssignableUnit, Course
from hacp.model import LaunchTicket
from launcher import sweeps
from launcher.db import read, transact
from launcher.schema import Progress

NOW = datetime.now(UTC)


@pytest.fixture
def post(either_app: Flask) -> Callable[..., None]:
    """Return `post(text)`: one PutParam to a session that was opened just now."""

    def unit(connection: Connection) -> str:
        lesson = AssignableUnit("A1", "Lesson", "https://content.example.org/")
        course_id = catalog.store.add_course(
            connection,
            1,
            course=Course("C", "Course", (lesson,), ("A1",)),
            source="",
            fingerprint="f",
            content_key=None,
            folder="",
            now=NOW,
        )
        ticket = LaunchTicket(1, 7, "k3", "Doe, Jane", course_id, "C", "A1")
        return hacp.store.open_session(connection, ticket, now=NOW)

    with either_app.app_context():
        session_id = transact(unit)

    def _post(aicc_data: str) -> None:
        form = {"command": "PutParam", "session_id": session_id, "aicc_data": aicc_data}
        answer = either_app.test_client().post("/hacp/1", data=form)
        assert answer.text.startswith("error=0")

    return _post


def seconds(connection: Connection) -> float | None:
    return connection.scalar(select(Progress.seconds))


def test_a_silent_session_is_closed_once_and_its_time_stands_in_the_transcript(
    either_app: Flask, post: Callable[..., None]
) -> None:
    post("[core]\r\nlesson_status=i\r\ntime=00:00:01\r\n")
    post("[core]\r\ntime=00:00:05\r\n")
    with either_app.app_context():
        # Time alone is told to the hall only now and then.
        assert read(seconds) == 1
        assert sweeps.close_silent_sessions(now=NOW + timedelta(hours=23)) == 0
        assert sweeps.close_silent_sessions(now=NOW + timedelta(hours=25)) == 1
        assert read(seconds) == 5
        assert sweeps.close_silent_sessions(now=NOW + timedelta(hours=26)) == 0


def test_more_sessions_than_fit_in_one_transaction_are_all_closed(
    either_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeps, "AT_A_TIME", 2)

    def unit(connection: Connection) -> None:
        for learner in range(1, 6):
            ticket = LaunchTicket(1, learner, f"k{learner}", "Doe, Jane", 1, "C", "A1")
            hacp.store.open_session(connection, ticket, now=NOW)

    with either_app.app_context():
        transact(unit)
        assert sweeps.close_silent_sessions(now=NOW + timedelta(days=2)) == 5
