"""Syncs of a process against a pretend OpenSesame on a real port: begun when due, ended in time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask

from catalog import store
from catalog.errors import AlreadyRunning, ClaimLost
from catalog.supply import connections, deliveries, runs
from catalog.supply.model import (
    ConnectionState,
    DeliveryState,
    Outcome,
    ProviderConnection,
    Run,
    RunKind,
    RunState,
)
from demo.opensesame.faults import Fault
from launcher.db import read, transact
from launcher.opensesame import connecting, schedule
from launcher.opensesame.clients import NotEquipped
from launcher.opensesame.connecting import Wanted
from launcher.opensesame.syncing import Asked, NothingToRun, Syncing
from launcher.people import academies
from tests.launcher.opensesame.conftest import Provider
from tests.launcher.opensesame.supplied import Supplied

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


@dataclass
class World:
    """One academy that is connected with the pretend OpenSesame, and a process that syncs it."""

    app: Flask
    provider: Provider
    syncing: Syncing
    academy_id: int
    supplied: Supplied

    def run(self, kind: RunKind = RunKind.DAILY, **more):
        show = more.pop("show", None)
        with self.app.app_context():
            return self.syncing.run(Asked(self.academy_id, kind, **more), show=show)

    def ask(self, unit):
        with self.app.app_context():
            return read(unit)

    @property
    def connection(self) -> ProviderConnection:
        return self.ask(lambda c: connections.connection_of(c, self.academy_id))

    def runs(self) -> list[Run]:
        return self.ask(lambda c: runs.runs(c, self.academy_id))

    def titles(self) -> set[str]:
        rows = self.ask(lambda c: store.courses(c, self.academy_id, limit=1000))
        return {row.title for row in rows}

    def another(self) -> Syncing:
        """Return what another process of the installation would have."""
        return Syncing(self.syncing.settings, transact)


@pytest.fixture
def world(settings, make_app, provider) -> Iterator[World]:
    """On SQLite."""
    yield from make_world(provider.known_by(settings), make_app, provider)


@pytest.fixture
def either_world(settings, database_url, make_app, provider) -> Iterator[World]:
    """On SQLite, and on PostgreSQL."""
    known = provider.known_by(replace(settings, database_url=database_url))
    yield from make_world(known, make_app, provider)


def make_world(known, make_app, provider) -> Iterator[World]:
    app = make_app(known)

    def within(unit):
        with app.app_context():
            return transact(unit)

    with time_machine.travel(NOON, tick=True):
        academy = within(lambda c: academies.add_academy(c, name="Night School", now=NOON))
        supplied = Supplied(within, academy.id, NOON)
        supplied.connect(ciid=provider.pretend.ciid)
        provider.pretend.send()
        yield World(app, provider, Syncing(known, transact), academy.id, supplied)


def test_a_first_sync_brings_the_courses_and_says_when_the_next_is_due(either_world):
    world = either_world
    report = world.run()

    assert report.state is RunState.DONE
    assert report.counts[Outcome.NEW] == len(world.titles()) > 3
    assert "HIPAA in Everyday Work" in world.titles()
    after = world.connection
    assert after.state is ConnectionState.WELL
    assert after.next_daily_at == datetime(2026, 5, 5, 2, 15, tzinfo=UTC)
    assert NOON + timedelta(minutes=10) <= after.next_poll_at < NOON + timedelta(minutes=11)


def test_a_day_has_one_daily_sync_whoever_comes_again(world):
    world.run()

    with pytest.raises(NothingToRun):
        world.run()
    with world.app.app_context(), pytest.raises(NothingToRun):
        world.another().run(Asked(world.academy_id, RunKind.DAILY))

    assert [run.kind for run in world.runs()] == [RunKind.DAILY]


def test_the_next_day_has_its_own(world):
    world.run()

    early = time_machine.travel(datetime(2026, 5, 5, 2, 14, tzinfo=UTC))
    with early, pytest.raises(NothingToRun):
        world.run()
    with time_machine.travel(datetime(2026, 5, 5, 2, 15, 1, tzinfo=UTC)):
        assert world.run().state is RunState.DONE


def test_a_process_that_was_lost_before_it_said_when_the_next_is_due_costs_no_second_run(world):
    world.run()
    # As it stands when the process ends between the run and what comes after it.
    lost = {"next_daily_at": NOON, "next_poll_at": NOON}
    world.supplied.transact(lambda c: connections.schedule(c, world.academy_id, **lost))

    with pytest.raises(NothingToRun):
        world.run()

    assert world.connection.next_daily_at == datetime(2026, 5, 5, 2, 15, tzinfo=UTC)


def test_a_daily_sync_that_fails_is_made_up_for_on_the_same_day(world):
    world.provider.pretend.faults.switch_on(Fault.NOT_JSON)

    report = world.run()

    assert report.state is RunState.BROKEN
    failed = world.connection
    assert failed.state is ConnectionState.FAILING
    assert failed.sentence in report.sentence
    assert failed.next_daily_at is None
    assert not schedule.may_try(failed, now=NOON)
    assert schedule.may_try(failed, now=NOON + timedelta(minutes=2))
    world.provider.pretend.faults.switch_off()
    assert world.run().state is RunState.DONE
    assert world.connection.failures == 0


def test_a_poll_that_was_made_meanwhile_is_not_made_again(world):
    world.run(RunKind.POLL)

    with pytest.raises(NothingToRun):
        world.run(RunKind.POLL)

    with time_machine.travel(NOON + timedelta(minutes=30)):
        assert world.run(RunKind.POLL).state is RunState.DONE


def test_a_delivery_is_pulled_once(either_world):
    world = either_world
    number = world.supplied.receive("5d2c7b14-9a0e-4f5b-8c61-2f7a90c1e301")

    assert world.run(RunKind.DELIVERY).state is RunState.DONE

    found = world.ask(lambda c: deliveries.delivery(c, world.academy_id, delivery=number))
    assert found.state is DeliveryState.DONE
    with pytest.raises(NothingToRun):
        world.run(RunKind.DELIVERY)


@pytest.mark.parametrize("kind", [RunKind.HAND, RunKind.EVERYTHING])
def test_what_somebody_asks_for_is_run_whatever_was_before(world, kind):
    world.run()

    assert world.run(kind, by=7).state is RunState.DONE

    assert world.runs()[0].by == 7
    assert len(world.runs()) == 2


def test_one_course_alone_changes_nothing_else_and_no_times(world):
    world.run()
    before = world.connection
    key = "5d2c7b14-9a0e-4f5b-8c61-2f7a90c1e301"
    world.provider.pretend.change(key, title="HIPAA, Revised")
    world.provider.pretend.change("0b3f58c2-6d1a-4c0e-9b7d-7a41d5c9f302", title="Other")

    report = world.run(RunKind.ONE, key=key)

    assert report.counts == {Outcome.UPDATED: 1}
    assert "HIPAA, Revised" in world.titles()
    assert "Other" not in world.titles()
    assert world.connection.next_poll_at == before.next_poll_at


def test_a_rehearsal_says_what_would_be_done_and_does_nothing(world):
    report = world.run(RunKind.HAND, dry_run=True)

    assert report.run_id is None
    assert {entry.outcome for entry in report.entries} == {Outcome.NEW}
    assert world.titles() == set()
    assert world.runs() == []
    assert world.connection.tried_at is None


def test_of_many_processes_at_once_one_runs_and_no_course_comes_twice(either_world):
    world = either_world
    processes = [world.another() for _ in range(4)]
    together = threading.Barrier(4)

    def go(syncing: Syncing) -> str:
        with world.app.app_context():
            together.wait()
            try:
                return syncing.run(Asked(world.academy_id, RunKind.DAILY)).state.value
            except (AlreadyRunning, NothingToRun) as refusal:
                return type(refusal).__name__

    with ThreadPoolExecutor(4) as pool:
        came = list(pool.map(go, processes))

    assert came.count("done") == 1
    assert len(world.runs()) == 1
    rows = world.ask(lambda c: store.courses(c, world.academy_id, limit=1000))
    assert len(rows) == len({row.title for row in rows})


def test_turning_the_provider_off_ends_a_run_that_is_under_way_and_changes_no_course(either_world):
    world = either_world
    world.provider.pretend.grow(120)

    def turn_off(progress) -> None:
        if progress.pages == 1:
            world.supplied.connect(ciid=world.provider.pretend.ciid, enabled=False)
            world.supplied.transact(
                lambda c: runs.abandon(c, world.academy_id, sentence="Turned off.", now=NOON)
            )

    report = world.run(show=turn_off)

    assert report.state is RunState.BROKEN
    titles = world.titles()
    assert 0 < len(titles) <= 50
    assert world.runs()[0].sentence == "Turned off."
    with pytest.raises(NothingToRun):
        world.run(RunKind.HAND)
    assert world.titles() == titles


def test_saving_other_settings_ends_a_run_that_goes_by_the_old_ones(world):
    world.provider.pretend.grow(120)

    def save(progress) -> None:
        if progress.pages == 1:
            wanted = replace(Wanted.like(world.connection), poll_minutes=30)
            world.supplied.transact(
                lambda c: connecting.connect(
                    c, world.academy_id, wanted, settings=world.syncing.settings, now=NOON
                )
            )

    report = world.run(show=save)

    assert report.state is RunState.BROKEN
    assert "settings of the connection were changed" in world.runs()[0].sentence
    assert world.connection.next_poll_at is None


def test_a_process_that_ends_gives_its_run_back_and_another_goes_on(either_world):
    world = either_world
    world.provider.pretend.grow(120)
    number = world.supplied.receive("5d2c7b14-9a0e-4f5b-8c61-2f7a90c1e301")

    def stop(progress) -> None:
        if progress.pages == 1:
            world.syncing.give_up()

    report = world.run(RunKind.DELIVERY, show=stop)

    assert report.state is RunState.BROKEN
    assert world.connection.failures == 0
    found = world.ask(lambda c: deliveries.delivery(c, world.academy_id, delivery=number))
    assert found.state is DeliveryState.RECEIVED
    with world.app.app_context():
        again = world.another().run(Asked(world.academy_id, RunKind.DELIVERY))
    assert again.state is RunState.DONE
    assert len(world.titles()) > 120


def test_a_process_that_is_to_end_does_not_wait_for_the_next_try(world):
    """Retry-After asks for a minute; who is told to end has none."""
    world.provider.pretend.faults.switch_on(Fault.TOO_MANY_REQUESTS, seconds=60)
    timer = threading.Timer(0.3, world.syncing.stopping.set)
    timer.start()

    report = world.run()

    timer.join()
    assert report.state is RunState.BROKEN


def test_a_server_without_an_address_says_so_on_the_tile(world):
    bare = replace(world.syncing.settings, opensesame_api_url="")

    with world.app.app_context(), pytest.raises(NotEquipped):
        Syncing(bare, transact).run(Asked(world.academy_id, RunKind.DAILY))

    assert "does not know where OpenSesame is" in world.connection.sentence
    assert world.connection.failures == 1
    assert world.runs() == []


def test_pictures_come_after_the_courses_and_once(world):
    world.run()

    with world.app.app_context():
        first = world.syncing.fetch_pictures(world.academy_id)
        second = world.syncing.fetch_pictures(world.academy_id)

    assert first.kept > 3
    assert (second.kept, second.left) == (0, 0)
    assert len(list(world.syncing.settings.picture_root.rglob("*.*"))) == first.kept


def test_a_process_that_is_to_end_fetches_no_further_picture(world):
    world.run()
    world.syncing.stopping.set()

    with world.app.app_context(), pytest.raises(ClaimLost):
        world.syncing.fetch_pictures(world.academy_id)


@pytest.mark.parametrize("change", [{"enabled": False}, {"ciid": ""}])
def test_what_is_turned_off_is_not_run(world, change):
    world.supplied.connect(**{"ciid": world.provider.pretend.ciid, **change})

    with pytest.raises(NothingToRun, match="not turned on"):
        world.run(RunKind.HAND)
