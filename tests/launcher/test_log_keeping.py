"""The log is looked after by what the settings say, and what people have done stays as it is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

import hacp.store
from hacp import ids
from launcher import config, log_keeping
from launcher.db import db

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


@pytest.mark.postgresql
def test_a_log_that_is_busy_waits_for_the_next_time(postgresql_app, now, monkeypatch):
    monkeypatch.setattr("hacp.months.LOCK_SECONDS", 0.1)
    with postgresql_app.app_context(), capture_logs() as logs:
        with db.engine.begin() as busy:
            busy.execute(text("LOCK TABLE hacp_exchanges IN ACCESS EXCLUSIVE MODE"))
            log_keeping.prepare(now=now)
        log_keeping.prepare(now=now)

    assert [one["event"] for one in logs] == ["log_months_not_prepared"]
