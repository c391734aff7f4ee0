"""The floor: the least that any correct HACP server does for a post, and nothing more.

One view on the same Flask and waitress: read the body, one SELECT by key, one UPDATE of a row of
1 KiB, one INSERT of the raw exchange, one durable COMMIT, a reply of the same size. The drivers are
used bare. It parses nothing and knows no rule.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import psycopg
from flask import Flask, Response, request

SUCCESS = b"error=0\r\nerror_text=Successful\r\nversion=4.0\r\n"
TABLES = (
    "CREATE TABLE floor_state (sid TEXT PRIMARY KEY, body TEXT NOT NULL, n INTEGER NOT NULL)",
    "CREATE TABLE floor_exchange (id {serial}, sid VARCHAR(64) NOT NULL, raw {blob} NOT NULL)",
)


def create_floor(database: str, sids: list[str]) -> Flask:
    """Return the application on an empty database with one row a session."""
    post = _sqlite(Path(database), sids) if "://" not in database else _postgresql(database, sids)
    app = Flask("floor")

    @app.post("/hacp/1")
    def hacp() -> Response:
        body = request.get_data(cache=False)
        start = body.index(b"session_id=") + 11
        post(body[start : start + 40].decode(), body)
        return Response(SUCCESS, content_type="text/plain; charset=utf-8")

    return app


def _sqlite(path: Path, sids: list[str]) -> Callable[[str, bytes], None]:
    local = threading.local()

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(path, timeout=30, isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        return connection

    with connect() as setup:
        for table in TABLES:
            setup.execute(table.format(serial="INTEGER PRIMARY KEY", blob="BLOB"))
        setup.executemany(
            "INSERT INTO floor_state VALUES (?, ?, 0)", [(sid, "x" * 1024) for sid in sids]
        )

    def post(sid: str, body: bytes) -> None:
        connection: sqlite3.Connection | None = getattr(local, "connection", None)
        if connection is None:
            connection = local.connection = connect()
        connection.execute("BEGIN IMMEDIATE")
        row = connection.execute("SELECT body, n FROM floor_state WHERE sid = ?", (sid,)).fetchone()
        connection.execute(
            "UPDATE floor_state SET body = ?, n = ? WHERE sid = ?",
            (body[-1024:].decode("latin-1"), row[1] + 1, sid),
        )
        connection.execute("INSERT INTO floor_exchange (sid, raw) VALUES (?, ?)", (sid, body))
        connection.execute("COMMIT")

    return post


def _postgresql(url: str, sids: list[str]) -> Callable[[str, bytes], None]:
    local = threading.local()
    with psycopg.connect(url, autocommit=True) as setup:
        for table in TABLES:
            setup.execute(table.format(serial="BIGSERIAL PRIMARY KEY", blob="BYTEA"))
        setup.cursor().executemany(
            "INSERT INTO floor_state VALUES (%s, %s, 0)", [(sid, "x" * 1024) for sid in sids]
        )

    def post(sid: str, body: bytes) -> None:
        connection: psycopg.Connection | None = getattr(local, "connection", None)
        if connection is None:
            connection = local.connection = psycopg.connect(url)
        with connection.transaction():
            row = connection.execute(
                "SELECT body, n FROM floor_state WHERE sid = %s FOR UPDATE", (sid,)
            ).fetchone()
            connection.execute(
                "UPDATE floor_state SET body = %s, n = %s WHERE sid = %s",
                (body[-1024:].decode("latin-1"), row[1] + 1 if row else 0, sid),
            )
            connection.execute("INSERT INTO floor_exchange (sid, raw) VALUES (%s, %s)", (sid, body))

    return post
