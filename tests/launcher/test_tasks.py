"""What is done in the background: what is due is found by looking around, by real workers."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, select

import hacp.store
from hacp.model import LaunchTicket
from hacp.schema import SessionRow
from launcher import tasks
from launcher.config import Settings
from launcher.db import read, transact
from launcher.records import course_rules, recounts
from launcher.records.course_rules import CourseRules
from launcher.schema import Counts


@pytest.fixture
def either_queue(settings: Settings, database_url: str, make_app):
    """An application whose records and tasks are on SQLite, and on PostgreSQL."""
    url = database_url if database_url.startswith("postgresql") else settings.queue_url
    app = make_app(replace(settings, database_url=database_url, queue_url=url))
    yield app
    tasks.of(app).close()


def test_the_queue_is_opened_when_it_is_needed_and_not_before(app, settings):
    path = settings.instance / "tasks.sqlite3"
    assert not path.exists()
    assert tasks.of(app).queue is tasks.of(app).queue
    assert path.exists()
    tasks.of(app).close()


def test_workers_look_around_by_themselves(either_queue):
    """They begin with it, so a silent session is closed soon after the start."""
    now = datetime.now(UTC)
    ticket = LaunchTicket(1, 7, "k3", "Doe, Jane", 1, "C", "A1")
    with either_queue.app_context():
        long_ago = now - timedelta(days=2)
        transact(lambda connection: hacp.store.open_session(connection, ticket, now=long_ago))

    workers = tasks.of(either_queue).workers(1)
    workers.start()
    try:
        with either_queue.app_context():
            while read(open_sessions):
                threading.Event().wait(0.02)
    finally:
        assert workers.stop()


def test_looking_around_finishes_counting_records_anew(app):
    with app.app_context():
        transact(
            lambda connection: course_rules.change_rules(
                connection, 1, course_id=3, rules=CourseRules(counts=Counts.LAST)
            )
        )
        tasks.look_around()
        assert read(recounts.pending) == []


def open_sessions(connection: Connection) -> int:
    return list(connection.scalars(select(SessionRow.phase))).count("launched")
