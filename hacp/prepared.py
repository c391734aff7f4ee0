"""Statements of the busiest path: compiled once for each database, then run on the driver itself.

Serves `talks` and the hall's roll-up. What SQLAlchemy does for every execution (events, result
objects) is not needed there and costs several times what SQLite needs for the statement.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, cast

from sqlalchemy import Boolean, ClauseElement, Connection, Dialect, Select, TypeDecorator
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

Values = Mapping[str, Any]
Turn = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class _Compiled:
    """The text that a driver takes; how it takes the values, in order or by name; and how a row is
    made of what it finds.
    """

    text: str
    arrange: Callable[[Values], Any]
    make_row: Callable[[Sequence[Any]], Any]


class Prepared:
    """One statement. Its values are what both drivers take as they are, numbers, texts and bytes,
    but for columns of a type of our own and truths, which SQLAlchemy's types turn over.

    `names` are the columns that an INSERT fills. Errors are the driver's own.
    """

    def __init__(self, statement: ClauseElement, *names: str) -> None:
        self._statement = statement
        self._names = names
        self._compiled: dict[str, _Compiled] = {}

    def rows(self, connection: Connection, values: Values) -> list[Any]:
        """Return the rows that a SELECT finds; their fields are its columns."""
        compiled = self._for(connection)
        found = _driver(connection).execute(compiled.text, compiled.arrange(values))
        return [compiled.make_row(row) for row in found.fetchall()]

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
        names = list(self._names) or None
        compiled = self._statement.compile(dialect=connection.dialect, column_keys=names)
        made = cast("SQLCompiler", compiled)
        order = made.positiontup
        arrange = _in_order(order) if order else _as_named
        # What stands in the statement itself, such as a limit, is a value like those that come.
        own = {name: bind.value for name, bind in made.binds.items() if bind.value is not None}
        turns = {
            name: turn
            for name, bind in made.binds.items()
            if (turn := _turn_in(bind.type, connection.dialect)) is not None
        }
        if own or turns:
            arrange = _turned(arrange, own, turns)
        return _Compiled(str(made), arrange, _row_of(self._statement, connection.dialect))


def _row_of(statement: ClauseElement, dialect: Dialect) -> Callable[[Sequence[Any]], Any]:
    """Return what makes a row of what a SELECT has found."""
    columns = statement.selected_columns if isinstance(statement, Select) else None
    row = cast("Any", namedtuple("Row", list(columns.keys()) if columns is not None else ()))
    make: Callable[[Sequence[Any]], Any] = row._make
    turns = [
        (place, turn)
        for place, column in enumerate(columns or ())
        if (turn := _turn_out(column.type, dialect)) is not None
    ]
    if not turns:
        return make

    def make_turned(found: Sequence[Any]) -> Any:
        values = list(found)
        for place, turn in turns:
            values[place] = turn(values[place])
        return make(values)

    return make_turned


def _turn_in(kind: TypeEngine[Any], dialect: Dialect) -> Turn | None:
    """Return how a value of such a column is turned into what the driver takes, if it has to be."""
    return kind.dialect_impl(dialect).bind_processor(dialect) if _is_turned(kind) else None


def _turn_out(kind: TypeEngine[Any], dialect: Dialect) -> Turn | None:
    """The way back."""
    if not _is_turned(kind):
        return None
    return kind.dialect_impl(dialect).result_processor(dialect, None)


def _is_turned(kind: TypeEngine[Any]) -> bool:
    return isinstance(kind, TypeDecorator | Boolean)


def _turned(
    arrange: Callable[[Values], Any], own: Values, turns: Mapping[str, Turn]
) -> Callable[[Values], Any]:
    def arrange_turned(values: Values) -> Any:
        turned = {**own, **values}
        for name, turn in turns.items():
            turned[name] = turn(turned[name])
        return arrange(turned)

    return arrange_turned


def together(connection: Connection) -> AbstractContextManager[object]:
    """Return a block whose `run`s PostgreSQL hears of in one message; it fails at its end."""
    driver = _driver(connection)
    return driver.pipeline() if connection.dialect.name == "postgresql" else nullcontext()


def _in_order(names: Sequence[str]) -> Callable[[Values], Any]:
    if len(names) == 1:
        return lambda values: (values[names[0]],)
    return itemgetter(*names)


def _as_named(values: Values) -> Any:
    return values


def _driver(connection: Connection) -> Any:
    """Return the driver's connection, in the transaction that SQLAlchemy has begun on it."""
    return connection.connection.driver_connection
