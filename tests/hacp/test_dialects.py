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


PLAIN = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)


@given(PLAIN)
def test_any_text_comes_through_as_a_part_of_a_form(text):
    body = dump_multipart([("command", "PutParam"), ("AICC_Data", text), ("session_id", "s1")])
    request = parse_request(body.encode(), content_type=f"multipart/form-data; boundary={BOUNDARY}")
    assert (request.command, request.aicc_data, request.session_id) == ("PutParam", text, "s1")


# aicc_data that begins as all of it does, so that nobody can take it for something else.
GROUPS = PLAIN.map(lambda text: f"[core_lesson]\r\n{text} ende\u2013")
NAMES = {
    "command": ["command", "COMMAND", "Command"],
    "session_id": ["session_id", "Session_ID", "session%5Fid"],
    "version": ["version", "VERSION"],
    "aicc_data": ["aicc_data", "AICC_Data", "AICC_DATA", "aicc%5fdata"],
}


@given(
    GROUPS,
    st.sampled_from(["form", "component", "escape", "double", "utf-16"]),
    st.permutations(list(NAMES)),
    st.tuples(*(st.sampled_from(spellings) for spellings in NAMES.values())),
)
def test_any_request_is_read_in_any_order_case_and_dialect(data, dialect, order, spellings):
    values = {
        "command": "PutParam",
        "session_id": "ab12",
        "version": "3.5",
        "aicc_data": DIALECTS[dialect].dump(data),
    }
    names = dict(zip(NAMES, spellings, strict=True))
    body = "&".join(f"{names[name]}={values[name]}" for name in order)

    request = parse_request(body.encode("utf-16" if dialect == "utf-16" else "utf-8"))

    assert (request.command, request.session_id, request.version) == ("PutParam", "ab12", "3.5")
    assert request.aicc_data == data
