"""How content encodes: as JavaScript does it, and so that our own reader understands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hacp.dialects import (
    BOUNDARY,
    DIALECTS,
    dump_component,
    dump_escape,
    dump_form,
    dump_multipart,
    dump_values,
    parse_escape,
)
from hacp.messages import parse_request

TEXT = "[1,[2]] a%41b & c=d + é ü – 概 😀~*"
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


def test_the_encodings_are_those_of_javascript():
    assert dump_escape("a é – 😀+/~") == "a%20%E9%20%u2013%20%uD83D%uDE00+/%7E"
    assert dump_component("a é+/~*'()!") == "a%20%C3%A9%2B%2F~*'()!"
    assert dump_form("a é+/~*") == "a+%C3%A9%2B%2F%7E*"
    assert dump_values("Time=00:05\r\n[g]\r\nA=1,2") == "Time=00%3a05\r\n[g]\r\nA=1%2c2"


@pytest.mark.parametrize("name", [name for name, one in DIALECTS.items() if one.parse])
@given(text=texts)
def test_what_is_encoded_is_decoded(name, text):
    dialect = DIALECTS[name]
    assert dialect.parse is not None
    assert dialect.parse(dialect.dump(text)) == text


@pytest.mark.parametrize("name", ["form", "component", "escape"])
def test_our_own_reader_understands(name):
    body = f"command=PutParam&aicc_data={DIALECTS[name].dump(TEXT)}"
    assert parse_request(body.encode()).aicc_data == TEXT


def test_a_lone_half_of_a_pair_is_encoded_and_read_as_unreadable():
    assert dump_escape("\ud83d") == "%uD83D"
    assert parse_escape("%uD83D") == "\ufffd"


def test_parts_of_a_form_are_understood():
    body = dump_multipart([("command", "ExitParam"), ("AICC_Data", TEXT)])
    request = parse_request(body.encode(), content_type=f"multipart/form-data; boundary={BOUNDARY}")
    assert (request.command, request.aicc_data) == ("ExitParam", TEXT)
