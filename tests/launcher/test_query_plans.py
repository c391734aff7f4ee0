"""Every question that a report asks is answered by an index, however many learners there are."""

from __future__ import annotations

from itertools import product

import pytest
from sqlalchemy import Connection, Engine, text

from benchmarks import population
from launcher import sweeps
from launcher.db import db, read
from launcher.explaining import explanations
from launcher.people import accounts, enrolments, finding
from launcher.records import listing, overview, transcripts
from launcher.records.listing import SORTS
from tests.launcher.plans import asked, reads_too_much, sorts_too_much
from tests.launcher.stage import Stage

# Work of everybody else, held in other courses.
HELD_ELSEWHERE = """
    INSERT INTO hacp_held (academy_id, attempt_id, exchange_id, course_id, learner_id, session_id,
        at, command, aicc_data)
    SELECT academy_id, id, id, course_id, learner_id, 1, last_at, 'PutParam', ''
    FROM hacp_attempts WHERE course_id > 1
"""


def add_courses(stage: Stage, count: int) -> None:
    """Let there be the courses in which people were put by `population.grow`."""
    for _ in range(count):
        stage.course("A1")


def hold_elsewhere(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text(HELD_ELSEWHERE))
        if engine.dialect.name == "postgresql":
            connection.execute(text("ANALYZE hacp_held"))


def faults(stage: Stage, caught, is_fault=reads_too_much) -> str:
    with stage.app.app_context():
        return "\n\n".join(
            f"{statement}\n{plan}"
            for statement, plan in caught.plans(db.engine)
            if is_fault(plan, caught.dialect)
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


# What an academy's lists are asked for.
FILTERS = [
    {},
    {"course_id": 3},
    {"status": "failed"},
    {"course_id": 3, "status": "passed"},
    {"search": "g17"},
    {"search": "name"},
    {"search": "course"},
]


def read_lists(connection: Connection, academy_id: int) -> None:
    """Ask for every list that grows with learners, in each of its orders."""
    for name, sign, filters in product(sorted(SORTS), ("", "-"), FILTERS):
        rows = transcripts.rows(
            connection, academy_id, sort=sign + name, limit=5, offset=10, **filters
        )
        explanations.hints(
            connection, academy_id, keys=[(row.learner_id, row.course_id) for row in rows]
        )
    for filters in FILTERS:
        transcripts.count(connection, academy_id, most=10_001, **filters)
    for search in ("", "g17", "name", "name example"):
        accounts.members(connection, academy_id, search=search, limit=5)
        accounts.count_members(connection, academy_id, search=search, most=10_001)
    enrolments.enrolled_learners(connection, academy_id, course_id=3, limit=5)
    overview.overview(connection, academy_id)


@pytest.mark.parametrize("few", [10, 10_000])
def test_lists_are_walked_by_an_index_or_gathered_by_one(
    either_stage: Stage, monkeypatch, few
) -> None:
    stage = either_stage
    population.grow(stage.app, attempts=2000, exchanges=1)
    add_courses(stage, 10)
    monkeypatch.setattr(listing, "FEW", few)
    monkeypatch.setattr(finding, "FEW", few)
    with stage.app.app_context():
        engine = db.engine
        with asked(engine) as caught:
            read(lambda connection: read_lists(connection, stage.academy_id))
    assert len(caught.statements) > 100
    assert not faults(stage, caught, sorts_too_much)


def test_an_order_that_misses_its_index_is_noticed(either_stage: Stage, monkeypatch) -> None:
    stage = either_stage
    population.grow(stage.app, attempts=2000, exchanges=1)
    monkeypatch.setattr(listing, "FEW", 10)
    stage.transact(lambda connection: connection.execute(text("DROP INDEX progress_by_time")))
    with stage.app.app_context():
        engine = db.engine
        with asked(engine) as caught:
            read(lambda connection: transcripts.rows(connection, 1, sort="time", limit=5))
    assert faults(stage, caught, sorts_too_much)


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
