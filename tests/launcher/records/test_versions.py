"""Versions: whoever has begun a course goes on in it as it was, everybody else has it as it is.

On SQLite and on PostgreSQL; where two launches race, on PostgreSQL, since SQLite's writers queue.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from http import HTTPStatus

import pytest
import time_machine
from sqlalchemy import Connection

import launcher.db
from launcher import config, launches
from launcher.launches import LaunchRefused
from launcher.records import versions
from launcher.records.set_by_hand import HandRefused
from launcher.schema import Counts
from tests.launcher.stage import Clock, Stage


@pytest.fixture
def begun(either_stage: Stage) -> Stage:
    """A learner in the middle of a course of two units, the second behind the first."""
    either_stage.course("A1", "A2", prerequisites={"A2": "A1"})
    return either_stage.launch("A1")


def units(stage: Stage) -> list[str]:
    return [unit.unit.system_id for unit in stage.stand().units]


def refusal(stage: Stage, au_id: str) -> LaunchRefused:
    with stage.app.test_request_context(), pytest.raises(LaunchRefused) as refused:
        stage.launch(au_id)
    return refused.value


def test_whoever_has_begun_goes_on_and_finishes_and_everybody_else_gets_the_new_units(
    begun: Stage,
) -> None:
    begun.renew("B1")
    newcomer = begun.another("Newcomer")

    assert (units(begun), units(newcomer)) == (["A1", "A2"], ["B1"])
    assert refusal(begun, "B1").status is HTTPStatus.NOT_FOUND
    assert refusal(newcomer, "A1").status is HTTPStatus.NOT_FOUND
    begun.put("lesson_status=c")
    begun.launch("A2").put("lesson_status=c")
    newcomer.launch("B1").put("lesson_status=i")
    assert (begun.row().status, newcomer.row().status) == ("completed", "incomplete")


def test_a_prerequisite_of_the_old_version_still_locks_and_still_opens(begun: Stage) -> None:
    begun.renew("A1", "A2", "B1", prerequisites={"A2": "B1"})

    assert refusal(begun, "A2").status is HTTPStatus.CONFLICT
    begun.put("lesson_status=c")
    begun.launch("A2")


def test_an_explanation_speaks_of_the_units_that_the_learner_has(begun: Stage) -> None:
    begun.put("lesson_status=c")
    begun.renew("B1")

    assert "“Unit A2”" in begun.explained().finding.sentence
    assert begun.explained("A1").attempt is not None
    hint = begun.hint()
    assert hint is not None
    assert "“Unit A2”" in hint.finding.sentence


def test_what_is_done_stays_done_and_is_still_reviewed(begun: Stage) -> None:
    begun.put("lesson_status=c")
    begun.launch("A2").put("lesson_status=c")
    begun.renew("B1")
    begun.refresh()

    assert begun.row().status == "completed"
    begun.launch("A1")
    assert "lesson_mode=review" in begun.say("GetParam").lower()


def test_an_open_enrolment_is_nothing_begun(either_stage: Stage) -> None:
    either_stage.course("A1")
    either_stage.refresh()
    either_stage.renew("B1")

    assert units(either_stage) == ["B1"]


def test_each_goes_on_in_the_version_of_their_own_beginning(begun: Stage) -> None:
    begun.renew("B1")
    second = begun.another("Second").launch("B1")
    begun.renew("C1")
    third = begun.another("Third")

    assert [units(one) for one in (begun, second, third)] == [["A1", "A2"], ["B1"], ["C1"]]

    def earlier(connection: Connection) -> dict[int, int]:
        found = versions.course_for(
            connection, begun.academy_id, learner_id=third.learner.id, course_id=begun.course_id
        )
        assert found is not None
        assert versions.count_earlier(connection, found) == 2
        asked = [one.learner.id for one in (begun, third)]
        return versions.earlier(connection, found, learner_ids=asked)

    assert begun.read(earlier) == {begun.learner.id: 1}


def test_the_same_units_with_another_text_reach_everybody(begun: Stage) -> None:
    begun.renew("A1", "A2", mastery="70")

    assert begun.stand().stored.version == 1
    assert {str(unit.unit.mastery_score) for unit in begun.stand().units} == {"70"}


def test_a_status_set_by_hand_is_a_beginning_too(either_stage: Stage) -> None:
    either_stage.course("A1", "A2")
    either_stage.set_by_hand("passed", "A1")
    either_stage.renew("B1")

    assert units(either_stage) == ["A1", "A2"]
    either_stage.set_by_hand("passed", "A2")
    assert either_stage.row().status == "passed"
    with either_stage.app.test_request_context(), pytest.raises(HandRefused):
        either_stage.set_by_hand("passed", "B1")


def test_counting_anew_leaves_each_in_their_version(begun: Stage) -> None:
    begun.put("lesson_status=c")
    begun.launch("A2").put("lesson_status=c")
    begun.renew("B1")
    newcomer = begun.another("Newcomer").launch("B1")
    begun.rule(counts=Counts.LAST)

    assert (begun.row().status, newcomer.row().status) == ("completed", "not attempted")


def test_a_course_of_another_academy_is_nobodys(begun: Stage) -> None:
    key = {"learner_id": begun.learner.id, "course_id": begun.course_id}
    assert begun.read(lambda c: versions.course_for(c, begun.academy_id + 1, **key)) is None


@pytest.fixture
def postgresql_stage(settings, postgresql_url: str, make_app, add_people, now) -> Iterator[Stage]:
    app = make_app(replace(settings, database_url=postgresql_url))
    with app.app_context():
        people = launcher.db.transact(add_people)
    with time_machine.travel(now, tick=False) as traveller:
        yield Stage(app, people.learner, Clock(traveller, now))


def launching(stage: Stage, au_id: str) -> Callable[[Connection], str]:
    return lambda connection: (
        launches.launch(
            connection,
            stage.learner,
            course_id=stage.course_id,
            au_id=au_id,
            settings=config.current(),
            now=stage.now(),
        ).session_id
    )


@pytest.mark.postgresql
def test_of_two_first_launches_around_a_change_one_is_asked_to_come_again(
    postgresql_stage: Stage,
) -> None:
    stage = postgresql_stage
    stage.course("A1")
    outcomes: list[object] = []

    def second() -> None:
        try:
            with stage.app.test_request_context():
                launcher.db.transact(launching(stage, "B1"))
        except LaunchRefused as refused:
            outcomes.append(refused.status)

    other = threading.Thread(target=second)

    def first(connection: Connection) -> str:
        session_id = launching(stage, "A1")(connection)
        stage.renew("B1")
        other.start()
        other.join(timeout=0.5)
        assert outcomes == []
        return session_id

    stage.launched.append(stage.transact(first))
    other.join()
    assert outcomes == [HTTPStatus.CONFLICT]
    assert [one.au_id for one in stage.attempts()] == ["A1"]
    assert units(stage) == ["A1"]
