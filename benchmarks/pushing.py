"""From a push to the learner's search: a server and a worker as people run them, over real HTTP.

Serves `benchmarks.sync`. The provider, the server and the worker are processes of their own; a
learner asks the catalog's page until the last of the delivered courses stands in it.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
from sqlalchemy import Connection

from benchmarks.pretending import Provider
from benchmarks.servers import Databases, Place, Running, stopping, wait_for
from catalog.supply import connections
from catalog.supply.model import Branding, DuplicatePolicy
from launcher import config, upgrades
from launcher.app import create_app
from launcher.db import db, transact
from launcher.opensesame import connecting
from launcher.opensesame.connecting import Wanted
from launcher.people import academies, accounts
from launcher.schema import LaunchWindow, Role

PUSHED = 50
CATALOGUE = 500
_LEARNER, _PASSWORD = "learner@example.org", "for the benchmark alone"
# Longer than any push may take; who waits so long has found a fault and no figure.
_PATIENCE = 60.0
_LOOK_SECONDS = 0.02


@dataclass(slots=True)
class Installation:
    """A server with a worker beside it, an academy that is connected, and a learner signed in."""

    url: str
    push_secret: str
    provider: Provider
    learner: httpx.Client
    listed: int = 0

    def push(self, count: int = PUSHED) -> float:
        """List so many courses more, push them, and return the seconds until a learner finds them.

        The provider's own work for the longer list is not counted.
        """
        self.listed += count
        self.provider.grow(self.listed)
        named = range(self.listed - count, self.listed)
        announced = {
            "deliveryId": f"push {self.listed}",
            "customerIntegrationId": self.provider.ciid,
            "courses": [{"id": f"00000001-0000-4000-8000-{number:012x}"} for number in named],
        }
        began = time.perf_counter()
        told = self.learner.post(
            f"{self.url}/deliveries/opensesame",
            json=announced,
            headers={"Authorization": f"Bearer {self.push_secret}"},
        )
        told.raise_for_status()
        self._await(self.listed)
        return time.perf_counter() - began

    def _await(self, number: int) -> None:
        end = time.monotonic() + _PATIENCE
        while not self._finds(number):
            if time.monotonic() > end:
                raise RuntimeError(f"course {number} is not found after {_PATIENCE:.0f} s")
            time.sleep(_LOOK_SECONDS)

    def _finds(self, number: int) -> bool:
        """Ask the page for a course by the number in its title."""
        page = self.learner.get(f"{self.url}/a/measured/catalog", params={"q": str(number)})
        page.raise_for_status()
        return re.search(rf"[a-z] {number}\b", page.text) is not None


@contextmanager
def installed(databases: Databases, provider: Provider) -> Iterator[Installation]:
    """Run a server and a worker on a database of their own, with `CATALOGUE` courses in it."""
    place = databases.make("pushed")
    environment = {
        **place.environment(),
        "HACP_WORKERS": "0",
        "HACP_LOG_LEVEL": "error",
        "HACP_ALLOW_LOOPBACK": "yes",
        "HACP_OPENSESAME_API_URL": provider.url,
        "HACP_OPENSESAME_TOKEN_URL": f"{provider.url}/oauth/token",
        "HACP_OPENSESAME_CLIENT_ID": provider.client_id,
        "HACP_OPENSESAME_CLIENT_SECRET": provider.client_secret,
    }
    secret = _found(environment, provider)
    serving = _start(place, databases, environment, "serve")
    worker = _start(place, databases, environment, "worker")
    with stopping(worker, serving), httpx.Client(trust_env=False, timeout=60) as learner:
        wait_for(serving, "/health")
        made = Installation(f"http://127.0.0.1:{serving.port}", secret, provider, learner)
        _sign_in(made)
        made.push(CATALOGUE)
        yield made


def _found(environment: dict[str, str], provider: Provider) -> str:
    """Make the database, an academy and a learner, connect it, and return its push secret."""
    app = create_app(config.load(environment))

    def unit(connection: Connection) -> str:
        now = datetime.now(UTC)
        academy = academies.add_academy(connection, name="Measured", slug="measured", now=now)
        academies.change_settings(
            connection,
            academy.id,
            name="Measured",
            launch_window=LaunchWindow.NEW,
            time_zone="UTC",
            self_enrolment=True,
        )
        accounts.add_member(
            connection,
            academy_id=academy.id,
            email=_LEARNER,
            name="Doe, Jane",
            role=Role.LEARNER,
            password=_PASSWORD,
            now=now,
        )
        connections.activate(connection, academy.id, activated=True, now=now)
        wanted = Wanted(
            enabled=True,
            ciid=provider.ciid,
            branding=Branding.DEFAULT,
            client_id="",
            client_secret=None,
            policy=DuplicatePolicy.ASK,
            daily_at=0,
            poll_minutes=60,
        )
        connecting.connect(connection, academy.id, wanted, settings=config.current(), now=now)
        return connecting.new_push_secret(connection, academy.id, now=now)

    with app.app_context():
        upgrades.upgrade()
        secret = transact(unit)
        db.engine.dispose()
    return secret


def _start(
    place: Place, databases: Databases, environment: dict[str, str], command: str
) -> Running:
    with (place.folder / f"{command}.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", "from launcher.commands import main; main()", command],
            env={**os.environ, **environment},
            stderr=log,
        )
    return Running(command, int(environment["HACP_PORT"]), process, databases)


def _sign_in(made: Installation) -> None:
    page = made.learner.get(f"{made.url}/sign-in")
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
    if token is None:
        raise RuntimeError("the sign-in page has no form")
    form = {"email": _LEARNER, "password": _PASSWORD, "csrf_token": token[1]}
    made.learner.post(f"{made.url}/sign-in", data=form)
