"""Transactions: all or nothing, durable, and writers that wait their turn instead of failing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from threading import Barrier, Event
from time import monotonic, sleep

import psycopg
import pytest
from flask import Flask, current_app
from sqlalchemy import Connection, create_engine, func, insert, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool, QueuePool

from launcher import db as db_module
from launcher.db import MOST_KEPT, Transactions, db, read, transact
from launcher.schema import Academy

NOW = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)


def add(slug: str):
    def unit(connection: Connection) -> str:
        connection.execute(insert(Academy).values(slug=slug, name=slug, created_at=NOW))
        return slug

    return unit


def on_kept_connections(unit):
    """Run it as content's messages are run."""
    kept = current_app.extensions.setdefault("kept", Transactions(db.engine))
    return kept.transact(unit)


def count(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(Academy)).scalar_one()


@pytest.mark.parametrize("run", [transact, on_kept_connections])
def test_a_unit_is_stored_whole(either_app: Flask, run) -> None:
    with either_app.app_context():
        assert run(add("one")) == "one"
        assert read(count) == 1


@pytest.mark.parametrize("run", [transact, on_kept_connections])
def test_a_unit_that_fails_leaves_nothing(either_app: Flask, run) -> None:
    def half_done(connection: Connection) -> None:
        add("one")(connection)
        raise LookupError("the second half is missing")

    with either_app.app_context():
        with pytest.raises(LookupError, match="second half"):
            run(half_done)
        assert read(count) == 0


@pytest.mark.parametrize("run", [transact, on_kept_connections])
def test_many_writers_wait_for_each_other(either_app: Flask, run) -> None:
    def one(number: int) -> str:
        with either_app.app_context():
            return run(add(f"academy-{number}"))

    with ThreadPoolExecutor(12) as pool:
        assert len(set(pool.map(one, range(60)))) == 60
    with either_app.app_context():
        assert read(count) == 60


def test_a_reader_is_not_kept_waiting_by_a_writer(either_app: Flask) -> None:
    with either_app.app_context():

        def write_and_look(connection: Connection) -> int:
            add("one")(connection)
            return read(count)

        assert transact(write_and_look) == 0
        assert read(count) == 1


def test_a_writer_holds_the_database_from_its_first_statement_on(app: Flask) -> None:
    """BEGIN IMMEDIATE: a second connection cannot begin to write in between."""
    with app.app_context():

        def look_before_writing(_connection: Connection) -> None:
            with closing(sqlite3.connect(str(db.engine.url.database), timeout=0.05)) as rival:
                rival.execute("BEGIN IMMEDIATE")

        with pytest.raises(sqlite3.OperationalError, match="database is locked"):
            transact(look_before_writing)


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 30_000)],
)
def test_every_sqlite_connection_is_durable(app: Flask, pragma: str, value: object) -> None:
    with app.app_context(), db.engine.connect() as first, db.engine.connect() as second:
        for connection in (first, second):
            assert connection.execute(text(f"PRAGMA {pragma}")).scalar_one() == value


def test_every_connection_of_ours_is_durable(either_app) -> None:
    def of_sqlite(connection: Connection) -> dict[str, object]:
        names = ("journal_mode", "synchronous", "foreign_keys")
        return {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in names}

    def of_postgresql(connection: Connection) -> dict[str, object]:
        return {
            "synchronous_commit": connection.exec_driver_sql(
                # The tests' server is told not to care; what counts is that we do not tell it.
                "SELECT source FROM pg_settings WHERE name = 'synchronous_commit'"
            ).scalar_one()
        }

    with either_app.app_context():
        sqlite = read(lambda connection: connection.dialect.name == "sqlite")
        found = [run(of_sqlite if sqlite else of_postgresql) for run in (read, transact)]

    expected = (
        {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
        if sqlite
        else {"synchronous_commit": "configuration file"}
    )
    assert found == [expected, expected]


# Connections that are kept.


@pytest.fixture
def kept(either_app: Flask) -> Iterator[Transactions]:
    with either_app.app_context():
        yield Transactions(db.engine)


def sessions_are_ended() -> None:
    """End all connections but the one that asks, as a restarted PostgreSQL does."""
    query = text(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    with create_engine(db.engine.url, poolclass=NullPool).connect() as connection:
        assert len(connection.execute(query).all()) >= 1


@pytest.mark.parametrize("with_sqlalchemy", [True, False])
def test_a_database_that_was_restarted_costs_no_unit_and_no_question(
    postgresql_app: Flask, with_sqlalchemy: bool
) -> None:
    def ask(connection: Connection) -> int:
        if with_sqlalchemy:
            return count(connection)
        raw = connection.connection.driver_connection
        assert raw is not None
        return raw.execute("SELECT count(*) FROM academies").fetchone()[0]

    def add_and_ask(slug: str):
        return lambda connection: (ask(connection), add(slug)(connection))

    with postgresql_app.app_context():
        kept = Transactions(db.engine)
        kept.transact(add_and_ask("one"))
        assert kept.glance(ask) == 1
        sessions_are_ended()
        assert kept.transact(add_and_ask("two")) == (1, "two")
        sessions_are_ended()
        assert kept.glance(ask) == 2


def test_what_may_have_been_committed_is_not_tried_again(postgresql_app: Flask) -> None:
    begun = []

    def dies_at_the_end(connection: Connection) -> None:
        begun.append(add(f"academy-{len(begun)}")(connection))
        sessions_are_ended()

    with postgresql_app.app_context():
        kept = Transactions(db.engine)
        kept.transact(add("one"))
        with pytest.raises(OperationalError):
            kept.transact(dies_at_the_end)
        assert begun == ["academy-0"]
        assert kept.transact(count) == 1


def test_a_unit_whose_new_connection_dies_fails_once(postgresql_app: Flask) -> None:
    begun = []

    def dies(connection: Connection) -> None:
        begun.append(connection)
        sessions_are_ended()
        add("one")(connection)

    with postgresql_app.app_context():
        kept = Transactions(db.engine)
        kept.transact(count)
        with pytest.raises(OperationalError):
            kept.transact(dies)
        assert len(begun) == 2
        assert kept.transact(count) == 0


def test_a_unit_that_fails_is_not_tried_again(kept: Transactions) -> None:
    begun = []

    def fails(connection: Connection) -> None:
        begun.append(add("one")(connection))
        raise LookupError

    kept.transact(count)
    with pytest.raises(LookupError):
        kept.transact(fails)
    assert (len(begun), kept.transact(count)) == (1, 0)


def test_a_question_holds_no_snapshot(kept: Transactions) -> None:
    assert kept.glance(count) == 0
    kept.transact(add("one"))
    assert kept.glance(count) == 1


def test_few_connections_are_kept_and_none_of_an_engine_that_is_disposed_of(
    kept: Transactions,
) -> None:
    threads = 3 * MOST_KEPT
    together = Barrier(threads)

    def ask(connection: Connection) -> int:
        together.wait()
        return count(connection)

    engine = db.engine
    with ThreadPoolExecutor(threads) as pool:
        assert list(pool.map(lambda _: kept.glance(ask), range(threads))) == [0] * threads
    held = engine.pool
    assert isinstance(held, QueuePool)
    assert held.checkedout() == MOST_KEPT
    lie_ready = [connection.connection.driver_connection for connection in kept._glancing._ready]
    engine.dispose()
    assert len(lie_ready) == MOST_KEPT
    for raw in lie_ready:
        with pytest.raises((sqlite3.ProgrammingError, psycopg.OperationalError), match="closed"):
            raw.execute("SELECT 1")


# Who waits for the database lets others compute.


class Pauses:
    """Counts how often something was waited for without the turn."""

    def __init__(self) -> None:
        self.begun = 0

    def __enter__(self) -> None:
        self.begun += 1

    def __exit__(self, *_how: object) -> None:
        pass


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> Pauses:
    made = Pauses()
    monkeypatch.setattr(db_module, "pausing", made)
    return made


@pytest.mark.parametrize("run", [transact, on_kept_connections])
def test_the_turn_is_given_up_for_a_commit(app: Flask, run, pauses: Pauses) -> None:
    with app.app_context():
        run(add("one"))
        assert pauses.begun == 1
        run(add("two"))
        assert pauses.begun == 2
        assert read(count) == 2


def test_the_turn_is_given_up_where_another_writes_and_kept_where_none_does(
    app: Flask, pauses: Pauses
) -> None:
    begun, go_on = Event(), Event()

    def slow(connection: Connection) -> str:
        begun.set()
        assert go_on.wait(30)
        return add("one")(connection)

    def run(unit) -> str:
        with app.app_context():
            return transact(unit)

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(run, slow)
        assert begun.wait(30)
        second = pool.submit(run, add("two"))
        end = monotonic() + 30
        while not pauses.begun:
            assert monotonic() < end
            sleep(0.005)
        go_on.set()
        assert (first.result(), second.result()) == ("one", "two")
    # Two commits, and one wait for the other.
    assert pauses.begun == 3


@pytest.mark.parametrize(("far", "given_up"), [(60.0, False), (0.0, True)])
def test_the_turn_is_given_up_for_a_postgresql_that_is_far_away(
    postgresql_app: Flask,
    monkeypatch: pytest.MonkeyPatch,
    pauses: Pauses,
    far: float,
    given_up: bool,
) -> None:
    monkeypatch.setattr(db_module, "FAR_SECONDS", far)
    with postgresql_app.app_context():
        db.engine.dispose()
        kept = Transactions(db.engine)
        # What is kept is taken from the second time on.
        for _ in range(3):
            before = pauses.begun
            assert kept.glance(count) == 0
            assert (pauses.begun > before) is given_up
        before = pauses.begun
        kept.transact(add("one"))
        # The commit, and each question.
        assert (pauses.begun - before > 1) is given_up
