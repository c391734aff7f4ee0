"""What has become of each month of the log of exchanges: kept as it came, packed, dropped.

Serves `launcher.log_keeping` and `hacp exchanges`. The log itself is the HACP wing's; here stands
how far it has been looked after, so that nobody has to search it for that.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from hacp.months import Month, month_of
from launcher.once import insert_once
from launcher.schema import Academy, LogMonth


@dataclass(frozen=True, slots=True)
class Kept:
    """One month of the log; both moments are None while it stands there as it came."""

    month: Month
    packed_at: datetime | None
    dropped_at: datetime | None


def months(connection: Connection, *, now: datetime) -> list[Kept]:
    """Return every month since there was an academy, the running one last."""
    began = connection.execute(select(func.min(Academy.created_at))).scalar()
    if began is None:
        return []
    known = {row.month: row for row in connection.execute(select(LogMonth.__table__))}
    month, last, found = month_of(began), month_of(now), []
    while month <= last:
        row = known.get(str(month))
        found.append(Kept(month, row.packed_at if row else None, row.dropped_at if row else None))
        month = month.moved(1)
    return found


def note_packed(connection: Connection, month: Month, *, now: datetime) -> None:
    """Note that nothing of a month is left to be packed."""
    _note(connection, month, packed_at=now)


def note_dropped(connection: Connection, month: Month, *, now: datetime) -> None:
    """Note that nothing of a month is kept any more."""
    _note(connection, month, dropped_at=now)


def _note(connection: Connection, month: Month, **moments: datetime) -> None:
    insert_once(connection, insert(LogMonth).values(month=str(month)))
    connection.execute(update(LogMonth).where(LogMonth.month == str(month)).values(**moments))
