"""What is known of each month of the log, from the first academy on."""

from __future__ import annotations

from datetime import UTC, datetime

from hacp.months import Month
from launcher.db import read, transact
from launcher.people import academies
from launcher.records import log_months

BEGAN = datetime(2026, 11, 5, tzinfo=UTC)
LATER = datetime(2027, 2, 3, tzinfo=UTC)


def test_without_an_academy_there_is_no_log(either_app):
    with either_app.app_context():
        assert read(lambda c: log_months.months(c, now=LATER)) == []


def test_every_month_since_the_first_academy_is_known_and_remembered(either_app):
    with either_app.app_context():
        transact(lambda c: academies.add_academy(c, name="First", now=BEGAN))
        transact(lambda c: academies.add_academy(c, name="Second", now=LATER))
        transact(lambda c: log_months.note_packed(c, Month(2026, 12), now=LATER))
        transact(lambda c: log_months.note_packed(c, Month(2026, 11), now=BEGAN))
        transact(lambda c: log_months.note_dropped(c, Month(2026, 11), now=LATER))

        found = read(lambda c: log_months.months(c, now=LATER))

    assert [(str(one.month), one.packed_at, one.dropped_at) for one in found] == [
        ("2026-11", BEGAN, LATER),
        ("2026-12", LATER, None),
        ("2027-01", None, None),
        ("2027-02", None, None),
    ]
