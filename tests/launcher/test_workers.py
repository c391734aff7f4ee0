"""The queue and its workers: real threads, a real file, a real PostgreSQL."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from huey import Huey
from sqlalchemy import create_engine, inspect

from launcher import workers
from launcher.workers import Workers, open_queue

SECONDS = 20


@pytest.fixture
def queue(database_url: str) -> Iterator[Huey]:
    queue = open_queue(database_url)
    yield queue
    queue.storage.close()


@pytest.fixture
def at_work(queue: Huey) -> Iterator[Callable[..., Workers]]:
    """Return `at_work(count)`: workers that run, until the test ends."""
    running: list[Workers] = []

    def _start(count: int = 1, stopping: threading.Event | None = None) -> Workers:
        running.append(Workers(queue, count=count, stopping=stopping or threading.Event()))
        running[-1].start()
        return running[-1]

    yield _start
    for one in running:
        one.stop()


def test_what_is_asked_for_is_done(queue, at_work):
    done, came = threading.Event(), []

    @queue.task()
    def note(*arguments: int) -> None:
        came.append(arguments)
        done.set()

    at_work()
    note(3, 4)

    assert done.wait(SECONDS)
    assert came == [(3, 4)]


def test_after_the_end_no_thread_is_left(queue, at_work):
    before = set(threading.enumerate())
    running = at_work(3)
    assert len(set(threading.enumerate()) - before) == 4

    assert running.stop()

    assert set(threading.enumerate()) == before


def test_a_task_that_breaks_takes_no_worker_with_it(queue, at_work):
    done = threading.Event()

    @queue.task()
    def break_down() -> None:
        raise ValueError

    queue.task(name="note")(done.set)
    at_work()
    break_down()
    queue.enqueue(queue._registry.string_to_task("threading.note")())

    assert done.wait(SECONDS)


def test_two_at_a_time_do_not_wait_for_each_other(queue, at_work):
    both = threading.Barrier(2)
    met = threading.Event()

    @queue.task()
    def meet() -> None:
        both.wait(SECONDS)
        met.set()

    at_work(2)
    meet()
    meet()

    assert met.wait(SECONDS)


def test_a_long_task_is_told_to_end_and_does(queue, at_work):
    begun, stopping = threading.Event(), threading.Event()

    @queue.task()
    def work_on() -> None:
        begun.set()
        stopping.wait(SECONDS)

    running = at_work(1, stopping)
    work_on()
    assert begun.wait(SECONDS)

    assert running.stop()


def test_one_that_does_not_listen_is_left_behind(queue, at_work, monkeypatch):
    monkeypatch.setattr(workers, "STOP_SECONDS", 0.1)
    begun, free = threading.Event(), threading.Event()

    @queue.task()
    def work_on() -> None:
        begun.set()
        free.wait(SECONDS)

    running = at_work()
    work_on()
    assert begun.wait(SECONDS)

    assert not running.stop()

    free.set()
    monkeypatch.setattr(workers, "STOP_SECONDS", SECONDS)
    assert running.stop()


def test_what_waits_is_json_and_no_program(queue):
    queue.task(name="note")(print)
    queue.enqueue(queue._registry.string_to_task("builtins.note")((7, "GUID")))

    (waiting,) = queue.storage.enqueued_items()

    assert json.loads(bytes(waiting))[6] == [7, "GUID"]


def test_a_task_that_waited_too_long_is_dropped(queue):
    note = queue.task(name="note", expires=30)(print)
    note()
    (waiting,) = queue.storage.enqueued_items()

    message = queue.serializer.deserialize(waiting)

    late = datetime.now(UTC).replace(tzinfo=None) + timedelta(seconds=31)
    assert message.expires_resolved < late
    assert late - message.expires_resolved < timedelta(seconds=20)


@pytest.mark.postgresql
def test_servers_that_start_at_once_make_the_tables_once(postgresql_url):
    with ThreadPoolExecutor(8) as pool:
        for queue in pool.map(open_queue, [postgresql_url] * 8):
            queue.storage.close()

    engine = create_engine(postgresql_url)
    assert "huey_task" in inspect(engine).get_table_names()
    engine.dispose()
