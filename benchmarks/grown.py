"""Databases of several sizes beside each other, each with sessions to talk in.

Serves the long runs: growth, lists, launches and the start. The empty one is named 0.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from flask import Flask

from benchmarks import population
from benchmarks.population import Sessions
from benchmarks.servers import Databases, Place

EMPTY = 0


@dataclass(frozen=True, slots=True)
class Grown:
    """One database: how many attempts it holds, and how long it took to make them."""

    attempts: int
    place: Place
    app: Flask
    sessions: Sessions
    seconds: float

    @property
    def name(self) -> str:
        """What tables call it."""
        return f"{self.attempts:,}"


def make(databases: Databases, attempts: int, *, exchanges: int, running: int, fresh: int) -> Grown:
    """Make a database with so many attempts of so many exchanges each, then launch some more."""
    began = time.perf_counter()
    place = databases.make(f"grown{attempts}")
    app = place.app()
    population.found_academy(app)
    if attempts:
        population.grow(app, attempts=attempts, exchanges=exchanges)
    seconds = time.perf_counter() - began
    sessions = population.open_sessions(app, running=running, fresh=fresh)
    return Grown(attempts, place, app, sessions, seconds)
