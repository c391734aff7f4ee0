"""What is asked of the elements of a reply."""

from __future__ import annotations

import pytest

from hacp.checks import CHECKS
from hacp.checks_elements import ELEMENTS
from hacp.probe import Result, examine
from tests.hacp.quirks import OF_ELEMENTS, Quirk, bent_session


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Take one database: what is tested here begins where the reply is written."""
    return sqlite_url


@pytest.mark.parametrize("quirk", OF_ELEMENTS, ids=lambda quirk: quirk.name)
def test_a_server_that_hands_out_something_odd_is_found_out(quirk: Quirk, server):
    findings = examine(bent_session(server, quirk), ELEMENTS)
    assert {one.check.asks: one.result for one in findings}[quirk.asks] is quirk.result


@pytest.mark.parametrize("quirk", OF_ELEMENTS, ids=lambda quirk: quirk.name)
def test_who_breaks_is_named(quirk: Quirk):
    check = next(check for check in ELEMENTS if check.asks == quirk.asks)
    assert check.breaks
    assert check in CHECKS


def test_a_reply_without_error_says_so(server):
    quirk = Quirk("", "", Result.OK, lambda reply, _step: reply.replace(b"error=0\r\n", b""))
    findings = examine(bent_session(server, quirk), ELEMENTS)
    found = next(one for one in findings if one.check.asks == "error=0 where all is well")
    assert [fault.saw for fault in found.faults] == ["no error= Successful"] * 2


def test_an_error_without_a_text_is_shown_without(server):
    quirk = Quirk("", "", Result.OK, lambda _reply, _step: b"error=1\r\n")
    findings = examine(bent_session(server, quirk), ELEMENTS)
    found = next(one for one in findings if one.check.asks == "error=0 where all is well")
    assert {fault.saw for fault in found.faults} == {"error=1"}
