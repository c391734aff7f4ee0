"""The database: one engine and the transactions on it.

Serves every door (endpoint, pages, commands): a door hands its unit of work to `transact`, and only
that commits. Knows no table.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from typing import TypeVar

from flask import Flask, current_app
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    Connection,
    Engine,
    event,
)

from launcher.commits import SharedCommits

T = TypeVar("T")

db = SQLAlchemy()

# SQLite has one writer. Threads of one process queue here, in order, instead of polling the file;
# writers of other processes are waited for by SQLite itself, this long.
_writer = threading.Lock()
SQLITE_BUSY_SECONDS = 30


def transact(unit: Callable[[Connection], T]) -> T:
    """Run a unit of work that may write, and commit it; any exception rolls all of it back.

    On SQLite it begins IMMEDIATE, so that a read inside it cannot be overtaken by another writer.
    """
    engine = db.engine
    if engine.dialect.name != "sqlite":
        with engine.begin() as connection:
            return unit(connection)
    with _writer, engine.connect() as connection:
        immediate = connection.execution_options(sqlite_begin="IMMEDIATE")
        with immediate.begin():
            return unit(immediate)


def transact_together(unit: Callable[[Connection], T]) -> T:
    """Like `transact`; on SQLite, units that wait at the same moment share one durable commit.

    The unit may run in another thread and must not touch Flask's request or application.
    """
    shared: SharedCommits | None = current_app.extensions.get("shared_commits")
    return shared.run(unit) if shared is not None else transact(unit)


def share_commits(app: Flask, engine: Engine) -> None:
    """Let `transact_together` share commits on this SQLite engine."""
    app.extensions["shared_commits"] = SharedCommits(engine, writer=_writer)


def read(unit: Callable[[Connection], T]) -> T:
    """Run a unit of work that only reads, on one consistent snapshot where the database has one."""
    with db.engine.connect() as connection, connection.begin():
        return unit(connection)


def outside_transaction(unit: Callable[[Connection], T]) -> T:
    """Run what a database refuses to do inside a transaction; each statement commits by itself."""
    with db.engine.connect() as connection:
        return unit(connection.execution_options(isolation_level="AUTOCOMMIT"))


def prepare_sqlite(engine: Engine) -> None:
    """Make every SQLite connection durable (WAL, synchronous FULL) and let us say how it begins."""

    @event.listens_for(engine, "connect")
    def _set_pragmas(dbapi_connection: sqlite3.Connection, _record: object) -> None:
        # The driver's own BEGIN comes too late and is always DEFERRED; we write ours below.
        dbapi_connection.isolation_level = None
        for pragma in (
            f"busy_timeout = {SQLITE_BUSY_SECONDS * 1000}",
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
        ):
            dbapi_connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        how = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {how}")
