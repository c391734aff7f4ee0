"""Records as JSON: what is written reads back equal, whatever stands in it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hacp.documents import (
    DIGEST_BYTES,
    KINDS,
    digest_of,
    dump_earlier,
    dump_objectives,
    dump_preferences,
    dump_record,
    kind_of,
    parse_earlier,
    parse_objectives,
    parse_preferences,
    parse_record,
)
from hacp.model import Objective, Score, Standing, Status
from hacp.records import (
    Achievement,
    Comment,
    Interaction,
    Performance,
    Question,
    Try,
    Verdict,
    Visit,
)

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
NUMBER = st.decimals(-(10**14), 10**14, places=5)
SCORE = st.builds(Score, NUMBER) | st.builds(Score, NUMBER, NUMBER, NUMBER)
AT = st.none() | st.datetimes(datetime(1900, 1, 1), datetime(9999, 1, 1))
MAYBE = st.none()
STATUS = MAYBE | st.sampled_from(Status)
RECORD = st.one_of(
    st.builds(Comment, TEXT, TEXT, MAYBE | st.integers(), AT),
    st.builds(
        Interaction,
        TEXT,
        TEXT,
        MAYBE | st.sampled_from(Question),
        TEXT,
        TEXT,
        MAYBE | st.sampled_from(Verdict),
        MAYBE | NUMBER,
        MAYBE | NUMBER,
        MAYBE | NUMBER,
        AT,
    ),
    st.builds(Achievement, TEXT, MAYBE | SCORE, STATUS, TEXT, AT),
    st.builds(Visit, TEXT, STATUS, TEXT, MAYBE | NUMBER, AT),
    st.builds(Performance, st.lists(st.tuples(TEXT, TEXT)).map(tuple), AT),
    st.builds(Try, MAYBE | st.integers(), MAYBE | SCORE, STATUS, MAYBE | NUMBER),
)


@given(RECORD)
def test_a_record_reads_back_equal(record):
    assert parse_record(kind_of(record), dump_record(record)) == record


def test_what_is_not_said_is_not_written():
    assert dump_record(Comment("é")) == '{"text":"é"}'


def test_every_kind_has_a_name_that_fits_its_column():
    assert all(len(name) <= 16 for name in KINDS)
    assert {kind_of(kind(*[""] * 1)) for kind in (Comment, Visit)} == {"comment", "path"}


@pytest.mark.parametrize(
    ("record", "once"),
    [
        (Comment("x"), True),
        (Try(1), True),
        (Interaction("q1"), False),
        (Interaction("q1", at=datetime(2026, 3, 2)), True),
        (Achievement("o1"), False),
    ],
)
def test_what_can_only_be_said_once_has_a_digest(record, once):
    digest = digest_of(record)
    assert (digest is not None) is once
    if digest is not None:
        assert len(digest) == DIGEST_BYTES


def test_digests_tell_kinds_and_contents_apart():
    at = datetime(2026, 3, 2)
    some = [Comment("x"), Comment("y"), Visit("x", at=at), Achievement("x", at=at)]
    assert len({digest_of(one) for one in some}) == len(some)


@given(st.lists(st.builds(Objective, TEXT, MAYBE | SCORE, STATUS)).map(tuple))
def test_objectives_read_back_equal(objectives):
    assert parse_objectives(dump_objectives(objectives)) == objectives


@given(
    st.lists(
        st.tuples(st.integers(1, 999), st.builds(Standing, st.sampled_from(Status), MAYBE | SCORE))
    ).map(tuple)
)
def test_earlier_attempts_read_back_equal(earlier):
    assert parse_earlier(dump_earlier(earlier)) == earlier


@given(st.dictionaries(TEXT, TEXT).map(lambda pairs: tuple(pairs.items())))
def test_preferences_read_back_equal_and_in_order(preferences):
    assert parse_preferences(dump_preferences(preferences)) == preferences


def test_nothing_is_an_empty_text_or_none():
    assert dump_objectives(()) == dump_earlier(()) == ""
    assert parse_preferences(None) == ()
    assert (
        Decimal(parse_record("path", dump_record(Visit("", seconds=Decimal("1E+2")))).seconds)
        == 100
    )
