"""The admin's pages of what is recorded."""

from __future__ import annotations

import csv
import io
import re

from launcher.admin import transcripts
from launcher.db import db


def test_no_record_yet_is_said_with_what_comes_next(admin):
    page = admin.open("transcripts").text

    assert "Nothing recorded yet" in page


def test_the_list_is_filtered_sorted_and_says_how(admin, add_course, enrol):
    ladders, fire = add_course("Ladders"), add_course("Fire")
    enrol(ladders)
    enrol(fire)

    def courses(query: str) -> list[str]:
        page = admin.open(f"transcripts?{query}").text
        return re.findall(r'<a class="text-reset"[^>]*>([^<]+)</a>', page)

    assert courses("sort=course") == ["Fire", "Ladders"]
    assert courses("sort=-course") == ["Ladders", "Fire"]
    assert courses(f"course={fire}") == ["Fire"]
    assert courses("q=jane+ladd") == ["Ladders"]
    assert courses("status=passed") == []
    assert courses("from=2026-01-01") == []
    assert 'aria-sort="descending"' in admin.open("transcripts?sort=-course").text
    assert "Nothing fits" in admin.open("transcripts?status=passed").text


NONSENSE = [
    "course=x&status=nonsense&from=yesterday&to=9999-12-31&sort=;&page=-3",
    "course=99999999999999999999&from=0001-01-01&to=0000-00-00",
    "q=%25&sort=&endpoint=x&_external=1",
]


def test_a_course_behind_those_that_are_offered_stays_chosen(admin, add_course, enrol, monkeypatch):
    monkeypatch.setattr(transcripts, "OFFERED_COURSES", 1)
    enrol(add_course("Alpha"))
    assert "The first 1 by title" not in admin.open("transcripts").text
    last = add_course("Zeta")
    enrol(last)

    page = admin.open(f"transcripts?course={last}").text

    assert f'<option value="{last}" selected>Zeta</option>' in page
    assert "The first 1 by title" in page
    assert ">Alpha</option>" in page


def test_what_cannot_be_understood_filters_nothing_and_breaks_nothing(admin):
    for query in NONSENSE:
        assert admin.open(f"transcripts?{query}").status_code == 200
        assert admin.open(f"transcripts.csv?{query}").status_code == 200


def test_the_last_day_of_a_filter_counts_to_its_end(admin, launch, now):
    launch("Ladders", at=now)

    assert "Ladders</a>" in admin.open("transcripts?from=2026-05-04&to=2026-05-04").text
    assert "Ladders</a>" not in admin.open("transcripts?from=2026-05-05").text
    assert "Ladders</a>" not in admin.open("transcripts?to=2026-05-03").text


def test_the_csv_file_holds_the_filtered_list(admin, add_course, enrol):
    for title in ("Ladders", "Fire"):
        enrol(add_course(title))

    answer = admin.open("transcripts.csv?q=fire")

    assert answer.mimetype == "text/csv"
    assert "transcripts-night.csv" in answer.headers["Content-Disposition"]
    text = answer.data.decode("utf-8-sig")
    assert [row["course"] for row in csv.DictReader(io.StringIO(text))] == ["Fire"]


def test_lists_give_the_cause_as_a_hint_that_leads_to_the_attempt(
    attempt_page, admin, people, launch, say
):
    launched = launch("Ladders")
    assert "Content never called" in admin.open("transcripts").text
    say(launched, "GetParam")

    listed = admin.open("transcripts").text
    person = admin.open(f"learners/{people.learner.id}").text

    assert f'<a href="{attempt_page()}">No result was reported</a>' in listed
    assert "but never reported a status, a score or a place" in person


def test_what_is_done_or_was_never_launched_needs_no_link(admin, launch, say, add_course, enrol):
    enrol(add_course("Fire"))
    say(launch("Ladders"), "PutParam", "[core]\r\nlesson_status=completed")

    listed = admin.open("transcripts").text

    assert re.findall(r'class="sub hint">([^<]+)<', listed) == ["Never launched"]


def test_the_csv_file_is_sent_in_pieces_and_gives_its_connection_back(
    admin, app, add_course, enrol, monkeypatch
):
    monkeypatch.setattr("launcher.records.transcripts.CSV_PIECE", 1)
    for title in ("Ladders", "Fire", "Ropes"):
        enrol(add_course(title))

    whole = admin.open("transcripts.csv?sort=course")
    text = whole.data
    whole.close()
    begun = admin.client.get("/a/night/admin/transcripts.csv", buffered=False)
    pieces = begun.iter_encoded()
    next(pieces)
    with app.app_context():
        assert db.engine.pool.checkedout() == 1
        begun.close()
        assert db.engine.pool.checkedout() == 0

    assert begun.is_streamed
    assert text.startswith(b"\xef\xbb\xbflearner_id,")
    rows = csv.DictReader(io.StringIO(text.decode("utf-8-sig")))
    assert [row["course"] for row in rows] == ["Fire", "Ladders", "Ropes"]
