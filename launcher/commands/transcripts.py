"""`hacp transcript`: what is recorded, as a table, JSON or CSV.

Serves operators and scripts. The rows are those of the transcript pages
(`launcher.records.transcripts`).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import timedelta

import click
from sqlalchemy import Connection

from launcher.commands.door import (
    academy_option,
    in_application,
    json_option,
    the_academy,
    the_course,
    the_learner,
    write_json_list,
    write_table,
)
from launcher.db import stream
from launcher.records import transcripts
from launcher.records.transcripts import TranscriptRow


@click.command("transcript")
@click.option("--learner", help="Only this learner: an e-mail address or student id.")
@click.option("--course", help="Only this course: an id or AICC course id.")
@json_option
@click.option("--csv", "as_csv", is_flag=True, help="Write CSV, as the transcripts page does.")
@academy_option
@in_application
def transcript(
    learner: str | None, course: str | None, as_json: bool, as_csv: bool, academy_slug: str | None
) -> None:
    """Show what is recorded: course, status, score and time of each learner."""
    if as_json and as_csv:
        raise click.ClickException("Take --json or --csv, not both.")

    def unit(connection: Connection) -> Iterator[TranscriptRow]:
        academy = the_academy(connection, academy_slug)
        return transcripts.each(
            connection,
            academy.id,
            learner_id=the_learner(connection, academy, learner).id if learner else None,
            course_id=the_course(connection, academy, course) if course else None,
        )

    rows = stream(unit)
    if as_json:
        write_json_list(row.as_dict() for row in rows)
    elif as_csv:
        transcripts.write_csv(sys.stdout, rows)
    else:
        _write(list(rows))


def _write(rows: list[TranscriptRow]) -> None:
    header = ("LEARNER", "COURSE", "STATUS", "SCORE", "TIME", "ATTEMPTS", "LAST ACTIVITY")
    write_table(
        header,
        [
            (
                row.learner,
                row.course,
                f"{row.status} (by hand)" if row.by_hand else row.status,
                None if row.percent is None else f"{row.percent:.0f} %",
                timedelta(seconds=round(row.seconds)),
                row.attempts,
                None if row.last_at is None else f"{row.last_at:%Y-%m-%d %H:%M}",
            )
            for row in rows
        ],
    )
