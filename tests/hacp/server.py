"""The endpoint on a real store with a clock that tests move, and nothing of the hall around it.

Serves the tests of this folder: `Server.launch` opens a session, `Server.app` answers it, the rest
reads what is kept. `transactor` is the smallest `transact` that keeps the promise of the real one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import Flask
from sqlalchemy import Connection, Engine, select

from hacp import gates, held, store
from hacp.door import Door, Transact
from hacp.endpoint import create_blueprint
from hacp.model import Attempt, Exchange, LaunchTicket, Policy, Session
from hacp.schema import ExchangeRow

T = TypeVar("T")

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ACADEMY = 1
MASTERY = Decimal(80)


def ticket(**facts: Any) -> LaunchTicket:
    """Return the launch of the golden replies, changed by `facts`."""
    usual: dict[str, Any] = {
        "academy_id": ACADEMY,
        "learner_id": 7,
        "student_id": "k3v9q2",
        "student_name": "Doe, Jane",
        "course_id": 3,
        "aicc_course_id": "SAFETY-101",
        "au_id": "A1",
    }
    return LaunchTicket(**{**usual, **facts})


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def wait(self, **span: float) -> None:
        """Move on by a timedelta's keywords."""
        self.now += timedelta(**span)


def transactor(engine: Engine) -> Transact:
    """Return a `transact` on this engine; on SQLite it begins IMMEDIATE."""

    def transact(unit: Callable[[Connection], T]) -> T:
        with engine.connect() as connection:
            if engine.dialect.name == "sqlite":
                connection = connection.execution_options(sqlite_begin="IMMEDIATE")
            with connection.begin():
                return unit(connection)

    return transact


@dataclass
class Server:
    """One server of academy 1 (and any other that a launch names)."""

    engine: Engine
    clock: Clock = field(default_factory=Clock)
    policy: Policy = field(default_factory=Policy)
    doors: list[Door] = field(default_factory=list)

    def transact(self, unit: Callable[[Connection], T]) -> T:
        """Run a unit of work after all that was answered is stored."""
        self.flush()
        return transactor(self.engine)(unit)

    def flush(self) -> None:
        """Store the questions that were answered, without waiting for it."""
        for door in self.doors:
            door.flush()

    def app(self, transact: Transact | None = None) -> Flask:
        """Return a Flask application with the endpoint alone."""
        door = Door(transact=transact or transactor(self.engine), policy=self.policy)
        self.doors.append(door)
        app = Flask("endpoint_alone")
        app.register_blueprint(create_blueprint(door, clock=self.clock))
        return app

    def launch(self, *, new_attempt: bool = False, **facts: Any) -> str:
        """Open a session as the hall does; return its id."""
        wanted = ticket(**facts)
        return self.transact(
            lambda connection: store.open_session(
                connection, wanted, now=self.clock(), new_attempt=new_attempt
            )
        )

    def conversation(self, session_id: str, academy_id: int = ACADEMY) -> tuple[Attempt, Session]:
        """Return what is recorded behind a session id."""
        found = self.transact(
            lambda connection: store.conversation_for(connection, academy_id, session_id=session_id)
        )
        assert found is not None, "no such session"
        return found

    def attempt(self, session_id: str, academy_id: int = ACADEMY) -> Attempt:
        """Return the attempt behind a session id."""
        return self.conversation(session_id, academy_id)[0]

    def exchanges(self, session_id: str = "", academy_id: int = ACADEMY) -> list[Exchange]:
        """Return the exchanges of a session's attempt; without one, those that opened nothing."""
        attempt_id = self.attempt(session_id, academy_id).id if session_id else store.NO_ATTEMPT
        return self.transact(
            lambda connection: store.exchanges_of(connection, academy_id, attempt_id=attempt_id)
        )

    def records(
        self, read: Callable[..., list[Any]], session_id: str, academy_id: int = ACADEMY
    ) -> list[Any]:
        """Return what a read function of the store finds in a session's attempt."""
        attempt_id = self.attempt(session_id, academy_id).id
        return self.transact(lambda c: read(c, academy_id, attempt_id=attempt_id))

    def sweep(self, *, limit: int = 100, sender: object | None = None) -> int:
        """Close what is over; return how many sessions that were."""
        return self.transact(
            lambda c: store.close_silent(
                c, now=self.clock(), policy=self.policy, limit=limit, sender=sender
            )
        )

    def archive(self, *, course_id: int = 3, academy_id: int = ACADEMY) -> None:
        """Shut the gate of a course, as the hall does when it is archived."""
        self.transact(lambda c: gates.shut(c, academy_id, course_id=course_id))

    def reactivate(
        self, *, course_id: int = 3, academy_id: int = ACADEMY, at_a_time: int = 7
    ) -> int:
        """Credit what is held and open the gate; return how many messages that were."""
        return self.transact(
            lambda c: held.reopen(c, academy_id, course_id=course_id, at_a_time=at_a_time)
        )

    def waiting(self, *, course_id: int = 3, academy_id: int = ACADEMY) -> int:
        """Return how many messages wait before the gate of a course."""
        return self.transact(lambda c: gates.count(c, academy_id, course_id=course_id)).messages

    def all_exchanges(self) -> list[Exchange]:
        """Return every exchange of every academy, in the order in which they were answered."""
        self.flush()
        with self.engine.connect() as connection:
            places = connection.execute(
                select(ExchangeRow.academy_id, ExchangeRow.attempt_id).distinct()
            ).all()
            found = [
                exchange
                for academy_id, attempt_id in places
                for exchange in store.exchanges_of(connection, academy_id, attempt_id=attempt_id)
            ]
        return sorted(found, key=lambda exchange: exchange.id)

    def kept_bytes(self) -> bytes:
        """Return every column of every exchange in one heap, to search for what must not be there.

        Digits of numbers are in it too; a session id is long enough not to appear by chance.
        """
        self.flush()
        with self.engine.connect() as connection:
            rows = connection.execute(select(ExchangeRow.__table__)).all()
        return b"\n".join(
            value if isinstance(value, bytes) else str(value).encode()
            for row in rows
            for value in row
        )


@dataclass
class Content:
    """A well-behaved client of one session: posts forms to the endpoint without a network."""

    server: Server
    session_id: str
    path: str = f"/hacp/{ACADEMY}"

    def __post_init__(self) -> None:
        self.client = self.server.app().test_client(use_cookies=False)

    def send(self, command: str, aicc_data: str | None = None, **more: str) -> bytes:
        """Post one command; return the reply's body."""
        fields = {"command": command, "version": "4.0", "session_id": self.session_id, **more}
        if aicc_data is not None:
            fields["aicc_data"] = aicc_data
        answer = self.client.post(
            self.path, data=urlencode(fields), content_type="application/x-www-form-urlencoded"
        )
        assert answer.status_code == 200
        # Between two messages of content passes more time than a question waits to be stored.
        self.server.flush()
        return answer.data

    def put(self, *core: str, suspend_data: str | None = None) -> bytes:
        """Post a PutParam of `keyword=value` lines and perhaps suspend data."""
        lesson = "" if suspend_data is None else f"[core_lesson]\r\n{suspend_data}"
        return self.send("PutParam", "\r\n".join(["[core]", *core, lesson]))
