"""Lists over a grown database, as an admin's browser asks for them, and exports of all of it.

Serves `make bench-long`. A time is that of the whole page: found, counted, drawn and sent.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time

from benchmarks import population, report
from benchmarks.client import percentiles
from benchmarks.grown import Grown
from benchmarks.pages import Browser, sign_in
from benchmarks.servers import Databases, Running, start_ours, stopping
from launcher.records.listing import SORTS

SLUG = "measured"
AIM_SECONDS = 0.2
PAGES_HEADER = ("page", "requests", "p50 / p95 / p99 / max ms")
EXPORTS_HEADER = (
    "export",
    "rows",
    "MB",
    "first byte s",
    "seconds",
    "memory MiB, before and at most",
)
MIB = 1024**2
# A page that somebody may turn to, and one that nobody does.
DEEP, DEEPEST = 200, 10_000

FILTERS = {
    "of one course": "course=3",
    "of one status": "status=failed",
    "of one course and status": "course=3&status=completed",
    "of the last 30 days": "from={month}",
    "search: one person": "q=g4711",
    "search: one in a thousand": "q=zelda",
    "search: one in ten": "q=maria",
    "search: everybody": "q=given",
    "search: two words": "q=maria+example.org",
    "search: a person and a course": "q=zelda+course",
}
OTHERS = {
    "home": "/",
    "learners": "/learners",
    f"learners, page {DEEP}": f"/learners?page={DEEP}",
    "learners, search: one person": "/learners?q=g4711",
    "learners, search: one in ten": "/learners?q=maria",
    "a course with its learners": "/courses/3",
    f"a course with its learners, page {DEEP}": f"/courses/3?page={DEEP}",
}


def lists(databases: Databases, one: Grown, *, times: int) -> str:
    """Open every list in every order, so many times; return the tables."""
    server = start_ours(one.place, databases)
    with stopping(server):
        visitor = sign_in(one.app, [population.ADMIN])[0]
        browser = Browser(server.port, visitor)
        rows = [_page(browser, title, path, times=times) for title, path in _pages().items()]
        exports = [_csv(server, browser)]
        browser.close()
    exports.append(_json(one))
    print("\n".join("  ".join(row) for row in exports), flush=True)
    return (
        f"{one.name} attempts, one connection; the aim is a p95 under"
        f" {AIM_SECONDS * 1000:.0f} ms.\n\n"
        + report.table(PAGES_HEADER, rows)
        + "\n"
        + report.table(EXPORTS_HEADER, exports)
    )


def _pages() -> dict[str, str]:
    """The pages with their addresses below the admin's."""
    month = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 30 * 86400))
    found = {}
    for name in sorted(SORTS):
        for sign, turned in (("", ""), ("-", ", turned around")):
            title = f"transcripts by {name}{turned}"
            found[title] = f"/transcripts?sort={sign}{name}"
            found[f"{title}, page {DEEP}"] = f"/transcripts?sort={sign}{name}&page={DEEP}"
    found[f"transcripts by last, page {DEEPEST:,}"] = f"/transcripts?page={DEEPEST}"
    for title, query in FILTERS.items():
        asked = query.format(month=month)
        found[f"transcripts {title}"] = f"/transcripts?{asked}"
        found[f"transcripts {title}, by score"] = f"/transcripts?{asked}&sort=score"
        found[f"transcripts {title}, by learner"] = f"/transcripts?{asked}&sort=learner"
    return found | OTHERS


def _page(browser: Browser, title: str, path: str, *, times: int) -> list[str]:
    address = f"/a/{SLUG}/admin{path}"
    browser.get(address)
    took = [browser.get(address)[0] for _ in range(times)]
    found = percentiles(took)
    mark = " (above the aim)" if found["p95"] > AIM_SECONDS * 1000 else ""
    row = [title, str(times), report.latencies(found) + mark]
    print("  ".join(row), flush=True)
    return row


def _csv(server: Running, browser: Browser) -> list[str]:
    """Download the whole transcript; watch the server's memory meanwhile."""
    before, most, ended = server.memory(), [0], threading.Event()

    def watch() -> None:
        while not ended.wait(0.05):
            most[0] = max(most[0], server.memory())

    watching = threading.Thread(target=watch)
    watching.start()
    began, first, size, lines = time.perf_counter(), 0.0, 0, 0
    try:
        with browser.opened(f"/a/{SLUG}/admin/transcripts.csv") as response:
            while piece := response.read1(1 << 16):
                first = first or time.perf_counter() - began
                size, lines = size + len(piece), lines + piece.count(b"\n")
    finally:
        ended.set()
        watching.join()
    seconds = time.perf_counter() - began
    return _export("transcripts.csv, by the page", lines - 1, size, first, seconds, before, most[0])


def _json(one: Grown) -> list[str]:
    """Write the whole transcript as JSON on the command line."""
    command = [sys.executable, "-c", "from launcher.commands import main; main()"]
    began, first, size, lines = time.perf_counter(), 0.0, 0, 0
    process = subprocess.Popen(
        [*command, "transcript", "--json"],
        env={**os.environ, **one.place.environment()},
        stdout=subprocess.PIPE,
    )
    stream = process.stdout
    if stream is None:
        raise RuntimeError("the command has no standard output")
    with stream:
        while piece := os.read(stream.fileno(), 1 << 16):
            first = first or time.perf_counter() - began
            size, lines = size + len(piece), lines + piece.count(b'"student_id"')
    _pid, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"hacp transcript ended with {process.returncode}")
    seconds = time.perf_counter() - began
    return _export("hacp transcript --json", lines, size, first, seconds, 0, usage.ru_maxrss * 1024)


def _export(
    name: str, rows: int, size: int, first: float, seconds: float, before: int, most: int
) -> list[str]:
    began = f"{before / MIB:.0f}, " if before else ""
    memory = f"{began}{most / MIB:.0f}"
    return [name, f"{rows:,}", f"{size / 1e6:.0f}", f"{first:.1f}", f"{seconds:.1f}", memory]
