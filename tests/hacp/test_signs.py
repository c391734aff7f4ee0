"""The signs of a recording: what cannot be seen, and what is not always the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hacp.signs import PICTURES, SignRefused, dump_signs, parse_signs, to_bytes, to_text

IDS = ("aa", "bé")
texts = st.text(alphabet="{}0xdat sidSID×% 1␀␍…\r\n\t\u2028\x85ab\udc80é", max_size=40)


@given(st.binary(max_size=60) | texts.map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_whatever_is_written_is_read_back(raw):
    line = dump_signs(to_text(raw))
    assert to_bytes(parse_signs(line, IDS)) == raw
    assert line
    assert line == line.strip()
    assert len(line.splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a  b", "a  b"),
        (" a\r\n", "␠a␍␊"),
        ("a  ", "a␠␠"),
        ("  ", "␠␠"),
        ("", "{0x}"),
        ('{"a":{"b":1}}', '{"a":{"b":1}}'),
        ("{sid}", "{0x7b}sid}"),
        ("{data}", "{0x7b}data}"),
        ("{a × 3}", "{0x7b}a × 3}"),
        ("␍", "{0xe2908d}"),
        ("\udce9\udcff", "{0xe9ff}"),
    ],
)
def test_only_what_would_be_lost_or_misread_is_drawn(text, line):
    assert dump_signs(text) == line


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("{sid}", "bé"),
        ("{sid 1}", "aa"),
        ("{SID 1}", "AA"),
        ("{%sid}", "%62%c3%a9"),
        ("{ab × 3}", "ababab"),
        ("{0x41}", "A"),
        ("".join(PICTURES), "".join(PICTURES.values())),
    ],
)
def test_signs_are_put_in_their_places(line, text):
    assert parse_signs(line, IDS) == text


@pytest.mark.parametrize("line", ["{sid 3}", "{sid 0}", "{a × 999999999}"])
def test_a_sign_for_nothing_or_for_too_much_is_refused(line):
    with pytest.raises(SignRefused):
        parse_signs(line, IDS)


def test_without_a_launch_there_is_no_session_id():
    with pytest.raises(SignRefused, match="before its launch"):
        parse_signs("{sid}", ())
