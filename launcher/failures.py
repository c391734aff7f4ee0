"""What a person sees when something did not work: one page for every kind, in plain words.

Serves all pages. The HACP endpoint answers its own failures; nothing here tells how the inside
looks.
"""

from __future__ import annotations

import math
import time

import structlog
from flask import Flask, current_app, make_response, render_template, request
from flask_babel import gettext as _
from flask_limiter import Limiter, RateLimitExceeded
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.wrappers import Response

from launcher.config import current

_log = structlog.get_logger("launcher")


def init_failures(app: Flask) -> None:
    """Answer every HTTP error and every unforeseen exception with the error page."""
    app.register_error_handler(HTTPException, _show)
    app.register_error_handler(CSRFError, _show_csrf)
    app.register_error_handler(RateLimitExceeded, _show_limit)


def _show(error: HTTPException) -> Response:
    if isinstance(error, SecurityError):
        # Under a host name that is not ours no address can be made, so no page either.
        text = "This server does not answer under this host name; see HACP_PUBLIC_URL.\n"
        return Response(text, 400, content_type="text/plain")
    code = error.code or 500
    answer = _page(code, title=_title(code), message=_message(code))
    # What the protocol wants told besides, such as Allow for 405.
    for name, value in error.get_headers():
        if name.lower() not in ("content-type", "content-length"):
            answer.headers[name] = value
    return answer


def _show_csrf(_error: CSRFError) -> Response:
    return _page(
        400,
        title=_("This form is too old"),
        message=_("You signed in or out since the page was opened. Open it again and repeat."),
    )


def _show_limit(_error: RateLimitExceeded) -> Response:
    """Say when to try again: at the end of the window in which the tries were counted."""
    now = time.time()
    limiters: set[Limiter] = current_app.extensions["limiter"]
    breached = [one.current_limit for one in limiters if one.current_limit is not None]
    until = max((limit.reset_at for limit in breached), default=now + 60)
    seconds = max(1, math.ceil(until - now))
    answer = _page(
        429,
        title=_("Too many attempts"),
        message=_(
            "The password was wrong too often. Try again in %(minutes)d minutes.",
            # A window ends on a whole second, rounded up: of 15 minutes that is 901 seconds.
            minutes=max(1, math.ceil((seconds - 1) / 60)),
        ),
    )
    answer.headers["Retry-After"] = str(seconds)
    return answer


def _title(code: int) -> str:
    titles: dict[int, str] = {
        400: _("This request was not understood"),
        403: _("This page is not for you"),
        404: _("Page not found"),
        405: _("This cannot be done here"),
        413: _("This file is too large"),
        415: _("This request was not understood"),
        500: _("Something went wrong"),
    }
    return titles.get(code, str(_("Something went wrong")))


def _message(code: int) -> str:
    if code == 413:
        limit = current().max_upload_mib
        return str(_("At most %(limit)d MiB can be sent at once.", limit=limit))
    messages: dict[int, str] = {
        403: _("It belongs to the administrators of the academy."),
        404: _("There is nothing at this address, or it is not yours to see."),
        500: _("The failure was noted. Nothing you sent was half stored; you can try again."),
    }
    return messages.get(code, str(_("Go back and try again.")))


def _page(code: int, *, title: str, message: str) -> Response:
    """Render the page; where even that fails, say the same without any decoration."""
    try:
        body = render_template("error.html", code=code, title=title, message=message)
    except Exception:
        _log.exception("error_page_failed", status=code, method=request.method)
        return Response(f"{title}. {message}\n", status=code, content_type="text/plain")
    return make_response(body, code)
