"""Archiving, launches, posts and reactivation at one moment: each ends on one side or the other.

Two real connections step through each race, on PostgreSQL and on SQLite, whose writers queue. What
must wait is started while the other transaction stands open, and seen waiting.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import Connection

from hacp import gates, held, store
from hacp.door import Transact
from hacp.errors import CourseHeld
from hacp.ids import new_id
from hacp.model import Exchange, Request
from hacp.rules import converse
from tests.hacp.server import ACADEMY, Content, Server, ticket
from tests.hacp.test_concurrency import Client, all_at_once

COURSE = 3
# Long enough to see that somebody waits; whoever does not wait is not waited for.
GLIMPSE = 0.3


class Other(threading.Thread):
    """Work that goes on at the same time; `outcome` is what it returned or raised."""

    def __init__(self, work: Callable[[], object]) -> None:
        super().__init__()
        self.work = work
        self.outcome: object = None

    def run(self) -> None:
        try:
            self.outcome = self.work()
        except Exception as error:
            self.outcome = error

    def starts_and_waits(self) -> None:
        self.start()
        self.join(timeout=GLIMPSE)
        assert self.is_alive(), self.outcome

    def ends(self) -> object:
        self.join()
        return self.outcome


def launch(connection: Connection, server: Server) -> str:
    return store.open_session(connection, ticket(), now=server.clock())


def shut(connection: Connection) -> None:
    gates.shut(connection, ACADEMY, course_id=COURSE)


def reopen(connection: Connection) -> int:
    return held.reopen(connection, ACADEMY, course_id=COURSE, at_a_time=9)


@pytest.fixture
def begun(server: Server) -> Content:
    """A session whose content has begun, of a course that is open."""
    content = Content(server, server.launch())
    content.put("lesson_location=before", "lesson_status=i")
    return content


def post(server: Server, begun: Content, location: str) -> Other:
    """Return a post that has not started yet, in an application of its own."""
    return Other(lambda: Content(server, begun.session_id).put(f"lesson_location={location}"))


@pytest.mark.parametrize("first", [True, False], ids=["the first launch", "a later launch"])
def test_who_archives_during_a_launch_finds_its_session(server: Server, first: bool):
    if not first:
        server.launch(learner_id=8)
    archiving = Other(lambda: server.archive())

    def launch_meanwhile(connection: Connection) -> str:
        session_id = launch(connection, server)
        archiving.starts_and_waits()
        return session_id

    session_id = server.transact(launch_meanwhile)
    assert archiving.ends() is None
    # It was launched before, and had not begun.
    assert Content(server, session_id).send("GetParam").startswith(b"error=3\r\n")
    assert server.reactivate() == 0
    assert Content(server, session_id).send("GetParam").startswith(b"error=0\r\n")


@pytest.mark.parametrize("first", [True, False], ids=["the first launch", "a later launch"])
def test_who_launches_during_an_archiving_is_refused(server: Server, first: bool):
    if not first:
        server.launch(learner_id=8)
    launching = Other(lambda: server.launch())

    def archive_meanwhile(connection: Connection) -> None:
        shut(connection)
        launching.starts_and_waits()

    server.transact(archive_meanwhile)
    assert isinstance(launching.ends(), CourseHeld)


def test_who_launches_during_an_archiving_that_is_given_up_is_let_in(server: Server):
    launching = Other(lambda: server.launch())

    def archive_and_fail(connection: Connection) -> None:
        shut(connection)
        launching.starts_and_waits()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        server.transact(archive_and_fail)
    assert isinstance(launching.ends(), str)


def test_a_post_that_found_the_gate_open_counts_at_once(server: Server, begun: Content):
    archiving = Other(lambda: server.archive())

    def post_meanwhile(connection: Connection) -> None:
        found = store.conversation_for(connection, ACADEMY, session_id=begun.session_id)
        assert found is not None
        attempt, session = found
        assert not session.held
        # Nobody who archives waits for posts, except in SQLite's queue of writers.
        if server.engine.dialect.name == "postgresql":
            archiving.start()
            assert archiving.ends() is None
        else:
            archiving.starts_and_waits()
        outcome = converse(
            attempt,
            session,
            Request("PutParam", None, aicc_data="[core]\r\nlesson_location=during"),
            now=server.clock(),
            exchange_id=new_id(server.clock()),
            policy=server.policy,
        )
        store.keep(connection, outcome.attempt, outcome.session, suspend_data=False)

    server.transact(post_meanwhile)
    archiving.join()
    assert server.attempt(begun.session_id).location == "during"
    assert server.waiting() == 0
    begun.put("lesson_location=after")
    assert server.attempt(begun.session_id).location == "during"
    assert server.waiting() == 1


def test_a_post_during_an_archiving_counts_at_once_or_is_held(server: Server, begun: Content):
    posting = post(server, begun, "during")

    def archive_meanwhile(connection: Connection) -> None:
        shut(connection)
        if server.engine.dialect.name == "postgresql":
            posting.start()
            assert b"error=0\r\n" in posting.ends()
        else:
            posting.starts_and_waits()

    server.transact(archive_meanwhile)
    assert b"error=0\r\n" in posting.ends()
    at_once = server.engine.dialect.name == "postgresql"
    assert server.attempt(begun.session_id).location == ("during" if at_once else "before")
    assert server.waiting() == (0 if at_once else 1)
    server.reactivate()
    assert server.attempt(begun.session_id).location == "during"


def test_who_reactivates_waits_for_a_post_that_is_being_held(server: Server, begun: Content):
    server.archive()
    reactivating = Other(lambda: server.reactivate())

    def hold_meanwhile(connection: Connection) -> None:
        found = held.conversation_for(connection, ACADEMY, session_id=begun.session_id)
        assert found is not None
        request = Request("PutParam", None, aicc_data="[core]\r\nlesson_location=held")
        number = new_id(server.clock())
        outcome = converse(
            *found, request, now=server.clock(), exchange_id=number, policy=server.policy
        )
        reactivating.starts_and_waits()
        exchange = Exchange(number, server.clock(), "POST", "", "", b"", b"", 0)
        held.hold(connection, outcome, request, exchange=exchange)

    server.transact(hold_meanwhile)
    assert reactivating.ends() == 1
    assert server.attempt(begun.session_id).location == "held"
    assert server.waiting() == 0


def test_a_post_during_a_reactivation_waits_and_then_counts_behind_what_was_held(
    server: Server, begun: Content
):
    server.archive()
    begun.put("lesson_location=held", "lesson_status=c")
    posting = post(server, begun, "during")

    def reopen_meanwhile(connection: Connection) -> None:
        assert reopen(connection) == 1
        posting.starts_and_waits()

    server.transact(reopen_meanwhile)
    assert b"error=0\r\n" in posting.ends()
    assert server.attempt(begun.session_id).location == "during"
    assert server.waiting() == 0


def test_a_post_during_a_reactivation_that_is_given_up_is_held(server: Server, begun: Content):
    server.archive()
    begun.put("lesson_location=held")
    posting = post(server, begun, "during")

    def reopen_and_fail(connection: Connection) -> None:
        assert reopen(connection) == 1
        posting.starts_and_waits()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        server.transact(reopen_and_fail)
    assert b"error=0\r\n" in posting.ends()
    assert server.attempt(begun.session_id).location == "before"
    assert server.reactivate() == 2
    assert server.attempt(begun.session_id).location == "during"


def test_a_post_that_found_the_gate_held_and_comes_to_it_open_counts_at_once(
    server: Server, begun: Content
):
    server.archive()
    begun.put("lesson_location=held")
    calls: list[str] = []

    def transact(unit):
        calls.append("unit")
        if len(calls) == 2:
            assert server.reactivate() == 1
        return server.transact(unit)

    late: Transact = transact
    app = server.app(late)
    body = f"command=PutParam&session_id={begun.session_id}&aicc_data=[core]%0Alesson_location=late"
    answer = app.test_client().post(f"/hacp/{ACADEMY}", data=body)
    assert answer.data.startswith(b"error=0\r\n")
    assert len(calls) == 2
    assert server.attempt(begun.session_id).location == "late"
    assert server.waiting() == 0


def test_two_who_reactivate_at_once_credit_once(server: Server, begun: Content):
    server.archive()
    begun.put("lesson_location=held")
    second = Other(lambda: server.reactivate())

    def first(connection: Connection) -> int:
        credited = reopen(connection)
        second.starts_and_waits()
        return credited

    assert server.transact(first) == 1
    assert second.ends() == 0
    assert len(server.exchanges(begun.session_id)) == 2


def test_whatever_is_acknowledged_while_a_course_comes_and_goes_is_kept_once(server, serve):
    url = serve(server.app(), threads=8)
    clients = [Client(url, server.launch(learner_id=number + 1)) for number in range(8)]
    for client in clients:
        client.send("GetParam")
    busy = threading.Event()
    busy.set()

    def come_and_go() -> None:
        while busy.is_set():
            server.archive()
            server.reactivate(at_a_time=3)

    def work(number: int, client: Client) -> None:
        for turn in range(25):
            client.send("PutComments", f'"comment"\r\n"{number}-{turn}"')

    toggling = Other(come_and_go)
    toggling.start()
    all_at_once(clients, work)
    busy.clear()
    assert toggling.ends() is None
    server.archive()
    server.reactivate()
    for number, client in enumerate(clients):
        assert all(answer.startswith(b"error=0\r\n") for answer in client.answers)
        said = [one.record.text for one in server.records(store.comments_of, client.session_id)]
        assert said == [f"{number}-{turn}" for turn in range(25)]
