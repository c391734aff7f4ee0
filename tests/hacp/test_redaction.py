"""Redaction: no spelling of a session id stays in what is kept."""

from __future__ import annotations

import re

import pytest

from hacp.messages import parse_request
from hacp.redaction import redactor

SID = "0123456789abcdef0123456789abcdef01234567"
STAND_IN = re.compile(rb"sid-[0-9a-f]{8}")
PERCENT = "".join(f"%{ord(sign):02x}" for sign in SID)
SPELLINGS = {
    "clear": f"session_id={SID}",
    "upper case": f"session_id={SID.upper()}",
    "percent-encoded": f"session_id={PERCENT}",
    "in two cases": f"session_id={SID.upper()}&url=http://x/?AICC_SID={SID}",
    "behind another": f"session_id={'0' * 40}&session_id={SID}",
    "behind another, encoded": f"session_id={'0' * 40}&session%5Fid={PERCENT}",
    "in the data too": f"session_id={SID}&aicc_data=[core]\r\na={SID}",
}


WRITTEN = {name: f"command=GetParam&{text}".encode() for name, text in SPELLINGS.items()}
for _name in ("clear", "upper case", "percent-encoded", "in two cases"):
    WRITTEN[f"{_name}, UTF-16"] = WRITTEN[_name].decode().encode("utf-16")
    WRITTEN[f"{_name}, UTF-16-BE"] = WRITTEN[_name].decode().encode("utf-16-be")


@pytest.mark.parametrize("raw", WRITTEN.values(), ids=WRITTEN)
def test_a_session_id_stands_nowhere_in_what_is_kept(raw):
    kept = redactor(parse_request(raw))(raw)
    for text in (kept, kept.replace(b"\0", b"")):
        assert SID.encode() not in text.lower()
        assert PERCENT.encode() not in text.lower()
    assert STAND_IN.search(kept.replace(b"\0", b""))
    assert b"command=GetParam" in kept.replace(b"\0", b"")


def test_the_stand_in_tells_two_sessions_apart_and_one_is_always_the_same():
    def kept(session_id: str) -> bytes:
        raw = f"session_id={session_id}".encode()
        return redactor(parse_request(raw))(raw)

    assert kept(SID) == kept(SID.upper()) == kept(PERCENT)
    assert kept(SID) != kept(SID[::-1])


def test_what_is_too_short_to_be_one_of_ours_stays_to_be_seen():
    raw = b"command=GetParam&session_id=12345"
    assert redactor(parse_request(raw))(raw) == raw


def test_digits_that_are_not_named_a_session_id_stay():
    raw = f"command=PutParam&session_id={SID}&aicc_data=commit {SID[::-1]}".encode()
    assert SID[::-1].encode() in redactor(parse_request(raw))(raw)
