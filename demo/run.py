"""What `make run` runs: the server as a child process, and the demo's own servers beside it.

Serves newcomers. Prepares the installation the first time, prints where to go, and stops everything
at Ctrl-C or SIGTERM. It uses the server by its command line and its ports only.
"""

from __future__ import annotations

import json
import logging
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from waitress import create_server, wasyncore

import demo.opensesame.app
from demo import content, introducing, seeding
from demo.opensesame.keeping import Unreadable
from demo.seeding import CommandFailed, Hacp

# The pages, stored content, the demo's content and the pretend OpenSesame: four ports in a row.
LAST_FIRST_PORT = 65532
START_SECONDS = 60
STOP_SECONDS = 15
LOOP_SECONDS = 0.5
WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1"}


class Stopped(Exception):
    """Somebody pressed Ctrl-C, or asked by signal."""


class CannotRun(Exception):
    """One sentence for people that says why it does not start."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the server listens and what it calls itself, as `hacp settings` says."""

    host: str
    port: int
    content_port: int
    public_url: str
    instance: Path


class Signals:
    """Remembers that somebody wants to stop; the work asks between its steps."""

    def __init__(self) -> None:
        self.stopping = False
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._note)

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self.stopping = True

    def check(self) -> None:
        """Raise Stopped if it is time to stop."""
        if self.stopping:
            raise Stopped


class Beside:
    """The demo's own servers in this process; `ports` are those that listen, by their names."""

    def __init__(self, addresses: Addresses) -> None:
        self.addresses = addresses
        self.ports: dict[str, int] = {}
        self._channels: dict[int, Any] = {}
        # A browser asks for a page's files all at once; that some wait a moment is nothing to tell.
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)

    def open(self, name: str, app: Flask, port: int) -> None:
        """Listen for an application; raises CannotRun where somebody else has its port."""
        host = self.addresses.host
        _check_free(host, port)
        create_server(app, map=self._channels, host=host, port=port, threads=4, ident="")
        self.ports[name] = port

    def listen(self, seconds: float) -> None:
        """Take what comes, for so long at most."""
        if self._channels:
            wasyncore.loop(timeout=seconds, map=self._channels, count=1)
        else:
            time.sleep(seconds)

    def close(self) -> None:
        """End all connections."""
        wasyncore.close_all(self._channels, ignore_all=True)


def main(environ: Mapping[str, str]) -> int:
    """Run until told to stop; return the exit status."""
    signals = Signals()
    try:
        _run(_server_environment(environ), signals)
    except Stopped:
        pass
    except (CannotRun, CommandFailed, Unreadable) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    say("Stopped.")
    return 0


def say(text: str) -> None:
    """Tell the person at the terminal something, at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _server_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Turn HOST and PORT into the server's own settings."""
    result = {name: value for name, value in environ.items() if name not in ("HOST", "PORT")}
    host, port = environ.get("HOST", ""), environ.get("PORT", "")
    if port:
        if not port.isdecimal() or not 1 <= int(port) <= LAST_FIRST_PORT:
            raise CannotRun(f"PORT is {port!r}: expected a number, 1 to {LAST_FIRST_PORT}.")
        result |= {"HACP_PORT": port, "HACP_CONTENT_PORT": str(int(port) + 1)}
    if host:
        result["HACP_HOST"] = host
        shown = WILDCARDS.get(host, host)
        bracketed = f"[{shown}]" if ":" in shown else shown
        if shown != "localhost":
            result.setdefault("HACP_PUBLIC_URL", f"http://{bracketed}:{port or 8080}")
    return result


def _run(environ: dict[str, str], signals: Signals) -> None:
    instance = Path(environ.get("HACP_INSTANCE") or "instance").resolve()
    settings_file = Path(environ.get("HACP_CONFIG") or instance / "hacp.env")
    if "HACP_SECRET_KEY" not in environ and seeding.make_settings_file(settings_file):
        say(f"Made {settings_file} with a random key.")
    hacp = Hacp(environ, before=signals.check)
    addresses = _addresses(hacp)
    for port in (addresses.port, addresses.content_port):
        _check_free(addresses.host, port)
    hacp.run("migrate")
    beside = Beside(addresses)
    try:
        _open_demo(hacp, instance, settings_file, beside)
        signals.check()
        _serve(hacp, beside, signals)
    finally:
        beside.close()
    raise CannotRun("The server has ended by itself.")


def _open_demo(hacp: Hacp, instance: Path, settings_file: Path, beside: Beside) -> None:
    """Make what is missing of the demo, and listen for what it has beside the server."""
    addresses = beside.addresses
    port = seeding.seed(hacp, instance, content_port=addresses.port + 2, say=say)
    if port is None:
        return
    public_host = urlsplit(addresses.public_url).hostname or ""
    beside.open("content", content.create_app(hosts=frozenset({public_host})), port)
    pretend = introducing.open_pretend(instance, public_url=addresses.public_url)
    port = introducing.introduce(
        hacp,
        pretend,
        instance,
        settings_file=settings_file,
        port=addresses.port + 3,
        public_url=addresses.public_url,
        say=say,
    )
    if port is not None:
        beside.open("opensesame", demo.opensesame.app.create_app(pretend), port)


def _serve(hacp: Hacp, beside: Beside, signals: Signals) -> None:
    """Run the server until it ends or somebody wants to stop."""
    server = subprocess.Popen([hacp.program, "serve"], env=dict(hacp.environ), process_group=0)
    try:
        _await(server, beside.addresses, signals)
        _print_welcome(beside)
        while server.poll() is None:
            signals.check()
            beside.listen(LOOP_SECONDS)
    finally:
        _stop(server)


def _addresses(hacp: Hacp) -> Addresses:
    settings = json.loads(hacp.run("settings", "--json"))
    return Addresses(
        host=settings["HACP_HOST"],
        port=int(settings["HACP_PORT"]),
        content_port=int(settings["HACP_CONTENT_PORT"]),
        public_url=settings["HACP_PUBLIC_URL"],
        instance=Path(settings["HACP_INSTANCE"]),
    )


def _check_free(host: str, port: int) -> None:
    """Raise CannotRun where somebody else listens."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or error
            raise CannotRun(
                f"Port {port} of {host} cannot be used ({reason}): "
                "choose others with 'make run PORT=9000'."
            ) from error


def _await(server: subprocess.Popen[bytes], addresses: Addresses, signals: Signals) -> None:
    """Wait until the server takes connections."""
    deadline = time.monotonic() + START_SECONDS
    host = WILDCARDS.get(addresses.host, addresses.host)
    while time.monotonic() < deadline and server.poll() is None:
        signals.check()
        try:
            socket.create_connection((host, addresses.port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise CannotRun("The server did not start.")


def _print_welcome(beside: Beside) -> None:
    addresses = beside.addresses
    lines = ["", f"  Open        {addresses.public_url}/"]
    if "content" in beside.ports:
        kept = seeding.sign_ins(addresses.instance)
        for person in seeding.PEOPLE:
            password = kept.get(person.email, "(not kept)")
            lines.append(f"  {person.role.capitalize():<11} {person.email}  {password}")
        lines.append(
            f"  Content     http://localhost:{beside.ports['content']}/ (the demo courses)"
        )
    if "opensesame" in beside.ports:
        address = f"http://localhost:{beside.ports['opensesame']}/"
        lines.append(f"  OpenSesame  {address} (a pretend one: deliver courses from there)")
    if "content" in beside.ports:
        lines.append("")
        lines.append(f"  The sign-ins are kept in {addresses.instance / seeding.SIGN_INS}.")
    say("\n".join([*lines, "  Ctrl-C stops the server; all data stays.", ""]))


def _stop(server: subprocess.Popen[bytes]) -> None:
    if server.poll() is not None:
        return
    server.terminate()
    try:
        server.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
