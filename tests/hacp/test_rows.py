"""Rows and values: what is written reads back equal, to the microsecond and the last digit."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hacp.model import Credit, Exchange, LaunchTicket, Mode, Score, Status
from hacp.packing import DEFLATED, PLAIN, pack
from hacp.records import Comment, Kept, StatusChange
from hacp.rows import (
    change_columns,
    change_of,
    dump_score_or_none,
    dump_ticket,
    exchange_columns,
    exchange_of,
    kept_of,
    micros,
    micros_or_none,
    moment,
    moment_or_none,
    parse_score_or_none,
    parse_ticket,
)
from tests.hacp.server import START, ticket

FULL = ticket(
    mode=Mode.REVIEW,
    credit=Credit.NO_CREDIT,
    mastery_score=Decimal("72.50"),
    max_time_allowed="9999:59:59",
    time_limit_action="exit,message",
    vendor_data='a="1"\r\nb=é概😀',
    objectives=("obj-1", "obj-2"),
)


@pytest.mark.parametrize("one", [ticket(), FULL], ids=["bare", "full"])
def test_a_ticket_reads_back_equal_and_of_the_same_kinds(one):
    read = parse_ticket(dump_ticket(one))
    assert read == one
    for field in fields(LaunchTicket):
        assert type(getattr(read, field.name)) is type(getattr(one, field.name))


TEXT = st.text(st.characters(exclude_categories=["Cs"]))
TICKETS = st.builds(
    LaunchTicket,
    academy_id=st.integers(1, 2**31 - 1),
    learner_id=st.integers(1, 2**31 - 1),
    student_id=TEXT,
    student_name=TEXT,
    course_id=st.integers(1, 2**31 - 1),
    aicc_course_id=TEXT,
    au_id=TEXT,
    mode=st.sampled_from(Mode),
    credit=st.sampled_from(Credit),
    mastery_score=st.none() | st.decimals(-(10**6), 10**6, places=3),
    max_time_allowed=st.none() | TEXT,
    time_limit_action=st.none() | TEXT,
    vendor_data=TEXT,
    objectives=st.lists(TEXT).map(tuple),
)


@given(TICKETS)
def test_any_ticket_reads_back_equal(one):
    assert parse_ticket(dump_ticket(one)) == one


@given(st.datetimes(datetime(1970, 1, 1), datetime(2300, 1, 1)))
def test_a_moment_reads_back_to_the_microsecond(naive):
    at = naive.replace(tzinfo=UTC)
    assert moment(micros(at)) == at
    assert moment_or_none(micros_or_none(at)) == at


def test_a_moment_has_its_zone_and_another_zone_is_the_same_moment():
    assert moment(micros(START)).tzinfo is UTC
    assert micros(START.astimezone(timezone(timedelta(hours=9)))) == micros(START)


def test_a_moment_without_a_zone_cannot_be_written():
    with pytest.raises(TypeError):
        micros(datetime(2026, 1, 1))


def test_what_has_not_come_yet_stays_so():
    assert micros_or_none(None) is None
    assert moment_or_none(None) is None
    assert dump_score_or_none(None) is None
    assert parse_score_or_none(None) is None


NUMBER = st.decimals(-(10**14), 10**14, places=15).map(lambda number: number.normalize())


@given(NUMBER, NUMBER, NUMBER)
def test_a_score_reads_back_exactly_and_fits_its_column(raw, highest, lowest):
    for score in (Score(raw), Score(raw, highest, lowest)):
        written = dump_score_or_none(score)
        assert written is not None
        assert len(written) <= 128
        assert parse_score_or_none(written) == score


def row(**columns: object) -> SimpleNamespace:
    usual = {
        "id": 5,
        "at": micros(START),
        "method": "POST",
        "content_type": "",
        "origin": "",
        "query": b"",
        "request": b"",
        "reply": b"beforeafter",
        "error": 0,
        "command": "GetParam",
        "session_id": 1,
        "suspend_from": 3,
        "suspend_at": 6,
        "tolerated": "one\ntwo\x0bstill two",
        "packed": PLAIN,
    }
    return SimpleNamespace(**{**usual, **columns})


def test_suspend_data_is_put_back_where_it_stood():
    assert exchange_of(row(), {3: b"DATA\r\n"}).reply == b"beforeDATA\r\nafter"


def test_a_source_that_is_gone_leaves_its_place_empty():
    assert exchange_of(row(), {}).reply == b"beforeafter"


def test_a_reply_without_suspend_data_is_whole_already():
    assert exchange_of(row(suspend_from=None, suspend_at=None), {}).reply == b"beforeafter"


def test_packed_bytes_are_read_as_they_came():
    small = {name: pack(getattr(row(), name)) for name in ("query", "request", "reply")}
    assert exchange_of(row(**small, packed=DEFLATED), {}) == exchange_of(row(), {})


def test_notes_are_a_line_each():
    assert exchange_of(row(), {}).tolerated == ("one", "two\x0bstill two")
    assert exchange_of(row(tolerated=""), {}).tolerated == ()


def test_an_exchange_is_written_column_by_column():
    exchange = Exchange(5, START, "POST", "t", "o", b"r", b"a", 3, tolerated=("one", "two"))
    columns = exchange_columns(exchange)
    # Nothing is packed when it comes: the column's default says so.
    assert exchange_of(SimpleNamespace(**columns, packed=PLAIN), {}) == exchange
    assert (columns["at"], columns["tolerated"]) == (micros(START), "one\ntwo")


@pytest.mark.parametrize(
    ("said", "number"), [(Status.COMPLETED, Score(Decimal(60), Decimal(100))), (None, None)]
)
def test_a_step_of_the_status_reads_back_equal(said, number):
    change = StatusChange(
        9, 2, START, Status.INCOMPLETE, Status.FAILED, said, number, said is not None
    )
    read = change_of(SimpleNamespace(**change_columns(change)))
    if number is not None:
        number = Score(Decimal(60), Decimal(100), Decimal(0))
    assert read == StatusChange(
        9, 2, START, Status.INCOMPLETE, Status.FAILED, said, number, said is not None
    )


def test_a_record_comes_with_its_exchange_and_place():
    row = SimpleNamespace(
        exchange_id=7, at=micros(START), place=2, kind="comment", document='{"text":"x"}'
    )
    assert kept_of(row) == Kept(7, START, 2, Comment("x"))
