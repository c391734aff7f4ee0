"""The admin's pages of sync runs: what each comparison with OpenSesame changed, field by field.

Serves admins. Views only; what a run may do is the catalog's knowledge.
"""

from __future__ import annotations

from flask import abort, g, render_template
from sqlalchemy import Connection

from catalog import entries as reports
from catalog import runs as catalog_runs
from catalog.supply import Run, RunState
from launcher import paging
from launcher.admin.deliveries import wanted_outcome
from launcher.db import read
from launcher.opensesame.standing import standing
from launcher.people import accounts


def runs() -> str:
    """List runs, the newest first."""

    def unit(connection: Connection) -> dict[str, object]:
        page = paging.page(catalog_runs.count_runs(connection, g.academy.id))
        rows = catalog_runs.runs(connection, g.academy.id, limit=page.size, offset=page.offset)
        return {
            "page": page,
            "runs": rows,
            "people": _people(connection, rows),
            "live": any(row.state is RunState.RUNNING for row in rows),
            "standing": standing(connection, g.academy.id),
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
        return {
            "run": found,
            "chosen": chosen,
            "page": page,
            "entries": reports.entries(
                connection,
                g.academy.id,
                run_id=found.id,
                outcome=chosen,
                limit=page.size,
                offset=page.offset,
            ),
            "people": _people(connection, [found]),
            "live": found.state is RunState.RUNNING,
            "standing": standing(connection, g.academy.id),
        }

    return render_template("admin/run.html", **read(unit))


def _people(connection: Connection, shown: list[Run]) -> dict[int, str]:
    """Return the names of those who started or decided runs; a page has a handful at most."""
    ids = {one for run in shown for one in (run.by, run.decided_by) if one is not None}
    found = (accounts.member(connection, g.academy.id, learner_id=one) for one in ids)
    return {person.id: person.name for person in found if person is not None}
