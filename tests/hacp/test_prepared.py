"""Statements on the driver itself: the same on both databases, and only inside a transaction."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, bindparam, insert, select

from hacp.prepared import Prepared
from hacp.schema import Base, PreferenceRow

NAMES = ("academy_id", "learner_id", "exchange_id", "changed_at", "document")
ADD = Prepared(insert(PreferenceRow), *NAMES)
FIND = Prepared(
    select(PreferenceRow.learner_id, PreferenceRow.document)
    .where(PreferenceRow.academy_id == bindparam("academy"))
    .order_by(PreferenceRow.learner_id)
)


def row(learner_id: int, document: str = "{}") -> dict[str, object]:
    return dict(zip(NAMES, (1, learner_id, 2**60, 0, document), strict=True))


@pytest.mark.parametrize("count", [0, 1, 2, 50])
def test_what_is_written_is_found_by_its_columns(engine: Engine, count: int) -> None:
    Base.metadata.create_all(engine)
    with engine.begin() as connection:
        ADD.run(connection, [row(number, f'"é{number}"') for number in range(count)])
    with engine.connect() as connection:
        found = FIND.rows(connection, {"academy": 1})
    assert [(one.learner_id, one.document) for one in found] == [
        (number, f'"é{number}"') for number in range(count)
    ]


def test_a_transaction_that_is_given_up_has_written_nothing(engine: Engine) -> None:
    Base.metadata.create_all(engine)
    with engine.connect() as connection, connection.begin() as transaction:
        ADD.run(connection, [row(1), row(2)])
        transaction.rollback()
    with engine.connect() as connection:
        assert FIND.rows(connection, {"academy": 1}) == []


def test_nothing_is_written_outside_a_transaction(engine: Engine) -> None:
    Base.metadata.create_all(engine)
    with engine.connect() as connection, pytest.raises(RuntimeError, match="outside"):
        ADD.run(connection, [row(1)])
