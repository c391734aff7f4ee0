"""Posts that come together are taken in one transaction, each as if it had come alone."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import Connection, select

from hacp.door import Door
from hacp.endpoint import attempt_changed
from hacp.model import Status
from hacp.receiving import Received
from hacp.schema import SessionRow
from tests.hacp.server import ACADEMY, Content, Server, transactor


class Crowd:
    """A door whose first transaction is held up until all others wait for the next."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.units = 0
        self.begun, self.open = threading.Event(), threading.Event()
        self.run = transactor(server.engine)
        self.door = Door(transact=self.transact, glance=self.run, policy=server.policy)
        server.doors.append(self.door)

    def transact(self, unit: Callable[[Connection], object]) -> object:
        self.units += 1
        self.begun.set()
        self.open.wait(30)
        return self.run(unit)

    def answer(self, body: str, academy_id: int = ACADEMY) -> bytes:
        raw = body.encode()
        received = Received(academy_id, raw, b"", "POST", "", "", len(raw))
        return self.door.answer(received, self.server.clock())

    def answers(self, *bodies: str) -> list[bytes]:
        with ThreadPoolExecutor(len(bodies)) as pool:
            told = [pool.submit(self.answer, bodies[0])]
            assert self.begun.wait(30)
            for number, body in enumerate(bodies[1:], start=1):
                told.append(pool.submit(self.answer, body))
                while len(self.door._posts._waiting) < number:
                    threading.Event().wait(0.001)
            self.open.set()
            return [one.result() for one in told]


def put(sid: str, *lines: str, command: str = "PutParam") -> str:
    return f"command={command}&session_id={sid}&aicc_data=[core]\r\n" + "\r\n".join(lines)


def test_a_crowd_is_taken_in_two_transactions(server: Server) -> None:
    sids = [server.launch(learner_id=number) for number in range(1, 7)]
    crowd = Crowd(server)
    told = crowd.answers(*(put(sid, f"lesson_location={sid[:4]}") for sid in sids))
    assert all(one.startswith(b"error=0\r\n") for one in told)
    assert crowd.units == 2
    assert [server.attempt(sid).location for sid in sids] == [sid[:4] for sid in sids]
    assert [len(server.exchanges(sid)) for sid in sids] == [1] * 6


def test_two_posts_of_one_learner_count_one_after_the_other(server: Server) -> None:
    first, other = server.launch(learner_id=1), server.launch(learner_id=2)
    crowd = Crowd(server)
    told = crowd.answers(
        put(other, "lesson_status=i"),
        put(first, "lesson_status=i", "lesson_location=1"),
        put(first, "lesson_status=c", "lesson_location=2"),
        put(first, command="ExitAU"),
    )
    assert all(one.startswith(b"error=0\r\n") for one in told)
    attempt, session = server.conversation(first)
    assert (attempt.status, attempt.location) == (Status.COMPLETED, "2")
    assert session.exited_at is not None
    commands = sorted(one.command for one in server.exchanges(first))
    assert commands == ["ExitAU", "PutParam", "PutParam"]


def test_a_post_that_opens_nothing_takes_no_other_with_it(server: Server) -> None:
    sids = [server.launch(learner_id=number) for number in (1, 2)]
    crowd = Crowd(server)
    told = crowd.answers(put(sids[0]), put("0" * 40), put(sids[1], "lesson_location=x"))
    assert [one[:7] for one in told] == [b"error=0", b"error=3", b"error=0"]
    assert server.attempt(sids[1]).location == "x"


def test_a_post_that_cannot_be_stored_takes_no_other_with_it(server: Server) -> None:
    sids = [server.launch(learner_id=number) for number in (1, 2, 3)]
    crowd = Crowd(server)

    def refuse(_sender: object, *, attempt, **_more: object) -> None:
        if attempt.learner_id == 2:
            raise LookupError("the course cannot be rolled up")

    with attempt_changed.connected_to(refuse), ThreadPoolExecutor(3) as pool:
        told = [pool.submit(crowd.answer, put(sids[0], "lesson_status=i"))]
        assert crowd.begun.wait(30)
        told += [pool.submit(crowd.answer, put(sid, "lesson_status=i")) for sid in sids[1:]]
        while len(crowd.door._posts._waiting) < 2:
            threading.Event().wait(0.001)
        crowd.open.set()
        assert [isinstance(one.exception(), LookupError) for one in told] == [False, True, False]
    statuses = [server.attempt(sid).status for sid in sids]
    assert statuses == [Status.INCOMPLETE, Status.NOT_ATTEMPTED, Status.INCOMPLETE]
    assert [len(server.exchanges(sid)) for sid in sids] == [1, 0, 1]


def test_the_first_word_of_a_session_is_stored_before_it_is_answered(server: Server) -> None:
    session_id = server.launch()
    crowd = Crowd(server)
    crowd.open.set()
    assert crowd.answer(f"command=GetParam&session_id={session_id}").startswith(b"error=0\r\n")
    assert crowd.units == 1
    # Had the course been archived now, on whatever process, the content could go on.
    with server.engine.connect() as connection:
        phases = connection.scalars(select(SessionRow.phase)).all()
    assert phases == ["talking"]


def test_a_question_does_not_wait_for_whoever_writes(server: Server) -> None:
    content = Content(server, server.launch())
    content.put("lesson_status=i")
    crowd = Crowd(server)
    told = crowd.answer(f"command=GetParam&session_id={content.session_id}")
    assert told.startswith(b"error=0\r\n")
    assert crowd.units == 0
    crowd.open.set()
    kept = [one.command for one in server.exchanges(content.session_id)]
    assert kept == ["PutParam", "GetParam"]
