"""The database: one engine and the transactions on it.

Serves every door (endpoint, pages, commands): a door hands its unit of work to `transact`, and only
that commits. Knows no table.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any, TypeVar

import psycopg
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    Connection,
    Engine,
    event,
)

from launcher.turns import pausing

T = TypeVar("T")

db = SQLAlchemy()

# SQLite has one writer. Threads of one process queue here, in order, instead of polling the file;
# writers of other processes are waited for by SQLite itself, this long.
_writer = threading.Lock()
SQLITE_BUSY_SECONDS = 30

# Connections that lie ready for content's messages, for writing and for questions each. Rarely are
# more of them under way in one process at the same moment; those take theirs from the pool.
MOST_KEPT = 4

# What is farther away than this is waited for while others compute, by the soonest of so many
# answers when the connection is opened.
FAR_SECONDS = 0.0003
QUESTIONS = 8


def transact(unit: Callable[[Connection], T]) -> T:
    """Run a unit of work that may write, and commit it; any exception rolls all of it back.

    On SQLite it begins IMMEDIATE, so that a read inside it cannot be overtaken by another writer.
    """
    with _turn_to_write(db.engine), _for_writing(db.engine).begin() as connection:
        answer = unit(connection)
        with pausing:
            connection.commit()
        return answer


def _turn_to_write(engine: Engine) -> AbstractContextManager[object]:
    return _Writer() if engine.dialect.name == "sqlite" else nullcontext()


class _Writer:
    """The turn to write to SQLite; others go on computing while a thread waits for it."""

    def __enter__(self) -> None:
        if not _writer.acquire(blocking=False):
            with pausing:
                _writer.acquire()

    def __exit__(self, *_how: object) -> None:
        _writer.release()


def _for_writing(engine: Engine) -> Engine:
    return engine.execution_options(sqlite_begin="IMMEDIATE")


class Transactions:
    """The same for whoever has very many: on connections that are kept between two of them.

    For threads that are in no application too. Taking a connection from the pool, asking whether it
    lives and giving it back costs as much as a short unit of work.
    """

    def __init__(self, engine: Engine) -> None:
        self._turn_to_write = _turn_to_write(engine)
        glancing = engine
        if engine.dialect.name == "postgresql":
            glancing = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._writing = _Kept(_for_writing(engine), begins=True)
        self._glancing = _Kept(glancing, begins=False)
        event.listen(engine, "engine_disposed", self._close)

    def transact(self, unit: Callable[[Connection], T]) -> T:
        """Do what `launcher.db.transact` does. A unit may be begun twice, and is committed once."""
        with self._turn_to_write:
            return self._writing.run(unit)

    def glance(self, unit: Callable[[Connection], T]) -> T:
        """Run a unit of work that asks a single question, for which no transaction is begun."""
        return self._glancing.run(unit)

    def _close(self, _engine: Engine) -> None:
        self._writing.close()
        self._glancing.close()


class _Gone(Exception):
    """A kept connection was dead; nothing of the unit has been committed."""


class _Kept:
    """Connections of one kind that lie ready, the one that was used last on top."""

    def __init__(self, engine: Engine, *, begins: bool) -> None:
        self._engine = engine
        self._begins = begins
        self._ready: list[Connection] = []

    def run(self, unit: Callable[[Connection], T]) -> T:
        """Run a unit on a connection that lies ready, and on a new one where that has died.

        A database that was restarted is noticed by the first unit after it, which is not lost.
        """
        try:
            ready = self._ready.pop()
        except IndexError:
            return self._run(self._engine.connect(), unit)
        try:
            return self._run(ready, unit, was_kept=True)
        except _Gone:
            # Then so are the others.
            self.close()
            return self._run(self._engine.connect(), unit)

    def close(self) -> None:
        """Close all that lie ready; the pool makes others when it is asked to."""
        while self._ready:
            _close(self._ready.pop())

    def _run(
        self, connection: Connection, unit: Callable[[Connection], T], *, was_kept: bool = False
    ) -> T:
        try:
            if self._begins:
                connection.begin()
            answer = unit(connection)
        except BaseException as error:
            gone = _is_gone(connection)
            _close(connection) if gone else connection.close()
            if gone and was_kept and isinstance(error, Exception):
                raise _Gone from error
            raise
        try:
            # A glance may have begun what nobody would end.
            with pausing if self._begins else nullcontext():
                connection.commit()
        except BaseException:
            # Whether it was committed is not known, so it is not tried again.
            _close(connection)
            raise
        if len(self._ready) < MOST_KEPT:
            self._ready.append(connection)
        else:
            connection.close()
        return answer


def _close(connection: Connection) -> None:
    """Close a connection for good instead of giving it back."""
    connection.invalidate()
    connection.close()


def _is_gone(connection: Connection) -> bool:
    """Tell whether the server has ended a connection; only PostgreSQL's driver knows of that."""
    if connection.invalidated:
        return True
    return bool(getattr(connection.connection.driver_connection, "closed", False))


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


class _Waited(psycopg.Connection[Any]):
    """A connection to PostgreSQL that is waited for with the turn in hand where it is close by.

    An answer that comes sooner than threads change places is not worth giving the turn up for.
    """

    is_far = False

    def wait(self, *arguments: Any, **more: Any) -> Any:
        """Wait for what the server has to say."""
        with pausing if self.is_far else nullcontext():
            return super().wait(*arguments, **more)

    def measure(self) -> None:
        """Ask a few times nothing at all; a server that is busy is seen by the soonest answer."""
        took = []
        for _ in range(QUESTIONS):
            began = time.perf_counter()
            self.pgconn.exec_(b"SELECT 1")
            took.append(time.perf_counter() - began)
        self.is_far = min(took) > FAR_SECONDS


def prepare_postgresql(engine: Engine) -> None:
    """Have every connection to PostgreSQL waited for in turns."""

    @event.listens_for(engine, "do_connect")
    def _connect(
        _dialect: object, _record: object, arguments: list[Any], more: dict[str, Any]
    ) -> psycopg.Connection[Any]:
        connection = _Waited.connect(*arguments, **more)
        connection.measure()
        return connection


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
