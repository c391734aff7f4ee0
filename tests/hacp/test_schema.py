"""The tables: made on both databases, each bound to an academy, none with a session id."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, inspect, select
from sqlalchemy.exc import IntegrityError

from hacp.ids import new_id
from hacp.schema import AttemptRow, Base, SessionRow
from tests.hacp.server import START, Server


def test_every_table_is_made_and_named_after_the_wing(server: Server):
    made = set(inspect(server.engine).get_table_names()) - {"hacp_exchanges_rest"}
    assert made == {table.name for table in Base.metadata.sorted_tables}
    assert all(name.startswith("hacp_") for name in made)


@pytest.mark.parametrize("table", Base.metadata.sorted_tables, ids=lambda table: table.name)
def test_the_academy_leads_every_key(table):
    keys = [list(table.primary_key.columns.keys())]
    keys += [
        [column.name for column in constraint.columns]
        for constraint in table.constraints
        if constraint.columns
    ]
    assert all(key[0] == "academy_id" for key in keys)


def test_no_foreign_key_leaves_the_wing():
    targets = {
        key.column.table.name for table in Base.metadata.sorted_tables for key in table.foreign_keys
    }
    assert targets == {"hacp_attempts"}


def test_there_is_no_column_for_a_session_id():
    names = {column.name for table in Base.metadata.sorted_tables for column in table.columns}
    assert "sid_hash" in names
    assert not {"sid", "session_key", "aicc_sid"} & names


def test_two_attempts_of_one_number_cannot_be(server: Server):
    session_id = server.launch()
    attempt = server.attempt(session_id)
    with server.engine.connect() as connection:
        row = dict(connection.execute(select(AttemptRow.__table__)).mappings().one())
    with pytest.raises(IntegrityError):
        server.transact(lambda c: c.execute(insert(AttemptRow), {**row, "id": attempt.id + 1}))


def test_a_session_without_its_attempt_cannot_be(server: Server):
    server.launch()
    with server.engine.connect() as connection:
        row = dict(connection.execute(select(SessionRow.__table__)).mappings().one())
    stray = {**row, "id": new_id(START), "attempt_id": 1, "sid_hash": b"other"}
    with pytest.raises(IntegrityError):
        server.transact(lambda c: c.execute(insert(SessionRow), stray))
