"""The tables of what is exchanged with providers: the academy leads, and no secret has a column."""

from __future__ import annotations

import pytest

from catalog.schema import Base
from catalog.supply.schema import (
    ConnectionTable,
    DecisionTable,
    DeliveredTable,
    DeliveryTable,
    EntryTable,
    ItemTable,
    RunTable,
)

GROWING = [DecisionTable, DeliveredTable, DeliveryTable, EntryTable, ItemTable, RunTable]


@pytest.mark.parametrize("table", GROWING, ids=lambda table: table.__tablename__)
def test_the_academy_leads_the_key_of_what_grows(table: type[Base]) -> None:
    first = next(iter(table.__table__.primary_key))
    assert first.name == "academy_id"


def test_secrets_are_kept_as_bytes_of_the_vault_or_as_a_hash() -> None:
    columns = ConnectionTable.__table__.columns
    secret = {column.name for column in columns if "secret" in column.name}
    assert secret == {"client_secret", "push_secret_hash"}
    assert columns["client_secret"].type.python_type is bytes
