"""`hacp status`: statuses set by hand, withdrawn and listed.

Serves operators and scripts. What may be set, and what follows, is for
`launcher.records.set_by_hand`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import click
from sqlalchemy import Connection

from catalog.files.tree import ROOT
from catalog.store import StoredCourse
from launcher.commands.door import (
    academy_option,
    in_application,
    json_option,
    say,
    the_academy,
    the_course,
    the_learner,
    write_json,
    write_table,
)
from launcher.db import read, transact
from launcher.people.accounts import Member
from launcher.records import by_hand, set_by_hand
from launcher.records.by_hand import HandStatus
from launcher.records.versions import course_for


@click.group("status")
def status() -> None:
    """Set a status by hand, withdraw it, list them."""


_AU = click.option(
    "--au", "au_id", metavar="ID", help="Only for this unit; without it for the whole course."
)
_REASON = click.option("--reason", metavar="TEXT", required=True, help="Why; it is kept.")


@status.command("set")
@click.argument("learner")
@click.argument("course")
@click.argument("word", metavar="STATUS")
@_AU
@click.option("--score", type=float, metavar="N", help="A score from 0 to 100.")
@_REASON
@academy_option
@in_application
def set_one(
    learner: str,
    course: str,
    word: str,
    au_id: str | None,
    score: float | None,
    reason: str,
    academy_slug: str | None,
) -> None:
    """Set a status of LEARNER in COURSE, beside what the content said.

    STATUS is passed, completed, failed or incomplete. It counts until it is withdrawn, and is
    marked as set by hand wherever it is shown.
    """

    def unit(connection: Connection) -> None:
        person, stored = _meant(connection, academy_slug, learner, course)
        set_by_hand.set_status(
            connection,
            stored,
            learner_id=person.id,
            element=au_id or ROOT,
            status=word,
            percent=score,
            reason=reason,
            by="",
            now=datetime.now(UTC),
        )

    transact(unit)
    say("The status is set.")


@status.command("withdraw")
@click.argument("learner")
@click.argument("course")
@_AU
@_REASON
@academy_option
@in_application
def withdraw(
    learner: str, course: str, au_id: str | None, reason: str, academy_slug: str | None
) -> None:
    """Withdraw a status of LEARNER in COURSE that was set by hand."""

    def unit(connection: Connection) -> None:
        person, stored = _meant(connection, academy_slug, learner, course)
        set_by_hand.withdraw(
            connection,
            stored,
            learner_id=person.id,
            element=au_id or ROOT,
            reason=reason,
            by="",
            now=datetime.now(UTC),
        )

    transact(unit)
    say("The status is withdrawn. What the content said counts again.")


@status.command("list")
@click.argument("learner")
@click.argument("course")
@json_option
@academy_option
@in_application
def list_all(learner: str, course: str, as_json: bool, academy_slug: str | None) -> None:
    """List all that was ever set by hand of LEARNER in COURSE, the newest first."""

    def unit(connection: Connection) -> list[HandStatus]:
        person, stored = _meant(connection, academy_slug, learner, course)
        return by_hand.history(
            connection, stored.academy_id, learner_id=person.id, course_id=stored.id
        )

    found = read(unit)
    if as_json:
        write_json([_as_dict(one) for one in found])
        return
    write_table(
        ("UNIT", "STATUS", "SCORE", "SET", "REASON", "ENDED"),
        [
            (
                "(course)" if one.whole_course else one.element,
                one.status,
                one.percent,
                f"{one.set_at:%Y-%m-%d %H:%M} {one.set_by}".rstrip(),
                one.reason,
                f"{one.ended_at:%Y-%m-%d %H:%M}" if one.ended_at else None,
            )
            for one in found
        ],
    )


def _meant(
    connection: Connection, academy_slug: str | None, learner: str, course: str
) -> tuple[Member, StoredCourse]:
    academy = the_academy(connection, academy_slug)
    course_id = the_course(connection, academy, course)
    person = the_learner(connection, academy, learner)
    stored = course_for(connection, academy.id, learner_id=person.id, course_id=course_id)
    if stored is None:
        raise click.ClickException(f"There is no course {course!r} in the academy {academy.slug}.")
    return person, stored


def _as_dict(one: HandStatus) -> dict[str, Any]:
    moments = {
        name: at.isoformat() if at is not None else None
        for name, at in (("set_at", one.set_at), ("ended_at", one.ended_at))
    }
    said = {name: getattr(one, name) for name in HandStatus.__slots__}
    return {**said, "element": None if one.whole_course else one.element, **moments}
