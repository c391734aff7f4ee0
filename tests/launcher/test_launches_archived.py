"""An archived course is launched by nobody, on no road, for nothing; a race ends on one side.

On SQLite and on PostgreSQL, where two connections step through the race.
"""

from __future__ import annotations

import threading
from http import HTTPStatus

import pytest
from sqlalchemy import Connection

import catalog.archive
import catalog.store
from catalog.model import ArchiveReason
from hacp.model import Mode
from launcher import archiving, config, launches
from launcher.db import transact
from launcher.launches import LaunchRefused, Student
from tests.launcher.stage import Stage

GLIMPSE = 0.3


@pytest.fixture
def enrolled(either_stage: Stage) -> Stage:
    """A learner who may take a course of one unit and has not yet."""
    either_stage.course(mastery="80")
    return either_stage


def refusal(stage: Stage, **launch: bool) -> LaunchRefused:
    with stage.app.test_request_context(), pytest.raises(LaunchRefused) as refused:
        stage.launch(**launch)
    return refused.value


def test_who_has_not_begun_is_told_that_it_is_archived(enrolled: Stage):
    enrolled.archive()
    refused = refusal(enrolled)
    assert (refused.status, refused.archived) == (HTTPStatus.CONFLICT, True)
    assert refused.reason == (
        "“Safety” was archived on 4 May 2026, 09:30 UTC. Nobody can launch it until it is"
        " reactivated."
    )
    assert enrolled.attempts() == []


@pytest.mark.parametrize("retake", [False, True], ids=["for review", "to take it again"])
def test_who_has_finished_opens_it_no_more(enrolled: Stage, retake: bool):
    enrolled.launch()
    enrolled.put("lesson_status=c", "score=90")
    enrolled.say("ExitAU")
    enrolled.wait(hours=1)
    enrolled.archive()
    assert refusal(enrolled, retake=retake).archived
    assert len(enrolled.attempts()) == 1


def test_who_is_in_the_middle_opens_no_second_window(enrolled: Stage):
    enrolled.launch()
    enrolled.say("GetParam")
    enrolled.archive()
    assert refusal(enrolled).archived


@pytest.mark.parametrize("mode", list(Mode))
def test_whoever_opens_a_unit_without_being_enrolled_is_refused_too(enrolled: Stage, mode: Mode):
    enrolled.archive()

    def unit(connection: Connection) -> None:
        stored = catalog.store.course(connection, enrolled.academy_id, course_id=enrolled.course_id)
        assert stored is not None
        launches.open_unit(
            connection,
            stored,
            stored.course.units[0],
            student=Student(1, "preview", "Preview"),
            mode=mode,
            settings=config.current(),
            now=enrolled.now(),
        )

    with enrolled.app.test_request_context(), pytest.raises(LaunchRefused) as refused:
        transact(unit)
    assert refused.value.archived


@pytest.mark.parametrize("reason", list(ArchiveReason))
def test_the_reason_of_the_archiving_does_not_matter(enrolled: Stage, reason: ArchiveReason):
    enrolled.transact(
        lambda c: catalog.archive.archive(
            c,
            enrolled.academy_id,
            course_id=enrolled.course_id,
            reason=reason,
            by=None,
            now=enrolled.now(),
        )
    )
    assert refusal(enrolled).archived


def test_a_reactivated_course_opens_where_the_learner_was(enrolled: Stage):
    enrolled.launch()
    enrolled.put("lesson_status=i", "lesson_location=page-3")
    enrolled.archive()
    enrolled.put("lesson_location=page-4")
    enrolled.reactivate()
    enrolled.launch()
    assert "lesson_location=page-4\r\n" in enrolled.say("GetParam")


def press(stage: Stage) -> tuple[threading.Thread, list[object]]:
    """Return a thread that presses the learner's button, and what comes of it."""
    outcomes: list[object] = []

    def work() -> None:
        try:
            with stage.app.test_request_context():
                stage.launch()
            outcomes.append("launched")
        except LaunchRefused as refused:
            outcomes.append(refused)

    return threading.Thread(target=work), outcomes


def test_a_launch_that_comes_during_an_archiving_is_refused(enrolled: Stage):
    button, outcomes = press(enrolled)

    def archive_meanwhile(connection: Connection) -> None:
        catalog.archive.archive(
            connection,
            enrolled.academy_id,
            course_id=enrolled.course_id,
            reason=ArchiveReason.REMOVED,
            by=None,
            now=enrolled.now(),
        )
        button.start()
        button.join(timeout=GLIMPSE)
        assert outcomes == []

    enrolled.transact(archive_meanwhile)
    button.join()
    assert [getattr(one, "archived", one) for one in outcomes] == [True]
    assert enrolled.attempts() == []


def test_an_archiving_that_comes_during_a_launch_waits_and_shuts_it_out(enrolled: Stage):
    done: list[bool] = []

    def archive() -> None:
        with enrolled.app.app_context():
            done.append(
                archiving.archive(
                    enrolled.academy_id,
                    course_id=enrolled.course_id,
                    by=None,
                    now=enrolled.now(),
                )
            )

    other = threading.Thread(target=archive)

    def launch_meanwhile(connection: Connection) -> str:
        launched = launches.launch(
            connection,
            enrolled.learner,
            course_id=enrolled.course_id,
            au_id=None,
            settings=config.current(),
            now=enrolled.now(),
        )
        other.start()
        other.join(timeout=GLIMPSE)
        assert done == []
        return launched.session_id

    enrolled.launched.append(enrolled.transact(launch_meanwhile))
    other.join()
    assert done == [True]
    # The window is open, but its content has not begun: it hears that it may not.
    assert enrolled.say("GetParam").startswith("error=3\r\n")
    enrolled.reactivate()
    assert enrolled.say("GetParam").startswith("error=0\r\n")
