"""The tables: made on both databases, each bound to an academy, none with a session id."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, inspect, select
from sqlalchemy.exc import IntegrityError

from hacp.ids import new_id
from hacp.model import Phase
from hacp.schema import DUE_SESSIONS, KEEP_ATTEMPT, AttemptRow, Base, SessionRow
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


def test_the_sweep_looks_for_every_phase_that_is_not_over():
    words = DUE_SESSIONS.compile(compile_kwargs={"literal_binds": False}).params
    (phases,) = [value for value in words.values() if isinstance(value, (list, tuple))]
    assert set(phases) == {str(phase) for phase in (Phase.LAUNCHED, Phase.TALKING, Phase.EXITED)}


def test_a_plain_report_writes_nothing_large():
    columns = {
        key: {column.name for column in statement.table.columns} & set(statement.compile().params)
        for key, statement in KEEP_ATTEMPT.items()
    }
    plain = columns[False, False]
    assert not {"suspend_data", "suspend_from", "objectives"} & plain
    assert columns[True, True] - plain == {"suspend_data", "suspend_from", "objectives"}
    assert columns[True, False] - plain == {"suspend_data", "suspend_from"}
    assert columns[False, True] - plain == {"objectives"}
