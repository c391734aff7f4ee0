"""What grows with the database and should not: a conversation's time, and the start.

Serves `make bench-long`. Servers on the empty database and on grown ones run side by side and take
turns, so that a noisy machine disturbs all alike.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence

from benchmarks import report, wire
from benchmarks.client import Load, talk
from benchmarks.grown import Grown
from benchmarks.rounds import Compared, in_turn
from benchmarks.servers import Databases, Round, Running, start_ours, stopping
from benchmarks.wire import Script

CONNECTIONS = 8
STARTS = 5
COMMANDS = {"put": "PutParam", "get": "GetParam", "exit": "ExitAU"}
# More than any server here answers in a second, of what each session can say only once.
MOST_FRESH = 1200
HEADER = (
    "attempts",
    "message",
    "requests/s",
    "against the empty database (spread)",
    "p50 / p95 / p99 / max ms",
    "CPU ms a request",
)


def fresh_of(*, rounds: int, seconds: float) -> int:
    """How many sessions that have said nothing are needed on each database."""
    return int(MOST_FRESH * seconds) * rounds


def growth(databases: Databases, several: Sequence[Grown], *, rounds: int, seconds: float) -> str:
    """Talk to all of them in turn; return the table."""
    servers = [start_ours(one.place, databases, name=one.name) for one in several]
    sessions = {one.name: one.sessions for one in several}
    share = int(MOST_FRESH * seconds)
    rows = []
    with stopping(*servers):
        for command, title in COMMANDS.items():
            turns = dict.fromkeys(sessions, 0)

            def put(
                server: Running, command: str = command, turns: dict[str, int] = turns
            ) -> Round:
                mine = sessions[server.name]
                sids = mine.running
                if command == "exit":
                    start = turns[server.name] * share
                    sids = mine.fresh[start : start + share]
                    turns[server.name] += 1
                return server.put(Load(server.port, command, CONNECTIONS, seconds, sids))

            if command != "exit":
                for server in servers:
                    server.put(
                        Load(server.port, command, CONNECTIONS, 1.0, sessions[server.name].running)
                    )
            compared = in_turn(title, servers, put, rounds=rounds)
            rows += [_row(compared, one.name, base=several[0].name) for one in several]
            print("\n".join("  ".join(row) for row in rows[-len(several) :]), flush=True)
    made = ", ".join(f"{one.name} in {one.seconds:.0f} s" for one in several if one.attempts)
    return report.table(HEADER, rows) + f"\nThe databases were made so: {made}.\n"


def _row(compared: Compared, name: str, *, base: str) -> list[str]:
    return [
        name,
        compared.label,
        f"{compared.per_second(name):.0f}",
        report.spread(compared.ratios(name, base)) if name != base else "1",
        report.latencies(compared.latency(name)),
        report.cpu(compared.cpu(name)),
    ]


def starts(databases: Databases, several: Sequence[Grown]) -> str:
    """Start the server on each again and again, until content has its first answer."""
    rows = []
    for one in several:
        took = [_start(databases, one) for _ in range(STARTS)]
        rows.append([one.name, f"{statistics.median(took):.2f}", f"{max(took):.2f}"])
        print("  ".join(rows[-1]), flush=True)
    return report.table(("attempts", "seconds to the first answer, median", "the longest"), rows)


def _start(databases: Databases, one: Grown) -> float:
    began = time.perf_counter()
    server = start_ours(one.place, databases)
    with stopping(server):
        talk(server.port, [_once(one.sessions.running[0])], until=float("inf"))
        return time.perf_counter() - began


def _once(sid: str) -> Script:
    wire.check(sid, (yield wire.get_param(sid)))
