"""What all pages of the pretend OpenSesame's customer share: whose they are, forms, words, headers.

Serves `listing`, `editing`, `connecting` and `switches`. Shows no page itself.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, Flask, Response, abort, g, render_template
from flask_wtf import CSRFProtect
from flask_wtf.csrf import CSRFError

from demo.opensesame.pretend import Pretend

PREFIX = "/customers/<ciid>"
_POLICY = (
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "object-src 'none'"
)


def create_blueprint(name: str, pretend: Pretend) -> Blueprint:
    """Make an empty blueprint below PREFIX that answers 404 for an unknown customer."""
    pages = Blueprint(name, __name__, url_prefix=PREFIX)

    @pages.url_value_preprocessor
    def find_customer(_endpoint: str | None, values: dict[str, Any] | None) -> None:
        g.ciid = (values or {}).pop("ciid", "")

    @pages.url_defaults
    def keep_customer(_endpoint: str, values: dict[str, Any]) -> None:
        if "ciid" not in values:
            values["ciid"] = g.ciid

    @pages.before_request
    def know_customer() -> None:
        if g.ciid not in pretend.ciids():
            abort(404)

    @pages.after_request
    def shut(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = _POLICY
        response.headers["Cache-Control"] = "no-store"
        return response

    @pages.context_processor
    def words() -> dict[str, object]:
        return {"ciids": pretend.ciids(), "here": name, "faults_on": len(pretend.faults.switched())}

    return pages


def init_frame(app: Flask, csrf: CSRFProtect) -> None:
    """Give the application the forms' protection, the templates' filters and a page for errors."""
    csrf.init_app(app)
    app.add_template_filter(_moment, "moment")
    app.add_template_filter(_number, "number")
    app.register_error_handler(CSRFError, _refuse_form)


def _moment(value: datetime) -> str:
    return f"{value:%Y-%m-%d %H:%M:%S} UTC"


def _number(value: int) -> str:
    return f"{value:,}"


def _refuse_form(_error: CSRFError) -> tuple[str, int]:
    text = (
        "This form is from before the server was started anew, or from somewhere else. Go back, "
        "load the page again and repeat it."
    )
    return render_template("pages/message.html", title="Nothing was changed", text=text), 400
