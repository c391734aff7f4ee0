"""The ground of the hall's tests: an application on a database with its tables, and people in it.

Serves the tests beside it and below. The tables are made from the models; that the migrations make
the same ones is a test of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Connection, Engine

import catalog.schema
import catalog.store
import hacp.schema
import launcher.db
import launcher.schema
from catalog.intake import accept
from catalog.shelf import Shelf
from launcher import config
from launcher.app import create_app
from launcher.config import Settings
from launcher.people import academies, accounts, enrolments, passwords
from launcher.people.accounts import Member
from launcher.schema import Role
from tests.launcher.stage import Clock, Stage

NOW = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
PASSWORD = "correct horse"
BASES = (launcher.schema.Base, hacp.schema.Base, catalog.schema.Base)


def make_tables(engine: Engine) -> None:
    for base in BASES:
        base.metadata.create_all(engine)


@pytest.fixture(scope="session", autouse=True)
def hashed_once() -> Iterator[None]:
    """Hash and check each password once in a run: argon2 is slow on purpose, and half of a test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "hash_chosen", cache(passwords.hash_chosen))
        patch.setattr(passwords, "matches", cache(passwords.matches))
        yield


class CompiledOnce(BytecodeCache):
    """The templates as they were compiled for the first application of a run."""

    def __init__(self) -> None:
        self._compiled: dict[tuple[str, str], bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill the bucket where this template, as it reads now, was compiled before."""
        found = self._compiled.get((bucket.key, bucket.checksum))
        if found is not None:
            bucket.bytecode_from_string(found)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        self._compiled[bucket.key, bucket.checksum] = bucket.bytecode_to_string()


@pytest.fixture(scope="session")
def compiled_once() -> CompiledOnce:
    """Templates are compiled once in a run, not once in each application."""
    return CompiledOnce()


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of an installation that nobody else uses; the test client's host is `localhost`."""
    return config.load(
        {
            "HACP_SECRET_KEY": "for tests only, for tests only, for tests only",
            "HACP_INSTANCE": str(tmp_path / "instance"),
            "HACP_PUBLIC_URL": "http://localhost",
            "HACP_CONTENT_URL": "http://127.0.0.1:8081",
            "HACP_THREADS": "4",
        }
    )


@pytest.fixture
def make_app(compiled_once: CompiledOnce) -> Iterator[Callable[[Settings], Flask]]:
    """Return `make_app(settings)`: an application whose database has its tables."""
    apps: list[Flask] = []

    def _make(settings: Settings) -> Flask:
        app = create_app(settings)
        app.jinja_env.bytecode_cache = compiled_once
        apps.append(app)
        with app.app_context():
            make_tables(launcher.db.db.engine)
        return app

    yield _make
    for app in apps:
        app.extensions["content_door"].flush()
        with app.app_context():
            launcher.db.db.engine.dispose()


@pytest.fixture
def app(settings: Settings, make_app: Callable[[Settings], Flask]) -> Flask:
    """An application on SQLite."""
    return make_app(settings)


@pytest.fixture
def either_app(
    settings: Settings, database_url: str, make_app: Callable[[Settings], Flask]
) -> Flask:
    """An application on SQLite, and on PostgreSQL."""
    return make_app(replace(settings, database_url=database_url))


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    """A transaction on a database that has its tables, on SQLite and on PostgreSQL."""
    make_tables(engine)
    with engine.begin() as connection:
        yield connection


@dataclass(frozen=True)
class People:
    """Two academies: one with an admin and a learner, one with an admin of its own."""

    academy_id: int
    other_academy_id: int
    admin: Member
    learner: Member
    other_admin: Member


@pytest.fixture
def people(app: Flask) -> People:
    """People in `app`; all of them have the password `PASSWORD`."""
    with app.app_context():
        return launcher.db.transact(_add_people)


@pytest.fixture
def add_people() -> Callable[[Connection], People]:
    """The unit of work that adds the people of `people`."""
    return _add_people


def _add_people(connection: Connection) -> People:
    school = academies.add_academy(connection, name="Night School", slug="night", now=NOW)
    other = academies.add_academy(connection, name="Other School", slug="other", now=NOW)

    def add(academy_id: int, email: str, name: str, role: Role) -> Member:
        member, _made = accounts.add_member(
            connection,
            academy_id=academy_id,
            email=email,
            name=name,
            role=role,
            password=PASSWORD,
            now=NOW,
        )
        return member

    return People(
        school.id,
        other.id,
        add(school.id, "admin@example.org", "Admin, Ada", Role.ADMIN),
        add(school.id, "learner@example.org", "Doe, Jane", Role.LEARNER),
        add(other.id, "other@example.org", "Other, Otto", Role.ADMIN),
    )


def token_of(page: str) -> str:
    """Return the CSRF token of a page's form."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found, "the page has no form"
    return found.group(1)


class Visitor:
    """A browser without a screen: signs in and posts forms with their token."""

    def __init__(self, app: Flask) -> None:
        self.client: FlaskClient = app.test_client()

    def sign_in(self, email: str, password: str = PASSWORD, *, path: str = "/sign-in"):
        form = {"email": email, "password": password, "csrf_token": self.token()}
        return self.client.post(path, data=form)

    def token(self, path: str = "/sign-in") -> str:
        return token_of(self.client.get(path, follow_redirects=True).text)

    def post(self, path: str, *, page: str = "/password", **form: object):
        return self.client.post(path, data={"csrf_token": self.token(page), **form})


@pytest.fixture
def visitor(app: Flask) -> Callable[[], Visitor]:
    """Return `visitor()`: one more browser at `app`."""
    return lambda: Visitor(app)


@pytest.fixture
def visitor_at() -> Callable[[Flask], Visitor]:
    """Return `visitor_at(app)`: one more browser at some application."""
    return Visitor


@pytest.fixture
def add_course(
    app: Flask, settings: Settings, tmp_path: Path, now: datetime
) -> Callable[[int, int], tuple[int, str]]:
    """Return `add_course(academy_id, learner_id) -> (course id, content key)`: C1 with unit A1."""

    def _add(academy_id: int, learner_id: int) -> tuple[int, str]:
        folder = tmp_path / "package"
        folder.mkdir()
        for name, text in {
            "c.crs": "[Course]\r\nCourse_ID=C1\r\nCourse_Title=C1\r\nTotal_AUs=1\r\n",
            "c.au": 'system_id,file_name\r\n"A1","start.html"\r\n',
            "c.des": 'system_id,title\r\n"A1","Unit"\r\n',
            "c.cst": 'block,member\r\n"root","A1"\r\n',
            "start.html": "<p>hello</p>",
        }.items():
            (folder / name).write_bytes(text.encode())
        with app.app_context():
            (accepted,) = accept(
                [folder],
                academy_id=academy_id,
                transact=launcher.db.transact,
                shelf=Shelf(settings.content_root),
                now=now,
            )
            course_id = accepted.course_id
            launcher.db.transact(
                lambda connection: enrolments.enrol(
                    connection,
                    academy_id=academy_id,
                    learner_id=learner_id,
                    course_id=course_id,
                    now=now,
                )
            )
            stored = launcher.db.read(
                lambda connection: catalog.store.course(connection, academy_id, course_id=course_id)
            )
        assert stored is not None
        return course_id, str(stored.content_key)

    return _add


@pytest.fixture
def stage(app: Flask, people: People, now: datetime) -> Iterator[Stage]:
    """A learner in an academy and a clock that is moved; `stage.course()` comes first."""
    with time_machine.travel(now, tick=False) as traveller:
        yield Stage(app, people.learner, Clock(traveller, now))


@pytest.fixture
def either_stage(
    either_app: Flask, add_people: Callable[[Connection], People], now: datetime
) -> Iterator[Stage]:
    """The same on SQLite, and on PostgreSQL."""
    with either_app.app_context():
        people = launcher.db.transact(add_people)
    with time_machine.travel(now, tick=False) as traveller:
        yield Stage(either_app, people.learner, Clock(traveller, now))


@pytest.fixture
def postgresql_app(
    settings: Settings, postgresql_url: str, make_app: Callable[[Settings], Flask]
) -> Flask:
    """An application on PostgreSQL alone, for what SQLite does not have."""
    return make_app(replace(settings, database_url=postgresql_url))
