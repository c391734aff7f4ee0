"""The sweep: what fell silent is closed once, and the transcript is right behind it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Connection, select

import catalog.store
import hacp.store
from catalog.intake import accept
from catalog.model import AssignableUnit, Course
from catalog.shelf import Shelf
from hacp.model import LaunchTicket
from launcher import config, sweeps
from launcher.db import read, transact
from launcher.schema import Progress

NOW = datetime.now(UTC)
PACKAGE = {
    "c.crs": "[Course]\r\nCourse_ID=C1\r\nCourse_Title=C1\r\nTotal_AUs=1\r\n",
    "c.au": 'system_id,file_name\r\n"A1","start.html"\r\n',
    "c.des": 'system_id,title\r\n"A1","Unit"\r\n',
    "c.cst": 'block,member\r\n"root","A1"\r\n',
}


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


def test_replaced_content_leaves_the_shelf_when_no_session_can_use_it_any_more(
    either_app: Flask, tmp_path: Path
) -> None:
    def take(edition: str, into: int | None = None) -> str:
        folder = tmp_path / edition
        folder.mkdir()
        for name, text in PACKAGE.items():
            (folder / name).write_text(text)
        (folder / "start.html").write_text(edition)
        (one,) = accept([folder], academy_id=1, transact=transact, shelf=shelf, now=NOW, into=into)
        stored = read(lambda c: catalog.store.course(c, 1, course_id=one.course_id))
        assert stored is not None
        assert stored.content_key is not None
        return stored.content_key

    with either_app.app_context():
        shelf = Shelf(config.current().content_root)
        old = take("first")
        new = take("second", into=1)
        over = NOW + config.current().session_policy.lifetime

        assert sweeps.let_go_of_content(now=over) == 0
        assert shelf.path_of(old).is_dir()
        assert sweeps.let_go_of_content(now=over + timedelta(seconds=1)) == 1
        assert sweeps.let_go_of_content(now=over + timedelta(seconds=1)) == 0
        assert not shelf.path_of(old).exists()
        assert shelf.path_of(new).is_dir()
