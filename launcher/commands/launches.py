"""`hacp launch`: open a session from the shell, as the learner's button would.

Serves support and scripts that play content. The rules of a launch are `launcher.launches`' own.
"""

from __future__ import annotations

from datetime import UTC, datetime

import click
from sqlalchemy import Connection

from hacp.model import Credit
from launcher import config, launches
from launcher.commands.door import (
    academy_option,
    in_application,
    the_academy,
    the_course,
    the_learner,
)
from launcher.db import transact
from launcher.launches import Launched


@click.command("launch")
@click.argument("course")
@click.argument("learner")
@click.option("--au", "au_id", metavar="ID", help="Which unit; may be left out where there is one.")
@click.option("--retake", is_flag=True, help="Begin a unit that is done or failed anew.")
@click.option("--browse", is_flag=True, help="Look inside: no result is recorded.")
@click.option("--no-credit", is_flag=True, help="Without credit: no mastery score is applied.")
@academy_option
@in_application
def launch(
    course: str,
    learner: str,
    au_id: str | None,
    retake: bool,
    browse: bool,
    no_credit: bool,
    academy_slug: str | None,
) -> None:
    """Open a session of COURSE for LEARNER and print the content's address.

    The address holds AICC_SID and AICC_URL and is ready to open; whoever has it can write into this
    learner's record. COURSE is an id or the AICC course id, LEARNER an e-mail address or student
    id.
    """

    if browse and (retake or no_credit):
        raise click.UsageError("--browse goes with neither --retake nor --no-credit.")

    def unit(connection: Connection) -> Launched:
        academy = the_academy(connection, academy_slug)
        return launches.launch(
            connection,
            the_learner(connection, academy, learner),
            course_id=the_course(connection, academy, course),
            au_id=au_id,
            settings=config.current(),
            now=datetime.now(UTC),
            retake=retake,
            browse=browse,
            credit=Credit.NO_CREDIT if no_credit else Credit.CREDIT,
        )

    click.echo(transact(unit).url)
