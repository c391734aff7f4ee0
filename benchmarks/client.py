"""The client of a closed loop: so many connections, each posts again as soon as it is answered.

Every reply is checked. Speaks HTTP by itself, so that what is measured is the server.
"""

from __future__ import annotations

import socket
import threading
import time
from dataclasses import dataclass, field
from urllib.parse import quote_plus


@dataclass
class Tally:
    """What one round came to: latencies in seconds, and the last value acknowledged by session."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    last: dict[str, str] = field(default_factory=dict)

    @property
    def per_second(self) -> float:
        """Answered posts a second."""
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        """A latency in milliseconds that this share of the posts did not exceed."""
        ordered = sorted(self.latencies)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1000


def put_param(sid: str, location: str) -> bytes:
    """Return a PutParam with 1 KiB of suspend data, as content encodes it."""
    state = location.ljust(1024, "-")
    aicc_data = (
        f"[core]\r\nlesson_location={location}\r\nlesson_status=i\r\nscore=\r\n"
        f"time=00:00:01\r\n[core_lesson]\r\n{state}\r\n"
    )
    return (
        f"command=PutParam&version=4.0&session_id={sid}&aicc_data={quote_plus(aicc_data)}".encode()
    )


def get_param(sid: str, _location: str) -> bytes:
    """Return a GetParam."""
    return f"command=GetParam&version=4.0&session_id={sid}&aicc_data=".encode()


def closed_loop(port: int, sids: list[str], *, seconds: float, command: str = "put") -> Tally:
    """Post on one connection a session for so long; raises where a reply is not error=0."""
    tally, lock, faults = Tally(), threading.Lock(), []
    make = put_param if command == "put" else get_param
    start = threading.Barrier(len(sids) + 1)

    def post_on(sid: str) -> None:
        latencies: list[float] = []
        last, number = "", 0
        try:
            with socket.create_connection(("127.0.0.1", port)) as wire:
                wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                start.wait()
                end = time.perf_counter() + seconds
                while (began := time.perf_counter()) < end:
                    number += 1
                    location = f"{time.time_ns()}-{number}"
                    _post(wire, make(sid, location))
                    latencies.append(time.perf_counter() - began)
                    last = location
        except Exception as fault:
            faults.append(fault)
        with lock:
            tally.latencies += latencies
            tally.last[sid] = last

    threads = [threading.Thread(target=post_on, args=(sid,)) for sid in sids]
    for thread in threads:
        thread.start()
    start.wait(timeout=30)
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    tally.seconds = time.perf_counter() - began
    if faults:
        raise faults[0]
    return tally


def _post(wire: socket.socket, body: bytes) -> None:
    wire.sendall(
        b"POST /hacp/1 HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\n"
        b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
    )
    reply = b""
    while b"\r\n\r\n" not in reply:
        reply += _more(wire)
    head, _, rest = reply.partition(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    while len(rest) < length:
        rest += _more(wire)
    if not rest.startswith(b"error=0\r\n"):
        raise RuntimeError(f"the server answered {rest[:80]!r}")


def _more(wire: socket.socket) -> bytes:
    piece = wire.recv(65536)
    if not piece:
        raise ConnectionError("the server closed the connection")
    return piece
