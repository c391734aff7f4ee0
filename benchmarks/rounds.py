"""Floor and ours in turn: rounds of a few seconds, so that a noisy machine disturbs both alike.

Serves the runs. Returns figures; how they look is for `report`.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from benchmarks.client import PERCENTILES
from benchmarks.servers import Round, Running

# A client that is busier than this may be what is measured.
BUSY_CLIENT = 0.8


@dataclass(slots=True)
class Compared:
    """One line of a table: several servers under one load, round by round."""

    label: str
    rounds: list[dict[str, Round]] = field(default_factory=list)

    def per_second(self, name: str) -> float:
        """Median of answered requests a second."""
        return statistics.median(one[name].tally.per_second for one in self.rounds)

    def latency(self, name: str) -> dict[str, float]:
        """Median of each percentile, in milliseconds; of the maxima the greatest."""
        found = {
            key: statistics.median(one[name].tally.latency[key] for one in self.rounds)
            for key in PERCENTILES
        }
        found["max"] = max(one[name].tally.latency["max"] for one in self.rounds)
        return found

    def ratios(self, name: str, base: str) -> list[float]:
        """Throughput of one over another, round by round, in order."""
        return sorted(
            one[name].tally.per_second / one[base].tally.per_second for one in self.rounds
        )

    def cpu(self, name: str) -> tuple[float, float, float]:
        """Milliseconds of processor time a request: of the server, the database, the client."""
        requests = sum(one[name].tally.requests for one in self.rounds)
        spent = (
            sum(one[name].server_cpu for one in self.rounds),
            sum(one[name].database_cpu for one in self.rounds),
            sum(one[name].tally.cpu for one in self.rounds),
        )
        server, database, client = (seconds * 1000 / requests for seconds in spent)
        return server, database, client

    @property
    def client_share(self) -> float:
        """How busy the busiest client was, as a share of one core."""
        return max(
            one.tally.cpu / one.tally.seconds for several in self.rounds for one in several.values()
        )


def in_turn(
    label: str,
    servers: Sequence[Running],
    put: Callable[[Running], Round],
    *,
    rounds: int,
) -> Compared:
    """Put the same load on each server, the order turned around with every round."""
    compared = Compared(label)
    for number in range(rounds):
        order = servers if number % 2 == 0 else list(reversed(servers))
        compared.rounds.append({one.name: put(one) for one in order})
    return compared
