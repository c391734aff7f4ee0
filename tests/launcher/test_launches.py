"""Launches: who may, in which mode, and what the content is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import Connection, func, select

import catalog.store
import hacp.store
from catalog.model import AssignableUnit, Course
from hacp.model import Credit, Mode, Status
from hacp.schema import AttemptRow, SessionRow
from launcher import launches
from launcher.config import Settings
from launcher.launches import Launched, LaunchRefused
from launcher.people import enrolments
from launcher.people.accounts import Member
from launcher.records import transcripts

LESSON = AssignableUnit(
    "A1",
    "Lesson",
    "https://content.example.org/player.html?lang=en#start",
    mastery_score=Decimal(80),
    max_time_allowed="0001:00:00",
    time_limit_action="exit,message",
    core_vendor="theme=dark",
    web_launch="CMI=HACP&content=/7",
)
QUIZ = AssignableUnit("A2", "Quiz", "quiz/index.html")


@dataclass(frozen=True)
class Desk:
    """A learner, two courses that she is enrolled in, and a button to press."""

    connection: Connection
    learner: Member
    one_unit: int
    two_units: int
    press: Callable[..., Launched]


@pytest.fixture
def desk(connection: Connection, settings: Settings, add_people, now: datetime, app) -> Desk:
    people = add_people(connection)

    def course(aicc_id: str, *units: AssignableUnit) -> int:
        course_id = catalog.store.add_course(
            connection,
            people.academy_id,
            course=Course(
                aicc_id, f"Course {aicc_id}", units, tuple(unit.system_id for unit in units)
            ),
            source="test.zip",
            fingerprint=aicc_id,
            content_key="abcdef",
            folder="course files",
            now=now,
        )
        enrolments.enrol(
            connection,
            academy_id=people.academy_id,
            learner_id=people.learner.id,
            course_id=course_id,
            now=now,
        )
        return course_id

    def press(course_id: int, au_id: str | None = None, *, member: Member = people.learner):
        with app.test_request_context():
            return launches.launch(
                connection, member, course_id=course_id, au_id=au_id, settings=settings, now=now
            )

    return Desk(
        connection, people.learner, course("ONE", LESSON), course("TWO", LESSON, QUIZ), press
    )


def set_status(desk: Desk, status: Status) -> None:
    (attempt,) = hacp.store.attempts_in_course(
        desk.connection,
        desk.learner.academy_id,
        learner_id=desk.learner.id,
        course_id=desk.one_unit,
    )
    (session,) = hacp.store.sessions_of(
        desk.connection, desk.learner.academy_id, attempt_id=attempt.id
    )
    hacp.store.keep(desk.connection, replace(attempt, status=status), session, suspend_data=False)


def opened(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(SessionRow)).scalar_one()


@pytest.mark.conforms(
    "Launch",
    "CMI001 v4, section 6",
    "AICC_URL is `/hacp/ACADEMY` on the public address, and AICC_SID opens the session that the "
    "launch made.",
    grade="B",
)
def test_the_address_carries_session_and_return_address(desk: Desk, settings: Settings) -> None:
    launched = desk.press(desk.one_unit)
    parts = urlsplit(launched.url)
    assert launched.url.startswith("https://content.example.org/player.html?lang=en&CMI=HACP&")
    assert parts.fragment == "start"
    query = parse_qs(parts.query)
    assert query["AICC_SID"] == [launched.session_id]
    assert query["AICC_URL"] == [f"{settings.public_url}/hacp/{desk.learner.academy_id}"]


def test_stored_content_is_launched_on_the_content_origin(desk: Desk, settings: Settings) -> None:
    launched = desk.press(desk.two_units, "A2")
    address = f"{settings.content_url}/abcdef/course%20files/quiz/index.html?AICC_SID="
    assert launched.url.startswith(address)


@pytest.mark.conforms(
    "Launch",
    "CMI001 v4, section 6",
    "What the course files say of a unit (vendor data, mastery, limits) goes with the launch and "
    "cannot change under it.",
    grade="B",
)
def test_the_ticket_holds_what_the_course_says(desk: Desk) -> None:
    launched = desk.press(desk.one_unit)
    found = hacp.store.conversation_for(
        desk.connection, desk.learner.academy_id, session_id=launched.session_id
    )
    assert found is not None
    ticket = found[1].ticket
    assert (ticket.student_id, ticket.student_name) == (desk.learner.student_id, "Doe, Jane")
    assert (ticket.aicc_course_id, ticket.au_id) == ("ONE", "A1")
    assert (ticket.mode, ticket.credit, ticket.mastery_score) == ("normal", "credit", Decimal(80))
    assert (ticket.max_time_allowed, ticket.time_limit_action) == ("0001:00:00", "exit,message")
    assert ticket.vendor_data == "theme=dark"


@pytest.mark.parametrize("status", [Status.INCOMPLETE, Status.FAILED])
def test_an_unfinished_unit_opens_again_to_work(desk: Desk, status: Status) -> None:
    desk.press(desk.one_unit)
    set_status(desk, status)
    assert desk.press(desk.one_unit).mode is Mode.NORMAL


@pytest.mark.conforms(
    "Attempts",
    "CMI001 v4, section 6",
    "A unit that is passed or completed opens in review, without credit.",
    grade="B",
)
@pytest.mark.parametrize("status", [Status.COMPLETED, Status.PASSED])
def test_a_finished_unit_opens_to_look_back_without_credit(desk: Desk, status: Status) -> None:
    desk.press(desk.one_unit)
    set_status(desk, status)
    launched = desk.press(desk.one_unit)
    found = hacp.store.conversation_for(
        desk.connection, desk.learner.academy_id, session_id=launched.session_id
    )
    assert launched.mode is Mode.REVIEW
    assert found is not None
    assert found[1].ticket.credit is Credit.NO_CREDIT


@pytest.mark.conforms(
    "Attempts",
    "CMI001 v4, section 6",
    "A later launch continues the attempt, under a session id of its own.",
    grade="B",
)
def test_a_second_launch_continues_the_attempt_with_an_id_of_its_own(desk: Desk) -> None:
    first, second = desk.press(desk.one_unit), desk.press(desk.one_unit)
    assert first.session_id != second.session_id
    assert opened(desk.connection) == 2
    attempts = desk.connection.execute(select(func.count()).select_from(AttemptRow)).scalar_one()
    assert attempts == 1


def test_a_launch_stands_in_the_transcript_at_once(desk: Desk, now: datetime) -> None:
    desk.press(desk.one_unit)
    (row,) = transcripts.rows(
        desk.connection,
        desk.learner.academy_id,
        learner_id=desk.learner.id,
        course_id=desk.one_unit,
    )
    assert (row.status, row.attempts, row.first_at) == ("not attempted", 1, now)


def test_a_stranger_to_the_course_is_refused_and_nothing_opens(desk: Desk, now: datetime) -> None:
    enrolments.withdraw(
        desk.connection,
        academy_id=desk.learner.academy_id,
        learner_id=desk.learner.id,
        course_id=desk.one_unit,
    )
    with pytest.raises(LaunchRefused, match="Doe, Jane is not enrolled in “Course ONE”") as refused:
        desk.press(desk.one_unit)
    assert refused.value.status == HTTPStatus.FORBIDDEN
    assert opened(desk.connection) == 0


@pytest.mark.parametrize(
    ("course", "au_id", "status", "says"),
    [
        ("two_units", None, HTTPStatus.CONFLICT, "several units; say which one: A1, A2"),
        ("two_units", "A9", HTTPStatus.NOT_FOUND, "no unit “A9”. It has: A1, A2"),
        ("one_unit", "a1", HTTPStatus.NOT_FOUND, "no unit “a1”. It has: A1"),
    ],
)
def test_a_unit_that_is_not_there_is_named_with_those_that_are(
    desk: Desk, course: str, au_id: str | None, status: HTTPStatus, says: str
) -> None:
    with pytest.raises(LaunchRefused, match=says) as refused:
        desk.press(getattr(desk, course), au_id)
    assert refused.value.status == status
    assert opened(desk.connection) == 0


def test_a_course_of_another_academy_is_not_there(desk: Desk, add_people, now: datetime) -> None:
    foreigner = replace(desk.learner, academy_id=desk.learner.academy_id + 1)
    with pytest.raises(LaunchRefused, match="no such course") as refused:
        desk.press(desk.one_unit, member=foreigner)
    assert refused.value.status == HTTPStatus.NOT_FOUND


@pytest.mark.conforms(
    "Launch",
    "Questionmark, Interskill, Percipio",
    "A server may call before the learner's browser does: the session is open from the launch on.",
    grade="B",
)
def test_the_session_is_open_from_the_launch_on(desk: Desk, now: datetime) -> None:
    launched = desk.press(desk.one_unit)
    found = hacp.store.conversation_for(
        desk.connection, desk.learner.academy_id, session_id=launched.session_id
    )
    assert found is not None
    assert found[1].opened_at - now == timedelta(0)
