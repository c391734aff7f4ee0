"""The admin's pages of archiving: asked first, labelled everywhere, taken back by one click."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from functools import partial

import pytest

import catalog.archive
import hacp.store
from catalog.model import Archived, ArchiveReason
from catalog.supply.model import Delivered, Entry, Outcome, RunKind
from launcher import config, launches
from launcher.db import read, transact
from tests.launcher.opensesame.supplied import KEYS, Supplied


@pytest.fixture
def archived(app, people):
    """Return `archived(course_id)`: why a course is archived, or None."""

    def _archived(course_id: int, academy_id: int | None = None) -> Archived | None:
        with app.app_context():
            return read(
                partial(
                    catalog.archive.archived,
                    academy_id=academy_id or people.academy_id,
                    course_id=course_id,
                )
            )

    return _archived


@pytest.fixture
def archive_for(app, people, now):
    """Return `archive_for(course_id, reason)`: as a sync does."""

    def _archive(course_id: int, reason: ArchiveReason) -> None:
        with app.app_context():
            transact(
                partial(
                    catalog.archive.archive,
                    academy_id=people.academy_id,
                    course_id=course_id,
                    reason=reason,
                    by=None,
                    now=now,
                )
            )

    return _archive


@pytest.fixture
def content(app, people, enrol):
    """Return `content(course_id) -> say(command, data)`: Jane's window of a course."""

    def _launch(course_id: int):
        enrol(course_id)
        with app.test_request_context():
            launched = transact(
                lambda connection: launches.launch(
                    connection,
                    people.learner,
                    course_id=course_id,
                    au_id=None,
                    settings=config.current(),
                    now=datetime.now(UTC),
                )
            )

        def say(command: str, data: str = "") -> str:
            form = {"command": command, "session_id": launched.session_id, "aicc_data": data}
            return app.test_client().post(f"/hacp/{people.academy_id}", data=form).text

        return say

    return _launch


def test_archiving_is_asked_once_more_and_says_whom_it_meets(admin, add_course, content, archived):
    course_id = add_course("Ladders")
    content(course_id)("PutParam", "[core]\r\nlesson_status=incomplete")
    assert (
        f'href="/a/night/admin/courses/{course_id}/archive"'
        in admin.open(f"courses/{course_id}").text
    )

    asked = admin.open(f"courses/{course_id}/archive").text

    assert "1 learner is enrolled, and 1 is in the middle of it." in asked
    assert archived(course_id) is None


def test_an_admin_archives_a_course_in_her_own_name(admin, people, add_course, archived):
    course_id = add_course("Ladders")

    answer = admin.send(f"courses/{course_id}/archive")

    assert answer.location.endswith(f"/courses/{course_id}")
    found = archived(course_id)
    assert (found.reason, found.by) == (ArchiveReason.ADMIN, people.admin.id)
    page = admin.open(f"courses/{course_id}").text
    assert "“Ladders” is archived." in page
    assert "Admin, Ada archived it on " in page
    assert "reactivated by itself" not in page
    assert f"/courses/{course_id}/archive" not in page


def test_archiving_twice_is_told_and_asks_no_more(admin, add_course):
    course_id = add_course("Ladders")
    admin.send(f"courses/{course_id}/archive")
    admin.send(f"courses/{course_id}/archive")

    asked = admin.open(f"courses/{course_id}/archive")

    assert asked.location.endswith(f"/courses/{course_id}")
    assert "was archived already" in admin.open(f"courses/{course_id}").text


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (ArchiveReason.REMOVED, "OpenSesame took it off the list; archived on 4 May 2026"),
        (ArchiveReason.INACTIVE, "its publisher retired it, or its licence ended; archived on"),
    ],
)
def test_a_course_that_opensesame_took_away_says_so_and_that_it_may_come_back(
    admin, add_course, archive_for, reason, said
):
    course_id = add_course("Ladders")
    archive_for(course_id, reason)

    page = admin.open(f"courses/{course_id}").text

    assert said in page
    assert "It is reactivated by itself when OpenSesame lists it as active again." in page


def test_held_work_is_told_and_credited_by_one_click(admin, people, add_course, content):
    course_id = add_course("Ladders")
    say = content(course_id)
    say("GetParam")
    admin.send(f"courses/{course_id}/archive")
    assert say("PutParam", "[core]\r\nlesson_status=completed").startswith("error=0")
    assert say("ExitAU").startswith("error=0")

    page = admin.open(f"courses/{course_id}").text
    assert "2 messages are held, of learners who were in the middle: 1." in page
    assert "2 messages held" in page
    assert "Not started" in page

    answer = admin.send(f"courses/{course_id}/reactivate")

    assert answer.location.endswith(f"/courses/{course_id}")
    page = admin.open(f"courses/{course_id}").text
    assert "“Ladders” is active again." in page
    assert "2 messages that were held are credited." in page
    assert "Completed" in page
    assert "held</span>" not in page


def test_reactivating_what_is_not_archived_is_told(admin, add_course):
    course_id = add_course("Ladders")
    admin.send(f"courses/{course_id}/reactivate")
    page = admin.open(f"courses/{course_id}").text
    assert "“Ladders” is not archived." in page
    assert "credited" not in page


def test_the_list_labels_and_filters_archived_courses(admin, add_course):
    for title in ("Ladders", "Fires"):
        add_course(title)
    ropes = add_course("Ropes")
    admin.send(f"courses/{ropes}/archive")
    label = '<span class="status status-archived">Archived</span>'

    every = admin.open("courses").text
    assert (every.count(label), "Ladders" in every, "Ropes" in every) == (1, True, True)
    only = admin.open("courses?state=archived").text
    assert (only.count(label), "Ladders" in only, "Ropes" in only) == (1, False, True)
    active = admin.open("courses?state=active").text
    assert (active.count(label), "Ladders" in active, "Ropes" in active) == (0, True, False)
    assert (
        "No title and no course id among these"
        in admin.open("courses?state=archived&q=Ladders").text
    )
    assert "Ropes" in admin.open("courses?state=nonsense").text


def test_a_list_without_archived_courses_says_so(admin, add_course):
    add_course("Ladders")
    assert "No course is archived." in admin.open("courses?state=archived").text


def test_transcripts_and_the_learners_page_label_an_archived_course(
    admin, people, add_course, enrol
):
    course_id = add_course("Ladders")
    enrol(course_id)
    for page in ("transcripts", f"learners/{people.learner.id}"):
        assert "status-archived" not in admin.open(page).text
    admin.send(f"courses/{course_id}/archive")
    for page in ("transcripts", f"learners/{people.learner.id}"):
        assert "status-archived" in admin.open(page).text
    csv = admin.open("transcripts.csv").text.splitlines()
    assert csv[0].endswith(",archived_at")
    assert csv[1].endswith("Z")


def test_another_academys_course_is_neither_archived_nor_reactivated(
    admin, people, add_course, archived
):
    foreign = add_course("Foreign", academy_id=people.other_academy_id)
    assert admin.open(f"courses/{foreign}/archive").status_code == 404
    assert admin.send(f"courses/{foreign}/archive").status_code == 404
    assert admin.send(f"courses/{foreign}/reactivate").status_code == 404
    assert archived(foreign, people.other_academy_id) is None


def test_the_page_of_an_attempt_shows_what_is_held_and_what_it_will_amount_to(
    app, admin, people, add_course, content
):
    course_id = add_course("Ladders", mastery_score=Decimal(80))
    say = content(course_id)
    say("PutParam", "[core]\r\nlesson_status=incomplete\r\nlesson_location=page-1")
    admin.send(f"courses/{course_id}/archive")
    with app.app_context():
        (attempt,) = read(
            lambda connection: hacp.store.attempts_in_course(
                connection, people.academy_id, learner_id=people.learner.id, course_id=course_id
            )
        )
    address = f"attempts/{attempt.id}"
    assert "Held until the course is reactivated" not in admin.open(address).text

    say("PutParam", "[core]\r\nlesson_status=completed\r\nscore=90\r\nlesson_location=page-9")
    say("ExitAU")

    page = admin.open(address).text
    before, _, after = page.partition('id="recorded"')
    assert "2 messages</span>" in before
    assert ("Passed" in before, "page-9" in before, "page-1" in after) == (True, True, True)
    assert page.count('<span class="status status-held">Held</span>') == 2
    assert "this was kept, to be credited when the course is reactivated" in after
    hint = admin.open("transcripts").text
    assert "Archived meanwhile, work is held" in hint

    admin.send(f"courses/{course_id}/reactivate")

    page = admin.open(address).text
    assert "status-held" not in page
    assert "page-9" in page


def test_every_list_that_names_an_archived_course_says_that_it_is(
    app, admin, people, add_course, content, archive_for, now
):
    course_id = add_course("Ladders")
    content(course_id)("PutParam", "[core]\r\nlesson_status=incomplete")

    def within(unit):
        with app.app_context():
            return transact(unit)

    supplied = Supplied(within, people.academy_id, now)
    supplied.connect()
    run = supplied.ran(Entry(Outcome.UPDATED, KEYS[0], "Ladders", course_id))
    delivery = supplied.receive(KEYS[0])
    became = Delivered(KEYS[0], outcome=Outcome.UPDATED, title="Ladders", course_id=course_id)
    supplied.report(supplied.begin(RunKind.DELIVERY), became)
    label = "status-archived"
    lists = ["", "courses", "transcripts", f"runs/{run}", f"deliveries/{delivery}"]
    assert not [path for path in lists if label in admin.open(path).text]

    archive_for(course_id, ArchiveReason.INACTIVE)

    assert [path for path in lists if label not in admin.open(path).text] == []
    assert "Ladders (archived)</option>" in admin.open("transcripts").text


def test_nobody_is_enrolled_in_an_archived_course_and_both_pages_say_why(
    admin, people, add_course, archive_for
):
    course_id = add_course("Ladders")
    archive_for(course_id, ArchiveReason.ADMIN)

    refused = admin.send(f"courses/{course_id}/enrol", who=people.learner.email)
    assert refused.status_code == 422
    assert "This course is archived: nobody can begin it." in refused.text
    moved = admin.send(f"learners/{people.learner.id}/enrol", course=str(course_id))
    assert "This course is archived" in admin.client.get(moved.location).text
    assert "Nobody is enrolled" in admin.open(f"courses/{course_id}").text
