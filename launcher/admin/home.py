"""The admin's first page: the academy in a few numbers, and what to do first when it is empty.

Serves admins. Views only.
"""

from __future__ import annotations

from flask import g, render_template

from launcher.db import read
from launcher.records.overview import overview


def home() -> str:
    """Show counts and the latest activity, and the first steps until somebody has begun."""
    found = read(lambda connection: overview(connection, g.academy.id))
    return render_template("admin/home.html", overview=found)
