"""Installations on PostgreSQL with open sessions, ready to be deployed.

Serves tests/deploy. Everything runs in processes of its own and ends with its test.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import Connection

import hacp.store
from hacp.model import LaunchTicket
from launcher import config, upgrades
from launcher.app import create_app
from launcher.db import db, read, transact
from launcher.people import academies
from tests.deploy.installed import Started

T = TypeVar("T")

SESSIONS = 30


@dataclass(frozen=True)
class Installation:
    """A database with one academy and open sessions; `settings` is what hacp.env says."""

    folder: Path
    settings: dict[str, str]
    session_ids: list[str]

    @property
    def settings_file(self) -> Path:
        return self.folder / "hacp.env"

    def change(self, **settings: str) -> None:
        """Write the settings file anew; running processes do not notice before they reload."""
        self.settings.update(settings)
        lines = "".join(f"{name}={value}\n" for name, value in self.settings.items())
        self.settings_file.write_text(lines)

    def locations(self) -> dict[str, str]:
        """Return the stored bookmark of every session."""

        def unit(connection: Connection) -> dict[str, str]:
            found = {
                one: hacp.store.conversation_for(connection, 1, session_id=one)
                for one in self.session_ids
            }
            return {one: known[0].location if known else "" for one, known in found.items()}

        return self.inside(lambda: read(unit))

    def inside(self, act: Callable[[], T]) -> T:
        """Do something in an application of this installation, straight at the database."""
        app = create_app(config.load({}, self.settings_file))
        with app.app_context():
            try:
                return act()
            finally:
                db.engine.dispose()


@pytest.fixture
def started() -> Iterator[Started]:
    """What is started in it has ended behind the test. Its path is short: sockets ask for that."""
    with tempfile.TemporaryDirectory(prefix="hacp-deploy-") as folder:
        processes = Started(Path(folder))
        yield processes
        processes.end_all()


@pytest.fixture
def installation(started: Started, postgresql_url: str) -> Installation:
    """An installation on PostgreSQL with `SESSIONS` open sessions in academy 1."""
    made = Installation(started.folder, {}, [])
    made.change(
        HACP_SECRET_KEY="for tests only, for tests only, for tests only",
        HACP_INSTANCE=str(started.folder / "instance"),
        HACP_DATABASE_URL=postgresql_url,
        HACP_PUBLIC_URL="https://academy.example.org",
        HACP_CONTENT_URL="https://content.example.org",
        HACP_TRUSTED_PROXIES="1",
        HACP_THREADS="4",
        HACP_LOG_LEVEL="warning",
    )

    def fill() -> None:
        upgrades.upgrade()
        made.session_ids.extend(transact(_open_sessions))

    made.inside(fill)
    return made


def _open_sessions(connection: Connection) -> list[str]:
    now = datetime.now(UTC)
    academy = academies.add_academy(connection, name="Deployed", slug="deployed", now=now)
    tickets = (
        LaunchTicket(academy.id, number, f"s{number}", "Doe, Jane", 1, "C", "A1")
        for number in range(1, SESSIONS + 1)
    )
    return [hacp.store.open_session(connection, ticket, now=now) for ticket in tickets]
