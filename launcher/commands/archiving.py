"""`hacp archive` and `hacp reactivate`: a course out of everybody's reach, and back.

Serves operators and scripts. What becomes of running sessions is `launcher.archiving`'s knowledge.
"""

from __future__ import annotations

from datetime import UTC, datetime

import click
from sqlalchemy import Connection

from launcher import archiving
from launcher.commands.door import academy_option, in_application, say, the_academy, the_course
from launcher.db import read


@click.command("archive")
@click.argument("course")
@academy_option
@in_application
def archive(course: str, academy_slug: str | None) -> None:
    """Archive COURSE: nobody can launch it, and all that is recorded is kept.

    Learners who are in the middle of it lose nothing: what their windows send is held, and credited
    when the course is reactivated. A sync does not reactivate what was archived here. COURSE is an
    id or the AICC course id.
    """
    academy_id, course_id = _found(course, academy_slug)
    if archiving.archive(academy_id, course_id=course_id, by=None, now=datetime.now(UTC)):
        say("The course is archived. 'hacp reactivate' takes it back.")
    else:
        say("The course was archived already.")


@click.command("reactivate")
@click.argument("course")
@academy_option
@in_application
def reactivate(course: str, academy_slug: str | None) -> None:
    """Take an archived COURSE back and credit what its learners' windows have sent since."""
    academy_id, course_id = _found(course, academy_slug)
    credited = archiving.reactivate(academy_id, course_id=course_id, by=None, now=datetime.now(UTC))
    if credited is None:
        say("The course is not archived.")
    else:
        say(f"The course is active again. Held messages that were credited: {credited}.")


def _found(course: str, academy_slug: str | None) -> tuple[int, int]:
    def unit(connection: Connection) -> tuple[int, int]:
        academy = the_academy(connection, academy_slug)
        return academy.id, the_course(connection, academy, course)

    return read(unit)
