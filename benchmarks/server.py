"""One measured server: the floor or ours, on waitress, with open sessions to post to.

Started by `benchmarks`. Says its port and session ids on standard output, then answers each line of
session ids with what is stored of them.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import waitress
from flask import Flask
from sqlalchemy import Connection

import hacp.store
from benchmarks.floor import create_floor
from hacp.model import LaunchTicket
from launcher import config, upgrades
from launcher.app import create_app
from launcher.db import read, transact
from launcher.logs import init_logging
from launcher.people import academies

THREADS = 8


def main(name: str, folder: Path, sessions: int) -> None:
    """Serve until the process is ended."""
    folder.mkdir(parents=True)
    if name == "floor":
        sids = [secrets.token_hex(20) for _ in range(sessions)]
        app = create_floor(os.environ.get("HACP_DATABASE_URL", str(folder / "floor.db")), sids)
        # The floor keeps no bookmark to compare.
        stored: Callable[[list[str]], dict[str, str]] = _nothing
    else:
        app, sids = _ours(folder, sessions)
        stored = _reader(app)
    # More connections than threads is what is measured, not a fault to warn of.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    server = waitress.create_server(app, host="127.0.0.1", port=0, threads=THREADS)
    threading.Thread(target=server.run, daemon=True).start()
    print(json.dumps({"port": server.effective_port, "sids": sids}), flush=True)
    for line in sys.stdin:
        print(json.dumps(stored(json.loads(line))), flush=True)


def _ours(folder: Path, sessions: int) -> tuple[Flask, list[str]]:
    settings = config.load({**os.environ, "HACP_INSTANCE": str(folder), "HACP_LOG_LEVEL": "error"})
    init_logging(settings)
    app = create_app(settings)
    now = datetime.now(UTC)

    def unit(connection: Connection) -> list[str]:
        academy = academies.add_academy(connection, name="Measured", slug="measured", now=now)
        tickets = (
            LaunchTicket(academy.id, number, f"s{number}", "Doe, Jane", 1, "C", "A1")
            for number in range(1, sessions + 1)
        )
        return [hacp.store.open_session(connection, ticket, now=now) for ticket in tickets]

    with app.app_context():
        upgrades.upgrade()
        return app, transact(unit)


def _nothing(sids: list[str]) -> dict[str, str]:
    return dict.fromkeys(sids, "")


def _reader(app: Flask) -> Callable[[list[str]], dict[str, str]]:
    def locations(sids: list[str]) -> dict[str, str]:
        def unit(connection: Connection) -> dict[str, str]:
            found = {
                sid: hacp.store.conversation_for(connection, 1, session_id=sid) for sid in sids
            }
            return {sid: one[0].location if one else "" for sid, one in found.items()}

        with app.app_context():
            return read(unit)

    return locations


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
