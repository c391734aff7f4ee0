"""Fills an empty installation with the demo academy, by the `hacp` command line only.

Serves `run`. Every step looks first whether it was done, so that a seeding which was interrupted is
mended by the next start. Opens no database and leaves an installation alone that has academies of
its own.
"""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from demo import packages
from demo.files import write_private

ACADEMY = "Demo academy"
SLUG = "demo"
SIGN_INS = "demo-sign-ins.txt"
STATE = "demo.json"
# 12 random bytes: as good as 96 bits, and still short enough to be typed from a screen.
PASSWORD_BYTES = 12

Say = Callable[[str], None]


class CommandFailed(Exception):
    """A step of the seeding did not work; the text is what the command said."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can sign in to the demo."""

    role: str
    email: str
    name: str


ADMIN = Person("admin", "admin@example.org", "Admin, Ada")
LEARNER = Person("learner", "learner@example.org", "Learner, Lee")
PEOPLE = (ADMIN, LEARNER)


@dataclass(frozen=True, slots=True)
class Hacp:
    """The command line of the server, with the environment that it runs in.

    `before` is called ahead of each command, and may raise to stop the work there.
    """

    environ: Mapping[str, str]
    before: Callable[[], None] = lambda: None

    @property
    def program(self) -> str:
        """Where `hacp` stands: beside the Python that runs this."""
        return str(Path(sys.executable).with_name("hacp"))

    def run(self, *arguments: str, given: str = "") -> str:
        """Run one command to its end and return its standard output; raises CommandFailed."""
        self.before()
        # In a process group of its own, a step is not torn by a Ctrl-C at the terminal: the caller
        # stops after it.
        done = subprocess.run(
            [self.program, *arguments],
            env=dict(self.environ),
            input=given,
            capture_output=True,
            text=True,
            check=False,
            process_group=0,
        )
        if done.returncode:
            raise CommandFailed(done.stderr.strip() or f"hacp {arguments[0]} failed")
        return done.stdout

    def rows(self, *arguments: str) -> list[dict[str, Any]]:
        """Run a command that lists, and return its rows."""
        found: list[dict[str, Any]] = json.loads(self.run(*arguments, "--json"))
        return found


def seed(hacp: Hacp, instance: Path, *, content_port: int, say: Say) -> int | None:
    """Make what is missing of the demo; return the port that its courses' addresses name.

    None means that this installation has academies of its own and no demo.
    """
    state = read_state(instance)
    slugs = {row["slug"] for row in hacp.rows("academy", "list")}
    if SLUG in slugs and state.get("finished"):
        return int(state["content_port"])
    if slugs and not (SLUG in slugs and state):
        return None
    port = int(state.get("content_port", content_port)) if slugs else content_port
    keep_state(instance, content_port=port, finished=False)
    say("Making the demo academy ...")
    if not slugs:
        hacp.run("academy", "add", ACADEMY, "--slug", SLUG)
    _add_people(hacp, instance)
    _add_courses(hacp, port)
    keep_state(instance, finished=True)
    return port


def sign_ins(instance: Path) -> dict[str, str]:
    """Return the passwords of the demo's people by e-mail address, as far as they are kept."""
    path = instance / SIGN_INS
    if not path.exists():
        return {}
    lines = (line.split() for line in path.read_text(encoding="utf-8").splitlines())
    return {line[0]: line[1] for line in lines if len(line) == 2 and "@" in line[0]}


def _add_people(hacp: Hacp, instance: Path) -> None:
    """Add who is not there. The passwords are on disk before anybody has one."""
    kept = sign_ins(instance)
    made = {person.email: secrets.token_urlsafe(PASSWORD_BYTES) for person in PEOPLE}
    passwords = made | kept
    lines = ["# The sign-ins of the demo, made at random by the first `make run`."]
    lines += [f"{person.email} {passwords[person.email]}" for person in PEOPLE]
    write_private(instance / SIGN_INS, "".join(f"{line}\n" for line in lines))
    for person in PEOPLE:
        given = f"{passwords[person.email]}\n"
        there = {row["email"] for row in hacp.rows(person.role, "list", "--academy", SLUG)}
        if person.email not in there:
            who = (person.email, "--name", person.name, "--academy", SLUG)
            hacp.run(person.role, "add", *who, "--password-stdin", given=given)
        elif person.email not in kept:
            hacp.run("password", person.email, "--password-stdin", given=given)


def _add_courses(hacp: Hacp, content_port: int) -> None:
    """Import the packages and enrol the learner; both do nothing where it was done."""
    content_url = f"http://localhost:{content_port}"
    with tempfile.TemporaryDirectory() as folder:
        paths = packages.write_packages(Path(folder), content_url=content_url)
        names = [str(path) for path in paths]
        ids = hacp.run("import", *names, "--on-duplicate", "skip", "--academy", SLUG).split()
    for course_id in ids:
        hacp.run("enrol", course_id, LEARNER.email, "--academy", SLUG)


def read_state(instance: Path) -> dict[str, Any]:
    """Return what `keep_state` kept, nothing where that is not there or not readable."""
    try:
        state = json.loads((instance / STATE).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return state if isinstance(state, dict) else {}


def keep_state(instance: Path, **changes: int | bool | str) -> None:
    """Remember how far the demo was made, beside what is remembered already."""
    write_private(instance / STATE, json.dumps({**read_state(instance), **changes}))


def make_settings_file(path: Path) -> bool:
    """Write a settings file with a random key where there is none; tell whether it did."""
    if path.exists():
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    text = (
        "# Settings of this installation, one NAME=VALUE a line; the README lists them.\n"
        "# The key signs the sign-in cookies: keep it secret, a new one signs everybody out.\n"
        f"HACP_SECRET_KEY={secrets.token_hex(32)}\n"
    )
    write_private(path, text)
    return True
