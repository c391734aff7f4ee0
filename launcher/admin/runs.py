"""The admin's pages of sync runs: what each comparison with OpenSesame changed, field by field.

Serves admins. Views only; what a run may do is the catalog's knowledge.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from flask import abort, current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import Connection

from catalog.archive import archived_among
from catalog.errors import NothingToDecide
from catalog.supply import connections, items
from catalog.supply import entries as reports
from catalog.supply import runs as catalog_runs
from catalog.supply.model import Run, RunKind, RunState
from catalog.sync import doubts
from launcher import paging, tasks
from launcher.admin.deliveries import wanted_outcome
from launcher.db import read, transact
from launcher.opensesame.standing import standing
from launcher.people import accounts


def runs() -> str:
    """List runs, the newest first."""

    def unit(connection: Connection) -> dict[str, object]:
        page = paging.page(catalog_runs.count_runs(connection, g.academy.id))
        rows = catalog_runs.runs(connection, g.academy.id, limit=page.size, offset=page.offset)
        now = standing(connection, g.academy.id)
        return {
            "page": page,
            "runs": rows,
            "people": _people(connection, rows),
            "live": now.running is not None or now.is_due(datetime.now(UTC)),
            "standing": now,
        }

    return render_template("admin/runs.html", **read(unit))


def run(run_id: int) -> str:
    """Show one run: how far it is or came, and what it did with each course."""
    chosen = wanted_outcome()

    def unit(connection: Connection) -> dict[str, object]:
        found = catalog_runs.run(connection, g.academy.id, run_id=run_id)
        if found is None:
            abort(404)
        total = reports.count_entries(connection, g.academy.id, run_id=found.id, outcome=chosen)
        page = paging.page(total)
        entries = reports.entries(
            connection,
            g.academy.id,
            run_id=found.id,
            outcome=chosen,
            limit=page.size,
            offset=page.offset,
        )
        return {
            "run": found,
            "chosen": chosen,
            "page": page,
            "entries": entries,
            "archived": archived_among(
                connection, g.academy.id, [one.course_id for one in entries]
            ),
            "people": _people(connection, [found]),
            "live": found.state is RunState.RUNNING,
            "standing": standing(connection, g.academy.id),
        }

    return render_template("admin/run.html", **read(unit))


def start_sync() -> ResponseReturnValue:
    """Have the academy compared soon: what differs, or everything again."""
    kind = RunKind.EVERYTHING if request.form.get("what") == "everything" else RunKind.HAND

    def unit(connection: Connection) -> None:
        _turned_on_or_404(connection)
        # Should the task be lost, the next look around finds the academy due.
        connections.schedule(connection, g.academy.id, next_poll_at=datetime.now(UTC))

    transact(unit)
    tasks.of(current_app).sync_soon(g.academy.id, kind, by=g.member.id)
    flash(_("The comparison begins in a moment."), "success")
    return redirect(url_for("admin.runs"))


def sync_course(course_id: int) -> ResponseReturnValue:
    """Have one course compared soon."""

    def unit(connection: Connection) -> str:
        _turned_on_or_404(connection)
        found = items.provided(connection, g.academy.id, course_id=course_id)
        if found is None:
            abort(404)
        return found.item.key

    key = read(unit)
    tasks.of(current_app).sync_soon(g.academy.id, RunKind.ONE, key=key, by=g.member.id)
    flash(_("The course is compared in a moment. What comes of it stands below."), "success")
    return redirect(url_for("admin.course", course_id=course_id))


def confirm_run(run_id: int) -> ResponseReturnValue:
    """Let a run that waits archive what it proposes, as far as a fresh listing says the same."""
    if _decided(run_id, doubts.confirm):
        tasks.of(current_app).sync_soon(g.academy.id, RunKind.CONFIRMED, by=g.member.id)
        flash(
            _("Confirmed. A fresh listing is read, and what it still lacks is archived."), "success"
        )
    return redirect(url_for("admin.run", run_id=run_id))


def discard_run(run_id: int) -> ResponseReturnValue:
    """Leave everything as it is, and do not ask about the same again."""
    if _decided(run_id, doubts.discard):
        flash(_("Discarded. Nothing was archived."), "success")
    return redirect(url_for("admin.run", run_id=run_id))


def _decided(run_id: int, decide: Callable[..., None]) -> bool:
    """Carry a decision out; False where somebody else has decided meanwhile."""

    def unit(connection: Connection) -> None:
        if catalog_runs.run(connection, g.academy.id, run_id=run_id) is None:
            abort(404)
        decide(connection, g.academy.id, run_id=run_id, by=g.member.id, now=datetime.now(UTC))

    try:
        transact(unit)
    except NothingToDecide:
        flash(_("This was decided already."), "warning")
        return False
    return True


def _turned_on_or_404(connection: Connection) -> None:
    present = connections.connection_of(connection, g.academy.id)
    if present is None or not present.ready:
        abort(404)


def _people(connection: Connection, shown: list[Run]) -> dict[int, str]:
    """Return the names of those who started or decided runs; a page has a handful at most."""
    ids = {one for run in shown for one in (run.by, run.decided_by) if one is not None}
    found = (accounts.member(connection, g.academy.id, learner_id=one) for one in ids)
    return {person.id: person.name for person in found if person is not None}
