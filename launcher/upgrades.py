"""Whether the database has the tables that this version wants, and how it gets them.

Serves the commands. Needs an application context; the history itself stands in `migrations/`.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from catalog import indexing
from launcher.db import read, transact
from launcher.people import finding


class NotUpToDate(RuntimeError):
    """The database is of an older release; says what to do."""


class InUse(RuntimeError):
    """The tables were in use for too long while they were to be changed; says what to do."""


def upgrade() -> bool:
    """Bring the database up to date with this release; return False where it was so already.

    Whoever else does so at the same moment is waited for. Raises `InUse`.
    """
    was_current = is_current()
    if not was_current:
        _migrate()
    return bool(catch_up()) or not was_current


def _migrate() -> None:
    try:
        command.upgrade(_config(), "head")
    except OperationalError as error:
        # PostgreSQL's lock_not_available: `migrations/env.py` waits no longer.
        if getattr(error.orig, "sqlstate", None) != "55P03":
            raise
        raise InUse(
            "The database is as it was: something else, a backup perhaps, has its tables in use."
            " Run 'hacp migrate' again when that has ended."
        ) from error


def catch_up(*, stop: Callable[[], bool] = lambda: False) -> int:
    """Let courses and people be found by this release's rules; return how many were not.

    A portion with each transaction, so whatever ends it leaves the rest for the next time: that is
    every `hacp migrate` and every look around, since older servers may add theirs meanwhile. Where
    nothing is due it is two looks into an index.
    """
    total = 0
    for portion in (indexing.refresh, finding.refresh):
        while not stop() and (count := transact(portion)):
            total += count
    return total


def refuse_older() -> None:
    """Raise `NotUpToDate` where the database stands before this release.

    One of a newer release serves while servers are restarted one by one. One that does not answer
    now may do so later: that is for `/health` to tell.
    """
    with suppress(OperationalError):
        if _is_older():
            raise NotUpToDate("The database is not up to date: run 'hacp migrate'.")


def _is_older() -> bool:
    history = ScriptDirectory.from_config(_config())
    known = {one.revision for one in history.walk_revisions()}
    there = read(_revisions)
    return there <= known and there != set(history.get_heads())


def downgrade() -> None:
    """Take every table away again, with all that is in it."""
    command.downgrade(_config(), "base")


def is_current() -> bool:
    """Tell whether the database is at the newest revision."""
    newest = set(ScriptDirectory.from_config(_config()).get_heads())
    return read(_revisions) == newest


def _revisions(connection: Connection) -> set[str]:
    return set(MigrationContext.configure(connection).get_current_heads())


def _config() -> Config:
    config: Config = current_app.extensions["migrate"].migrate.get_config()
    return config
