"""The log of exchanges by calendar months: made ready ahead, packed when old, dropped in the end.

Serves whoever looks after an installation; the conversation itself only inserts. An exchange's
month is a range of ids, on PostgreSQL a partition. It concerns all academies, so none is named.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, and_, bindparam, delete, select, text, tuple_, update

from hacp.ids import first_id
from hacp.packing import DEFLATED, PLAIN, pack
from hacp.schema import ExchangeRow

# So many months stand ready beside the running one; a worker that is away for weeks does no harm,
# because what has no partition of its own is kept in the one for the rest.
AHEAD = 2
# How long a change of partitions waits for running transactions, while new posts wait behind it.
LOCK_SECONDS = 2

TABLE: str = ExchangeRow.__tablename__
REST = f"{TABLE}_rest"
_NAME = re.compile(rf"{TABLE}_(\d{{4}})_(\d{{2}})")
_KEY = (ExchangeRow.academy_id, ExchangeRow.attempt_id, ExchangeRow.id)
_RAW = ("query", "request", "reply")
# The academy, the attempt and the id of an exchange.
Key = tuple[int, int, int]


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A month of UTC; its exchanges have the ids from `first` up to but without `end`."""

    year: int
    number: int

    @property
    def began(self) -> datetime:
        """The moment at which it begins."""
        return datetime(self.year, self.number, 1, tzinfo=UTC)

    @property
    def first(self) -> int:
        """The smallest id of the month."""
        return first_id(self.began)

    @property
    def end(self) -> int:
        """The smallest id behind the month."""
        return self.moved(1).first

    def moved(self, months: int) -> Month:
        """Return the month so many later, or earlier where it is negative."""
        year, number = divmod(self.year * 12 + self.number - 1 + months, 12)
        return Month(year, number + 1)

    def __str__(self) -> str:
        return f"{self.year}-{self.number:02}"


@dataclass(frozen=True, slots=True)
class Partition:
    """A partition of the log: its name, its range as PostgreSQL writes it, and the id behind it."""

    name: str
    bound: str
    end: int


@dataclass(frozen=True, slots=True)
class Raw:
    """The raw bytes of one exchange: as they came, or packed where `form` says so."""

    key: Key
    form: int
    query: bytes
    request: bytes
    reply: bytes

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return len(self.query) + len(self.request) + len(self.reply)


@dataclass(frozen=True, slots=True)
class Step:
    """One step on the way through the log: what it met, and where the next one begins.

    `next` is None behind the last exchange.
    """

    found: tuple[Raw, ...]
    next: Key | None


def month_of(moment: datetime) -> Month:
    """Return the month of a moment."""
    there = moment.astimezone(UTC)
    return Month(there.year, there.month)


def partitions(connection: Connection) -> list[Partition]:
    """Return PostgreSQL's partitions of the log, but for the rest."""
    rows = connection.execute(
        text(
            "SELECT child.relname, pg_get_expr(child.relpartbound, child.oid) AS bound"
            " FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid"
            " WHERE inhparent = to_regclass(:name)"
        ),
        {"name": TABLE},
    )
    ends = ((row, re.search(r"TO \('?(\d+)'?\)", row.bound)) for row in rows)
    return [Partition(row.relname, row.bound, int(end[1])) for row, end in ends if end]


def prepare(connection: Connection, *, now: datetime) -> list[Month]:
    """Make the partitions of this month and the next ones; return those that were missing.

    What already stands in the partition for the rest moves to where it belongs. SQLite has no
    partitions. Raises `sqlalchemy.exc.OperationalError` where the table stays busy for too long:
    nothing is lost then, and it can be tried again.
    """
    if connection.dialect.name != "postgresql":
        return []
    _be_patient(connection)
    there = {one.name: one.end for one in partitions(connection)}
    known = max(there.values(), default=0)
    wanted = [month_of(now).moved(ahead) for ahead in range(AHEAD + 1)]
    made = [one for one in wanted if _name_of(one) not in there and one.first >= known]
    for month in made:
        _make(connection, month)
    return made


def walk(connection: Connection, *, first: int, end: int, after: Key | None, limit: int) -> Step:
    """Look at the next `limit` exchanges behind a key and return those with ids from first to end.

    In the order of the key, so that the whole way reads each page of the table once. Elsewhere than
    on PostgreSQL, which reads only the partitions that are meant, a step may find nothing.
    """
    query = select(*_KEY, *(getattr(ExchangeRow, name) for name in _RAW), ExchangeRow.packed)
    if connection.dialect.name == "postgresql":
        query = query.where(ExchangeRow.id >= first, ExchangeRow.id < end)
    if after is not None:
        query = query.where(tuple_(*_KEY) > after)
    rows = connection.execute(query.order_by(*_KEY).limit(limit)).all()
    found = tuple(
        Raw((row[0], row[1], row[2]), row.packed, row.query, row.request, row.reply)
        for row in rows
        if first <= row[2] < end
    )
    last = rows[-1] if len(rows) == limit else None
    return Step(found, (last[0], last[1], last[2]) if last else None)


def packed(found: Sequence[Raw]) -> tuple[Raw, ...]:
    """Return those that stood there as they came, packed."""
    return tuple(
        Raw(one.key, DEFLATED, pack(one.query), pack(one.request), pack(one.reply))
        for one in found
        if one.form == PLAIN
    )


def put(connection: Connection, found: Sequence[Raw]) -> None:
    """Write the packed bytes of exchanges in the place of those that came."""
    if found:
        connection.execute(_PUT, [_put_values(one) for one in found])


def drop_partitions(connection: Connection, *, before: Month) -> list[str]:
    """Drop the partitions that hold nothing of a month or later; return their names.

    Results, records and statuses are no part of the log and stay.
    """
    if connection.dialect.name != "postgresql":
        return []
    _be_patient(connection)
    gone = [one.name for one in partitions(connection) if one.end <= before.first]
    for name in gone:
        connection.execute(text(f"DROP TABLE {name}"))
    return gone


def remove(connection: Connection, found: Sequence[Raw]) -> int:
    """Remove exchanges one by one, where no partition could be dropped; return how many."""
    if not found:
        return 0
    result = connection.execute(_REMOVE, [_key_values(one.key) for one in found])
    return result.rowcount


_AT_KEY = and_(
    ExchangeRow.academy_id == bindparam("b_academy"),
    ExchangeRow.attempt_id == bindparam("b_attempt"),
    ExchangeRow.id == bindparam("b_id"),
)
_PUT = (
    update(ExchangeRow)
    .where(_AT_KEY, ExchangeRow.packed == PLAIN)
    .values({name: bindparam(name) for name in (*_RAW, "packed")})
)
_REMOVE = delete(ExchangeRow).where(_AT_KEY)


def _key_values(key: Key) -> dict[str, int]:
    return {"b_academy": key[0], "b_attempt": key[1], "b_id": key[2]}


def _put_values(one: Raw) -> dict[str, object]:
    raw = {"query": one.query, "request": one.request, "reply": one.reply, "packed": one.form}
    return {**_key_values(one.key), **raw}


def _name_of(month: Month) -> str:
    return f"{TABLE}_{month.year}_{month.number:02}"


def _be_patient(connection: Connection) -> None:
    """Wait for running transactions, but not so long that posts pile up behind us."""
    connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'"))


def _make(connection: Connection, month: Month) -> None:
    """Make one partition. Attaching it locks less than making it in place would."""
    name, values = _name_of(month), {"first": month.first, "end": month.end}
    connection.execute(text(f"CREATE TABLE {name} (LIKE {TABLE} INCLUDING DEFAULTS)"))
    connection.execute(
        text(
            f"WITH moved AS (DELETE FROM {REST} WHERE id >= :first AND id < :end RETURNING *)"  # noqa: S608
            f" INSERT INTO {name} SELECT * FROM moved"
        ),
        values,
    )
    connection.execute(
        text(
            f"ALTER TABLE {TABLE} ATTACH PARTITION {name}"
            f" FOR VALUES FROM ({month.first}) TO ({month.end})"
        )
    )
