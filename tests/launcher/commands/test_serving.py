"""`hacp serve` and `hacp worker`: they run until the signal, and then nothing of them is left."""

from __future__ import annotations

import os
import signal
import socket
import threading
import urllib.request
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import create_engine, text

from hacp.model import LaunchTicket
from hacp.store import open_session

SECONDS = 30
OPEN = text("SELECT count(*) FROM hacp_sessions WHERE phase = 'launched'")


@pytest.fixture
def silent(hacp, tmp_path):
    """Return `silent()`: how many sessions are open; one whose content fell silent is to begin."""
    engine = create_engine(f"sqlite:///{tmp_path / 'instance' / 'hacp.sqlite3'}")
    long_ago = datetime.now(UTC) - timedelta(days=2)
    with engine.begin() as connection:
        ticket = LaunchTicket(1, 7, "k3", "Doe, Jane", 1, "C", "A1")
        open_session(connection, ticket, now=long_ago)

    def count() -> int:
        with engine.connect() as connection:
            return connection.execute(OPEN).scalar_one()

    yield count
    engine.dispose()


def when(condition, then):
    """Do something from another thread as soon as a condition holds."""

    def wait() -> None:
        pause = threading.Event()
        while not condition():
            pause.wait(0.05)
        then()

    threading.Thread(target=wait, name="when", daemon=True).start()


def ctrl_c() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def free_port() -> int:
    with closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def test_a_worker_sweeps_by_itself_and_leaves_no_thread_behind(hacp, silent):
    before = set(threading.enumerate())
    assert silent() == 1
    when(lambda: silent() == 0, ctrl_c)

    said = hacp("worker")

    assert said.status == 0
    assert said.err.startswith("Working on background tasks, 2 at a time. Ctrl-C stops.\n")
    assert "silent_sessions_closed" in said.err
    assert {one for one in threading.enumerate() if one.name != "when"} <= before


def test_the_server_sweeps_beside_its_pages(hacp, silent):
    port = free_port()
    before = set(threading.enumerate())
    when(lambda: silent() == 0, ctrl_c)

    said = hacp("serve", HACP_PORT=str(port), HACP_CONTENT_PORT=str(free_port()))

    assert said.status == 0
    assert f"Serving http://127.0.0.1:{port}," in said.err
    assert {one for one in threading.enumerate() if one.name != "when"} <= before


def test_a_server_may_leave_the_tasks_to_others(hacp, silent):
    port = free_port()

    def answers() -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health") as answer:
                return answer.status == 200
        except OSError:
            return False

    when(answers, ctrl_c)
    said = hacp("serve", HACP_WORKERS="0", HACP_PORT=str(port), HACP_CONTENT_PORT=str(free_port()))

    assert said.status == 0
    assert silent() == 1


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_an_old_database_is_told(environment, command, tmp_path, hacp):
    elsewhere = f"sqlite:///{tmp_path / 'empty.sqlite3'}"

    said = hacp(command, HACP_DATABASE_URL=elsewhere)

    assert said.status == 1
    assert "run 'hacp migrate'" in said.err
