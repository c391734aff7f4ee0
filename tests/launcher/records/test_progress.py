"""Progress: the row that lists read follows every change, and survives two at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from threading import Barrier

from flask import Flask
from sqlalchemy import Connection, select

import catalog.store
import hacp.store
from catalog.model import AssignableUnit, Completion, Course
from hacp.ids import new_id
from hacp.model import Exchange, LaunchTicket, Score, Status
from launcher.db import transact
from launcher.records import progress
from launcher.schema import Progress

NOW = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
UNITS = tuple(
    AssignableUnit(name, f"Unit {name}", "https://content.example.org/") for name in ("A1", "A2")
)


def add_course(connection: Connection, academy_id: int, *completions: Completion) -> int:
    return catalog.store.add_course(
        connection,
        academy_id,
        course=Course("C", "Course", UNITS, ("A1", "A2"), completions=completions),
        source="",
        fingerprint="f",
        content_key=None,
        folder="",
        now=NOW,
    )


def post(connection: Connection, course_id: int, au_id: str, **facts: object) -> None:
    """Open a session of a unit and record something in its attempt."""
    ticket = LaunchTicket(1, 7, "k3", "Doe, Jane", course_id, "C", au_id)
    session_id = hacp.store.open_session(connection, ticket, now=NOW)
    found = hacp.store.conversation_for(connection, 1, session_id=session_id)
    assert found is not None
    attempt, session = found
    hacp.store.keep(connection, replace(attempt, **facts), session, suspend_data=False)


def log_a_question(connection: Connection, course_id: int) -> None:
    """Note an exchange with the learner's attempt of the course."""
    [attempt] = hacp.store.attempts_in_course(connection, 1, learner_id=7, course_id=course_id)
    asked = Exchange(
        id=new_id(NOW),
        at=NOW,
        method="POST",
        content_type="",
        origin="",
        query=b"",
        request=b"command=GetParam",
        reply=b"error=0",
        error=0,
        command="GetParam",
        session_id=None,
    )
    hacp.store.log(connection, 1, asked, attempt_id=attempt.id)


def the_row(connection: Connection) -> Progress:
    return connection.execute(select(Progress.__table__)).one()


def refresh(connection: Connection, course_id: int) -> None:
    progress.refresh(connection, academy_id=1, learner_id=7, course_id=course_id)


def test_the_row_follows_every_change(connection: Connection) -> None:
    course_id = add_course(connection, 1)
    refresh(connection, course_id)
    assert the_row(connection).status == "not attempted"
    assert the_row(connection).first_at is None

    later = NOW + timedelta(hours=1)
    post(
        connection,
        course_id,
        "A1",
        status=Status.PASSED,
        score=Score(Decimal(90)),
        seconds=Decimal("61.5"),
        completed_at=later,
        last_at=later,
    )
    refresh(connection, course_id)
    row = the_row(connection)
    assert (row.status, row.percent, row.seconds, row.attempts) == ("incomplete", 90.0, 61.5, 1)
    assert (row.first_at, row.last_at, row.completed_at) == (NOW, later, None)

    post(connection, course_id, "A2", status=Status.COMPLETED, completed_at=NOW, last_at=NOW)
    refresh(connection, course_id)
    row = the_row(connection)
    assert (row.status, row.attempts, row.completed_at) == ("passed", 2, later)


def test_the_day_of_completion_is_the_first_one(connection: Connection) -> None:
    course_id = add_course(connection, 1, Completion("root", "A1<>not attempted", "completed"))
    later = NOW + timedelta(hours=1)
    post(connection, course_id, "A1", status=Status.INCOMPLETE, last_at=NOW)
    refresh(connection, course_id)
    assert (the_row(connection).status, the_row(connection).completed_at) == ("completed", NOW)

    post(connection, course_id, "A2", status=Status.PASSED, completed_at=later, last_at=later)
    refresh(connection, course_id)
    assert the_row(connection).completed_at == NOW


def test_time_alone_moves_the_sums_and_leaves_the_finding(connection: Connection) -> None:
    course_id = add_course(connection, 1)
    post(connection, course_id, "A1", status=Status.INCOMPLETE, seconds=Decimal(10))
    refresh(connection, course_id)
    before = the_row(connection)
    later = NOW + timedelta(minutes=1)
    post(connection, course_id, "A1", seconds=Decimal(70), last_at=later)
    log_a_question(connection, course_id)

    progress.refresh(connection, academy_id=1, learner_id=7, course_id=course_id, only_time=True)
    row = the_row(connection)
    assert (row.seconds, row.last_at) == (70.0, later)
    assert (row.cause, row.cause_values) == (before.cause, before.cause_values)
    # Whoever shows it sees by this that there is a newer exchange.
    assert (before.cause, row.cause_seen) == ("never-called", 0)

    refresh(connection, course_id)
    assert the_row(connection).cause_seen > 0


def test_a_course_that_is_gone_leaves_the_row_alone(connection: Connection) -> None:
    course_id = add_course(connection, 1)
    refresh(connection, course_id)
    before = the_row(connection)
    refresh(connection, course_id + 1)
    progress.refresh(connection, academy_id=2, learner_id=7, course_id=course_id)
    assert the_row(connection) == before


def test_two_units_finished_at_the_same_moment_are_both_counted(either_app: Flask) -> None:
    with either_app.app_context():
        course_id = transact(lambda connection: add_course(connection, 1))
    start = Barrier(2)

    def finish(au_id: str) -> None:
        def unit(connection: Connection) -> None:
            post(connection, course_id, au_id, status=Status.COMPLETED, completed_at=NOW)
            refresh(connection, course_id)

        with either_app.app_context():
            start.wait()
            transact(unit)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(finish, ["A1", "A2"]))
    with either_app.app_context():
        assert transact(the_row).status == "completed"
