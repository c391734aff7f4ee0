"""A server that is killed at a random moment under load, again and again, and what is left then.

Serves the tests of durability and `make soak`. What content was told is compared with what is
stored; what was in flight may be there or not, but whole.
"""

from __future__ import annotations

import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

from flask import Flask
from sqlalchemy import Connection

import hacp.store
from hacp.model import Attempt, LaunchTicket
from launcher import config, upgrades
from launcher.app import create_app
from launcher.config import Settings
from launcher.db import db, read, transact
from launcher.people import academies

ROOT = Path(__file__).resolve().parents[2]
SESSIONS = 8
# Each post reports this much more time than the one before.
SECONDS_A_PAGE = Decimal("0.5")
# How long the server is under load before it is killed, at the least and at the most.
SHORTEST, LONGEST = 0.02, 0.4
START_SECONDS = 60


@dataclass
class Content:
    """One session's content: it turns page after page, and says each page until it is heard.

    `said` is the page that it says now, and `times` how often it has said each.
    """

    session_id: str
    acknowledged: int = 0
    said: int = 0
    times: Counter[int] = field(default_factory=Counter)

    def body(self) -> bytes:
        """Say the page behind the last one that was acknowledged, in every element at once."""
        page = self.said = self.acknowledged + 1
        self.times[page] += 1
        data = (
            f"[core]\r\nlesson_location={page}\r\nlesson_status=i\r\n"
            f"time={timespan(page * SECONDS_A_PAGE)}\r\n[core_lesson]\r\npage={page}\r\n"
        )
        return (
            f"command=PutParam&version=4.0&session_id={self.session_id}"
            f"&aicc_data={quote_plus(data)}"
        ).encode()

    def talk(self, port: int) -> None:
        """Post on one connection until the server is gone."""
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=START_SECONDS) as wire:
                while True:
                    reply = post(wire, self.body())
                    if not reply.startswith(b"error=0\r\n"):
                        raise AssertionError(f"the server answered {reply!r}")
                    self.acknowledged = self.said
        except OSError:
            return


def timespan(seconds: Decimal) -> str:
    """Write `HHHH:MM:SS.ss`."""
    minutes, rest = divmod(seconds, 60)
    return f"{int(minutes) // 60:04}:{int(minutes) % 60:02}:{rest:05.2f}"


def post(wire: socket.socket, body: bytes) -> bytes:
    """Send one post and return the body of its answer; raises `OSError` where none comes."""
    wire.sendall(
        b"POST /hacp/1 HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\n"
        b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
    )
    reply = b""
    while b"\r\n\r\n" not in reply:
        reply += _more(wire)
    head, _, rest = reply.partition(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    while len(rest) < length:
        rest += _more(wire)
    return rest


def _more(wire: socket.socket) -> bytes:
    piece = wire.recv(65536)
    if not piece:
        raise ConnectionError("the server is gone")
    return piece


@dataclass
class Victim:
    """A server on a database of its own, and the content that talks to it."""

    folder: Path
    database_url: str
    contents: list[Content] = field(default_factory=list)
    attempts: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        with socket.socket() as one, socket.socket() as other:
            for free in (one, other):
                free.bind(("127.0.0.1", 0))
            self.port, content_port = one.getsockname()[1], other.getsockname()[1]
        self.environment = {
            "HACP_SECRET_KEY": "for tests only, for tests only, for tests only",
            "HACP_INSTANCE": str(self.folder),
            "HACP_DATABASE_URL": self.database_url,
            "HACP_PORT": str(self.port),
            "HACP_CONTENT_PORT": str(content_port),
            "HACP_LOG_LEVEL": "error",
        }
        self._on_database(self._open_sessions)
        self._template = subprocess.Popen(
            [sys.executable, "-m", "tests.durability.serving"],
            env={**os.environ, **self.environment},
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    @property
    def settings(self) -> Settings:
        return config.load(self.environment)

    def round(self, dice: random.Random) -> None:
        """Serve, talk to it, and kill it while posts are in flight."""
        victim = int(self._ask("serve"))
        self._await()
        talking = [
            threading.Thread(target=content.talk, args=(self.port,)) for content in self.contents
        ]
        for thread in talking:
            thread.start()
        time.sleep(dice.uniform(SHORTEST, LONGEST))
        os.kill(victim, signal.SIGKILL)
        for thread in talking:
            thread.join()
        assert self._line() == "gone"

    def faults(self) -> list[str]:
        """Compare what was acknowledged with what is stored, session by session."""

        def unit(connection: Connection) -> list[str]:
            return [
                f"session {number}: {fault}"
                for number, (content, attempt_id) in enumerate(
                    zip(self.contents, self.attempts, strict=True)
                )
                for fault in faults_of(connection, content, attempt_id=attempt_id)
            ]

        found = self._on_database(lambda: read(unit))
        assert isinstance(found, list)
        return found

    def close(self) -> None:
        """End the process that starts the servers."""
        if self._template.stdin is not None:
            self._template.stdin.close()
        self._template.wait(START_SECONDS)
        if self._template.stdout is not None:
            self._template.stdout.close()

    def _open_sessions(self) -> None:
        upgrades.upgrade()
        # Launched an hour ago, so that the clock does not cut the times that are reported.
        now = datetime.now(UTC) - timedelta(hours=1)

        def unit(connection: Connection) -> None:
            academy = academies.add_academy(connection, name="Killed", slug="killed", now=now)
            for number in range(1, SESSIONS + 1):
                ticket = LaunchTicket(academy.id, number, f"s{number}", "Doe, Jane", 1, "C", "A1")
                session_id = hacp.store.open_session(connection, ticket, now=now)
                found = hacp.store.conversation_for(connection, academy.id, session_id=session_id)
                assert found is not None
                self.contents.append(Content(session_id))
                self.attempts.append(found[0].id)

        transact(unit)

    def _on_database(self, act: Any) -> Any:
        app: Flask = create_app(self.settings)
        with app.app_context():
            try:
                return act()
            finally:
                db.engine.dispose()

    def _ask(self, word: str) -> str:
        assert self._template.stdin is not None
        self._template.stdin.write(f"{word}\n")
        self._template.stdin.flush()
        return self._line()

    def _line(self) -> str:
        assert self._template.stdout is not None
        return self._template.stdout.readline().strip()

    def _await(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                time.sleep(0.01)
            else:
                return
        raise AssertionError("the server did not start")


def faults_of(connection: Connection, content: Content, *, attempt_id: int) -> list[str]:
    """Say what is not as it must be of one session: lost, half there, or counted twice."""
    attempt = hacp.store.attempt(connection, 1, attempt_id=attempt_id)
    assert attempt is not None
    (session,) = hacp.store.sessions_of(connection, 1, attempt_id=attempt_id)
    stored = int(attempt.location or 0)
    found = []
    if stored not in (content.acknowledged, content.said):
        found.append(f"page {content.acknowledged} was acknowledged, {stored} is stored")
    if not _whole(attempt, page=stored):
        found.append(f"half of a post is stored: {attempt}")
    if not attempt.seconds == session.seconds == stored * SECONDS_A_PAGE:
        found.append(f"{attempt.seconds} s are credited for {stored} pages")
    logged = pages_logged(connection, attempt_id=attempt_id)
    if sorted(set(logged)) != list(range(1, stored + 1)):
        found.append(f"the log has the pages {logged}, stored is {stored}")
    # A post that was stored and not answered is said again; nothing may stand there by itself.
    if any(count > content.times[page] for page, count in Counter(logged).items()):
        found.append(f"a page is logged more often than it was said: {logged}")
    return found


def _whole(attempt: Attempt, *, page: int) -> bool:
    return attempt.suspend_data == (f"page={page}" if page else "")


def pages_logged(connection: Connection, *, attempt_id: int) -> Sequence[int]:
    """Return the pages of an attempt's PutParams in the order in which they were logged."""
    pages: list[int] = []
    after = 0
    while exchanges := hacp.store.exchanges_of(
        connection, 1, attempt_id=attempt_id, after=after, limit=1000
    ):
        after = exchanges[-1].id
        pages += [int(found[1]) for one in exchanges if (found := _PAGE.search(one.request))]
    return pages


_PAGE = re.compile(rb"lesson_location%3D(\d+)")
