"""The admin's pages of archiving: asked once more before a course goes, one click to take it back.

Serves admins. Views only: what becomes of running sessions is `launcher.archiving`'s knowledge.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from flask import abort, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import Connection

import catalog.store
from catalog.model import ResultStatus
from catalog.store import StoredCourse
from hacp import gates, held
from hacp.model import Attempt
from launcher import archiving
from launcher.db import read
from launcher.people import enrolments
from launcher.records import transcripts


def confirm(course_id: int) -> ResponseReturnValue:
    """Say what archiving a course means, and for how many, before it is done."""

    def unit(connection: Connection) -> dict[str, object]:
        stored = _course(connection, course_id)
        begun = transcripts.count(
            connection, g.academy.id, course_id=course_id, status=ResultStatus.INCOMPLETE
        )
        enrolled = enrolments.count_enrolled(connection, g.academy.id, course_id=course_id)
        return {"stored": stored, "enrolled": enrolled, "begun": begun}

    facts = read(unit)
    stored: StoredCourse = facts["stored"]  # type: ignore[assignment]
    if stored.archived is not None:
        return redirect(url_for("admin.course", course_id=course_id))
    return render_template("admin/archive.html", **facts)


def archive(course_id: int) -> ResponseReturnValue:
    """Archive the course in the admin's name."""
    stored = read(lambda connection: _course(connection, course_id))
    now = datetime.now(UTC)
    if archiving.archive(g.academy.id, course_id=course_id, by=g.member.id, now=now):
        flash(_("“%(course)s” is archived.", course=stored.title), "success")
    else:
        flash(_("“%(course)s” was archived already.", course=stored.title), "info")
    return redirect(url_for("admin.course", course_id=course_id))


def reactivate(course_id: int) -> ResponseReturnValue:
    """Take the course back, and say how much was credited by that."""
    stored = read(lambda connection: _course(connection, course_id))
    now = datetime.now(UTC)
    credited = archiving.reactivate(g.academy.id, course_id=course_id, by=g.member.id, now=now)
    if credited is None:
        flash(_("“%(course)s” is not archived.", course=stored.title), "info")
    else:
        flash(_("“%(course)s” is active again.", course=stored.title), "success")
    if credited:
        flash(
            ngettext(
                "%(num)d message that was held is credited.",
                "%(num)d messages that were held are credited.",
                credited,
            ),
            "success",
        )
    return redirect(url_for("admin.course", course_id=course_id))


@dataclass(frozen=True, slots=True)
class HeldWork:
    """What is held of an attempt: the exchanges' ids, and what it will amount to by them."""

    exchanges: frozenset[int]
    foreseen: Attempt


def held_work(connection: Connection, attempt: Attempt) -> HeldWork | None:
    """Return what waits for the course of an attempt to be reactivated; None where nothing does."""
    waiting = gates.held_exchanges(connection, attempt.academy_id, attempt_id=attempt.id)
    if not waiting:
        return None
    return HeldWork(waiting, held.foresee(connection, attempt.academy_id, attempt=attempt))


def _course(connection: Connection, course_id: int) -> StoredCourse:
    stored = catalog.store.course(connection, g.academy.id, course_id=course_id)
    if stored is None:
        abort(404)
    return stored
