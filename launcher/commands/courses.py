"""`hacp import` and `hacp courses`: packages in, courses listed.

Serves operators and scripts. What a package must be is the catalog's to say; this one only asks and
tells.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click
from sqlalchemy import Connection

import catalog.store
from catalog.errors import PackageRefused, dump_fault
from catalog.files.package import packages_among
from catalog.intake import Accepted, DuplicateFound, accept
from catalog.shelf import Shelf
from catalog.store import CourseRow
from catalog.supply.model import DuplicatePolicy
from catalog.sync.recognising import link_accepted
from launcher import config, duplicates
from launcher.commands.door import (
    academy_option,
    in_application,
    json_option,
    say,
    the_academy,
    write_json,
    write_table,
)
from launcher.db import read, transact
from launcher.opensesame.clients import launch_hosts
from launcher.people.academies import AcademyRow

BAR_WIDTH = 30
_CHOICES = (DuplicatePolicy.UPDATE, DuplicatePolicy.KEEP, DuplicatePolicy.SKIP)


@click.command("import")
@click.argument(
    "paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(path_type=Path)
)
@click.option(
    "--on-duplicate",
    type=click.Choice([one.value for one in DuplicatePolicy]),
    help="What to do with a course that is there already: update it, keep both, skip what came, "
    "or ask, which needs a terminal. Without this it is refused, or asked on a terminal.",
)
@academy_option
@in_application
def import_courses(
    paths: tuple[Path, ...], on_duplicate: str | None, academy_slug: str | None
) -> None:
    """Import AICC courses and print their ids.

    PATH is a zip file, a folder, or the course files themselves (.crs, .au, .des, .cst ...). Each
    zip and each folder is a package of its own; loose files together are one. A course that is
    skipped prints the id under which it is there.
    """
    academy = read(lambda connection: the_academy(connection, academy_slug))
    refused = 0
    for package in _packages(paths):
        try:
            accepted = _accept(package, academy)
        except DuplicateFound as found:
            refused += not _resolved(package, found, academy, on_duplicate)
            continue
        except PackageRefused as refusal:
            say(f"{_name(package)} was not imported:\n{refusal}")
            refused += 1
            continue
        for course in accepted:
            refused += not _told(course, on_duplicate)
    if refused:
        raise click.ClickException(f"{refused} of what was given could not be imported.")


@click.command("courses")
@click.option("--search", default="", help="Only those whose title or AICC course id holds this.")
@json_option
@academy_option
@in_application
def courses(search: str, as_json: bool, academy_slug: str | None) -> None:
    """List the courses of an academy."""

    def unit(connection: Connection) -> list[CourseRow]:
        academy = the_academy(connection, academy_slug)
        count = catalog.store.count_courses(connection, academy.id, search=search)
        return catalog.store.courses(connection, academy.id, search=search, limit=count)

    rows = read(unit)
    if as_json:
        write_json([dataclasses.asdict(row) for row in rows])
    else:
        write_table(
            ("ID", "COURSE ID", "TITLE", "ARCHIVED"),
            [
                (row.id, row.aicc_id, row.title, row.archived and f"{row.archived.at:%Y-%m-%d}")
                for row in rows
            ],
        )


def _packages(paths: Sequence[Path]) -> list[tuple[Path, ...]]:
    """Sort what was given into packages. Raises for what is not there."""
    missing = [str(path) for path in paths if not path.exists()]
    if missing:
        raise click.ClickException(f"There is no file or folder {', '.join(missing)}.")
    return packages_among(paths)


def _name(package: Sequence[Path]) -> str:
    return ", ".join(str(path) for path in package)


def _accept(package: Sequence[Path], academy: AcademyRow) -> list[Accepted]:
    bar = Bar(_name(package)) if sys.stderr.isatty() else None
    now = datetime.now(UTC)

    def link(connection: Connection, accepted: Sequence[Accepted]) -> None:
        link_accepted(connection, academy.id, accepted, now=now)

    try:
        return accept(
            package,
            academy_id=academy.id,
            transact=transact,
            shelf=Shelf(config.current().content_root),
            now=now,
            on_progress=bar.show if bar else None,
            ask=launch_hosts(config.current()),
            also=link,
        )
    finally:
        if bar:
            bar.clear()


def _resolved(
    package: Sequence[Path], found: DuplicateFound, academy: AcademyRow, on_duplicate: str | None
) -> bool:
    """Do with a duplicate what was chosen; return False where nobody chose."""
    reason = f"{found.courses[0].title}: {found}"
    choice = on_duplicate or DuplicatePolicy.ASK.value
    if choice == DuplicatePolicy.ASK and sys.stdin.isatty():
        words = click.Choice([one.value for one in _CHOICES])
        choice = click.prompt(f"{reason} What to do?", type=words, err=True)
    if choice not in list(_CHOICES):
        say(
            f"{reason} It seems to be course {found.verdict.course_ids[0]}; nothing was done. "
            "Give '--on-duplicate update', 'keep' or 'skip'."
        )
        return False
    there = found.verdict.course_ids[0]
    accepted = duplicates.resolve(
        package,
        found,
        academy_id=academy.id,
        choice=DuplicatePolicy(choice),
        now=datetime.now(UTC),
    )
    if not accepted:
        say(f"{reason} Course {there} is left as it is.")
        click.echo(there)
    for course in accepted:
        say(course.reason)
        click.echo(course.course_id)
    return True


def _told(course: Accepted, on_duplicate: str | None) -> bool:
    """Say what became of a course; return False where it is a duplicate that nobody let pass."""
    for warning in course.warnings:
        say(dump_fault(warning))
    if not course.duplicate:
        say(f"Imported {course.title}.")
        click.echo(course.course_id)
        return True
    there = f"{course.title} is there already, as course {course.course_id}"
    if on_duplicate in (None, DuplicatePolicy.ASK) and sys.stdin.isatty():
        skip = click.confirm(f"{there}. Leave it as it is and go on?", default=True, err=True)
    else:
        skip = on_duplicate in _CHOICES
    if not skip:
        say(f"{there}; nothing was done for it. '--on-duplicate skip' lets it pass.")
        return False
    say(f"{there}; left as it is.")
    click.echo(course.course_id)
    return True


class Bar:
    """A progress bar on standard error, drawn over itself; for a terminal only."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._drawn = ""

    def show(self, stage: str, done: int, total: int) -> None:
        """Draw how much of a stage is done; a total of 0 means that nobody knows."""
        share = done / total if total else 0.0
        filled = round(BAR_WIDTH * min(share, 1.0))
        bar = "#" * filled + "." * (BAR_WIDTH - filled)
        drawn = f"\r{self._name}  {stage}  [{bar}] {share:4.0%}"
        if drawn != self._drawn:
            self._drawn = drawn
            self._write(f"\x1b[2K{drawn}")

    def clear(self) -> None:
        """Leave the line empty."""
        if self._drawn:
            self._write("\x1b[2K\r")

    def _write(self, text: str) -> None:
        sys.stderr.write(text)
        sys.stderr.flush()
