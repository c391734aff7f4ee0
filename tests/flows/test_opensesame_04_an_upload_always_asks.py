"""Uploading an OpenSesame package always checks for duplicates and always asks what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from demo.opensesame.parcels import aicc_package

HIPAA = "5d2c7b14-9a0e-4f5b-8c61-2f7a90c1e301"
NARROW = 375
NEWER = "HIPAA in Everyday Work, 2nd edition"


@pytest.fixture
def packages(connected, tmp_path) -> tuple[Path, Path]:
    """The same OpenSesame course as two packages, before and after its title was changed."""
    connected.provider.send(HIPAA)
    made = []
    for name in ("first.zip", "second.zip"):
        entry = connected.provider.entry(HIPAA)
        ciid, base = connected.provider.ciid, connected.provider_url
        made.append(tmp_path / name)
        made[-1].write_bytes(aicc_package(entry, ciid, base_url=base))
        connected.provider.change(HIPAA, title=NEWER)
    return made[0], made[1]


def test_the_admin_compares_and_updates_and_enrolments_stay(connected, packages, sign_in):
    here = connected.import_course(packages[0])
    connected.enrol(here)
    page = sign_in(connected.admin)
    page.goto(connected.at("admin/courses/upload"))
    page.locator("#files").set_input_files(packages[1])
    page.get_by_role("button", name="Upload").click()
    page.get_by_role("link", name="Compare and decide").click()

    expect(page.get_by_text("1 learner is enrolled in the existing course")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="2nd edition").first).to_contain_text("differs")
    expect(page.get_by_role("navigation", name="Main")).to_contain_text("Duplicates 1")
    page.set_viewport_size({"width": NARROW, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW
    page.get_by_role("button", name="Update the existing course").click()

    expect(page.get_by_text("Decided: 1.")).to_be_visible()
    page.goto(connected.at("admin/courses"))
    expect(page.get_by_role("link", name="HIPAA in Everyday Work")).to_have_count(1)
    page.goto(connected.at(f"admin/courses/{here}"))
    expect(page.get_by_role("link", name=connected.learner.name)).to_be_visible()


def test_the_very_same_package_changes_nothing(connected, packages, sign_in):
    connected.import_course(packages[0])
    page = sign_in(connected.admin)
    page.goto(connected.at("admin/courses/upload"))
    page.locator("#files").set_input_files(packages[0])
    page.get_by_role("button", name="Upload").click()

    expect(page.get_by_text("Already here, nothing done")).to_be_visible()
