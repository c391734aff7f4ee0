"""The one client: makes a call to a HACP server that somebody named, and trusts no answer.

Serves `hacp probe` and `hacp replay`. No redirect is followed, no proxy asked, no cookie kept; time
and size have limits.
"""

from __future__ import annotations

import http.client
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

from hacp.calls import Answer, Call
from hacp.probe import ORIGIN

# Twice the largest request that our own endpoint takes: no reply carries more than came in.
MOST_BYTES = 2 * 1024 * 1024
TIMEOUT = 20.0
_CHUNK = 64 * 1024
_CONNECTIONS = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}


class _Refused(Exception):
    """What came is not taken; the text says why."""


class Caller:
    """Makes calls one after another; `timeout` is for the whole of each, in seconds.

    `origin` is the page that the content is said to come from.
    """

    def __init__(
        self, *, timeout: float = TIMEOUT, most_bytes: int = MOST_BYTES, origin: str = ORIGIN
    ) -> None:
        self._timeout = timeout
        self._most_bytes = most_bytes
        self._origin = origin

    def send(self, call: Call) -> Answer:
        """Make one call. Whatever goes wrong stands in the answer's `failure`; raises nothing."""
        started = time.monotonic()
        try:
            return self._answer(call, started)
        except (OSError, ValueError, http.client.HTTPException, _Refused) as error:
            seconds = time.monotonic() - started
            late = isinstance(error, TimeoutError) or seconds >= self._timeout
            why = f"no whole answer in {self._timeout:g} seconds" if late else _words(error)
            return Answer(seconds=seconds, failure=why)

    def _answer(self, call: Call, started: float) -> Answer:
        parts = urlsplit(call.url)
        if parts.scheme not in _CONNECTIONS or not parts.hostname:
            raise _Refused(f"{call.url!r} is no address of http or https")
        connection = _CONNECTIONS[parts.scheme](parts.hostname, parts.port, timeout=self._timeout)
        try:
            connection.connect()
            with _cut_after(self._timeout, connection.sock) as cut:
                connection.request(
                    call.method, _selector(call.url), call.body or None, self._headers(call)
                )
                response = connection.getresponse()
                body = self._read(response)
        finally:
            connection.close()
        if cut.is_set():
            # What was cut looks whole where nothing said how long it would be.
            raise TimeoutError
        return Answer(
            status=response.status,
            headers={name.lower(): value for name, value in response.getheaders()},
            body=body,
            seconds=time.monotonic() - started,
        )

    def _headers(self, call: Call) -> dict[str, str]:
        kind = {"Content-Type": call.content_type} if call.content_type else {}
        return {
            "Origin": self._origin,
            "Accept": "*/*",
            "User-Agent": "hacp-probe",
            "Connection": "close",
            **kind,
        }

    def _read(self, response: http.client.HTTPResponse) -> bytes:
        body = bytearray()
        with response:
            while chunk := response.read1(_CHUNK):
                body += chunk
                if len(body) > self._most_bytes:
                    raise _Refused(f"the answer has more than {self._most_bytes} bytes")
        if response.length:
            raise _Refused(f"{response.length} bytes of the answer are missing")
        return bytes(body)


@contextmanager
def _cut_after(seconds: float, line: socket.socket) -> Iterator[threading.Event]:
    """Cut the line after so long: a server that sends a byte a second never times out by itself."""
    is_cut = threading.Event()

    def cut() -> None:
        is_cut.set()
        with suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield is_cut
    finally:
        timer.cancel()
        timer.join()


def _selector(url: str) -> str:
    """Return path and query as they may stand in a request's first line.

    A recorded query has whatever the content wrote; what HTTP forbids there is encoded.
    """
    _, _, rest = url.partition("://")
    path = rest[len(rest.partition("/")[0].partition("?")[0]) :].partition("#")[0]
    path = path if path.startswith("/") else f"/{path}"
    return "".join(sign if "!" <= sign <= "~" else _percent(sign) for sign in path)


def _percent(sign: str) -> str:
    return "".join(f"%{byte:02X}" for byte in sign.encode("utf-8", "surrogateescape"))


def _words(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"no connection: {error.strerror}"
    return str(error) or type(error).__name__
