"""The way in and out: which academy, course and learner is meant, and failures as a sentence."""

from __future__ import annotations


def test_settings_that_miss_are_all_named(hacp):
    said = hacp("courses", HACP_SECRET_KEY="", HACP_PORT="http")
    assert (said.out, said.status) == ([], 1)
    assert "HACP_SECRET_KEY is missing" in said.err
    assert "HACP_PORT is 'http'" in said.err
    assert "Traceback" not in said.err


def test_a_database_without_tables_is_told_what_to_do(hacp, tmp_path):
    said = hacp("courses", HACP_INSTANCE=str(tmp_path / "new"))
    assert said.status == 1
    assert said.err == "Error: The database is not up to date: run 'hacp migrate'.\n"


def test_a_database_that_is_away_is_told_without_its_password(hacp):
    away = "postgresql://me:geheim@127.0.0.1:9/none?connect_timeout=2"
    said = hacp("courses", HACP_DATABASE_URL=away)
    assert said.status == 1
    assert "The database does not answer" in said.err
    assert "geheim" not in said.err
    assert said.err.count("\n") == 1


def test_an_academy_must_be_there(hacp):
    said = hacp("learner", "list")
    assert said.status == 1
    assert "hacp academy add NAME" in said.err


def test_the_academy_must_be_named_once_there_are_two(school):
    school("academy", "add", "Other School")
    said = school("courses")
    assert said.status == 1
    assert "night-school, other-school" in said.err
    assert school("courses", "--academy", "night-school").status == 0
    assert "no academy 'nope'" in school("courses", "--academy", "nope").err


def test_what_is_not_in_this_academy_is_not_found(school, course_folder):
    school("academy", "add", "Other School")
    other = ("--academy", "other-school")
    assert "no course 'C1'" in school("enrol", "C1", "s1", *other).err
    school("import", course_folder("C2"), *other)
    assert "Nobody in the academy other-school" in school("enrol", "C2", "s1", *other).err
    assert "no course '2'" in school("enrol", "2", "s1", "--academy", "night-school").err


def test_a_course_id_of_two_courses_is_told_with_their_ids(school, course_folder):
    assert school("import", course_folder("c1"), "--on-duplicate", "keep").out == ["2"]
    said = school("enrol", "C1", "s1")
    assert said.status == 1
    assert "1 (C1 title), 2 (c1 title)" in said.err or "2 (c1 title), 1 (C1 title)" in said.err
    assert school("enrol", "2", "s1").out == ["2 2"] or school("enrol", "2", "s1").out == ["2 1"]


def test_an_empty_list_says_so_beside_the_output(hacp):
    said = hacp("academy", "list")
    assert (said.out, said.err, said.status) == ([], "Nothing there.\n", 0)
