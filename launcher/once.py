"""An insert that may meet its twin: two people press the same button at the same moment.

Serves the hall's stores. Decides nothing about what the twin means.
"""

from __future__ import annotations

from sqlalchemy import Connection, Insert
from sqlalchemy.exc import IntegrityError


def insert_once(connection: Connection, statement: Insert) -> bool:
    """Insert a row; return False where a row with the same key is there already.

    The savepoint keeps the surrounding transaction usable, which PostgreSQL would otherwise refuse.
    """
    try:
        with connection.begin_nested():
            connection.execute(statement)
    except IntegrityError:
        return False
    return True
