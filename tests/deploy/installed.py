"""An installation as `deploy/` describes it, on this machine: sockets, gunicorn, nginx, PgBouncer.

Serves tests/deploy. The files of `deploy/` are used as they stand, with other paths and ports put
in. systemd alone is played: the test holds the listening sockets in its place.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
UNPACKED = ROOT / ".venv" / "debian"
START_SECONDS = 60
# The first descriptor behind the standard three: where systemd hands its sockets over.
LISTEN_FDS_START = 3


def program(name: str) -> tuple[str, dict[str, str]]:
    """Return where a program is, and what its environment needs so that it finds its libraries."""
    for folder in ("usr/sbin", "usr/bin"):
        if (UNPACKED / folder / name).exists():
            libraries = ":".join(str(one) for one in (UNPACKED / "usr" / "lib").glob("*/"))
            return str(UNPACKED / folder / name), {"LD_LIBRARY_PATH": libraries}
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
    assert found, f"{name} is missing: make servers"
    return found, {}


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def until(true: Callable[[], bool], *, what: str) -> None:
    """Wait until something has come about."""
    deadline = time.monotonic() + START_SECONDS
    while not true():
        assert time.monotonic() < deadline, f"{what} has not come about"
        time.sleep(0.05)


@dataclass
class Started:
    """Processes of a test, each with a file for what it says; all of them end with it."""

    folder: Path
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(
        self,
        name: str,
        *command: str,
        environment: Mapping[str, str] | None = None,
        listening: socket.socket | None = None,
    ) -> subprocess.Popen[bytes]:
        """Start a program; `listening` is handed over as systemd does it."""
        environ = {**os.environ, **(environment or {})}
        arguments = list(command)
        if listening is not None:
            number = listening.fileno()
            # exec keeps the process id, which has to stand in LISTEN_PID.
            script = f'exec {LISTEN_FDS_START}<&{number}; LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"'
            arguments = ["bash", "-c", script, "bash", *arguments]
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                arguments,
                env=environ,
                cwd=ROOT,
                stdout=log,
                stderr=log,
                pass_fds=[listening.fileno()] if listening is not None else [],
            )
        self.running.append(process)
        return process

    def said(self, name: str) -> str:
        """Return what the programs of that name have said so far."""
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def end(self, process: subprocess.Popen[bytes], number: int = signal.SIGTERM) -> int:
        """Ask one process to end, and wait for it."""
        process.send_signal(number)
        return process.wait(START_SECONDS)

    def end_all(self) -> None:
        """End what still runs, the newest first."""
        for process in reversed(self.running):
            if process.poll() is None:
                process.terminate()
                with suppress(subprocess.TimeoutExpired):
                    process.wait(10)
            if process.poll() is None:
                process.kill()
                process.wait()


def listen_at(path: Path) -> socket.socket:
    """Make a listening socket of the file system, as hacp.socket describes it."""
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(path))
    path.chmod(0o666)
    listening.listen(4096)
    return listening


def gunicorn(
    started: Started,
    application: str,
    *,
    settings_file: Path,
    listening: socket.socket,
    workers: int = 2,
) -> subprocess.Popen[bytes]:
    """Start gunicorn as hacp.service does."""
    return started.start(
        application,
        sys.executable,
        "-m",
        "gunicorn",
        "--config",
        "deploy/gunicorn.conf.py",
        "--workers",
        str(workers),
        application,
        environment={"HACP_CONFIG": str(settings_file)},
        listening=listening,
    )


def nginx(started: Started, replaced: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start nginx with deploy/nginx.conf, other paths and addresses put in."""
    folder = started.folder
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    for example, ours in replaced.items():
        assert example in text, f"deploy/nginx.conf has no {example}"
        text = text.replace(example, ours)
    (folder / "site.conf").write_text(text)
    temporary = "".join(
        f"  {name}_temp_path {folder}/{name};\n"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    # Started by root, its workers become somebody else, who could not walk into a test's folder.
    user = "user root;\n" if os.getuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        f"daemon off;\n{user}pid {folder}/nginx.pid;\nerror_log stderr notice;\n"
        "worker_processes 1;\nevents { worker_connections 4096; }\n"
        f"http {{\n{temporary}  include {folder}/site.conf;\n}}\n"
    )
    path, environment = program("nginx")
    command = (path, "-p", str(folder), "-c", str(folder / "nginx.conf"))
    return started.start("nginx", *command, "-e", "stderr", environment=environment)
