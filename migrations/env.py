"""How Alembic runs here: on the application's engine, over the tables of all three packages.

Serves `hacp migrate`. Needs an application context; a script without a database is not offered.
"""

from __future__ import annotations

from alembic import context
from flask import current_app
from sqlalchemy import Connection, text

import catalog.schema
import catalog.supply.schema
import hacp.schema
import launcher.db
import launcher.schema

# Any number that nothing else locks.
TURN = 0x48414350_0002
# While we wait for a table that is in use, whoever asks for it waits behind us.
LOCK_SECONDS = 3


def run_migrations() -> None:
    """Run what was asked for in one transaction, which on SQLite keeps every other writer out."""
    engine = launcher.db.db.engine
    with engine.connect() as plain:
        connection = plain.execution_options(sqlite_begin="IMMEDIATE")
        context.configure(
            connection=connection,
            target_metadata=[
                launcher.schema.Base.metadata,
                hacp.schema.Base.metadata,
                catalog.schema.Base.metadata,
            ],
            # Our SQLite connections begin their transactions themselves, so DDL is rolled back too.
            transactional_ddl=True,
            **current_app.extensions["migrate"].configure_args,
        )
        with context.begin_transaction():
            _wait_for_our_turn(connection)
            # Which revision is there is asked in here, so nothing is done a second time.
            context.run_migrations()


def _wait_for_our_turn(connection: Connection) -> None:
    """On PostgreSQL, let two at once take turns, and nobody wait long behind a busy table.

    On SQLite the transaction has begun IMMEDIATE, and has waited.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:turn)"), {"turn": TURN})
        connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'"))


run_migrations()
