"""Serving in one process: pages on one port, stored content on another, with waitress.

Serves `hacp serve`. Knows sockets and signals only; what is served is given.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from typing import Any

from waitress import create_server, wasyncore
from waitress.channel import HTTPChannel

from launcher.config import Settings
from launcher.stopping import told

# Somebody who sends a file that is somewhat too large gets our page that says so; waitress itself
# would cut the connection while the browser still sends.
UPLOAD_SLACK = 2
# How long running requests may take to end once we were told to stop.
STOP_SECONDS = 10
# What is shorter waits for the end of its answer: waitress would send the head by itself and then
# the body, each with a call of the system.
SEND_BYTES = 18_000
# Browsers keep their connections, and everybody presses a button at nine o'clock: so many are open,
# and so many more wait for one to close. Linux has the same limit of its own (net.core.somaxconn);
# beyond it connections are reset.
CONNECTIONS = 4000
WAITING_CONNECTIONS = 4096
# What else is open: databases, the queue, content and pictures that are sent, what waitress keeps.
OTHER_FILES = 200
# How soon a signal is noticed while nobody asks for anything.
LOOP_SECONDS = 0.5


def open_servers(app: Any, content: Any, *, settings: Settings) -> Servers:
    """Listen on both ports; raises `OSError` where one of them is taken."""
    channels: dict[int, Any] = {}
    common: dict[str, Any] = {
        "map": channels,
        "host": settings.host,
        "threads": settings.threads,
        "ident": "",
        "connection_limit": _room_for(CONNECTIONS),
        "backlog": WAITING_CONNECTIONS,
        # A proxy's word counts where the settings say so, and Flask is the one to read it.
        "clear_untrusted_proxy_headers": settings.trusted_proxies == 0,
        "max_request_body_size": settings.max_upload_bytes * UPLOAD_SLACK,
    }
    servers = []
    try:
        for application, port in ((app, settings.port), (content, settings.content_port)):
            servers.append(create_server(application, port=port, **common))
            servers[-1].adj.send_bytes = SEND_BYTES
            servers[-1].channel_class = _Connection
    except OSError:
        wasyncore.close_all(channels, ignore_all=True)
        raise
    return Servers(servers, channels)


class _Connection(HTTPChannel):  # type: ignore[misc]
    """A connection that the loop writes to when an answer is done, or when much of it is there.

    waitress lets the loop try at each turn while an answer is being written, which it then cannot
    send: with a few busy connections the loop takes as much of the processor as they do.
    """

    def writable(self) -> bool:
        """Tell the loop whether there is anything to send, or an end to be made."""
        done = not self.requests
        if self.total_outbufs_len and (done or self.total_outbufs_len >= SEND_BYTES):
            return True
        return bool(self.will_close or self.close_when_flushed)


def _room_for(connections: int) -> int:
    """Raise this process's limit of open files where it is lower; return how many may be open.

    Most systems begin a process with 1024. Beyond what they allow, fewer connections are kept: one
    that waits is answered in time, one that finds no file left would end the loop for all.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        return max(1, soft - OTHER_FILES)
    return connections


class Servers:
    """The two servers and their connections, in one loop."""

    def __init__(self, servers: list[Any], channels: dict[int, Any]) -> None:
        self._servers = servers
        self._channels = channels

    def run(self, *, on_stop: Callable[[], None]) -> None:
        """Serve until SIGINT or SIGTERM, call `on_stop`, then answer what has begun and close."""
        with told() as noted:
            while not noted.to_stop:
                wasyncore.loop(LOOP_SECONDS, use_poll=True, map=self._channels, count=1)
            on_stop()
            self._finish()

    def _finish(self) -> None:
        """Take no new connection, answer the requests that are there, then let go."""
        for listening in [one for one in self._channels.values() if getattr(one, "accepting", 0)]:
            listening.accepting = False
        deadline = time.monotonic() + STOP_SECONDS
        while self._busy() and time.monotonic() < deadline:
            wasyncore.loop(0.05, use_poll=True, map=self._channels, count=1)
        for server in self._servers:
            server.task_dispatcher.shutdown(timeout=1)
        wasyncore.close_all(self._channels, ignore_all=True)

    def _busy(self) -> bool:
        """Tell whether a request is being answered or an answer not yet sent."""
        return any(
            getattr(channel, "requests", None) or getattr(channel, "total_outbufs_len", 0)
            for channel in list(self._channels.values())
        )
