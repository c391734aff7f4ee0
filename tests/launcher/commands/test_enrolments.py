"""`hacp enrol` and `hacp withdraw`."""

from __future__ import annotations


def test_enrolling_prints_both_ids(school):
    said = school("enrol", "c1", "Jane@example.org")
    assert (said.out, said.err, said.status) == (["1 1"], "", 0)
    again = school("enrol", "1", "s1")
    assert (again.out, again.status) == (["1 1"], 0)
    assert "already" in again.err


def test_enrolling_in_an_archived_course_is_refused_in_words(school):
    assert school("archive", "C1").status == 0
    said = school("enrol", "C1", "s1")
    assert (said.out, said.status) == ([], 1)
    assert "is archived: nobody can begin it. Reactivate it first." in said.err


def test_withdrawing_says_whether_there_was_anything(school):
    school("enrol", "C1", "s1")
    said = school("withdraw", "C1", "s1")
    assert (said.out, said.status) == ([], 0)
    assert "withdrawn" in said.err
    again = school("withdraw", "C1", "s1")
    assert (again.out, again.status) == ([], 1)
    assert "not enrolled" in again.err
