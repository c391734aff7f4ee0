"""A partition of the log written anew, so that the room which packing made goes back to the disk.

Serves whoever looks after an installation, on PostgreSQL. Readers and posts go on meanwhile; it
concerns all academies, so none is named.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from hacp.months import LOCK_SECONDS, TABLE, Month, Partition, partitions

# What was there before the log was divided by months: one partition for all of it. Once written
# anew it has the other name, so that it is done once.
BEFORE = f"{TABLE}_before"
BEFORE_PACKED = f"{TABLE}_before_packed"
# The exchange of the two tables waits for whoever reads the log, a backup for example, and every
# post waits behind it: so briefly that nobody notices, and again after a pause in which all of
# them get in.
SWAP_SECONDS = 0.4
SWAP_TRIES = 60
# Two workers that write anew at once take turns: any number that nobody else uses.
_TURN = 0x48414350_0001
_NEW = f"{TABLE}_new"


def rewrite_month(connection: Connection, month: Month, *, pause: Callable[[], None]) -> bool:
    """Write a month's partition anew; False where it has none: SQLite uses the room by itself.

    Must be a transaction's only work. Who writes into this very partition waits until it ends; who
    writes into another one, and who reads, waits no longer than `SWAP_SECONDS` at a time, with a
    `pause` between. Raises `OperationalError` where the log was in use all the time: nothing has
    changed then.
    """
    return _rewrite(connection, f"{TABLE}_{month.year}_{month.number:02}", pause=pause)


def rewrite_before(connection: Connection, *, pause: Callable[[], None]) -> bool:
    """Do the same, once, for what was there before there were months."""
    return _rewrite(connection, BEFORE, BEFORE_PACKED, pause=pause)


def end_of_before(connection: Connection) -> int | None:
    """Return the id that the exchanges of before end before, None where none is to be rewritten."""
    found = _partition(connection, BEFORE)
    return found.end if found else None


def _rewrite(
    connection: Connection, name: str, named: str = "", *, pause: Callable[[], None]
) -> bool:
    if _partition(connection, name) is None:
        return False
    connection.execute(text("SELECT pg_advisory_xact_lock(:turn)"), {"turn": _TURN})
    old = _partition(connection, name)
    if old is None:
        return False
    connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'"))
    # From here on nobody changes it, and everybody may read it.
    connection.execute(text(f"LOCK TABLE ONLY {name} IN SHARE MODE"))
    _copy(connection, old)
    _be_brief(connection, lambda: _swap(connection, old, named=named or name), pause=pause)
    return True


def _partition(connection: Connection, name: str) -> Partition | None:
    if connection.dialect.name != "postgresql":
        return None
    return next((one for one in partitions(connection) if one.name == name), None)


def _copy(connection: Connection, old: Partition) -> None:
    """Make the new table with all that attaching would otherwise look at under its lock."""
    rule = connection.execute(
        text("SELECT pg_get_partition_constraintdef(to_regclass(:name))"), {"name": old.name}
    ).scalar_one()
    for statement in (
        f"CREATE TABLE {_NEW} (LIKE {old.name} INCLUDING DEFAULTS)",
        f"INSERT INTO {_NEW} SELECT * FROM {old.name} ORDER BY academy_id, attempt_id, id",  # noqa: S608
        f"ALTER TABLE {_NEW} ADD CONSTRAINT {_NEW}_pkey PRIMARY KEY (academy_id, attempt_id, id)",
        f"ALTER TABLE {_NEW} ADD CONSTRAINT {_NEW}_range CHECK ({rule})",
        f"ANALYZE {_NEW}",
    ):
        connection.exec_driver_sql(statement)


def _swap(connection: Connection, old: Partition, *, named: str) -> None:
    for statement in (
        f"LOCK TABLE ONLY {TABLE} IN ACCESS EXCLUSIVE MODE",
        f"ALTER TABLE {TABLE} DETACH PARTITION {old.name}",
        f"DROP TABLE {old.name}",
        f"ALTER TABLE {_NEW} RENAME TO {named}",
        f"ALTER TABLE {named} RENAME CONSTRAINT {_NEW}_pkey TO {named}_pkey",
        f"ALTER TABLE {TABLE} ATTACH PARTITION {named} {old.bound}",
        f"ALTER TABLE {named} DROP CONSTRAINT {_NEW}_range",
    ):
        connection.exec_driver_sql(statement)


def _be_brief(
    connection: Connection, swap: Callable[[], None], *, pause: Callable[[], None]
) -> None:
    """Swap as soon as the log is not in use; a try that waits too long gives all its locks back."""
    connection.execute(text(f"SET LOCAL lock_timeout = '{SWAP_SECONDS}s'"))
    for left in reversed(range(SWAP_TRIES)):
        try:
            with connection.begin_nested():
                swap()
        except OperationalError:
            if not left:
                raise
            pause()
        else:
            return
