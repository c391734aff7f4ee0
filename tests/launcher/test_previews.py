"""A preview is a normal launch to its content, and no record of anybody; on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

import hacp.store
from hacp.model import Status
from launcher import config, previews
from launcher.db import read
from launcher.launches import LaunchRefused
from launcher.people import accounts
from launcher.records import overview, transcripts
from launcher.schema import Role
from tests.launcher.stage import Stage


@pytest.fixture
def tried(either_stage: Stage) -> Stage:
    """A stage with a course of two units, the second of them locked."""
    either_stage.course("A1", "A2", prerequisites={"A2": "A1"}, mastery="80")
    return either_stage


def admin_of(stage: Stage):
    (admin,) = stage.read(
        lambda connection: accounts.members(
            connection, stage.academy_id, search="admin@example.org", limit=1, offset=0
        )
    )
    assert admin.role is Role.ADMIN
    return admin


def launch(stage: Stage, au_id: str = "A1") -> None:
    launched = stage.transact(
        lambda connection: previews.launch(
            connection,
            admin_of(stage),
            course_id=stage.course_id,
            au_id=au_id,
            settings=config.current(),
            now=stage.now(),
        )
    )
    stage.launched.append(launched.session_id)


def current(stage: Stage) -> previews.Preview | None:
    return stage.read(
        lambda connection: previews.current(
            connection,
            stage.academy_id,
            course_id=stage.course_id,
            member_id=admin_of(stage).id,
        )
    )


def attempts(stage: Stage):
    return stage.read(lambda connection: previews.attempts_of(connection, current(stage)))


def test_content_sees_a_normal_launch_and_may_resume(tried: Stage) -> None:
    launch(tried)
    first = tried.say("GetParam")
    for line in ("credit=credit", "lesson_mode=normal", "lesson_status=not attempted,ab-initio"):
        assert line in first
    assert f"student_id=preview-{current(tried).id}\r\n" in first
    assert "student_name=Admin, Ada\r\n" in first
    tried.put("lesson_status=incomplete", "lesson_location=page-3", lesson="a=1")

    launch(tried)
    again = tried.say("GetParam")
    assert "lesson_location=page-3" in again
    assert "lesson_status=incomplete,resume" in again
    tried.put("lesson_status=completed", "score=90")
    assert [one.status for one in attempts(tried)] == [Status.PASSED]
    launch(tried)
    assert "lesson_mode=review" in tried.say("GetParam")


def test_nothing_of_it_is_anybodys_record(tried: Stage) -> None:
    before = tried.row()
    counts = tried.read(lambda c: overview.overview(c, tried.academy_id))
    launch(tried)
    tried.put("lesson_status=completed", "score=90", "time=00:00:01")
    tried.say("ExitAU")

    assert tried.row() == before
    assert tried.read(lambda c: overview.overview(c, tried.academy_id)) == counts
    assert len(tried.read(lambda c: transcripts.rows(c, tried.academy_id))) == 1
    assert tried.attempts() == []
    # The learner's own launch begins with nothing of it.
    tried.launch()
    assert "lesson_status=not attempted,ab-initio" in tried.say("GetParam")


def test_locks_do_not_count_and_an_enrolment_is_not_needed(tried: Stage) -> None:
    launch(tried, "A2")
    assert tried.say("GetParam").startswith("error=0")


def test_afresh_is_as_if_it_had_never_been_tried(tried: Stage) -> None:
    launch(tried)
    tried.put("lesson_status=completed", "score=90", lesson="a=1")
    old = current(tried)
    tried.transact(
        lambda connection: previews.begin(
            connection,
            tried.academy_id,
            course_id=tried.course_id,
            member_id=admin_of(tried).id,
            now=tried.now(),
        )
    )

    launch(tried)
    said = tried.say("GetParam")

    assert current(tried).id != old.id
    assert "lesson_status=not attempted,ab-initio" in said
    assert "attempt_number=1" in said
    assert "a=1" not in said


def test_old_previews_are_swept_away_with_all_they_said_and_used_ones_stay(tried: Stage) -> None:
    launch(tried)
    tried.put("lesson_status=incomplete")
    preview = current(tried)
    (attempt,) = attempts(tried)

    def sweep(**span: float) -> int:
        with tried.app.app_context():
            return previews.sweep(now=tried.now() + timedelta(**span))

    assert sweep(days=6, hours=23) == 0
    assert current(tried) == preview
    assert sweep(days=7, hours=1) == 1
    assert current(tried) is None
    gone = tried.read(lambda c: hacp.store.attempt(c, tried.academy_id, attempt_id=attempt.id))
    assert gone is None
    assert sweep(days=9) == 0


def test_a_preview_that_is_launched_while_it_is_swept_away_stays(
    tried: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    launch(tried)
    preview = current(tried)
    tried.wait(days=8)

    def then_launch(unit):
        found = read(unit)
        launch(tried)
        return found

    monkeypatch.setattr(previews, "read", then_launch)
    with tried.app.app_context():
        assert previews.sweep(now=tried.now()) == 0

    assert current(tried) == preview
    assert tried.say("GetParam").startswith("error=0")


def test_a_launch_that_finds_its_preview_just_removed_begins_another(
    tried: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    launch(tried)
    gone = current(tried)
    tried.wait(days=8)
    with tried.app.app_context():
        assert previews.sweep(now=tried.now()) == 1
    with monkeypatch.context() as patch:
        patch.setattr(previews, "current", lambda *_, **__: gone)
        launch(tried)

    assert current(tried) is not None
    assert tried.say("GetParam").startswith("error=0")


def test_an_archived_course_and_one_that_is_not_there_are_not_previewed(tried: Stage) -> None:
    tried.archive()
    with tried.app.test_request_context(), pytest.raises(LaunchRefused, match="was archived"):
        launch(tried)
    tried.course_id = 999
    with tried.app.test_request_context(), pytest.raises(LaunchRefused, match="no such course"):
        launch(tried)
