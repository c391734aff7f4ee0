"""The standard session: what is sent, and how findings are judged."""

from __future__ import annotations

from decimal import Decimal

from hacp.calls import Answer, Target
from hacp.messages import parse_report, parse_request
from hacp.model import Exit, Score, Status
from hacp.probe import (
    BOOKMARK,
    NO_SESSION_ID,
    SUSPEND_DATA,
    Check,
    Fault,
    Result,
    Step,
    Weight,
    examine,
    is_broken,
    plan,
    play,
)
from tests.hacp.server import START, Server

TARGET = Target("https://h/hacp/1", "abc", "https://h/hacp/1")


def test_the_session_has_every_step_in_order():
    calls = plan(TARGET)
    asked = [parse_request(call.body) for call in calls.values()]
    assert list(calls) == list(Step)
    assert [request.command for request in asked] == [
        "GetParam",
        "PutParam",
        "GetParam",
        "ExitAU",
        "ExitAU",
        "GetParam",
        "HacpProbeNoSuchCommand",
    ]
    ids = [request.session_id for request in asked]
    assert ids == ["abc", "abc", "abc", "abc", "abc", NO_SESSION_ID, "abc"]
    assert {call.url for call in calls.values()} == {TARGET.address}


def test_read_only_is_one_getparam():
    assert list(plan(TARGET, read_only=True)) == [Step.GET]


def test_what_is_put_is_a_whole_report_that_needs_no_tolerance():
    request = parse_request(plan(TARGET)[Step.PUT].body)
    report = parse_report(request.aicc_data or "")
    assert request.tolerated == report.tolerated == ()
    assert (report.status, report.exit) == (Status.INCOMPLETE, Exit.SUSPEND)
    assert report.score == Score(Decimal(70), Decimal(100), Decimal(0))
    assert report.seconds == Decimal(5)
    assert (report.location, report.suspend_data) == (BOOKMARK, SUSPEND_DATA)


def test_a_session_id_is_encoded():
    body = plan(Target("https://h", "a&b=c", "https://h"))[Step.GET].body
    assert parse_request(body).session_id == "a&b=c"


def test_what_is_put_is_recorded_by_our_own_server(server: Server):
    session_id = server.launch()
    client = server.app().test_client()
    for call in plan(Target("https://h/hacp/1", session_id, "https://h/hacp/1")).values():
        client.post("/hacp/1", data=call.body, content_type=call.content_type)
    attempt = server.attempt(session_id)
    assert attempt.started_at == START
    assert (attempt.status, attempt.suspend_data) == (Status.INCOMPLETE, SUSPEND_DATA)


def judged(weight: Weight, faults: list[Fault] | None) -> tuple[Result, bool]:
    played = play(TARGET, [(Step.GET, Answer(200, {}, b"error=0\r\n"))])
    findings = examine(played, [Check("", weight, "", lambda _played: faults)])
    return findings[0].result, is_broken(findings)


def test_only_what_is_needed_breaks():
    fault = [Fault(Step.GET, "seen")]
    assert judged(Weight.NEEDED, fault) == (Result.BROKEN, True)
    assert judged(Weight.WANTED, fault) == (Result.WEAK, False)
    assert judged(Weight.NEEDED, []) == (Result.OK, False)
    assert judged(Weight.NEEDED, None) == (Result.NOT_SEEN, False)
