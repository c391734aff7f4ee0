"""The learner's pages of a course in which units wait for each other."""

from __future__ import annotations

import re
import time
from html import unescape

import pytest

import catalog.store
from catalog.model import AssignableUnit, Block, Course
from launcher.db import transact
from launcher.people import enrolments

HOME = "/a/night/"

STEPS = Course(
    "STEPS",
    "Steps",
    tuple(
        AssignableUnit(f"A{n}", f"Lesson {n}", "https://content.example.org/") for n in range(1, 5)
    ),
    ("A1", "A2", "B1"),
    (Block("B1", "Part <two>", ("A3", "A4"), "What comes after."),),
    prerequisites={"A2": "A1", "B1": "A1 & A2"},
)


@pytest.fixture
def add(app, people, now):
    """Return `add(course) -> id`: Jane is enrolled in it."""

    def _add(course: Course) -> int:
        def unit(connection):
            course_id = catalog.store.add_course(
                connection,
                people.academy_id,
                course=course,
                source="test.zip",
                fingerprint=course.course_id,
                content_key=None,
                folder="",
                now=now,
            )
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


def words_of(page: str) -> str:
    """Return what a page says, without its marks and with single blanks."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_a_locked_unit_says_what_unlocks_it_and_has_no_button(learner, add):
    page = learner.client.get(f"{HOME}courses/{add(STEPS)}").text
    words = words_of(page)

    # To launch the first lesson, and to look inside.
    assert page.count('name="au"') == 2
    assert "Lesson 2 Locked until “Lesson 1” is completed." in words
    # Told once on the block, not on every unit in it.
    assert words.count("Locked until “Lesson 1” and “Lesson 2” are completed.") == 1
    assert "Part <two>" in words
    assert page.count('class="lock-mark"') == 3


def test_units_unlock_one_after_the_other(learner, add):
    course_id = add(STEPS)
    launched = learner.post(f"{HOME}courses/{course_id}/launch", au="A1").text
    session = re.search(r"AICC_SID=([0-9a-f]{40})", launched).group(1)
    learner.client.post(
        "/hacp/1",
        data={
            "command": "PutParam",
            "session_id": session,
            "aicc_data": "[core]\r\nlesson_status=passed\r\n",
        },
    )
    page = learner.client.get(f"{HOME}courses/{course_id}").text

    # The unit that is passed is offered twice: to be reviewed and to be taken again; the next one
    # to be launched and to be looked into.
    assert re.findall(r'name="au" value="(\w+)"', page) == ["A1", "A1", "A2", "A2"]
    assert "Locked until “Lesson 2” is completed." in words_of(page)


def test_a_refused_launch_of_a_locked_unit_is_a_page_for_people(learner, add):
    answer = learner.post(f"{HOME}courses/{add(STEPS)}/launch", au="A3")

    assert answer.status_code == 409
    said = "“Lesson 3” is locked, with all of “Part <two>”, until “Lesson 1” and “Lesson 2” are"
    assert said in words_of(answer.text)
    assert "Part &lt;two&gt;" in answer.text


def test_a_card_never_offers_a_locked_unit(learner, add):
    alone = Course("ONE", "One", STEPS.units[:1], ("A1",), prerequisites={"A1": "J1"})
    course_id = add(alone)
    page = learner.client.get(HOME).text

    assert 'name="au"' not in page
    assert "What is left is locked." in words_of(page)
    assert f'href="/a/night/courses/{course_id}"' in page


def test_a_course_whose_blocks_are_nested_thousands_deep_is_shown(learner, add):
    depth = 3_000
    blocks = [Block(f"B{n}", f"Block {n}", (f"B{n + 1}",)) for n in range(depth)]
    blocks.append(Block(f"B{depth}", "Innermost", ("A1",)))
    start = time.process_time()
    page = learner.client.get(
        f"{HOME}courses/{add(Course('DEEP', 'Deep', STEPS.units[:1], ('B0',), tuple(blocks)))}"
    )

    assert page.status_code == 200
    assert page.text.index("Innermost") < page.text.index("Lesson 1")
    assert time.process_time() - start < 20
