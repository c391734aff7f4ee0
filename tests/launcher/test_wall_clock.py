"""The clock on the wall: once a day, never twice and never not at all, wherever that is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from launcher.wall_clock import dump_time, last_daily, next_daily, parse_time, time_zones


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("after", "shown", "zone", "expected"),
    [
        (utc(2026, 5, 4, 9), "10:00", "UTC", utc(2026, 5, 4, 10)),
        (utc(2026, 5, 4, 10), "10:00", "UTC", utc(2026, 5, 5, 10)),
        (utc(2026, 5, 4, 9), "02:15", "Europe/Berlin", utc(2026, 5, 5, 0, 15)),
        (utc(2026, 1, 4, 9), "02:15", "Europe/Berlin", utc(2026, 1, 5, 1, 15)),
        # The day has begun in Auckland while it is still yesterday in UTC.
        (utc(2026, 5, 4, 13), "02:15", "Pacific/Auckland", utc(2026, 5, 4, 14, 15)),
        (utc(2026, 5, 4, 5), "23:30", "America/Los_Angeles", utc(2026, 5, 4, 6, 30)),
        # Skipped in spring: 02:30 lies half an hour in the gap, which ends at 03:00.
        (utc(2026, 3, 29, 0), "02:30", "Europe/Berlin", utc(2026, 3, 29, 1, 30)),
        (utc(2026, 3, 29, 1, 30), "02:30", "Europe/Berlin", utc(2026, 3, 30, 0, 30)),
        # Twice in autumn: the first counts, and the second is no other day.
        (utc(2026, 10, 24, 23), "02:30", "Europe/Berlin", utc(2026, 10, 25, 0, 30)),
        (utc(2026, 10, 25, 0, 30), "02:30", "Europe/Berlin", utc(2026, 10, 26, 1, 30)),
        # Where the clocks change at midnight, there is no midnight that day.
        (utc(2026, 4, 23, 20), "00:00", "Africa/Cairo", utc(2026, 4, 23, 22)),
        # Samoa left out a whole day; the one before and the one after stay apart.
        (utc(2011, 12, 29, 13), "02:30", "Pacific/Apia", utc(2011, 12, 30, 12, 30)),
        (utc(2011, 12, 30, 12, 30), "02:30", "Pacific/Apia", utc(2011, 12, 31, 12, 30)),
        (utc(2026, 5, 4, 9), "12:00", "Asia/Kathmandu", utc(2026, 5, 5, 6, 15)),
    ],
)
def test_the_next_time_that_the_clock_shows_it(after, shown, zone, expected):
    hours, _, minutes = shown.partition(":")

    daily = {"minutes": int(hours) * 60 + int(minutes), "zone": zone}
    assert next_daily(after, **daily) == expected
    assert last_daily(expected, **daily) == expected
    assert last_daily(expected - timedelta(microseconds=1), **daily) <= after


@pytest.mark.parametrize(
    "zone", ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo"]
)
@pytest.mark.parametrize("minutes", [0, 30, 90, 150, 165, 1439])
def test_every_day_of_a_year_has_it_once(zone, minutes):
    moment, days = utc(2025, 12, 31, 0), []
    while moment < utc(2027, 1, 1, 0):
        moment = next_daily(moment, minutes=minutes, zone=zone)
        days.append(moment.astimezone(ZoneInfo(zone)).date())

    assert days == sorted(set(days))
    assert days[-1] - days[0] == timedelta(days=len(days) - 1)


def test_zones_are_places_with_utc_first():
    zones = time_zones()

    assert zones[0] == "UTC"
    assert {"Europe/Berlin", "America/Argentina/Buenos_Aires", "Asia/Tokyo"} < set(zones)
    assert not {"localtime", "Factory", "GB", "US/Eastern", "Etc/GMT+1"} & set(zones)
    for zone in zones:
        ZoneInfo(zone)


@pytest.mark.parametrize(
    ("text", "minutes"), [("02:15", 135), ("0:00", 0), ("23:59", 1439), (" 7:05 ", 425)]
)
def test_a_time_of_the_day_is_read_as_minutes(text, minutes):
    assert parse_time(text) == minutes
    assert parse_time(dump_time(minutes)) == minutes


@pytest.mark.parametrize("text", ["", "24:00", "2:60", "215", "02:15:00", "２:１５", "-1:00"])
def test_what_no_clock_shows_is_refused(text):
    with pytest.raises(ValueError, match="no time of the day"):
        parse_time(text)
