"""The five tables: every shape of header and cell, and floods of each sign in linear time."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hacp.model import Command, Score, Status
from hacp.records import (
    Achievement,
    Comment,
    Interaction,
    Performance,
    Question,
    Verdict,
    Visit,
)
from hacp.tables import MOST_CELLS, MOST_COLUMNS, MOST_ROWS, Filed, parse_table

RUSTICI = (
    '"course_id","student_id","lesson_id","date","time","interaction_id","objective_id",'
    '"type_interaction","correct_response","student_response","result","weighting","latency"\r\n'
)
FULL = Interaction(
    "q1",
    objective_id="o1",
    question=Question.CHOICE,
    correct_response="b",
    student_response="a,b",
    verdict=Verdict.WRONG,
    weighting=Decimal("0.5"),
    latency=Decimal("7.00"),
    at=datetime(2026, 3, 2, 9, 1, 12),
)
ROW = '"C","S","L","2026/03/02","09:01:12","q1","o1","C","b","a,b","W","0.5","00:00:07"\r\n'


def cells(line: str) -> list[str]:
    """Read one row by a table that has any columns."""
    header = ",".join(f"c{number:02d}" for number in range(9))
    (record,) = parse_table(Command.PUT_PERFORMANCE, f"{header}\n{line}").records
    assert isinstance(record, Performance)
    return [text for _, text in record.cells]


@pytest.mark.conforms(
    "Tables",
    "Rustici",
    "PutInteractions has 13 columns, and all are kept typed.",
    grade="B",
)
def test_the_table_of_the_rustici_driver_is_read_whole():
    assert parse_table(Command.PUT_INTERACTIONS, RUSTICI + ROW) == Filed((FULL,))


@pytest.mark.conforms(
    "Tables",
    "iSpring, Inspired",
    "Columns count by their names: their order varies, and some are missing.",
    grade="B",
)
def test_columns_count_by_their_names_wherever_they_stand():
    text = 'LATENCY,Student Response,"Interaction-ID",more\n00:00:07,"a",q1,x\n'
    assert parse_table(Command.PUT_INTERACTIONS, text).records == (
        Interaction("q1", student_response="a", latency=Decimal(7)),
    )


CELLS = {
    # realistic
    "quoted": ('"a","b"', ["a", "b"]),
    "bare": ("a,b", ["a", "b"]),
    "a comma inside": ('"a,b",c', ["a,b", "c"]),
    "two lines inside": ('"a\r\nb",c', ["a\r\nb", "c"]),
    "doubled quotes": ('"say ""a""",c', ['say "a"', "c"]),
    "no value": ('"",,c', ["", "", "c"]),
    # sloppy
    "blanks around": (' a , "b" ,\tc', ["a", "b", "c"]),
    "a stray quote": ('"a "b c",d', ['a "b c', "d"]),
    "stray quotes at the edges": ('"a "b" c",d', ['a "b" c', "d"]),
    "a quote in a bare value": ('a"b,c', ['a"b', "c"]),
    "more cells than columns": (",".join("abcdefghijkl"), list("abcdefghi")),
    "a comma behind": ("a,", ["a", ""]),
    # hostile
    "never closed": ('"a,b', ["a", "b"]),
    "a quote alone": ('",b', ["", "b"]),
    "closed before, never after": ('"a","b,c', ["a", "b", "c"]),
}


@pytest.mark.conforms(
    "Tables",
    "Rustici",
    "A stray quote inside an answer stays in it.",
    grade="C",
    case="stray quotes at the edges",
)
@pytest.mark.parametrize(("line", "wanted"), CELLS.values(), ids=CELLS)
def test_a_row_is_split_as_it_was_meant(line, wanted):
    assert cells(line) == wanted


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\r\n\r\n", "\n,,,\n"])
def test_any_line_end_ends_a_row_and_empty_rows_are_none(end):
    text = end.join(["interaction_id,result", "q1,C", "q2,W", ""])
    records = parse_table(Command.PUT_INTERACTIONS, text).records
    assert [(one.interaction_id, one.verdict) for one in records] == [
        ("q1", Verdict.CORRECT),
        ("q2", Verdict.WRONG),
    ]


RESULTS = {
    "C": (Verdict.CORRECT, None),
    "wrong": (Verdict.WRONG, None),
    "Unanticipated": (Verdict.UNANTICIPATED, None),
    "n": (Verdict.NEUTRAL, None),
    "0.25": (None, Decimal("0.25")),
    "": (None, None),
    "?": (None, None),
}


@pytest.mark.conforms(
    "Tables",
    "CMI001 v4, section 6",
    "result is correct, wrong, unanticipated, neutral (by first letter) or a number.",
    grade="B",
)
@pytest.mark.parametrize(("said", "wanted"), RESULTS.items())
def test_a_result_is_a_word_or_a_number(said, wanted):
    (record,) = parse_table(Command.PUT_INTERACTIONS, f"interaction_id,result\nq1,{said}\n").records
    assert isinstance(record, Interaction)
    assert (record.verdict, record.points) == wanted


@pytest.mark.conforms(
    "Tables",
    "CMI001 v4, section 6",
    "Of type_interaction the first letter counts.",
    grade="B",
)
@pytest.mark.parametrize("question", Question)
def test_the_first_letter_of_a_type_counts(question):
    for said in (question[0].upper(), str(question), question[0]):
        text = f"interaction_id,type_interaction\nq1,{said}\n"
        (record,) = parse_table(Command.PUT_INTERACTIONS, text).records
        assert isinstance(record, Interaction)
        assert record.question is question


def test_types_have_letters_of_their_own():
    assert len({question[0] for question in Question}) == len(Question)
    assert len({verdict[0] for verdict in Verdict}) == len(Verdict)


MOMENTS = {
    ("2026/03/02", "09:01:12"): datetime(2026, 3, 2, 9, 1, 12),
    ("2026/13/02", "09:01:12"): None,
    ("2026/03/02", ""): None,
    ("", ""): None,
    ("02.03.2026", "09:01:12"): None,
}


@pytest.mark.parametrize(("said", "wanted"), MOMENTS.items())
def test_a_moment_needs_a_date_and_a_time(said, wanted):
    text = "comment,date,time\nx," + ",".join(said)
    assert parse_table(Command.PUT_COMMENTS, text).records == (Comment("x", at=wanted),)


AT = datetime(2026, 3, 2, 9, 0)
OTHERS = {
    Command.PUT_COMMENTS: ("location,comment", "p1,well", Comment("well", "p1", at=AT)),
    Command.PUT_OBJECTIVES: (
        "objective_id,score,status,mastery_time",
        'o1,"80,100",P,00:01:00',
        Achievement(
            "o1", Score(Decimal(80), Decimal(100), Decimal(0)), Status.PASSED, "00:01:00", AT
        ),
    ),
    Command.PUT_PATH: (
        "element_location,status,why_left,time_in_element",
        "p1,C,S,00:00:40",
        Visit("p1", Status.COMPLETED, "S", Decimal(40), AT),
    ),
    Command.PUT_PERFORMANCE: (
        "b,a,type",
        "2,1,3",
        Performance(
            (("a", "1"), ("b", "2"), ("date", "2026/03/02"), ("time", "09:00:00"), ("type", "3")),
            AT,
        ),
    ),
}


@pytest.mark.conforms(
    "Tables",
    "CMI001 v4, section 6",
    "PutComments has location and comment.",
    grade="M",
    case="PutComments",
)
@pytest.mark.conforms(
    "Tables",
    "CMI001 v4, section 6",
    "PutObjectives has objective_id, score, status and mastery_time.",
    grade="M",
    case="PutObjectives",
)
@pytest.mark.conforms(
    "Tables",
    "CMI001 v4, section 6",
    "PutPath has element_location, status, why_left and time_in_element.",
    grade="M",
    case="PutPath",
)
@pytest.mark.conforms(
    "Tables",
    "CMI001 v4, section 6",
    "PutPerformance has whatever columns its vendor likes.",
    grade="M",
    case="PutPerformance",
)
@pytest.mark.parametrize("command", OTHERS)
def test_every_other_table_is_read_by_its_header(command):
    header, row, record = OTHERS[command]
    text = f"date,time,{header}\n2026/03/02,09:00:00,{row}\n"
    assert parse_table(command, text) == Filed((record,))


def test_of_two_columns_with_one_name_the_first_counts():
    (record,) = parse_table(Command.PUT_COMMENTS, "comment,comments\nfirst,second\n").records
    assert record == Comment("first")


@pytest.mark.parametrize("text", ["", "\ufeff", "\r\n\r\n", ",,,", "interaction_id\n"])
def test_no_rows_are_no_records(text):
    assert parse_table(Command.PUT_INTERACTIONS, text) == Filed()


def test_a_byte_order_mark_is_no_part_of_a_name():
    assert parse_table(Command.PUT_COMMENTS, "\ufeffcomment\nx").records == (Comment("x"),)


def test_a_table_without_its_column_is_noted():
    filed = parse_table(Command.PUT_PATH, "a,b\n1,2")
    assert filed.records == ()
    assert "no column `element_location`" in filed.tolerated[0]


def test_rows_without_their_key_or_beyond_the_limit_are_counted():
    rows = "".join(f"c{number}\n" for number in range(MOST_ROWS + 5))
    filed = parse_table(Command.PUT_COMMENTS, f"comment,location\n,nowhere\n{rows}")
    assert len(filed.records) == MOST_ROWS
    assert filed.tolerated == (
        f"rows of the table without `comment` or above {MOST_ROWS} were passed over: 6",
    )


def test_a_vendors_columns_are_limited_too():
    header = ",".join(f"c{number}" for number in range(MOST_COLUMNS + 50))
    (record,) = parse_table(Command.PUT_PERFORMANCE, f"{header}\n{header}").records
    assert isinstance(record, Performance)
    assert len(record.cells) == MOST_COLUMNS


def test_reading_ends_somewhere():
    filed = parse_table(Command.PUT_COMMENTS, "comment\nx\n" + "," * MOST_CELLS + "\ny\n")
    assert filed.records == (Comment("x"),)
    assert filed.tolerated == (f"only the first {MOST_CELLS} cells of the table were read",)


FLOODS = {
    "quotes": '"' * 1_000_000,
    "quotes with text": '"a' * 500_000,
    "quotes that are never closed, a line each": '"a\n' * 330_000,
    "quotes and blanks": '" ' * 500_000,
    "one quote and blanks": '"' + " " * 1_000_000 + "x",
    "blanks": " " * 1_000_000,
    "commas": "," * 1_000_000,
    "line ends": "\n" * 1_000_000,
    "line ends and quotes": '"\r\n' * 330_000,
    "one long line": "x" * 1_000_000,
}


@pytest.mark.parametrize("flood", FLOODS.values(), ids=FLOODS)
def test_a_flood_takes_linear_time(flood):
    # Quadratic time would take hours.
    parse_table(Command.PUT_INTERACTIONS, f"interaction_id,result\n{flood}")
    parse_table(Command.PUT_INTERACTIONS, flood)


CELL = st.text(st.characters(exclude_characters='"\x00', exclude_categories=["Cs"])).map(str.strip)


@given(st.lists(CELL, min_size=1, max_size=9))
def test_what_is_quoted_as_the_standard_wants_reads_back(row):
    line = ",".join(f'"{cell}"' for cell in row)
    if any(row):
        assert cells(line) == row


@given(st.sampled_from([*OTHERS, Command.PUT_INTERACTIONS]), st.text())
def test_no_text_at_all_is_too_much(command, text):
    parse_table(command, text)
