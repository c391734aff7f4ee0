"""`hacp transcript`."""

from __future__ import annotations

import csv
import json

import pytest


@pytest.fixture
def recorded(school):
    school("enrol", "C1", "s1")
    school("learner", "add", "ben@example.org", "--name", "Ben", "--student-id", "s2")
    school("enrol", "C1", "s2")
    school("launch", "C1", "s1")
    return school


def test_json_holds_every_row(recorded):
    said = recorded("transcript", "--json")
    rows = json.loads("\n".join(said.out))
    assert said.status == 0
    assert {row["student_id"]: row["attempts"] for row in rows} == {"s1": 1, "s2": 0}


def test_csv_holds_the_same(recorded):
    rows = list(csv.DictReader(recorded("transcript", "--csv").out))
    assert {row["student_id"] for row in rows} == {"s1", "s2"}


def test_a_table_is_for_people(recorded):
    header, *rows = recorded("transcript").out
    assert header.split()[:3] == ["LEARNER", "COURSE", "STATUS"]
    assert len(rows) == 2


def test_one_learner_or_course_can_be_asked_for(recorded, course_folder):
    recorded("import", course_folder("C2"))
    one = json.loads("\n".join(recorded("transcript", "--learner", "s2", "--json").out))
    assert [row["learner"] for row in one] == ["Ben"]
    assert recorded("transcript", "--course", "C2", "--json").out == ["[]"]
    assert recorded("transcript", "--learner", "nobody").status == 1


def test_one_form_at_a_time(recorded):
    said = recorded("transcript", "--json", "--csv")
    assert (said.out, said.status) == ([], 1)
