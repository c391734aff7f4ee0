"""Replies read back: what we write, and what others do."""

from __future__ import annotations

from dataclasses import fields
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hacp.groups import FREE_FORM, KEYWORDS, OUTER
from hacp.messages import dump_response
from hacp.model import Credit, Entry, Mode, Param, Reply, Score, Status
from hacp.replies import Handed, Oddity, Response, parse_handed, parse_response

HEAD = b"error=0\r\nerror_text=Successful\r\nversion=4.0\r\n"
GROUPS = {f"[{name}]" for name in FREE_FORM | KEYWORDS}

signs = st.characters(exclude_categories=["Cs"])
one_line = st.text(signs.filter(lambda sign: sign not in "\r\n"), max_size=30).map(
    lambda text: text.strip(OUTER)
)
free_text = (
    st.lists(one_line, max_size=5)
    .map(lambda lines: "\r\n".join(lines).strip(OUTER))
    .filter(
        lambda text: not any(line.strip(OUTER).lower() in GROUPS for line in text.split("\r\n"))
    )
)
decimals = st.decimals(0, 999999, places=2)
params = st.builds(
    Param,
    student_id=st.from_regex(r"[a-z0-9]{1,20}", fullmatch=True),
    student_name=one_line,
    lesson_location=one_line,
    credit=st.sampled_from(Credit),
    status=st.sampled_from(Status),
    entry=st.sampled_from(Entry),
    score=st.none()
    | st.builds(Score, decimals)
    | st.builds(Score, decimals, max=decimals, min=decimals),
    seconds=st.decimals(0, 9999 * 3600, places=2),
    mode=st.sampled_from(Mode),
    suspend_data=free_text,
    vendor_data=free_text,
    course_id=one_line,
    attempt_number=st.integers(1, 999),
    mastery_score=st.none() | decimals,
    max_time_allowed=st.none() | st.just("01:00:00"),
    time_limit_action=st.none() | st.just("exit,no message"),
)


@given(params)
def test_what_is_dumped_is_read_back(param):
    response = parse_response(dump_response(Reply(param=param)).body)
    assert response.departures == ()
    assert (response.error, response.error_text, response.version) == (0, "Successful", "4.0")
    handed = parse_handed(response)
    for field in fields(Handed):
        assert getattr(handed, field.name) == getattr(param, field.name), field.name


@given(st.integers(0, 9), one_line.filter(bool))
def test_a_short_reply_is_read_back(error, text):
    response = parse_response(dump_response(Reply(error, text)).body)
    assert response == Response(error, text, "4.0")


@given(st.binary(max_size=200) | st.text("=[]\r\n\t core<error%3dé;", max_size=80).map(str.encode))
def test_whatever_comes_is_read(body):
    parse_handed(parse_response(body))


def oddities(body: bytes) -> list[tuple[Oddity, int]]:
    return [(one.oddity, one.line) for one in parse_response(body).departures]


CORE = b"aicc_data=[core]\r\nstudent_id=a\r\n"
ODD = {
    "nothing": (b" \r\n", [(Oddity.EMPTY, 1)]),
    "a page": (b"\r\n<html>", [(Oddity.HTML, 1)]),
    "encoded": (b"error%3D0%0D%0A", [(Oddity.ENCODED, 1)]),
    "a mark": (b"\xef\xbb\xbferror=0\r\n", [(Oddity.BYTE_ORDER_MARK, 1)]),
    "Latin-1": (b"error=0\r\nerror_text=\xe9\r\n", [(Oddity.NOT_UTF_8, 1)]),
    "version first": (b"version=4\r\nerror=0\r\n", [(Oddity.FIRST_LINE, 1)]),
    "an empty line first": (b"\r\nerror=0\r\n", [(Oddity.FIRST_LINE, 1)]),
    "LF": (b"error=0\nversion=4\r\n", [(Oddity.LF, 1)]),
    "CR": (b"error=0\rversion=4\r\n", [(Oddity.CR, 1)]),
    "no end": (b"error=0\r\nversion=4", [(Oddity.UNENDED, 2)]),
    "a tab": (b"error=0\r\n\tversion=4\r\n", [(Oddity.INDENTED, 2)]),
    "blanks": (b"error =0\r\nversion= 4\r\n", [(Oddity.BLANKS, 1), (Oddity.BLANKS, 2)]),
    "capitals": (b"Error=0\r\n", [(Oddity.CAPITALS, 1)]),
    "no =": (b"error=0\r\nSuccessful\r\n", [(Oddity.NO_EQUALS, 2)]),
    "twice": (b"error=0\r\nversion=4\r\nerror=1\r\n", [(Oddity.REPEATED, 3)]),
    "no name": (HEAD + b"[core]\r\n", [(Oddity.NO_AICC_DATA, 4)]),
    "no name, another first": (
        HEAD + b"[evaluation]\r\n[core]\r\n",
        [(Oddity.NO_AICC_DATA, 4), (Oddity.CORE_NOT_FIRST, 4)],
    ),
    "below": (HEAD + b"aicc_data=\r\n[core]\r\n", [(Oddity.CORE_BELOW, 5)]),
    "below, with a blank": (
        HEAD + b"aicc_data= \r\n\r\n[core]\r\n",
        [(Oddity.BLANKS, 4), (Oddity.CORE_BELOW, 6)],
    ),
    "another first": (HEAD + b"aicc_data=[evaluation]\r\n[core]\r\n", [(Oddity.CORE_NOT_FIRST, 4)]),
    "shared": (HEAD + b"aicc_data=[Core] a=1\r\n", [(Oddity.NOT_ALONE, 4), (Oddity.CAPITALS, 4)]),
    "group with blanks": (HEAD + CORE + b" [core_lesson]\r\n", [(Oddity.INDENTED, 6)]),
    "unknown group": (HEAD + CORE + b"[extra]\r\n", [(Oddity.NO_EQUALS, 6)]),
}  # fmt: skip


@pytest.mark.parametrize(("body", "found"), ODD.values(), ids=ODD)
def test_each_departure_is_named_with_its_line(body, found):
    assert oddities(body) == found


@pytest.mark.parametrize(
    "data",
    [
        b"[core_lesson]\r\n\tA = 1\nno equals\r[1,[2]]\r\n",
        b"; a comment\r\n\r\n",
        b"time=00:00:00 \r\n",
    ],
    ids=["suspend data", "comments and empty lines", "blanks at the end"],
)
def test_what_is_nobodys_business_is_no_departure(data):
    assert oddities(HEAD + CORE + data) == []


def test_a_sloppy_reply_is_read_all_the_same():
    body = b" Error = 0\n\tAICC_DATA =\n [Core]\n\tStudent_ID = a\n Lesson_Status = I , resume\n"
    handed = parse_handed(parse_response(body))
    assert (handed.student_id, handed.status, handed.entry) == (
        "a",
        Status.INCOMPLETE,
        Entry.RESUME,
    )


def test_what_shares_a_line_with_its_group_is_read():
    handed = parse_handed(parse_response(HEAD + b"aicc_data=[core] student_id=a\r\n"))
    assert handed.student_id == "a"


def test_keywords_without_their_group_are_not_read():
    response = parse_response(HEAD + b"aicc_data=\r\nstudent_id=a\r\n")
    assert parse_handed(response).student_id is None
    assert response.has_data


def test_an_encoded_reply_is_read():
    response = parse_response(b"error%3D3%0D%0Aerror_text%3DInvalid+Session+ID%0D%0A")
    assert (response.error, response.error_text) == (3, "Invalid Session ID")


def test_what_cannot_be_read_is_none():
    body = (
        HEAD
        + CORE
        + (
            b"lesson_status=x,y\r\nscore=high\r\ntime=soon\r\ncredit=?\r\nlesson_mode=\r\n"
            b"[student_data]\r\nattempt_number=one\r\nmastery_score=-\r\n"
        )
    )
    handed = parse_handed(parse_response(body))
    assert {name for name in Handed.__slots__ if getattr(handed, name) is not None} == {
        "student_id"
    }


def test_the_first_of_a_name_counts():
    response = parse_response(b"error=1\r\nerror=0\r\n")
    assert response.error == 1


def test_numbers_are_read_as_numbers():
    body = HEAD + CORE + b"time=00:12:30\r\n[student_data]\r\nmastery_score=80.5\r\n"
    handed = parse_handed(parse_response(body))
    assert (handed.seconds, handed.mastery_score) == (Decimal(750), Decimal("80.5"))
