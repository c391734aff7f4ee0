"""The learner's pages, asked for over HTTP."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

import catalog.store
from catalog.model import AssignableUnit, Block, Course
from launcher.db import transact
from launcher.people import academies, enrolments
from launcher.records import course_rules
from launcher.records.course_rules import CourseRules
from launcher.schema import LaunchWindow

HOME = "/a/night/"


def a_course(course_id: str, title: str, units: int) -> Course:
    ids = tuple(f"A{number}" for number in range(1, units + 1))
    return Course(
        course_id,
        title,
        units=tuple(
            AssignableUnit(id_, f"Unit {id_}", f"http://content.example.org/{id_}?x=<1>")
            for id_ in ids
        ),
        members=("B1",),
        blocks=(Block("B1", "The <b>block</b>", ids),),
        description=f"All about {title}.",
    )


@pytest.fixture
def add_course(app, people, now):
    """Return `add_course(title, units=1, enrolled=True) -> id`."""

    def _add(title: str, *, units: int = 1, enrolled: bool = True) -> int:
        def unit(connection):
            course_id = catalog.store.add_course(
                connection,
                people.academy_id,
                course=a_course(title.upper(), title, units),
                source="test.zip",
                fingerprint=title,
                content_key=None,
                folder="",
                now=now,
            )
            if enrolled:
                enrolments.enrol(
                    connection,
                    academy_id=people.academy_id,
                    learner_id=people.learner.id,
                    course_id=course_id,
                    now=now,
                )
            return course_id

        with app.app_context():
            return transact(unit)

    return _add


@pytest.fixture
def learner(visitor, people):
    signed_in = visitor()
    signed_in.sign_in(people.learner.email)
    return signed_in


def launch(learner, course_id: int, **form):
    path = f"{HOME}courses/{course_id}/launch"
    return learner.post(path, **form)


def address_in(answer) -> str:
    found = re.search(r'http-equiv="refresh" content="0; url=([^"]*)"', answer.text)
    assert found
    return unescape(found.group(1))


def tell(learner, launched: str, *, status: str, command: str = "PutParam"):
    """Say something as the content would."""
    sent = {name: values[0] for name, values in parse_qs(urlsplit(launched).query).items()}
    return learner.client.post(
        urlsplit(sent["AICC_URL"]).path,
        data={
            "command": command,
            "session_id": sent["AICC_SID"],
            "aicc_data": f"[core]\r\nlesson_status={status}\r\nscore=80,100,0\r\ntime=00:00:00",
        },
    )


def test_nothing_to_do_is_said_with_what_comes_next(learner):
    page = learner.client.get(HOME)

    assert page.status_code == 200
    assert "No courses yet" in page.text
    assert "Hello, Jane" in page.text


def test_many_courses_stand_on_several_pages(learner, add_course):
    for number in range(25):
        add_course(f"Course {number:02}")
    first, second = learner.client.get(HOME).text, learner.client.get(f"{HOME}?page=2").text

    assert "You have 25 courses." in first
    assert [first.count('class="course-card"'), second.count('class="course-card"')] == [24, 1]
    shown = re.findall(r"<h2><a [^>]*>(Course \d\d)</a>", first + second)
    assert sorted(shown) == [f"Course {number:02}" for number in range(25)]


def test_a_card_launches_its_only_unit_and_leads_to_a_page_of_several(learner, add_course):
    one, several = add_course("One"), add_course("Several", units=3)

    page = learner.client.get(HOME).text

    assert f'action="/a/night/courses/{one}/launch"' in page
    assert f'action="/a/night/courses/{several}/launch"' not in page
    assert f'href="/a/night/courses/{several}"' in page
    assert "0 of 3 units done" in page


def test_a_course_shows_its_tree_with_everything_escaped(learner, add_course):
    page = learner.client.get(f"{HOME}courses/{add_course('Tree', units=2)}").text

    assert "The &lt;b&gt;block&lt;/b&gt;" in page
    assert page.index("Unit A1") < page.index("Unit A2")
    # Each unit has a button to launch it, and one to look inside.
    assert (page.count('name="au"'), page.count('name="browse"')) == (4, 2)


@pytest.mark.parametrize(("window", "target"), [(LaunchWindow.NEW, 1), (LaunchWindow.SAME, 0)])
def test_the_academy_says_in_which_window_a_unit_opens(
    app, people, learner, add_course, window, target
):
    add_course("One")
    with app.app_context():
        transact(
            lambda connection: academies.change_settings(
                connection,
                people.academy_id,
                name="Night School",
                launch_window=window,
                time_zone="UTC",
            )
        )

    page = learner.client.get(HOME).text

    assert page.count('target="_blank" rel="noopener"') == target


@pytest.mark.conforms(
    "Security",
    "proxies, content",
    "The launch page sends no referrer.",
    grade="D",
)
def test_a_launch_leaves_for_the_content_without_a_trace(learner, add_course):
    answer = launch(learner, add_course("One"), au="A1")

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    address = address_in(answer)
    query = parse_qs(urlsplit(address).query)
    assert address.startswith("http://content.example.org/A1?")
    assert re.fullmatch("[0-9a-f]{40}", query["AICC_SID"][0])
    links = [unescape(link) for link in re.findall(r'<a [^>]*href="([^"]+)"', answer.text)]
    assert address in links


def test_a_unit_goes_from_launch_to_resume_to_review(learner, add_course):
    course_id = add_course("One")

    def button() -> str:
        page = learner.client.get(f"{HOME}courses/{course_id}").text
        return re.search(r"(Launch|Resume|Review)\s*<span", page).group(1)

    assert button() == "Launch"
    launched = address_in(launch(learner, course_id, au="A1"))
    assert button() == "Resume"
    tell(learner, launched, status="incomplete")
    assert button() == "Resume"
    tell(learner, launched, status="completed")
    assert button() == "Review"
    assert "1 of 1 unit done" in learner.client.get(HOME).text


def test_a_unit_that_is_over_offers_a_retake_beside_the_review(learner, add_course):
    course_id = add_course("One")
    page = f"{HOME}courses/{course_id}"
    tell(learner, address_in(launch(learner, course_id, au="A1")), status="incomplete")
    assert "Retake" not in learner.client.get(page).text
    tell(learner, address_in(launch(learner, course_id, au="A1")), status="completed")

    shown = learner.client.get(page).text
    assert re.findall(r"(Review|Retake)\s*<span", shown) == ["Review", "Retake"]
    assert "the best one counts" in shown
    again = launch(learner, course_id, au="A1", retake="1")
    tell(learner, address_in(again), status="incomplete")

    shown = learner.client.get(page).text
    assert re.findall(r"(Resume|Review|Retake)\s*<span", shown) == ["Resume"]
    assert "1 of 1" in shown
    transcript = learner.client.get(f"{HOME}transcript").text
    assert transcript.count('<th scope="row">Unit A') == 2


def test_where_the_course_allows_no_retakes_there_is_no_button_and_no_way_around(
    app, people, learner, add_course
):
    course_id = add_course("One")
    tell(learner, address_in(launch(learner, course_id, au="A1")), status="completed")
    with app.app_context():
        transact(
            lambda connection: course_rules.change_rules(
                connection,
                people.academy_id,
                course_id=course_id,
                rules=CourseRules(retakes=False),
            )
        )

    assert "Retake" not in learner.client.get(f"{HOME}courses/{course_id}").text
    refused = launch(learner, course_id, au="A1", retake="1")

    assert refused.status_code == 409
    assert "this course allows no retakes" in refused.text


def test_a_card_without_a_unit_named_launches_the_only_one(learner, add_course):
    assert launch(learner, add_course("One")).status_code == 200


def test_a_refused_launch_says_why_and_opens_nothing(learner, add_course):
    own, foreign = add_course("Own", units=2), add_course("Foreign", enrolled=False)

    refused = {
        "no such course": launch(learner, 999, au="A1"),
        "not enrolled": launch(learner, foreign, au="A1"),
        "no such unit": launch(learner, own, au="A9"),
        "which unit": launch(learner, own),
    }

    assert {why: answer.status_code for why, answer in refused.items()} == {
        "no such course": 404,
        "not enrolled": 403,
        "no such unit": 404,
        "which unit": 409,
    }
    for answer in refused.values():
        assert "The unit was not started" in answer.text
        assert "AICC_SID" not in answer.text
    assert "0 of 2 units done" in learner.client.get(HOME).text


def test_a_launch_needs_its_token(learner, add_course):
    course_id = add_course("One")

    answer = learner.client.post(f"{HOME}courses/{course_id}/launch", data={"au": "A1"})

    assert answer.status_code == 400
    assert "Launch" in learner.client.get(f"{HOME}courses/{course_id}").text


def test_a_course_that_one_may_not_take_is_not_there(learner, add_course):
    foreign = add_course("Foreign", enrolled=False)

    assert learner.client.get(f"{HOME}courses/{foreign}").status_code == 404
    assert learner.client.get(f"{HOME}courses/999").status_code == 404


def test_the_transcript_begins_empty_and_tells_every_attempt(learner, add_course):
    assert "Nothing recorded yet" in learner.client.get(f"{HOME}transcript").text
    course_id = add_course("Several", units=2)
    tell(learner, address_in(launch(learner, course_id, au="A2")), status="incomplete")

    page = learner.client.get(f"{HOME}transcript").text

    assert "In progress" in page
    assert "80 of 100" in page
    assert "UTC" in page
    assert page.count('<th scope="row">Unit A') == 1


def test_a_look_inside_is_offered_until_something_has_begun(learner, add_course):
    course_id = add_course("One")
    page = f"{HOME}courses/{course_id}"
    tell(learner, address_in(launch(learner, course_id, au="A1", browse="1")), status="completed")
    assert learner.client.get(page).text.count('name="browse"') == 1
    tell(learner, address_in(launch(learner, course_id, au="A1")), status="incomplete")
    assert 'name="browse"' not in learner.client.get(page).text
