"""A learning server of a few lines, so that the demo courses can be tested alone.

Serves tests/demo. It answers in the shape of the golden replies and remembers the last values; it
judges nothing. Beside it stands the command line, quicker than the demo itself runs it.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest
import structlog
from click.testing import CliRunner

from demo.content import create_app
from demo.seeding import CommandFailed, Hacp
from launcher.commands import cli


class LearningServer:
    """Answers one session; `posts` are the requests as `(command, aicc_data)`, in order."""

    def __init__(self) -> None:
        self.sid = "0123456789abcdef" * 2 + "01234567"
        self.url = ""
        self.posts: list[tuple[str, str]] = []
        self.cookies: list[str] = []
        self.error = 0
        self.status = "not attempted,ab-initio"
        self.location = self.suspend_data = self.score = ""
        self.mode = "normal"
        self.mastery_score = ""
        self.vendor_data = ""
        self.student_id = "k3v9q2"

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        body = environ["wsgi.input"].read().decode()
        form = {name.lower(): values[0] for name, values in parse_qs(body).items()}
        headers = [
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Access-Control-Allow-Origin", "*"),
        ]
        self.cookies.append(environ.get("HTTP_COOKIE", ""))
        start_response("200 OK", headers)
        return [self._answer(form).replace("\n", "\r\n").encode()]

    def _answer(self, form: dict[str, str]) -> str:
        command = form.get("command", "")
        self.posts.append((command, form.get("aicc_data", "")))
        error = self.error or (3 if form.get("session_id") != self.sid else 0)
        if error:
            return f"error={error}\nerror_text=Invalid Session ID\nversion=4.0\n"
        head = "error=0\nerror_text=Successful\nversion=4.0\n"
        if command == "PutParam":
            self._keep(form["aicc_data"])
        return head + self._param() if command == "GetParam" else head

    def _keep(self, data: str) -> None:
        head, _, rest = data.partition("[core_lesson]")
        for name in ("location", "status"):
            found = re.search(rf"^lesson_{name}=(.*?)\r?$", head, re.MULTILINE)
            setattr(self, name, found[1] if found else "")
        score = re.search(r"^score=(.*?)\r?$", head, re.MULTILINE)
        self.score = score[1] if score else self.score
        self.suspend_data = rest.strip()

    def _param(self) -> str:
        status = self.status.split(",")[0]
        status += ",ab-initio" if status == "not attempted" else ",resume"
        score = f"score={self.score}\n" if self.score else ""
        mastery = f"mastery_score={self.mastery_score}\n" if self.mastery_score else ""
        return (
            f"aicc_data=[core]\nstudent_id={self.student_id}\nstudent_name=Learner, Lee\n"
            f"lesson_location={self.location}\ncredit=credit\nlesson_status={status}\n{score}"
            f"time=00:00:00\nlesson_mode={self.mode}\n[core_lesson]\n{self.suspend_data}\n"
            f"[core_vendor]\n{self.vendor_data}\n[student_data]\nattempt_number=1\n{mastery}"
        )

    def launch(self, address: str, **parameters: str) -> str:
        """Return the address with the launch parameters on it."""
        return f"{address}?{urlencode({**parameters, 'AICC_SID': self.sid, 'AICC_URL': self.url})}"

    @property
    def commands(self) -> list[str]:
        """The commands so far, in order."""
        return [command for command, _ in self.posts]


@pytest.fixture
def learning_server(serve: Callable[..., str]) -> LearningServer:
    server = LearningServer()
    server.url = f"{serve(server)}/hacp/1"
    return server


@pytest.fixture
def content(serve: Callable[..., str]) -> str:
    """The address of a running content server, on another host than the learning server."""
    return serve(create_app(), host="localhost")


class Within(Hacp):
    """The real commands in this process: starting Python for each would take ten times as long."""

    def run(self, *arguments: str, given: str = "") -> str:
        self.before()
        done = CliRunner().invoke(cli, arguments, input=given, env=self.environ)
        if done.exit_code:
            raise CommandFailed(done.stderr.strip()) from done.exception
        return done.stdout


@pytest.fixture
def within() -> Iterator[type[Hacp]]:
    """The command line in this process; logging is as before when the test ends."""
    loggers = [(logger, logger.level) for logger in map(logging.getLogger, ("", "alembic"))]
    handlers = list(logging.getLogger().handlers)
    yield Within
    logging.getLogger().handlers[:] = handlers
    for logger, level in loggers:
        logger.setLevel(level)
    structlog.reset_defaults()
