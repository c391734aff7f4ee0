"""The database: one engine and the transactions on it.

Serves every door (endpoint, pages, commands): a door hands its unit of work to `transact`, and only
that commits. Knows no table.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Generator, Iterator
from typing import TypeVar

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    Connection,
    Engine,
    event,
)

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
    return Transactions(db.engine).transact(unit)


class Transactions:
    """Transactions on one engine, for threads that are in no application too."""

    def __init__(self, engine: Engine) -> None:
        self._on_sqlite = engine.dialect.name == "sqlite"
        self._writing, self._glancing = engine, engine
        if self._on_sqlite:
            self._writing = engine.execution_options(sqlite_begin="IMMEDIATE")
        else:
            self._glancing = engine.execution_options(isolation_level="AUTOCOMMIT")

    def transact(self, unit: Callable[[Connection], T]) -> T:
        """Do what `launcher.db.transact` does."""
        if not self._on_sqlite:
            with self._writing.begin() as connection:
                return unit(connection)
        with _writer, self._writing.begin() as connection:
            return unit(connection)

    def glance(self, unit: Callable[[Connection], T]) -> T:
        """Run a unit of work that asks a single question, for which no transaction is begun."""
        with self._glancing.connect() as connection:
            return unit(connection)


def read(unit: Callable[[Connection], T]) -> T:
    """Run a unit of work that only reads, on one consistent snapshot where the database has one."""
    with db.engine.connect() as connection, connection.begin():
        return unit(connection)


def outside_transaction(unit: Callable[[Connection], T]) -> T:
    """Run what a database refuses to do inside a transaction; each statement commits by itself."""
    with db.engine.connect() as connection:
        return unit(connection.execution_options(isolation_level="AUTOCOMMIT"))


def stream(unit: Callable[[Connection], Iterator[T]]) -> Generator[T]:
    """Yield what a unit of work yields that only reads, on a snapshot and a connection of its own.

    The connection is given back at the end, or when the generator is closed before it.
    """
    return _stream(db.engine, unit)


def _stream(engine: Engine, unit: Callable[[Connection], Iterator[T]]) -> Generator[T]:
    with engine.connect() as connection, connection.begin():
        yield from unit(connection)


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
        raw = connection.connection.driver_connection
        if raw is not None:
            raw.execute(f"BEGIN {how}")
