"""Transactions: all or nothing, durable, and writers that wait their turn instead of failing."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import Connection, func, insert, select, text

from launcher.db import db, read, transact
from launcher.schema import Academy

NOW = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)


def add(slug: str):
    def unit(connection: Connection) -> str:
        connection.execute(insert(Academy).values(slug=slug, name=slug, created_at=NOW))
        return slug

    return unit


def count(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(Academy)).scalar_one()


@pytest.mark.parametrize("run", [transact])
def test_a_unit_is_stored_whole(either_app: Flask, run) -> None:
    with either_app.app_context():
        assert run(add("one")) == "one"
        assert read(count) == 1


@pytest.mark.parametrize("run", [transact])
def test_a_unit_that_fails_leaves_nothing(either_app: Flask, run) -> None:
    def half_done(connection: Connection) -> None:
        add("one")(connection)
        raise LookupError("the second half is missing")

    with either_app.app_context():
        with pytest.raises(LookupError, match="second half"):
            run(half_done)
        assert read(count) == 0


@pytest.mark.parametrize("run", [transact])
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
