"""The admin's pages of what is recorded."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest

from launcher import config, launches
from launcher.db import transact


@pytest.fixture
def launch(app, people, add_course, enrol):
    """Return `launch(title)`: a session of Jane's in a course of her own."""

    def _launch(title: str, *, at: datetime | None = None):
        course_id = add_course(title)
        enrol(course_id)
        with app.app_context():
            return transact(
                lambda connection: launches.launch(
                    connection,
                    people.learner,
                    course_id=course_id,
                    au_id="A1",
                    settings=config.current(),
                    now=at or datetime.now(UTC),
                )
            )

    return _launch


@pytest.fixture
def say(app, people):
    client = app.test_client()

    def _say(launched, command: str, aicc_data: str = ""):
        form = {"command": command, "session_id": launched.session_id, "aicc_data": aicc_data}
        return client.post(f"/hacp/{people.academy_id}", data=form)

    return _say


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


def attempt_page(admin, people) -> str:
    page = admin.open(f"learners/{people.learner.id}").text
    return re.search(r'href="(/a/night/admin/attempts/\d+)"', page).group(1)


def test_an_attempt_shows_what_is_recorded_and_every_exchange(admin, people, launch, say):
    launched = launch("Ladders")
    say(launched, "GetParam")
    report = (
        "[core]\r\nlesson_location=page-7\r\nlesson_status=c\r\nscore=40,100,0\r\n"
        "time=00:00:00\r\n[core_lesson]\r\n<script>alert(1)</script>"
    )
    say(launched, "PutParam", report)
    say(launched, "PutParam", "[core]\r\nlesson_status=i\r\n[core_lesson]\r\n" + "x" * 2000)
    say(launched, "Sideways")
    say(launched, "ExitAU")

    page = admin.client.get(attempt_page(admin, people)).text

    assert page.count('<article class="exchange"') == 5
    assert page.count("<details><summary") == 1
    assert "page-7" in page
    assert "40, maximum 100, minimum 0" in page
    assert "2000 characters" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page
    assert "Session 1" in page
    assert "Exited" in page
    assert "Error 1" in page
    assert launched.session_id not in page


def test_a_long_conversation_goes_on_behind_a_link(admin, people, launch, say, monkeypatch):
    monkeypatch.setattr("launcher.admin.transcripts.EXCHANGES_PER_PAGE", 2)
    launched = launch("Ladders")
    for command in ("GetParam", "PutParam", "ExitAU"):
        say(launched, command)

    first = admin.client.get(attempt_page(admin, people)).text
    onwards = re.search(r'rel="next" href="([^"]+)"', first).group(1)
    second = admin.client.get(onwards).text

    assert re.findall(r"<h3[^>]*>(\w+)</h3>", first) == ["GetParam", "PutParam"]
    assert re.findall(r"<h3[^>]*>(\w+)</h3>", second) == ["ExitAU"]
    assert "From the beginning" in second


def test_a_unit_that_has_not_called_yet_is_said_to_be_silent(admin, people, launch):
    launch("Ladders")

    assert "Nothing was said yet" in admin.client.get(attempt_page(admin, people)).text


def test_an_attempt_that_is_not_the_academys_is_not_there(admin):
    for number in ("1", str(2**63 - 1), str(2**63), "x", "-1"):
        assert admin.open(f"attempts/{number}").status_code == 404


def test_an_attempt_is_shown_to_its_own_academy_only(admin, visitor, people, launch):
    launch("Ladders")
    path = urlsplit(attempt_page(admin, people)).path
    stranger = visitor()
    stranger.sign_in(people.other_admin.email)

    assert stranger.client.get(path).status_code == 404
    assert stranger.client.get(path.replace("/night/", "/other/")).status_code == 404


def test_an_attempt_says_why_it_is_not_complete_and_points_at_the_line(admin, people, launch, say):
    launched = launch("Ladders")
    say(launched, "GetParam")
    say(launched, "PutParam", "[core]\r\nlesson_status=unknown<b>\r\ntime=90:00:00")

    page = admin.client.get(attempt_page(admin, people)).text

    assert "Why is it not complete?" in page
    assert "The content says the status “unknown&lt;b&gt;”" in page
    assert "Noticed besides" in page
    (anchor,) = set(re.findall(r'<li><a href="(#exchange-\d+)">', page))
    assert f'<h3 id="{anchor[1:]}">PutParam</h3>' in page
    assert "Exchange 2, PutParam" in page
    assert "<code>lesson_status=unknown&lt;b&gt;</code>" in page


def test_evidence_on_another_page_of_a_conversation_is_linked_to(
    admin, people, launch, say, monkeypatch
):
    monkeypatch.setattr("launcher.admin.transcripts.EXCHANGES_PER_PAGE", 2)
    launched = launch("Ladders")
    for command in ("GetParam", "GetParam", "GetParam"):
        say(launched, command)
    say(launched, "PutParam", "[core]\r\nlesson_status=incomplete")

    page = admin.client.get(attempt_page(admin, people)).text
    address = re.search(r'<li><a href="([^"#]+#exchange-\d+)">Exchange 4', page).group(1)
    there = admin.client.get(address.replace("&amp;", "&")).text

    assert f'id="{urlsplit(address).fragment}">PutParam' in there
    assert '<span class="small muted number">4</span>' in there


def test_an_attempt_that_is_done_says_when_and_by_what(admin, people, launch, say):
    launched = launch("Ladders")
    say(launched, "PutParam", "[core]\r\nlesson_status=completed")

    page = admin.client.get(attempt_page(admin, people)).text

    assert "Why it stands so" in page
    assert "the content said “completed”" in page


def test_the_case_is_handed_over_as_a_text_file(admin, people, launch, say):
    launched = launch("Ladders")
    say(launched, "GetParam")
    address = attempt_page(admin, people)

    answer = admin.client.get(f"{address}/explanation.txt")

    assert answer.mimetype == "text/plain"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert "--- Exchange 1: GetParam" in answer.text
    assert people.learner.student_id in answer.text
    assert "Jane" not in answer.text
    assert admin.open("attempts/1/explanation.txt").status_code == 404


def test_lists_give_the_cause_as_a_hint_that_leads_to_the_attempt(admin, people, launch, say):
    launched = launch("Ladders")
    assert "Content never called" in admin.open("transcripts").text
    say(launched, "GetParam")

    listed = admin.open("transcripts").text
    person = admin.open(f"learners/{people.learner.id}").text

    assert f'<a href="{attempt_page(admin, people)}">Content reported nothing</a>' in listed
    assert "The content started and asked for its data" in person


def test_what_is_done_or_was_never_launched_needs_no_link(admin, launch, say, add_course, enrol):
    enrol(add_course("Fire"))
    say(launch("Ladders"), "PutParam", "[core]\r\nlesson_status=completed")

    listed = admin.open("transcripts").text

    assert re.findall(r'class="sub hint">([^<]+)<', listed) == ["Never launched"]
