"""Group commit on SQLite: whoever is told of success finds its data, and nobody else's error."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, create_engine, event, text

from launcher.commits import MOST_UNITS, SharedCommits
from launcher.db import prepare_sqlite


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    engine = create_engine(f"sqlite:///{tmp_path / 'commits.sqlite3'}", pool_size=20)
    prepare_sqlite(engine)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE post (number INTEGER PRIMARY KEY)"))
    return engine


def post(number: int) -> Callable[[Connection], int]:
    def unit(connection: Connection) -> int:
        connection.execute(text("INSERT INTO post VALUES (:number)"), {"number": number})
        return number

    return unit


def stored(engine: Engine) -> list[int]:
    with engine.connect() as connection:
        return list(connection.scalars(text("SELECT number FROM post ORDER BY number")))


def commits_of(engine: Engine) -> list[str]:
    seen: list[str] = []
    event.listen(engine, "commit", lambda _connection: seen.append("commit"))
    return seen


def test_one_unit_is_committed_before_its_caller_hears(engine: Engine) -> None:
    shared = SharedCommits(engine, writer=threading.Lock())
    assert shared.run(post(1)) == 1
    assert stored(engine) == [1]


def test_units_that_wait_together_share_one_commit(engine: Engine) -> None:
    writer = threading.Lock()
    shared = SharedCommits(engine, writer=writer)
    commits = commits_of(engine)
    with ThreadPoolExecutor(10) as pool:
        with writer:
            answers = [pool.submit(shared.run, post(number)) for number in range(10)]
            while len(shared._waiting) < 10:
                threading.Event().wait(0.01)
            assert not any(answer.done() for answer in answers)
        assert sorted(answer.result() for answer in answers) == list(range(10))
    assert commits == ["commit"]
    assert stored(engine) == list(range(10))


def test_a_crowd_larger_than_one_commit_takes_is_served_whole(engine: Engine) -> None:
    shared = SharedCommits(engine, writer=threading.Lock())
    count = MOST_UNITS * 3
    with ThreadPoolExecutor(16) as pool:
        assert sorted(pool.map(lambda number: shared.run(post(number)), range(count))) == list(
            range(count)
        )
    assert stored(engine) == list(range(count))


def test_a_unit_that_fails_is_undone_alone(engine: Engine) -> None:
    writer = threading.Lock()
    shared = SharedCommits(engine, writer=writer)

    def half_done(connection: Connection) -> None:
        post(100)(connection)
        raise LookupError("the second half is missing")

    with ThreadPoolExecutor(3) as pool:
        with writer:
            good = pool.submit(shared.run, post(1))
            bad = pool.submit(shared.run, half_done)
            late = pool.submit(shared.run, post(2))
            while len(shared._waiting) < 3:
                threading.Event().wait(0.01)
        assert good.result() == 1
        assert late.result() == 2
        with pytest.raises(LookupError, match="second half"):
            bad.result()
    assert stored(engine) == [1, 2]


def test_nobody_is_told_of_success_when_the_commit_fails(engine: Engine) -> None:
    shared = SharedCommits(engine, writer=threading.Lock())

    def refuse(_connection: Connection) -> None:
        raise OSError("the disk is full")

    event.listen(engine, "commit", refuse)
    with pytest.raises(OSError, match="disk is full"):
        shared.run(post(1))
    event.remove(engine, "commit", refuse)
    assert stored(engine) == []
    assert shared.run(post(2)) == 2
