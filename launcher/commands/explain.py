"""`hacp explain`: why a learner's course is not complete, with its evidence, or as a file.

Serves support and scripts. What is found is for `launcher.explaining.explain` to say; this one only
asks and tells.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, TextIO

import click
from sqlalchemy import Connection

from launcher import config
from launcher.commands.door import (
    academy_option,
    in_application,
    json_option,
    say,
    the_academy,
    the_course,
    the_learner,
    write_json,
)
from launcher.db import read
from launcher.explaining import explanations, handover
from launcher.explaining.explanations import Explained
from launcher.explaining.findings import Evidence, Finding


@click.command("explain")
@click.argument("learner")
@click.argument("course")
@click.option("--au", "au_id", metavar="ID", help="Only this unit of the course.")
@json_option
@click.option(
    "--export",
    type=click.File("w", encoding="utf-8", lazy=False),
    metavar="FILE",
    help="Write the case into a text file for the content's vendor, without the learner's name.",
)
@academy_option
@in_application
def explain(
    learner: str,
    course: str,
    au_id: str | None,
    as_json: bool,
    export: TextIO | None,
    academy_slug: str | None,
) -> None:
    """Say why LEARNER has not completed COURSE, what shows it, and what to do."""

    def unit(connection: Connection) -> Explained:
        academy = the_academy(connection, academy_slug)
        try:
            found = explanations.of_course(
                connection,
                academy.id,
                learner_id=the_learner(connection, academy, learner).id,
                course_id=the_course(connection, academy, course),
                content_url=config.current().content_url,
                au_id=au_id,
            )
        except LookupError:
            raise click.ClickException(f"{course} has no unit {au_id!r}.") from None
        if export is not None:
            _export(connection, academy.id, found, export)
        return found

    explained = read(unit)
    if as_json:
        write_json(
            {
                "unit": explained.case.unit,
                "attempt": explained.attempt.id if explained.attempt else None,
                "findings": [_as_dict(finding) for finding in explained.findings],
            }
        )
        return
    for finding in explained.findings:
        _write(finding, unit=explained.case.unit)


def _export(connection: Connection, academy_id: int, found: Explained, stream: TextIO) -> None:
    if found.attempt is None:
        raise click.ClickException("Nothing was launched, so there is nothing to hand over.")
    handover.write(
        stream,
        connection,
        academy_id,
        attempt=found.attempt,
        explained=found,
        now=datetime.now(UTC),
    )
    say(f"Wrote {stream.name}.")


def _write(finding: Finding, *, unit: str) -> None:
    click.echo(f"{unit}: {finding.sentence}")
    for one in finding.evidence:
        click.echo(f"    {_where(one)}")
    click.echo(f"    {finding.what_to_do}")


def _where(one: Evidence) -> str:
    text = f"exchange {one.number}, {one.command}, {one.at:%Y-%m-%d %H:%M:%S} UTC"
    return f"{text}, line {one.line}: {one.text}" if one.line else text


def _as_dict(finding: Finding) -> dict[str, Any]:
    return {
        "cause": str(finding.cause),
        "sentence": finding.sentence,
        "what_to_do": finding.what_to_do,
        "evidence": [
            {
                "exchange": one.exchange_id,
                "number": one.number,
                "at": one.at.isoformat(),
                "command": one.command,
                "line": one.line,
                "text": one.text,
            }
            for one in finding.evidence
        ],
    }
