"""The admin's page of a preview."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit


def launched(answer) -> dict[str, list[str]]:
    found = re.search(r'http-equiv="refresh" content="0; url=([^"]*)"', answer.text)
    assert found
    return parse_qs(urlsplit(unescape(found.group(1))).query)


def test_a_unit_is_tried_watched_and_begun_afresh(admin, people, add_course):
    course_id = add_course("Ladders")
    page = f"courses/{course_id}/preview"
    assert f'href="/a/night/admin/{page}"' in admin.open(f"courses/{course_id}").text
    assert "Not started" in admin.open(page).text
    assert admin.open(f"{page}/trace?au=A1").location == f"/a/night/admin/{page}"

    answer = admin.send(f"{page}/launch", au="A1")
    query = launched(answer)
    assert answer.headers["Cache-Control"] == "no-store"
    form = {
        "command": "PutParam",
        "session_id": query["AICC_SID"][0],
        "aicc_data": "[core]\r\nlesson_status=completed\r\nscore=70",
    }
    admin.client.post(urlsplit(query["AICC_URL"][0]).path, data=form)

    assert "Completed" in admin.open(page).text
    trace = admin.open(f"{page}/trace?au=A1").location
    shown = admin.client.get(trace).text
    assert "This is a preview by an administrator." in shown
    assert "data-trace=" in shown
    assert "PutParam" in shown
    assert "Nothing recorded yet" in admin.open("transcripts").text
    assert (
        "Ladders" not in admin.open(f"learners/{people.admin.id}").text.partition("Enrol</h2>")[0]
    )

    assert admin.send(f"{page}/afresh").status_code == 302
    assert "Not started" in admin.open(page).text


def test_what_cannot_be_tried_says_why(admin, add_course):
    page = f"courses/{add_course('Ladders')}/preview"

    refused = admin.send(f"{page}/launch", au="A9")

    assert refused.status_code == 404
    assert "has no unit “A9”" in refused.text
    assert admin.open("courses/999/preview").status_code == 404
    assert admin.send("courses/999/preview/afresh").status_code == 404
    assert admin.send("courses/999/preview/launch", au="A1").status_code == 404
