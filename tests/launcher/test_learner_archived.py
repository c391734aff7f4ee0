"""What a learner sees of an archived course: where it went, that work is kept, and no way in."""

from __future__ import annotations

from functools import partial

import pytest

import catalog.archive
from catalog.model import ArchiveReason
from launcher.db import transact

HOME = "/a/night/"


@pytest.fixture
def jane(visitor, people):
    """Jane's browser, signed in."""
    signed_in = visitor()
    signed_in.sign_in(people.learner.email)
    return signed_in


@pytest.fixture
def course_id(people, add_course) -> int:
    """A course of one unit that Jane is enrolled in."""
    return add_course(people.academy_id, people.learner.id)[0]


@pytest.fixture
def change(app, people, now, course_id):
    """Return `change(archive=True)`: the course goes, or comes back."""

    def _change(*, archive: bool = True) -> None:
        key = {"academy_id": people.academy_id, "course_id": course_id, "by": None, "now": now}
        archiving = partial(catalog.archive.archive, reason=ArchiveReason.REMOVED, **key)
        unit = archiving if archive else partial(catalog.archive.reactivate, **key)
        with app.app_context():
            assert transact(unit)

    return _change


def launch(jane, course_id: int):
    return jane.post(f"{HOME}courses/{course_id}/launch", au="A1")


def say(jane, launched, command: str, data: str = "") -> str:
    session_id = launched.text.partition("AICC_SID=")[2][:40]
    form = {"command": command, "session_id": session_id, "aicc_data": data}
    return jane.client.application.test_client().post("/hacp/1", data=form).text


def test_it_leaves_the_home_page_which_says_where_its_work_is(jane, course_id, change):
    assert "C1" in jane.client.get(HOME).text
    change()

    home = jane.client.get(HOME).text

    assert f"/courses/{course_id}" not in home
    assert "1 course of yours is archived and cannot be opened for now." in home
    change(archive=False)
    assert f"/courses/{course_id}" in jane.client.get(HOME).text


def test_it_stays_in_the_transcript_with_a_label(jane, course_id, change):
    say(jane, launch(jane, course_id), "PutParam", "[core]\r\nlesson_status=passed\r\nscore=90")
    change()

    transcript = jane.client.get(f"{HOME}transcript").text

    assert 'C1 <span class="status status-archived">Archived</span>' in transcript
    assert "Passed" in transcript


def test_its_page_says_what_happened_and_has_no_way_in(jane, course_id, change):
    launched = launch(jane, course_id)
    say(jane, launched, "GetParam")
    change()

    page = jane.client.get(f"{HOME}courses/{course_id}").text

    assert "It was archived on 4 May 2026, 09:30 UTC and cannot be opened for now." in page
    assert "If one of its units is still open in another window, you may go on there" in page
    assert "<button" not in page.partition("<main")[2]

    say(jane, launched, "PutParam", "[core]\r\nlesson_status=passed")

    page = jane.client.get(f"{HOME}courses/{course_id}").text
    assert "What your open window has sent since then is kept too (1 message)." in page
    assert "Not started" in page
    change(archive=False)
    page = jane.client.get(f"{HOME}courses/{course_id}").text
    assert ("archived" in page, "Passed" in page, "Review" in page) == (False, True, True)


def test_an_old_page_and_a_typed_address_launch_nothing_and_say_why(jane, course_id, change):
    old_page = jane.client.get(f"{HOME}courses/{course_id}").text
    assert f'action="{HOME}courses/{course_id}/launch"' in old_page
    change()

    refused = launch(jane, course_id)

    assert refused.status_code == 409
    assert "AICC_SID" not in refused.text
    assert "“C1” was archived on 4 May 2026, 09:30 UTC." in refused.text
    assert "What you have done in it is kept and stands in your transcript." in refused.text
    assert "Nothing was recorded" not in refused.text


def test_an_old_launch_address_starts_nothing(jane, course_id, change):
    launched = launch(jane, course_id)
    change()
    assert say(jane, launched, "GetParam").startswith("error=3\r\n")
