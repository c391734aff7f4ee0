"""The admin's page of what counts in a course: retakes, and which attempt of a unit.

Serves admins. Views only: what the rules mean for a record is for `launcher.records`.
"""

from __future__ import annotations

from functools import partial

from flask import abort, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import Connection

import catalog.store
from catalog.store import StoredCourse
from launcher.db import read, transact
from launcher.forms import CourseRulesForm
from launcher.records import course_rules as records_rules
from launcher.records import recounts
from launcher.records.course_rules import CourseRules
from launcher.schema import Counts

# Learners counted anew before the page answers: a few seconds. The sweep goes on with the rest.
COUNTED_AT_ONCE = 500


def course_rules(course_id: int) -> ResponseReturnValue:
    """Show the rules of a course, or keep what was chosen and count its records anew."""
    form = CourseRulesForm()
    if form.validate_on_submit():
        rules = CourseRules(form.retakes.data == "allowed", Counts(form.counts.data))
        transact(partial(_keep, course_id=course_id, rules=rules))
        recounts.recount(g.academy.id, course_id=course_id, most=COUNTED_AT_ONCE)
        flash(_("The rules are saved."), "success")
        return redirect(url_for("admin.course_rules", course_id=course_id))
    stored, rules, left = read(partial(_facts, course_id=course_id))
    if not form.is_submitted():
        form.retakes.data = "allowed" if rules.retakes else "forbidden"
        form.counts.data = rules.counts.value
    page = render_template("admin/course_rules.html", stored=stored, form=form, left=left)
    return page, 422 if form.errors else 200


def _keep(connection: Connection, *, course_id: int, rules: CourseRules) -> None:
    _course(connection, course_id)
    records_rules.change_rules(connection, g.academy.id, course_id=course_id, rules=rules)


def _facts(connection: Connection, *, course_id: int) -> tuple[StoredCourse, CourseRules, int]:
    return (
        _course(connection, course_id),
        records_rules.rules_of(connection, g.academy.id, course_id=course_id),
        recounts.left(connection, g.academy.id, course_id=course_id),
    )


def _course(connection: Connection, course_id: int) -> StoredCourse:
    stored = catalog.store.course(connection, g.academy.id, course_id=course_id)
    if stored is None:
        abort(404)
    return stored
