"""The admin's pages of deliveries: what OpenSesame announced, and what became of each course.

Serves admins. Views only; what a delivery is, and what it came to, is the catalog's knowledge.
"""

from __future__ import annotations

from flask import abort, current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import Connection

from catalog.archive import archived_among
from catalog.errors import NothingToDecide
from catalog.supply import deliveries as inbox
from catalog.supply import runs as catalog_runs
from catalog.supply.model import DeliveryState, Outcome, RunKind
from launcher import paging, tasks
from launcher.db import read, transact
from launcher.opensesame.standing import standing


def deliveries() -> str:
    """List deliveries, the newest first, with what their courses came to."""

    def unit(connection: Connection) -> dict[str, object]:
        page = paging.page(inbox.count_deliveries(connection, g.academy.id))
        rows = inbox.deliveries(connection, g.academy.id, limit=page.size, offset=page.offset)
        counts = inbox.count_outcomes(connection, g.academy.id, deliveries=[row.id for row in rows])
        return {
            "page": page,
            "deliveries": rows,
            "counts": counts,
            "live": any(row.state in _MOVING for row in rows),
            "standing": standing(connection, g.academy.id),
        }

    return render_template("admin/deliveries.html", **read(unit))


def delivery(delivery_id: int) -> str:
    """Show one delivery: each of its courses, what became of it, and why."""
    chosen = wanted_outcome()

    def unit(connection: Connection) -> dict[str, object]:
        found = inbox.delivery(connection, g.academy.id, delivery=delivery_id)
        if found is None:
            abort(404)
        counts = inbox.count_outcomes(connection, g.academy.id, deliveries=[found.id]).get(
            found.id, {}
        )
        page = paging.page(sum(counts.values()) if chosen is None else counts.get(chosen, 0))
        courses = inbox.delivered(
            connection,
            g.academy.id,
            delivery=found.id,
            outcome=chosen,
            limit=page.size,
            offset=page.offset,
        )
        return {
            "delivery": found,
            "counts": counts,
            "chosen": chosen,
            "page": page,
            "courses": courses,
            "archived": archived_among(
                connection, g.academy.id, [one.course_id for one in courses]
            ),
            "run": catalog_runs.run(connection, g.academy.id, run_id=found.run_id)
            if found.run_id
            else None,
            "live": found.state in _MOVING,
            # There is something to win by trying again.
            "unsettled": found.state is DeliveryState.FAILED
            or any(counts.get(outcome) for outcome in (Outcome.FAILED, Outcome.UNLISTED, None)),
            "standing": standing(connection, g.academy.id),
        }

    return render_template("admin/delivery.html", **read(unit))


def retry_delivery(delivery_id: int) -> ResponseReturnValue:
    """Pull a delivery once more: *try again*."""

    def unit(connection: Connection) -> None:
        if inbox.delivery(connection, g.academy.id, delivery=delivery_id) is None:
            abort(404)
        inbox.retry(connection, g.academy.id, delivery=delivery_id)

    try:
        transact(unit)
    except NothingToDecide:
        flash(_("This delivery is on its way already."), "info")
    else:
        tasks.of(current_app).sync_soon(g.academy.id, RunKind.DELIVERY)
        flash(_("The delivery is tried again."), "success")
    return redirect(url_for("admin.delivery", delivery_id=delivery_id))


def wanted_outcome() -> Outcome | None:
    """Return the outcome that the request filters by; an unknown one filters by nothing."""
    text = request.args.get("outcome", "")
    return Outcome(text) if text in list(Outcome) else None


_MOVING = (DeliveryState.RECEIVED, DeliveryState.RUNNING)
