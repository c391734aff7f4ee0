"""Launches: counted, refused by name, or run from the browser in front of a learning server."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from demo.opensesame.app import create_app
from demo.opensesame.catalogue import COURSES, ENDED
from demo.opensesame.journal import Place
from demo.opensesame.model import Opening, Variant

HIPAA = COURSES[0].id
PASSWORDS = COURSES[1].id


@pytest.fixture
def address(serve, reader):
    """Return `address(course)`: the launch address of a course, from the listing."""
    url = serve(create_app(reader.pretend), host="localhost")

    def _address(course_id: str) -> str:
        if reader.pretend.entry(course_id).sent_as is None:
            reader.pretend.send(course_id)
        (item,) = [item for item in reader.items() if item["id"] == course_id]
        return item["aiccLaunchUrl"].replace("http://localhost/", f"{url}/")

    return _address


def launched(learning_server: Any, address: str) -> str:
    """Put the launch parameters behind the query that is there already."""
    return learning_server.launch(address).replace("?AICC_SID", "&AICC_SID")


def test_a_course_in_the_browser_reports_every_page_and_is_counted_for_its_learner(
    page: Page, address, learning_server, pretend
) -> None:
    met: list[str] = []
    page.on("response", lambda response: met.append(f"{response.status} {response.url}"))
    page.goto(launched(learning_server, address(HIPAA)))
    for _ in range(3):
        page.get_by_role("button", name="Next").click()
    with page.expect_response(lambda one: "completed=yes" in (one.request.post_data or "")):
        page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("heading")).to_have_text("That was it")
    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_role("heading")).to_have_text("Your progress is saved")

    assert learning_server.commands == ["GetParam", *["PutParam"] * 6, "ExitAU"]
    assert (learning_server.status, learning_server.location) == ("completed", "page-end")
    assert set(learning_server.cookies) == {""}
    (launch,) = pretend.launches()
    assert (launch.course_id, launch.student_id, launch.completed) == (HIPAA, "k3v9q2", True)
    assert [one for one in met if not one.startswith("2")] == []


def test_it_goes_on_at_the_bookmark(page: Page, address, learning_server) -> None:
    learning_server.status, learning_server.location = "incomplete", "page-3"

    page.goto(launched(learning_server, address(HIPAA)))

    expect(page.get_by_text(COURSES[0].points[1])).to_be_visible()


@pytest.mark.parametrize("course", [HIPAA, PASSWORDS])
@pytest.mark.parametrize(
    ("opening", "words"),
    [
        (Opening.NO_SEAT, "There is no free seat"),
        (Opening.EXPIRED, "The licence has expired"),
    ],
)
def test_a_launch_is_refused_by_name_without_asking_the_learning_server(
    page: Page, address, learning_server, pretend, course, opening, words
) -> None:
    pretend.open_launches(course, opening)
    answer = page.goto(launched(learning_server, address(course)))

    expect(page.get_by_role("heading")).to_have_text(words)
    assert answer is not None
    assert answer.status == 403
    assert learning_server.posts == []
    assert [(one.opening, one.student_id) for one in pretend.launches()] == [(opening, None)]


@pytest.mark.parametrize("variant", Variant)
def test_a_licence_that_has_ended_refuses_launches_by_itself(
    http, pretend, reader, learning_server, variant
) -> None:
    pretend.send(HIPAA)
    (item,) = reader.items()
    pretend.change(HIPAA, licences=(ENDED,), variant=variant)

    answer = http.get(launched(learning_server, item["aiccLaunchUrl"]))

    assert answer.status_code == 403
    assert "The licence has expired" in answer.text
    assert pretend.launches()[0].opening is Opening.EXPIRED


@pytest.mark.parametrize("variant", Variant)
def test_when_all_seats_are_taken_only_their_learners_get_in(
    http, pretend, reader, learning_server, variant
) -> None:
    pretend.send(HIPAA)
    pretend.change(HIPAA, variant=variant)
    pretend.set_seats(HIPAA, 1)
    (item,) = reader.items()
    address = launched(learning_server, item["aiccLaunchUrl"])
    http.get(address)
    pretend.note_learner(pretend.launches()[0].id, "k3v9q2")
    told = len(learning_server.posts)

    # Another browser is refused before anybody is asked whose it is.
    other = http.application.test_client().get(address)
    assert (other.status_code, len(learning_server.posts)) == (403, told)
    assert "There is no free seat" in other.text
    # The one that took the seat is asked, and gets in again; whoever else uses it does not.
    assert http.get(address).status_code == 200
    learning_server.student_id = "somebody-else"
    assert http.get(address).status_code == 403
    learning_server.error = 3
    assert http.get(address).status_code == 403

    pretend.set_seats(HIPAA, 2)
    learning_server.error = 0
    assert http.application.test_client().get(address).status_code == 200
    met = [launch.opening for launch in pretend.launches()]
    assert met == [
        Opening.OPEN,
        Opening.NO_SEAT,
        Opening.OPEN,
        *[Opening.NO_SEAT] * 2,
        Opening.OPEN,
    ]


def test_a_preview_is_shown_and_not_counted(page: Page, address, pretend) -> None:
    page.goto(address(HIPAA))

    expect(page.get_by_role("alert")).to_contain_text("no AICC_SID and AICC_URL")
    expect(page.get_by_role("heading")).to_have_text(COURSES[0].title)
    assert pretend.launches() == ()


def test_without_a_learning_server_a_course_of_the_server_says_so(http, reader) -> None:
    reader.pretend.send(PASSWORDS)
    (item,) = reader.items()

    answer = http.get(item["aiccLaunchUrl"])

    assert answer.status_code == 400
    assert "no AICC_SID and AICC_URL" in answer.text


@pytest.mark.parametrize(
    "path",
    [
        f"/launch/{HIPAA}",
        f"/launch/{HIPAA}?licenseId=",
        f"/launch/{HIPAA}?licenseId=nobody.0123",
        "/launch/no-such-course?licenseId=0b0f1c5e-6a55-4d0e-9a61-5b7c1e0d2a44.0123",
    ],
)
def test_an_unknown_course_or_licence_is_told(http, path) -> None:
    answer = http.get(path)

    assert answer.status_code == 404
    assert "This course is not known" in answer.text


def test_the_journal_has_the_launch_without_the_session_id(http, reader, learning_server) -> None:
    reader.pretend.send(HIPAA)
    (item,) = reader.items()
    http.get(launched(learning_server, item["aiccLaunchUrl"]))

    (call,) = reader.pretend.calls(Place.LAUNCH)

    assert call.path == f"/launch/{HIPAA}"
    assert set(call.query) == {"licenseId"}
    assert learning_server.sid not in repr(call)


def test_only_a_launch_that_was_counted_can_be_told_its_learner(http, pretend) -> None:
    launch = pretend.note_launch(HIPAA, Opening.OPEN, ciid=pretend.ciid)

    known = http.post(f"/launch/{launch.id}/learner", data={"student_id": "x" * 300})
    unknown = http.post("/launch/made-up/learner", data={"student_id": "k3v9q2"})

    assert (known.status_code, unknown.status_code) == (204, 404)
    assert pretend.launches()[0].student_id == "x" * 255


@pytest.mark.parametrize(
    ("name", "status"),
    [("hacp.js", 200), ("style.css", 200), ("quiz.html", 404), ("..%2fcontent.py", 404)],
)
def test_only_the_players_own_files_are_served(http, name, status) -> None:
    with http.get(f"/player/{name}") as answer:
        assert answer.status_code == status


@pytest.mark.parametrize("width", [375, 1280])
def test_a_course_is_never_wider_than_the_window(page: Page, address, width) -> None:
    page.set_viewport_size({"width": width, "height": 760})
    page.goto(address(HIPAA))
    expect(page.locator("body[data-ready]")).to_be_visible()

    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(overflow) == 0
