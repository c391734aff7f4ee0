"""The one door as HTTP: a request in, a reply out. No cookie, no login, always status 200.

Serves content, in the learner's browser or on a vendor's server. What is answered is for `door`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

import structlog
from flask import Blueprint, Response, request
from werkzeug.exceptions import ClientDisconnected
from werkzeug.wsgi import get_content_length, get_input_stream

from hacp.door import Door
from hacp.messages import dump_response
from hacp.model import Reply
from hacp.receiving import MAX_BODY, MAX_REFUSED, Received
from hacp.signals import attempt_changed

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

__all__ = ["HEADERS", "attempt_changed", "create_blueprint", "reply"]

# The columns' width.
MAX_HEADER = 255
# The largest number that the academy column holds.
MAX_ACADEMY = 2**31 - 1

# Of every reply: plain text (HTML broke content, MDL-14455), uncached, readable everywhere. No
# cookie is read, so `*` gives nothing away.
HEADERS = (
    ("Content-Type", "text/plain; charset=utf-8"),
    ("Cache-Control", "no-cache, no-store, must-revalidate"),
    ("Pragma", "no-cache"),
    ("Expires", "0"),
    ("Access-Control-Allow-Origin", "*"),
)

_log = structlog.get_logger("hacp")


def create_blueprint(door: Door, *, clock: Callable[[], datetime]) -> Blueprint:
    """Return the blueprint that answers `/hacp/<academy id>`.

    `clock` gives the time with its zone.
    """
    blueprint = Blueprint("hacp", __name__)

    def endpoint(academy: str) -> Response:
        if request.method == "OPTIONS":
            return _preflight()
        return Response(reply(door, request.environ, academy, now=clock()), headers=HEADERS)

    # Content joins addresses in its own ways; a slash too many opens the same door.
    for rule in ("/hacp/<academy>", "/hacp/<academy>/"):
        blueprint.add_url_rule(
            rule,
            endpoint="endpoint",
            view_func=endpoint,
            methods=["GET", "POST", "OPTIONS"],
            provide_automatic_options=False,
        )
    return blueprint


def reply(door: Door, environ: WSGIEnvironment, academy: str, *, now: datetime) -> bytes:
    """Return the body that answers a request; it goes out with status 200 and `HEADERS`.

    Whatever goes wrong, it is an `error=` body: clients that look at the status at all give up on
    any other than 200.
    """
    try:
        return door.answer(_receive(environ, academy), now)
    except ClientDisconnected:
        return dump_response(Reply(1, "The request was cut off and nothing was stored")).body
    except Exception:
        # The content must hear that nothing was stored, and the operator why.
        _log.exception("hacp_failed", academy=academy[:MAX_HEADER])
        return dump_response(Reply(1, "The server failed and stored nothing")).body


def _receive(environ: WSGIEnvironment, academy: str) -> Received:
    """Take an HTTP request in, and of one that is too large only its beginning."""
    claimed = get_content_length(environ) or 0
    stream = get_input_stream(environ)
    body = stream.read(MAX_REFUSED if claimed > MAX_BODY else MAX_BODY + 1)
    number = int(academy) if academy.isascii() and academy.isdigit() and len(academy) < 12 else 0
    return Received(
        academy_id=number if number <= MAX_ACADEMY else 0,
        body=body,
        query=environ.get("QUERY_STRING", "").encode("latin-1")[:MAX_BODY],
        method=environ["REQUEST_METHOD"],
        content_type=environ.get("CONTENT_TYPE", "")[:MAX_HEADER],
        origin=environ.get("HTTP_ORIGIN", "")[:MAX_HEADER],
        size=max(claimed, len(body)),
    )


def _preflight() -> Response:
    """Answer a browser that asks first, which it does where content sets headers of its own."""
    response = Response(b"", headers=HEADERS)
    response.headers["Access-Control-Allow-Methods"] = "GET, POST, OPTIONS"
    asked = request.headers.get("Access-Control-Request-Headers", "Content-Type")
    response.headers["Access-Control-Allow-Headers"] = asked[:MAX_HEADER]
    response.headers["Access-Control-Max-Age"] = "86400"
    return response
