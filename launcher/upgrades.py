"""Whether the database has the tables that this version wants, and how it gets them.

Serves the commands. Needs an application context; the history itself stands in `migrations/`.
"""

from __future__ import annotations

from functools import partial

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
    """Bring the database to the newest revision; return False where it was there already.

    What courses and people are found by is made then by this release's rules, a portion with each
    transaction.
    """
    if is_current():
        return False
    command.upgrade(_config(), "head")
    while transact(indexing.refresh):
        continue
    last: int | None = 0
    while last is not None:
        last = transact(partial(finding.refresh, after=last))
    return True


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
