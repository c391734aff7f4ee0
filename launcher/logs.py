"""Log lines: one per request and one per event, on standard error, without anything secret.

Serves the assembly and the commands. Query strings, bodies and cookies never come here, and what
looks like a session id, a content key or a hash is struck out of whatever does.
"""

from __future__ import annotations

import logging
import re
import sys
import time
from collections.abc import MutableMapping
from typing import Any
from urllib.parse import quote

import structlog
from flask import Flask, g, request
from structlog.typing import EventDict, Processor
from werkzeug.wrappers import Response

from launcher.config import Settings

# Session ids are 40 hexadecimal digits, their hashes 64, content keys and cookie marks 32.
_SECRET = re.compile(r"[0-9A-Fa-f]{32,}")
STRUCK_OUT = "[struck out]"
# Asked every few seconds by whoever watches the server; a line each would bury the rest.
_QUIET_ENDPOINTS = frozenset({"entrance.health", "static", "bootstrap.static"})

_log = structlog.get_logger("launcher")
# Asked with every message of content; finding a logger by its name takes a lock.
_messages = logging.getLogger("launcher")


def init_logging(settings: Settings) -> None:
    """Send structlog's and the standard library's lines to standard error, in one form."""
    json = settings.log_format == "json"
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        strike_out_secrets,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    last: Processor = structlog.processors.JSONRenderer() if json else _for_people()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    root = logging.getLogger()
    for old in [one for one in root.handlers if getattr(one, "of_hacp", False)]:
        root.removeHandler(old)
    handler.of_hacp = True  # type: ignore[attr-defined]
    root.addHandler(handler)
    root.setLevel(settings.log_level.upper())
    # These tell each step at info, httpx with the whole query; our own lines say what came of it.
    for name in ("alembic", "huey", "httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _for_people() -> Processor:
    # Tracebacks come as text already, so that secrets could be struck out of them.
    return structlog.dev.ConsoleRenderer(
        colors=False, exception_formatter=structlog.dev.plain_traceback
    )


def strike_out_secrets(_logger: object, _method: str, event: MutableMapping[str, Any]) -> EventDict:
    """Replace every long run of hexadecimal digits in an event, however deep it stands."""
    for name, value in event.items():
        if not name.startswith("_"):
            event[name] = _struck_out(value)
    return event


def _struck_out(value: object) -> object:
    if isinstance(value, str):
        return _SECRET.sub(STRUCK_OUT, value)
    if isinstance(value, bytes):
        return _SECRET.sub(STRUCK_OUT, value.decode("latin-1"))
    if isinstance(value, dict):
        return {key: _struck_out(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_struck_out(part) for part in value]
    return value


def init_request_log(app: Flask) -> None:
    """Write a line for every request: who asked for what, how it ended, how long it took."""

    @app.before_request
    def _start() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def _tell(response: Response) -> Response:
        if request.endpoint in _QUIET_ENDPOINTS and response.status_code < 400:
            return response
        seconds = time.perf_counter() - g.get("started", time.perf_counter())
        if request.blueprint == "hacp":
            tell_message(request.method, request.path, seconds=seconds)
            return response
        member = g.get("member")
        _log.info(
            "request",
            method=request.method,
            path=_quoted(request.path),
            status=response.status_code,
            milliseconds=round(seconds * 1e3),
            **({"academy": member.academy_id, "member": member.id} if member else {}),
        )
        return response


def tell_message(method: str, path: str, *, seconds: float) -> None:
    """Write a line for a message of content, where everything is told.

    Each is kept as an exchange, and what is refused or fails has a line of its own; thousands of
    browsers that report every ten seconds would bury the rest.
    """
    if _messages.isEnabledFor(logging.DEBUG):
        _log.debug(
            "request",
            method=method,
            path=_quoted(path),
            status=200,
            milliseconds=round(seconds * 1e3),
        )


def _quoted(path: str) -> str:
    """Quote again, so that no line end of a stranger's forges a line of ours."""
    return quote(path, safe="/-._~")
