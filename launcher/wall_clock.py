"""The clock on an academy's wall: which time zones there are, and when it shows a given time next.

Serves the settings and what runs once a day. Pure: it is told what time it is.
"""

from __future__ import annotations

import functools
import re
import zoneinfo
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY_MINUTES = 24 * 60
# The areas of the IANA database that are places. What stands beside them are old names of these.
_AREAS = frozenset(
    [
        "Africa",
        "America",
        "Antarctica",
        "Arctic",
        "Asia",
        "Atlantic",
        "Australia",
        "Europe",
        "Indian",
        "Pacific",
    ]
)


@functools.cache
def time_zones() -> tuple[str, ...]:
    """Return the names to choose from: UTC first, then places by area, as in `Europe/Berlin`."""
    places = (name for name in zoneinfo.available_timezones() if name.split("/")[0] in _AREAS)
    return ("UTC", *sorted(places))


def next_daily(after: datetime, *, minutes: int, zone: str) -> datetime:
    """Return the next moment, in UTC, when the clock shows so many minutes since midnight.

    Each day has exactly one such moment, whatever is done to the clocks: a time that is skipped in
    spring counts as far after the skip as it lies in it, of a time that comes twice in autumn the
    first counts.
    """
    return min(one for one in _around(after, minutes, zone) if one > after)


def last_daily(now: datetime, *, minutes: int, zone: str) -> datetime:
    """Return the latest of these moments that is not after `now`."""
    return max(one for one in _around(now, minutes, zone) if one <= now)


def _around(moment: datetime, minutes: int, zone: str) -> list[datetime]:
    """Return the moments of the days before and after, among which every neighbour is."""
    here = ZoneInfo(zone)
    today = moment.astimezone(here).date()
    shown = time(minutes // 60, minutes % 60)
    return [
        datetime.combine(today + timedelta(days), shown, tzinfo=here).astimezone(UTC)
        for days in range(-2, 3)
    ]


def parse_time(text: str) -> int:
    """Read `02:15` as minutes since midnight; raises ValueError. Undone by `dump_time`."""
    shown = re.fullmatch(r"([01]?[0-9]|2[0-3]):([0-5][0-9])", text.strip(), re.ASCII)
    if shown is None:
        raise ValueError(f"{text!r} is no time of the day: 02:15 would be one")
    return int(shown[1]) * 60 + int(shown[2])


def dump_time(minutes: int) -> str:
    """Write minutes since midnight as a clock shows them: `02:15`. Undone by `parse_time`."""
    return f"{minutes // 60:02}:{minutes % 60:02}"
