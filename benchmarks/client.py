"""The client, a process of its own: it posts, checks every reply, and says how busy it was itself.

`python -m benchmarks.client` takes a `Load` as JSON on standard input and writes a `Tally`. One
thread and epoll, so that it costs far less than the server that it measures.
"""

from __future__ import annotations

import heapq
import json
import random
import select
import socket
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field

from benchmarks import wire
from benchmarks.wire import Script

# How long an answer may take before the run is given up.
PATIENCE_SECONDS = 60
PERCENTILES = {"p50": 0.50, "p95": 0.95, "p99": 0.99, "max": 1.0}
# Content that reports every so often, in the open loop.
PERIOD_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Load:
    """What to do: `command` on so many connections, over these sessions.

    Closed loop: each connection asks again as soon as it is answered, for `seconds` or until the
    sessions of its own are used up. Open loop: `rate` a second, whether or not the server keeps
    up; a latency counts from the moment at which the request was due.
    """

    port: int
    command: str
    connections: int
    seconds: float
    sids: list[str]
    rate: float = 0.0


@dataclass(slots=True)
class Tally:
    """What it came to. Latencies are in milliseconds; `cpu` is the client's own, in seconds."""

    requests: int = 0
    seconds: float = 0.0
    cpu: float = 0.0
    compared: int = 0
    latency: dict[str, float] = field(default_factory=dict)

    @property
    def per_second(self) -> float:
        """Answered requests a second."""
        return self.requests / self.seconds


class Talk:
    """One connection: a script that says what is next, and when that is due."""

    __slots__ = ("began", "dues", "reply", "script", "socket", "upcoming")

    def __init__(self, port: int, script: Script, dues: Iterator[float] | None) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.script, self.dues = script, dues
        self.began = 0.0
        self.reply = b""
        self.upcoming: bytes | None = next(script, None)

    def take(self) -> bytes | None:
        """Read what has come; return the body of the reply once it is whole."""
        piece = self.socket.recv(65536)
        if not piece:
            raise ConnectionError("the server closed the connection")
        self.reply += piece
        head, _, body = self.reply.partition(b"\r\n\r\n")
        place = head.lower().find(b"content-length:")
        if place < 0:
            return None
        if len(body) < int(head[place + 15 :].split(b"\r\n", 1)[0]):
            return None
        self.reply = b""
        return body

    def advance(self, body: bytes) -> None:
        """Hand a reply to the script, which checks it and says what is next."""
        try:
            self.upcoming = self.script.send(body)
        except StopIteration:
            self.upcoming = None


def talk(
    port: int, scripts: list[Script], *, until: float, dues: list[Iterator[float]] | None = None
) -> list[float]:
    """Run every script on a connection of its own until that moment; return the latencies."""
    clock = time.perf_counter
    poll = select.epoll()
    talks: dict[int, Talk] = {}
    waiting: list[tuple[float, int]] = []
    for number, script in enumerate(scripts):
        one = Talk(port, script, dues[number] if dues else None)
        talks[one.socket.fileno()] = one
        poll.register(one.socket, select.EPOLLIN)
    latencies: list[float] = []
    asked: set[int] = set()

    def queue(number: int, one: Talk) -> None:
        due = clock() if one.dues is None else next(one.dues, until)
        if one.upcoming is not None and due < until:
            heapq.heappush(waiting, (due, number))

    def send_what_is_due() -> None:
        while waiting and waiting[0][0] <= clock():
            due, number = heapq.heappop(waiting)
            one = talks[number]
            one.began = due if one.dues is not None else clock()
            one.socket.sendall(wire.http_post(port, one.upcoming or b""))
            asked.add(number)

    for number, one in talks.items():
        queue(number, one)
    while asked or waiting:
        send_what_is_due()
        pause = waiting[0][0] - clock() if waiting else PATIENCE_SECONDS
        events = poll.poll(max(pause, 0.0))
        if not events and asked and pause >= PATIENCE_SECONDS:
            raise TimeoutError(f"no answer for {PATIENCE_SECONDS} seconds")
        for number, _event in events:
            one = talks[number]
            body = one.take()
            if body is None:
                continue
            latencies.append(clock() - one.began)
            asked.remove(number)
            one.advance(body)
            queue(number, one)
    for one in talks.values():
        one.socket.close()
    return latencies


def run(load: Load) -> Tally:
    """Put the load on the server, then read every acknowledged value back."""
    last: dict[str, bytes] = {}
    started = time.time_ns()
    marks = (b"page-%d-%d" % (started, number) for number in range(10**9))
    shares = [load.sids[number :: load.connections] for number in range(load.connections)]
    make: dict[str, Callable[[list[str]], Script]] = {
        "get": wire.asks,
        "put": lambda sids: wire.reports(sids, last, marks=marks),
        "exit": wire.farewells,
        "session": lambda sids: wire.whole_sessions(sids, last, marks=marks),
        "content": lambda sids: _content(sids, last, marks=marks),
    }
    scripts = [make[load.command](share) for share in shares]
    cpu, began = time.process_time(), time.perf_counter()
    until = began + load.seconds
    dues = _dues(load, began) if load.rate else None
    latencies = talk(load.port, scripts, until=until, dues=dues)
    tally = Tally(
        requests=len(latencies),
        seconds=time.perf_counter() - began,
        cpu=time.process_time() - cpu,
        compared=len(last),
        latency=percentiles(latencies),
    )
    talk(load.port, [wire.comparison(last)], until=float("inf"))
    return tally


def percentiles(latencies: list[float]) -> dict[str, float]:
    """Return what shares of the latencies did not exceed, in milliseconds."""
    ordered = sorted(latencies)
    return {
        name: ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1000
        for name, share in PERCENTILES.items()
    }


def _content(sids: list[str], last: dict[str, bytes], *, marks: Iterator[bytes]) -> Script:
    """Report as content does, in which time passes between two reports of one session."""
    rounds = 0
    while True:
        rounds += 1
        for sid in sids:
            mark = next(marks)
            reply = yield wire.put_param(sid, mark, seconds=rounds * PERIOD_SECONDS)
            wire.check(sid, reply)
            last[sid] = mark


def _dues(load: Load, began: float) -> list[Iterator[float]]:
    """Return when each connection is to ask: together `rate` a second, at random moments."""
    share = load.rate / load.connections

    def moments(seed: int) -> Iterator[float]:
        dice, due = random.Random(seed), began
        while True:
            due += dice.expovariate(share)
            yield due

    return [moments(number) for number in range(load.connections)]


if __name__ == "__main__":
    json.dump(asdict(run(Load(**json.load(sys.stdin)))), sys.stdout)
