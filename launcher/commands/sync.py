"""`hacp sync`: an academy is compared with OpenSesame now, in this process.

Serves operators and scripts. What may begin, and when the next is due, is for
`launcher.opensesame.syncing` to say.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Sequence
from functools import partial

import click
from flask import current_app
from sqlalchemy import Connection

from catalog.errors import AlreadyRunning, ClaimLost
from catalog.supply import entries, items
from catalog.supply.model import Entry, RunKind, RunState
from catalog.sync.listing import Progress, Report
from launcher import tasks
from launcher.commands.courses import Bar
from launcher.commands.door import (
    academy_option,
    in_application,
    json_option,
    say,
    the_academy,
    the_course,
    write_json,
    write_table,
)
from launcher.db import read
from launcher.opensesame.clients import NotEquipped
from launcher.opensesame.syncing import Asked, NothingToRun


@click.command("sync")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option("--course", metavar="COURSE", help="Only this course, by id or AICC course id.")
@click.option(
    "--everything",
    is_flag=True,
    help="Take nothing for unchanged, and try again what had failed.",
)
@json_option
@academy_option
@in_application
def sync(
    dry_run: bool,
    course: str | None,
    everything: bool,
    as_json: bool,
    academy_slug: str | None,
) -> None:
    """Compare an academy with OpenSesame now and print what became of its courses.

    Courses that are as they were are only counted. A run that the provider broke off ends with exit
    status 1, and so does one that waits for somebody to confirm it.
    """
    if course and everything:
        raise click.UsageError("--course and --everything exclude each other.")
    asked = read(lambda c: _asked(c, academy_slug, course, everything=everything, dry_run=dry_run))
    report = _run(asked)
    _print(report, asked, as_json=as_json)
    if report.state in (RunState.BROKEN, RunState.WAITING):
        raise click.ClickException(report.sentence)


def _asked(
    connection: Connection,
    academy_slug: str | None,
    course: str | None,
    *,
    everything: bool,
    dry_run: bool,
) -> Asked:
    academy = the_academy(connection, academy_slug)
    if course is None:
        kind = RunKind.EVERYTHING if everything else RunKind.HAND
        return Asked(academy.id, kind, dry_run=dry_run)
    course_id = the_course(connection, academy, course)
    provided = items.provided(connection, academy.id, course_id=course_id)
    if provided is None:
        raise click.ClickException(f"The course {course!r} does not come from OpenSesame.")
    return Asked(academy.id, RunKind.ONE, key=provided.item.key, dry_run=dry_run)


def _run(asked: Asked) -> Report:
    bar = Bar("OpenSesame") if sys.stderr.isatty() else None
    try:
        return tasks.of(current_app).syncing.run(asked, show=_shower(bar))
    except AlreadyRunning as running:
        raise click.ClickException(
            "A sync of this academy is running already, in this process or another one. "
            f"It has until {running.claimed_until:%H:%M} UTC to say that it goes on."
        ) from running
    except ClaimLost as lost:
        raise click.ClickException("The run was ended by another process.") from lost
    except (NothingToRun, NotEquipped) as reason:
        raise click.ClickException(str(reason)) from reason
    finally:
        if bar:
            bar.clear()


def _shower(bar: Bar | None) -> Callable[[Progress], None] | None:
    if bar is None:
        return None
    return lambda progress: bar.show("courses", progress.items, progress.expected)


def _print(report: Report, asked: Asked, *, as_json: bool) -> None:
    told: Sequence[Entry] = report.entries
    if not asked.dry_run:
        told = read(lambda connection: _entries(connection, asked, report))
    counts = {outcome.value: number for outcome, number in report.counts.items() if number}
    if as_json:
        courses = [dataclasses.asdict(entry) for entry in told]
        write_json({"state": report.state.value, "counts": counts, "courses": courses})
        return
    if told:
        rows = [(one.outcome.value, one.course_id, one.title, _why(one)) for one in told]
        write_table(("BECAME", "COURSE", "TITLE", "WHY"), rows)
    sums = ", ".join(f"{number} {name}" for name, number in counts.items()) or "nothing is listed"
    say(f"{'It would come to' if asked.dry_run else 'It came to'}: {sums}.")


def _entries(connection: Connection, asked: Asked, report: Report) -> list[Entry]:
    if report.run_id is None:
        return []
    found = partial(entries.entries, connection, asked.academy_id, run_id=report.run_id)
    return found(limit=sum(report.counts.values()))


def _why(entry: Entry) -> str:
    changed = ", ".join(name for name, _before, _after in entry.differences)
    return " ".join(filter(None, [entry.reason, f"Changed: {changed}." if changed else ""]))
