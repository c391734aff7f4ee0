"""Statements on the driver itself: the same on both databases, and only inside a transaction."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from sqlalchemy import Engine, bindparam, insert, select, update

from hacp.prepared import Prepared
from hacp.schema import Base, PreferenceRow
from launcher.schema import Progress

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


def test_types_of_our_own_and_what_a_statement_says_itself_come_as_by_sqlalchemy(engine: Engine):
    """A moment has its zone and a truth is one, in and out; a limit is a value like others."""
    Base.metadata.create_all(engine)
    table = Progress.__table__
    table.create(engine)
    key = {"academy_id": 1, "learner_id": 7, "course_id": 3}
    write = Prepared(
        update(Progress)
        .where(Progress.learner_id == bindparam("learner"))
        .values(last_at=bindparam("last_at"), by_hand=bindparam("by_hand"))
    )
    find = select(Progress.last_at, Progress.by_hand, Progress.completed_at).limit(1)
    at = datetime(2026, 5, 4, 9, 30, tzinfo=timezone(timedelta(hours=2)))
    with engine.begin() as connection:
        connection.execute(insert(Progress), {**key, "status": "incomplete"})
        write.run(connection, [{"learner": 7, "last_at": at, "by_hand": True}])
        [row] = Prepared(find).rows(connection, {})
        assert row == tuple(connection.execute(find).one())
    assert row == (at, True, None)
    assert (row.last_at.utcoffset(), row.by_hand) == (timedelta(0), True)
    assert isinstance(row.by_hand, bool)


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
