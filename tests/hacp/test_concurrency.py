"""Many clients at once over a real port: nothing is lost, and what was acknowledged is there."""

from __future__ import annotations

import threading
from collections.abc import Callable
from decimal import Decimal
from http.client import HTTPConnection
from urllib.parse import urlencode, urlsplit

from sqlalchemy import Connection

from hacp import store
from hacp.endpoint import attempt_changed
from hacp.model import Status
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


def test_fifty_threads_on_one_session_are_serialised(server: Server, serve):
    url = serve(server.app(), threads=16)
    session_id = server.launch()
    clients = [Client(url, session_id) for _ in range(CLIENTS)]
    server.clock.wait(hours=10)
    told: list[Decimal] = []

    def listener(sender, *, connection, attempt):
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


def test_sessions_of_one_attempt_side_by_side_count_their_time_once_each(server: Server, serve):
    url = serve(server.app(), threads=16)
    clients = [Client(url, server.launch()) for _ in range(10)]
    server.clock.wait(hours=10)

    def work(number: int, client: Client) -> None:
        for post in range(1, POSTS + 1):
            client.send("PutParam", f"[core]\r\ntime=00:{post:02d}:00")

    all_at_once(clients, work)
    assert {server.attempt(client.session_id).seconds for client in clients} == {
        Decimal(10 * POSTS * 60)
    }


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
