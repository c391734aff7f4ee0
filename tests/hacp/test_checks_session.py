"""What is asked of a session as a whole."""

from __future__ import annotations

import pytest

from hacp.checks_session import SESSION
from hacp.probe import Finding, Result, examine
from tests.hacp.quirks import OF_SESSIONS, SUSPENDED, Quirk, again, bent_session

SUSPEND = "the suspend data comes back byte for byte"


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Take one database: what is tested here begins where the reply is written."""
    return sqlite_url


def findings(server, quirk: Quirk) -> dict[str, Finding]:
    return {one.check.asks: one for one in examine(bent_session(server, quirk), SESSION)}


@pytest.mark.parametrize("quirk", OF_SESSIONS, ids=lambda quirk: quirk.name)
def test_a_server_that_loses_or_believes_too_much_is_found_out(quirk: Quirk, server):
    assert findings(server, quirk)[quirk.asks].result is quirk.result


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (SUSPENDED, b"", ["nothing came back"]),
        ("é € 概".encode(), b"\xc3\xa9 ? ?", [
            "not as sent: letters beyond ASCII",
            "not sent, but there: `é ? ?`",
        ]),
        (b"100%41", b"100A", [
            "not as sent: a percent sign and a plus (decoded once too often)",
            "not sent, but there: `100A 1+1`",
        ]),
        (b"the last line", b"the last line\r\nprobe=1", [
            "other line ends, or another order of the lines",
        ]),
    ],
)  # fmt: skip
def test_what_happened_to_suspend_data_is_told_by_line(old, new, said, server):
    found = findings(server, Quirk("", "", Result.OK, again(old, new)))[SUSPEND]
    assert [fault.saw for fault in found.faults] == said


def test_an_older_server_may_round_a_score(server):
    rounded = again(b"time=", b"score=70\r\ntime=")
    found = findings(server, Quirk("", "", Result.OK, rounded))
    name = "a late GetParam has the score of the launch, or the one sent"
    assert found[name].result is Result.OK


def test_a_time_that_cannot_be_read_has_no_total(server):
    unread = Quirk("", "", Result.OK, lambda reply, _step: reply.replace(b"time=", b"time=?"))
    name = "time is the total: of the launch, or that and what was sent"
    assert findings(server, unread)[name].result is Result.OK


@pytest.mark.parametrize("time", [b"00:00:00", b"00:00:05"])
def test_time_may_be_added_at_once_or_later(time, server):
    added = again(b"time=00:00:00", b"time=" + time)
    name = "time is the total: of the launch, or that and what was sent"
    assert findings(server, Quirk("", "", Result.OK, added))[name].result is Result.OK
