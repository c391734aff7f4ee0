"""The page of the integration: what the learning server has to be told, and where to push to.

Serves a person. Never shows the secret of the push again, once it is there.
"""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from demo import wire
from demo.opensesame import frame
from demo.opensesame.pretend import Pretend

Page = str | Response | tuple[str, int]


def create_blueprint(pretend: Pretend) -> Blueprint:
    """Make the page."""
    pages = frame.create_blueprint("connecting", pretend)

    def show(url: str, *, problem: str = "") -> str:
        kept = pretend.connection(ciid=g.ciid)[1]
        client = pretend.client_of(g.ciid)
        return render_template(
            "pages/integration.html",
            url=url,
            has_secret=bool(kept),
            problem=problem,
            client=client,
            api_url=request.host_url.rstrip("/"),
            token_url=url_for("api.token", _external=True),
        )

    @pages.get("/integration")
    def integration() -> str:
        return show(pretend.connection(ciid=g.ciid)[0])

    @pages.post("/integration")
    def connect() -> Page:
        url = request.form.get("url", "").strip()
        secret = request.form.get("secret", "").strip()
        if url and not wire.may_call(url, hosts=pretend.hosts):
            problem = "The demo calls only a learning server on this machine: http://127.0.0.1:..."
            return show(url, problem=problem), 400
        pretend.connect(url, secret or pretend.connection(ciid=g.ciid)[1], ciid=g.ciid)
        flash("Saved.")
        return redirect(url_for(".integration"))

    return pages
