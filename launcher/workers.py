"""The queue of background tasks and the threads that work on it, both Huey's.

Serves `tasks`, `hacp serve` and `hacp worker`. Knows no task: what is asked for may be lost with a
worker or done twice, so whoever asks must find in the database what is still to do.
"""

from __future__ import annotations

import json
import threading
from datetime import datetime
from typing import Any

from huey import Huey, PostgresHuey, SqliteHuey
from huey.consumer import Consumer
from huey.registry import Message
from huey.serializer import Serializer
from huey.storage import PostgresStorage
from sqlalchemy import make_url

# How long running tasks may take to end once they were told to stop. They look between two courses.
STOP_SECONDS = 8.0
# How often an idle worker looks into an SQLite file, and how long it listens to PostgreSQL at once.
POLL_SECONDS = 0.5
# Any number that nobody else locks: two servers that start at once must not both make the tables.
_MAKING_TABLES = 0x68616370


def open_queue(url: str) -> Huey:
    """Open the queue at a database's address and make its tables where they are missing."""
    address = make_url(url)
    options: dict[str, Any] = {"name": "hacp", "results": False, "serializer": _Json()}
    if address.get_backend_name() == "sqlite":
        return SqliteHuey(filename=address.database, fsync=False, **options)
    dsn = address.set(drivername="postgresql").render_as_string(hide_password=False)
    options |= {"dsn": dsn, "read_timeout": POLL_SECONDS}
    return PostgresHuey(storage_class=_Postgres, **options)


class Workers:
    """Threads that do what stands in a queue, from `start` to `stop`.

    `stopping` is set when it is time to end: long tasks look at it and come to an end.
    """

    def __init__(self, queue: Huey, *, count: int, stopping: threading.Event) -> None:
        self._queue = queue
        self._stopping = stopping
        self._consumer = _Consumer(queue, workers=count, max_delay=POLL_SECONDS)
        if isinstance(queue.storage, _Postgres):
            queue.on_shutdown("stop_listening")(queue.storage.stop_listening)

    def start(self) -> None:
        """Begin to work. Signals stay the caller's."""
        self._consumer.start()

    def tell_to_stop(self) -> None:
        """Take no further task, and tell the running ones; returns at once."""
        self._stopping.set()
        self._consumer.stop_flag.set()

    def stop(self) -> bool:
        """End, and return whether every task came to its end.

        One that did not goes down with the process: its claim in the database runs out.
        """
        self.tell_to_stop()
        self._consumer.shutdown_timeout = STOP_SECONDS
        ended: bool = self._consumer._join_workers()
        self._queue.storage.close()
        return ended


class _Consumer(Consumer):  # type: ignore[misc]
    """Huey's consumer as a part of a process that has signal handlers of its own."""

    def _set_signal_handlers(self) -> None:
        pass


class _Postgres(PostgresStorage):  # type: ignore[misc]
    """Huey's tables in PostgreSQL, made by one server at a time."""

    ddl: list[str]

    def initialize_schema(self) -> None:
        """Make the tables; whoever comes meanwhile waits for the lock and finds them."""
        self.ddl = [f"select pg_advisory_xact_lock({_MAKING_TABLES})", *self.ddl]
        super().initialize_schema()

    def stop_listening(self) -> None:
        """Close the connection on which this very thread listens; Huey leaves that to chance."""
        connection = getattr(self._listen_local, "conn", None)
        if connection is not None:
            connection.close()


class _Json(Serializer):  # type: ignore[misc]
    """Tasks as JSON. Huey's own form is pickle, by which what is read could run code."""

    def _serialize(self, data: Message) -> bytes:
        return json.dumps(data, default=datetime.isoformat).encode()

    def _deserialize(self, data: bytes) -> Message:
        message = Message(*json.loads(bytes(data)))
        moments = {
            name: datetime.fromisoformat(said)
            for name in ("eta", "expires_resolved")
            if (said := getattr(message, name)) is not None
        }
        return message._replace(**moments)
