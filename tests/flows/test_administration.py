"""An admin brings a course and people in: by forms and by file, and is told what is wrong."""

from __future__ import annotations

import csv
import re
import zipfile

import pytest
from playwright.sync_api import expect


@pytest.fixture
def admin(site, sign_in):
    page = sign_in(site.admin)
    page.goto(site.at("admin/"))
    return page


def upload(page, site, *paths):
    page.goto(site.at("admin/courses/upload"))
    page.get_by_label("Course packages").set_input_files([str(path) for path in paths])
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("heading", name="What became of the upload")).to_be_visible()
    return page


def test_an_uploaded_course_is_seen_and_learners_are_enrolled_by_form_and_by_file(
    site, admin, tmp_path
):
    page = admin
    expect(page.get_by_role("heading", name="First steps")).to_be_visible()

    upload(page, site, site.package("fire-safety"))
    expect(page.get_by_text("Accepted")).to_be_visible()
    page.get_by_role("link", name="Fire safety at work", exact=True).click()
    expect(page.get_by_text(f"{site.demo_url}/fire-safety/quiz.html")).to_be_visible()
    expect(page.get_by_text("Mastery 80")).to_be_visible()

    page.get_by_label("E-mail address or student id").fill(site.learner.email)
    page.get_by_role("button", name="Enrol").click()
    expect(page.get_by_text("Lane, Robin is enrolled.")).to_be_visible()
    expect(page.locator("tbody tr")).to_have_count(1)

    roster = tmp_path / "roster.csv"
    roster.write_text(
        "email,name,student_id,course\n"
        'kim@example.org,"Park, Kim",k-17,FIRE-SAFETY\n'
        "learner@example.org,,,FIRE-SAFETY\n",
        encoding="utf-8",
    )
    page.get_by_role("link", name="Import a CSV file").click()
    page.get_by_label("CSV file").set_input_files(str(roster))
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_text("1 person added.")).to_be_visible()
    expect(page.get_by_text("1 line asked for nothing new.")).to_be_visible()
    password = page.locator("td code").inner_text()
    assert re.fullmatch(r"[a-z0-9]{4}(-[a-z0-9]{4}){3}", password)

    page.get_by_role("link", name="Park, Kim").click()
    expect(page.get_by_text("k-17")).to_be_visible()
    page.get_by_role("button", name="Withdraw from this course").click()
    expect(page.get_by_text("The learner is withdrawn.")).to_be_visible()


def test_a_bad_package_is_refused_with_all_its_faults_beside_a_good_one(site, admin, tmp_path):
    bad = tmp_path / "broken.zip"
    with zipfile.ZipFile(bad, "w") as package:
        package.writestr("x.crs", "[Course]\r\nCourse_Title=Broken\r\n")
        package.writestr("x.au", '"system_id","file_name"\r\n"A1",""\r\n"A1","a.html"\r\n')
        package.writestr("x.des", '"system_id","title"\r\n"A1","One"\r\n')
        package.writestr("x.cst", '"block","member"\r\n"ROOT","A7"\r\n')

    page = upload(admin, site, bad, site.package("phishing-basics"))

    refused = page.locator("section", has=page.get_by_role("heading", name="broken.zip"))
    expect(refused.get_by_text("Nothing was imported.")).to_be_visible()
    rows = refused.locator("tbody tr")
    told = [row.split("\t") for row in rows.all_inner_texts()]
    assert len(told) >= 3
    assert {cells[0].split()[0] for cells in told} >= {"x.crs", "x.au", "x.cst"}
    assert all(cells[3].strip() and cells[4].strip() for cells in told)
    accepted = page.locator("section", has=page.get_by_role("heading", name="phishing-basics.zip"))
    expect(accepted.get_by_text("Accepted")).to_be_visible()

    again = upload(page, site, site.package("phishing-basics"))
    expect(again.get_by_text("Already here, nothing done")).to_be_visible()


def test_a_bad_list_changes_nothing_and_tells_every_line(site, admin, tmp_path):
    roster = tmp_path / "roster.csv"
    roster.write_text(
        "email,name,course\nnew@example.org,,NOPE\nnonsense,Somebody,\n", encoding="utf-8"
    )

    admin.goto(site.at("admin/learners/import"))
    admin.get_by_label("CSV file").set_input_files(str(roster))
    admin.get_by_role("button", name="Import").click()

    expect(admin.get_by_role("heading", name="Nothing was imported")).to_be_visible()
    lines = admin.locator("tbody th").all_inner_texts()
    assert lines == sorted(lines)
    assert {"2", "3"} <= set(lines)
    admin.goto(site.at("admin/learners?q=new@example.org"))
    expect(admin.get_by_role("heading", name="Nobody fits")).to_be_visible()


def test_a_new_learner_signs_in_with_the_password_that_was_shown_once(site, admin, context):
    admin.get_by_role("link", name="Add a learner").click()
    admin.get_by_label("E-mail address").fill("kim@example.org")
    admin.get_by_label("Name").fill("Park, Kim")
    admin.get_by_role("button", name="Add", exact=True).click()
    password = admin.locator(".notice code").inner_text()

    context.clear_cookies()
    admin.goto(f"{site.url}/sign-in")
    admin.get_by_label("E-mail address").fill("kim@example.org")
    admin.get_by_label("Password").fill(password)
    admin.get_by_role("button", name="Sign in").click()

    expect(admin.get_by_role("heading", name="Hello, Kim")).to_be_visible()
    expect(admin.get_by_role("heading", name="No courses yet")).to_be_visible()


def test_the_csv_file_holds_what_the_filtered_list_shows(site, admin, tmp_path):
    course_id = site.import_course(site.package("fire-safety"))
    other = site.add("kim@example.org", "=cmd, Kim")
    site.enrol(course_id)
    site.enrol(course_id, other)
    admin.goto(site.at("admin/transcripts"))
    expect(admin.locator("tbody tr")).to_have_count(2)

    admin.get_by_label("Search").fill("kim@example.org")
    admin.get_by_role("button", name="Show", exact=True).click()
    expect(admin.locator("tbody tr")).to_have_count(1)
    with admin.expect_download() as download:
        admin.get_by_role("link", name="Download as CSV").click()
    saved = tmp_path / "transcripts.csv"
    download.value.save_as(saved)

    with saved.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["email"] for row in rows] == ["kim@example.org"]
    assert rows[0]["learner"] == "'=cmd, Kim"


def test_a_setting_of_the_academy_is_kept(site, admin):
    admin.get_by_role("link", name="Settings").click()
    admin.get_by_label("Name of the academy").fill("Evening School")
    admin.get_by_label("Units open in").select_option("same")
    admin.get_by_role("button", name="Save").click()

    expect(admin.get_by_text("The settings are saved.")).to_be_visible()
    expect(admin.get_by_role("link", name="Evening School")).to_be_visible()
    expect(admin.get_by_label("Units open in")).to_have_value("same")
