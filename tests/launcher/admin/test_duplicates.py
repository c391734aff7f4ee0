"""The page of duplicates: uploads wait for somebody, choices are carried out once, all is kept."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from catalog.shelf import Shelf
from catalog.supply import decisions
from catalog.supply.model import DecisionState
from launcher import duplicates
from launcher.db import read, transact
from tests.launcher.admin.conftest import SET
from tests.launcher.opensesame.supplied import KEYS, Supplied

NEWER = {**SET, "a.crs": "[Course]\r\nCourse_ID=C-1\r\nCourse_Title=Ladders, newly made\r\n"}
OTHER_UNITS = {
    **NEWER,
    "a.au": '"system_id","file_name"\r\n"B1","https://content.example.org/"\r\n',
    "a.des": '"system_id","title"\r\n"B1","Ropes"\r\n',
    "a.cst": '"block","member"\r\n"ROOT","B1"\r\n',
    # Other ids of units: only the title is the same, so it is asked as a possibility.
    "a.crs": "[Course]\r\nCourse_ID=C-1\r\nCourse_Title=Ladders\r\n",
}


@pytest.fixture
def here(admin, zipped):
    """An academy that has the course already."""
    assert "Accepted" in admin.send("courses/upload", files=zipped("a.zip")).text
    return admin


def questions(page: str) -> list[str]:
    return re.findall(r'id="question-(\d+)"', page)


def ask(admin, zipped, files=NEWER) -> str:
    answer = admin.send("courses/upload", files=zipped("b.zip", files))
    assert "Compare and decide" in answer.text
    (question,) = questions(admin.open("duplicates").text)
    return question


def titles(admin) -> list[str]:
    return re.findall(r'admin/courses/\d+">([^<]+)</a>', admin.open("courses").text)


def waiting(settings) -> list[str]:
    folder = settings.content_root / ".waiting"
    return [one.name for one in folder.iterdir()] if folder.is_dir() else []


def test_a_duplicate_is_asked_about_side_by_side_and_nothing_is_stored_before(
    here, zipped, settings
):
    ask(here, zipped)
    page = here.open("duplicates").text

    assert titles(here) == ["Ladders"]
    assert "Ladders, newly made" in page
    assert "Course_ID" in page
    assert page.count("<strong>differs</strong>") == 1
    assert 'aria-current="page">Duplicates <span class="badge' in page
    assert len(waiting(settings)) == 1
    assert 'value="update">Update the existing course<' in page


def test_the_same_package_again_is_not_asked_about(here, zipped):
    answer = here.send("courses/upload", files=zipped("again.zip"))

    assert "Already here, nothing done" in answer.text
    assert questions(here.open("duplicates").text) == []


def test_a_number_that_is_too_large_names_no_course_and_no_question(here):
    assert here.open(f"duplicates?course={10**22}").status_code == 200
    answer = here.send("duplicates/decide", question=str(10**25), choice="update")
    assert answer.status_code == 400


def test_updating_changes_the_course_and_keeps_its_number(here, zipped, settings):
    question = ask(here, zipped)
    here.send("duplicates/decide", question=question, choice="update")

    assert titles(here) == ["Ladders, newly made"]
    assert waiting(settings) == []
    page = here.open("duplicates?course=1").text
    assert "Update the existing course" in page
    assert "Admin, Ada" in page


def test_what_opensesame_says_of_a_course_outlives_the_upload_of_its_package(
    app, people, admin, zipped, now
):
    def within(unit):
        with app.app_context():
            return transact(unit)

    course_id = Supplied(within, people.academy_id, now).provide(KEYS[0], "Ladders, newest")
    old = {**SET, "a.crs": f"[Course]\r\nCourse_ID={KEYS[0]}\r\nCourse_Title=Ladders, old\r\n"}
    question = ask(admin, zipped, old)
    assert "what OpenSesame says of it stays" in admin.open("duplicates").text

    admin.send("duplicates/decide", question=question, choice="update")

    assert titles(admin) == ["Ladders, newest"]
    page = admin.open(f"courses/{course_id}").text
    assert f"https://content.example.org/{KEYS[0]}" in page
    assert "Ladders, old" not in page


def test_other_units_are_told_of_before_they_are_chosen(here, zipped):
    ask(here, zipped, OTHER_UNITS)

    page = here.open("duplicates").text
    assert "Possibly the same" in page
    assert "who has begun goes on in the old one" in page


def test_a_package_of_several_courses_says_which_of_them_matched_and_why(here, zipped):
    ropes = {"a.crs": SET["a.crs"].replace("Ladders", "Ropes").replace("C-1", "C-2")}
    ropes["a.au"] = SET["a.au"].replace("A1", "R1").replace("example.org/", "example.org/ropes")
    ropes |= {name: SET[name].replace("A1", "R1") for name in ("a.des", "a.cst")}
    newer = {f"one/{name}": text for name, text in NEWER.items()}
    ask(here, zipped, {f"first/{name}": text for name, text in ropes.items()} | newer)

    page = here.open("duplicates").text

    assert "The package holds 2 courses, and one answer is for all of them:" in page
    assert "<li>Ropes: is not here yet.</li>" in page
    (matched,) = re.findall(r"<li>Ladders, newly made: (.*?)</li>", page)
    assert matched.startswith('seems to be <a href="/a/night/admin/courses/1">Ladders</a>.')
    assert "Course_ID" in matched
    # What is compared side by side is the one that matched, not the first of the package.
    assert "example.org/ropes" not in page
    assert "A package of several courses cannot update one." in page


def test_keeping_both_makes_twins_that_lists_tell_apart(here, zipped):
    here.send("duplicates/decide", question=ask(here, zipped), choice="keep")

    assert sorted(titles(here)) == ["Ladders", "Ladders, newly made"]
    assert here.open("courses").text.count("Twin, number") == 2
    assert "Kept beside its twin" in here.open("courses/1").text


def test_skipping_leaves_what_is_here_and_lets_the_upload_go(here, zipped, settings):
    here.send("duplicates/decide", question=ask(here, zipped), choice="skip")

    assert titles(here) == ["Ladders"]
    assert waiting(settings) == []


def test_a_decision_that_a_colleague_made_is_not_made_twice(here, zipped):
    question = ask(here, zipped)
    here.send("duplicates/decide", question=question, choice="keep")
    answer = here.send("duplicates/decide", question=question, choice="keep")

    assert "Nothing was done twice" in here.client.get(answer.location).text
    assert len(titles(here)) == 2


def test_a_choice_for_all_decides_every_question(here, zipped):
    ask(here, zipped)
    here.send(
        "courses/upload",
        files=[zipped("c.zip", {**NEWER, "a.crs": NEWER["a.crs"] + "Version=3.0\r\n"})],
    )
    page = here.open("duplicates").text
    both = questions(page)
    assert len(both) == 2
    assert "All 2 above" in page
    here.send("duplicates/decide", question=both, choice="skip")

    assert questions(here.open("duplicates").text) == []
    assert titles(here) == ["Ladders"]


def test_what_nobody_decides_is_given_up_and_takes_no_room(
    here, zipped, settings, app, people, now
):
    question = ask(here, zipped)
    with app.app_context():
        asked = read(lambda c: decisions.decision(c, people.academy_id, decision_id=int(question)))
        assert asked is not None
        assert Shelf(settings.content_root).waiting(asked.question.key)
        duplicates.give_up(now=asked.made_at + duplicates.PATIENCE - timedelta(minutes=1))
        assert len(waiting(settings)) == 1
        duplicates.give_up(now=asked.made_at + duplicates.PATIENCE + timedelta(minutes=1))
        left = read(lambda c: decisions.decision(c, people.academy_id, decision_id=int(question)))
    assert left is not None
    assert left.state is DecisionState.WITHDRAWN
    assert waiting(settings) == []
    here.send("duplicates/decide", question=question, choice="keep")
    assert titles(here) == ["Ladders"]


def test_nonsense_is_refused(here):
    assert here.send("duplicates/decide", question="x", choice="keep").status_code == 400
    assert here.send("duplicates/decide", question="1", choice="ask").status_code == 400
