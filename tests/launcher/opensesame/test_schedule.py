"""When it is tried again: waits that grow to an hour, polls that leave a provider in peace."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from catalog.supply.model import ConnectionState, ProviderConnection
from launcher.opensesame import schedule
from tests.catalog.stock import READY

NOW = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
WELL = replace(READY, daily_at=135, state=ConnectionState.WELL, tried_at=NOW, succeeded_at=NOW)


def failing(failures: int) -> ProviderConnection:
    return replace(WELL, state=ConnectionState.FAILING, failures=failures)


def test_waits_grow_to_an_hour_and_stay_there():
    minutes = [schedule.wait_after(failures) // timedelta(minutes=1) for failures in range(9)]
    assert minutes == [0, 1, 2, 4, 8, 16, 32, 60, 60]
    assert schedule.wait_after(10_000) == timedelta(hours=1)


def test_what_goes_well_may_be_tried_at_any_time():
    assert schedule.next_try(WELL) is None
    assert schedule.may_try(WELL, now=NOW)


@pytest.mark.parametrize(("failures", "minutes"), [(1, 1), (3, 4), (50, 60)])
def test_what_failed_is_tried_when_the_wait_is_over(failures, minutes):
    connection = failing(failures)
    at = NOW + timedelta(minutes=minutes)
    assert schedule.next_try(connection) == at
    assert not schedule.may_try(connection, now=at - timedelta(seconds=1))
    assert schedule.may_try(connection, now=at)


@pytest.mark.parametrize("change", [{"enabled": False}, {"activated": False}, {"ciid": ""}])
def test_what_is_turned_off_is_never_tried(change):
    assert not schedule.may_try(replace(WELL, **change), now=NOW)


@pytest.mark.parametrize(
    ("took", "minutes"), [(0, 10), (59, 10), (60, 10), (61, 610 / 60), (400, 4000 / 60)]
)
def test_a_listing_that_takes_long_is_asked_for_more_seldom(took, minutes):
    at = schedule.next_poll(WELL, took=timedelta(seconds=took), now=NOW)
    assert at == NOW + timedelta(minutes=minutes)


def test_the_day_is_the_academys():
    berlin = schedule.next_day(WELL, zone="Europe/Berlin", now=NOW)
    tokyo = schedule.next_day(WELL, zone="Asia/Tokyo", now=NOW)
    assert schedule.last_day(WELL, zone="Europe/Berlin", now=NOW) == berlin - timedelta(days=1)
    assert berlin == datetime(2026, 5, 5, 0, 15, tzinfo=UTC)
    assert tokyo == datetime(2026, 5, 4, 17, 15, tzinfo=UTC)
