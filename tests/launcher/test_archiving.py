"""Archived and reactivated through the hall: gate, catalog and transcript move together.

Content talks to the real endpoint, on SQLite and on PostgreSQL.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from functools import partial

import pytest
from sqlalchemy import Connection

import catalog.archive
import catalog.store
from catalog.model import Archived, ArchiveReason
from hacp import gates, held
from hacp.gates import Count
from launcher import archiving
from launcher.db import db, transact
from tests.launcher.stage import Stage

OK = "error=0\r\n"


@pytest.fixture
def begun(either_stage: Stage) -> Stage:
    """A learner in the middle of a course."""
    either_stage.course(mastery="80")
    either_stage.launch()
    either_stage.say("GetParam")
    either_stage.put("lesson_status=i", "lesson_location=page-1", "time=00:00:01")
    return either_stage.wait(minutes=10)


def archived(stage: Stage) -> Archived | None:
    return stage.read(
        lambda c: catalog.archive.archived(c, stage.academy_id, course_id=stage.course_id)
    )


def waiting(stage: Stage) -> Count:
    return stage.read(lambda c: gates.count(c, stage.academy_id, course_id=stage.course_id))


def test_the_work_of_a_learner_in_the_middle_is_held_and_then_credited(begun: Stage):
    before = begun.row()
    begun.archive(by=42)
    assert archived(begun) == Archived(ArchiveReason.ADMIN, begun.now(), 42)

    assert begun.put("lesson_status=c", "score=90", "time=00:10:00").startswith(OK)
    assert begun.say("ExitAU").startswith(OK)

    assert replace(begun.row(), archived_at=None) == before
    assert waiting(begun) == Count(2, 1)
    begun.wait(days=30)
    assert begun.reactivate() == 2
    after = begun.row()
    assert (after.status, after.percent, after.seconds) == ("passed", 90.0, 600.0)
    assert after.completed_at == begun.attempts()[0].completed_at
    assert archived(begun) is None
    assert waiting(begun) == Count()


def test_whoever_reactivates_credits_in_the_same_transaction(begun: Stage):
    begun.archive()
    begun.put("lesson_status=c", "score=90")

    def sync(connection: Connection) -> None:
        assert catalog.archive.reactivate(
            connection, begun.academy_id, course_id=begun.course_id, by=None, now=begun.now()
        )
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        begun.transact(sync)
    assert (begun.row().status, waiting(begun).messages) == ("incomplete", 1)
    assert archived(begun) is not None
    assert begun.put("lesson_location=page-2").startswith(OK)
    assert waiting(begun).messages == 2

    unit = partial(
        catalog.archive.reactivate,
        academy_id=begun.academy_id,
        course_id=begun.course_id,
        by=None,
        now=begun.now(),
    )
    assert begun.transact(unit)
    assert (begun.row().status, waiting(begun).messages) == ("passed", 0)


def test_most_of_what_is_held_is_credited_before_and_others_get_their_turn(
    begun: Stage, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(archiving, "AT_A_TIME", 2)
    begun.archive()
    for page in range(5):
        begun.put(f"lesson_location=page-{page}")
    turns: list[tuple[str, bool]] = []

    def breathe() -> None:
        # Content goes on, and nobody sees the course open before all is done.
        begun.put(f"lesson_location=late-{len(turns)}") if len(turns) < 2 else None
        turns.append((begun.attempts()[0].location, archived(begun) is not None))

    with begun.app.app_context():
        credited = archiving.reactivate(
            begun.academy_id, course_id=begun.course_id, by=None, now=begun.now(), breathe=breathe
        )
    assert credited == 7
    assert turns == [("page-1", True), ("page-3", True), ("late-0", True)]
    assert begun.attempts()[0].location == "late-1"
    assert begun.put("lesson_location=after").startswith(OK)
    assert begun.attempts()[0].location == "after"


def test_an_archiving_that_fails_leaves_the_gate_open(begun: Stage):
    def fail(connection: Connection) -> None:
        catalog.archive.archive(
            connection,
            begun.academy_id,
            course_id=begun.course_id,
            reason=ArchiveReason.REMOVED,
            by=None,
            now=begun.now(),
        )
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        begun.transact(fail)
    begun.put("lesson_location=page-2")
    assert begun.attempts()[0].location == "page-2"


def test_what_is_not_archived_is_not_reactivated_and_twice_is_once(begun: Stage):
    with begun.app.app_context():
        change = partial(
            archiving.reactivate,
            begun.academy_id,
            course_id=begun.course_id,
            by=None,
            now=begun.now(),
        )
        again = partial(
            archiving.archive, begun.academy_id, course_id=begun.course_id, by=None, now=begun.now()
        )
        assert change() is None
        assert again()
        assert not again()
        assert change() == 0
        assert change() is None


def test_another_academy_reaches_no_course_of_this_one(begun: Stage):
    with begun.app.app_context():
        elsewhere = {"course_id": begun.course_id, "by": None, "now": begun.now()}
        assert not archiving.archive(begun.academy_id + 1, **elsewhere)
        begun.archive()
        assert archiving.reactivate(begun.academy_id + 1, **elsewhere) is None
    assert archived(begun) is not None


def test_two_who_reactivate_at_once_do_it_once(begun: Stage):
    begun.archive()
    begun.put("lesson_status=c", "score=90", "time=00:10:00")
    outcomes: list[int | None] = []
    ready = threading.Barrier(2)

    def press() -> None:
        with begun.app.app_context():
            ready.wait()
            outcomes.append(
                archiving.reactivate(
                    begun.academy_id, course_id=begun.course_id, by=None, now=begun.now()
                )
            )

    threads = [threading.Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(one or 0 for one in outcomes) == 1
    assert (begun.row().status, begun.row().seconds) == ("passed", 600.0)


def test_two_applications_in_one_process_do_not_hear_each_other(
    begun: Stage, settings, make_app, add_people, tmp_path
):
    other = make_app(settings)
    with other.app_context():
        people = transact(add_people)
        assert db.engine is not None
        stage = Stage(other, people.learner, begun.clock)
        stage.course()
        stage.launch()
        stage.say("GetParam")
    assert (stage.academy_id, stage.course_id) == (begun.academy_id, begun.course_id)

    begun.archive()

    stage.put("lesson_location=open")
    assert stage.attempts()[0].location == "open"
    begun.put("lesson_location=held")
    assert begun.attempts()[0].location == "page-1"


def test_a_reactivation_that_stopped_half_way_goes_on_where_it_stood(begun: Stage):
    begun.archive()
    for page in range(3):
        begun.put(f"lesson_location=page-{page}")
    begun.transact(lambda c: held.credit(c, begun.academy_id, course_id=begun.course_id, limit=2))
    assert archived(begun) is not None
    assert begun.reactivate() == 1
    assert begun.attempts()[0].location == "page-2"
