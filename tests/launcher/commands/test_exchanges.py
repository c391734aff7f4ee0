"""`hacp exchanges`: the months of the log, listed and looked after."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from sqlalchemy import create_engine, text


def test_the_running_month_stands_as_it_came(school):
    (month,) = json.loads("\n".join(school("exchanges", "list", "--json").out))
    assert month == {"month": f"{datetime.now(UTC):%Y-%m}", "state": "as it came"}


def test_months_that_are_over_are_packed_by_hand(school, environment):
    engine = create_engine(f"sqlite:///{environment['HACP_INSTANCE']}/hacp.sqlite3")
    with engine.begin() as connection:
        connection.execute(text("UPDATE academies SET created_at = '2026-01-15 00:00:00'"))
    engine.dispose()

    said = school("exchanges", "tidy", HACP_EXCHANGES_KEEP_MONTHS="6")
    listed = json.loads("\n".join(school("exchanges", "list", "--json").out))

    assert said.status == 0
    assert "Dropped: 2026-01, " in said.err
    assert "0 exchanges, 0.0 MiB became 0.0 MiB" in said.err
    states = [one["state"] for one in listed]
    assert (states[0], states[-1]) == ("dropped", "as it came")
    assert "packed" in states
