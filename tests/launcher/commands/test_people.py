"""`hacp admin`, `hacp learner` and `hacp password`."""

from __future__ import annotations

import json
import re

import pytest

PASSWORD = re.compile(r"[a-z2-9]{4}(-[a-z2-9]{4}){3}")


@pytest.fixture
def academy(hacp):
    hacp("academy", "add", "Night School")
    return hacp


def test_adding_somebody_prints_their_id_and_tells_the_password_aside(academy):
    said = academy("learner", "add", "jane@example.org", "--name", "Doe, Jane")
    assert (said.out, said.status) == (["1"], 0)
    assert PASSWORD.search(said.err)
    said = academy("admin", "add", "Ada@example.org")
    assert said.out == ["2"]
    assert PASSWORD.search(said.err)


def test_a_password_from_standard_input_is_not_repeated(academy):
    said = academy("admin", "add", "ada@example.org", "--password-stdin", stdin="chosen words\n")
    assert said.out == ["1"]
    assert "chosen words" not in said.err
    assert "Password" not in said.err
    said = academy("password", "ada@example.org", "--password-stdin", stdin="short\n")
    assert said.status == 1
    assert "8 to 1024" in said.err


def test_a_student_id_can_be_brought_along(academy):
    words = ("learner", "add", "jane@example.org", "--name", "Doe, Jane", "--student-id", "emp-7")
    academy(*words)
    (person,) = json.loads("\n".join(academy("learner", "list", "--json").out))
    assert person == {
        "id": 1,
        "email": "jane@example.org",
        "name": "Doe, Jane",
        "student_id": "emp-7",
    }


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (("jane", "--name", "X"), "not an e-mail address"),
        (("a@example.org", "--name", " "), "visible characters"),
        (("a@example.org", "--name", "X", "--student-id", "a b"), "cannot be a student id"),
        (("there@example.org", "--name", "X"), "already in this academy"),
    ],
)
def test_what_cannot_be_is_told_in_a_sentence(academy, words, part):
    academy("learner", "add", "there@example.org", "--name", "There")
    said = academy("learner", "add", *words)
    assert (said.out, said.status) == ([], 1)
    assert part in said.err


def test_a_learner_becomes_an_admin(academy):
    academy("learner", "add", "jane@example.org", "--name", "Doe, Jane")
    assert academy("admin", "add", "jane@example.org").out == ["1"]
    assert academy("learner", "list").out == []
    assert "Doe, Jane" in academy("admin", "list").out[1]


def test_an_admin_becomes_a_learner_again(academy):
    for name in ("jane", "joe"):
        academy("admin", "add", f"{name}@example.org")
    assert (
        academy("admin", "remove", "jane@example.org").err == "jane@example.org is a learner now.\n"
    )
    said = academy("admin", "remove", "joe@example.org")
    assert said.status == 1
    assert "only admin" in said.err


def test_an_account_is_switched_off_and_on(academy):
    academy("learner", "add", "jane@example.org", "--name", "Doe, Jane")
    said = [academy("account", word, "jane@example.org").err for word in ("off", "off", "on", "on")]
    assert said == [
        "jane@example.org is switched off.\n",
        "jane@example.org was switched off already.\n",
        "jane@example.org can sign in.\n",
        "jane@example.org was not switched off.\n",
    ]
    assert academy("account", "off", "nobody@example.org").status == 1


def test_people_are_searched(academy):
    for name in ("Alpha", "Beta"):
        academy("learner", "add", f"{name}@example.org", "--name", name)
    assert len(academy("learner", "list", "--search", "ALPH").out) == 2


def test_a_new_password_is_told_aside(academy):
    academy("learner", "add", "jane@example.org", "--name", "Doe, Jane")
    said = academy("password", "JANE@example.org")
    assert (said.out, said.status) == ([], 0)
    assert PASSWORD.search(said.err)
    assert academy("password", "nobody@example.org").status == 1


def test_a_file_of_learners_is_taken_in(school, tmp_path):
    file = tmp_path / "people.csv"
    file.write_text("email,name,course\na@example.org,A,C1\nb@example.org,B,\n", "utf-8-sig")
    said = school("learner", "import", file)
    assert (said.out, said.status) == (["2", "3"], 0)
    assert len(PASSWORD.findall(said.err)) == 2
    assert "2 learners added, 1 enrolment made" in said.err
    again = school("learner", "import", file)
    assert (again.out, again.status) == ([], 0)


def test_a_file_with_faults_is_refused_whole(school, tmp_path):
    file = tmp_path / "people.csv"
    file.write_text("email,name\na@example.org,A\nwrong,B\n")
    said = school("learner", "import", file)
    assert (said.out, said.status) == ([], 1)
    assert f"{file}, line 3, email: 'wrong' is not an e-mail address" in said.err
    assert "Nothing was taken in" in said.err
    assert len(school("learner", "list").out) == 2


def test_a_file_that_is_not_there_is_told(academy, tmp_path):
    said = academy("learner", "import", tmp_path / "nowhere.csv")
    assert said.status == 1
    assert "cannot be read" in said.err
