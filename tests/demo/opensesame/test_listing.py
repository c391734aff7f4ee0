"""The customer's pages: choosing, delivering, status, activity; in a browser and without one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from demo.opensesame.app import create_app
from demo.opensesame.catalogue import COURSES
from demo.opensesame.faults import Fault
from demo.opensesame.model import Opening

HIPAA, PASSWORDS, FEEDBACK, FORKLIFT = (COURSES[number] for number in (0, 1, 4, 6))
PATHS = (
    "/",
    f"/deliver?course={FEEDBACK.id}&course={HIPAA.id}",
    "/status",
    "/activity",
    "/integration",
    "/faults",
    f"/courses/{HIPAA.id}",
)


class Receiver:
    """A learning server's end of the push; answers with `statuses` in turn."""

    def __init__(self) -> None:
        self.statuses = ["202 Accepted"]
        self.came = 0

    def __call__(self, _environ: Any, start_response: Any) -> list[bytes]:
        start_response(self.statuses[min(self.came, len(self.statuses) - 1)], [])
        self.came += 1
        return [b'{"state": "accepted"}']


@pytest.fixture
def receiver(serve, pretend) -> Receiver:
    receiver = Receiver()
    pretend.connect(f"{serve(receiver)}/deliveries/opensesame", "the secret")
    return receiver


@pytest.fixture
def at(serve, pretend) -> Iterator[Any]:
    """Return `at(path)`: the address of a page of the first customer, at a running server."""
    url = serve(create_app(pretend), host="localhost")
    return lambda path: f"{url}/customers/{pretend.ciid}{path}"


def test_a_person_chooses_courses_names_a_licence_and_sees_what_the_integration_answered(
    page: Page, at, pretend, receiver
) -> None:
    receiver.statuses = ["202 Accepted", "200 OK"]
    page.goto(at("/"))
    expect(page.get_by_label(FORKLIFT.title)).to_be_disabled()
    page.get_by_label(HIPAA.title, exact=True).check()
    page.get_by_label(FEEDBACK.title, exact=True).check()
    page.get_by_role("button", name="Deliver Courses").click()

    send = page.get_by_role("button", name="Send to Integration")
    send.click()
    assert receiver.came == 0, "the browser asks for a licence first"
    page.get_by_label("Plus subscription").check()
    send.click()

    expect(page.get_by_role("status")).to_have_text(
        "Delivered: The integration answered 202. It was accepted."
    )
    expect(page.get_by_role("heading", level=1)).to_have_text("View Status")
    expect(page.get_by_role("listitem").filter(has_text=FEEDBACK.title)).to_contain_text("Plus")
    page.get_by_role("button", name="Send again").click()
    expect(page.get_by_text("answered 200. It knew this delivery already.").last).to_be_visible()
    (delivery,) = pretend.deliveries()
    assert delivery.courses == ((HIPAA.id, "Unlimited"), (FEEDBACK.id, "Plus subscription"))


def test_all_that_may_be_sent_is_chosen_with_one_click(page: Page, at) -> None:
    page.goto(at("/"))
    page.get_by_role("link", name="Choose all").click()

    assert page.locator("input:checked").count() == len(COURSES) - 1
    page.get_by_role("link", name="Choose none").click()
    assert page.locator("input:checked").count() == 0


def test_without_a_choice_of_licence_nothing_is_sent_and_the_page_says_why(desk, receiver) -> None:
    answer = desk.post("/deliver", course=[HIPAA.id, FEEDBACK.id])

    assert answer.status_code == 400
    assert f"{FEEDBACK.title}: choose one of its licences" in answer.text
    assert receiver.came == 0
    assert desk.pretend.entry(HIPAA.id).sent_as is None


@pytest.mark.parametrize("retired", [True, False])
def test_what_may_not_be_sent_is_refused_whatever_the_form_says(desk, receiver, retired) -> None:
    course = HIPAA if retired else FORKLIFT
    if retired:
        desk.pretend.retire(HIPAA.id)

    answer = desk.post("/deliver", course=[course.id])

    assert answer.status_code == 400
    assert receiver.came == 0


def test_nothing_chosen_leads_back_to_the_list(desk) -> None:
    answer = desk.get("/deliver")

    assert answer.location == f"{desk.home}/"
    assert "Choose at least one course." in desk.get("/").text


def test_unknown_courses_and_deliveries_are_not_found(desk) -> None:
    assert desk.get("/deliver", course="no-such-course").status_code == 404
    assert desk.post("/status/no-such-delivery").status_code == 404


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("401 Unauthorized", "401. The secret or the Customer Integration ID is wrong."),
        ("400 Bad Request", "400. It could not be read."),
        ("409 Conflict", "409. It is switched off over there."),
        ("429 Too Many Requests", "429. Too many came in a minute."),
        ("302 Found", "302. It was redirected, which is not followed."),
        ("500 Internal Server Error", "The integration answered 500."),
    ],
)
def test_what_the_integration_answers_is_told_in_words(desk, receiver, status, words) -> None:
    receiver.statuses = [status]

    desk.post("/deliver", course=[HIPAA.id])

    assert words in desk.get("/status").text


def test_an_integration_that_is_not_there_is_told(desk) -> None:
    desk.post("/deliver", course=[HIPAA.id])

    assert "No address of the integration is set." in desk.get("/status").text
    assert desk.pretend.entry(HIPAA.id).sent_as == "Unlimited"


def test_the_activity_report_names_learners_by_their_ids(desk) -> None:
    assert "Nobody has launched a course yet." in desk.get("/activity").text
    launch = desk.pretend.note_launch(HIPAA.id, Opening.OPEN, ciid=desk.pretend.ciid)
    desk.pretend.note_learner(launch.id, "k3v9q2", completed=True)

    text = desk.get("/activity").text

    assert HIPAA.title in text
    assert "<code>k3v9q2</code>, completed" in text


def test_deliveries_and_launches_of_a_course_that_is_made_up_no_more_are_still_shown(desk) -> None:
    pretend = desk.pretend
    pretend.grow(1)
    course_id = pretend.grown().id_of(0)
    pretend.deliver(course_id)
    pretend.note_launch(course_id, Opening.OPEN, ciid=pretend.ciid)
    assert "1 made-up courses" in desk.get("/").text

    pretend.grow(0)

    assert course_id in desk.get("/status").text
    assert course_id in desk.get("/activity").text


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_fits_is_accessible_and_shows_no_error(
    page: Page, at, pretend, scheme, receiver
) -> None:
    pretend.deliver(HIPAA.id, FEEDBACK.id, licences={FEEDBACK.id: "Seats"})
    pretend.add_customer("a-customer-with-a-long-integration-id-0123456789-0123456789")
    pretend.faults.switch_on(Fault.SLOW, times=3, from_page=2)
    launch = pretend.note_launch(HIPAA.id, Opening.OPEN, ciid=pretend.ciid)
    pretend.note_learner(launch.id, "a" * 64)
    page.emulate_media(color_scheme=scheme)
    found: list[str] = []
    page.on("console", lambda said: found.append(said.text))
    page.on("pageerror", lambda error: found.append(str(error)))

    for path in PATHS:
        for width in (1280, 375):
            page.set_viewport_size({"width": width, "height": 800})
            page.goto(at(path))
            needed = page.evaluate("document.documentElement.scrollWidth")
            found += [f"{path} at {width} needs {needed}"] if needed > width else []
            for violation in Axe().run(page).response["violations"]:
                found.append(
                    f"{path} at {width}: {violation['id']}: {violation['nodes'][0]['html']}"
                )

    assert found == []
