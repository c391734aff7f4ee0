"""`hacp launch`."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import parse_qs, urlsplit


def test_a_launch_prints_the_address_and_nothing_else(school):
    school("enrol", "C1", "s1")
    said = school("launch", "C1", "s1")
    assert (said.err, said.status, len(said.out)) == ("", 0, 1)
    query = parse_qs(urlsplit(said.out[0]).query)
    assert query["AICC_URL"] == ["http://127.0.0.1:8080/hacp/1"]
    assert len(query["AICC_SID"][0]) == 40
    assert school("launch", "1", "jane@example.org", "--au", "A1").status == 0


def test_a_launch_without_enrolment_is_refused(school):
    said = school("launch", "C1", "s1")
    assert (said.out, said.status) == ([], 1)
    assert "not enrolled" in said.err


def test_a_retake_is_asked_for_and_what_is_not_over_is_resumed(school):
    school("enrol", "C1", "s1")
    assert school("launch", "C1", "s1", "--retake").status == 0
    school("course", "set", "C1", "--retakes", "forbidden")
    assert school("launch", "C1", "s1", "--retake").status == 0


def test_a_unit_that_is_not_there_is_told(school):
    school("enrol", "C1", "s1")
    said = school("launch", "C1", "s1", "--au", "A9")
    assert said.status == 1
    assert "A1" in said.err


def test_a_look_inside_and_a_launch_without_credit_are_asked_for(school, environment):
    school("enrol", "C1", "s1")
    for words in (["--browse"], ["--no-credit"], []):
        assert school("launch", "C1", "s1", *words).status == 0
    (kept,) = Path(environment["HACP_INSTANCE"]).glob("*.sqlite*")
    with closing(sqlite3.connect(kept)) as database:
        rows = database.execute("SELECT ticket FROM hacp_sessions ORDER BY id").fetchall()
    tickets = [json.loads(ticket) for (ticket,) in rows]
    assert [(one["mode"], one["credit"]) for one in tickets] == [
        ("browse", "no-credit"),
        ("normal", "no-credit"),
        ("normal", "credit"),
    ]


def test_a_look_inside_is_no_retake(school):
    school("enrol", "C1", "s1")
    said = school("launch", "C1", "s1", "--browse", "--retake")
    assert (said.out, said.status) == ([], 2)
    assert "--browse goes with neither" in said.err
