"""The admin's first page: the academy in a few numbers, and what to do first when it is empty.

Serves admins. Views only.
"""

from __future__ import annotations

from flask import g, render_template
from sqlalchemy import Connection

from launcher.db import read
from launcher.opensesame.standing import standing
from launcher.records.overview import overview


def home() -> str:
    """Show counts and the latest activity, and the first steps until somebody has begun."""

    def unit(connection: Connection) -> dict[str, object]:
        return {
            "overview": overview(connection, g.academy.id),
            "standing": standing(connection, g.academy.id),
        }

    return render_template("admin/home.html", **read(unit))
