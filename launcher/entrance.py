"""The front door: where a person who comes to the bare address belongs, and whether all is well.

Serves people who sign in and machines that watch the server. Shows no academy from the inside.
"""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from launcher.db import read
from launcher.people import academies, accounts
from launcher.schema import Role

blueprint = Blueprint("entrance", __name__)


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """Send a person on to their academy, or let them choose where there are several."""
    if not current_user.is_authenticated:
        return redirect(url_for("security.login"))
    account_id = current_user.id
    choices = read(lambda c: academies.academies_of_account(c, account_id=account_id))
    if len(choices) != 1:
        return render_template("academies.html", academies=choices)
    (membership,) = read(lambda c: accounts.memberships_of_account(c, account_id))
    home = "admin.home" if membership.role is Role.ADMIN else "learner.home"
    return redirect(url_for(home, slug=choices[0].slug))


@blueprint.get("/health")
def health() -> ResponseReturnValue:
    """Answer 200 when the database answers, 503 when it does not."""
    try:
        read(lambda connection: connection.execute(select(1)).scalar_one())
    except SQLAlchemyError:
        return "database does not answer\n", 503, {"Content-Type": "text/plain"}
    return "ok\n", 200, {"Content-Type": "text/plain"}
