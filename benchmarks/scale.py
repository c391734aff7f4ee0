"""`make bench-scale`: what an exchange, a launch and a page of transcripts cost, and what follows.

Writes its tables into `docs/scale.md`: measured costs on PostgreSQL, and from them, by simulation,
what 10,000, 100,000 and a million learners need.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from flask import Flask
from sqlalchemy import Connection, text

from benchmarks import population, report
from benchmarks.client import Load
from benchmarks.queues import Stations, simulate
from benchmarks.servers import Databases, start_ours, stopping
from hacp import months
from hacp.months import month_of
from launcher import config, launches
from launcher.db import db, outside_transaction, read, transact
from launcher.people import accounts, enrolments
from launcher.records import transcripts
from launcher.schema import Role

DOCUMENT = report.DOCUMENT.with_name("scale.md")
# A learner's year: twelve launches of content that reports as content does.
EXCHANGES_A_YEAR = 360
LAUNCHES_A_YEAR = 12
# A deadline: so much of the year's exchanges on its day, so much of the day's in its busiest hour.
DEADLINE_DAY = 0.05
BUSIEST_HOUR = 0.2
LEARNERS = (10_000, 100_000, 1_000_000)
# More work in the queue than this share of the cores, and latencies begin to climb.
FULL = 0.6
# What nobody notices, in seconds.
UNNOTICED = 0.1
POSTS = 100_000
MIB, GIB = 1024**2, 1024**3
COSTS = ("what", "processor ms: server", "processor ms: database", "bytes on disk")
NEEDS = (
    "learners",
    "exchanges a year",
    "posts/s in the busiest hour",
    "server processes",
    "database cores",
    "busy: server, database",
    "p50 / p99 ms",
    "log a year: as it came, packed",
)


@dataclass(frozen=True, slots=True)
class Costs:
    """What was measured: processor seconds, and bytes on disk with their indexes."""

    web: float
    database: float
    sync: float
    launch: float
    transcripts: float
    exchange_bytes: float
    packed_bytes: float
    attempt_bytes: float


def main(arguments: list[str]) -> None:
    """Measure, simulate, print, and with `--publish` write into the document."""
    options = argparse.ArgumentParser(prog="python -m benchmarks scale", description=main.__doc__)
    options.add_argument("--seconds", type=float, default=20.0)
    options.add_argument("--publish", action="store_true")
    plan = options.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        databases = Databases("postgresql", Path(folder))
        try:
            costs = measure(databases, seconds=plan.seconds)
            version = databases.version()
        finally:
            databases.close()
    settings = f"Posts for {plan.seconds:g} s on 4 connections, whole sessions."
    shown = report.conditions([version], settings=settings) + "\n"
    shown += report.table(COSTS, cost_rows(costs)) + "\n"
    shown += report.table(NEEDS, [needs(costs, learners) for learners in LEARNERS])
    print(shown)
    if plan.publish:
        report.publish("scale", shown, document=DOCUMENT)


def measure(databases: Databases, *, seconds: float) -> Costs:
    """Let content talk in whole sessions, then look at what that cost."""
    place = databases.make("ours")
    app = place.app()
    population.found_academy(app)
    fresh = population.open_sessions(app, running=0, fresh=int(600 * seconds)).fresh
    with app.app_context():
        transact(_count_on)
    before = sizes(app)
    server = start_ours(place, databases)
    with stopping(server):
        done = server.put(Load(server.port, "session", 4, seconds, fresh))
        alone = server.put(Load(server.port, "put", 1, 2.0, fresh[:1]))
    after = sizes(app)
    exchanges = rows(app, "hacp_exchanges")
    packed = pack_all(app)
    requests = done.tally.requests
    web, database = done.server_cpu / requests, done.database_cpu / requests
    # A lonely post takes its own time of a core, and else waits for the disk.
    busy = (alone.server_cpu + alone.database_cpu) / alone.tally.requests
    return Costs(
        web=web,
        database=database,
        sync=max(alone.tally.latency["p50"] / 1000 - busy, 0.0),
        launch=timed(app, launch),
        transcripts=timed(app, list_transcripts),
        exchange_bytes=(after["log"] - before["log"]) / exchanges,
        packed_bytes=packed / exchanges,
        attempt_bytes=after["attempts"] / len(fresh),
    )


def _count_on(connection: Connection) -> None:
    """Let the database's own numbers go on behind those that the population was given."""
    for table in ("accounts", "memberships"):
        connection.execute(
            text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}")
        )


def sizes(app: Flask) -> dict[str, float]:
    """Bytes on disk of the log and of the attempts with their sessions, indexes included."""

    def unit(connection: Connection) -> dict[str, float]:
        found = connection.execute(
            text(
                "SELECT relname, pg_total_relation_size(oid) FROM pg_class"
                " WHERE relkind = 'r' AND relname LIKE 'hacp!_%' ESCAPE '!'"
            )
        ).all()
        log = sum(size for name, size in found if name.startswith("hacp_exchanges"))
        kept = sum(size for name, size in found if name in ("hacp_attempts", "hacp_sessions"))
        return {"log": log, "attempts": kept}

    with app.app_context():
        outside_transaction(lambda connection: connection.execute(text("VACUUM")))
        return read(unit)


def rows(app: Flask, table: str) -> int:
    """How many rows a table has."""
    with app.app_context():
        return int(read(lambda c: c.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()))


def pack_all(app: Flask) -> float:
    """Pack the running month, as is done once it is over; return its bytes on disk."""
    month, after = month_of(datetime.now(UTC)), None
    with app.app_context():
        while True:
            step = read(
                partial(months.walk, first=month.first, end=month.end, after=after, limit=1000)
            )
            transact(partial(months.put, found=months.packed(step.found)))
            after = step.next
            if after is None:
                break
        outside_transaction(lambda c: c.execute(text("VACUUM FULL")))
        db.engine.dispose()
    return sizes(app)["log"]


def timed(app: Flask, act: Callable[[Flask, int], None]) -> float:
    """Median seconds of doing something."""
    took = []
    for number in range(50):
        began = time.perf_counter()
        act(app, number)
        took.append(time.perf_counter() - began)
    return statistics.median(took)


def launch(app: Flask, number: int) -> None:
    """Enrol a new learner and launch a unit of a course."""
    now = datetime.now(UTC)

    def enrol(connection: Connection) -> accounts.Member:
        member, _made = accounts.add_member(
            connection,
            academy_id=1,
            email=f"launches-{number}@example.org",
            name="Doe, Jane",
            role=Role.LEARNER,
            now=now,
        )
        enrolments.enrol(connection, academy_id=1, learner_id=member.id, course_id=1, now=now)
        return member

    def unit(connection: Connection, member: accounts.Member) -> None:
        launches.launch(
            connection, member, course_id=1, au_id="A1", settings=config.current(), now=now
        )

    with app.test_request_context():
        member = transact(enrol)
        transact(lambda connection: unit(connection, member))


def list_transcripts(app: Flask, _number: int) -> None:
    """Read one page of an academy's transcripts."""
    with app.test_request_context():
        read(lambda c: transcripts.rows(c, 1, limit=50))


def cost_rows(costs: Costs) -> list[list[str]]:
    """The measured costs as lines of the table `COSTS`."""
    return [
        [
            "an exchange",
            f"{costs.web * 1000:.2f}",
            f"{costs.database * 1000:.2f}",
            f"{costs.exchange_bytes:.0f}, packed {costs.packed_bytes:.0f}",
        ],
        ["an attempt with its session", "", "", f"{costs.attempt_bytes:.0f}"],
        ["a launch, with enrolling", f"{costs.launch * 1000:.1f} in all", "", ""],
        ["a page of transcripts", f"{costs.transcripts * 1000:.1f} in all", "", ""],
        ["waiting for the disk, a post", f"{costs.sync * 1000:.2f} without a core", "", ""],
    ]


def needs(costs: Costs, learners: int) -> list[str]:
    """What so many learners need, as a line of the table `NEEDS`: the fewest cores that do."""
    exchanges = learners * EXCHANGES_A_YEAR
    rate = exchanges * DEADLINE_DAY * BUSIEST_HOUR / 3600
    web = max(1, -(-rate * costs.web // FULL))
    database = max(1, -(-rate * costs.database // FULL))
    while True:
        stations = Stations(int(web), costs.web, int(database), costs.database, costs.sync)
        outcome = simulate(stations, rate=rate, posts=POSTS, dice=random.Random(learners))
        if outcome.p99 <= max(UNNOTICED, costs.sync * 2):
            break
        web += 1
    return [
        f"{learners:,}",
        f"{exchanges / 1e6:,.1f} million",
        f"{rate:,.0f}",
        f"{web:.0f}",
        f"{database:.0f}",
        f"{outcome.web_busy:.0%}, {outcome.database_busy:.0%}",
        f"{outcome.p50 * 1000:.1f} / {outcome.p99 * 1000:.1f}",
        f"{exchanges * costs.exchange_bytes / GIB:,.0f} GiB, "
        f"{exchanges * costs.packed_bytes / GIB:,.0f} GiB",
    ]
