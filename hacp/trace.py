"""An attempt's exchanges as a page shows them: many by their beginnings, one by one whole.

Serves the hall. As in `store`, every function takes a connection inside a transaction and an
academy, and returns values; a megabyte of suspend data costs nobody who did not ask for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import (
    BindParameter,
    Connection,
    Integer,
    Label,
    LargeBinary,
    Row,
    bindparam,
    case,
    func,
    literal,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute

from hacp.model import Exchange
from hacp.packing import PLAIN
from hacp.records import Kept, Record
from hacp.rows import exchange_of, kept_of
from hacp.schema import ExchangeRow, RecordRow
from hacp.statements import RECORDS
from hacp.store import exchanges_of, suspend_data_of


@dataclass(frozen=True, slots=True)
class Glimpse:
    """An exchange of which the query, the request and the reply hold their beginnings.

    The sizes are those of the whole, in bytes. `left_out` is the exchange whose suspend data, too
    long for a glimpse, belongs into the reply at `exchange.suspend_at`.
    """

    exchange: Exchange
    query_size: int
    request_size: int
    reply_size: int
    left_out: int | None = None

    @property
    def cut(self) -> bool:
        """Whether anything is missing."""
        shown = self.exchange
        return (
            self.query_size > len(shown.query)
            or self.request_size > len(shown.request)
            or self.reply_size > len(shown.reply)
            or self.left_out is not None
        )


def _start(column: InstrumentedAttribute[bytes]) -> Label[Any]:
    """Take the beginning of a column, but of packed bytes all: those are small, and read whole.

    SQLite's substr of nothing is NULL.
    """
    most: BindParameter[int] = bindparam("bytes", type_=Integer)
    beginning = func.substr(column, 1, most, type_=LargeBinary)
    found = case((ExchangeRow.packed == PLAIN, beginning), else_=column)
    return func.coalesce(found, literal(b"", LargeBinary)).label(column.key)


_SMALL = (
    *(ExchangeRow.id, ExchangeRow.at, ExchangeRow.command, ExchangeRow.error, ExchangeRow.method),
    *(ExchangeRow.content_type, ExchangeRow.origin, ExchangeRow.session_id),
    *(ExchangeRow.suspend_from, ExchangeRow.suspend_at, ExchangeRow.tolerated),
    ExchangeRow.packed,
)
_LARGE = (ExchangeRow.query, ExchangeRow.request, ExchangeRow.reply)
# Built once; SQLAlchemy keeps its compiled text.
_GLIMPSES = (
    select(
        *_SMALL,
        *(_start(column) for column in _LARGE),
        *(func.length(column).label(f"{column.key}_size") for column in _LARGE),
    )
    .where(
        ExchangeRow.academy_id == bindparam("academy"),
        ExchangeRow.attempt_id == bindparam("attempt"),
        ExchangeRow.id > bindparam("after"),
    )
    .order_by(ExchangeRow.id)
    .limit(bindparam("count", type_=Integer))
)


def glimpses_of(
    connection: Connection, academy_id: int, *, attempt_id: int, after: int, limit: int, most: int
) -> list[Glimpse]:
    """Return the exchanges behind the id `after`, the oldest first, `most` bytes of each part."""
    wanted = {"academy": academy_id, "attempt": attempt_id, "after": after}
    found = connection.execute(_GLIMPSES, {**wanted, "bytes": most, "count": limit})
    rows: Sequence[Any] = found.all()
    short = _short_sources(connection, academy_id, attempt_id, rows, most=most)
    carried = suspend_data_of(connection, academy_id, attempt_id=attempt_id, exchange_ids=short)
    return [_glimpse(row, carried, most=most) for row in rows]


def whole_of(
    connection: Connection, academy_id: int, *, attempt_id: int, exchange_id: int
) -> Exchange | None:
    """Return one exchange with its reply whole, or None where the attempt has no such."""
    found = exchanges_of(
        connection, academy_id, attempt_id=attempt_id, limit=1, after=exchange_id - 1
    )
    return found[0] if found and found[0].id == exchange_id else None


def newest_id(connection: Connection, academy_id: int, *, attempt_id: int) -> int:
    """Return the id of an attempt's newest exchange, 0 where there is none."""
    return _behind(connection, academy_id, attempt_id, skip=0)


def before_newest(connection: Connection, academy_id: int, *, attempt_id: int, count: int) -> int:
    """Return the id behind which the newest `count` exchanges stand."""
    return _behind(connection, academy_id, attempt_id, skip=count)


def count_records(connection: Connection, academy_id: int, *, attempt_id: int) -> dict[str, int]:
    """Count what was said beside an attempt's result, by kind (`documents.KINDS`)."""
    rows = connection.execute(
        select(RecordRow.kind, func.count())
        .where(RecordRow.academy_id == academy_id, RecordRow.attempt_id == attempt_id)
        .group_by(RecordRow.kind)
    )
    return {row[0]: row[1] for row in rows}


def records_of(
    connection: Connection, academy_id: int, *, attempt_id: int, kind: str, limit: int, offset: int
) -> list[Kept[Record]]:
    """Return some of what was said beside an attempt's result, of one kind, the oldest first."""
    rows = connection.execute(
        RECORDS.limit(limit).offset(offset),
        {"academy": academy_id, "attempt": attempt_id, "kind": kind},
    )
    return [kept_of(row) for row in rows]


def _behind(connection: Connection, academy_id: int, attempt_id: int, *, skip: int) -> int:
    found = connection.scalar(
        select(ExchangeRow.id)
        .where(ExchangeRow.academy_id == academy_id, ExchangeRow.attempt_id == attempt_id)
        .order_by(ExchangeRow.id.desc())
        .limit(1)
        .offset(skip)
    )
    return found or 0


def _short_sources(
    connection: Connection,
    academy_id: int,
    attempt_id: int,
    rows: Sequence[Row[Any]],
    *,
    most: int,
) -> set[int]:
    """Return which exchanges that replies take suspend data from fit into a glimpse."""
    wanted = {row.suspend_from for row in rows if row.suspend_from is not None}
    if not wanted:
        return set()
    found = connection.scalars(
        select(ExchangeRow.id).where(
            ExchangeRow.academy_id == academy_id,
            ExchangeRow.attempt_id == attempt_id,
            ExchangeRow.id.in_(wanted),
            func.length(ExchangeRow.request) + func.length(ExchangeRow.query) <= most,
        )
    )
    return set(found)


def _glimpse(row: Row[Any], carried: Mapping[int, bytes], *, most: int) -> Glimpse:
    # Packed bytes come whole and are cut here; of others the database gives no more than asked for.
    whole = exchange_of(row, {})
    plain = row.packed == PLAIN
    sizes = {
        name: getattr(row, f"{name}_size") if plain else len(getattr(whole, name))
        for name in ("query", "request", "reply")
    }
    reply, place = whole.reply[:most], row.suspend_at
    suspend_data = carried.get(row.suspend_from)
    # Where the reply was cut before the place, nothing can be put there.
    fits = suspend_data is not None and len(suspend_data) <= most and place <= len(reply)
    if suspend_data is not None and fits:
        reply = reply[:place] + suspend_data + reply[place:]
        sizes["reply"] += len(suspend_data)
    return Glimpse(
        exchange=replace(
            whole, query=whole.query[:most], request=whole.request[:most], reply=reply
        ),
        query_size=sizes["query"],
        request_size=sizes["request"],
        reply_size=sizes["reply"],
        left_out=None if fits else row.suspend_from,
    )
