"""Serving in one process: pages on one port, stored content on another, with waitress.

Serves `hacp serve`. Knows sockets and signals only; what is served is given.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from waitress import create_server
from waitress.buffers import ReadOnlyFileBasedBuffer
from werkzeug.wsgi import _RangeWrapper

from launcher.config import Settings
from launcher.loop import Loop
from launcher.stopping import told
from launcher.turns import PATIENCE_SECONDS, Turns

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# Somebody who sends a file that is somewhat too large gets our page that says so; waitress itself
# would cut the connection while the browser still sends.
UPLOAD_SLACK = 2
# How long running requests may take to end once we were told to stop.
STOP_SECONDS = 10
# Browsers keep their connections, and everybody presses a button at nine o'clock: so many are open,
# and so many more wait for one to close. Linux has the same limit of its own (net.core.somaxconn);
# beyond it connections are reset.
CONNECTIONS = 4000
WAITING_CONNECTIONS = 4096
# What else is open: databases, the queue, uploads, what waitress keeps.
OTHER_FILES = 200
# How soon a signal is noticed while nobody asks for anything.
LOOP_SECONDS = 0.5


def open_servers(app: Any, content: Any, *, settings: Settings) -> Servers:
    """Listen on both ports; raises `OSError` where one of them is taken."""
    loop, turns = Loop(), Turns(settings.threads)
    common: dict[str, Any] = {
        "map": loop,
        "host": settings.host,
        "_dispatcher": turns,
        "ident": "",
        "connection_limit": _room_for(CONNECTIONS),
        "backlog": WAITING_CONNECTIONS,
        # A proxy's word counts where the settings say so, and Flask is the one to read it.
        "clear_untrusted_proxy_headers": settings.trusted_proxies == 0,
        "max_request_body_size": settings.max_upload_bytes * UPLOAD_SLACK,
    }
    try:
        parts = _parts_by_loop(content)
        for application, port in ((app, settings.port), (parts, settings.content_port)):
            create_server(application, port=port, **common)
    except OSError:
        turns.shutdown()
        loop.close()
        raise
    return Servers(loop, turns)


def _room_for(connections: int) -> int:
    """Raise this process's limit of open files where it is lower; return how many may be open.

    Most systems begin a process with 1024. Beyond what they allow, fewer connections are kept: one
    that waits is answered in time, one that finds no file left would end the loop for all. Each may
    have a file that it is sent.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * connections + OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        return max(1, (soft - OTHER_FILES) // 2)
    return connections


def _parts_by_loop(application: WSGIApplication) -> WSGIApplication:
    """Hand a part of a file over to waitress as a whole one is, for its loop to send.

    Else a thread reads it piece by piece, and waits while somebody has paused a film.
    """

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        found = application(environ, start_response)
        if isinstance(found, _RangeWrapper) and isinstance(found.iterable, ReadOnlyFileBasedBuffer):
            found.iterable.seek(found.start_byte)
            handed: Iterable[bytes] = found.iterable
            return handed
        return found

    return answer


class Servers:
    """The servers and their connections, in one loop. A host's name may stand for two addresses."""

    def __init__(self, loop: Loop, turns: Turns) -> None:
        self._loop = loop
        self._turns = turns
        self._listening = [one for one in loop.values() if getattr(one, "accepting", False)]
        for one in self._listening:
            loop.adopt(one)

    def run(self, *, on_stop: Callable[[], None]) -> None:
        """Serve until SIGINT or SIGTERM, call `on_stop`, then answer what has begun and close."""
        with told() as noted:
            while not noted.to_stop:
                self._turn(LOOP_SECONDS)
            # What it waits for may be with a thread that waits for its turn, or for this loop.
            with ThreadPoolExecutor(1) as pool:
                stopping = pool.submit(on_stop)
                while not stopping.done():
                    self._turn(0.05)
            self._finish()
            stopping.result()

    def _turn(self, seconds: float) -> None:
        self._loop.turn(min(seconds, PATIENCE_SECONDS) if self._turns.at_work else seconds)
        self._turns.hurry()

    def _finish(self) -> None:
        """Take no new connection, answer the requests that are there, then let go."""
        for one in self._listening:
            one.accepting = False
        deadline = time.monotonic() + STOP_SECONDS
        while self._busy() and time.monotonic() < deadline:
            self._turn(0.05)
        self._turns.shutdown(timeout=1)
        self._loop.close()

    def _busy(self) -> bool:
        """Tell whether a request is being answered or an answer not yet sent."""
        return any(
            getattr(channel, "requests", None) or getattr(channel, "total_outbufs_len", 0)
            for channel in list(self._loop.values())
        )
