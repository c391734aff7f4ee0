"""The transcript as lists show it, on both databases."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert

import catalog.store
from catalog.model import AssignableUnit, Course
from launcher.people import accounts
from launcher.records import transcripts
from launcher.records.transcripts import TranscriptRow
from launcher.schema import Progress, Role


def a_course(course_id: str, title: str) -> Course:
    unit = AssignableUnit("A1", "Unit", "https://content.example.org/")
    return Course(course_id, title, units=(unit,), members=("A1",))


@pytest.fixture
def recorded(connection, add_people, now):
    """Three learners in two courses of one academy, and one row of another academy."""
    people = add_people(connection)
    names = {"kim": "Park, Kim", "robin": "Lane, Robin", "zoe": "adler, Zoë"}
    learners = {
        short: accounts.add_member(
            connection,
            academy_id=people.academy_id,
            email=f"{short}@example.org",
            name=name,
            role=Role.LEARNER,
            # One made at random may begin like a word that a search is to miss.
            student_id=f"s-{short}",
            now=now,
        )[0].id
        for short, name in names.items()
    }

    def course(academy_id: int, aicc_id: str, title: str) -> int:
        return catalog.store.add_course(
            connection,
            academy_id,
            course=a_course(aicc_id, title),
            source="test.zip",
            fingerprint=f"{academy_id} {aicc_id}",
            content_key=None,
            folder="",
            now=now,
        )

    fire = course(people.academy_id, "FIRE-1", "Fire safety")
    first_aid = course(people.academy_id, "AID_1", "First aid")
    foreign = course(people.other_academy_id, "FIRE-1", "Fire safety elsewhere")

    def record(academy_id, learner_id, course_id, status, *, day=None, percent=None, seconds=0.0):
        at = now + timedelta(days=day) if day is not None else None
        row = {
            "academy_id": academy_id,
            "learner_id": learner_id,
            "course_id": course_id,
            "status": status,
            "percent": percent,
            "seconds": seconds,
            "attempts": 0 if day is None else 1,
            "first_at": at,
            "last_at": at,
            "completed_at": at if status == "passed" else None,
        }
        connection.execute(insert(Progress).values(row))

    here = people.academy_id
    record(here, learners["kim"], fire, "passed", day=1, percent=90.0, seconds=600.5)
    record(here, learners["robin"], fire, "incomplete", day=3, percent=40.0, seconds=60)
    record(here, learners["zoe"], fire, "not attempted")
    record(here, learners["kim"], first_aid, "failed", day=2, percent=5.0, seconds=5)
    record(people.other_academy_id, people.other_admin.id, foreign, "passed", day=9)
    return {"academy": here, "fire": fire, "first_aid": first_aid, **learners}


def a_row(**changes) -> TranscriptRow:
    row = TranscriptRow(
        learner_id=1,
        learner="Lane, Robin",
        email="robin@example.org",
        student_id="r-1",
        course_id=2,
        aicc_course_id="FIRE-1",
        course="Fire safety",
        status="incomplete",
        percent=None,
        seconds=0.0,
        attempts=0,
        first_at=None,
        last_at=None,
        completed_at=None,
        by_hand=False,
        archived_at=None,
    )
    return replace(row, **changes)


def said(rows):
    return [(row.learner.partition(",")[0], row.aicc_course_id) for row in rows]


KIM_FIRE, KIM_AID = ("Park", "FIRE-1"), ("Park", "AID_1")
ROBIN, ZOE = ("Lane", "FIRE-1"), ("adler", "FIRE-1")


def test_the_latest_activity_comes_first_and_none_at_the_end(connection, recorded):
    rows = transcripts.rows(connection, recorded["academy"])

    assert said(rows) == [ROBIN, KIM_AID, KIM_FIRE, ZOE]
    assert rows[2].percent == 90.0
    assert rows[2].completed_at is not None
    assert rows[2].completed_at.tzinfo is not None


SORTED = {
    "learner": [ZOE, ROBIN, KIM_FIRE, KIM_AID],
    "-learner": [KIM_AID, KIM_FIRE, ROBIN, ZOE],
    "course": [KIM_FIRE, ROBIN, ZOE, KIM_AID],
    "status": [KIM_FIRE, KIM_AID, ROBIN, ZOE],
    "-status": [ZOE, ROBIN, KIM_AID, KIM_FIRE],
    "score": [KIM_FIRE, ROBIN, KIM_AID, ZOE],
    "-score": [KIM_AID, ROBIN, KIM_FIRE, ZOE],
    "time": [KIM_FIRE, ROBIN, KIM_AID, ZOE],
    "first": [ROBIN, KIM_AID, KIM_FIRE, ZOE],
    "-last": [KIM_FIRE, KIM_AID, ROBIN, ZOE],
    "no such column": [ROBIN, KIM_AID, KIM_FIRE, ZOE],
    "status; drop table progress": [ROBIN, KIM_AID, KIM_FIRE, ZOE],
}


def test_every_column_sorts_both_ways(connection, recorded):
    orders = {
        sort: said(transcripts.rows(connection, recorded["academy"], sort=sort)) for sort in SORTED
    }

    assert orders == SORTED


FOUND = {
    "kim": {KIM_FIRE, KIM_AID},
    "KIM fire": {KIM_FIRE},
    "robin@example": {ROBIN},
    "aid_1": {KIM_AID},
    "first": {KIM_AID},
    "nobody": set(),
    "%": set(),
    "a_d": set(),
    "'; --": set(),
}


def test_every_word_of_a_search_must_fit_somewhere(connection, recorded):
    found = {
        search: set(said(transcripts.rows(connection, recorded["academy"], search=search)))
        for search in FOUND
    }

    assert found == FOUND
    for search, rows in FOUND.items():
        assert transcripts.count(connection, recorded["academy"], search=search) == len(rows)


def test_filters_narrow_down_together(connection, recorded, now):
    academy = recorded["academy"]

    def found(**filters):
        rows = transcripts.rows(connection, academy, **filters)
        assert transcripts.count(connection, academy, **filters) == len(rows)
        return set(said(rows))

    assert found(course_id=recorded["fire"]) == {KIM_FIRE, ROBIN, ZOE}
    assert found(learner_id=recorded["kim"]) == {KIM_FIRE, KIM_AID}
    assert found(status="failed") == {KIM_AID}
    assert found(course_id=recorded["fire"], learner_id=recorded["kim"]) == {KIM_FIRE}
    assert found(since=now + timedelta(days=2)) == {KIM_AID, ROBIN}
    assert found(until=now + timedelta(days=2)) == {KIM_FIRE}
    assert found(since=now + timedelta(days=2), until=now + timedelta(days=3)) == {KIM_AID}


def test_pages_do_not_overlap(connection, recorded):
    academy = recorded["academy"]

    pages = [transcripts.rows(connection, academy, limit=2, offset=at) for at in (0, 2, 4)]

    assert [len(page) for page in pages] == [2, 2, 0]
    assert len(set(said(pages[0] + pages[1]))) == 4


def test_an_export_yields_the_same_rows(connection, recorded):
    streamed = list(transcripts.each(connection, recorded["academy"], sort="learner"))
    chosen = transcripts.each(connection, recorded["academy"], learner_ids=[recorded["zoe"]])

    assert streamed == transcripts.rows(connection, recorded["academy"], sort="learner")
    assert said(chosen) == [ZOE]


def test_another_academy_sees_nothing_of_it(connection, recorded):
    assert transcripts.rows(connection, recorded["academy"] + 1000) == []
    assert transcripts.count(connection, recorded["academy"] + 1000) == 0


def test_a_row_is_plain_values_for_json(connection, recorded):
    row = transcripts.rows(connection, recorded["academy"], learner_id=recorded["zoe"])[0]
    passed = transcripts.rows(connection, recorded["academy"], status="passed")[0]

    assert json.loads(json.dumps(row.as_dict()))["last_at"] is None
    assert passed.as_dict()["last_at"] == "2026-05-05T09:30:00Z"
    assert tuple(row.as_dict()) == transcripts.CSV_COLUMNS


@pytest.mark.parametrize(
    "name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "  =1", "%0A=1", "|calc", "\r=1"]
)
def test_no_name_becomes_a_formula_in_a_spreadsheet(name):
    text = io.StringIO()

    transcripts.write_csv(text, [a_row(learner=name, percent=-1.5)])

    header, written = csv.reader(io.StringIO(text.getvalue(), newline=""))
    cells = dict(zip(header, written, strict=True))
    assert cells["learner"] == f"'{name}"
    assert cells["percent"] == "-1.5"


def test_csv_quotes_what_needs_it_and_ends_lines_with_crlf():
    text = io.StringIO(newline="")

    transcripts.write_csv(text, [a_row()])

    lines = text.getvalue().split("\r\n")
    assert lines[0].startswith("learner_id,learner,email,student_id,course_id,aicc_course_id,")
    assert lines[1].startswith('1,"Lane, Robin",robin@example.org,')
    assert lines[2] == ""
