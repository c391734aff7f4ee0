"""`make bench`: HACP against the floor, on both databases, closed loop and open.

Writes its tables into `docs/performance.md`. Under 15 minutes on two cores.
"""

from __future__ import annotations

import argparse
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask

from benchmarks import floor, population, report
from benchmarks.client import PERIOD_SECONDS, Load
from benchmarks.rounds import Compared, in_turn
from benchmarks.servers import (
    THREADS,
    Databases,
    Round,
    Running,
    start_floor,
    start_ours,
    stopping,
)

KINDS = ("sqlite", "postgresql")
COMMANDS = {
    "put": "PutParam with 1 KiB of suspend data",
    "get": "GetParam with 1 KiB of suspend data",
    "exit": "ExitAU, once in each session",
    "session": "Whole sessions: GetParam, three PutParam, ExitAU",
}
# What is asked beside browsers that keep a connection and say nothing, and on so many connections.
BESIDE_SILENT = "put"
BESIDE = 8
# Sessions that are talked in by turns, whatever the number of connections.
RUNNING = 64
# More than any server here answers in a second, of what each session can say only once.
MOST_FRESH = {"exit": 2500, "session": 500}
OPEN_CONNECTIONS = 64
# As long as what a GetParam moves may take to be written.
AFTERWARDS_SECONDS = 1.5


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure, and how long."""

    kinds: list[str]
    commands: list[str]
    connections: list[int]
    silent: int
    rates: list[float]
    rounds: int
    seconds: float
    open_seconds: float
    publish: bool

    @property
    def fresh(self) -> int:
        """How many sessions are needed that have said nothing yet."""
        each = sum(MOST_FRESH.get(command, 0) for command in self.commands)
        return int(each * self.seconds * self.rounds * len(self.connections))

    @property
    def running(self) -> int:
        """How many sessions report again and again."""
        return max(RUNNING, *(int(rate * PERIOD_SECONDS) for rate in [*self.rates, 0]))


def main(arguments: list[str]) -> None:
    """Measure, print, and with `--publish` write into the document."""
    plan = _plan(arguments)
    parts: list[str] = []
    versions = []
    for kind in plan.kinds:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            databases = Databases(kind, Path(folder))
            versions.append(databases.version())
            try:
                parts += _measure(databases, plan)
            finally:
                databases.close()
    settings = (
        f"{THREADS} threads a server, {plan.rounds} rounds of {plan.seconds:g} s each, floor and"
        f" ours in turn; the closed loop talks in {RUNNING} sessions."
    )
    text = report.conditions(versions, settings=settings) + "\n" + "\n".join(parts)
    if plan.publish:
        report.publish("bench", text)


def _plan(arguments: list[str]) -> Plan:
    options = argparse.ArgumentParser(prog="python -m benchmarks hacp", description=main.__doc__)
    options.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    options.add_argument("--commands", nargs="*", choices=list(COMMANDS), default=list(COMMANDS))
    options.add_argument("--connections", nargs="+", type=int, default=[1, 8, 32])
    options.add_argument("--silent", type=int, default=3000)
    options.add_argument("--rates", nargs="*", type=float, default=[100, 300, 600])
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--seconds", type=float, default=2.5)
    options.add_argument("--open-seconds", type=float, default=8.0)
    options.add_argument("--publish", action="store_true")
    return Plan(**vars(options.parse_args(arguments)))


def _measure(databases: Databases, plan: Plan) -> list[str]:
    ours, bare = databases.make("ours"), databases.make("floor")
    app = ours.app()
    population.found_academy(app)
    sessions = population.open_sessions(app, running=plan.running, fresh=plan.fresh)
    floor.fill(bare.plain, [*sessions.running, *sessions.fresh])
    servers = [start_floor(bare, databases), start_ours(ours, databases)]
    fresh = list(sessions.fresh)
    parts = []
    with stopping(*servers):
        for command in plan.commands:
            rows = [
                _closed(servers, command, count, plan, running=sessions.running, fresh=fresh)
                for count in plan.connections
            ]
            if command == BESIDE_SILENT and plan.silent:
                crowded = [start_floor(bare, databases, many=True), servers[1]]
                with stopping(crowded[0]), silent(crowded, plan.silent):
                    row = _closed(
                        crowded,
                        command,
                        BESIDE,
                        plan,
                        running=sessions.running,
                        fresh=fresh,
                        beside=f" beside {plan.silent:,} silent",
                    )
                rows.append(row)
            parts.append(_shown(databases, COMMANDS[command], rows))
        if plan.rates:
            rows = [
                _open(servers, rate, plan, app=app, running=sessions.running) for rate in plan.rates
            ]
            title = "Content that reports every ten seconds, open loop"
            parts.append(_shown(databases, title, rows))
    return parts


@contextmanager
def silent(servers: list[Running], count: int) -> Iterator[None]:
    """Keep so many connections to each server on which nobody says anything."""
    floor.allow_files(floor.OPEN_FILES * len(servers))
    with ExitStack() as open_ones:
        for server in servers:
            for _ in range(count):
                open_ones.enter_context(socket.create_connection(("127.0.0.1", server.port)))
        yield


def _closed(
    servers: list[Running],
    command: str,
    connections: int,
    plan: Plan,
    *,
    running: list[str],
    fresh: list[str],
    beside: str = "",
) -> Compared:
    """One command on so many connections; the first round is preceded by one that warms up."""
    share = int(MOST_FRESH.get(command, 0) * plan.seconds)

    def sids(number: int) -> list[str]:
        return fresh[number * share : (number + 1) * share] if share else running[:RUNNING]

    def load(server: Running, number: int, seconds: float) -> Round:
        return server.put(Load(server.port, command, connections, seconds, sids(number)))

    if not share:
        for server in servers:
            load(server, 0, 0.5)
    count = {server.name: 0 for server in servers}

    def put(server: Running) -> Round:
        count[server.name] += 1
        return load(server, count[server.name] - 1, plan.seconds)

    compared = in_turn(f"{connections}{beside}", servers, put, rounds=plan.rounds)
    del fresh[: share * plan.rounds]
    print("  ".join(report.against_floor(compared)), flush=True)
    return compared


def _open(
    servers: list[Running], rate: float, plan: Plan, *, app: Flask, running: list[str]
) -> Compared:
    """So many reports a second, each session's ten seconds after its last."""
    sids = running[: int(rate * PERIOD_SECONDS)]

    def put(server: Running) -> Round:
        # What the last reading back has moved is written by then, and locks no session.
        time.sleep(AFTERWARDS_SECONDS)
        population.tell_the_hall(app)
        return server.put(
            Load(server.port, "content", OPEN_CONNECTIONS, plan.open_seconds, sids, rate)
        )

    compared = in_turn(f"{rate:g}/s", servers, put, rounds=max(1, plan.rounds - 1))
    print("  ".join(report.against_floor(compared)), flush=True)
    return compared


def _shown(databases: Databases, title: str, rows: list[Compared]) -> str:
    text = f"**{title}, {databases.version()}**\n\n" + report.table(
        report.AGAINST_FLOOR, [report.against_floor(row) for row in rows]
    )
    print(text, flush=True)
    return text
