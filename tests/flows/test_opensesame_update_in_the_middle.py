"""A delivered course takes the place of an uploaded one: who has begun finishes the old version."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

HIPAA = "5d2c7b14-9a0e-4f5b-8c61-2f7a90c1e301"
TITLE = "HIPAA in Everyday Work"
OLD_UNITS = {"A1": "The first part", "A2": "The second part"}


def package(folder: Path, demo_url: str) -> Path:
    """Write an older edition by hand: two units, and OpenSesame's id in their addresses."""
    lesson = f"{demo_url}/fire-safety/lesson.html?course={HIPAA}"
    units = "".join(f'"{name}","{lesson}&part={name}"\r\n' for name in OLD_UNITS)
    titles = "".join(f'"{name}","{title}"\r\n' for name, title in OLD_UNITS.items())
    files = {
        "crs": "[Course]\r\nCourse_ID=PATIENTS-1\r\nCourse_Title=Patient data, the old way\r\n",
        "au": f'"system_id","file_name"\r\n{units}',
        "des": f'"system_id","title"\r\n{titles}',
        "cst": '"block","member"\r\n"root","A1","A2"\r\n',
    }
    path = folder / "old.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for suffix, text in files.items():
            archive.writestr(f"old.{suffix}", text)
    return path


def read_through(page: Page, title: str) -> None:
    """Launch a unit of the old edition, turn all of its pages and close it."""
    with page.expect_popup() as opened:
        page.get_by_role("button", name=re.compile(f"Launch {title}")).click()
    content = opened.value
    content.wait_for_selector("body[data-ready=true]")
    while content.get_by_role("button", name="Next").is_visible():
        with content.expect_response("**/hacp/*"):
            content.get_by_role("button", name="Next").click()
    content.close()


@pytest.fixture
def course(connected, tmp_path) -> int:
    course_id = connected.import_course(package(tmp_path, connected.demo_url))
    connected.enrol(course_id)
    return course_id


def test_the_old_version_is_finished_and_a_newcomer_gets_the_new_one(connected, course, sign_in):
    page = sign_in(connected.learner)
    page.goto(connected.at(f"courses/{course}"))
    read_through(page, "The first part")

    # OpenSesame delivers the same course; the admin compares, is told of the units, and updates.
    connected.provider.send(HIPAA)
    page = sign_in(connected.admin)
    page.goto(connected.at("admin/runs"))
    with connected.a_run():
        page.get_by_role("button", name="Sync now").click()
    page.reload()
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Duplicates").click()
    asked = page.get_by_role("region", name=TITLE)
    expect(asked).to_contain_text("Certainly the same")
    units = asked.get_by_role("row").filter(has_text="The second part")
    expect(units).to_contain_text("differs")
    expect(asked).to_contain_text("who has begun goes on in the old one")
    expect(asked).to_contain_text("in progress: 1")
    asked.get_by_role("button", name="Update the existing course").click()

    # The trail says who decided what, and why it was asked.
    trail = page.get_by_role("region", name="Decided")
    decided = trail.get_by_role("row").filter(has_text=TITLE)
    expect(decided).to_contain_text("Update the existing course")
    expect(decided).to_contain_text(connected.admin.name)
    expect(decided).to_contain_text(f"course {course},")
    decided.get_by_role("link").click()
    expect(page.get_by_role("heading", name="From OpenSesame")).to_be_visible()
    expect(page.get_by_text("1 learner goes on in an earlier one")).to_be_visible()

    # Who is in the middle goes on with the old units, to the end.
    page = sign_in(connected.learner)
    page.goto(connected.at(f"courses/{course}"))
    expect(page.get_by_text("1 of 2", exact=True)).to_be_visible()
    read_through(page, "The second part")
    page.reload()
    expect(page.get_by_text("2 of 2", exact=True)).to_be_visible()
    expect(page.locator(".facts")).to_contain_text("Completed")

    newcomer = connected.add("new@example.org", "Newcomb, Nell")
    connected.enrol(course, newcomer)
    page = sign_in(newcomer)
    page.goto(connected.at(f"courses/{course}"))
    expect(page.get_by_text("0 of 1", exact=True)).to_be_visible()
    expect(page.locator(".unit .name")).to_have_text([TITLE])
