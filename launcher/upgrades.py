"""Whether the database has the tables that this version wants, and how it gets them.

Serves the commands. Needs an application context; the history itself stands in `migrations/`.
"""

from __future__ import annotations

from collections.abc import Callable

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from sqlalchemy import Connection

from catalog import indexing
from launcher.db import read, transact
from launcher.people import finding


def upgrade() -> bool:
    """Bring the database up to date with this release; return False where it was so already."""
    was_current = is_current()
    if not was_current:
        command.upgrade(_config(), "head")
    return bool(catch_up()) or not was_current


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


def downgrade() -> None:
    """Take every table away again, with all that is in it."""
    command.downgrade(_config(), "base")


def is_current() -> bool:
    """Tell whether the database is at the newest revision."""
    newest = set(ScriptDirectory.from_config(_config()).get_heads())

    def unit(connection: Connection) -> set[str]:
        return set(MigrationContext.configure(connection).get_current_heads())

    return read(unit) == newest


def _config() -> Config:
    config: Config = current_app.extensions["migrate"].migrate.get_config()
    return config
