"""The ground of the browser flows: the whole installation on real ports, with people and courses.

Serves the tests beside it: pages at 127.0.0.1, stored content and the demo's content at localhost,
as in `make run`. It clicks nothing itself but the sign-in.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect

import catalog.schema
import demo.content
import demo.opensesame.app
import demo.packages
import hacp.schema
import launcher.db
import launcher.schema
from catalog import intake
from catalog.shelf import Shelf
from catalog.supply import connections, items, runs
from catalog.supply.model import RunKind, RunState
from demo.opensesame.pretend import Pretend
from launcher import config, tasks
from launcher.app import create_app
from launcher.config import Settings
from launcher.content import create_content
from launcher.db import transact
from launcher.people import academies, accounts, enrolments
from launcher.people.accounts import Member
from launcher.schema import LaunchWindow, Role
from tests.launcher.opensesame.supplied import Supplied

PASSWORD = "correct horse"
WIDE, NARROW = 1280, 375
WORK_SECONDS = 20


@dataclass
class Site:
    """A running installation with an academy, its admin and one learner."""

    url: str
    content_url: str
    demo_url: str
    provider_url: str
    provider: Pretend
    app: Flask
    settings: Settings
    academy_id: int
    admin: Member
    learner: Member
    folder: Path

    def transact(self, unit: Callable[[Any], Any]) -> Any:
        with self.app.app_context():
            return transact(unit)

    def package(self, name: str) -> Path:
        """Return one of the demo's packages, with addresses at the running demo content."""
        paths = demo.packages.write_packages(self.folder / "packages", content_url=self.demo_url)
        return next(path for path in paths if path.stem == name)

    def import_course(self, path: Path) -> int:
        with self.app.app_context():
            (accepted,) = intake.accept(
                [path],
                academy_id=self.academy_id,
                transact=transact,
                shelf=Shelf(self.settings.content_root),
                now=datetime.now(UTC),
            )
        return accepted.course_id

    def enrol(self, course_id: int, learner: Member | None = None) -> None:
        key = {"learner_id": (learner or self.learner).id, "course_id": course_id}
        self.transact(
            lambda connection: enrolments.enrol(
                connection, academy_id=self.academy_id, now=datetime.now(UTC), **key
            )
        )

    def open_units_in(self, window: LaunchWindow) -> None:
        self.transact(
            lambda connection: academies.change_settings(
                connection,
                self.academy_id,
                name="Night School",
                launch_window=window,
                time_zone="UTC",
            )
        )

    def add(self, email: str, name: str, role: Role = Role.LEARNER) -> Member:
        member, _made = self.transact(
            lambda connection: accounts.add_member(
                connection,
                academy_id=self.academy_id,
                email=email,
                name=name,
                role=role,
                password=PASSWORD,
                now=datetime.now(UTC),
            )
        )
        return member

    def offer_opensesame(self, academy_id: int | None = None) -> None:
        """Do what an operator does with `hacp opensesame activate`."""
        self.transact(
            lambda connection: connections.activate(
                connection, academy_id or self.academy_id, activated=True, now=datetime.now(UTC)
            )
        )

    def connect_opensesame(self, **changes: Any) -> None:
        """Do what an admin does on the settings page of OpenSesame."""
        now = datetime.now(UTC)
        supplied = Supplied(self.transact, self.academy_id, now)
        supplied.connect(**{"ciid": self.provider.ciid, **changes})
        with self.app.app_context():
            tasks.of(self.app).look_around()

    def a_day_passes(self, days: int = 1) -> None:
        """Let the workers look around when so many days are over, and do what is due then."""
        later = datetime.now(UTC) + timedelta(days)
        with time_machine.travel(later, tick=True), self.a_run(), self.app.app_context():
            tasks.of(self.app).look_around()

    @contextmanager
    def a_run(self) -> Iterator[None]:
        """Wait at the end until one more run of the academy has come to its own.

        And until its worker has done what follows: another clock must not get in between.
        """
        before = self._ended_runs()
        yield
        queue, pause = tasks.of(self.app).queue, threading.Event()
        for _ in range(WORK_SECONDS * 20):
            if self._ended_runs() > before and not queue._tasks_in_flight:
                return
            pause.wait(0.05)
        raise AssertionError("no run came to an end")

    def _ended_runs(self) -> int:
        ended = set(RunState) - {RunState.RUNNING}
        return int(self.transact(lambda c: runs.count_runs(c, self.academy_id, states=ended)))

    def at(self, path: str) -> str:
        """Return the address of a page of the academy."""
        return f"{self.url}/a/night/{path}"


@pytest.fixture
def site(serve: Callable[..., str], tmp_path: Path) -> Iterator[Site]:
    """Run the installation: its ports must be known before it can be assembled."""
    parts: dict[str, Any] = {}

    def later(name: str) -> Callable[[Any, Any], Any]:
        return lambda environ, start_response: parts[name](environ, start_response)

    url = serve(later("pages"))
    content_url = serve(later("content"), host="localhost")
    demo_url = serve(demo.content.create_app(), host="localhost")
    provider = Pretend()
    provider_url = serve(demo.opensesame.app.create_app(provider), host="localhost")
    settings = config.load(
        {
            "HACP_SECRET_KEY": "for tests only, for tests only, for tests only",
            "HACP_INSTANCE": str(tmp_path / "instance"),
            "HACP_PUBLIC_URL": url,
            "HACP_CONTENT_URL": content_url,
            "HACP_OPENSESAME_API_URL": provider_url,
            "HACP_OPENSESAME_TOKEN_URL": f"{provider_url}/oauth/token",
            "HACP_OPENSESAME_CLIENT_ID": provider.client.id,
            "HACP_OPENSESAME_CLIENT_SECRET": provider.client.secret,
            "HACP_ALLOW_LOOPBACK": "yes",
            "HACP_OPERATOR": "Service desk, it@example.org",
        }
    )
    app = create_app(settings)
    parts["pages"], parts["content"] = app, create_content(settings)
    with app.app_context():
        for base in (launcher.schema.Base, hacp.schema.Base, catalog.schema.Base):
            base.metadata.create_all(launcher.db.db.engine)
        academy = transact(
            lambda connection: academies.add_academy(
                connection, name="Night School", slug="night", now=datetime.now(UTC)
            )
        )
    people: dict[str, Any] = {"admin": None, "learner": None}
    hosts = (url, content_url, demo_url, provider_url)
    site = Site(*hosts, provider, app, settings, academy.id, folder=tmp_path, **people)
    site.admin = site.add("admin@example.org", "Admin, Ada", Role.ADMIN)
    site.learner = site.add("learner@example.org", "Lane, Robin")
    yield site
    with app.app_context():
        launcher.db.db.engine.dispose()


@pytest.fixture
def connected(site: Site) -> Iterator[Site]:
    """The installation with workers, and its academy connected with the pretend OpenSesame."""
    workers = tasks.of(site.app).workers(2)
    workers.start()
    with site.a_run():
        site.connect_opensesame()
    yield site
    assert workers.stop()


@pytest.fixture
def delivered(connected: Site) -> Callable[[str], int]:
    """Return `delivered(key) -> id`: a course of OpenSesame's that is here by now."""

    def _delivered(key: str) -> int:
        connected.provider.send(key)
        with connected.a_run(), connected.app.app_context():
            tasks.of(connected.app).sync_soon(connected.academy_id, RunKind.HAND)
        stored = connected.transact(lambda c: items.stored(c, connected.academy_id, [key]))
        course_id = stored[key].course_id
        assert course_id is not None
        return course_id

    return _delivered


SignIn = Callable[..., Page]


@pytest.fixture
def sign_in(site: Site, page: Page, context: BrowserContext) -> SignIn:
    """Return `sign_in(member)`: the page, with that person signed in and nobody else."""

    def _sign_in(member: Member) -> Page:
        context.clear_cookies()
        page.goto(f"{site.url}/sign-in")
        page.get_by_label("E-mail address").fill(member.email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        home = "/a/night/admin/" if member.role is Role.ADMIN else "/a/night/"
        expect(page).to_have_url(f"{site.url}{home}")
        return page

    return _sign_in
