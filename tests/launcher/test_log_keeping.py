"""The log is looked after by what the settings say, and what people have done stays as it is."""

from __future__ import annotations

from dataclasses import replace

import pytest
import time_machine
from sqlalchemy import text
from structlog.testing import capture_logs

import hacp.store
from hacp import ids, rewriting
from hacp.months import Month, partitions
from launcher import config, log_keeping
from launcher.db import db, transact
from tests.launcher.stage import Clock, Stage

TALK = ("lesson_location=page-7", "lesson_status=completed", "score=85,100,0")


@pytest.fixture
def talked(either_stage, monkeypatch):
    """A learner who has completed a course in May 2026; the clock stands in September."""
    monkeypatch.setattr(ids, "_last", 0)
    either_stage.course()
    either_stage.launch().say("GetParam")
    either_stage.put(*TALK, lesson="a=1;b=2 " + "x" * 200)
    either_stage.say("ExitAU")
    either_stage.wait(days=123)
    return either_stage


def tidy(stage, *, stop=lambda: False, **settings):
    with stage.app.app_context():
        changed = replace(config.current(), **settings)
        stage.app.extensions["settings"] = changed
        return log_keeping.tidy(now=stage.now(), stop=stop)


def exchanges(stage):
    (attempt,) = stage.attempts()
    return stage.read(lambda c: hacp.store.exchanges_of(c, stage.academy_id, attempt_id=attempt.id))


def test_old_months_are_packed_once_and_read_as_before(talked):
    before, explained = exchanges(talked), talked.explained()

    done = tidy(talked)
    again = tidy(talked)

    assert done.packed == ("2026-05", "2026-06")
    assert done.exchanges == 3
    assert done.after < done.before / 2
    assert (again.packed, again.exchanges) == ((), 0)
    assert exchanges(talked) == before
    assert talked.explained() == explained


def test_nothing_is_packed_or_dropped_where_the_settings_say_so(talked):
    before = exchanges(talked)

    done = tidy(talked, exchanges_pack_months=0)

    assert (done.packed, done.dropped) == ((), ())
    assert exchanges(talked) == before


def test_what_is_kept_no_longer_goes_and_the_result_stays(talked):
    attempts = talked.attempts()

    done = tidy(talked, exchanges_keep_months=3)

    assert done.dropped == ("2026-05",)
    assert done.packed == ("2026-06",)
    assert exchanges(talked) == []
    assert talked.attempts() == attempts
    assert tidy(talked, exchanges_keep_months=3).dropped == ()


def test_what_is_stopped_goes_on_the_next_time(talked, monkeypatch):
    monkeypatch.setattr(log_keeping, "AT_A_TIME", 1)
    asked = iter([False, False, True])

    stopped = tidy(talked, stop=lambda: next(asked, True))

    assert stopped.packed == ()
    assert 0 < stopped.exchanges < 3
    done = tidy(talked)
    assert done.packed == ("2026-05", "2026-06")
    assert done.exchanges == 3 - stopped.exchanges


@pytest.fixture
def upgraded(postgresql_app, add_people, now, monkeypatch):
    """The same on PostgreSQL alone, where May stands in what was there before there were months."""
    monkeypatch.setattr(ids, "_last", 0)
    with postgresql_app.app_context():
        people = transact(add_people)
    with time_machine.travel(now, tick=False) as traveller:
        stage = Stage(postgresql_app, people.learner, Clock(traveller, now))
        first = "CREATE TABLE hacp_exchanges_before PARTITION OF hacp_exchanges"
        end = Month(2026, 6).first
        bound = f"{first} FOR VALUES FROM (MINVALUE) TO ({end})"
        stage.transact(lambda connection: connection.execute(text(bound)))
        stage.course()
        stage.launch().put(*TALK, lesson="a=1;b=2 " + "x" * 200)
        yield stage.wait(days=123)


@pytest.mark.postgresql
def test_what_was_there_before_the_months_is_rewritten_once_all_of_it_is_packed(upgraded):
    before = exchanges(upgraded)

    with capture_logs() as logs:
        assert tidy(upgraded).packed == ("2026-05", "2026-06")
        assert tidy(upgraded).packed == ()

    assert not [one for one in logs if one["event"] == "log_month_not_rewritten"]
    assert {one.name for one in upgraded.read(partitions)} >= {"hacp_exchanges_before_packed"}
    assert exchanges(upgraded) == before


@pytest.mark.postgresql
def test_a_month_that_is_read_all_night_is_written_anew_the_next(upgraded, monkeypatch):
    monkeypatch.setattr(rewriting, "SWAP_SECONDS", 0.05)
    monkeypatch.setattr(rewriting, "SWAP_TRIES", 1)
    upgraded.transact(
        lambda c: c.execute(
            text("ALTER TABLE hacp_exchanges_before RENAME TO hacp_exchanges_2026_05")
        )
    )
    with upgraded.app.app_context(), db.engine.begin() as backup, capture_logs() as logs:
        backup.execute(text("LOCK TABLE hacp_exchanges IN ACCESS SHARE MODE"))
        assert tidy(upgraded).packed == ("2026-06",)
    assert tidy(upgraded).packed == ("2026-05",)

    assert [one["month"] for one in logs if one["event"] == "log_month_not_rewritten"] == [
        "2026-05"
    ]


@pytest.mark.postgresql
def test_a_log_that_is_busy_waits_for_the_next_time(postgresql_app, now, monkeypatch):
    monkeypatch.setattr("hacp.months.LOCK_SECONDS", 0.1)
    with postgresql_app.app_context(), capture_logs() as logs:
        with db.engine.begin() as busy:
            busy.execute(text("LOCK TABLE hacp_exchanges IN ACCESS EXCLUSIVE MODE"))
            log_keeping.prepare(now=now)
        log_keeping.prepare(now=now)

    assert [one["event"] for one in logs] == ["log_months_not_prepared"]
