"""Two servers and two workers on one PostgreSQL: one run at a time, no course twice, nothing lost.

Each is a process of its own, as in a real installation. One worker is killed in the middle.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
from flask import Flask
from sqlalchemy import Connection, select, update

from catalog.schema import CourseTable
from catalog.supply import connections, deliveries, runs
from catalog.supply.model import (
    Branding,
    DeliveryState,
    DuplicatePolicy,
    Outcome,
    Run,
    RunKind,
    RunState,
)
from catalog.supply.schema import EntryTable, RunTable
from demo.opensesame.app import create_app as create_provider
from demo.opensesame.pretend import Pretend
from launcher import config, tasks, upgrades
from launcher.app import create_app
from launcher.db import db, read, transact
from launcher.people import academies, accounts
from launcher.schema import Role
from tests.conftest import Serve
from tests.deploy.installed import Started, free_port, until

T = TypeVar("T")

LISTED = 150
MORE = 100
ADMIN, PASSWORD = "admin@example.org", "for the tests alone"
# The page of the listing at which the worker that reads it is killed.
FATAL = 4
PATIENCE = 20


@dataclass
class Gate:
    """The provider, behind a gate that can hold one page of its listing."""

    app: Any
    page: int | None = None
    reached: threading.Event = field(default_factory=threading.Event)
    opened: threading.Event = field(default_factory=threading.Event)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        asked = f"page={self.page}" in environ["QUERY_STRING"].split("&")
        if asked and environ["PATH_INFO"] == "/v1/content":
            self.reached.set()
            assert self.opened.wait(PATIENCE)
        return self.app(environ, start_response)


@dataclass
class House:
    """The installation: its processes, and what stands in its database."""

    started: Started
    app: Flask
    environment: dict[str, str]
    provider: str
    pretend: Pretend
    ports: tuple[int, int] = field(default_factory=lambda: (free_port(), free_port()))
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    secret: str = ""
    closing: ExitStack = field(default_factory=ExitStack)

    def open(self) -> None:
        """Make the database, and start two servers and two workers at once."""
        self.on_database(lambda: (upgrades.upgrade(), transact(self._found)))
        for number, port in enumerate(self.ports, 1):
            self._run(f"server {number}", "serve", HACP_PORT=str(port))
        self.workers = [self._run(f"worker {number}", "worker") for number in (1, 2)]
        for port in self.ports:
            until(lambda port=port: _listens(port), what=f"the server on {port}")
        for number in (1, 2):
            until(
                lambda number=number: "Working on" in self.started.said(f"worker {number}"),
                what=f"worker {number}",
            )

    def on_database(self, what: Callable[[], T]) -> T:
        with self.app.app_context():
            try:
                return what()
            finally:
                db.engine.dispose()

    def ask(self, unit: Callable[[Connection], T]) -> T:
        return self.on_database(lambda: read(unit))

    def runs(self) -> list[Run]:
        return self.ask(lambda c: runs.runs(c, 1))

    def push(self, server: int, delivery: str, *numbers: int) -> None:
        growth = self.pretend.grown()
        answer = httpx.post(
            f"http://127.0.0.1:{self.ports[server]}/deliveries/opensesame",
            json={
                "deliveryId": delivery,
                "customerIntegrationId": self.pretend.ciid,
                "courses": [{"id": growth.id_of(number)} for number in numbers],
            },
            headers={"Authorization": f"Bearer {self.secret}"},
        )
        assert answer.status_code == 202, answer.text

    def admin(self, server: int) -> Admin:
        browser = self.closing.enter_context(httpx.Client(trust_env=False, timeout=PATIENCE))
        return Admin(f"http://127.0.0.1:{self.ports[server]}", browser)

    def poll(self) -> None:
        self.on_database(lambda: tasks.of(self.app).sync_soon(1, RunKind.POLL))

    def is_quiet(self) -> bool:
        """Whether nothing waits, nothing runs, and every delivery has come to its end."""

        def unit(connection: Connection) -> bool:
            return not deliveries.is_waiting(connection, 1) and not runs.count_runs(
                connection, 1, states=[RunState.RUNNING]
            )

        queued = self.on_database(lambda: tasks.of(self.app).queue.pending_count())
        scheduled = self.on_database(lambda: tasks.of(self.app).queue.scheduled_count())
        return not queued and not scheduled and self.ask(unit)

    def reader(self) -> subprocess.Popen[bytes]:
        """Return the worker that is connected with the provider, which it reads the listing of."""
        port = int(self.provider.rpartition(":")[2])
        (found,) = [one for one in self.workers if _is_connected(one.pid, port)]
        return found

    def let_claims_run_out(self) -> None:
        """Do to the database what three minutes do."""
        past = datetime.now(UTC) - timedelta(seconds=1)
        expire = (
            update(RunTable)
            .where(RunTable.state == RunState.RUNNING.value)
            .values(claimed_until=past)
        )
        self.on_database(lambda: transact(lambda c: c.execute(expire) and None))

    def _run(self, name: str, command: str, **more: str) -> subprocess.Popen[bytes]:
        main = "from launcher.commands import main; main()"
        environment = {**self.environment, "HACP_CONTENT_PORT": str(free_port()), **more}
        return self.started.start(
            name, sys.executable, "-c", main, command, environment=environment
        )

    def _found(self, connection: Connection) -> None:
        now = datetime.now(UTC)
        academy = academies.add_academy(connection, name="School", slug="school", now=now)
        accounts.add_member(
            connection,
            academy_id=academy.id,
            email=ADMIN,
            name="Admin, Ada",
            role=Role.ADMIN,
            password=PASSWORD,
            now=now,
        )
        connections.activate(connection, academy.id, activated=True, now=now)
        connections.save_settings(
            connection,
            academy.id,
            enabled=True,
            ciid=self.pretend.ciid,
            branding=Branding.DEFAULT,
            client_id="",
            client_secret=None,
            policy=DuplicatePolicy.ASK,
            daily_at=0,
            poll_minutes=60,
            now=now,
        )
        # What the clock asks for comes later: here runs are begun by people and pushes.
        later = now + timedelta(hours=1)
        connections.schedule(connection, academy.id, next_poll_at=later, next_daily_at=later)
        self.secret = connections.new_push_secret(connection, academy.id, now=now)


class Admin:
    """An admin's browser at one of the servers."""

    def __init__(self, url: str, browser: httpx.Client) -> None:
        self._url = url
        self._http = browser
        self._post("/sign-in", "/sign-in", email=ADMIN, password=PASSWORD)

    def sync_now(self) -> None:
        answer = self._post("/a/school/admin/runs/start", "/password")
        assert answer.headers["location"].endswith("/a/school/admin/runs"), answer.text

    def _post(self, path: str, form: str, **values: str) -> httpx.Response:
        page = self._http.get(f"{self._url}{form}").text
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        assert token, page
        return self._http.post(f"{self._url}{path}", data={"csrf_token": token[1], **values})


@pytest.fixture
def gate() -> Gate:
    pretend = Pretend(courses=())
    pretend.grow(LISTED)
    return Gate(create_provider(pretend))


@pytest.fixture
def house(gate: Gate, serve: Serve, postgresql_url: str, tmp_path: Path) -> Iterator[House]:
    pretend = gate.app.extensions["pretend"]
    url = serve(gate, host="localhost", threads=8)
    environment = {
        "HACP_SECRET_KEY": "for tests only, for tests only, for tests only",
        "HACP_INSTANCE": str(tmp_path / "instance"),
        "HACP_DATABASE_URL": postgresql_url,
        "HACP_WORKERS": "0",
        "HACP_ALLOW_LOOPBACK": "yes",
        "HACP_OPENSESAME_API_URL": url,
        "HACP_OPENSESAME_TOKEN_URL": f"{url}/oauth/token",
        "HACP_OPENSESAME_CLIENT_ID": pretend.client.id,
        "HACP_OPENSESAME_CLIENT_SECRET": pretend.client.secret,
    }
    app = create_app(config.load(environment))
    house = House(Started(tmp_path), app, environment, url, pretend)
    try:
        house.open()
        yield house
    finally:
        gate.opened.set()
        house.closing.close()
        house.started.end_all()
        house.on_database(tasks.of(app).close)


@pytest.mark.postgresql
def test_all_at_once_and_one_worker_killed(house: House, gate: Gate) -> None:
    ada, also_ada = house.admin(0), house.admin(1)

    with ThreadPoolExecutor(6) as at_once:
        for begun in [
            at_once.submit(house.push, 0, "D-1", 1, 2, 3),
            at_once.submit(house.push, 1, "D-2", 3, 4, 149),
            at_once.submit(ada.sync_now),
            at_once.submit(also_ada.sync_now),
            at_once.submit(house.poll),
        ]:
            begun.result(PATIENCE)
    until(house.is_quiet, what="the end of all runs")
    assert_each_course_once(house, LISTED)
    assert_one_run_at_a_time(house)

    house.pretend.grow(LISTED + MORE)
    gate.page = FATAL
    house.push(0, "D-3", LISTED, LISTED + MORE - 1)
    assert gate.reached.wait(PATIENCE)
    killed = house.reader()
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait(PATIENCE)
    gate.page = None
    gate.opened.set()
    (lost,) = [one for one in house.runs() if one.state is RunState.RUNNING]
    house.let_claims_run_out()
    also_ada.sync_now()
    until(house.is_quiet, what="the run of the other worker")

    assert_each_course_once(house, LISTED + MORE)
    assert_one_run_at_a_time(house)
    assert next(one for one in house.runs() if one.id == lost.id).state is RunState.BROKEN
    assert_every_delivery_done(house, {"D-1": 3, "D-2": 3, "D-3": 2})


def assert_each_course_once(house: House, count: int) -> None:
    titles = house.ask(lambda c: list(c.execute(select(CourseTable.title)).scalars()))
    assert (len(titles), len(set(titles))) == (count, count)
    new = select(EntryTable.key).where(EntryTable.outcome == Outcome.NEW.value)
    told = Counter(house.ask(lambda c: list(c.execute(new).scalars())))
    assert (len(told), max(told.values())) == (count, 1)


def assert_one_run_at_a_time(house: House) -> None:
    made = sorted(house.runs(), key=lambda one: one.started_at)
    for one, following in pairwise(made):
        assert one.finished_at is not None
        assert one.finished_at <= following.started_at


def assert_every_delivery_done(house: House, expected: dict[str, int]) -> None:
    found = house.ask(lambda c: deliveries.deliveries(c, 1))
    assert {one.state for one in found} == {DeliveryState.DONE}
    courses = house.ask(lambda c: [deliveries.delivered(c, 1, delivery=one.id) for one in found])
    assert sorted(map(len, courses)) == sorted(expected.values())
    assert all(one.course_id is not None for few in courses for one in few)


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def _is_connected(pid: int, port: int) -> bool:
    """Tell whether a process has a connection to a port of this machine, as Linux shows it."""
    inodes = set()
    for name in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]:
            parts = line.split()
            if parts[3] == "01" and int(parts[2].rpartition(":")[2], 16) == port:
                inodes.add(f"socket:[{parts[9]}]")
    return any(str(one.readlink()) in inodes for one in Path(f"/proc/{pid}/fd").iterdir())
