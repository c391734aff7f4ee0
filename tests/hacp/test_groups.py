"""Groups of aicc_data: where one begins, what stands in it, and that ours read back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hacp.groups import FREE_FORM, KEYWORDS, OUTER, dump_groups, parse_groups

LINES = ["[core]", "lesson_location=1", "[core_lesson]", "one", "two"]


@pytest.mark.conforms(
    "Data",
    "ScoXAPI, Xyleme, VistA",
    "CRLF, LF and CR all end a line.",
    grade="B",
)
@pytest.mark.parametrize(
    ("end", "text"), [("\r\n", "one\r\ntwo"), ("\n", "one\ntwo"), ("\r", "one\rtwo")]
)
def test_any_line_end_ends_a_line_and_inner_ones_stay(end, text):
    groups = parse_groups(end.join(LINES))
    assert groups.keywords["core"] == {"lesson_location": "1"}
    assert groups.texts["core_lesson"] == text
    assert not groups.tolerated


KEYWORD_LINES = {
    # realistic
    "score=80,100,0": {"score": "80,100,0"},
    "Lesson_Location=page-7": {"lesson_location": "page-7"},
    "score=": {"score": ""},
    # sloppy
    "  Score = 8  ": {"score": "8"},
    "\tTIME\t=\t00:00:01\t": {"time": "00:00:01"},
    "location=p=3&q=1": {"location": "p=3&q=1"},
    "a=1\r\na=2": {"a": "1"},
    "a=1\r\nA=2": {"a": "1"},
    "; a=1": {},
    "  ;a=1\r\nb=2": {"b": "2"},
    "a=1 ; not a comment": {"a": "1 ; not a comment"},
    "": {},
    "\r\n\r\n": {},
    # hostile
    "=": {"": ""},
    "=value": {"": "value"},
    "a\x0bb=1\x0c": {"a\x0bb": "1\x0c"},
    "a\u2028b=1": {"a\u2028b": "1"},
    "\x0ca\x0c=1": {"\x0ca\x0c": "1"},
}


@pytest.mark.conforms(
    "Data",
    "CMI001 v4, section 6",
    "Keywords count in any case, blanks around `=` and lines that begin with `;` are passed over.",
    grade="B",
)
@pytest.mark.parametrize(("body", "pairs"), KEYWORD_LINES.items())
def test_a_keyword_line_is_a_name_and_a_value(body, pairs):
    assert parse_groups(f"[core]\r\n{body}").keywords["core"] == pairs


HEADERS = {
    # realistic
    "[core]": True,
    "[CORE]": True,
    # sloppy
    "  [Core]\t": True,
    "[ core ]": True,
    # suspend data that looks like one
    "[1]": False,
    "[1,2,[3]]": False,
    "[page]": False,
    "[core": False,
    "core]": False,
    "[core] a": False,
    "[[core]]": False,
    "[]": False,
    "[co re]": False,
    "[corex": False,
    "xcore]": False,
    "\x0c[core]": False,
    "": False,
}


@pytest.mark.conforms(
    "Data",
    "CMI001 v4, section 6",
    "Only the line of a known group begins one: suspend data that begins with a bracket stays "
    "whole.",
    grade="A",
    case="[1,2,[3]]",
)
@pytest.mark.conforms(
    "Data",
    "CMI001 v4, section 6",
    "Names of groups count in any case and with blanks around.",
    grade="B",
    case="[ core ]",
)
@pytest.mark.parametrize(("line", "begins"), HEADERS.items())
def test_only_the_line_of_a_known_group_begins_one(line, begins):
    groups = parse_groups(f"[core_lesson]\r\nx\r\n{line}\r\na=1")
    assert ("core" in groups.keywords) is begins
    assert groups.texts["core_lesson"] == ("x" if begins else f"x\r\n{line}\r\na=1")


@pytest.mark.conforms(
    "Data",
    "CMI001 v4, section 6",
    "core_lesson, core_vendor and comments are free text: outer white space is dropped, inner "
    "kept.",
    grade="A",
)
@pytest.mark.parametrize("name", sorted(FREE_FORM))
def test_a_free_form_group_is_one_text_without_its_outer_blanks(name):
    groups = parse_groups(f"[{name}]\r\n \t\r\n a=1\r\n;b\r\n\r\n c \r\n\t")
    assert groups.texts == {name: "a=1\r\n;b\r\n\r\n c"}


@pytest.mark.parametrize("name", sorted(KEYWORDS))
def test_a_keyword_group_is_pairs(name):
    assert parse_groups(f"[{name}]\r\na=1").keywords == {name: {"a": "1"}}


def test_blanks_that_are_not_the_standards_belong_to_the_text():
    assert parse_groups("[core_lesson]\r\n\x0c\xa0a\x0b").texts["core_lesson"] == "\x0c\xa0a\x0b"


@pytest.mark.conforms(
    "Data",
    "Rustici",
    "Of a group or keyword that comes twice the first instance counts.",
    grade="C",
)
def test_of_a_group_that_comes_twice_the_first_counts():
    groups = parse_groups("[core]\na=1\n[core_lesson]\nx\n[core]\na=2\nb=3\n[core_lesson]\ny")
    assert groups.keywords == {"core": {"a": "1"}}
    assert groups.texts == {"core_lesson": "x"}


@pytest.mark.conforms("Data", "Rustici", "Groups without a body are no error.", grade="C")
def test_a_group_without_a_body_is_there_and_empty():
    groups = parse_groups("[core]\r\n[comments]\r\n[core_lesson]")
    assert groups.keywords == {"core": {}}
    assert groups.texts == {"comments": "", "core_lesson": ""}


def test_keywords_before_any_group_count_as_core_and_are_noted():
    groups = parse_groups("\r\nlesson_status=i\r\n[core]\r\nlesson_status=c")
    assert groups.keywords["core"] == {"lesson_status": "i"}
    assert groups.tolerated == ("keywords stand before any group and count as [core]",)


def test_keywords_before_any_group_count_from_the_first_sign_on():
    groups = parse_groups("lesson_status=i\nword")
    assert groups.keywords["core"] == {"lesson_status": "i"}
    assert groups.tolerated[0].startswith("lines of [core] without `=`")


def test_nothing_at_all_is_no_group():
    assert parse_groups("").keywords == {}
    assert parse_groups(" \r\n\t").tolerated == ()


def test_lines_without_an_equals_sign_make_one_note_however_many_they_are():
    groups = parse_groups("[core]\n" + "word\n" * 5000 + "[core]\nword\n" * 5000)
    assert groups.tolerated == (
        "lines of [core] without `=` were passed over: 5000, the first `word`",
    )


def test_a_long_line_makes_a_short_note():
    note = parse_groups("[core]\n" + "x" * 100_000).tolerated[0]
    assert note.endswith(f"the first `{'x' * 64}`")


@given(st.text())
def test_no_text_makes_the_reader_raise(text):
    parse_groups(text)


NAMES = st.from_regex(r"[a-z][a-z0-9_.]{0,20}", fullmatch=True)
VALUES = st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"])).map(
    lambda text: text.strip(OUTER)
)
# Text that holds no line which would begin another group.
TEXTS = st.text(st.characters(exclude_characters="[", exclude_categories=["Cs"])).map(
    lambda text: text.strip(OUTER)
)


@given(
    st.dictionaries(NAMES, VALUES),
    TEXTS,
    st.dictionaries(NAMES, VALUES),
)
def test_what_we_write_reads_back(core, lesson, student):
    written = dump_groups([("core", core), ("core_lesson", lesson), ("student_data", student)])
    read = parse_groups(written)
    assert read.keywords == {"core": core, "student_data": student}
    assert read.texts == {"core_lesson": lesson}
    assert not read.tolerated


@pytest.mark.conforms(
    "Replies",
    "iSpring, SAP",
    "CRLF stands behind every pair and every group's name, the last one too.",
    grade="B",
)
def test_every_line_that_we_write_ends_in_crlf():
    assert dump_groups([("core", {"a": "1"}), ("core_lesson", ""), ("core_vendor", "v")]) == (
        "[core]\r\na=1\r\n[core_lesson]\r\n[core_vendor]\r\nv\r\n"
    )


@pytest.mark.conforms(
    "Security",
    "CMI001 v4, section 6",
    "A line end in a name or location becomes no line of the answer.",
    grade="B",
)
@pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
def test_a_value_with_a_line_end_does_not_become_two_lines(end):
    assert dump_groups([("core", {"name": f"a{end}score=1"})]) == "[core]\r\nname=a score=1\r\n"
