"""An insert that meets its twin leaves the transaction usable, on both databases."""

from __future__ import annotations

from sqlalchemy import insert, select

from launcher.once import insert_once
from launcher.schema import Academy


def test_the_second_insert_says_no_and_the_transaction_goes_on(connection, now):
    row = {"slug": "one", "name": "One", "launch_window": "new", "created_at": now}
    assert insert_once(connection, insert(Academy).values(**row))
    assert not insert_once(connection, insert(Academy).values(**row))
    assert insert_once(connection, insert(Academy).values(**{**row, "slug": "two"}))
    assert connection.execute(select(Academy.slug).order_by(Academy.slug)).scalars().all() == [
        "one",
        "two",
    ]
