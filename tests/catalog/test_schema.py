"""The catalog's tables: moments come back as they went in, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Engine, insert, select
from sqlalchemy.exc import StatementError

from catalog.schema import Base, CourseTable, StructureTable

EARLY = datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
ABROAD = datetime(2026, 7, 1, 12, 0, 0, 1, tzinfo=timezone(timedelta(hours=-9)))


def _add(engine: Engine, created_at: datetime) -> datetime:
    values = {
        "academy_id": 1,
        "aicc_id": "C1",
        "aicc_key": "c1",
        "title": "C1",
        "description": "",
        "sought": "c1",
        "unit_count": 0,
        "source": "",
        "fingerprint": "f",
        "folder": "",
        "created_at": created_at,
        "updated_at": created_at,
    }
    with engine.begin() as connection:
        connection.execute(insert(CourseTable).values(values))
        return connection.execute(select(CourseTable.created_at)).scalar_one()


@pytest.mark.parametrize("moment", [EARLY, ABROAD], ids=str)
def test_a_moment_comes_back_to_the_microsecond_and_in_utc(engine, moment):
    Base.metadata.create_all(engine)

    stored = _add(engine, moment)

    assert stored == moment
    assert stored.utcoffset() == timedelta(0)


def test_a_moment_without_a_zone_is_refused(engine):
    Base.metadata.create_all(engine)

    with pytest.raises((StatementError, TypeError)):
        _add(engine, datetime(2026, 7, 1))


def test_no_foreign_key_leaves_the_catalog():
    names = set(Base.metadata.tables)
    targets = {
        key.column.table.name
        for table in Base.metadata.tables.values()
        for key in table.foreign_keys
    }

    assert {CourseTable.__tablename__, StructureTable.__tablename__} <= names
    assert targets <= names
