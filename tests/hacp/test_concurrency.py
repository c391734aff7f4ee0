"""Many clients at once over a real port: nothing is lost, and what was acknowledged is there."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import partial
from http.client import HTTPConnection
from urllib.parse import urlencode, urlsplit

import pytest
from sqlalchemy import Connection

from hacp import store
from hacp.endpoint import attempt_changed
from hacp.model import Phase, Status
from tests.hacp.server import ACADEMY, Server, ticket

CLIENTS = 50
POSTS = 4


class Client:
    """One client on a connection of its own."""

    def __init__(self, url: str, session_id: str) -> None:
        self.connection = HTTPConnection(urlsplit(url).netloc, timeout=60)
        self.session_id = session_id
        self.answers: list[bytes] = []

    def send(self, command: str, aicc_data: str = "") -> bytes:
        form = {"command": command, "session_id": self.session_id, "aicc_data": aicc_data}
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        self.connection.request("POST", f"/hacp/{ACADEMY}", urlencode(form), headers)
        self.answers.append(self.connection.getresponse().read())
        return self.answers[-1]


def all_at_once(clients: list[Client], work: Callable[[int, Client], None]) -> None:
    """Let every client work in a thread of its own, all from the same moment on."""
    ready = threading.Barrier(len(clients))

    def run(number: int, client: Client) -> None:
        ready.wait()
        work(number, client)
        client.connection.close()

    threads = [
        threading.Thread(target=run, args=(number, client)) for number, client in enumerate(clients)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_fifty_clients_each_read_back_their_last_acknowledged_value(server: Server, serve):
    url = serve(server.app(), threads=16)
    clients = [Client(url, server.launch(learner_id=number + 1)) for number in range(CLIENTS)]
    server.clock.wait(hours=1)

    def work(number: int, client: Client) -> None:
        for post in range(POSTS):
            core = f"[core]\r\nlesson_location={number}-{post}\r\nlesson_status=i"
            client.send("PutParam", f"{core}\r\n[core_lesson]\r\n{number}:{post}")
        client.send("GetParam")

    all_at_once(clients, work)
    for number, client in enumerate(clients):
        assert all(answer.startswith(b"error=0\r\n") for answer in client.answers)
        assert len(client.answers) == POSTS + 1
        assert f"lesson_location={number}-{POSTS - 1}\r\n".encode() in client.answers[-1]
        attempt = server.attempt(client.session_id)
        assert attempt.location == f"{number}-{POSTS - 1}"
        assert attempt.suspend_data == f"{number}:{POSTS - 1}"
        assert len(server.exchanges(client.session_id)) == POSTS + 1


@pytest.mark.conforms(
    "Sessions",
    "Rustici (queued posts), Saba",
    "Posts that arrive at the same instant are taken one after the other; none is lost.",
    grade="B",
)
def test_fifty_threads_on_one_session_are_serialised(server: Server, serve):
    url = serve(server.app(), threads=16)
    session_id = server.launch()
    clients = [Client(url, session_id) for _ in range(CLIENTS)]
    server.clock.wait(hours=10)
    told: list[Decimal] = []

    def listener(sender, *, connection, attempt, **more):
        told.append(attempt.seconds)

    def work(number: int, client: Client) -> None:
        status = "completed" if number == 7 else "incomplete"
        core = f"lesson_location={number}\r\nlesson_status={status}\r\ntime=00:{number:02d}:00"
        client.send("PutParam", f"[core]\r\n{core}\r\n[core_lesson]\r\nstate {number}")

    with attempt_changed.connected_to(listener):
        all_at_once(clients, work)
    assert {answer for client in clients for answer in client.answers} == {
        b"error=0\r\nerror_text=Successful\r\nversion=4.0\r\n"
    }
    attempt, session = server.conversation(session_id)
    # All parts come from the same post, whichever was the last.
    last = int(attempt.location)
    assert attempt.suspend_data == f"state {last}"
    assert attempt.seconds == session.seconds == Decimal(last * 60)
    # A status that is lower than another never won, in whatever order they came.
    assert attempt.status is Status.COMPLETED
    exchanges = server.exchanges(session_id)
    assert len(exchanges) == CLIENTS
    assert attempt.suspend_from in {exchange.id for exchange in exchanges}
    assert told


@pytest.mark.conforms(
    "Time",
    "CMI001 v4, section 6",
    "Sessions side by side count what was acknowledged, once each.",
    grade="D",
)
def test_sessions_of_one_attempt_side_by_side_count_what_was_acknowledged_once(server, serve):
    url = serve(server.app(), threads=16)
    clients = [Client(url, server.launch()) for _ in range(10)]
    server.clock.wait(hours=10)

    def work(number: int, client: Client) -> None:
        for post in range(1, POSTS + 1):
            client.send("PutParam", f"[core]\r\nlesson_location={number}\r\ntime=00:{post:02d}:00")

    all_at_once(clients, work)
    acknowledged = []
    for client in clients:
        heard = [answer.startswith(b"error=0\r\n") for answer in client.answers]
        # Once a newer one has written, nothing of an older one counts any more.
        assert heard == sorted(heard, reverse=True)
        acknowledged.append(sum(heard))
    attempt, newest = server.conversation(clients[-1].session_id)
    assert acknowledged[-1] == POSTS
    assert (attempt.writer, attempt.location) == (newest.id, str(len(clients) - 1))
    assert attempt.seconds == Decimal(60 * sum(acknowledged))
    refused = [one for one in server.exchanges(clients[0].session_id) if one.error == 3]
    assert len(refused) == len(clients) * POSTS - sum(acknowledged)


def test_a_first_launch_that_waits_for_another_takes_its_attempt(server: Server):
    launched: list[str] = []
    other = threading.Thread(target=lambda: launched.append(server.launch()))

    def launch_while_another_waits(connection: Connection) -> str:
        session_id = store.open_session(connection, ticket(), now=server.clock())
        other.start()
        # We commit when it stands before our uncommitted row, or before SQLite's lock.
        other.join(timeout=0.5)
        assert not launched
        return session_id

    session_id = server.transact(launch_while_another_waits)
    other.join()
    assert launched != [session_id]
    assert server.attempt(launched[0]) == server.attempt(session_id)


def test_sweeps_side_by_side_close_each_session_once(server: Server):
    for number in range(12):
        server.launch(learner_id=number)
    server.clock.wait(days=2)
    closed: list[int] = []
    told: list[int] = []
    ready = threading.Barrier(4)

    def listener(sender, *, connection, attempt, **more):
        told.append(attempt.id)

    def sweep() -> None:
        ready.wait()
        closed.extend(server.sweep(limit=5) for _ in range(4))

    threads = [threading.Thread(target=sweep) for _ in range(4)]
    with attempt_changed.connected_to(listener):
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        # Two that looked at once may have claimed the same ones; the next run takes what is left.
        closed.append(server.sweep())
    assert sum(closed) == len(told) == len(set(told)) == 12


def test_a_sweep_that_waits_for_a_post_leaves_its_session_alone(server: Server):
    session_id = server.launch()
    server.clock.wait(hours=24)
    later = server.clock() + timedelta(seconds=1)
    closed: list[int] = []

    def close() -> None:
        unit = partial(store.close_silent, now=later, policy=server.policy, limit=9)
        closed.append(server.transact(unit))

    sweep = threading.Thread(target=close)

    def post_while_the_sweep_waits(connection: Connection) -> None:
        found = store.conversation_for(connection, ACADEMY, session_id=session_id)
        assert found is not None
        attempt, session = found
        heard = replace(session, last_at=server.clock())
        store.keep(connection, attempt, heard, suspend_data=False)
        sweep.start()
        sweep.join(timeout=0.5)
        assert not closed

    server.transact(post_while_the_sweep_waits)
    sweep.join()
    assert closed == [0]
    assert server.conversation(session_id)[1].phase is Phase.LAUNCHED


def test_two_retakes_at_once_are_one_attempt(server: Server):
    server.launch()
    launched: list[str] = []
    other = threading.Thread(target=lambda: launched.append(server.launch(new_attempt=True)))

    def retake_while_another_waits(connection: Connection) -> str:
        now = server.clock()
        session_id = store.open_session(connection, ticket(), now=now, new_attempt=True)
        other.start()
        other.join(timeout=0.5)
        assert not launched
        return session_id

    session_id = server.transact(retake_while_another_waits)
    other.join()
    numbers = {server.attempt(one).number for one in (session_id, *launched)}
    # SQLite's queue is before the look at the newest attempt, PostgreSQL's behind it.
    assert numbers == ({2, 3} if server.engine.dialect.name == "sqlite" else {2})
