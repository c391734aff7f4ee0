"""The admin's page of a preview: its units, their launch buttons, and the way to the trace.

Serves admins. Views only: what a preview is, and that it leaves no record, is for
`launcher.previews`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Any

from flask import (
    Response,
    abort,
    flash,
    g,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import Connection

import catalog.store
from catalog.structure import outline_rows
from hacp.model import Attempt
from launcher import config, previews
from launcher.db import read, transact
from launcher.launches import LaunchRefused


def preview(course_id: int) -> str:
    """Show the units of a course, to be tried, and how far this preview has come."""
    return render_template("admin/preview.html", **read(partial(_facts, course_id=course_id)))


def preview_launch(course_id: int) -> Response:
    """Open a unit for the admin and leave for its content, or say why not."""

    try:
        launched = transact(
            lambda connection: previews.launch(
                connection,
                g.member,
                course_id=course_id,
                au_id=request.form.get("au") or None,
                settings=config.current(),
                now=datetime.now(UTC),
            )
        )
    except LaunchRefused as refused:
        page = render_template(
            "admin/preview_refused.html", reason=refused.reason, course_id=course_id
        )
        return make_response(page, refused.status)
    response = make_response(render_template("learner/launch.html", url=launched.url))
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def preview_afresh(course_id: int) -> ResponseReturnValue:
    """Begin again, as if the course had never been tried."""

    def unit(connection: Connection) -> None:
        if catalog.store.course(connection, g.academy.id, course_id=course_id) is None:
            abort(404)
        previews.begin(
            connection,
            g.academy.id,
            course_id=course_id,
            member_id=g.member.id,
            now=datetime.now(UTC),
        )

    transact(unit)
    flash(_("The preview begins again from the start."), "success")
    return redirect(url_for("admin.preview", course_id=course_id))


def preview_trace(course_id: int) -> ResponseReturnValue:
    """Lead to what a unit's content says now, or back where it has not been launched."""
    attempts = read(partial(_facts, course_id=course_id))["attempts"]
    found = attempts.get(request.args.get("au", ""))
    if found is None:
        return redirect(url_for("admin.preview", course_id=course_id))
    return redirect(url_for("admin.attempt", attempt_id=found.id, newest=1))


def _facts(connection: Connection, *, course_id: int) -> dict[str, Any]:
    stored = catalog.store.course(connection, g.academy.id, course_id=course_id)
    if stored is None:
        abort(404)
    known = previews.current(connection, g.academy.id, course_id=course_id, member_id=g.member.id)
    attempts: dict[str, Attempt] = {}
    if known is not None:
        # Of each unit the newest stays.
        attempts = {one.au_id: one for one in previews.attempts_of(connection, known)}
    return {"stored": stored, "rows": outline_rows(stored.course), "attempts": attempts}
