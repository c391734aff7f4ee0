"""What is asked of a server: each row of the table has a server that it catches."""

from __future__ import annotations

import pytest

from hacp.calls import Answer, Target
from hacp.checks import CHECKS
from hacp.model import Mode
from hacp.probe import Heard, Played, Result, Step, examine, is_broken, play
from tests.hacp.quirks import ADDRESS, OF_HTTP, OF_LAYOUT, QUIRKS, Quirk, bent_session, in_process

SESSION_ID = "a1b2c3" * 6
FINE = Target(ADDRESS, SESSION_ID, ADDRESS, ("AICC_SID", "AICC_URL"))


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Take one database: what is tested here begins where the reply is written."""
    return sqlite_url


def results(played: Played) -> dict[str, Result]:
    return {finding.check.asks: finding.result for finding in examine(played, CHECKS)}


def saw(played: Played, asks: str) -> list[str]:
    found = next(one for one in examine(played, CHECKS) if one.check.asks == asks)
    return [fault.saw for fault in found.faults]


@pytest.mark.conforms(
    "Replies",
    "all clients",
    "`hacp probe` finds nothing missing in this server.",
    grade="B",
)
def test_our_own_endpoint_has_all_that_is_asked(server):
    played = in_process(server.app(), server.launch())
    assert set(results(played).values()) == {Result.OK}


def test_a_review_needs_no_entry_flag(server):
    played = in_process(server.app(), server.launch(mode=Mode.REVIEW))
    assert results(played)["an entry flag stands behind the status"] is Result.OK


@pytest.mark.parametrize("quirk", [*OF_HTTP, *OF_LAYOUT], ids=lambda quirk: quirk.name)
def test_a_server_that_is_wrong_is_found_out(quirk: Quirk, server):
    played = bent_session(server, quirk)
    assert results(played)[quirk.asks] is quirk.result
    assert is_broken(examine(played, CHECKS)) or quirk.result is Result.WEAK


# Rows about the address, the clock and silence: no bent reply shows them.
TARGETS = {
    "AICC_URL has no query string and no fragment": Target("h", "s1", "https://h/x?a=1"),
    "AICC_URL is absolute": Target("http://h/x", "s1", "h/x"),
    "AICC_URL is https": Target("http://h.example.org/x", "s1", "http://h.example.org/x"),
    "the session id needs no encoding": Target(ADDRESS, "C1 M2/S3", ADDRESS),
    "AICC_SID and AICC_URL are in upper case": Target(
        ADDRESS, "s1", ADDRESS, ("aicc_sid", "AICC_URL")
    ),
}
ANSWERS = {
    "an answer comes": Answer(failure="no connection: refused"),
    "within 5 seconds": Answer(200, {}, b"error=0\r\n", 5.5),
}


@pytest.mark.parametrize(("asks", "target"), TARGETS.items(), ids=TARGETS)
def test_an_address_that_breaks_content_is_found_out(asks, target):
    assert results(Played(target, {}))[asks] in {Result.BROKEN, Result.WEAK}


@pytest.mark.parametrize(("asks", "answer"), ANSWERS.items(), ids=ANSWERS)
def test_silence_and_slowness_are_found_out(asks, answer):
    found = results(play(FINE, [(Step.GET, answer)]))
    assert found[asks] in {Result.BROKEN, Result.WEAK}


def test_every_row_of_the_table_has_a_server_that_it_catches():
    caught = {quirk.asks for quirk in QUIRKS} | set(TARGETS) | set(ANSWERS)
    assert {check.asks for check in CHECKS} == caught


def test_no_two_rows_ask_the_same():
    assert len({check.asks for check in CHECKS}) == len(CHECKS)


def test_a_session_id_does_not_get_into_what_was_seen():
    target = Target(ADDRESS, "secret9", f"{ADDRESS}?sid=secret9")
    asks = "AICC_URL has no query string and no fragment"
    assert saw(Played(target, {}), asks) == [f"AICC_URL={ADDRESS}?sid={{sid}}"]


@pytest.mark.parametrize("host", ["localhost:8080", "127.0.0.1:8080", "[::1]:8080"])
def test_a_server_on_this_machine_needs_no_tls(host):
    target = Target(f"http://{host}/hacp/1", "s1", f"http://{host}/hacp/1")
    assert results(Played(target, {}))["AICC_URL is https"] is Result.OK


@pytest.mark.parametrize(
    ("session_id", "seen"),
    [("a b", "3 signs, among them ' '"), ("a" * 256, "256 signs, among them nothing odd")],
)
def test_what_is_odd_about_a_session_id_is_told(session_id, seen):
    asks = "the session id needs no encoding"
    assert saw(Played(Target(ADDRESS, session_id, ADDRESS), {}), asks) == [seen]


def test_where_nothing_came_nothing_is_judged():
    found = results(Played(Target(ADDRESS, "s1", ADDRESS), {}))
    assert found["AICC_SID and AICC_URL are in upper case"] is Result.NOT_SEEN
    assert found["the HTTP status is 200, for refusals too"] is Result.NOT_SEEN
    assert found["names in lower case"] is Result.NOT_SEEN
    assert found["the bookmark comes back byte for byte"] is Result.NOT_SEEN
    assert found["[core] is there"] is Result.NOT_SEEN
    assert found["error=0 where all is well"] is Result.NOT_SEEN


def test_an_error_page_is_no_reply_and_has_no_layout():
    page = Answer(200, {"content-type": "text/html"}, b"<h1>Oh\n\n dear</h1>", 0.1)
    played = play(FINE, [(Step.GET, page)])
    assert results(played)["names in lower case"] is Result.NOT_SEEN
    assert saw(played, "the body is a reply with error=, for refusals too") == [
        "`<h1>Oh dear</h1>`"
    ]


def test_a_fault_of_layout_names_its_line(server):
    quirk = next(quirk for quirk in OF_LAYOUT if quirk.name == "SAP's capitals")
    played = bent_session(server, quirk)
    faults = next(one for one in examine(played, CHECKS) if one.check.asks == quirk.asks).faults
    assert [(fault.step, fault.line) for fault in faults] == [(Step.GET, 5), (Step.AGAIN, 5)]
    assert faults[0].saw == "a name with capitals: `Student_ID=k3v9q2`"
    heard = played.heard[Step.GET]
    assert isinstance(heard, Heard)
    assert heard.hands_out
