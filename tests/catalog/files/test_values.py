"""Ids, scores, times and actions as real .au files write them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from catalog.files.values import (
    is_identifier,
    parse_score,
    parse_time_limit,
    parse_time_limit_action,
    parse_vendor_data,
)


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("80", Decimal(80)),
        ("79.5", Decimal("79.5")),
        (" 080 ", Decimal(80)),
        ("-5", Decimal(-5)),
        ("80.", Decimal(80)),
        (".5", Decimal("0.5")),
        ("80 %", Decimal(80)),
        ("", None),
        ("NA", None),
        ("n/a", None),
        ("-", None),
    ],
)
def test_a_score_is_a_number_or_nothing(text: str, score: Decimal | None) -> None:
    assert parse_score(text) == score


@pytest.mark.parametrize(
    "text", ["eighty", "8e9", "NaN", "Infinity", "1_000", "٣", "80,100", "1" * 13, "%"]
)
def test_what_is_no_number_is_no_score(text: str) -> None:
    with pytest.raises(ValueError, match="A number such as"):
        parse_score(text)


@pytest.mark.conforms(
    "Course files",
    "Storyline, Profiscience",
    "9999:59:59, 00:00:00 and `NA` are no limit.",
    grade="B",
    case="9999:59:59",
)
@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("00:30:00", "0000:30:00"),
        ("1:2:3", "0001:02:03"),
        ("0001:30:00.50", "0001:30:00"),
        ("00:90:61", "0001:31:01"),
        ("", None),
        ("NA", None),
        ("00:00:00", None),
        ("0000:00:00.0", None),
        ("9999:59:59", None),
        ("9998:99:99", None),
    ],
)
def test_a_time_limit_is_a_time_or_none(text: str, limit: str | None) -> None:
    assert parse_time_limit(text) == limit


@pytest.mark.parametrize("text", ["30:00", "1h", "-1:00:00", "00001:00:00", "1:2:3:4"])
def test_what_is_no_time_is_no_limit(text: str) -> None:
    with pytest.raises(ValueError, match="A time such as"):
        parse_time_limit(text)


@pytest.mark.conforms(
    "Course files",
    "Rustici",
    "time_limit_action is two words in either order, known by first letters.",
    grade="B",
    case="C,N",
)
@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("exit,message", "exit,message"),
        ("C,N", "continue,no message"),
        ("N,E", "exit,no message"),
        ("Message ; Exit", "exit,message"),
        ("exit", "exit,no message"),
        ("m", "continue,message"),
        (",", "continue,no message"),
        ("", None),
        ("NA", None),
    ],
)
def test_an_action_is_known_by_first_letters(text: str, action: str | None) -> None:
    assert parse_time_limit_action(text) == action


@pytest.mark.parametrize("text", ["x", "exit,exit", "exit,message,no message"])
def test_what_is_no_action_is_told(text: str) -> None:
    with pytest.raises(ValueError, match="Two words"):
        parse_time_limit_action(text)


@pytest.mark.conforms(
    "Launch",
    "Moodle, wizBank, ILIAS",
    "`<CR>` in core_vendor, in any case, is a line break in what the unit gets.",
    grade="B",
)
def test_every_break_in_vendor_data_becomes_crlf() -> None:
    assert parse_vendor_data("a<CR>b<cr>c\nd\r\ne\rf<C") == "a\r\nb\r\nc\r\nd\r\ne\r\nf<C"


@pytest.mark.parametrize(
    ("text", "sound"),
    [("A1", True), ("Ä 1", True), ("x" * 255, True), ("", False), ("x" * 256, False), ("a\tb", 0)],
)
def test_an_id_is_short_and_printable(text: str, sound: bool) -> None:
    assert is_identifier(text) == sound
