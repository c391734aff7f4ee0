"""The admin's page of duplicates: what waits for a decision, side by side, and what was decided.

Serves admins. Views only: a choice is carried out by `launcher.duplicates`.
"""

from __future__ import annotations

from datetime import UTC, datetime

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import Connection

from catalog.archive import archived_among
from catalog.errors import DecisionRefused, NotConnected, NothingToDecide, PackageRefused
from catalog.supply import decisions
from catalog.supply.model import Decision, DecisionState, DuplicatePolicy
from launcher import duplicates as deciding
from launcher import paging
from launcher.db import read
from launcher.numbers import parse_id, parse_wide_id
from launcher.opensesame.standing import standing
from launcher.people import accounts

# Questions on one page: each is a comparison. "Apply to all" means these.
ON_A_PAGE = 20
CHOICES = (DuplicatePolicy.UPDATE, DuplicatePolicy.KEEP, DuplicatePolicy.SKIP)


def add_badge(state: BlueprintSetupState) -> None:
    """Let the navigation of admins count what waits for them."""
    state.app.jinja_env.globals["open_decisions"] = open_decisions


def open_decisions() -> int:
    """Count the academy's questions that wait."""
    return read(
        lambda connection: decisions.count_decisions(
            connection, g.academy.id, state=DecisionState.PENDING
        )
    )


def duplicates() -> str:
    """Show what waits, the oldest first, and below it what was decided; of one course alone too."""
    course_id = request.args.get("course", default=0, type=parse_id)

    def unit(connection: Connection) -> dict[str, object]:
        if course_id:
            decided = decisions.trail(connection, g.academy.id, course_id=course_id)
            page = None
        else:
            total = decisions.count_decisions(connection, g.academy.id, state=DecisionState.DECIDED)
            page = paging.page(total)
            decided = decisions.decisions(
                connection,
                g.academy.id,
                state=DecisionState.DECIDED,
                limit=page.size,
                offset=page.offset,
            )
        waiting = decisions.decisions(
            connection, g.academy.id, state=DecisionState.PENDING, limit=ON_A_PAGE
        )
        return {
            "asked": [] if course_id else [deciding.compare(connection, one) for one in waiting],
            "decided": [one for one in decided if one.state is DecisionState.DECIDED],
            "archived": archived_among(
                connection, g.academy.id, [one.course_id for one in decided]
            ),
            "page": page,
            "people": _people(connection, decided),
            "standing": standing(connection, g.academy.id),
        }

    return render_template("admin/duplicates.html", course_id=course_id, **read(unit))


def decide() -> ResponseReturnValue:
    """Carry a choice out, for one question or for all that the page showed."""
    choice = request.form.get("choice", "")
    asked = request.form.getlist("question", type=parse_wide_id)
    if choice not in list(CHOICES) or not asked:
        abort(400)
    done = sum(_decided(one, DuplicatePolicy(choice)) for one in asked[:ON_A_PAGE])
    if done:
        flash(_("Decided: %(number)d.", number=done), "success")
    return redirect(url_for("admin.duplicates"))


def _decided(decision_id: int, choice: DuplicatePolicy) -> bool:
    """Do one, or say why not; the others go on."""
    try:
        deciding.decide(
            g.academy.id,
            decision_id=decision_id,
            choice=choice,
            by=g.member.id,
            now=datetime.now(UTC),
        )
    except (NothingToDecide, NotConnected):
        flash(
            _("Somebody has decided this already, or it went away. Nothing was done twice."), "info"
        )
    except (DecisionRefused, PackageRefused) as refused:
        flash(_("That cannot be done: %(reason)s", reason=str(refused)), "danger")
    else:
        return True
    return False


def _people(connection: Connection, shown: list[Decision]) -> dict[int, str]:
    ids = {one.by for one in shown if one.by is not None}
    found = (accounts.member(connection, g.academy.id, learner_id=one) for one in ids)
    return {person.id: person.name for person in found if person is not None}
