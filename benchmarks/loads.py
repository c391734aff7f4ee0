"""What comes all at once or for long: launches within seconds, a million requests, a large table.

Serves `make bench-long`.
"""

from __future__ import annotations

import csv
import io
import statistics
import time
from collections.abc import Callable
from itertools import cycle

from sqlalchemy import text

from benchmarks import report
from benchmarks.client import Load, percentiles
from benchmarks.grown import Grown
from benchmarks.lists import MIB, SLUG
from benchmarks.pages import launch_all, sign_in
from benchmarks.servers import Databases, start_ours, stopping
from catalog.errors import Findings
from catalog.files.layouts import AU
from catalog.files.tables import dump_table, parse_table
from launcher.db import db, read

LAUNCHES_HEADER = (
    "attempts before",
    "launches",
    "asked for within s",
    "answered",
    "the last answer after s",
    "p50 / p95 / p99 / max ms",
    "CPU ms a launch",
)
MEMORY_HEADER = ("after requests", "memory MiB", "against the first")
PARSING_HEADER = ("reader", "MB", "rows", "CPU s", "MB/s", "against csv")
CONNECTIONS = 8
# How long each load is put on a server whose memory is watched.
SPELL_SECONDS = 5.0
FIRST = 10_000
TABLE_BYTES = 10 * 1000 * 1000


def launches(databases: Databases, one: Grown, *, count: int, seconds: float) -> str:
    """Let so many learners press the button within seconds; each has a connection of their own."""
    learners = _learners(one, count)
    visitors = sign_in(one.app, [email for email, _course in learners])
    paths = [f"/a/{SLUG}/courses/{course_id}/launch" for _email, course_id in learners]
    server = start_ours(one.place, databases)
    with stopping(server):
        before = server.cpu()
        began = time.perf_counter()
        took = launch_all(server.port, visitors, paths=paths, seconds=seconds)
        last = time.perf_counter() - began
        spent = server.cpu() - before
    row = [
        one.name,
        f"{count:,}",
        f"{seconds:g}",
        f"{len(took):,}",
        f"{last:.1f}",
        report.latencies(percentiles(took)),
        f"{spent * 1000 / count:.2f}",
    ]
    print("  ".join(row), flush=True)
    return report.table(LAUNCHES_HEADER, [row])


def _learners(one: Grown, count: int) -> list[tuple[str, int]]:
    """Return so many learners' addresses, each with a course of theirs."""
    query = text(
        "SELECT accounts.email, min(enrolments.course_id) FROM enrolments"
        " JOIN memberships ON memberships.id = enrolments.learner_id"
        " JOIN accounts ON accounts.id = memberships.account_id"
        " WHERE enrolments.academy_id = 1 GROUP BY accounts.email LIMIT :count"
    )
    with one.app.app_context():
        found = read(lambda connection: connection.execute(query, {"count": count}).all())
        db.engine.dispose()
    if len(found) < count:
        raise RuntimeError(f"only {len(found)} learners are there to launch")
    return [(email, course_id) for email, course_id in found]


def memory(databases: Databases, one: Grown, *, requests: int, minutes: float) -> str:
    """Talk until so many requests are answered, or time is up; say what memory the server has."""
    marks = [FIRST]
    while marks[-1] < requests:
        marks.append(min(marks[-1] * 10, requests))
    rows: list[list[str]] = []
    done, first = 0, 0
    server = start_ours(one.place, databases)
    until = time.monotonic() + minutes * 60
    with stopping(server):
        for command in cycle(("put", "get", "put")):
            load = Load(server.port, command, CONNECTIONS, SPELL_SECONDS, one.sessions.running)
            done += server.put(load).tally.requests
            is_over = time.monotonic() > until
            if done >= marks[0] or is_over:
                resident = server.memory()
                first = first or resident
                rows.append([f"{done:,}", f"{resident / MIB:.1f}", f"{resident / first:.2f}"])
                print("  ".join(rows[-1]), flush=True)
                marks = [mark for mark in marks if mark > done]
            if is_over or not marks:
                break
    return report.table(MEMORY_HEADER, rows)


def parsing() -> str:
    """Read a table of assignable units with the product's parser and with Python's csv module."""
    table = au_table(TABLE_BYTES)
    readers: dict[str, Callable[[], int]] = {
        "csv module, rows of text": lambda: sum(1 for _ in csv.reader(io.StringIO(table))),
        "csv module, rows by column": lambda: sum(1 for _ in csv.DictReader(io.StringIO(table))),
        "`catalog.files.tables.parse_table`": lambda: _parsed(table),
    }
    took = {name: [_timed(read_all) for _ in range(3)] for name, read_all in readers.items()}
    base = statistics.median(seconds for seconds, _ in took["csv module, rows of text"])
    rows = []
    for name, several in took.items():
        seconds = statistics.median(one for one, _ in several)
        size = len(table) / 1e6
        rows.append(
            [
                name,
                f"{size:.1f}",
                f"{several[0][1]:,}",
                f"{seconds:.2f}",
                f"{size / seconds:.1f}",
                f"{seconds / base:.1f} times",
            ]
        )
        print("  ".join(rows[-1]), flush=True)
    return report.table(PARSING_HEADER, rows)


def au_table(size: int) -> str:
    """Write an `.au` of about so many characters."""
    columns = ("system_id", "type", "command_line", "file_name", "mastery_score", "max_score")
    # As long as addresses of real content are; a table has at most 500,000 values.
    address = "https://content.example/courses/{0}/scormcontent/index.html?unit={0}&lang=en-GB,en"
    row = ("A{}", "lesson", "", address, "80", "100")
    one = len(dump_table((), [[cell.format(10_000) for cell in row]]))
    rows = ([cell.format(number) for cell in row] for number in range(size // one))
    return dump_table(columns, rows)


def _parsed(table: str) -> int:
    findings = Findings()
    rows = parse_table(table, AU, file="c.au", findings=findings)
    if rows is None or findings.refused:
        raise RuntimeError("the table was refused")
    return len(rows)


def _timed(work: Callable[[], int]) -> tuple[float, int]:
    """Return the processor seconds that it took, which nobody else can lengthen, and its rows."""
    began = time.process_time()
    rows = work()
    return time.process_time() - began, rows
