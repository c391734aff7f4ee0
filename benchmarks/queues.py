"""A simulation of posts that queue for processes and for a database, from measured service times.

Serves `scale`. Two stations, one behind the other, first come first served; how long a post needs
at each is drawn anew for each post. Pure but for its dice.
"""

from __future__ import annotations

import heapq
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass

# Services vary: some posts change a result, some carry much. With this variation one in a hundred
# takes three to four times the mean, as in the measured distributions.
VARIATION = 0.6


@dataclass(frozen=True, slots=True)
class Stations:
    """How many cores each station has, and the mean processor time of a post there, in seconds.

    `fixed` is what a post waits for without using a core: the disk.
    """

    web_cores: int
    web: float
    database_cores: int
    database: float
    fixed: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it: how busy the stations were, and latencies in seconds by percentile."""

    web_busy: float
    database_busy: float
    p50: float
    p99: float


def simulate(stations: Stations, *, rate: float, posts: int, dice: random.Random) -> Outcome:
    """Let so many posts come at random moments, `rate` a second, and see how long each takes."""
    arrivals = list(_arrivals(rate, posts, dice))
    after_web = _serve(arrivals, stations.web_cores, stations.web, dice)
    order = sorted(range(posts), key=after_web.__getitem__)
    left = _serve([after_web[n] for n in order], stations.database_cores, stations.database, dice)
    took = [0.0] * posts
    for place, number in enumerate(order):
        took[number] = left[place] - arrivals[number] + stations.fixed
    took.sort()
    return Outcome(
        rate * stations.web / stations.web_cores,
        rate * stations.database / stations.database_cores,
        took[posts // 2],
        took[int(posts * 0.99)],
    )


def _arrivals(rate: float, posts: int, dice: random.Random) -> Iterator[float]:
    moment = 0.0
    for _ in range(posts):
        moment += dice.expovariate(rate)
        yield moment


def _serve(arrivals: list[float], cores: int, mean: float, dice: random.Random) -> list[float]:
    """Return when each leaves a station, in the order of their coming."""
    sigma = math.sqrt(math.log(1 + VARIATION**2))
    mu = math.log(mean) - sigma**2 / 2
    free = [0.0] * cores
    left = []
    for arrived in arrivals:
        begins = max(arrived, heapq.heappop(free))
        ends = begins + dice.lognormvariate(mu, sigma)
        heapq.heappush(free, ends)
        left.append(ends)
    return left
