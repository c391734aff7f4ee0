"""The admin's settings page of an external content provider, OpenSesame.

Serves admins. Views only: what may be chosen is `launcher.opensesame.connecting`'s knowledge, and
where the operator has not activated the provider nothing can be chosen at all.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import abort, current_app, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import Connection

from catalog.supply.model import RunKind
from launcher import config, tasks
from launcher.db import read, transact
from launcher.opensesame import clients, connecting
from launcher.opensesame.connecting import ConnectionRefused
from launcher.opensesame.forms import ProviderForm
from launcher.opensesame.standing import Standing, standing
from launcher.vault import SealUnbroken, open_vault


def opensesame() -> ResponseReturnValue:
    """Show how the academy is connected, or keep what was chosen."""
    found = _standing()
    if found.connection is None or not found.offered:
        return render_template("admin/opensesame_absent.html", standing=found)
    form = ProviderForm.of(found.connection)
    if form.validate_on_submit() and _kept(form):
        flash(_("The settings are saved."), "success")
        return redirect(url_for("admin.opensesame"))
    return _page(form, found), 422 if form.errors else 200


def test_opensesame() -> ResponseReturnValue:
    """Ask OpenSesame with what is saved, and say in words how that went."""
    found = _offered_or_404()
    if found.connection is None or not found.connection.ciid:
        flash(_("Save a Customer Integration ID first."), "warning")
        return redirect(url_for("admin.opensesame"))
    works, sentence = clients.check(found.connection, settings=config.current())
    return _page(_filled(found), found, works=works, sentence=sentence)


def push_secret() -> ResponseReturnValue:
    """Make a new secret for pushes and show it, this once."""

    def unit(connection: Connection) -> str:
        return connecting.new_push_secret(connection, g.academy.id, now=datetime.now(UTC))

    _offered_or_404()
    secret = transact(unit)
    found = _offered_or_404()
    return _page(_filled(found), found, push_secret=secret)


def _kept(form: ProviderForm) -> bool:
    """Keep what was chosen, or put the reason against it beside the field."""

    def unit(connection: Connection) -> None:
        connecting.connect(
            connection,
            g.academy.id,
            form.wanted(),
            settings=config.current(),
            now=datetime.now(UTC),
        )

    try:
        transact(unit)
    except ConnectionRefused as refused:
        form[refused.field].errors = [refused.reason]
        return False
    for kind in (RunKind.DAILY, RunKind.POLL):
        tasks.of(current_app).sync_soon(g.academy.id, kind)
    return True


def _standing() -> Standing:
    return read(lambda connection: standing(connection, g.academy.id))


def _offered_or_404() -> Standing:
    found = _standing()
    if not found.offered:
        abort(404)
    return found


def _filled(found: Standing) -> ProviderForm:
    """Return the form as what is chosen now fills it, whatever this request has sent."""
    if found.connection is None:
        abort(404)
    return ProviderForm.of(found.connection, formdata=None)


def _page(form: ProviderForm, found: Standing, **more: Any) -> str:
    settings = config.current()
    return render_template(
        "admin/opensesame.html",
        form=form,
        standing=found,
        push_url=f"{settings.public_url}/deliveries/opensesame",
        unreadable=_unreadable(found),
        **more,
    )


def _unreadable(found: Standing) -> bool:
    """Tell whether a secret is stored that no key opens any more."""
    sealed = found.connection.client_secret if found.connection else None
    if sealed is None:
        return False
    try:
        open_vault(config.current()).unseal(sealed)
    except SealUnbroken:
        return True
    return False
