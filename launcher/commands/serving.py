"""`hacp serve` and `hacp worker`: what runs until it is told to stop.

Serves operators. How serving works stands in `launcher.server`, what is done in the background in
`launcher.tasks`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask import Flask

from launcher import config, server, tasks, upgrades
from launcher.app import create_app
from launcher.commands.door import plain_failures, say
from launcher.config import Settings
from launcher.content import create_content
from launcher.db import db
from launcher.heap import keep_for_good
from launcher.logs import init_logging
from launcher.server import Servers
from launcher.stopping import told
from launcher.workers import Workers

# How soon a signal is noticed by a process that only waits for one.
LOOK_SECONDS = 0.2


@click.command("serve")
def serve() -> None:
    """Run the server until Ctrl-C or SIGTERM: pages and HACP, and stored content beside them."""
    with _running_application() as (app, settings):
        servers = _open_servers(app, settings)
        # Before anything else runs: a signal that comes amid a search for garbage can get lost.
        keep_for_good()
        workers = tasks.of(app).workers(settings.workers)
        if settings.workers:
            workers.start()
        say(f"Serving {settings.public_url}, content at {settings.content_url}. Ctrl-C stops.")
        servers.run(on_stop=lambda: _tell_to_stop(app, workers))
        if settings.workers:
            _end(workers)


@click.command("worker")
@click.option(
    "--threads",
    type=click.IntRange(1, 64),
    default=2,
    show_default=True,
    help="Tasks that are worked on at the same time.",
)
def worker(threads: int) -> None:
    """Work on background tasks until Ctrl-C or SIGTERM, for servers with HACP_WORKERS=0."""
    with _running_application() as (app, _settings), told() as noted:
        workers = tasks.of(app).workers(threads)
        workers.start()
        say(f"Working on background tasks, {threads} at a time. Ctrl-C stops.")
        while not noted.to_stop:
            time.sleep(LOOK_SECONDS)
        _tell_to_stop(app, workers)
        _end(workers)


@contextmanager
def _running_application() -> Iterator[tuple[Flask, Settings]]:
    """Build the application on a migrated database, with a log as the settings say."""
    with plain_failures():
        settings = config.from_environment()
        init_logging(settings)
        app = create_app(settings)
        with app.app_context():
            if not upgrades.is_current():
                raise click.ClickException("The database is not up to date: run 'hacp migrate'.")
        try:
            yield app, settings
        finally:
            with app.app_context():
                db.engine.dispose()


def _open_servers(app: Flask, settings: Settings) -> Servers:
    try:
        return server.open_servers(app, create_content(settings), settings=settings)
    except (OSError, ValueError) as error:
        # waitress says ValueError where a host name means nothing.
        reason = getattr(error, "strerror", None) or str(error)
        raise click.ClickException(f"The server cannot start: {reason}.") from error


def _tell_to_stop(app: Flask, workers: Workers) -> None:
    """Take no further task, and give back what others may then go on with."""
    workers.tell_to_stop()
    with app.app_context():
        tasks.of(app).syncing.give_up()


def _end(workers: Workers) -> None:
    if not workers.stop():
        say("A background task did not end in time. What it had not done is done again later.")
