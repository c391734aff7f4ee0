"""The admin's pages of people."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime

import pytest

from launcher import paging
from launcher.admin import learners
from launcher.db import transact
from launcher.people import accounts
from launcher.schema import Role

PERSON = {"email": "kim@example.org", "name": "Park, Kim", "role": "learner"}


@pytest.fixture
def jane(people) -> str:
    return f"learners/{people.learner.id}"


def shown_password(page: str) -> str | None:
    found = re.search(r"<code>([^<]+)</code>", page)
    return found.group(1) if found else None


def roster(text: str) -> tuple[io.BytesIO, str]:
    return io.BytesIO(text.encode()), "roster.csv"


def test_people_are_searched(admin):
    everybody, some = admin.open("learners").text, admin.open("learners?q=jane").text

    assert "Doe, Jane" in everybody
    assert "Admin, Ada" in everybody
    assert "Other, Otto" not in everybody
    assert "Doe, Jane</a>" in some
    assert "Admin, Ada</a>" not in some
    assert "Nobody fits" in admin.open("learners?q=nobody-there").text


def test_a_long_list_says_that_there_are_more_and_goes_on(app, admin, people, monkeypatch):
    monkeypatch.setattr(paging, "COUNTED", 10)
    with app.app_context():
        transact(
            lambda connection: [
                accounts.add_member(
                    connection,
                    academy_id=people.academy_id,
                    email=f"p{number}@example.org",
                    name=f"Person {number}",
                    role=Role.LEARNER,
                    now=datetime(2026, 5, 4, tzinfo=UTC),
                )
                for number in range(100)
            ]
        )

    first, second = admin.open("learners").text, admin.open("learners?page=2").text
    third = admin.open("learners?page=3").text

    assert "1 to 50 of more than 50" in first
    assert "51 to 100 of more than 100" in second
    assert 'rel="next" href="/a/night/admin/learners?page=3"' in second
    assert "101 to 102 of 102" in third
    assert "101 to 102 of 102" in admin.open("learners?page=999999999999").text


def test_a_person_is_added_with_a_password_that_is_shown_once(admin, visitor):
    answer = admin.send("learners/add", **PERSON)

    password = shown_password(answer.text)
    assert password
    newcomer = visitor()
    assert newcomer.sign_in("kim@example.org", password).status_code == 302
    assert password not in admin.open("learners?q=kim").text


def test_a_person_is_added_with_a_password_and_student_id_of_ones_own(admin, visitor):
    answer = admin.send("learners/add", **PERSON, password="correct horse", student_id="k-17")

    assert shown_password(answer.text) is None
    assert "correct horse" not in answer.text
    assert "k-17" in answer.text
    assert visitor().sign_in("kim@example.org").status_code == 302


REFUSED = [
    ({"email": "kim"}, "This is not an e-mail address."),
    ({"name": " "}, "Type the person's name."),
    ({"password": "short"}, "A password has between"),
    ({"student_id": "k 17"}, "Only letters, digits"),
    ({"email": "learner@example.org"}, "Doe, Jane is in this academy already."),
    ({"role": "operator"}, "Not a valid choice"),
]


def test_a_person_who_cannot_be_added_is_told_beside_the_field(admin):
    for changes, fault in REFUSED:
        answer = admin.send("learners/add", **PERSON | changes)

        assert answer.status_code == 422
        assert fault in answer.text
        assert 'aria-invalid="true"' in answer.text
    assert "Nobody fits" in admin.open("learners?q=kim").text


def test_a_student_id_that_somebody_has_is_refused_beside_the_field(admin, people):
    answer = admin.send("learners/add", **PERSON, student_id=people.learner.student_id)

    assert answer.status_code == 422
    assert 'id="student_id-fault"' in answer.text


def test_a_list_is_taken_whole(admin, add_course):
    add_course("Ladders")

    answer = admin.send(
        "learners/import",
        file=roster('email,name,course\nkim@example.org,"Park, Kim",LADDERS\n'),
    )

    assert answer.status_code == 200
    assert "1 person added." in answer.text
    assert "1 enrolment made." in answer.text
    assert "asked for nothing new" not in answer.text


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        (b"email,name,course\nkim@example.org,,NOPE\nnonsense,x,\n", "Nothing was imported"),
        (b"\x89PNG\r\n\x1a\n\x00\x81\x8d\x8f", "This file is no text."),
        (b"", "Choose a CSV file."),
    ],
)
def test_a_bad_list_changes_nothing(admin, raw, fault):
    name = "roster.csv" if raw else ""

    answer = admin.send("learners/import", file=(io.BytesIO(raw), name))

    assert answer.status_code == 422
    assert fault in answer.text
    assert "Nobody fits" in admin.open("learners?q=kim").text


def test_a_list_of_a_windows_spreadsheet_is_read(admin):
    text = "email,name\nzoe@example.org,Grün Zoë\n"

    answer = admin.send("learners/import", file=(io.BytesIO(text.encode("cp1252")), "a.csv"))

    assert "Grün Zoë" in answer.text


def test_a_list_beyond_all_measure_is_refused_unread(admin, monkeypatch):
    monkeypatch.setattr("launcher.admin.learners.LIST_BYTES", 20)

    answer = admin.send("learners/import", file=roster("email,name\n" + "x" * 30))

    assert answer.status_code == 422
    assert "This list is too long." in answer.text


def test_a_learner_is_enrolled_and_withdrawn(admin, jane, people, add_course):
    course_id = add_course("Ladders")

    enrolled = admin.send(f"{jane}/enrol", course=course_id)
    assert "The learner is enrolled." in admin.client.get(enrolled.location).text
    again = admin.send(f"{jane}/enrol", course=course_id)
    assert "enrolled already" in admin.client.get(again.location).text

    withdrawn = admin.send(f"{jane}/withdraw", course=course_id)
    assert withdrawn.location == f"/a/night/admin/{jane}"
    page = admin.client.get(withdrawn.location).text
    assert "The learner is withdrawn." in page
    assert "No courses yet" in page
    back = admin.send(f"{jane}/withdraw", course=course_id, **{"from": "course"})
    assert back.location == f"/a/night/admin/courses/{course_id}"


def test_what_is_no_course_of_the_academy_is_not_found(admin, jane):
    for verb in ("enrol", "withdraw"):
        for course in ("999", "", "x", "-1"):
            assert admin.send(f"{jane}/{verb}", course=course).status_code == 404


def test_a_new_password_is_shown_once_and_the_old_one_is_void(admin, jane, visitor, people):
    answer = admin.send(f"{jane}/password")

    password = shown_password(answer.text)
    assert password
    assert visitor().sign_in(people.learner.email).status_code == 200
    assert visitor().sign_in(people.learner.email, password).status_code == 302
    assert password not in admin.open(jane).text


def test_a_new_password_that_is_too_short_changes_nothing(admin, jane, visitor, people):
    answer = admin.send(f"{jane}/password", password="short")

    assert answer.status_code == 422
    assert "A password has between" in answer.text
    assert visitor().sign_in(people.learner.email).status_code == 302


def test_a_course_behind_those_that_are_offered_is_found_and_enrolled_in(
    admin, jane, add_course, monkeypatch
):
    monkeypatch.setattr(learners, "OFFERED_COURSES", 2)
    ids = [add_course(title) for title in ("Alpha", "Beta", "Gamma", "Zeta")]
    for course_id in ids[:2]:
        admin.send(f"{jane}/enrol", course=course_id)
    assert options(admin.open(jane).text) == ["Gamma", "Zeta"]
    add_course("Omega")

    page = admin.open(jane).text
    assert options(page) == ["Gamma", "Omega"]
    assert "Only the first 2 that fit" in page
    found = admin.open(f"{jane}?course=zet").text
    assert options(found) == ["Zeta"]
    assert "Only the first" not in found
    assert "No open course" in admin.open(f"{jane}?course=alpha").text


def options(page: str) -> list[str]:
    return re.findall(r"<option[^>]*>([^<]+)</option>", page)


def test_an_account_is_switched_off_and_on_from_the_persons_page(admin, jane, visitor, people):
    signed_in = visitor()
    signed_in.sign_in(people.learner.email)

    admin.send(f"{jane}/account", switch="off")

    page = admin.open(jane).text
    assert "All sign-ins of this person have ended" in page
    assert "This account is switched off" in page
    assert signed_in.client.get("/a/night/").location.startswith("/sign-in")
    assert visitor().sign_in(people.learner.email).status_code == 200
    admin.send(f"{jane}/account", switch="on")
    assert "Switch the account off" in admin.open(jane).text
    assert visitor().sign_in(people.learner.email).status_code == 302


def test_nobody_switches_off_themselves_or_says_something_else(admin, jane, people):
    own = f"learners/{people.admin.id}"
    admin.send(f"{own}/account", switch="off")
    page = admin.open(own).text
    assert "You cannot switch off your own account" in page
    assert "Switch the account" not in page
    assert admin.send(f"{jane}/account", switch="maybe").status_code == 400


def test_a_person_of_another_academy_is_not_there(admin, people, add_course):
    foreign, course_id = f"learners/{people.other_admin.id}", add_course("Ladders")

    assert admin.open(foreign).status_code == 404
    assert admin.send(f"{foreign}/password").status_code == 404
    assert admin.send(f"{foreign}/enrol", course=course_id).status_code == 404
    assert admin.send(f"{foreign}/withdraw", course=course_id).status_code == 404
