"""Turns: one computes at a time, who waits lets others go on, and nobody waits for ever."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from types import SimpleNamespace

import pytest
from structlog.testing import capture_logs

from launcher import turns as turns_module
from launcher.turns import PATIENCE_SECONDS, Bell, Turns, pausing

PATIENCE = 30


class Job:
    """A task made of a function."""

    def __init__(self, work: Callable[[], object]) -> None:
        self._work = work
        self.done = threading.Event()
        self.cancelled = False

    def service(self) -> None:
        try:
            self._work()
        finally:
            self.done.set()

    def cancel(self) -> None:
        self.cancelled = True


@pytest.fixture
def turns() -> Iterator[Turns]:
    made = Turns(4)
    yield made
    assert made.shutdown(timeout=PATIENCE)


def do(turns: Turns, *works: Callable[[], object]) -> list[Job]:
    jobs = [Job(work) for work in works]
    for job in jobs:
        turns.add_task(job)
    return jobs


def wait(*jobs: Job) -> None:
    for job in jobs:
        assert job.done.wait(PATIENCE)


def hurry(turns: Turns) -> None:
    """Look twice, as far apart as it takes."""
    for _ in range(2):
        time.sleep(PATIENCE_SECONDS)
        turns.hurry()


class Room:
    """Notes who is inside, and how many there were at most."""

    def __init__(self) -> None:
        self.inside = self.most = 0
        self.order: list[str] = []
        self._lock = threading.Lock()

    def stay(self, name: str = "", seconds: float = 0.01) -> None:
        with self._lock:
            self.inside += 1
            self.most = max(self.most, self.inside)
            self.order.append(name)
        time.sleep(seconds)
        with self._lock:
            self.inside -= 1


def test_one_is_done_at_a_time_in_the_order_in_which_they_came(turns):
    room = Room()
    jobs = do(turns, *(lambda number=number: room.stay(str(number)) for number in range(12)))
    wait(*jobs)
    assert room.most == 1
    assert room.order == [str(number) for number in range(12)]


def test_who_waits_lets_another_go_on(turns):
    met = threading.Event()

    def first() -> None:
        with pausing:
            assert met.wait(PATIENCE)

    wait(*do(turns, first, met.set))


def test_who_comes_back_waits_for_the_turn_and_goes_before_whoever_begins(turns):
    room, ready, go_on = Room(), threading.Event(), threading.Event()

    def first() -> None:
        with pausing:
            assert ready.wait(PATIENCE)
        room.stay("first")

    def second() -> None:
        ready.set()
        # Whoever has come back by now stands in the queue.
        assert go_on.wait(PATIENCE)
        room.stay("second")

    jobs = do(turns, first, second, lambda: room.stay("third"))
    assert ready.wait(PATIENCE)
    time.sleep(0.05)
    assert room.order == []
    go_on.set()
    wait(*jobs)
    assert room.order == ["second", "first", "third"]
    assert room.most == 1


def test_a_pause_in_a_pause_ends_with_the_outer_one(turns):
    met, order = threading.Event(), []

    def first() -> None:
        with pausing:
            with pausing:
                pass
            assert met.wait(PATIENCE)
        order.append("first")

    def second() -> None:
        met.set()
        order.append("second")

    wait(*do(turns, first, second))
    assert order == ["second", "first"]


def test_an_error_in_a_pause_comes_out_with_the_turn(turns):
    room, errors = Room(), []

    def first() -> None:
        try:
            with pausing:
                raise OSError("gone")
        except OSError as error:
            errors.append(error)
        room.stay()

    wait(*do(turns, first, room.stay, room.stay))
    assert len(errors) == 1
    assert room.most == 1


def test_a_turn_that_is_kept_for_too_long_goes_to_the_next(turns):
    met = threading.Event()
    slow, quick = do(turns, lambda: met.wait(PATIENCE), met.set)
    assert not quick.done.wait(0.1)
    hurry(turns)
    wait(slow, quick)


def test_whoever_had_it_for_too_long_neither_takes_nor_gives_it_at_the_end(turns):
    order: list[str] = []
    met, begun, go_on = threading.Event(), threading.Event(), threading.Event()

    def first() -> None:
        begun.set()
        assert go_on.wait(PATIENCE)
        order.append("first")

    slow, quick = do(turns, lambda: met.wait(PATIENCE), first)
    assert not begun.wait(0.05)
    hurry(turns)
    assert begun.wait(PATIENCE)
    (second,) = do(turns, lambda: order.append("second"))
    met.set()
    wait(slow)
    assert not second.done.wait(0.05)
    go_on.set()
    wait(quick, second)
    assert order == ["first", "second"]


def test_nobody_is_hurried_before_their_time(turns, monkeypatch):
    clock = SimpleNamespace(now=1000.0, monotonic=lambda: clock.now)
    monkeypatch.setattr(turns_module, "time", clock)
    met = threading.Event()
    slow, quick = do(turns, lambda: met.wait(PATIENCE), met.set)
    turns.hurry()
    for _ in range(9):
        clock.now += PATIENCE_SECONDS / 10
        turns.hurry()
    assert not quick.done.wait(0.05)
    clock.now += PATIENCE_SECONDS / 5
    turns.hurry()
    wait(slow, quick)


@pytest.mark.parametrize("within", [nullcontext(), pausing], ids=["by itself", "in a pause"])
def test_who_sleeps_at_a_bell_comes_back_when_it_is_rung(turns, within):
    order, bells = [], []

    def first() -> None:
        with within:
            bell = Bell()
            bells.append(bell)
            bell.wait()
        order.append("first")

    def second() -> None:
        bells[0].ring()
        order.append("second")

    wait(*do(turns, first, second, lambda: order.append("third")))
    assert order == ["second", "first", "third"]


def test_a_bell_that_was_rung_before_is_not_waited_for(turns):
    order: list[str] = []

    def first() -> None:
        bell = Bell()
        bell.ring()
        bell.wait()
        order.append("first")

    wait(*do(turns, first, lambda: order.append("second")))
    assert order == ["first", "second"]


def test_threads_that_take_no_turns_wait_all_the_same(turns):
    """A command, gunicorn, the threads of the queue."""
    bell = Bell()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(bell.wait)
        with pausing:
            bell.ring()
        waiting.result(PATIENCE)
    rung_from_inside = Bell()
    wait(*do(turns, rung_from_inside.ring))
    rung_from_inside.wait()


def test_a_task_that_fails_is_told_of_and_takes_no_thread_along(turns):
    def fail() -> None:
        raise LookupError("not here")

    with capture_logs() as lines:
        wait(*do(turns, *[fail] * 8))
        wait(*do(turns, lambda: None))
    assert [line["event"] for line in lines] == ["task_failed"] * 8


def test_at_the_end_what_has_begun_is_done_and_what_has_not_is_cancelled():
    turns = Turns(2)
    begun, go_on = threading.Event(), threading.Event()

    def first() -> None:
        begun.set()
        assert go_on.wait(PATIENCE)

    doing, waiting = do(turns, first, lambda: None)
    assert begun.wait(PATIENCE)
    assert turns.at_work
    assert not turns.shutdown(timeout=0.05)
    assert waiting.cancelled
    assert not doing.cancelled
    go_on.set()
    assert turns.shutdown(timeout=PATIENCE)
    assert doing.done.is_set()
    assert not waiting.done.is_set()


def test_at_the_end_nobody_waits_for_a_turn():
    """Whoever has it may be waiting for the thread that ends them all."""
    turns = Turns(2)
    paused, begun, go_on = threading.Event(), threading.Event(), threading.Event()

    def back() -> None:
        with pausing:
            paused.set()
            assert begun.wait(PATIENCE)

    def holding() -> None:
        begun.set()
        assert go_on.wait(PATIENCE)

    first, second = do(turns, back, holding)
    assert paused.wait(PATIENCE)
    assert begun.wait(PATIENCE)
    assert not first.done.wait(0.05)
    assert not turns.shutdown(timeout=0.05)
    assert first.done.wait(PATIENCE / 3)
    go_on.set()
    assert turns.shutdown(timeout=PATIENCE)
    assert second.done.is_set()


class LingeringLock:
    """A lock behind which a thread that does tasks is put aside by the system each time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *_how: object) -> None:
        self._lock.release()
        if threading.current_thread().name.startswith("answers-"):
            time.sleep(0.005)


def test_no_task_is_lost_where_threads_change_places_at_the_worst_moment(monkeypatch):
    """One that has just become idle is given the next before it has gone to sleep."""
    turns = Turns(4)
    monkeypatch.setattr(turns, "_lock", LingeringLock())
    for number in range(40):
        (job,) = do(turns, lambda: None)
        assert job.done.wait(5), f"task {number} was lost"
        # The next comes while the thread is still on its way to sleep.
        time.sleep(0.001)
    assert turns.shutdown(timeout=PATIENCE)


def test_everything_is_done_whatever_waits_for_what():
    turns = Turns(8)
    ended = threading.Event()
    lock = threading.Lock()
    done: list[int] = []

    def work(number: int) -> None:
        dice = random.Random(number)
        for _ in range(dice.randrange(4)):
            match dice.randrange(4):
                case 0:
                    with pausing:
                        time.sleep(dice.random() / 2000)
                case 1:
                    bell = Bell()
                    ringing = threading.Timer(dice.random() / 2000, bell.ring)
                    ringing.start()
                    bell.wait()
                case 2:
                    time.sleep(dice.random() / 200)
                case _:
                    # Waited for with the turn in hand, as code does that knows nothing of turns.
                    with lock, pausing:
                        time.sleep(dice.random() / 2000)
        done.append(number)

    def look() -> None:
        while not ended.wait(PATIENCE_SECONDS):
            turns.hurry()

    looking = threading.Thread(target=look)
    looking.start()
    jobs = do(turns, *(lambda number=number: work(number) for number in range(600)))
    wait(*jobs)
    ended.set()
    looking.join()
    assert turns.shutdown(timeout=PATIENCE)
    assert sorted(done) == list(range(600))
