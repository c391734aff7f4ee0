"""The admin's settings page: what an academy decides for itself.

Serves admins. Views only; the rules of a name are `launcher.people.academies`' own.
"""

from __future__ import annotations

from flask import flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import Connection

from launcher import config
from launcher.db import read, transact
from launcher.forms import SettingsForm
from launcher.opensesame.standing import standing
from launcher.people.academies import AcademyRefused, change_settings
from launcher.schema import LaunchWindow


def settings() -> ResponseReturnValue:
    """Show the settings, or keep what was typed."""
    form = SettingsForm(obj=g.academy)
    if form.validate_on_submit() and _kept(form):
        flash(_("The settings are saved."), "success")
        return redirect(url_for("admin.settings"))
    page = render_template(
        "admin/settings.html",
        form=form,
        public_url=config.current().public_url,
        standing=read(lambda connection: standing(connection, g.academy.id)),
    )
    return page, 422 if form.errors else 200


def _kept(form: SettingsForm) -> bool:
    """Keep the settings, or put the reason against them beside the field."""

    def unit(connection: Connection) -> None:
        change_settings(
            connection,
            g.academy.id,
            name=form.name.data or "",
            launch_window=LaunchWindow(form.launch_window.data),
            time_zone=str(form.time_zone.data),
            self_enrolment=bool(form.self_enrolment.data),
        )

    try:
        transact(unit)
    except AcademyRefused as refused:
        form.name.errors = [refused.reason]
        return False
    return True
