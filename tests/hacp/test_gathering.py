"""Work done together: in the order in which it came, and no fault takes another with it."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from hacp.gathering import Gathering


class Desk:
    """Doubles numbers, in rounds that a test holds up; a negative one cannot be doubled."""

    def __init__(self) -> None:
        self.rounds: list[list[int]] = []
        self.open = threading.Event()
        self.open.set()
        self.begun = threading.Event()

    def double(self, numbers: Sequence[int]) -> list[int]:
        self.rounds.append(list(numbers))
        self.begun.set()
        self.open.wait()
        if any(number < 0 for number in numbers):
            raise LookupError(f"a negative number among {numbers}")
        return [2 * number for number in numbers]


def gather(desk: Desk, numbers: Sequence[int], *, most: int = 64) -> list[object]:
    """Hold the first up until all others wait; return what each was told."""
    gathering = Gathering(desk.double, most=most)
    desk.open.clear()
    with ThreadPoolExecutor(len(numbers)) as pool:
        answers = []
        for number in numbers:
            answers.append(pool.submit(gathering.do, number))
            desk.begun.wait()
            while len(gathering._waiting) < len(answers) - 1:
                threading.Event().wait(0.001)
        desk.open.set()
        return [answer.exception() or answer.result() for answer in answers]


def test_one_alone_is_done_at_once() -> None:
    desk = Desk()
    assert Gathering(desk.double, most=8).do(3) == 6
    assert desk.rounds == [[3]]


def test_what_waits_is_done_in_one_round_in_its_order() -> None:
    desk = Desk()
    assert gather(desk, [1, 2, 3, 4]) == [2, 4, 6, 8]
    assert desk.rounds == [[1], [2, 3, 4]]


def test_a_round_takes_no_more_than_it_may() -> None:
    desk = Desk()
    assert gather(desk, [1, 2, 3, 4, 5, 6], most=2) == [2, 4, 6, 8, 10, 12]
    assert desk.rounds == [[1], [2, 3], [4, 5], [6]]


def test_what_cannot_be_done_takes_nothing_else_with_it() -> None:
    desk = Desk()
    told = gather(desk, [1, 2, -3, 4])
    assert [told[0], told[1], told[3]] == [2, 4, 8]
    assert isinstance(told[2], LookupError)
    assert desk.rounds == [[1], [2, -3, 4], [2], [-3], [4]]


def test_a_thread_that_is_ended_leaves_nobody_waiting() -> None:
    def end(_numbers: Sequence[int]) -> list[int]:
        raise SystemExit

    gathering = Gathering(end, most=8)
    with pytest.raises(SystemExit):
        gathering.do(1)
    with pytest.raises(SystemExit):
        gathering.do(2)


def test_a_crowd_is_served_whole() -> None:
    gathering = Gathering(Desk().double, most=5)
    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(gathering.do, range(500))) == [2 * number for number in range(500)]
