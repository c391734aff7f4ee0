"""`hacp archive` and `hacp reactivate`."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit


def archived(school) -> str | None:
    (course,) = json.loads("\n".join(school("courses", "--json").out))
    return course["archived"] and course["archived"]["reason"]


def test_a_course_is_archived_and_taken_back(school):
    said = school("archive", "c1")
    assert (said.status, said.err) == (
        0,
        "The course is archived. 'hacp reactivate' takes it back.\n",
    )
    assert archived(school) == "admin"
    assert school("archive", "1").err == "The course was archived already.\n"

    said = school("reactivate", "C1")
    assert said.err == "The course is active again. Held messages that were credited: 0.\n"
    assert archived(school) is None
    assert school("reactivate", "C1").err == "The course is not archived.\n"


def test_the_list_says_since_when_a_course_is_archived(school):
    assert school("courses").out[1].split() == ["1", "C1", "C1", "title"]
    school("archive", "C1")
    assert school("courses").out[1].split()[-1].count("-") == 2


def test_an_archived_course_is_not_launched_from_here(school):
    school("enrol", "C1", "s1")
    launched = school("launch", "C1", "s1")
    assert parse_qs(urlsplit(launched.out[0]).query)["AICC_SID"]
    school("archive", "C1")

    said = school("launch", "C1", "s1")

    assert said.status == 1
    assert said.out == []
    assert "was archived on" in said.err


def test_a_course_that_is_none_is_said(school):
    for command in ("archive", "reactivate"):
        said = school(command, "C9")
        assert (said.status, "There is no course 'C9'" in said.err) == (1, True)
