"""Rows of progress counted anew, a few at a time, wherever it was interrupted."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import Connection, select

import catalog.store
import hacp.store
from catalog.model import AssignableUnit, Course
from hacp.model import LaunchTicket, Status
from launcher.db import read, transact
from launcher.people import academies
from launcher.records import course_rules, progress, recounts
from launcher.records.course_rules import CourseRules
from launcher.schema import Counts, Progress

NOW = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
UNIT = AssignableUnit("A1", "Unit", "https://content.example.org/")
LEARNERS = range(1, 8)


@pytest.fixture
def course(either_app: Flask, monkeypatch) -> int:
    """A course in which every learner passed and then failed; three rows a transaction."""
    monkeypatch.setattr(recounts, "AT_A_TIME", 3)

    def unit(connection: Connection) -> int:
        course_id = catalog.store.add_course(
            connection,
            1,
            course=Course("C", "Course", (UNIT,), ("A1",)),
            source="",
            fingerprint="f",
            content_key=None,
            folder="",
            now=NOW,
        )
        for learner in LEARNERS:
            for status in (Status.PASSED, Status.FAILED):
                attempt(connection, course_id, learner, status)
            progress.refresh(connection, academy_id=1, learner_id=learner, course_id=course_id)
        return course_id

    with either_app.app_context():
        yield transact(unit)


def attempt(connection: Connection, course_id: int, learner: int, status: Status) -> None:
    ticket = LaunchTicket(1, learner, "k3", "Doe, Jane", course_id, "C", "A1")
    session_id = hacp.store.open_session(connection, ticket, now=NOW, new_attempt=True)
    found = hacp.store.conversation_for(connection, 1, session_id=session_id)
    assert found is not None
    hacp.store.keep(connection, replace(found[0], status=status), found[1], suspend_data=False)


def decide(course_id: int, counts: Counts) -> None:
    transact(
        lambda connection: course_rules.change_rules(
            connection, 1, course_id=course_id, rules=CourseRules(counts=counts)
        )
    )


def statuses() -> list[str]:
    query = select(Progress.status).order_by(Progress.learner_id)
    return read(lambda connection: list(connection.scalars(query)))


def left(course_id: int) -> int:
    return read(lambda connection: recounts.left(connection, 1, course_id=course_id))


def no_pause() -> None:
    return None


def test_every_row_follows_the_decision_there_and_back(course):
    assert statuses() == ["passed"] * 7

    decide(course, Counts.LAST)
    assert recounts.recount(1, course_id=course, breathe=no_pause)
    assert statuses() == ["failed"] * 7

    decide(course, Counts.FIRST)
    assert recounts.recount(1, course_id=course, breathe=no_pause)
    assert statuses() == ["passed"] * 7
    assert left(course) == 0


def test_no_more_is_counted_than_was_asked_for_and_the_sweep_finishes_it(course):
    decide(course, Counts.LAST)

    assert not recounts.recount(1, course_id=course, most=4, breathe=no_pause)
    assert statuses() == ["failed"] * 6 + ["passed"]
    assert left(course) == 1

    assert recounts.recount_all() == 1
    assert statuses() == ["failed"] * 7
    assert recounts.recount_all() == 0


def test_a_decision_that_is_changed_on_the_way_begins_again(course):
    decide(course, Counts.LAST)
    recounts.recount(1, course_id=course, most=3, breathe=no_pause)

    decide(course, Counts.BEST)
    assert left(course) == 7
    recounts.recount(1, course_id=course, breathe=no_pause)

    assert statuses() == ["passed"] * 7


def test_whoever_wants_to_write_gets_in_between(course, either_app):
    """The pause stands outside of any transaction: another thread writes during each of them."""
    decide(course, Counts.LAST)
    written = []

    def write() -> None:
        def unit(connection: Connection) -> None:
            academies.add_academy(connection, name=f"School {len(written)}", now=NOW)

        with either_app.app_context():
            transact(unit)
        written.append(len(written))

    with ThreadPoolExecutor(1) as pool:
        recounts.recount(1, course_id=course, breathe=lambda: pool.submit(write).result(30))

    assert len(written) == 2


def test_two_that_count_at_once_share_the_work(course, either_app):
    decide(course, Counts.LAST)
    start = Barrier(2)

    def count() -> bool:
        with either_app.app_context():
            start.wait()
            return recounts.recount(1, course_id=course, breathe=no_pause)

    with ThreadPoolExecutor(2) as pool:
        assert all(future.result() for future in [pool.submit(count), pool.submit(count)])
    assert statuses() == ["failed"] * 7


def test_a_course_that_is_gone_leaves_its_rows_and_is_done(either_app):
    with either_app.app_context():
        decide(99, Counts.LAST)
        assert recounts.recount(1, course_id=99)
        assert recounts.recount_all() == 0
