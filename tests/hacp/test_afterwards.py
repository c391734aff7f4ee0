"""What is written after the answer: soon, many at once, and never lost while the process lives."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest

from hacp.afterwards import AT_ONCE, Afterwards


class Shelf:
    """Keeps what it is given; out of order it raises."""

    def __init__(self) -> None:
        self.kept: list[list[int]] = []
        self.broken = False
        self.heard = threading.Event()

    def keep(self, several: Sequence[int]) -> None:
        self.heard.set()
        if self.broken:
            raise OSError("the disk is full")
        self.kept.append(list(several))


def test_it_is_written_by_itself() -> None:
    shelf = Shelf()
    afterwards = Afterwards(shelf.keep, delay=0.01)
    afterwards.add(1)
    assert shelf.heard.wait(10)
    afterwards.flush()
    assert shelf.kept == [[1]]


def test_what_waits_is_written_together_in_its_order() -> None:
    shelf = Shelf()
    afterwards = Afterwards(shelf.keep, delay=60)
    for number in range(AT_ONCE + 3):
        afterwards.add(number)
    afterwards.flush()
    assert [len(several) for several in shelf.kept] == [AT_ONCE, 3]
    assert [one for several in shelf.kept for one in several] == list(range(AT_ONCE + 3))


def test_what_cannot_be_written_stays_in_its_place() -> None:
    shelf = Shelf()
    shelf.broken = True
    afterwards = Afterwards(shelf.keep, delay=60)
    afterwards.add(1)
    afterwards.add(2)
    with pytest.raises(OSError, match="full"):
        afterwards.flush()
    shelf.broken = False
    afterwards.add(3)
    afterwards.flush()
    assert shelf.kept == [[1, 2, 3]]


def test_its_thread_tries_again() -> None:
    shelf = Shelf()
    shelf.broken = True
    afterwards = Afterwards(shelf.keep, delay=0.01)
    afterwards.add(1)
    assert shelf.heard.wait(10)
    shelf.broken = False
    shelf.heard.clear()
    assert shelf.heard.wait(10)
    afterwards.flush()
    assert shelf.kept == [[1]]


def test_what_comes_while_others_are_written_waits_for_the_next_time() -> None:
    """While many ask, there would be no end of it, in transactions of one or two."""
    shelf = Shelf()

    def keep(several: Sequence[int]) -> None:
        shelf.keep(several)
        if len(shelf.kept) < 9:
            afterwards.add(len(shelf.kept))

    afterwards = Afterwards(keep, delay=60)
    afterwards.add(0)
    afterwards.flush()
    assert shelf.kept == [[0]]
    afterwards.flush()
    assert shelf.kept == [[0], [1]]
