"""`hacp course`: what counts in a course, shown and set.

Serves operators and scripts. What the rules mean for a record is for `launcher.records`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import click
from sqlalchemy import Connection

import catalog.store
from catalog.files.values import parse_score
from catalog.store import StoredCourse
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
from launcher.records import course_rules, mastery, recounts
from launcher.records.course_rules import CourseRules
from launcher.records.mastery import SetMastery
from launcher.schema import Counts

_RETAKES = {"allowed": True, "forbidden": False}
_OWN, _NONE = "own", "none"


@click.group("course")
def course() -> None:
    """Show and set what counts in a course."""


@course.command("show")
@click.argument("course")
@json_option
@academy_option
@in_application
def show(course: str, as_json: bool, academy_slug: str | None) -> None:
    """Show whether COURSE allows retakes, which attempt counts, and its mastery scores."""

    def unit(connection: Connection) -> tuple[StoredCourse, CourseRules, dict[str, SetMastery]]:
        stored = _stored(connection, academy_slug, course)
        here = {"academy_id": stored.academy_id, "course_id": stored.id}
        return (
            stored,
            course_rules.rules_of(connection, **here),
            mastery.mastery_set(connection, **here),
        )

    stored, rules, known = read(unit)
    facts = {
        "retakes": "allowed" if rules.retakes else "forbidden",
        "counts": str(rules.counts),
    }
    units = _units(stored, known)
    if as_json:
        write_json({**facts, "mastery": units})
        return
    lines = [(f"mastery {one['unit']}", _said(one)) for one in units]
    write_table(("RULE", "VALUE"), [*facts.items(), *lines])


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
@click.option(
    "--mastery",
    "score",
    metavar="SCORE",
    help=f"Mastery score of later launches of --au; {_NONE} for none, {_OWN} for the course's own.",
)
@click.option("--au", "au_id", metavar="ID", help="The unit of --mastery.")
@academy_option
@in_application
def set_rules(
    course: str,
    retakes: str | None,
    counts: str | None,
    score: str | None,
    au_id: str | None,
    academy_slug: str | None,
) -> None:
    """Set what counts in COURSE; what is not said stays as it is.

    Another --counts counts the record of every learner of the course anew, a few at a time.
    """
    if retakes is None and counts is None and score is None:
        raise click.ClickException("Say what to set: --retakes, --counts or --mastery.")
    if (score is None) is not (au_id is None):
        raise click.ClickException("--mastery and --au go together: which unit, and which score.")
    change = _Change(retakes, counts, score, au_id)

    def unit(connection: Connection) -> StoredCourse:
        stored = _stored(connection, academy_slug, course)
        change.keep(connection, stored)
        return stored

    stored = transact(unit)
    recounts.recount(stored.academy_id, course_id=stored.id)
    say("The rules are set.")


@dataclass(frozen=True, slots=True)
class _Change:
    """What was asked for."""

    retakes: str | None
    counts: str | None
    score: str | None
    au_id: str | None

    def keep(self, connection: Connection, stored: StoredCourse) -> None:
        """Keep it, or refuse all of it."""
        here = {"academy_id": stored.academy_id, "course_id": stored.id}
        rules = course_rules.rules_of(connection, **here)
        if self.retakes is not None:
            rules = replace(rules, retakes=_RETAKES[self.retakes])
        if self.counts is not None:
            rules = replace(rules, counts=Counts(self.counts))
        course_rules.change_rules(connection, **here, rules=rules)
        if self.score is None or self.au_id is None:
            return
        if stored.course.unit(self.au_id) is None:
            ids = ", ".join(unit.system_id for unit in stored.course.units)
            raise click.ClickException(f"There is no unit {self.au_id!r}. There are: {ids}.")
        if self.score == _OWN:
            mastery.use_own(connection, **here, au_id=self.au_id)
        else:
            new = SetMastery(_score(self.score), "", datetime.now(UTC))
            mastery.set_mastery(connection, **here, au_id=self.au_id, mastery=new)


def _score(text: str) -> Decimal | None:
    if text == _NONE:
        return None
    try:
        score = parse_score(text)
    except ValueError:
        score = None
    if score is None or score < 0:
        raise click.ClickException(
            f"--mastery is {text!r}. Give a number such as 80 or 79.5, {_NONE} or {_OWN}."
        )
    return score


def _stored(connection: Connection, academy_slug: str | None, text: str) -> StoredCourse:
    academy = the_academy(connection, academy_slug)
    course_id = the_course(connection, academy, text)
    stored = catalog.store.course(connection, academy.id, course_id=course_id)
    if stored is None:
        raise click.ClickException(f"There is no course {text!r} in the academy {academy.slug}.")
    return stored


def _units(stored: StoredCourse, known: Mapping[str, SetMastery]) -> list[dict[str, Any]]:
    return [
        {
            "unit": unit.system_id,
            "own": unit.mastery_score,
            "in_force": mastery.in_force(unit, known),
            "set": unit.system_id in known,
        }
        for unit in stored.course.units
    ]


def _said(unit: Mapping[str, Any]) -> str:
    own, score = (_NONE if unit[name] is None else unit[name] for name in ("own", "in_force"))
    return f"{score} (the course's own: {own})" if unit["set"] else f"{score}"
