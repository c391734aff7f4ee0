"""`hacp enrol` and `hacp withdraw`: who may take which course.

Serves operators and scripts. What is recorded is kept either way.
"""

from __future__ import annotations

from datetime import UTC, datetime

import click
from sqlalchemy import Connection

from launcher.commands.door import (
    academy_option,
    in_application,
    say,
    the_academy,
    the_course,
    the_learner,
)
from launcher.db import transact
from launcher.people import enrolments


@click.command("enrol")
@click.argument("course")
@click.argument("learner")
@academy_option
@in_application
def enrol(course: str, learner: str, academy_slug: str | None) -> None:
    """Let LEARNER take COURSE; print the course's id and the learner's id.

    COURSE is an id or the AICC course id, LEARNER an e-mail address or student id.
    """

    def unit(connection: Connection) -> tuple[int, int, bool]:
        academy = the_academy(connection, academy_slug)
        course_id = the_course(connection, academy, course)
        learner_id = the_learner(connection, academy, learner).id
        new = enrolments.enrol(
            connection,
            academy_id=academy.id,
            learner_id=learner_id,
            course_id=course_id,
            now=datetime.now(UTC),
        )
        return course_id, learner_id, new

    course_id, learner_id, new = transact(unit)
    if not new:
        say(f"{learner} was enrolled in {course} already.")
    click.echo(f"{course_id} {learner_id}")


@click.command("withdraw")
@click.argument("course")
@click.argument("learner")
@academy_option
@in_application
def withdraw(course: str, learner: str, academy_slug: str | None) -> None:
    """Take LEARNER out of COURSE; what is recorded is kept.

    COURSE is an id or the AICC course id, LEARNER an e-mail address or student id.
    """

    def unit(connection: Connection) -> bool:
        academy = the_academy(connection, academy_slug)
        return enrolments.withdraw(
            connection,
            academy_id=academy.id,
            learner_id=the_learner(connection, academy, learner).id,
            course_id=the_course(connection, academy, course),
        )

    if not transact(unit):
        raise click.ClickException(f"{learner} is not enrolled in {course}.")
    say(f"{learner} is withdrawn from {course}.")
