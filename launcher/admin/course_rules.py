"""The admin's page of what counts in a course: retakes, which attempt, and mastery scores.

Serves admins. Views only: what the rules mean for a record is for `launcher.records`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import Connection

import catalog.store
from catalog.files.values import parse_score
from catalog.model import AssignableUnit
from catalog.store import StoredCourse
from launcher.db import read, transact
from launcher.forms import CourseRulesForm
from launcher.records import course_rules as rules_kept
from launcher.records import mastery, recounts
from launcher.records.course_rules import CourseRules
from launcher.records.mastery import SetMastery
from launcher.schema import Counts

# Learners counted anew before the page answers: a few seconds. The sweep goes on with the rest.
COUNTED_AT_ONCE = 500
# What may be chosen for a unit's mastery score.
OWN, NONE, OTHER = "own", "none", "other"


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit on the page: its course's own score, what is set, what was typed, what is wrong."""

    unit: AssignableUnit
    known: SetMastery | None
    chosen: str
    typed: str
    fault: str = ""


def course_rules(course_id: int) -> ResponseReturnValue:
    """Show the rules of a course, or keep what was chosen and count its records anew."""
    form = CourseRulesForm()
    stored, rules, set_now, left = read(partial(_facts, course_id=course_id))
    rows = [_row(unit, set_now.get(unit.system_id)) for unit in stored.course.units]
    faults = any(row.fault for row in rows)
    if form.validate_on_submit() and not faults:
        chosen = CourseRules(form.retakes.data == "allowed", Counts(form.counts.data))
        transact(partial(_keep, course_id=course_id, rules=chosen, rows=rows))
        recounts.recount(g.academy.id, course_id=course_id, most=COUNTED_AT_ONCE)
        flash(_("The rules are saved."), "success")
        return redirect(url_for("admin.course_rules", course_id=course_id))
    if not form.is_submitted():
        form.retakes.data = "allowed" if rules.retakes else "forbidden"
        form.counts.data = rules.counts.value
    page = render_template(
        "admin/course_rules.html", stored=stored, form=form, left=left, rows=rows
    )
    return page, 422 if form.errors or faults else 200


def _facts(
    connection: Connection, *, course_id: int
) -> tuple[StoredCourse, CourseRules, Mapping[str, SetMastery], int]:
    stored = catalog.store.course(connection, g.academy.id, course_id=course_id)
    if stored is None:
        abort(404)
    return (
        stored,
        rules_kept.rules_of(connection, g.academy.id, course_id=course_id),
        mastery.mastery_set(connection, g.academy.id, course_id=course_id),
        recounts.left(connection, g.academy.id, course_id=course_id),
    )


def _row(unit: AssignableUnit, known: SetMastery | None) -> UnitRow:
    """Read what was chosen for a unit; what was not sent stays as it is."""
    chosen, typed = OWN, ""
    if known is not None:
        chosen = NONE if known.score is None else OTHER
        typed = "" if known.score is None else f"{known.score:f}"
    chosen = request.form.get(f"mastery-{unit.system_id}", chosen)
    typed = request.form.get(f"score-{unit.system_id}", typed).strip()
    fault = ""
    if chosen == OTHER and _score(typed) is None:
        fault = _("Type a number such as 80 or 79.5.")
    elif chosen not in {OWN, NONE, OTHER}:
        fault = _("Choose one of the three.")
    return UnitRow(unit, known, chosen, typed, fault)


def _score(text: str) -> Decimal | None:
    try:
        score = parse_score(text)
    except ValueError:
        return None
    return score if score is not None and score >= 0 else None


def _keep(
    connection: Connection, *, course_id: int, rules: CourseRules, rows: list[UnitRow]
) -> None:
    here = {"academy_id": g.academy.id, "course_id": course_id}
    rules_kept.change_rules(connection, **here, rules=rules)
    for row in rows:
        score = _score(row.typed) if row.chosen == OTHER else None
        if row.chosen == OWN:
            mastery.use_own(connection, **here, au_id=row.unit.system_id)
        elif row.known is None or row.known.score != score:
            new = SetMastery(score, g.member.name, datetime.now(UTC))
            mastery.set_mastery(connection, **here, au_id=row.unit.system_id, mastery=new)
