"""`make bench-long`: what changes with size and with time, each part into a block of its own.

Writes its tables into `docs/performance.md`. About half an hour on two cores with a million
attempts; `--parts` chooses some of it.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks import grown, growth, lists, loads, report
from benchmarks.grown import EMPTY, Grown
from benchmarks.servers import THREADS, Databases

PARTS = ("start", "lists", "growth", "launches", "memory", "parsing")
# Sessions that report again and again.
RUNNING = 1000


def main(arguments: list[str]) -> None:
    """Measure, print, and with `--publish` write each part into its block of the document."""
    options = argparse.ArgumentParser(prog="python -m benchmarks long", description=main.__doc__)
    options.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    options.add_argument("--kind", choices=("sqlite", "postgresql"), default="sqlite")
    options.add_argument("--attempts", nargs="+", type=int, default=[100_000, 1_000_000])
    options.add_argument("--exchanges", type=int, default=10, help="of each attempt")
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--seconds", type=float, default=2.5)
    options.add_argument("--times", type=int, default=20, help="how often a page is opened")
    options.add_argument("--launches", type=int, default=5000)
    options.add_argument("--within", type=float, default=10.0, help="seconds for the launches")
    options.add_argument("--requests", type=int, default=1_000_000, help="until memory is read")
    options.add_argument("--minutes", type=float, default=16.0, help="for those, at most")
    options.add_argument("--publish", action="store_true")
    plan = options.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        databases = Databases(plan.kind, Path(folder))
        try:
            for part, text in _measure(databases, plan):
                print(text, flush=True)
                if plan.publish:
                    report.publish(_block(part, plan.kind), text)
        finally:
            databases.close()


def _block(part: str, kind: str) -> str:
    """Return the block of a part: SQLite's stand where the document explains them."""
    return part if kind == "sqlite" else f"{part}-{kind}"


def _measure(databases: Databases, plan: argparse.Namespace) -> Iterator[tuple[str, str]]:
    """Yield each part with its text, as soon as it is there."""
    several = [_grown(databases, attempts, plan) for attempts in _sizes(plan)]
    measures: dict[str, Callable[[], str]] = {
        "start": lambda: growth.starts(databases, several),
        "lists": lambda: lists.lists(databases, several[-1], times=plan.times),
        "growth": lambda: growth.growth(
            databases, several, rounds=plan.rounds, seconds=plan.seconds
        ),
        "launches": lambda: loads.launches(
            databases, several[-1], count=plan.launches, seconds=plan.within
        ),
        "memory": lambda: loads.memory(
            databases, several[0], requests=plan.requests, minutes=plan.minutes
        ),
        "parsing": loads.parsing,
    }
    for part in PARTS:
        if part in plan.parts:
            began = time.monotonic()
            text = measures[part]()
            settings = f"{THREADS} threads. It took {time.monotonic() - began:.0f} s."
            yield part, report.conditions([databases.version()], settings=settings) + "\n" + text


def _sizes(plan: argparse.Namespace) -> list[int]:
    """The databases that the parts need, the empty one first and the largest last."""
    parts = set(plan.parts)
    sizes = set()
    if parts & {"start", "growth", "memory"}:
        sizes.add(EMPTY)
    if parts & {"start", "growth"}:
        sizes.update(plan.attempts)
    if parts & {"lists", "launches"}:
        sizes.add(max(plan.attempts))
    return sorted(sizes)


def _grown(databases: Databases, attempts: int, plan: argparse.Namespace) -> Grown:
    fresh = growth.fresh_of(rounds=plan.rounds, seconds=plan.seconds)
    made = grown.make(
        databases,
        attempts,
        exchanges=plan.exchanges,
        running=RUNNING,
        fresh=fresh if "growth" in plan.parts else 0,
    )
    print(f"{made.name} attempts in {made.seconds:.0f} s", flush=True)
    return made
