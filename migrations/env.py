"""How Alembic runs here: on the application's engine, over the tables of all three packages.

Serves `hacp migrate`. Needs an application context; a script without a database is not offered.
"""

from __future__ import annotations

from alembic import context
from flask import current_app

import catalog.schema
import catalog.supply.schema
import hacp.schema
import launcher.db
import launcher.schema


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
            context.run_migrations()


run_migrations()
