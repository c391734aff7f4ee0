"""The admin's pages of courses."""

from __future__ import annotations

import io

from launcher import paging
from launcher.db import transact
from tests.catalog.stock import bring, item, key


def test_no_course_yet_is_said_with_what_comes_next(admin):
    page = admin.open("courses").text

    assert "No courses yet" in page
    assert 'type="search"' not in page


def test_courses_are_searched_and_shown_by_pages(admin, add_course):
    for number in range(paging.PAGE_SIZE + 1):
        add_course(f"Course {number:03}")

    first, second = admin.open("courses").text, admin.open("courses?page=2").text
    found = admin.open("courses?q=course+007").text

    assert f"1 to {paging.PAGE_SIZE} of {paging.PAGE_SIZE + 1}" in first
    assert "Course 050" in second
    assert "Course 007" in found
    assert "Course 008" not in found
    assert "No course fits" in admin.open("courses?q=<script>").text


def test_an_uploaded_package_comes_in_once(admin, zipped):
    first = admin.send("courses/upload", files=zipped("a.zip"))
    second = admin.send("courses/upload", files=zipped("a.zip"))

    assert first.status_code == 200
    assert "Accepted" in first.text
    assert second.status_code == 200
    assert "Already here, nothing done" in second.text
    assert admin.open("courses").text.count("Ladders</a>") == 1


def test_a_refused_package_is_told_with_all_its_faults_and_leaves_nothing(admin, zipped):
    broken = {"a.crs": "[Course]\r\n", "a.au": "nonsense", "a.des": "", "a.cst": '"<b>","x"'}

    answer = admin.send("courses/upload", files=zipped("<i>bad</i>.zip", broken))

    assert answer.status_code == 422
    assert "Nothing was imported." in answer.text
    assert answer.text.count('<th scope="row">a.') >= 3
    assert "<i>bad" not in answer.text
    assert "No courses yet" in admin.open("courses").text


def test_one_good_package_among_bad_ones_is_a_success(admin, zipped):
    answer = admin.send(
        "courses/upload", files=[zipped("good.zip"), (io.BytesIO(b"PK no zip"), "bad.zip")]
    )

    assert answer.status_code == 200
    assert "Accepted" in answer.text
    assert "Refused" in answer.text


def test_an_upload_without_a_file_says_so(admin):
    answer = admin.send("courses/upload", files=(io.BytesIO(), ""))

    assert answer.status_code == 422
    assert "Choose at least one file." in answer.text


def test_a_course_page_tells_where_units_start_and_what_they_ask(admin, add_course):
    course_id = add_course("Ladders", mastery_score=80, max_time_allowed="0001:00:00")

    page = admin.open(f"courses/{course_id}").text

    assert "https://content.example.org/start?&lt;x&gt;" in page
    assert "Mastery 80" in page
    assert "Time limit 0001:00:00" in page
    assert "Nobody is enrolled" in page


def test_a_unit_whose_content_is_nowhere_is_shown_as_it_was_written(admin, add_course):
    course_id = add_course("Ladders", file_name="lost/index.html")

    assert "lost/index.html" in admin.open(f"courses/{course_id}").text


def test_a_learner_is_enrolled_by_address_or_student_id_once(admin, people, add_course):
    course_id = add_course("Ladders")

    def enrol(who: str) -> str:
        answer = admin.send(f"courses/{course_id}/enrol", who=who)
        assert answer.status_code == 302
        return admin.client.get(answer.location).text

    assert "Doe, Jane is enrolled." in enrol(f" {people.learner.email.upper()} ")
    assert "Doe, Jane was enrolled already." in enrol(people.learner.student_id)


def test_nobody_and_strangers_are_not_enrolled(admin, people, add_course):
    course_id = add_course("Ladders")

    for who in ("nobody@example.org", people.other_admin.email, people.other_admin.student_id, " "):
        answer = admin.send(f"courses/{course_id}/enrol", who=who)
        assert answer.status_code == 422
    assert "Nobody is enrolled" in admin.open(f"courses/{course_id}").text


def test_a_course_of_another_academy_is_not_there(admin, people, add_course):
    foreign = add_course("Foreign", academy_id=people.other_academy_id)

    assert admin.open(f"courses/{foreign}").status_code == 404
    refused = admin.send(f"courses/{foreign}/enrol", who=people.learner.email)
    assert refused.status_code == 404
    assert "Foreign" not in admin.open("courses").text


def test_a_course_that_got_other_units_says_who_goes_on_in_an_earlier_version(stage, admin):
    stage.course("A1")
    assert "Version here" not in admin.open(f"courses/{stage.course_id}").text
    stage.launch()
    stage.renew("B1")
    stage.another("Newcomer")

    page = admin.open(f"courses/{stage.course_id}").text

    assert "1 learner goes on in an earlier one" in page
    assert page.count("goes on in version 1") == 1


def test_courses_are_found_by_a_tag_beside_the_other_filters(admin, add_course):
    fire, ladders = add_course("Fire"), add_course("Ladders")
    assert 'name="tag"' not in admin.open("courses").text
    for course_id, said in ((fire, "must, Hot & dry"), (ladders, "must")):
        page = f"/a/night/admin/courses/{course_id}/details"
        admin.post(page, page=page, tags=said, note="")

    both, one = admin.open("courses?tag=must").text, admin.open("courses?tag=Hot+%26+dry").text
    other = admin.open("courses?tag=Hot+%26+dry&q=ladders").text
    gone = admin.open("courses?tag=%3Cold%3E").text

    assert "Fire</a>" in both
    assert "Ladders</a>" in both
    assert "must (2)</option>" in both
    assert "Ladders</a>" not in one
    assert '<option value="Hot &amp; dry" selected>' in one
    assert "fits the other choices" in other
    assert "No course has the tag “&lt;old&gt;”." in gone


def test_the_list_says_where_each_course_is_from(app, people, admin, add_course):
    add_course("Ladders")
    with app.app_context():
        bring(transact, item(1, "Ropes"), academy_id=people.academy_id)

    rows = admin.open("courses").text.split("<tr>")

    (ladders,) = [row for row in rows if "Ladders</a>" in row]
    (ropes,) = [row for row in rows if "Ropes</a>" in row]
    assert "LADDERS" in ladders
    assert "Upload" in ladders
    assert "OpenSesame" in ropes
    assert key(1) not in ropes
