"""Tables of what was measured, on the terminal and in `docs/performance.md`.

Serves the runs. A run replaces the block of its own name between two marks; what stands around it
is written by people.
"""

from __future__ import annotations

import os
import platform
import re
import statistics
import subprocess
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks.rounds import BUSY_CLIENT, Compared

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "performance.md"
VERSIONS = ("Flask", "waitress", "SQLAlchemy", "psycopg")

AGAINST_FLOOR = (
    "connections",
    "floor/s",
    "ours/s",
    "ratio (spread)",
    "floor p50 / p95 / p99 / max ms",
    "ours p50 / p95 / p99 / max ms",
    "p99 ratio",
    "CPU ms floor",
    "CPU ms ours",
    "client",
)


def against_floor(compared: Compared) -> list[str]:
    """One line of the table `AGAINST_FLOOR`."""
    floor, ours = compared.latency("floor"), compared.latency("ours")
    ratios = compared.ratios("ours", "floor")
    busy = compared.client_share
    return [
        compared.label,
        f"{compared.per_second('floor'):.0f}",
        f"{compared.per_second('ours'):.0f}",
        spread(ratios),
        latencies(floor),
        latencies(ours),
        f"{ours['p99'] / floor['p99']:.2f}",
        cpu(compared.cpu("floor")),
        cpu(compared.cpu("ours")),
        f"{busy:.0%}" + (" (busy)" if busy > BUSY_CLIENT else ""),
    ]


def spread(ratios: Sequence[float]) -> str:
    """The median with the smallest and the greatest."""
    return f"{statistics.median(ratios):.2f} ({ratios[0]:.2f}-{ratios[-1]:.2f})"


def latencies(found: dict[str, float]) -> str:
    """The percentiles as one cell."""
    return " / ".join(f"{found[name]:.1f}" for name in ("p50", "p95", "p99", "max"))


def cpu(spent: tuple[float, float, float]) -> str:
    """Server, and database where it is a process of its own."""
    server, database, _client = spent
    return f"{server:.2f} + {database:.2f}" if database else f"{server:.2f}"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table in Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def conditions(databases: Iterable[str], *, settings: str) -> str:
    """Say on what was measured, and with what."""
    cores = os.cpu_count()
    versions = ", ".join(f"{name} {version(name)}" for name in VERSIONS)
    return (
        f"Measured on {datetime.now(UTC):%Y-%m-%d}, revision {_revision()}, on {cores} cores of"
        f" {_processor()}, {platform.system()} {platform.release()}, Python"
        f" {platform.python_version()}, {versions}, {', '.join(databases)}. {settings}\n"
    )


def publish(name: str, text: str, *, document: Path = DOCUMENT) -> None:
    """Replace the block of that name in a document."""
    begin, end = f"<!-- {name}: written by the benchmark -->\n", f"<!-- end of {name} -->\n"
    whole = document.read_text(encoding="utf-8")
    if begin not in whole or end not in whole:
        raise LookupError(f"{document.name} has no block {name}")
    before, rest = whole.split(begin, 1)
    after = rest.split(end, 1)[1]
    document.write_text(f"{before}{begin}\n{text}\n{end}{after}", encoding="utf-8")


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*:\s*(.+)", cpuinfo.read_text()) if cpuinfo.exists() else None
    return found[1] if found else platform.machine()


def _revision() -> str:
    asked = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=DOCUMENT.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=False,
    )
    return asked.stdout.strip() or "unknown"
