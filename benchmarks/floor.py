"""The floor: the least that any correct HACP server does for a request, and nothing more.

`python -m benchmarks.floor DATABASE PORT THREADS [many]` serves on the same Flask and waitress. One
view: read the body, one SELECT by key, one UPDATE of a row of 1 KiB, one INSERT of the raw
exchange, one durable COMMIT, a reply of the same size as ours; a GetParam is a SELECT and a reply.
The drivers are used bare. It parses nothing and knows no rule.
"""

from __future__ import annotations

import logging
import resource
import sqlite3
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import psycopg
import waitress
from flask import Flask, Response, request

SUCCESS = b"error=0\r\nerror_text=Successful\r\nversion=4.0\r\n"
PLAIN = "text/plain; charset=utf-8"
# What stands around the suspend data in our reply.
BEFORE = SUCCESS + b"aicc_data=[core]\r\n" + b"student_id=s1\r\n" * 12 + b"[core_lesson]\r\n"
AFTER = b"\r\n[core_vendor]\r\n[evaluation]\r\ncourse_id=MEASURED\r\n[student_data]\r\n"
TABLES = (
    "CREATE TABLE floor_state (sid TEXT PRIMARY KEY, body TEXT NOT NULL, n INTEGER NOT NULL)",
    "CREATE TABLE floor_exchange (id {serial}, sid VARCHAR(64) NOT NULL, raw {blob} NOT NULL)",
)

# For three thousand that are silent.
OPEN_FILES = 4200

Get = Callable[[str], str]
Put = Callable[[str, bytes], None]


def create_floor(database: str) -> Flask:
    """Return the application on a database that `fill` has made."""
    get, put = _sqlite(database) if _is_file(database) else _postgresql(database)
    app = Flask("floor")

    @app.post("/hacp/1")
    def hacp() -> Response:
        body = request.get_data(cache=False)
        start = body.index(b"session_id=") + 11
        sid = body[start : start + 40].decode()
        if body.startswith(b"command=GetParam"):
            return Response(BEFORE + get(sid).encode() + AFTER, content_type=PLAIN)
        put(sid, body)
        return Response(SUCCESS, content_type=PLAIN)

    return app


def fill(database: str, sids: Sequence[str]) -> None:
    """Make the tables, with one row a session."""
    rows = [(sid, "x" * 1024) for sid in sids]
    if _is_file(database):
        with _connect_sqlite(database) as connection:
            for table in TABLES:
                connection.execute(table.format(serial="INTEGER PRIMARY KEY", blob="BLOB"))
            connection.execute("BEGIN")
            connection.executemany("INSERT INTO floor_state VALUES (?, ?, 0)", rows)
            connection.execute("COMMIT")
        return
    with psycopg.connect(database) as server:
        for table in TABLES:
            server.execute(table.format(serial="BIGSERIAL PRIMARY KEY", blob="BYTEA"))
        server.cursor().executemany("INSERT INTO floor_state VALUES (%s, %s, 0)", rows)
    with psycopg.connect(database, autocommit=True) as server:
        server.execute("VACUUM ANALYZE floor_state")


def _is_file(database: str) -> bool:
    return "://" not in database


def _connect_sqlite(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(Path(path), timeout=30, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def _sqlite(path: str) -> tuple[Get, Put]:
    local = threading.local()

    def connection() -> sqlite3.Connection:
        if not hasattr(local, "connection"):
            local.connection = _connect_sqlite(path)
        mine: sqlite3.Connection = local.connection
        return mine

    def get(sid: str) -> str:
        query = "SELECT body FROM floor_state WHERE sid = ?"
        return str(connection().execute(query, (sid,)).fetchone()[0])

    def put(sid: str, body: bytes) -> None:
        mine = connection()
        mine.execute("BEGIN IMMEDIATE")
        row = mine.execute("SELECT body, n FROM floor_state WHERE sid = ?", (sid,)).fetchone()
        mine.execute(
            "UPDATE floor_state SET body = ?, n = ? WHERE sid = ?",
            (_next(row[0], body), row[1] + 1, sid),
        )
        mine.execute("INSERT INTO floor_exchange (sid, raw) VALUES (?, ?)", (sid, body))
        mine.execute("COMMIT")

    return get, put


def _postgresql(url: str) -> tuple[Get, Put]:
    local = threading.local()

    def connection() -> psycopg.Connection:
        if not hasattr(local, "connection"):
            # Without autocommit a plain SELECT would be three round trips.
            local.connection = psycopg.connect(url, autocommit=True)
        mine: psycopg.Connection = local.connection
        return mine

    def get(sid: str) -> str:
        query = "SELECT body FROM floor_state WHERE sid = %s"
        return str(_one(connection().execute(query, (sid,)))[0])

    def put(sid: str, body: bytes) -> None:
        mine = connection()
        with mine.transaction():
            query = "SELECT body, n FROM floor_state WHERE sid = %s FOR UPDATE"
            row = _one(mine.execute(query, (sid,)))
            mine.execute(
                "UPDATE floor_state SET body = %s, n = %s WHERE sid = %s",
                (_next(row[0], body), row[1] + 1, sid),
            )
            mine.execute("INSERT INTO floor_exchange (sid, raw) VALUES (%s, %s)", (sid, body))

    return get, put


def _next(kept: str, body: bytes) -> str:
    """Return the row after a request: the end of a report, and as it was after an ExitAU."""
    return body[-1100:].decode("latin-1") if body.startswith(b"command=PutParam") else kept


def _one(found: psycopg.Cursor[Any]) -> Sequence[Any]:
    row: Sequence[Any] | None = found.fetchone()
    if row is None:
        raise LookupError("no such session")
    return row


def allow_files(count: int) -> None:
    """Let this process have so many files open at once, or as many as the system allows it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < count:
        most = count if hard == resource.RLIM_INFINITY else min(count, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def main() -> None:
    """Serve until the process is ended."""
    database, port, threads, *many = sys.argv[1:]
    # More connections than threads is what is measured, not a fault to warn of.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    # waitress keeps a hundred connections, and hears them by the call that is quickest for few.
    more = {"connection_limit": OPEN_FILES, "asyncore_use_poll": True} if many else {}
    if many:
        allow_files(OPEN_FILES)
    waitress.serve(
        create_floor(database), host="127.0.0.1", port=int(port), threads=int(threads), **more
    )


if __name__ == "__main__":
    main()
