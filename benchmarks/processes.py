"""`make bench-processes`: waitress, gunicorn and granian, with one process and several.

Writes its table into `docs/performance.md`. All share one PostgreSQL and the cores of the machine
with it and the client, so the processor time of a request says more than the throughput.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks import population, report
from benchmarks.client import Load
from benchmarks.rounds import Compared, in_turn
from benchmarks.servers import (
    THREADS,
    Databases,
    Place,
    Round,
    Running,
    start_ours,
    stopping,
    wait_for,
)

RUNNING = 64
HEADER = (
    "server",
    "requests/s",
    "against waitress (spread)",
    "p50 / p95 / p99 / max ms",
    "CPU ms server + database",
    "CPU ms client",
    "cores busy: server + database + client",
    "what PostgreSQL's busy connections do",
)
# Waits that are seldom are left out of the table.
LEAST_SHARE = 0.05
Command = Callable[[dict[str, str], int], list[str]]


def _gunicorn(environment: dict[str, str], workers: int) -> list[str]:
    del environment
    # The client keeps its connections; nginx in the example does not.
    options = ["--config", "deploy/gunicorn.conf.py", "--keep-alive", "5"]
    options += ["--workers", str(workers)]
    return [sys.executable, "-m", "gunicorn", *options, "--log-level", "error", "wsgi:app"]


def _granian(environment: dict[str, str], workers: int) -> list[str]:
    options = ["--interface", "wsgi", "--workers", str(workers), "--blocking-threads", str(THREADS)]
    where = ["--host", "127.0.0.1", "--port", environment["HACP_PORT"], "--no-access-log"]
    return [sys.executable, "-m", "granian", *options, *where, "--log-level", "error", "wsgi:app"]


SERVERS: dict[str, tuple[Command, int]] = {
    "gunicorn, 1 process": (_gunicorn, 1),
    "gunicorn, 2 processes": (_gunicorn, 2),
    "gunicorn, 4 processes": (_gunicorn, 4),
    "granian, 1 process": (_granian, 1),
    "granian, 2 processes": (_granian, 2),
}


def main(arguments: list[str]) -> None:
    """Measure, print, and with `--publish` write into the document."""
    options = argparse.ArgumentParser(
        prog="python -m benchmarks processes", description=main.__doc__
    )
    options.add_argument("--connections", type=int, default=32)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--seconds", type=float, default=3.0)
    options.add_argument("--publish", action="store_true")
    plan = options.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        databases = Databases("postgresql", Path(folder))
        try:
            compared, waits = _measure(databases, plan)
            version = databases.version()
        finally:
            databases.close()
    settings = (
        f"{THREADS} threads a process, PutParam with 1 KiB of suspend data on {plan.connections}"
        f" connections, {plan.rounds} rounds of {plan.seconds:g} s each, in turn."
    )
    text = report.conditions([version], settings=settings) + "\n"
    rows = [_row(name, compared, waits[name]) for name in compared.rounds[0]]
    text += report.table(HEADER, rows)
    print(text)
    if plan.publish:
        report.publish("processes", text)


def _measure(
    databases: Databases, plan: argparse.Namespace
) -> tuple[Compared, dict[str, Counter[str]]]:
    """Compare the servers, and look meanwhile at what the database waits for."""
    place = databases.make("ours")
    app = place.app()
    population.found_academy(app)
    sids = population.open_sessions(app, running=RUNNING, fresh=0).running
    servers = [start_ours(place, databases, name="waitress, 1 process")]
    servers += [_start(name, place, databases) for name in SERVERS]
    waits = {server.name: Counter[str]() for server in servers}

    def put(server: Running) -> Round:
        with databases.watched(waits[server.name]):
            return server.put(Load(server.port, "put", plan.connections, plan.seconds, sids))

    with stopping(*servers):
        for server in servers:
            server.put(Load(server.port, "put", plan.connections, 1.0, sids))
        return in_turn("processes", servers, put, rounds=plan.rounds), waits


def _start(name: str, place: Place, databases: Databases) -> Running:
    """Start a server of the table on the same database, with a port of its own."""
    command, workers = SERVERS[name]
    environment = place.environment()
    with (place.folder / "servers.log").open("ab") as log:
        process = subprocess.Popen(
            command(environment, workers), env={**os.environ, **environment}, stderr=log, stdout=log
        )
    running = Running(name, int(environment["HACP_PORT"]), process, databases)
    wait_for(running, "/health")
    return running


def _row(name: str, compared: Compared, waits: Counter[str]) -> Sequence[str]:
    server, database, client = compared.cpu(name)
    return [
        name,
        f"{compared.per_second(name):.0f}",
        report.spread(compared.ratios(name, "waitress, 1 process")),
        report.latencies(compared.latency(name)),
        f"{server:.2f} + {database:.2f}",
        f"{client:.2f}",
        _cores(name, compared),
        _shares(waits),
    ]


def _cores(name: str, compared: Compared) -> str:
    """How many cores each side kept busy; together they cannot be more than the machine has."""
    rounds = [one[name] for one in compared.rounds]
    seconds = sum(one.tally.seconds for one in rounds)
    busy = (
        sum(one.server_cpu for one in rounds) / seconds,
        sum(one.database_cpu for one in rounds) / seconds,
        sum(one.tally.cpu for one in rounds) / seconds,
    )
    return f"{' + '.join(f'{one:.2f}' for one in busy)} = {sum(busy):.2f}"


def _shares(waits: Counter[str]) -> str:
    """What was seen, the commonest first, as shares of all that was seen."""
    total = waits.total()
    seen = [(what, number / total) for what, number in waits.most_common() if total]
    return ", ".join(f"{what} {share:.0%}" for what, share in seen if share >= LEAST_SHARE)
