"""A number that names nothing is no id, wherever it is typed."""

from __future__ import annotations

import pytest

from launcher.numbers import LARGEST_ID, parse_capped, parse_id, parse_wide_id


@pytest.mark.parametrize("text", ["0", "7", str(2**31 - 1)])
def test_an_id_is_read(text):
    assert parse_id(text) == parse_wide_id(text) == int(text)


@pytest.mark.parametrize("text", ["", "x", "1.5", "-1", str(2**63), "9" * 5000])
def test_what_can_be_no_id_is_refused(text):
    for parse in (parse_id, parse_wide_id):
        with pytest.raises(ValueError):
            parse(text)


def test_ids_that_are_made_from_the_time_are_wider():
    assert parse_wide_id(str(2**31)) == 2**31
    with pytest.raises(ValueError, match="as large"):
        parse_id(str(2**31))


@pytest.mark.parametrize(
    ("text", "read"), [("7", 7), (str(2**31), LARGEST_ID), ("9" * 30, LARGEST_ID), ("-5", 0)]
)
def test_what_is_out_of_reach_is_read_as_the_last_that_is_not(text, read):
    assert parse_capped(text) == read


def test_what_is_no_number_is_refused_there_too():
    with pytest.raises(ValueError):
        parse_capped("x")
