"""The pretend OpenSesame as one WSGI application: API, launch pages and the customer's page.

Serves `demo.run` and the tests. Decides nothing: it only says what is plugged in where.
"""

from __future__ import annotations

import secrets

from flask import Flask, Response, redirect, url_for
from flask_wtf import CSRFProtect
from werkzeug.wrappers import Response as AnyResponse

from demo.opensesame import (
    api,
    connecting,
    editing,
    frame,
    launching,
    listing,
    speaking,
    switches,
)
from demo.opensesame.pretend import Pretend

# Whoever is on this machine may be called by any of its names; nobody else's name is answered.
_LOOPBACK = ("localhost", "127.0.0.1")


def create_app(pretend: Pretend | None = None) -> Flask:
    """Make the application around a state; it is found again as `app.extensions["pretend"]`."""
    state = pretend if pretend is not None else Pretend()
    app = Flask(__name__)
    app.extensions["pretend"] = state
    app.config.update(
        TRUSTED_HOSTS=[*_LOOPBACK, *state.hosts],
        # A new key each time: it signs nothing but the forms' tokens.
        SECRET_KEY=secrets.token_bytes(32),
        # Cookies do not know ports: without a name of its own it would replace the one of another
        # server on the same host.
        SESSION_COOKIE_NAME="pretend_opensesame",
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,
    )
    csrf = CSRFProtect()
    frame.init_frame(app, csrf)
    for part in (listing, editing, connecting, switches):
        app.register_blueprint(part.create_blueprint(state))
    for part in (api, launching, speaking):
        # These know no cookie that somebody else's page could make use of.
        app.register_blueprint(csrf.exempt(part.create_blueprint(state)))

    @app.get("/")
    def index() -> AnyResponse:
        return redirect(url_for("listing.courses", ciid=state.ciid))

    @app.after_request
    def _guard(response: Response) -> Response:
        # The session id stands in the address of a launched page: it must not travel on.
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    return app
