"""What is done in the background: what is due is found by looking around, by real workers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import structlog
import time_machine
from flask import Flask
from huey.exceptions import RetryTask
from sqlalchemy import Connection, select

import hacp.store
from catalog import store
from catalog.supply import connections, deliveries, runs
from catalog.supply.model import DeliveryState, RunKind, RunState
from catalog.sync.illustrating import Fetched
from demo.opensesame.app import create_app
from demo.opensesame.faults import Fault
from demo.opensesame.pretend import Pretend
from hacp.model import LaunchTicket
from hacp.schema import SessionRow
from launcher import tasks
from launcher.config import Settings
from launcher.db import read, transact
from launcher.people import academies
from launcher.records import course_rules, recounts
from launcher.records.course_rules import CourseRules
from launcher.schema import Counts
from launcher.tasks import Tasks
from tests.launcher.opensesame.supplied import Supplied

HIPAA = "5d2c7b14-9a0e-4f5b-8c61-2f7a90c1e301"
SECONDS = 20


@pytest.fixture
def pretend() -> Pretend:
    pretend = Pretend()
    pretend.send()
    return pretend


@pytest.fixture
def known(settings: Settings, pretend: Pretend, serve) -> Settings:
    """Settings of an installation that knows the pretend OpenSesame."""
    url = serve(create_app(pretend), host="localhost")
    return replace(
        settings,
        opensesame_api_url=url,
        opensesame_token_url=f"{url}/oauth/token",
        opensesame_client_id=pretend.client.id,
        opensesame_client_secret=pretend.client.secret,
        allow_loopback=True,
    )


@pytest.fixture
def either_queue(known: Settings, database_url: str, make_app) -> Iterator[Flask]:
    """An application whose records and tasks are on SQLite, and on PostgreSQL."""
    url = database_url if database_url.startswith("postgresql") else known.queue_url
    app = make_app(replace(known, database_url=database_url, queue_url=url))
    yield app
    tasks.of(app).close()


@pytest.fixture
def app(known: Settings, make_app) -> Iterator[Flask]:
    app = make_app(known)
    with app.app_context():
        yield app
    tasks.of(app).close()


@pytest.fixture
def connected(app: Flask, pretend: Pretend) -> Supplied:
    return connect(app, pretend)


def connect(app: Flask, pretend: Pretend) -> Supplied:
    def within(unit):
        with app.app_context():
            return transact(unit)

    now = datetime.now(UTC)
    academy = within(lambda c: academies.add_academy(c, name="Night School", now=now))
    supplied = Supplied(within, academy.id, now)
    supplied.connect(ciid=pretend.ciid)
    return supplied


def waiting(app: Flask) -> list[tuple[str, list]]:
    """Return what stands in the queue: names with their arguments, the most urgent first."""
    return [(task.name, list(task.args)) for task in tasks.of(app).queue.pending()]


def empty(app: Flask) -> None:
    tasks.of(app).queue.flush()


def test_the_queue_is_opened_when_it_is_needed_and_not_before(app, known):
    path = known.instance / "tasks.sqlite3"
    assert not path.exists()
    assert tasks.of(app).queue is tasks.of(app).queue
    assert path.exists()


def test_workers_close_what_is_silent_and_compare_what_is_due_by_themselves(either_queue, pretend):
    """They begin with a look around, so it is soon after the start."""
    supplied = connect(either_queue, pretend)
    ticket = LaunchTicket(1, 7, "k3", "Doe, Jane", 1, "C", "A1")
    long_ago = datetime.now(UTC) - timedelta(days=2)
    supplied.transact(lambda c: hacp.store.open_session(c, ticket, now=long_ago))

    with working(either_queue, 2):
        wait_for(either_queue, lambda c: open_sessions(c) == 0)
        wait_for(either_queue, lambda c: store.count_courses(c, supplied.academy_id) > 3)


def test_a_delivery_that_comes_while_workers_run_is_pulled_at_once(either_queue, pretend):
    supplied = connect(either_queue, pretend)
    with working(either_queue, 1):
        wait_for(either_queue, lambda c: finished(c, supplied) == 1)
        number = supplied.receive(HIPAA)
        with either_queue.app_context():
            tasks.of(either_queue).sync_soon(supplied.academy_id, RunKind.DELIVERY)
        wait_for(
            either_queue,
            lambda c: (
                deliveries.delivery(c, supplied.academy_id, delivery=number).state
                is DeliveryState.DONE
            ),
        )


def test_a_push_over_the_wire_is_an_errand_for_the_next_worker(app, connected, pretend):
    secret = connected.transact(
        lambda c: connections.new_push_secret(c, connected.academy_id, now=connected.now)
    )

    answer = app.test_client().post(
        "/deliveries/opensesame",
        json={"deliveryId": "D-1", "customerIntegrationId": pretend.ciid},
        headers={"Authorization": f"Bearer {secret}"},
    )

    assert answer.status_code == 202
    assert waiting(app) == [("sync", [connected.academy_id, "delivery", "", None])]


def open_sessions(connection: Connection) -> int:
    return list(connection.scalars(select(SessionRow.phase))).count("launched")


def finished(connection: Connection, supplied: Supplied) -> int:
    return runs.count_runs(connection, supplied.academy_id, states=[RunState.DONE])


@contextmanager
def working(app: Flask, count: int) -> Iterator[None]:
    """Have workers work while inside; they come to their end afterwards."""
    workers = tasks.of(app).workers(count)
    workers.start()
    try:
        yield
    finally:
        assert workers.stop()


def wait_for(app: Flask, holds: Callable[[Connection], bool]) -> None:
    with app.app_context():
        pause = threading.Event()
        for _ in range(SECONDS * 50):
            if read(holds):
                return
            pause.wait(0.02)
    raise AssertionError("it never came to that")


def test_a_look_around_asks_for_what_is_due(app, connected):
    tasks.of(app).look_around()

    assert waiting(app) == [("sync", [connected.academy_id, "daily", "", None])]
    assert {task.name for task in tasks.of(app).queue._registry.periodic_tasks} == {
        "look_around",
        "tidy_log",
    }


def test_a_delivery_is_done_before_what_nobody_waits_for(app, connected):
    tasks.of(app).sync_soon(connected.academy_id, RunKind.DAILY)
    tasks.of(app).sync_soon(connected.academy_id, RunKind.DELIVERY)

    assert [arguments[1] for _name, arguments in waiting(app)] == ["delivery", "daily"]


def test_what_failed_just_now_waits_its_time(app, connected, time_machine_at):
    connected.note("Nobody answered.", times=3)
    tasks.of(app).look_around()
    assert waiting(app) == []

    time_machine_at(connected.now + timedelta(minutes=4, seconds=1))
    tasks.of(app).look_around()

    assert len(waiting(app)) == 1


@pytest.fixture
def time_machine_at():
    travels = []

    def _at(moment: datetime) -> None:
        travels.append(time_machine.travel(moment, tick=True))
        travels[-1].start()

    yield _at
    for travel in travels:
        travel.stop()


def test_what_is_under_way_is_not_asked_for_again(app, connected):
    connected.begin()
    tasks.of(app).look_around()

    assert waiting(app) == []


def test_a_run_that_was_lost_with_its_worker_is_closed_and_made_again(
    app, connected, time_machine_at
):
    number = connected.receive(HIPAA)
    connected.take_up(connected.begin(RunKind.DELIVERY))

    time_machine_at(connected.now + runs.CLAIM_LIFE + timedelta(seconds=1))
    tasks.of(app).look_around()

    assert waiting(app) == [("sync", [connected.academy_id, "delivery", "", None])]
    tasks.of(app).sync(connected.academy_id, "delivery")
    found = read(lambda c: deliveries.delivery(c, connected.academy_id, delivery=number))
    assert found.state is DeliveryState.DONE


def test_everything_again_that_was_lost_with_its_worker_comes_back_as_such(
    app, connected, time_machine_at
):
    tasks.of(app).sync(connected.academy_id, "daily")
    connected.begin(RunKind.EVERYTHING)
    time_machine_at(connected.now + runs.CLAIM_LIFE + timedelta(seconds=1))

    tasks.of(app).queue.flush()
    tasks.of(app).look_around()
    asked = [connected.academy_id, "everything", "", None, True]
    assert waiting(app) == [("sync", asked)]
    tasks.of(app).sync(*asked)
    # It came twice into the queue, and is done once.
    tasks.of(app).sync(*asked)

    made = read(lambda c: runs.runs(c, connected.academy_id))
    everything = [(one.kind, one.state) for one in made if one.kind is RunKind.EVERYTHING]
    assert everything == [
        (RunKind.EVERYTHING, RunState.DONE),
        (RunKind.EVERYTHING, RunState.BROKEN),
    ]


def test_a_delivery_that_came_while_the_listing_was_read_is_asked_for_afterwards(
    app, connected, monkeypatch
):
    syncing = tasks.of(app).syncing
    run = type(syncing).run

    def run_and_receive(self, asked):
        report = run(self, asked)
        connected.receive(HIPAA)
        return report

    monkeypatch.setattr(type(syncing), "run", run_and_receive)
    tasks.of(app).sync(connected.academy_id, "daily")

    assert waiting(app)[0] == ("sync", [connected.academy_id, "delivery", "", None])


def test_pictures_are_asked_for_after_a_run_and_at_leisure(app, connected):
    tasks.of(app).sync(connected.academy_id, "daily")
    assert waiting(app) == [("fetch_pictures", [connected.academy_id])]

    tasks.of(app).fetch_pictures(connected.academy_id)

    assert any(tasks.of(app).syncing.settings.picture_root.rglob("*.*"))


def test_pictures_keep_one_worker_at_most_and_who_comes_meanwhile_is_not_forgotten(
    app, connected, monkeypatch
):
    syncing = tasks.of(app).syncing
    fetching = []

    def fetch_and_be_asked_again(self, academy_id):
        fetching.append(academy_id)
        with app.app_context():
            tasks.of(app).fetch_pictures(connected.academy_id)
            tasks.of(app).fetch_pictures(7)
        return Fetched(0, 0, 0)

    monkeypatch.setattr(type(syncing), "fetch_pictures", fetch_and_be_asked_again)
    tasks.of(app).fetch_pictures(connected.academy_id)

    assert fetching == [connected.academy_id]
    assert sorted(waiting(app)) == [
        ("fetch_pictures", [connected.academy_id]),
        ("fetch_pictures", [7]),
    ]


def test_what_somebody_asked_for_is_tried_again_while_another_run_goes_on(app, connected):
    connected.begin()

    with pytest.raises(RetryTask):
        tasks.of(app).sync(connected.academy_id, "everything", "", 7)
    tasks.of(app).sync(connected.academy_id, "daily")

    assert read(lambda c: runs.count_runs(c, connected.academy_id)) == 1


def test_what_cannot_be_run_breaks_no_worker(app, connected, pretend):
    pretend.faults.switch_on(Fault.NOT_JSON)
    tasks.of(app).sync(connected.academy_id, "daily")
    connected.connect(ciid=pretend.ciid, enabled=False)
    tasks.of(app).sync(connected.academy_id, "daily")
    tasks.of(app).fetch_pictures(connected.academy_id)
    tasks.of(app).sync(999, "hand")

    (run,) = read(lambda c: runs.runs(c, connected.academy_id))
    assert run.state is RunState.BROKEN


def test_a_queue_that_does_not_answer_stops_nobody(app, connected, monkeypatch):
    monkeypatch.setattr(
        Tasks, "queue", property(lambda _self: (_ for _ in ()).throw(OSError("disk full")))
    )
    with structlog.testing.capture_logs() as lines:
        tasks.of(app).sync_soon(connected.academy_id, RunKind.DELIVERY)

    assert lines == [
        {"event": "queue_failed", "task": "sync", "error": "OSError", "log_level": "warning"}
    ]


def test_a_run_is_told_in_one_line(app, connected):
    with structlog.testing.capture_logs() as lines:
        tasks.of(app).sync(connected.academy_id, "daily")

    told = next(line for line in lines if line["event"] == "synced")
    assert (told["academy"], told["kind"], told["state"]) == (connected.academy_id, "daily", "done")
    assert told["new"] > 3
    after = read(lambda c: connections.connection_of(c, connected.academy_id))
    assert after.next_daily_at is not None


def test_looking_around_finishes_counting_records_anew(app):
    transact(
        lambda connection: course_rules.change_rules(
            connection, 1, course_id=3, rules=CourseRules(counts=Counts.LAST)
        )
    )

    tasks.of(app).look_around()

    assert read(recounts.pending) == []


def test_a_chore_that_fails_keeps_nothing_else_from_being_done(app, connected, monkeypatch):
    monkeypatch.setattr(recounts, "recount_all", lambda: 1 / 0)

    with structlog.testing.capture_logs() as lines:
        tasks.of(app).look_around()

    assert [line["event"] for line in lines] == ["chore_failed", "syncs_due"]
    assert len(waiting(app)) == 1
