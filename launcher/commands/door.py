"""What the commands share: the way in to the application, and the way out to a terminal.

Serves every module beside it. Turns what a person can do something about into one sentence and
exit status 1; anything else is a bug and may show its traceback.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ParamSpec, TypeVar

import click
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

import catalog.store
from catalog.errors import CatalogError
from launcher import config, upgrades
from launcher.app import create_app
from launcher.config import Settings, SettingsRefused
from launcher.db import db
from launcher.launches import LaunchRefused
from launcher.logs import init_logging
from launcher.opensesame.connecting import ConnectionRefused
from launcher.people import academies, accounts
from launcher.people.academies import AcademyRefused, AcademyRow
from launcher.people.accounts import Member
from launcher.people.enrolments import EnrolmentRefused
from launcher.people.identities import MemberRefused
from launcher.records.set_by_hand import HandRefused

P = ParamSpec("P")
T = TypeVar("T")

_EXPECTED = (
    AcademyRefused,
    CatalogError,
    ConnectionRefused,
    EnrolmentRefused,
    HandRefused,
    LaunchRefused,
    MemberRefused,
    SettingsRefused,
    upgrades.InUse,
)


def in_application(command: Callable[P, T]) -> Callable[P, T]:
    """Run a command inside the application, on a migrated database."""

    @functools.wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> T:
        with application():
            if not upgrades.is_current():
                raise click.ClickException("The database is not up to date: run 'hacp migrate'.")
            return command(*args, **kwargs)

    return wrapped


@contextmanager
def application(*, log_level: str = "warning") -> Iterator[Settings]:
    """Build the application from the environment and enter its context."""
    with plain_failures():
        settings = config.from_environment()
        init_logging(dataclasses.replace(settings, log_level=log_level))
        with create_app(settings).app_context():
            try:
                yield settings
            finally:
                db.engine.dispose()


@contextmanager
def plain_failures() -> Iterator[None]:
    """Turn expected failures into a sentence on standard error and exit status 1."""
    try:
        yield
    except _EXPECTED as error:
        raise click.ClickException(str(error)) from error
    except UnicodeEncodeError as error:
        # What the terminal sent as bytes that are no UTF-8 cannot be looked for.
        raise click.ClickException(f"This is not written in UTF-8: {error.object!a}.") from error
    except OperationalError as error:
        reason = str(error.orig).strip().splitlines()[0]
        raise click.ClickException(f"The database does not answer: {reason}") from error


def academy_option(command: Callable[..., T]) -> Callable[..., T]:
    """Add `--academy`, which may be left out while there is only one."""
    return click.option(
        "--academy",
        "academy_slug",
        metavar="SLUG",
        help="Which academy; may be left out while there is only one.",
    )(command)


def json_option(command: Callable[..., T]) -> Callable[..., T]:
    """Add `--json`, as `as_json`."""
    return click.option("--json", "as_json", is_flag=True, help="Write JSON.")(command)


def password_option(command: Callable[..., T]) -> Callable[..., T]:
    """Add `--password-stdin`."""
    return click.option(
        "--password-stdin",
        is_flag=True,
        help="Read the password from standard input instead of making one up.",
    )(command)


def read_password(from_stdin: bool) -> str | None:
    """Return the first line of standard input, or None where a password is to be made up."""
    return sys.stdin.readline().rstrip("\r\n") if from_stdin else None


def the_academy(connection: Connection, slug: str | None) -> AcademyRow:
    """Return the academy that is meant; without a slug, the only one."""
    if slug is not None:
        found = academies.academy_by_slug(connection, slug=slug)
        if found is None:
            raise click.ClickException(f"There is no academy {slug!r}.")
        return found
    every = academies.academies(connection)
    if not every:
        raise click.ClickException("There is no academy yet: add one with 'hacp academy add NAME'.")
    if len(every) > 1:
        slugs = ", ".join(one.slug for one in every)
        raise click.ClickException(f"Say which academy is meant with --academy: {slugs}.")
    return every[0]


def the_course(connection: Connection, academy: AcademyRow, text: str) -> int:
    """Return the id of the course that an id or AICC course id means."""
    found = catalog.store.find(connection, academy.id, text=text)
    if not found:
        raise click.ClickException(f"There is no course {text!r} in the academy {academy.slug}.")
    if len(found) > 1:
        ids = ", ".join(f"{one.id} ({one.title})" for one in found)
        raise click.ClickException(f"{text!r} means several courses; name one by id: {ids}.")
    return found[0].id


def the_learner(connection: Connection, academy: AcademyRow, text: str) -> Member:
    """Return the member that an e-mail address or student id means."""
    found = accounts.find_member(connection, academy.id, text=text)
    if found is None:
        raise click.ClickException(
            f"Nobody in the academy {academy.slug} has the e-mail address or student id {text!r}."
        )
    return found


def say(text: str) -> None:
    """Tell the person something, on standard error."""
    click.echo(text, err=True)


def write_json(value: object) -> None:
    """Write a value on standard output."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def write_json_list(values: Iterable[object]) -> None:
    """Write what `write_json` writes of a list, one value after the other, without holding all."""
    before = "[\n"
    for value in values:
        text = json.dumps(value, indent=2, ensure_ascii=False, default=str)
        click.echo(before + textwrap.indent(text, "  "), nl=False)
        before = ",\n"
    click.echo("\n]" if before.startswith(",") else "[]")


def write_table(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Write rows in aligned columns on standard output; without rows, say so."""
    if not rows:
        say("Nothing there.")
        return
    cells = [list(header), *[["" if cell is None else str(cell) for cell in row] for row in rows]]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    for row in cells:
        padded = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo("  ".join(padded).rstrip())
