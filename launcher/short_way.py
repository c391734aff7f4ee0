"""The short way to the door of content's messages, past all that only pages need.

Serves the assembly, in front of Flask. It answers what Flask would answer, with the same headers;
whatever is not plainly a message of content under our own host name goes the long way.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from hacp import endpoint
from hacp.door import Door
from launcher.config import Settings
from launcher.headers import on_every_answer
from launcher.logs import tell_message

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_ADDRESS = re.compile(r"/hacp/([0-9]{1,10})/?")
_METHODS = frozenset({"GET", "POST"})


class ShortWay:
    """A WSGI application around another."""

    def __init__(
        self,
        long_way: WSGIApplication,
        door: Door,
        *,
        settings: Settings,
        clock: Callable[[], datetime],
    ) -> None:
        self._long_way = long_way
        self._door = door
        self._clock = clock
        self._hosts = frozenset({settings.public_host, *settings.trusted_hosts})
        self._headers = [*endpoint.HEADERS, *on_every_answer(settings).items()]

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a message; hand everything else on."""
        found = _ADDRESS.fullmatch(environ["PATH_INFO"])
        if found is None or not self._is_plain(environ):
            return self._long_way(environ, start_response)
        began = time.perf_counter()
        body = endpoint.reply(self._door, environ, found[1], now=self._clock())
        start_response("200 OK", [*self._headers, ("Content-Length", str(len(body)))])
        tell_message(environ["REQUEST_METHOD"], found[0], seconds=time.perf_counter() - began)
        return (body,)

    def _is_plain(self, environ: WSGIEnvironment) -> bool:
        host = environ.get("HTTP_HOST", "").partition(":")[0].lower()
        return (
            environ["REQUEST_METHOD"] in _METHODS
            and host in self._hosts
            and not environ.get("SCRIPT_NAME")
        )
