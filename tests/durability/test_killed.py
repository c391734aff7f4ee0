"""Answered means stored: a server that is killed under load has everything that it said it has."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.durability import killing
from tests.durability.killing import Victim


@pytest.fixture
def victim(tmp_path: Path, database_url: str) -> Iterator[Victim]:
    """A server on SQLite, and one on PostgreSQL."""
    made = Victim(tmp_path / "instance", database_url)
    yield made
    made.close()


def test_whatever_was_acknowledged_is_stored_whole_and_once(
    victim: Victim, request: pytest.FixtureRequest
) -> None:
    seed = random.randrange(2**32)
    dice = random.Random(seed)
    print(f"the seed of the moments is {seed}")
    for _number in range(request.config.getoption("--rounds")):
        victim.round(dice)

        assert victim.faults() == []
    assert min(content.acknowledged for content in victim.contents) > 0


@pytest.mark.parametrize("told", [10**6, 0], ids=["lost", "made up"])
def test_a_difference_is_noticed(victim: Victim, told: int) -> None:
    dice = random.Random(1)
    while min(content.acknowledged for content in victim.contents) == 0:
        victim.round(dice)
    for content in victim.contents:
        content.acknowledged = content.said = told

    assert len(victim.faults()) == killing.SESSIONS
