"""People on pages: signed in as the product signs them in, asking and posting as browsers do.

Serves the runs about lists and launches. Checks every answer; latencies are in seconds.
"""

from __future__ import annotations

import asyncio
import http.client
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Flask, session
from flask_security.utils import login_user
from flask_wtf.csrf import generate_csrf

# What a sign-in is bound to.
AGENT = "Mozilla/5.0 (X11; Linux x86_64) Chrome/130.0.0.0"
# A unit that nobody of a grown population has begun.
UNIT = "A2"
LAUNCHED = b"aicc_sid="
# As long as browsers wait.
PATIENCE_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who is signed in: the cookie, and the token of their forms."""

    cookie: str
    token: str


def sign_in(app: Flask, emails: Sequence[str]) -> list[Visitor]:
    """Sign people in, and have no password typed: hashing it is not what is measured."""
    interface = app.session_interface
    signer = interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    name = interface.get_cookie_name(app)
    found = []
    for email in emails:
        seen = {"REMOTE_ADDR": "127.0.0.1", "HTTP_USER_AGENT": AGENT}
        with app.test_request_context("/sign-in", environ_overrides=seen):
            login_user(app.extensions["security"].datastore.find_user(email=email))
            token = generate_csrf()
            found.append(Visitor(f"{name}={signer.dumps(dict(session))}", token))
    return found


class Browser:
    """One connection of one visitor, kept open."""

    def __init__(self, port: int, visitor: Visitor) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
        self._headers = {"Cookie": visitor.cookie, "User-Agent": AGENT}

    def get(self, path: str) -> tuple[float, bytes]:
        """Open a page; return how long that took, and the page. Raises where it is refused."""
        began = time.perf_counter()
        with self.opened(path) as response:
            body = response.read()
        return time.perf_counter() - began, body

    @contextmanager
    def opened(self, path: str) -> Iterator[http.client.HTTPResponse]:
        """Open something long, to be read piece by piece."""
        self._connection.request("GET", path, headers=self._headers)
        response = self._connection.getresponse()
        if response.status != 200:
            raise RuntimeError(f"{path} was answered {response.status} {response.read(200)!r}")
        yield response

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def launch_all(
    port: int, visitors: Sequence[Visitor], *, paths: Sequence[str], seconds: float
) -> list[float]:
    """Let everybody launch on a connection of their own, spread evenly; return the latencies.

    A latency counts from the moment at which the button was pressed. Raises where somebody is
    refused, or answered anything but a way to the content.
    """
    return asyncio.run(_launch_all(port, visitors, paths=paths, seconds=seconds))


async def _launch_all(
    port: int, visitors: Sequence[Visitor], *, paths: Sequence[str], seconds: float
) -> list[float]:
    began = time.perf_counter()
    step = seconds / len(visitors)
    launches = [
        _launch(port, visitor, path, due=began + number * step)
        for number, (visitor, path) in enumerate(zip(visitors, paths, strict=True))
    ]
    return list(await asyncio.gather(*launches))


async def _launch(port: int, visitor: Visitor, path: str, *, due: float) -> float:
    await asyncio.sleep(max(0.0, due - time.perf_counter()))
    form = urlencode({"csrf_token": visitor.token, "au": UNIT}).encode()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {visitor.cookie}\r\n"
        f"User-Agent: {AGENT}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(form)}\r\nConnection: close\r\n\r\n"
    )
    writer.write(head.encode() + form)
    answer = await asyncio.wait_for(reader.read(), PATIENCE_SECONDS)
    writer.close()
    if b" 200 " not in answer[:20] or LAUNCHED not in answer.lower():
        raise RuntimeError(f"a launch was answered {answer[:300]!r}")
    return time.perf_counter() - due
