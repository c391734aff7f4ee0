"""Every page, wide and narrow: nothing scrolls sideways, all is accessible, nothing is inline."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page
from sqlalchemy import update

from catalog import tags
from catalog.picture_shelf import PictureShelf
from catalog.provider.pictures import Picture
from catalog.schema import TAG_LENGTH, CourseTable
from catalog.supply.model import Delivered, Entry, Outcome, RunKind, RunState
from catalog.tags import Noted
from demo.opensesame.pictures import draw
from launcher import archiving
from launcher.schema import Role
from tests.launcher.opensesame.supplied import KEYS, Supplied

WIDTHS = (1280, 375)
GRAVE = {"serious", "critical"}
LONG_NAME = "Featherstonehaugh-Wolfeschlegelsteinhausen, Maximiliane Theodora Alexandrina"
LONG_ID = "a.very.long.address.that.somebody.really.has.at.work@department.example.org"

LEARNER_PAGES = (
    "",
    "courses/{course}",
    "courses/{archived}",
    "transcript",
    "catalog",
    "catalog?q=nothing-like-this",
)
ADMIN_PAGES = (
    "admin/",
    "admin/courses",
    "admin/courses?q=nothing-like-this",
    "admin/courses?tag=must&state=active",
    "admin/courses/upload",
    "admin/courses/{course}",
    "admin/courses/{course}/details",
    "admin/courses/{course}/rules",
    "admin/courses/{course}/preview",
    "admin/courses/{course}/archive",
    "admin/courses/{archived}",
    "admin/courses?state=archived",
    "admin/learners",
    "admin/learners?q=nothing-like-this",
    "admin/learners/add",
    "admin/learners/import",
    "admin/learners/{learner}",
    "admin/learners/{learner}/courses/{course}/by-hand",
    "admin/transcripts",
    "admin/transcripts?status=failed&sort=-learner",
    "admin/attempts/{attempt}",
    "admin/attempts/{attempt}/records/interaction",
    "admin/attempts/{attempt}/exchanges/{exchange}",
    "admin/settings",
    "admin/settings/opensesame",
    "admin/deliveries",
    "admin/deliveries/{delivery}",
    "admin/deliveries/{delivery}?outcome=archived",
    "admin/duplicates",
    "admin/duplicates?course={course}",
    "admin/runs",
    "admin/runs/{run}",
    "admin/runs/{running}",
)
# Something of everything that content says beside a result, with words that are hard to fit.
_LONG_WORD = "w" * 400
SAID_BESIDE = {
    "PutInteractions": (
        '"interaction_id","type_interaction","student_response","result","latency"\r\n'
        f'"{LONG_ID}","choice","{_LONG_WORD}","wrong","00:00:07"\r\n'
    ),
    "PutObjectives": f'"objective_id","score","status"\r\n"{LONG_ID}","8,10","passed"\r\n',
    "PutPath": f'"element_location","status","why_left"\r\n"{_LONG_WORD}","c","{LONG_NAME}"\r\n',
    "PutPerformance": f'"clicks","{LONG_ID}"\r\n"17","{_LONG_WORD}"\r\n',
    "PutParam": (
        f"[core]\r\nlesson_status=incomplete,\r\nlesson_location={_LONG_WORD}\r\n"
        f"[comments]\r\n{_LONG_WORD}\r\n[student_preferences]\r\nlanguage={_LONG_WORD[:200]}\r\n"
        f"[core_lesson]\r\n{_LONG_WORD * 10}"
    ),
}
BARE_PAGES = ("/sign-in", "/password", "/no-such-page")


def complaints(page: Page, width: int) -> list[str]:
    """Look at one page as it stands."""
    page.set_viewport_size({"width": width, "height": 800})
    where = f"{page.url} at {width}"
    found = []
    needed = page.evaluate("document.documentElement.scrollWidth")
    if needed > width:
        found.append(f"{where}: scrolls sideways to {needed}")
    for violation in Axe().run(page).response["violations"]:
        if violation["impact"] in GRAVE:
            shown = violation["nodes"][0]["html"][:160]
            found.append(f"{where}: {violation['id']}: {shown}")
    inline = page.evaluate(
        "document.querySelectorAll('[style], script:not([src]), [onclick]').length"
    )
    if inline:
        found.append(f"{where}: {inline} inline styles or scripts")
    return found


def look_at(page: Page, addresses) -> list[str]:
    found: list[str] = []
    page.on(
        "console", lambda said: found.extend([said.text] if "Content Security" in said.text else [])
    )
    page.on("pageerror", lambda error: found.append(str(error)))
    for address in addresses:
        page.goto(address)
        found += itertools.chain.from_iterable(complaints(page, width) for width in WIDTHS)
    return found


@pytest.fixture
def lived_in(site):
    """An academy with a long name in it; one course was begun, one is archived."""
    course = site.import_course(site.package("fire-safety"))
    person = site.add(LONG_ID, LONG_NAME, Role.ADMIN)
    site.enrol(course, person)
    archived = site.import_course(site.package("phishing-basics"))
    site.enrol(archived, person)
    with site.app.app_context():
        archiving.archive(site.academy_id, course_id=archived, by=person.id, now=datetime.now(UTC))
    adorn(site, course)
    lived_in = {"course": course, "archived": archived, "learner": person.id, "person": person}
    return lived_in | supply(site, course)


def adorn(site, course: int) -> None:
    """Give a course a picture, as OpenSesame's have one, and tags that are hard to fit."""
    picture = Picture("image/png", draw("made up", "thumbnail"))
    name = PictureShelf(site.settings.picture_root).keep(picture)
    noted = Noted(("must", "w" * TAG_LENGTH), LONG_NAME)
    site.transact(lambda c: tags.keep(c, site.academy_id, course_id=course, noted=noted))
    site.transact(
        lambda c: c.execute(
            update(CourseTable).where(CourseTable.id == course).values(picture=name)
        )
    )


def supply(site, course: int) -> dict[str, int]:
    """Let OpenSesame have delivered, changed, failed, and be at it again."""
    supplied = Supplied(site.transact, site.academy_id, datetime.now(UTC))
    supplied.connect()
    delivery = supplied.receive(*KEYS[:3], licence="Annual")
    claim = supplied.begin(RunKind.DELIVERY)
    reason = "The title, publisher and language are those of a course that is here."
    supplied.report(
        claim,
        Delivered(KEYS[0], outcome=Outcome.NEW, title=LONG_NAME, course_id=course),
        Delivered(KEYS[1], outcome=Outcome.WAITING, matched_id=course, reason=reason),
    )
    changed = (("title", LONG_NAME, LONG_ID), ("description", "old " * 200, "new " * 200))
    run = supplied.end(
        claim,
        Entry(Outcome.UPDATED, KEYS[0], LONG_NAME, course, differences=changed),
        Entry(Outcome.FAILED, KEYS[2], "", reason=LONG_ID),
    )
    supplied.ran(state=RunState.WAITING, sentence="It would archive 30 of 100 courses.")
    supplied.note("OpenSesame did not answer at api.example.org.", times=2)
    return {"delivery": delivery, "run": run, "running": supplied.begin().run_id}


def begin(page: Page, site, course: int) -> None:
    """Launch the first unit, wait until its content has begun to talk, and close it."""
    page.goto(site.at(f"courses/{course}"))
    with page.context.expect_page() as opened:
        page.get_by_role("button", name="Launch Get out alive").click()
    opened.value.wait_for_selector("body[data-ready=true]")
    session_id = parse_qs(urlsplit(opened.value.url).query)["AICC_SID"][0]
    opened.value.close()
    for command, aicc_data in SAID_BESIDE.items():
        form = {"command": command, "session_id": session_id, "aicc_data": aicc_data}
        site.app.test_client().post(f"{site.url}/hacp/{site.academy_id}", data=form)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_of_an_academy_full_of_life_fit_and_are_accessible(site, lived_in, sign_in, scheme):
    page = sign_in(lived_in["person"])
    page.emulate_media(color_scheme=scheme)
    begin(page, site, lived_in["course"])
    page.goto(site.at(f"admin/learners/{lived_in['learner']}"))
    attempt = page.get_by_role("link", name="Attempt 1").get_attribute("href").rpartition("/")[2]
    page.goto(site.at(f"admin/attempts/{attempt}"))
    exchange = page.locator(".exchange-head a").first.get_attribute("href").rpartition("/")[2]
    facts = {**lived_in, "attempt": attempt, "exchange": exchange}

    pages = [site.at(path.format(**facts)) for path in LEARNER_PAGES + ADMIN_PAGES]
    bare = [f"{site.url}{path}" for path in BARE_PAGES]

    assert look_at(page, pages + bare) == []


def test_pages_of_an_empty_academy_fit_and_are_accessible(site, sign_in):
    page = sign_in(site.admin)
    paths = ("", "transcript", "admin/", "admin/courses", "admin/learners", "admin/transcripts")
    paths += ("admin/settings/opensesame", "admin/deliveries", "admin/runs")

    assert look_at(page, [site.at(path) for path in paths]) == []


def test_what_opens_on_a_page_fits_and_is_accessible_too(site, lived_in, sign_in):
    page = sign_in(lived_in["person"])
    begin(page, site, lived_in["course"])
    page.goto(site.at("transcript"))
    page.get_by_text("Attempts at each unit").click()
    found = complaints(page, 375)
    page.locator("details[data-menu] summary").click()
    found += complaints(page, 375)

    page.keyboard.press("Escape")

    assert found == []
    assert page.locator("details[data-menu]").get_attribute("open") is None
    assert page.locator("details[data-menu] summary").evaluate(
        "it => it === document.activeElement"
    )


def test_the_sign_in_page_and_a_refused_launch_fit_and_are_accessible(site, page, sign_in):
    page.goto(f"{site.url}/sign-in")
    page.get_by_label("E-mail address").fill("nobody@example.org")
    page.get_by_label("Password").fill("wrong password")
    page.get_by_role("button", name="Sign in").click()
    found = [*complaints(page, 375), *complaints(page, 1280)]

    course = site.import_course(site.package("fire-safety"))
    site.enrol(course)
    sign_in(site.learner).goto(site.at(f"courses/{course}"))
    page.evaluate("document.querySelector('form[data-refresh-after] [name=au]').value = 'A9'")
    with page.context.expect_page() as opened:
        page.get_by_role("button", name="Launch Get out alive").click()
    refused = opened.value
    refused.wait_for_load_state()
    assert "was not started" in refused.title()
    found += [*complaints(refused, 375), *complaints(refused, 1280)]

    assert found == []
