"""Rows that go to the driver as they are: what they come back as, and what is refused."""

from __future__ import annotations

from contextlib import suppress

import pytest
from sqlalchemy import Connection, select, values
from sqlalchemy.exc import DataError, IntegrityError

from catalog.bulk import NewRows
from catalog.store import Transact
from catalog.supply.schema import ItemTable
from tests.catalog.stock import NOW, key

ITEMS = NewRows(
    ItemTable.__table__,
    "academy_id",
    "provider",
    "key",
    "state",
    "hash",
    "active",
    "updated_at",
    "document",
)


def row(number: int, document: str = "{}") -> tuple[object, ...]:
    return (1, "opensesame", key(number), "skipped", "h", False, NOW, document)


def test_rows_come_back_as_they_were_given(transact: Transact) -> None:
    odd = "100 % of 'it', \"said\" ? %s :name \N{SNOWMAN}"
    transact(lambda c: ITEMS.add(c, (row(number, odd) for number in range(3))))
    found = transact(lambda c: c.execute(select(ItemTable).order_by(ItemTable.key)).all())
    assert [(one.key, one.active, one.updated_at, one.document) for one in found] == [
        (key(number), False, NOW, odd) for number in range(3)
    ]


def test_rows_come_back_at_once_where_they_are_asked_for(transact: Transact) -> None:
    odd = "100 % of 'it', \"said\" ? %s :name [1]"
    found = transact(
        lambda c: ITEMS.add_returning(c, [row(1, odd), row(2)], "key", "document", "active")
    )
    assert {(one.key, one.document, bool(one.active)) for one in found} == {
        (key(1), odd, False),
        (key(2), "{}", False),
    }
    stored = transact(lambda c: c.execute(select(ItemTable.updated_at)).scalars().all())
    assert set(stored) == {NOW}
    assert transact(lambda c: ITEMS.add_returning(c, [], "key")) == []


def test_columns_that_are_not_named_get_their_default(transact: Transact) -> None:
    transact(lambda c: ITEMS.add(c, [row(1)]))
    (found,) = transact(lambda c: c.execute(select(ItemTable)).all())
    assert (found.missed, found.overruled, found.failed_hash, found.course_id) == (
        0,
        False,
        "",
        None,
    )


def test_more_rows_than_a_statement_takes_are_all_put_in(transact: Transact) -> None:
    transact(lambda c: ITEMS.add(c, [row(number) for number in range(1, 252)]))
    found = transact(lambda c: c.execute(select(ItemTable.key)).scalars().all())
    assert sorted(found) == [key(number) for number in range(1, 252)]


def test_a_text_that_is_too_long_is_never_cut(transact: Transact) -> None:
    long = (1, "a provider with a long name", *row(1)[2:])

    def put(connection: Connection) -> None:
        ITEMS.add(connection, [long])

    with suppress(DataError):  # PostgreSQL refuses it, SQLite knows no length.
        transact(put)
    names = transact(lambda c: c.execute(select(ItemTable.provider)).scalars().all())
    assert names in ([], ["a provider with a long name"])


def test_no_rows_are_no_statement(transact: Transact) -> None:
    transact(lambda c: ITEMS.add(c, []))
    assert transact(lambda c: c.execute(select(ItemTable)).all()) == []


def test_a_row_that_is_there_already_is_refused_and_none_is_kept(transact: Transact) -> None:
    def twice(connection: Connection) -> None:
        ITEMS.add(connection, [row(1), row(2), row(1)])

    with pytest.raises(IntegrityError):
        transact(twice)
    assert transact(lambda c: c.execute(select(ItemTable)).all()) == []


def test_only_a_table_takes_rows() -> None:
    with pytest.raises(TypeError, match="into a table"):
        NewRows(values(name="no table"), "key")
