"""Reading ahead: everything comes in its order, errors too, and nobody reads what nobody wants."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from catalog.sync.ahead import ahead


def no_idle() -> None:
    pytest.fail("nothing was waited for")


def test_what_is_read_ahead_comes_in_order() -> None:
    assert list(ahead(iter(range(100)), idle=no_idle, idle_seconds=60)) == list(range(100))
    assert list(ahead(iter([None, None]), idle=no_idle, idle_seconds=60)) == [None, None]


def test_an_error_comes_after_all_that_came_before_it() -> None:
    def source() -> Iterator[int]:
        yield 1
        yield 2
        raise KeyError("broken off")

    reading = ahead(source(), idle=no_idle, idle_seconds=60)
    assert [next(reading), next(reading)] == [1, 2]
    with pytest.raises(KeyError):
        next(reading)


def test_while_nothing_comes_the_reader_is_asked_again_and_again() -> None:
    go_on, idled = threading.Event(), []

    def source() -> Iterator[int]:
        go_on.wait()
        yield 1

    def idle() -> None:
        idled.append(True)
        if len(idled) == 3:
            go_on.set()

    assert list(ahead(source(), idle=idle, idle_seconds=0.01)) == [1]
    assert len(idled) >= 3


def test_the_next_is_read_while_the_last_is_worked_on() -> None:
    second_is_read = threading.Event()

    def source() -> Iterator[int]:
        yield 1
        second_is_read.set()
        yield 2

    reading = ahead(source(), idle=no_idle, idle_seconds=60)
    assert next(reading) == 1
    assert second_is_read.wait(30)
    assert list(reading) == [2]


def test_who_stops_reads_no_further() -> None:
    read: list[int] = []
    ended = threading.Event()

    def source() -> Iterator[int]:
        try:
            for number in range(1000):
                read.append(number)
                yield number
        finally:
            ended.set()

    with closing(ahead(source(), idle=no_idle, idle_seconds=60)) as reading:
        assert next(reading) == 0
    assert ended.wait(30)
    assert len(read) <= 4


def test_an_error_of_the_idle_ends_the_reading() -> None:
    stuck = threading.Event()

    def source() -> Iterator[int]:
        stuck.wait()
        yield 1

    def idle() -> None:
        raise LookupError("the claim is lost")

    with pytest.raises(LookupError):
        list(ahead(source(), idle=idle, idle_seconds=0.01))
    stuck.set()
