"""When an academy is compared with OpenSesame again: after a success, and after a failure.

Serves the tasks and the tile that tells when the next try is. Pure: it is told what time it is.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from catalog.supply.model import ProviderConnection
from launcher.wall_clock import last_daily, next_daily

# Waits after failures grow from one minute to an hour. A provider that is down for a night is found
# again within the hour, and is not asked more often than that meanwhile.
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=1)
# Reading the listing may take a tenth of the time at most: a poll of a large catalog comes later by
# itself.
POLL_SHARE = 10


def wait_after(failures: int) -> timedelta:
    """Return how long to wait after so many failures in a row."""
    if failures < 1:
        return timedelta()
    doubled: timedelta = FIRST_WAIT * 2 ** min(failures - 1, 10)
    return min(doubled, LONGEST_WAIT)


def next_try(connection: ProviderConnection) -> datetime | None:
    """Return when a connection that failed may be tried again; None where it did not fail."""
    if not connection.failures or connection.tried_at is None:
        return None
    return connection.tried_at + wait_after(connection.failures)


def may_try(connection: ProviderConnection, *, now: datetime) -> bool:
    """Tell whether a run may begin by itself."""
    earliest = next_try(connection)
    return connection.ready and (earliest is None or earliest <= now)


def next_poll(connection: ProviderConnection, *, took: timedelta, now: datetime) -> datetime:
    """Return when to ask for news again; `took` is how long the last complete reading was."""
    return now + max(timedelta(minutes=connection.poll_minutes), took * POLL_SHARE)


def last_day(connection: ProviderConnection, *, zone: str, now: datetime) -> datetime:
    """Return when the last daily comparison was to begin, by the academy's clock."""
    return last_daily(now, minutes=connection.daily_at, zone=zone)


def next_day(connection: ProviderConnection, *, zone: str, now: datetime) -> datetime:
    """Return when the next daily comparison is, by the academy's clock."""
    return next_daily(now, minutes=connection.daily_at, zone=zone)
