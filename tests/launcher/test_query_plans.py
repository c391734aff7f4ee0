"""Every question that a report asks is answered by an index, however many learners there are."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, text

from benchmarks import population
from launcher import sweeps
from launcher.db import db
from tests.launcher.plans import asked, reads_too_much
from tests.launcher.stage import Stage

# Work of everybody else, held in other courses.
HELD_ELSEWHERE = """
    INSERT INTO hacp_held (academy_id, attempt_id, exchange_id, course_id, learner_id, session_id,
        at, command, aicc_data)
    SELECT academy_id, id, id, course_id, learner_id, 1, last_at, 'PutParam', ''
    FROM hacp_attempts WHERE course_id > 1
"""


def hold_elsewhere(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text(HELD_ELSEWHERE))
        if engine.dialect.name == "postgresql":
            connection.execute(text("ANALYZE hacp_held"))


def faults(stage: Stage, caught) -> str:
    with stage.app.app_context():
        return "\n\n".join(
            f"{statement}\n{plan}"
            for statement, plan in caught.plans(db.engine)
            if reads_too_much(plan, caught.dialect)
        )


def test_what_content_says_is_found_and_rolled_up_by_keys(either_stage: Stage) -> None:
    stage = either_stage
    stage.course("A1", "A2", mastery="80")
    population.grow(stage.app, attempts=2000, exchanges=2)
    with stage.app.app_context():
        engine = db.engine
    hold_elsewhere(engine)
    with asked(engine) as caught:
        stage.launch()
        stage.say("GetParam")
        stage.put("lesson_status=i", "time=00:00:10", lesson="bookmark")
        stage.put("lesson_status=c", "score=90", "time=00:00:20")
        stage.say("PutInteractions", lesson=None)
        stage.say("ExitAU")
        with stage.app.app_context():
            sweeps.close_silent_sessions(now=stage.now())
    assert len(caught.statements) >= 12
    assert not faults(stage, caught)


def test_what_is_held_is_found_counted_and_credited_by_keys(either_stage: Stage) -> None:
    stage = either_stage
    stage.course("A1", "A2", mastery="80")
    population.grow(stage.app, attempts=2000, exchanges=2)
    stage.launch()
    stage.say("GetParam")
    with stage.app.app_context():
        engine = db.engine
    hold_elsewhere(engine)
    with asked(engine) as caught:
        stage.archive()
        stage.put("lesson_status=c", "score=90", lesson="bookmark")
        stage.say("ExitAU")
        stage.explained()
        stage.behind()
        stage.reactivate()
    assert len(caught.statements) >= 20
    assert not faults(stage, caught)


@pytest.mark.parametrize(
    ("dialect", "plan"),
    [
        ("sqlite", "SEARCH hacp_sessions USING INDEX hacp_sessions_1 (academy_id=?)"),
        ("sqlite", "SCAN progress"),
        ("sqlite", "SEARCH hacp_statuses USING INDEX one\nSCAN hacp_exchanges"),
        ("postgresql", "Seq Scan on hacp_sessions  (cost=0.00..1.00 rows=1 width=8)"),
        (
            "postgresql",
            "Index Scan using one on progress  (cost=0.1..8.1 rows=1 width=8)\n"
            "  Index Cond: (academy_id = 1)\n  Filter: (learner_id = 1)",
        ),
    ],
)
def test_a_plan_that_reads_a_whole_academy_is_noticed(dialect: str, plan: str) -> None:
    assert reads_too_much(plan, dialect)
