"""What content says of objectives opens what waits for them (.pre) and completes by .cmp.

A real package with .ort, .pre and .cmp is imported and its content talks HACP; on SQLite and on
PostgreSQL.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from catalog.intake import accept
from catalog.shelf import Shelf
from launcher import config
from launcher.db import transact
from launcher.launches import LaunchRefused
from launcher.people import enrolments
from launcher.records import transcripts
from tests.launcher.stage import Stage

# The second lesson waits for an objective of the first; the third for either of two objectives, one
# of which no unit is related to; the course is done with an objective of the third.
PACKAGE = {
    "goals.crs": "[Course]\r\nCourse_ID=GOALS\r\nCourse_Title=Goals\r\nLevel=3b\r\n",
    "goals.au": '"system_id","file_name"\r\n"A1","one.html"\r\n"A2","two.html"\r\n'
    '"A3","three.html"\r\n',
    "goals.des": '"system_id","title"\r\n"A1","Lesson 1"\r\n"A2","Lesson 2"\r\n"A3","Lesson 3"\r\n'
    '"J1","Lifts safely"\r\n"J2","Knows the exits"\r\n"J3","May drive"\r\n',
    "goals.cst": '"block","member"\r\n"ROOT","A1","A2","A3"\r\n',
    "goals.ort": '"course_element","member"\r\n"A1","J1"\r\n"A3","J3"\r\n',
    "goals.pre": '"structure_element","prerequisite"\r\n"A2","J1=passed"\r\n"A3","J2 | J1"\r\n',
    "goals.cmp": '"structure_element","requirement","result"\r\n"root","J3","completed"\r\n',
    "one.html": "<p>one",
    "two.html": "<p>two",
    "three.html": "<p>three",
}
OBJECTIVES = "[core]\r\nlesson_status=incomplete\r\n[objectives_status]\r\n{}"
TABLE = '"course_id","student_id","lesson_id","date","time","objective_id","score","status"\r\n{}'


@pytest.fixture
def goals(either_stage: Stage, tmp_path: Path) -> Stage:
    """The stage with the package above imported, and the learner enrolled."""
    folder = tmp_path / "goals"
    folder.mkdir()
    for name, text in PACKAGE.items():
        (folder / name).write_bytes(text.encode())

    with either_stage.app.app_context():
        (accepted,) = accept(
            [folder],
            academy_id=either_stage.academy_id,
            transact=transact,
            shelf=Shelf(config.current().content_root),
            now=datetime.now(UTC),
        )
    either_stage.course_id = accepted.course_id
    either_stage.transact(
        lambda connection: enrolments.enrol(
            connection,
            academy_id=either_stage.academy_id,
            learner_id=either_stage.learner.id,
            course_id=accepted.course_id,
            now=datetime.now(UTC),
        )
    )
    return either_stage


def refusal(stage: Stage, au_id: str) -> str:
    """Return why a unit is not opened, as its page says it."""
    with pytest.raises(LaunchRefused) as refused:
        stage.launch(au_id)
    return refused.value.reason


def post(stage: Stage, command: str, aicc_data: str) -> None:
    """Let the content that was launched last say something."""
    answer = stage.app.test_client().post(
        f"/hacp/{stage.academy_id}",
        data={
            "command": command,
            "version": "4.0",
            "session_id": stage.launched[-1],
            "aicc_data": aicc_data,
        },
    )
    assert answer.text.startswith("error=0")


def course_row(stage: Stage) -> transcripts.TranscriptRow:
    (row,) = stage.read(lambda connection: transcripts.rows(connection, stage.academy_id))
    return row


def test_a_unit_that_waits_for_an_objective_is_locked_until_content_says_it_is_reached(goals):
    assert refusal(goals, "A2") == "“Lesson 2” is locked until “Lifts safely” is passed."

    goals.launch("A1")
    post(goals, "PutParam", OBJECTIVES.format("J_ID.1=j1\r\nJ_Status.1=failed\r\nJ_Score.1=10"))
    assert "“Lifts safely” is passed" in refusal(goals, "A2")
    post(goals, "PutParam", OBJECTIVES.format("J_ID.1=j1\r\nJ_Status.1=passed\r\nJ_Score.1=90"))

    goals.launch("A2")
    assert len(goals.launched) == 2


def test_the_table_of_put_objectives_opens_it_too(goals):
    goals.launch("A1")
    post(
        goals,
        "PutObjectives",
        TABLE.format('"GOALS","x","A1","2026/05/04","09:31:00","J1","80","Passed"\r\n'),
    )

    goals.launch("A2")
    assert len(goals.launched) == 2


def test_an_objective_that_is_only_completed_is_not_passed(goals):
    goals.launch("A1")
    post(goals, "PutParam", OBJECTIVES.format("J_ID.1=J1\r\nJ_Status.1=completed"))

    assert "“Lifts safely” is passed" in refusal(goals, "A2")
    # A bare id asks for either.
    goals.launch("A3")


def test_a_unit_may_report_an_objective_that_ort_relates_to_no_unit(goals):
    goals.launch("A1")
    assert "“Knows the exits” or “Lifts safely”" in refusal(goals, "A3")
    post(goals, "PutParam", OBJECTIVES.format("J_ID.1=J2\r\nJ_Status.1=c"))

    goals.launch("A3")


def test_a_rule_of_cmp_completes_the_course_by_an_objective(goals):
    goals.launch("A1")
    post(goals, "PutParam", OBJECTIVES.format("J_ID.1=J2\r\nJ_Status.1=passed"))
    goals.launch("A3")
    assert course_row(goals).status == "incomplete"

    post(goals, "PutParam", OBJECTIVES.format("J_ID.1=J3\r\nJ_Status.1=passed"))

    row = course_row(goals)
    assert (row.status, row.completed_at is not None) == ("completed", True)


def test_every_road_asks_the_same_objectives(goals, visitor_at):
    """The learner's page shows what is locked, and it opens with the objective."""
    browser = visitor_at(goals.app)
    browser.sign_in(goals.learner.email)
    page = f"/a/night/courses/{goals.course_id}"
    assert browser.client.get(page).text.count("Locked until") == 2

    goals.launch("A1")
    post(goals, "PutParam", OBJECTIVES.format("J_ID.1=J1\r\nJ_Status.1=passed"))

    assert "Locked until" not in browser.client.get(page).text
