"""The pretend OpenSesame as one WSGI application: API, launch pages and the customer's page.

Serves `demo.run` and the tests. Decides nothing: it only says what is plugged in where.
"""

from __future__ import annotations

from flask import Flask, Response

from demo.opensesame import api, launching, speaking
from demo.opensesame.pretend import Pretend

# Whoever is on this machine may be called by any of its names; nobody else's name is answered.
_LOOPBACK = ("localhost", "127.0.0.1")


def create_app(pretend: Pretend | None = None) -> Flask:
    """Make the application around a state; it is found again as `app.extensions["pretend"]`."""
    state = pretend if pretend is not None else Pretend()
    app = Flask(__name__)
    app.extensions["pretend"] = state
    app.config["TRUSTED_HOSTS"] = [*_LOOPBACK, *state.hosts]
    for part in (api, launching, speaking):
        app.register_blueprint(part.create_blueprint(state))

    @app.after_request
    def _guard(response: Response) -> Response:
        # The session id stands in the address of a launched page: it must not travel on.
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    return app
