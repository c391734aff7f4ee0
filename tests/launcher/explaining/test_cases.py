"""What is read of a case, how much of it, and from where."""

from __future__ import annotations

import pytest
from sqlalchemy import event

from hacp.prepared import Prepared
from launcher.db import db
from launcher.explaining.cases import GLANCE, STUDY, Depth, attempt_case, count_until


@pytest.fixture
def case_of(stage):
    """Return `case_of(depth)`: the case of the stage's only attempt, without its course."""

    def _case(depth: Depth):
        (attempt,) = stage.attempts()
        return stage.read(
            lambda connection: attempt_case(
                connection, None, attempt, academy_id=stage.academy_id, depth=depth
            )
        )

    return _case


def test_the_newest_exchanges_are_read_and_keep_their_numbers(stage, case_of):
    stage.course()
    stage.launch()
    for page in range(6):
        stage.put(f"lesson_location={page}")
    few = case_of(Depth(exchanges=2, request_bytes=4096, whole=True))
    assert [one.number for one in few.exchanges] == [5, 6]
    assert few.exchanges[-1].value("lesson_location") == "5"
    every = case_of(Depth(exchanges=6, request_bytes=4096, whole=True))
    assert [one.number for one in every.exchanges] == [1, 2, 3, 4, 5, 6]
    assert few.unit == "A1"


def test_of_a_long_request_only_the_beginning_is_read(stage, case_of):
    stage.course()
    stage.launch()
    stage.put("lesson_status=completed", lesson="x" * 50_000)
    (said,) = case_of(GLANCE).exchanges
    assert said.value("lesson_status") == "completed"
    assert len(said.report.suspend_data) < GLANCE.request_bytes


def test_a_post_costs_the_same_however_long_the_conversation_is(stage):
    """Two statements more than the roll-up itself: the sessions and the newest exchanges."""
    stage.course()
    stage.launch()
    counts = []
    for _ in range(2):
        for page in range(30):
            stage.put(f"lesson_location={page}")
        counts.append(statements_of(stage))
    assert counts[0] == counts[1]
    assert len(counts[0]) == 8
    told = [one for one in counts[0] if "hacp_exchanges" in one]
    assert len(told) == 1
    assert "LIMIT" in told[0]


def statements_of(stage) -> list[str]:
    """Return what a roll-up asks, by SQLAlchemy or on the driver itself."""
    seen: list[str] = []
    prepared_for = Prepared._for

    def note(_connection, _cursor, statement, *_more):
        seen.append(statement)

    def note_prepared(self, connection):
        compiled = prepared_for(self, connection)
        seen.append(compiled.text)
        return compiled

    with stage.app.app_context(), pytest.MonkeyPatch.context() as patched:
        patched.setattr(Prepared, "_for", note_prepared)
        event.listen(db.engine, "before_cursor_execute", note)
        stage.refresh()
        event.remove(db.engine, "before_cursor_execute", note)
    return seen


def test_a_course_that_lost_the_unit_or_is_gone_is_explained_all_the_same(stage, case_of):
    stage.course()
    stage.launch()
    stage.put("lesson_status=incomplete")
    case = case_of(STUDY)
    assert (case.unit, case.stranger) == ("A1", None)


def test_a_number_counts_up_to_its_exchange(stage, case_of):
    stage.course()
    stage.launch()
    stage.put("lesson_status=incomplete")
    stage.put("lesson_status=incomplete")
    first, second = case_of(STUDY).exchanges

    def number(exchange_id: int) -> int:
        attempt_id = stage.attempts()[0].id
        return stage.read(
            lambda connection: count_until(
                connection, stage.academy_id, attempt_id=attempt_id, exchange_id=exchange_id
            )
        )

    assert [number(first.id - 1), number(first.id), number(second.id)] == [0, 1, 2]


def test_a_unit_that_the_course_does_not_have_is_no_case(stage):
    stage.course()
    with pytest.raises(LookupError):
        stage.explained("A9")
