"""The hall's tables: a moment means the same on every database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import StatementError

from launcher.schema import Academy

NOW = datetime(2026, 5, 4, 9, 30, 0, 123456, tzinfo=UTC)


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=5, minutes=45))])
def test_a_time_comes_back_as_the_same_moment_in_utc(connection: Connection, zone) -> None:
    connection.execute(insert(Academy).values(slug="a", name="a", created_at=NOW.astimezone(zone)))
    stored = connection.scalar(select(Academy.created_at))
    assert stored == NOW
    assert stored.utcoffset() == timedelta(0)


def test_a_time_without_a_zone_is_refused(connection: Connection) -> None:
    naive = NOW.replace(tzinfo=None)
    with pytest.raises(StatementError, match="without a zone"):
        connection.execute(insert(Academy).values(slug="a", name="a", created_at=naive))
