"""The admin's page of one attempt: recorded, explained, every exchange, live while it runs."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from urllib.parse import urlsplit

import pytest
import time_machine


def test_an_attempt_shows_what_is_recorded_and_every_exchange(
    attempt_page, admin, people, launch, say
):
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

    page = admin.client.get(attempt_page()).text

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


def test_a_long_conversation_goes_on_behind_a_link(
    attempt_page, admin, people, launch, say, monkeypatch
):
    monkeypatch.setattr("launcher.admin.attempts.EXCHANGES_PER_PAGE", 2)
    launched = launch("Ladders")
    for command in ("GetParam", "PutParam", "ExitAU"):
        say(launched, command)

    first = admin.client.get(attempt_page()).text
    onwards = re.search(r'rel="next" href="([^"]+)"', first).group(1)
    second = admin.client.get(onwards).text

    assert re.findall(r"<h3[^>]*>(\w+)</h3>", first) == ["GetParam", "PutParam"]
    assert re.findall(r"<h3[^>]*>(\w+)</h3>", second) == ["ExitAU"]
    assert "From the beginning" in second


def test_a_unit_that_has_not_called_yet_is_said_to_be_silent(attempt_page, admin, people, launch):
    launch("Ladders")

    assert "Nothing was said yet" in admin.client.get(attempt_page()).text


def test_an_attempt_that_is_not_the_academys_is_not_there(admin):
    for number in ("1", str(2**63 - 1), str(2**63), "x", "-1"):
        assert admin.open(f"attempts/{number}").status_code == 404


def test_an_attempt_is_shown_to_its_own_academy_only(attempt_page, admin, visitor, people, launch):
    launch("Ladders")
    path = urlsplit(attempt_page()).path
    stranger = visitor()
    stranger.sign_in(people.other_admin.email)

    assert stranger.client.get(path).status_code == 404
    assert stranger.client.get(path.replace("/night/", "/other/")).status_code == 404


def test_an_attempt_says_why_it_is_not_complete_and_points_at_the_line(
    attempt_page, admin, people, launch, say
):
    launched = launch("Ladders")
    say(launched, "GetParam")
    say(launched, "PutParam", "[core]\r\nlesson_status=unknown<b>\r\ntime=90:00:00")

    page = admin.client.get(attempt_page()).text

    assert "Why is it not complete?" in page
    assert "The content says the status “unknown&lt;b&gt;”" in page
    assert "Noticed besides" in page
    (anchor,) = set(re.findall(r'<li><a href="(#exchange-\d+)">', page))
    assert f'<h3 id="{anchor[1:]}">PutParam</h3>' in page
    assert "Exchange 2, PutParam" in page
    assert "<code>lesson_status=unknown&lt;b&gt;</code>" in page


def test_evidence_on_another_page_of_a_conversation_is_linked_to(
    attempt_page, admin, people, launch, say, monkeypatch
):
    monkeypatch.setattr("launcher.admin.attempts.EXCHANGES_PER_PAGE", 2)
    launched = launch("Ladders")
    for command in ("GetParam", "GetParam", "GetParam"):
        say(launched, command)
    say(launched, "PutParam", "[core]\r\nlesson_status=incomplete")

    page = admin.client.get(attempt_page()).text
    address = re.search(r'<li><a href="([^"#]+#exchange-\d+)">Exchange 4', page).group(1)
    there = admin.client.get(address.replace("&amp;", "&")).text

    assert f'id="{urlsplit(address).fragment}">PutParam' in there
    assert "</span>4</a>" in there


def test_an_attempt_that_is_done_says_when_and_by_what(attempt_page, admin, people, launch, say):
    launched = launch("Ladders")
    say(launched, "PutParam", "[core]\r\nlesson_status=completed")

    page = admin.client.get(attempt_page()).text

    assert "Why it stands so" in page
    assert "the content said “completed”" in page


def test_the_case_is_handed_over_as_a_text_file(attempt_page, admin, people, launch, say):
    launched = launch("Ladders")
    say(launched, "GetParam")
    address = attempt_page()

    answer = admin.client.get(f"{address}/explanation.txt")

    assert answer.mimetype == "text/plain"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert "--- Exchange 1: GetParam" in answer.text
    assert people.learner.student_id in answer.text
    assert "Jane" not in answer.text
    assert admin.open("attempts/1/explanation.txt").status_code == 404


MEGABYTE = 900_000
INTERACTIONS = (
    '"course_id","student_id","lesson_id","date","time","interaction_id","objective_id",'
    '"type_interaction","correct_response","student_response","result","weighting","latency"\r\n'
    '"C","s","A1","2026/05/04","09:31:00","Q<1>","J1","choice","a","b","wrong","2","00:00:07"\r\n'
)
SAID_BESIDE = {
    "PutInteractions": (
        INTERACTIONS,
        ["Q&lt;1&gt;", "Choice", "Wrong", "7 s", "by its own clock 2026-05-04 09:31:00"],
    ),
    "PutObjectives": (
        '"objective_id","score","status"\r\n"J1","8,10","passed"\r\n',
        ["Objectives, as they were reported", "8 of 10", "J1"],
    ),
    "PutPath": (
        '"element_location","status","why_left","time_in_element"\r\n"page-3","c","ended","00:01:05"',
        ["page-3", "Completed", "ended", "1 min 5 s"],
    ),
    "PutPerformance": ('"clicks","seed"\r\n"17","<x>"\r\n', ["clicks", "17", "&lt;x&gt;"]),
    "PutComments": ('"comment","location"\r\n"Slow <video>","p-1"\r\n', ["Slow &lt;video&gt;"]),
    "PutParam": (
        "[core]\r\nlesson_status=i\r\n[comments]\r\n<1>Fine<e.1>\r\n[student_data]\r\n"
        "try_score.1=40\r\ntry_status.1=failed\r\n[student_preferences]\r\naudio=-1",
        ["Fine", "Tries", "Not passed", "Preferences", "<dt>audio</dt><dd>-1</dd>"],
    ),
}


@pytest.mark.parametrize("command", SAID_BESIDE)
def test_what_is_said_beside_a_result_stands_in_a_table_with_its_exchange_a_click_away(
    admin, attempt_page, launch, say, command
):
    aicc_data, shown = SAID_BESIDE[command]
    say(launch("Ladders"), command, aicc_data)

    address = attempt_page()
    page = admin.client.get(address).text
    above = page.partition('id="exchanges"')[0]

    for words in shown:
        assert words in above, words
    (link,) = set(re.findall(rf'href="({address}/exchanges/\d+)"><time', above))
    assert f"Exchange 1: {command}" in admin.client.get(link).text


def test_many_records_go_on_on_pages_of_their_own(admin, attempt_page, launch, say):
    rows = "".join(f'"Q{number:03d}","wrong"\r\n' for number in range(120))
    say(launch("Ladders"), "PutInteractions", f'"interaction_id","result"\r\n{rows}')
    address = attempt_page()

    page = admin.client.get(address).text
    assert page.count(">Q0") == 10
    assert "Show all 120" in page
    first = admin.client.get(f"{address}/records/interaction").text
    last = admin.client.get(f"{address}/records/interaction?page=3").text

    assert re.findall(r">Q(\d+)<", first)[0::49] == ["000", "049"]
    assert re.findall(r">Q(\d+)<", last)[0::19] == ["100", "119"]
    assert "Nothing of the kind" in admin.client.get(f"{address}/records/path").text
    assert admin.client.get(f"{address}/records/nonsense").status_code == 404


def test_a_megabyte_makes_no_large_page_and_is_a_file(admin, attempt_page, launch, say):
    launched = launch("Ladders")
    big = "x" * MEGABYTE
    for _ in range(3):
        say(
            launched,
            "PutParam",
            f"[core]\r\nlesson_location={'y' * 50_000}\r\n[comments]\r\n{'z' * 20_000}\r\n"
            f"[core_lesson]\r\n{big}",
        )
        say(launched, "GetParam")
    rows = "".join(f'"Q{number}","{"w" * 900}"\r\n' for number in range(900))
    say(launched, "PutInteractions", f'"interaction_id","student_response"\r\n{rows}')
    address = attempt_page()

    page = admin.client.get(address).text
    assert len(page) < 150_000
    assert "900000 characters" in page
    exchanges = dict(
        re.findall(rf'href="{address}/exchanges/(\d+)"><span[^>]*>[^<]*</span>(\d+)</a>', page)
    )
    by_number = {number: exchange for exchange, number in exchanges.items()}
    assert len(by_number) == 7
    for number in by_number.values():
        assert len(admin.client.get(f"{address}/exchanges/{number}").text) < 600_000
    assert len(admin.client.get(f"{address}/records/interaction").text) < 150_000

    suspended = admin.client.get(f"{address}/suspend-data.txt")
    assert suspended.text == big
    put, get = (f"{address}/exchanges/{by_number[number]}" for number in "12")
    assert big in admin.client.get(f"{put}/request.txt").text
    decoded = admin.client.get(f"{put}/aicc_data.txt")
    assert decoded.text.endswith(f"[core_lesson]\r\n{big}")
    assert f"[core_lesson]\r\n{big}\r\n[core_vendor]" in admin.client.get(f"{get}/reply.txt").text
    shown = admin.client.get(get).text
    assert "The reply held suspend data that is too long to show" in shown
    assert f'href="{put}"' in shown


def test_what_content_wrote_is_never_served_as_a_page(admin, attempt_page, launch, say):
    say(launch("Ladders"), "PutParam", "[core_lesson]\r\n<script>alert(1)</script>")
    address = attempt_page()
    number = re.search(r"/exchanges/(\d+)", admin.client.get(address).text)[1]

    for path in (
        "suspend-data.txt",
        f"exchanges/{number}/request.txt",
        f"exchanges/{number}/reply.txt",
        f"exchanges/{number}/aicc_data.txt",
    ):
        answer = admin.client.get(f"{address}/{path}")
        assert answer.mimetype == "text/plain"
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "<script>alert" not in admin.client.get(f"{address}/exchanges/{number}").text
    assert admin.client.get(f"{address}/exchanges/{number}/cookies.txt").status_code == 404


def test_an_exchange_of_another_attempt_is_not_there(admin, people, launch, say):
    say(launch("Ladders"), "GetParam")
    say(launch("Fire"), "GetParam")
    page = admin.open(f"learners/{people.learner.id}").text
    one, other = dict.fromkeys(re.findall(r'href="(/a/night/admin/attempts/\d+)"', page))
    number = re.search(r"/exchanges/(\d+)", admin.client.get(other).text)[1]

    assert admin.client.get(f"{other}/exchanges/{number}").status_code == 200
    for path in (f"{number}", f"{number}/request.txt", "1", str(2**63)):
        assert admin.client.get(f"{one}/exchanges/{path}").status_code == 404


def test_the_steps_of_the_status_are_told_with_who_decided(admin, attempt_page, launch, say, app):
    launched = launch("Ladders", mastery_score=Decimal(80))
    say(launched, "PutParam", "[core]\r\nlesson_status=incomplete")
    say(launched, "PutParam", "[core]\r\nlesson_status=completed\r\nscore=70")

    page = admin.client.get(attempt_page()).text
    history = page.partition('id="history"')[2].partition("</section>")[0]

    assert re.findall(r'class="status status-([\w-]+)"', history) == [
        *("not-attempted", "incomplete"),
        *("incomplete", "failed"),
    ]
    assert "the content's word" in history
    assert "the mastery score" in history
    assert "Completed" in history


def test_a_breach_of_the_time_limit_is_flagged_and_told_with_the_limit(
    admin, attempt_page, launch, say, now
):
    with time_machine.travel(now, tick=False) as clock:
        launched = launch(
            "Ladders", at=now, max_time_allowed="0000:10:00", time_limit_action="exit,message"
        )
        clock.move_to(now + timedelta(minutes=30))
        say(launched, "PutParam", "[core]\r\ntime=00:20:00")

    page = admin.client.get(attempt_page()).text

    assert "The time limit was exceeded on 4 May 2026, 10:00:00 UTC." in page
    assert "0000:10:00, exit,message" in page
    assert "20 min 0 s" in page


def news(admin, address: str, *, after: str):
    return admin.client.get(f"{address}/trace?after={after}")


def test_the_live_trace_gives_what_is_new_and_what_it_changed(admin, attempt_page, launch, say):
    launched = launch("Ladders")
    address = attempt_page()
    page = admin.client.get(address).text
    assert f'data-trace="{address}/trace" data-last="0"' in page
    assert news(admin, address, after="0").status_code == 204

    say(launched, "GetParam")
    say(launched, "PutParam", "[core]\r\nlesson_status=incomplete,\r\nscore=7")

    first = news(admin, address, after="0")
    assert first.status_code == 200
    assert re.findall(r"<h3[^>]*>(\w+)</h3>", first.text) == ["GetParam", "PutParam"]
    assert "status `incomplete,` has a trailing comma" in first.text
    assert 'data-piece="recorded"' in first.text
    assert "2 new exchanges" in first.text
    last = re.search(r'data-last="(\d+)"', first.text)[1]
    assert news(admin, address, after=last).status_code == 204

    say(launched, "ExitAU")
    second = news(admin, address, after=last)
    assert re.findall(r"<h3[^>]*>(\w+)</h3>", second.text) == ["ExitAU"]
    assert "</span>3</a>" in second.text
    assert "<html" not in second.text


def test_the_live_trace_ends_with_the_session(admin, attempt_page, launch, say):
    launched = launch("Ladders", at=datetime.now(UTC) - timedelta(days=8))
    assert say(launched, "GetParam").text.startswith("error=3")
    address = attempt_page()

    page = admin.client.get(address).text
    over = news(admin, address, after=re.search(r"exchange-(\d+)", page)[1])

    assert "data-trace=" not in page
    assert "trace.js" not in page
    assert "Expired" in page
    assert over.status_code == 200
    assert 'data-live="no"' in over.text


def test_a_page_before_the_newest_is_not_live_and_leads_there(
    admin, attempt_page, launch, say, monkeypatch
):
    monkeypatch.setattr("launcher.admin.attempts.EXCHANGES_PER_PAGE", 2)
    launched = launch("Ladders")
    for command in ("GetParam", "PutParam", "GetParam", "PutParam", "ExitAU"):
        say(launched, command)

    page = admin.client.get(attempt_page()).text
    assert "data-trace=" not in page
    newest = admin.client.get(attempt_page() + "?newest=1").text

    assert re.findall(r"<h3[^>]*>(\w+)</h3>", newest) == ["PutParam", "ExitAU"]
    assert "data-trace=" in newest
