"""`python -m benchmarks.sync`: what a sync costs beside merely fetching the pages, and the search.

The provider is a process of its own. Printed are seconds, the ratio to the bare fetch and memory
for a first sync, an unchanged one and one with 1 % changed; then the time from a push to the course
in the search, and how long learners' searches take.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

import httpx
from sqlalchemy import Connection, Engine, create_engine

from benchmarks import report
from benchmarks.pretending import Provider
from benchmarks.pushing import CATALOGUE, PUSHED, installed
from benchmarks.servers import Databases, Place
from catalog import search
from catalog.provider.calls import Credentials, Endpoint
from catalog.provider.opensesame import connect
from catalog.schema import Base
from catalog.search import Asked
from catalog.shelf import Shelf
from catalog.store import Transact
from catalog.supply import connections
from catalog.supply.model import Branding, DuplicatePolicy, RunKind
from catalog.sync.judging import Policy
from catalog.sync.listing import Order, Report, run
from launcher.db import prepare_sqlite

T = TypeVar("T")

KINDS = ("sqlite", "postgresql")
COMPARED = ("", "time", "of the bare fetch", "memory", "found")
SEARCHES = 200
WORDS = (
    "safety",
    "managing change",
    "privacy at wor",
    "lead",
    "budgets in practice",
    "step by step 177",
    "quality for",
    "short lessons",
    "northwind risk",
    "compliance",
)


def main() -> None:
    """Measure and print, and with `--publish` put it into the document."""
    options = argparse.ArgumentParser(prog="python -m benchmarks.sync", description=__doc__)
    options.add_argument("--database", choices=KINDS, action="append")
    options.add_argument("--items", type=int, default=40_000)
    options.add_argument("--pushes", type=int, default=20)
    options.add_argument("--page-ms", type=int, default=50, help="a page from afar takes longer")
    options.add_argument("--afar-items", type=int, default=10_000, help="in that listing")
    options.add_argument("--publish", action="store_true")
    chosen = options.parse_args()
    began = time.monotonic()
    parts: list[str] = []
    versions: list[str] = []
    for kind in chosen.database or KINDS:
        with tempfile.TemporaryDirectory(prefix="hacp-bench-") as folder, Provider() as provider:
            databases = Databases(kind, Path(folder))
            try:
                versions.append(databases.version())
                parts += _measure(databases, provider, chosen)
            finally:
                databases.close()
    took = time.monotonic() - began
    settings = f"{chosen.items} items, {chosen.pushes} pushes of {PUSHED}; {took:.0f} s in all."
    text = f"{report.conditions(versions, settings=settings)}\n" + "\n".join(parts)
    print(text)
    if chosen.publish:
        report.publish("sync", text)


def _measure(databases: Databases, provider: Provider, chosen: argparse.Namespace) -> Iterator[str]:
    place = databases.make("large")
    with _database(place) as engine:
        academy = _Academy(engine, provider, place.folder)
        compared = list(_compare(academy, chosen.items))
        yield f"**{databases.kind}**\n\n{report.table(COMPARED, compared)}"
        searched = _percentiles(_search(academy))
    yield from _from_afar(databases, chosen)
    with installed(databases, provider) as made:
        pushed = _percentiles([made.push() for _ in range(chosen.pushes)])
    waited = [
        [f"a learner's search among {chosen.items} courses", *searched],
        [f"from a push of {PUSHED} to the search among {CATALOGUE}", *pushed],
    ]
    yield report.table(("", "median", "p95"), waited)


def _from_afar(databases: Databases, chosen: argparse.Namespace) -> Iterator[str]:
    place = databases.make("afar")
    with Provider(chosen.page_ms) as provider, _database(place) as engine:
        compared = list(_compare(_Academy(engine, provider, place.folder), chosen.afar_items))
    yield (
        f"{chosen.afar_items} items of which each page of 50 takes {chosen.page_ms} ms to come:\n\n"
        f"{report.table(COMPARED, compared)}"
    )


def _compare(academy: _Academy, count: int) -> Iterator[list[str]]:
    """Fetch and sync; the bare fetch is the better of two, so that a sync has no easy rival."""
    academy.provider.grow(count)
    bare = min(_seconds(academy.fetch)[0] for _ in range(2))
    yield ["bare fetch", f"{bare:.1f} s", "1", "", ""]
    for name, revised in (("first sync", 0.0), ("unchanged", 0.0), ("1 % changed", 0.01)):
        academy.provider.grow(count, revised)
        before = _begin_memory()
        took, found = _seconds(academy.sync)
        counts = ", ".join(f"{number} {outcome.value}" for outcome, number in found.counts.items())
        more = f"+{_memory('VmHWM') - before:.1f} MiB"
        yield [name, f"{took:.1f} s", f"{took / bare:.2f}", more, counts]


def _search(academy: _Academy) -> list[float]:
    took = []
    for number in range(SEARCHES):
        asked = Asked(WORDS[number % len(WORDS)])
        find = partial(search.search, academy_id=1, asked=asked)
        took.append(_seconds(partial(academy.transact, find))[0])
    return took


def _percentiles(took: list[float]) -> tuple[str, str]:
    last = sorted(took)[max(0, round(len(took) * 0.95) - 1)]
    return f"{statistics.median(took) * 1000:.1f} ms", f"{last * 1000:.1f} ms"


class _Academy:
    """One academy with everything that a sync of it needs."""

    def __init__(self, engine: Engine, provider: Provider, folder: Path) -> None:
        self.engine = engine
        self.provider = provider
        self.shelf = Shelf(folder / "shelf")
        self.transact: Transact = partial(_transact, engine)
        self.transact(partial(_open, ciid=provider.ciid))

    def fetch(self) -> int:
        """Fetch all pages and read their JSON, no more; return how many items there were."""
        asked, count = self.provider, 0
        with httpx.Client(trust_env=False, timeout=60) as http:
            token = http.post(
                f"{asked.url}/oauth/token",
                auth=(asked.client_id, asked.client_secret),
                data={"grant_type": "client_credentials", "scope": "content"},
            ).json()["access_token"]
            url = f"{asked.url}/v1/content?customerIntegrationId={asked.ciid}&limit=50&page=1"
            while url:
                page = http.get(url, headers={"Authorization": f"Bearer {token}"}).json()
                count += len(page["data"])
                url = page["paging"]["next"]
        return count

    def sync(self, kind: RunKind = RunKind.DAILY) -> Report:
        """Run a sync with the real client."""
        asked = self.provider
        with connect(
            Endpoint(asked.url, f"{asked.url}/oauth/token"),
            Credentials(asked.client_id, asked.client_secret, asked.ciid),
            clock=_now,
            sleep=time.sleep,
            monotonic=time.monotonic,
            allow_loopback=True,
        ) as client:
            order = Order(1, kind, Policy(DuplicatePolicy.ASK, ["localhost"]))
            return run(order, client=client, transact=self.transact, clock=_now, shelf=self.shelf)


def _transact(engine: Engine, unit: Callable[[Connection], T], /) -> T:
    with engine.connect() as connection:
        writing = connection.execution_options(sqlite_begin="IMMEDIATE")
        with writing.begin():
            return unit(writing)


def _open(connection: Connection, *, ciid: str) -> None:
    if connections.connection_of(connection, 1) is not None:
        return
    connections.activate(connection, 1, activated=True, now=_now())
    connections.save_settings(
        connection,
        1,
        enabled=True,
        ciid=ciid,
        branding=Branding.DEFAULT,
        client_id="",
        client_secret=None,
        policy=DuplicatePolicy.ASK,
        daily_at=0,
        poll_minutes=10,
        now=_now(),
    )


@contextmanager
def _database(place: Place) -> Iterator[Engine]:
    engine = create_engine(place.url.replace("postgresql://", "postgresql+psycopg://"))
    if place.kind == "sqlite":
        prepare_sqlite(engine)
    Base.metadata.create_all(engine)
    try:
        yield engine
    finally:
        engine.dispose()


def _seconds(work: Callable[[], T]) -> tuple[float, T]:
    began = time.perf_counter()
    done = work()
    return time.perf_counter() - began, done


def _begin_memory() -> float:
    """Return what this process has in memory now, in MiB, and count its most from here on."""
    Path("/proc/self/clear_refs").write_text("5")
    return _memory("VmRSS")


def _memory(name: str) -> float:
    """Return a figure of /proc/self/status in MiB: `VmRSS` is what there is, `VmHWM` the most."""
    lines = Path("/proc/self/status").read_text().splitlines()
    (line,) = [one for one in lines if one.startswith(f"{name}:")]
    return int(line.split()[1]) / 1024


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    main()
