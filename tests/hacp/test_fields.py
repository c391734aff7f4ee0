"""Values inside aicc_data: what content writes, and what we write."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hacp.fields import (
    LONGEST,
    STATUS_LETTERS,
    dump_score,
    dump_status,
    dump_timespan,
    parse_decimal,
    parse_score,
    parse_status,
    parse_timespan,
    parse_version,
)
from hacp.model import Entry, Exit, Score, Status

D = Decimal

STATUSES = {
    # realistic
    "passed": (Status.PASSED, Exit.NORMAL),
    "completed": (Status.COMPLETED, Exit.NORMAL),
    "failed": (Status.FAILED, Exit.NORMAL),
    "incomplete": (Status.INCOMPLETE, Exit.NORMAL),
    "not attempted": (Status.NOT_ATTEMPTED, Exit.NORMAL),
    "browsed": (Status.BROWSED, Exit.NORMAL),
    "P": (Status.PASSED, Exit.NORMAL),
    "N": (Status.NOT_ATTEMPTED, Exit.NORMAL),
    "incomplete,suspend": (Status.INCOMPLETE, Exit.SUSPEND),
    "c,time-out": (Status.COMPLETED, Exit.TIME_OUT),
    # sloppy
    "Passed, Logout": (Status.PASSED, Exit.LOGOUT),
    " pass ,\tS ": (Status.PASSED, Exit.SUSPEND),
    "complete": (Status.COMPLETED, Exit.NORMAL),
    "attempted": (Status.INCOMPLETE, Exit.NORMAL),
    ",suspend": (None, Exit.SUSPEND),
    "unknown": (None, Exit.NORMAL),
    # hostile
    "": (None, Exit.NORMAL),
    "ſ,ſ": (None, Exit.NORMAL),
    "x" * 100_000: (None, Exit.NORMAL),
}


@pytest.mark.conforms(
    "Data",
    "CMI001 v4, section 6",
    "Of lesson_status and its flag only the first letter counts, in any case, with blanks around "
    "the comma.",
    grade="A",
    case="Passed, Logout",
)
@pytest.mark.conforms(
    "Data",
    "South River",
    "`complete` is completed.",
    grade="C",
    case="complete",
)
@pytest.mark.parametrize(("text", "meaning"), STATUSES.items(), ids=lambda value: str(value)[:24])
def test_of_a_status_and_its_flag_only_the_first_letters_count(text, meaning):
    read = parse_status(text)
    assert (read.status, read.exit) == meaning


TOLERATED_FLAGS = {
    "incomplete,": "has a trailing comma",
    "not attempted,ab-initio": "is ours to give",
    "incomplete,resume": "is ours to give",
    "completed,exit": "is ours to give",
    "completed,whatever": "is not known",
}


@pytest.mark.conforms(
    "Data",
    "e-LfH",
    "A trailing comma behind the status is a normal exit.",
    grade="C",
    case="incomplete,",
)
@pytest.mark.conforms(
    "Data",
    "VistA, UGS",
    "Our own entry flag sent back is a normal exit.",
    grade="C",
    case="not attempted,ab-initio",
)
@pytest.mark.parametrize(("text", "note"), TOLERATED_FLAGS.items())
def test_a_flag_that_is_no_exit_is_a_normal_exit_and_noted(text, note):
    read = parse_status(text)
    assert read.exit is Exit.NORMAL
    assert note in read.tolerated


@pytest.mark.parametrize("text", ["passed", "passed,suspend", "x" * 1000])
def test_a_flag_that_needs_no_tolerance_leaves_no_note(text):
    assert not parse_status(text).tolerated


@pytest.mark.parametrize("text", [f"{'x' * 1000},", f"p,{'x' * 1000}"])
def test_a_note_does_not_grow_with_what_it_is_about(text):
    assert len(parse_status(text).tolerated) < 100


@given(st.sampled_from(Status), st.sampled_from(Entry))
def test_our_own_status_reads_back(status, entry):
    assert parse_status(dump_status(status, entry)).status is status


@pytest.mark.conforms(
    "Replies",
    "e-LfH, Rustici",
    "Status and entry flag are full words, `incomplete,resume`.",
    grade="T",
)
def test_we_write_the_entry_flag_without_a_blank():
    assert dump_status(Status.NOT_ATTEMPTED, Entry.AB_INITIO) == "not attempted,ab-initio"
    assert dump_status(Status.INCOMPLETE, Entry.RESUME) == "incomplete,resume"
    assert dump_status(Status.PASSED, Entry.NONE) == "passed"


def test_every_status_is_known_by_its_first_letter():
    assert {STATUS_LETTERS[str(status)[0]] for status in Status} == set(Status)


SCORES = {
    # realistic
    "80": Score(D(80)),
    "80,100,0": Score(D(80), D(100), D(0)),
    "12.5": Score(D("12.5")),
    "0": Score(D(0)),
    "-3,10,-10": Score(D(-3), D(10), D(-10)),
    # sloppy
    " 8 , 10 , 0 ": Score(D(8), D(10), D(0)),
    "8,10": Score(D(8), D(10), D(0)),
    "8,10,": Score(D(8), D(10), D(0)),
    "8,,0": Score(D(8)),
    "72%": Score(D(72)),
    "72 %,100 %": Score(D(72), D(100), D(0)),
    ".5": Score(D("0.5")),
    "+5.": Score(D(5)),
    "5,top,low": Score(D(5)),
    "1,2,0,4": Score(D(1), D(2), D(0)),
    # hostile
    "": None,
    ",100,0": None,
    "excellent": None,
    "NaN": None,
    "Infinity": None,
    "1e9": None,
    "1_000": None,
    "0x10": None,
    "١٠٠": None,
    "9" * 16: None,
    "9" * 100_000: None,
    "5\n": Score(D(5)),
}


@pytest.mark.conforms(
    "Data",
    "CMI001 v4, section 6",
    "A score is raw, then maximum, then minimum; a maximum without a minimum has the minimum 0.",
    grade="A",
    case="8,10",
)
@pytest.mark.conforms(
    "Data",
    "all clients",
    "A score that is no number changes nothing.",
    grade="B",
    case="excellent",
)
@pytest.mark.parametrize(("text", "score"), SCORES.items(), ids=lambda value: str(value)[:24])
def test_a_score_is_raw_then_max_then_min(text, score):
    assert parse_score(text) == score


NUMBERS = st.decimals(-(10**9), 10**9, places=4)


@given(NUMBERS, NUMBERS, NUMBERS)
def test_a_score_reads_back_as_it_was_written(raw, highest, lowest):
    for score in (Score(raw), Score(raw, highest, lowest)):
        assert parse_score(dump_score(score, integer=False)) == score


@pytest.mark.conforms("Replies", "SkillSoft", "That number is rounded half up.", grade="B")
@pytest.mark.parametrize(
    ("score", "written"),
    [
        (Score(D("66.5"), D(100), D(0)), "67"),
        (Score(D("66.4999")), "66"),
        (Score(D("-0.5")), "-1"),
        (Score(D("80.00")), "80"),
        (Score(D("9" * 15 + ".9")), "1" + "0" * 15),
    ],
)
def test_to_an_old_version_a_score_is_one_whole_number(score, written):
    assert dump_score(score, integer=True) == written


@pytest.mark.conforms(
    "Replies",
    "Rustici, e-LfH",
    "A score is `raw` or `raw,max,min`, without blanks and exponents.",
    grade="B",
)
@pytest.mark.parametrize(
    ("score", "written"),
    [
        (Score(D(80)), "80"),
        (Score(D("80.50"), D(100), D(0)), "80.50,100,0"),
        (Score(D(80), D(100)), "80,100,0"),
        (Score(D("0.000000001")), "0.000000001"),
    ],
)
def test_a_score_is_written_without_blanks_and_without_exponents(score, written):
    assert dump_score(score, integer=False) == written


TIMES = {
    # realistic
    "00:00:00": D(0),
    "00:02:30": D(150),
    "0000:00:30": D(30),
    "01:00:00.50": D("3600.5"),
    "9999:59:59": LONGEST,
    # sloppy
    " 0:0:9 ": D(9),
    "00:90:75": D(90 * 60 + 75),
    "00:00:01,25": D("1.25"),
    "00:00:01.": D(1),
    "00:00:01.123456789": D("1.12"),
    # hostile
    "": None,
    "30": None,
    "00:30": None,
    "PT30S": None,
    "-00:00:01": None,
    "00:00:-1": None,
    "1:2:3:4": None,
    "١:٠٠:٠٠": None,
    "999999:00:00": None,
    "00:00:01.1234567890": None,
}


@pytest.mark.conforms(
    "Data",
    "Rustici",
    "A time is HHHH:MM:SS.SS; fewer digits, and minutes above 59, are read.",
    grade="B",
    case="00:90:75",
)
@pytest.mark.parametrize(("text", "seconds"), TIMES.items(), ids=lambda value: str(value)[:24])
def test_a_time_is_hours_minutes_and_seconds(text, seconds):
    assert parse_timespan(text) == seconds


@given(st.decimals(0, LONGEST, places=2))
def test_a_time_reads_back_as_it_was_written(seconds):
    assert parse_timespan(dump_timespan(seconds)) == seconds


@pytest.mark.conforms(
    "Replies",
    "Rustici",
    "time is HH:MM:SS of at most four digits of hours.",
    grade="C",
)
@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (D(0), "00:00:00"),
        (D(750), "00:12:30"),
        (D("3600.5"), "01:00:00.50"),
        (D("0.004"), "00:00:00"),
        (D(360_000), "100:00:00"),
        (LONGEST, "9999:59:59"),
        (LONGEST * 2, "9999:59:59"),
    ],
)
def test_a_time_is_written_so_that_every_reader_takes_it(seconds, written):
    assert dump_timespan(seconds) == written


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("4.0", D(4)),
        ("2.2", D("2.2")),
        (" 3.5 ", D("3.5")),
        ("4", D(4)),
        ("four", None),
        ("", None),
    ],
)
def test_a_version_is_a_number_or_nothing(text, version):
    assert parse_version(text) == version


def test_a_version_that_was_not_said_is_none():
    assert parse_version(None) is None


@given(st.text())
def test_no_text_makes_a_reader_raise(text):
    parse_status(text)
    parse_score(text)
    parse_timespan(text)
    parse_decimal(text)
    parse_version(text)
