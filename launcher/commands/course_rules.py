"""`hacp course`: what counts in a course, shown and set.

Serves operators and scripts. What the rules mean for a record is for `launcher.records`.
"""

from __future__ import annotations

from dataclasses import replace

import click
from sqlalchemy import Connection

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
from launcher.db import read, transact
from launcher.records import course_rules, recounts
from launcher.records.course_rules import CourseRules
from launcher.schema import Counts

_RETAKES = {"allowed": True, "forbidden": False}


@click.group("course")
def course() -> None:
    """Show and set what counts in a course."""


@course.command("show")
@click.argument("course")
@json_option
@academy_option
@in_application
def show(course: str, as_json: bool, academy_slug: str | None) -> None:
    """Show whether COURSE allows retakes and which attempt of a unit counts."""

    def unit(connection: Connection) -> CourseRules:
        academy = the_academy(connection, academy_slug)
        course_id = the_course(connection, academy, course)
        return course_rules.rules_of(connection, academy.id, course_id=course_id)

    rules = read(unit)
    facts = {
        "retakes": "allowed" if rules.retakes else "forbidden",
        "counts": str(rules.counts),
    }
    if as_json:
        write_json(facts)
    else:
        write_table(("RULE", "VALUE"), list(facts.items()))


@course.command("set")
@click.argument("course")
@click.option(
    "--retakes",
    type=click.Choice(list(_RETAKES)),
    help="Whether a unit that is over may be begun anew.",
)
@click.option(
    "--counts",
    type=click.Choice([str(one) for one in Counts]),
    help="Which of several attempts at a unit counts.",
)
@academy_option
@in_application
def set_rules(
    course: str, retakes: str | None, counts: str | None, academy_slug: str | None
) -> None:
    """Set what counts in COURSE; what is not said stays as it is.

    Another --counts counts the record of every learner of the course anew, a few at a time.
    """
    if retakes is None and counts is None:
        raise click.ClickException("Say what to set: --retakes or --counts.")

    def unit(connection: Connection) -> tuple[int, int]:
        academy = the_academy(connection, academy_slug)
        course_id = the_course(connection, academy, course)
        rules = course_rules.rules_of(connection, academy.id, course_id=course_id)
        if retakes is not None:
            rules = replace(rules, retakes=_RETAKES[retakes])
        if counts is not None:
            rules = replace(rules, counts=Counts(counts))
        course_rules.change_rules(connection, academy.id, course_id=course_id, rules=rules)
        return academy.id, course_id

    academy_id, course_id = transact(unit)
    recounts.recount(academy_id, course_id=course_id)
    say("The rules are set.")
