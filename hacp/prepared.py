"""Statements of the busiest path: compiled once for each database, then run on the driver itself.

Serves `talks`. What SQLAlchemy does for every execution (events, result objects, types) is
not needed there and costs several times what SQLite needs for the statement.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, cast

from sqlalchemy import ClauseElement, Connection, Select

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Compiled:
    """The text that a driver takes, and how it takes the values: in order, or by name."""

    text: str
    arrange: Callable[[Values], Any]


class Prepared:
    """One statement. Its values must be what both drivers take as they are: numbers, texts, bytes.

    `names` are the columns that an INSERT fills. Errors are the driver's own.
    """

    def __init__(self, statement: ClauseElement, *names: str) -> None:
        self._statement = statement
        self._names = names
        self._compiled: dict[str, _Compiled] = {}
        self._make_row = _row_of(statement)

    def rows(self, connection: Connection, values: Values) -> list[Any]:
        """Return the rows that a SELECT finds; their fields are its columns."""
        compiled = self._for(connection)
        found = _driver(connection).execute(compiled.text, compiled.arrange(values))
        return [self._make_row(row) for row in found.fetchall()]

    def run(self, connection: Connection, several: Sequence[Values]) -> None:
        """Write once for each of the values; PostgreSQL hears of them all in one message.

        Only inside a transaction: SQLAlchemy, which is not asked, would not begin one.
        """
        if not several:
            return
        if not connection.in_transaction():
            raise RuntimeError("nothing is written outside a transaction")
        compiled = self._for(connection)
        if len(several) == 1:
            _driver(connection).execute(compiled.text, compiled.arrange(several[0]))
            return
        arranged = [compiled.arrange(values) for values in several]
        _driver(connection).cursor().executemany(compiled.text, arranged)

    def _for(self, connection: Connection) -> _Compiled:
        name = connection.dialect.name
        if name not in self._compiled:
            self._compiled[name] = self._compile(connection)
        return self._compiled[name]

    def _compile(self, connection: Connection) -> _Compiled:
        made = self._statement.compile(
            dialect=connection.dialect, column_keys=list(self._names) or None
        )
        order = getattr(made, "positiontup", None)
        return _Compiled(str(made), _in_order(order) if order else _as_named)


def _row_of(statement: ClauseElement) -> Callable[[Sequence[Any]], Any]:
    """Return what makes a row that a SELECT has found."""
    columns = statement.selected_columns.keys() if isinstance(statement, Select) else ()
    row = cast("Any", namedtuple("Row", list(columns)))
    make: Callable[[Sequence[Any]], Any] = row._make
    return make


def _in_order(names: Sequence[str]) -> Callable[[Values], Any]:
    if len(names) == 1:
        return lambda values: (values[names[0]],)
    return itemgetter(*names)


def _as_named(values: Values) -> Any:
    return values


def _driver(connection: Connection) -> Any:
    """Return the driver's connection, in the transaction that SQLAlchemy has begun on it."""
    return connection.connection.driver_connection
