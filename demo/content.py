"""The demo's content server: one small WSGI application on an origin of its own.

Serves the courses of `courses/` to browsers, at the addresses that `packages` writes into the
course structure files. Sets no cookie and knows nobody.
"""

from __future__ import annotations

from pathlib import Path

from flask import Flask, Response, redirect, render_template_string
from werkzeug.wrappers import Response as AnyResponse

from demo import phishing

COURSES = Path(__file__).with_name("courses")
FIRE_SAFETY = COURSES / "fire-safety"

_INDEX = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Demo content</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="{{ url_for('static', filename='phishing/style.css') }}">
<main class="card"><h1>Demo content</h1>
<p>This server only holds the demo courses. They are launched from the learning server.</p>
<ul><li><a href="{{ url_for('static', filename='fire-safety/lesson.html') }}">Fire safety at work:
a preview without a learning server</a></li></ul></main></html>"""


def create_app(*, hosts: frozenset[str] = frozenset()) -> Flask:
    """Make the content server; `hosts` are learning servers that 'Phishing basics' may call too."""
    app = Flask(__name__, static_folder=str(COURSES), static_url_path="/")
    app.register_blueprint(phishing.create_blueprint(hosts=hosts), url_prefix="/phishing")

    @app.get("/")
    def index() -> str:
        return render_template_string(_INDEX)

    @app.get("/fire-safety/")
    def fire_safety() -> AnyResponse:
        return redirect("lesson.html")

    @app.after_request
    def _guard(response: Response) -> Response:
        # The session id stands in the address of a launched page: it must not travel on.
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    return app
