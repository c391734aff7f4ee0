"""A course in which units wait for each other, as learner and admin see it in a browser."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

# What the demo's lesson shows behind its first page.
PAGES = (
    "Most fires never start",
    "You see smoke: alarm first",
    "Which extinguisher?",
    "Get out, stay out",
)

# The whole second half waits for the first lesson; the drill in it for the quiz as well.
UNITS = {
    "A1": ("Get out alive", "fire-safety/lesson.html"),
    "A2": ("Where the extinguishers hang", "fire-safety/lesson.html"),
    "A3": ("Quiz", "fire-safety/quiz.html"),
    "A4": ("The drill", "fire-safety/lesson.html"),
    "A5": ("Read once more", "fire-safety/lesson.html"),
}


def package(folder: Path, demo_url: str) -> Path:
    """Write a package by hand: five units, two blocks, prerequisites and a completion rule."""
    units = "".join(f'"{name}","{demo_url}/{at}"\r\n' for name, (_, at) in UNITS.items())
    titles = "".join(f'"{name}","{title}"\r\n' for name, (title, _) in UNITS.items())
    files = {
        "crs": "[Course]\r\nCourse_ID=FIRE-2\r\nCourse_Title=Fire safety, step by step\r\n"
        "[Course_Behavior]\r\nMax_Normal=1\r\n[Course_Description]\r\nFirst learn, then try.\r\n",
        "au": f'"system_id","file_name"\r\n{units}',
        "des": f'"system_id","title"\r\n{titles}"B1","Try it"\r\n"B2","With the others"\r\n',
        "cst": '"block","member"\r\n"root","A1","A2","B1","A5"\r\n"B1","A3","B2"\r\n"B2","A4"\r\n',
        "pre": '"structure_element","prerequisite"\r\n"A2","A1"\r\n"B1","A1 & A2"\r\n'
        '"B2","A3=passed"\r\n"A5","1*{A3, A4} | ~A1"\r\n',
        "cmp": '"structure_element","requirement","result"\r\n"root","A1 & A3=passed","passed"\r\n',
    }
    path = folder / "steps.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for suffix, text in files.items():
            archive.writestr(f"steps.{suffix}", text)
    return path


@pytest.fixture
def course(site, tmp_path) -> int:
    course_id = site.import_course(package(tmp_path, site.demo_url))
    site.enrol(course_id)
    return course_id


def unit(page: Page, title: str):
    return page.locator("li", has=page.locator(".name", has_text=re.compile(f"^{title}$")))


def finish_lesson(page: Page, title: str) -> None:
    """Launch a lesson, turn all of its pages and close it."""
    with page.context.expect_page() as opened:
        page.get_by_role("button", name=re.compile(f"Launch {title}")).click()
    content = opened.value
    content.wait_for_selector("body[data-ready=true]")
    for heading in PAGES:
        with content.expect_response("**/hacp/*") as said:
            content.get_by_role("button", name="Next").click()
        assert "error=0" in said.value.text()
        expect(content.get_by_role("heading", name=heading)).to_be_visible()
    content.close()


def faults_of(page: Page) -> list[str]:
    """Look at a page at both widths: nothing scrolls sideways, all is accessible."""
    found = []
    for width in (1280, 375):
        page.set_viewport_size({"width": width, "height": 800})
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append(f"{page.url} scrolls sideways at {width}")
        for violation in Axe().run(page).response["violations"]:
            if violation["impact"] in {"serious", "critical"}:
                found.append(f"{page.url}: {violation['id']} {violation['nodes'][0]['html'][:160]}")
    page.set_viewport_size({"width": 1280, "height": 800})
    return found


def test_a_course_opens_step_by_step(site, sign_in, course):
    page = sign_in(site.learner)
    page.goto(site.at(f"courses/{course}"))

    expect(unit(page, "Where the extinguishers hang")).to_contain_text(
        "Locked until “Get out alive” is completed."
    )
    expect(page.locator("li", has_text="Try it").first).to_contain_text(
        "Locked until “Get out alive” and “Where the extinguishers hang” are completed."
    )
    # The first lesson, and what is open as long as that is not done.
    assert page.get_by_role("button", name=re.compile("^Launch")).count() == 2
    assert faults_of(page) == []

    finish_lesson(page, "Get out alive")
    page.reload()
    expect(unit(page, "Get out alive").get_by_role("button").first).to_contain_text("Review")
    finish_lesson(page, "Where the extinguishers hang")
    page.reload()
    expect(unit(page, "Quiz").get_by_role("button").first).to_contain_text("Launch")
    expect(page.locator("li", has_text="With the others").first).to_contain_text(
        "Locked until “Quiz” is passed."
    )
    expect(unit(page, "The drill").get_by_role("button")).to_have_count(0)
    assert faults_of(page) == []


def test_a_unit_that_another_window_has_locked_is_refused_in_words(site, sign_in, course):
    page = sign_in(site.learner)
    page.goto(site.at(f"courses/{course}"))
    page.evaluate("document.querySelector('form[data-refresh-after] [name=au]').value = 'A4'")
    with page.context.expect_page() as opened:
        page.get_by_role("button", name=re.compile("Launch Get out alive")).click()
    refused = opened.value
    refused.wait_for_load_state()

    expect(refused.get_by_role("heading", level=1)).to_have_text("The unit was not started")
    expect(refused.locator("main")).to_contain_text(
        "“The drill” is locked, with all of “Try it”, until “Get out alive” and “Where the "
        "extinguishers hang” are completed."
    )
    assert faults_of(refused) == []


def test_an_admin_reads_the_rules_of_a_course_in_words(site, sign_in, course):
    page = sign_in(site.admin)
    page.goto(site.at(f"admin/courses/{course}"))

    expect(unit(page, "Read once more")).to_contain_text(
        "Opens when “Quiz” is completed, “The drill” is completed, or “Get out alive” is not "
        "completed."
    )
    expect(unit(page, "Read once more").locator("code")).to_have_text("1*{A3, A4} | ~A1")
    expect(unit(page, "The whole course")).to_contain_text(
        "Gets the status “Passed” when “Get out alive” is completed and “Quiz” is passed."
    )
    assert faults_of(page) == []
