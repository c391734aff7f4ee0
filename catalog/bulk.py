"""Many new rows at once: an INSERT written once for each database, its rows handed to the driver.

Serves the stores of what a sync brings, a page of courses at a time. What SQLAlchemy does for each
row costs more than the row itself. Reads nothing and returns nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Connection, Dialect, FromClause, Row, String, TableClause
from sqlalchemy.sql.schema import ScalarElementColumnDefault
from sqlalchemy.types import TypeEngine

# How a value becomes one that the driver takes; None where it is one already.
_Binding = Callable[[Any], Any] | None


@dataclass(frozen=True, slots=True)
class _Written:
    """The INSERTs of one database, and what binds a value.

    `by_rows` takes a row each time, None where that is slow; `by_json` takes all of them as one
    text, a list of lists.
    """

    by_rows: str | None
    by_json: str
    bindings: tuple[tuple[int, Callable[[Any], Any]], ...]


class NewRows:
    """Rows of a table, each a tuple of the `names` in their order.

    Columns that are not named get their default, as with SQLAlchemy's INSERT; only plain values are
    defaults here, and values are numbers, texts, truths and what SQLAlchemy makes those of.
    """

    def __init__(self, table: FromClause, *names: str) -> None:
        if not isinstance(table, TableClause):
            raise TypeError("rows are put into a table")
        unnamed = {
            column.name: column.default.arg
            for column in table.columns
            if column.name not in names
            and isinstance(column, Column)
            and isinstance(column.default, ScalarElementColumnDefault)
        }
        self._table = table
        self._names = (*names, *unnamed)
        self._defaults = tuple(unnamed.values())
        self._written: dict[str, _Written] = {}

    def add(self, connection: Connection, rows: Iterable[Sequence[Any]]) -> None:
        """Insert the rows. Raises what SQLAlchemy raises, `IntegrityError` among it."""
        written = self._for(connection.dialect)
        bound = self._bound(written, rows)
        if not bound:
            return
        if written.by_rows is None:
            connection.exec_driver_sql(written.by_json, (_as_json(bound),))
        else:
            connection.exec_driver_sql(written.by_rows, bound)

    def add_returning(
        self, connection: Connection, rows: Iterable[Sequence[Any]], *names: str
    ) -> Sequence[Row[Any]]:
        """Do what `add` does, and return these columns of the new rows, in no order."""
        written = self._for(connection.dialect)
        bound = self._bound(written, rows)
        if not bound:
            return []
        text = f"{written.by_json} RETURNING {', '.join(names)}"
        return connection.exec_driver_sql(text, (_as_json(bound),)).all()

    def _bound(self, written: _Written, rows: Iterable[Sequence[Any]]) -> list[Any]:
        """Return the rows with their defaults, as the driver takes them."""
        if self._defaults:
            rows = ((*row, *self._defaults) for row in rows)
        if not written.bindings:
            return list(rows)
        bound = []
        for row in rows:
            values = list(row)
            for place, bind in written.bindings:
                values[place] = bind(values[place])
            bound.append(tuple(values))
        return bound

    def _for(self, dialect: Dialect) -> _Written:
        if dialect.name not in self._written:
            self._written[dialect.name] = self._write(dialect)
        return self._written[dialect.name]

    def _write(self, dialect: Dialect) -> _Written:
        quote = dialect.identifier_preparer.quote
        kinds = [self._table.c[name].type for name in self._names]
        bindings: list[_Binding] = [
            kind.dialect_impl(dialect).bind_processor(dialect) for kind in kinds
        ]
        bound = tuple((at, bind) for at, bind in enumerate(bindings) if bind is not None)
        names = ", ".join(map(quote, self._names))
        insert = f"INSERT INTO {quote(self._table.name)} ({names})"
        if dialect.name == "sqlite":
            places = ", ".join("?" * len(kinds))
            read = ", ".join(f"json_extract(value, '$[{at}]')" for at in range(len(kinds)))
            by_json = f"{insert} SELECT {read} FROM json_each(?)"  # noqa: S608
            return _Written(f"{insert} VALUES ({places})", by_json, bound)
        # PostgreSQL plans every statement anew, and its driver reads long ones, and arrays, slowly.
        read = ", ".join(
            f"CAST(value ->> {at} AS {_read_as(kind, dialect)})" for at, kind in enumerate(kinds)
        )
        given = "json_array_elements(%s) AS given (value)"
        return _Written(None, f"{insert} SELECT {read} FROM {given}", bound)  # noqa: S608


def _as_json(rows: Sequence[Sequence[Any]]) -> str:
    return json.dumps(rows, ensure_ascii=False)


def _read_as(kind: TypeEngine[Any], dialect: Dialect) -> str:
    """Return how a value is read from JSON; a text without its length, which would cut it."""
    return "TEXT" if isinstance(kind, String) else kind.compile(dialect)
