"""Packed bytes come back as they were, whatever they were."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hacp.packing import DEFLATED, PLAIN, pack, unpack

TRANSCRIPTS = sorted((Path(__file__).parent.parent / "conversations").glob("*/*.txt"))


@given(st.binary(max_size=4000))
def test_whatever_is_packed_comes_back(raw):
    assert unpack(pack(raw), DEFLATED) == raw


@pytest.mark.parametrize("raw", [b"", b"\0", b"\1", b"x" * 23, b"x" * 24, b"\x78\x9c" * 20])
def test_what_is_short_or_looks_packed_comes_back(raw):
    assert unpack(pack(raw), DEFLATED) == raw


def test_what_came_stays_as_it_is():
    assert unpack(b"\1 as it came", PLAIN) == b"\1 as it came"


def test_a_form_of_a_later_version_is_refused():
    with pytest.raises(ValueError, match="form 2, which this version cannot read"):
        unpack(b"", 2)


def test_what_content_says_becomes_small():
    said = [
        line[4:].encode()
        for path in TRANSCRIPTS
        for line in path.read_text().splitlines()
        if line.startswith((">>> ", "<<< ")) and len(line) > 60
    ]

    assert sum(len(pack(one)) for one in said) < 0.75 * sum(len(one) for one in said)
