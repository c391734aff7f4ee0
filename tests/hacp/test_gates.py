"""The gates on both databases: made by the first launch, shut and opened, and what waits there."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from hacp import gates
from hacp.errors import CourseHeld
from hacp.gates import Count, Waiting
from hacp.model import Gate
from hacp.schema import GateRow
from tests.hacp.server import ACADEMY, START, Server

COURSE = 3


def gate_rows(server: Server) -> list[tuple[int, int, str]]:
    with server.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(select(GateRow.__table__))]


def waiting(server: Server, session_id: str, *, exchange_id: int, **facts: object) -> Waiting:
    attempt, session = server.conversation(session_id)
    usual: dict[str, object] = {
        "academy_id": attempt.academy_id,
        "course_id": attempt.course_id,
        "learner_id": attempt.learner_id,
        "attempt_id": attempt.id,
        "session_id": session.id,
        "exchange_id": exchange_id,
        "at": START + timedelta(microseconds=exchange_id),
        "command": "PutParam",
        "aicc_data": "[core]\r\nlesson_location=é概😀\t",
        "writer": session.id,
        "exited_at": None,
    }
    one = Waiting(**{**usual, **facts})  # type: ignore[arg-type]
    server.transact(lambda c: gates.add(c, one))
    return one


def test_the_first_launch_makes_the_gate_and_it_is_open(server: Server):
    server.launch()
    server.launch(learner_id=8)
    assert gate_rows(server) == [(ACADEMY, COURSE, "open")]


def test_a_course_that_is_archived_before_its_first_launch_has_a_gate_too(server: Server):
    server.archive()
    assert gate_rows(server) == [(ACADEMY, COURSE, "held")]
    with pytest.raises(CourseHeld):
        server.launch()


def test_nobody_launches_what_is_held_and_nothing_of_the_launch_stays(server: Server):
    server.launch()
    server.archive()
    server.archive()
    with pytest.raises(CourseHeld):
        server.launch(learner_id=8)
    server.reactivate()
    assert server.conversation(server.launch(learner_id=8))[0].number == 1


def test_a_gate_is_of_one_course_of_one_academy(server: Server):
    server.archive()
    server.launch(course_id=4)
    server.launch(academy_id=2)
    assert sorted(gate_rows(server)) == [
        (ACADEMY, COURSE, "held"),
        (ACADEMY, 4, "open"),
        (2, COURSE, "open"),
    ]


def test_a_gate_that_was_never_made_is_open(server: Server):
    assert server.transact(lambda c: gates.lock(c, ACADEMY, course_id=COURSE)) is Gate.OPEN
    server.archive()
    assert server.transact(lambda c: gates.lock(c, ACADEMY, course_id=COURSE)) is Gate.HELD


def test_what_waits_reads_back_equal_and_in_order(server: Server):
    session_id = server.launch()
    last = waiting(server, session_id, exchange_id=9, exited_at=START)
    first = waiting(server, session_id, exchange_id=5, writer=None, command="GetParam")
    attempt = server.attempt(session_id)

    def read(connection):
        return (
            gates.of_course(connection, ACADEMY, course_id=COURSE, limit=9),
            gates.of_course(connection, ACADEMY, course_id=COURSE, limit=1),
            gates.of_attempt(connection, ACADEMY, attempt_id=attempt.id),
        )

    assert server.transact(read) == ([first, last], [first], [first, last])


def test_the_newest_of_an_attempt_and_of_one_session(server: Server):
    older, newer, another = server.launch(), server.launch(), server.launch(learner_id=8)
    own = waiting(server, older, exchange_id=5)
    last = waiting(server, newer, exchange_id=6)
    waiting(server, another, exchange_id=7)

    def newest(session_id: str | None, attempt_of: str = older) -> Waiting | None:
        attempt, _ = server.conversation(attempt_of)
        session = server.conversation(session_id)[1].id if session_id else None
        return server.transact(
            lambda c: gates.newest(c, ACADEMY, attempt_id=attempt.id, session_id=session)
        )

    assert newest(None) == last
    assert newest(older) == own
    assert newest(newer) == last
    assert newest(another) is None
    assert newest(None, attempt_of=server.launch(learner_id=9)) is None


def test_what_is_removed_leaves_what_came_later_and_what_waits_elsewhere(server: Server):
    here, elsewhere = server.launch(), server.launch(course_id=4)
    first, second = (waiting(server, here, exchange_id=number) for number in (5, 7))
    other = waiting(server, elsewhere, exchange_id=6)
    late = waiting(server, here, exchange_id=8)
    server.transact(lambda c: gates.remove(c, [first, second]))

    def left(course_id: int) -> list[Waiting]:
        return server.transact(lambda c: gates.of_course(c, ACADEMY, course_id=course_id, limit=9))

    assert left(COURSE) == [late]
    assert left(4) == [other]


def test_messages_are_counted_with_their_learners(server: Server):
    one, two = server.launch(), server.launch(learner_id=8)
    elsewhere, abroad = server.launch(course_id=4), server.launch(academy_id=2)
    for number, session_id in enumerate((one, one, two, elsewhere)):
        waiting(server, session_id, exchange_id=number + 1)
    assert server.conversation(abroad, 2)

    def counted(connection):
        return (
            gates.count(connection, ACADEMY, course_id=COURSE),
            gates.count(connection, 2, course_id=COURSE),
            gates.counts(connection, ACADEMY, course_id=COURSE, learner_ids=[7, 9]),
            gates.counts(connection, 2, course_id=COURSE, learner_ids=[7]),
        )

    assert server.transact(counted) == (Count(3, 2), Count(), {7: 2}, {})
