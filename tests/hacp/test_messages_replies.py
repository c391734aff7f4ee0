"""Replies byte for byte, and reports of PutParam."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hacp.groups import OUTER, parse_groups
from hacp.messages import Dumped, dump_response, parse_report
from hacp.model import (
    Credit,
    Entry,
    Exit,
    Mode,
    Objective,
    Param,
    Reply,
    Report,
    Score,
    Standing,
    Status,
)

FIRST = Param(
    student_id="k3v9q2",
    student_name="Doe, Jane",
    lesson_location="",
    credit=Credit.CREDIT,
    status=Status.NOT_ATTEMPTED,
    entry=Entry.AB_INITIO,
    score=None,
    seconds=Decimal(0),
    mode=Mode.NORMAL,
    suspend_data="",
    vendor_data="",
    course_id="SAFETY-101",
    attempt_number=1,
    mastery_score=Decimal(80),
)
RESUMED = Param(
    student_id="k3v9q2",
    student_name="Doe, Jane",
    lesson_location="page-7",
    credit=Credit.CREDIT,
    status=Status.INCOMPLETE,
    entry=Entry.RESUME,
    score=Score(Decimal(80), Decimal(100), Decimal(0)),
    seconds=Decimal(750),
    mode=Mode.NORMAL,
    suspend_data="a=1;b=2",
    vendor_data="theme=dark",
    course_id="SAFETY-101",
    attempt_number=1,
    mastery_score=Decimal(80),
)

GOLDEN_FIRST = b"""error=0\r
error_text=Successful\r
version=4.0\r
aicc_data=[core]\r
student_id=k3v9q2\r
student_name=Doe, Jane\r
lesson_location=\r
credit=credit\r
lesson_status=not attempted,ab-initio\r
time=00:00:00\r
lesson_mode=normal\r
[core_lesson]\r
[core_vendor]\r
[evaluation]\r
course_id=SAFETY-101\r
[student_data]\r
attempt_number=1\r
mastery_score=80\r
"""
GOLDEN_RESUMED = b"""error=0\r
error_text=Successful\r
version=4.0\r
aicc_data=[core]\r
student_id=k3v9q2\r
student_name=Doe, Jane\r
lesson_location=page-7\r
credit=credit\r
lesson_status=incomplete,resume\r
score=80,100,0\r
time=00:12:30\r
lesson_mode=normal\r
[core_lesson]\r
a=1;b=2\r
[core_vendor]\r
theme=dark\r
[evaluation]\r
course_id=SAFETY-101\r
[student_data]\r
attempt_number=1\r
mastery_score=80\r
"""
# The same with everything that is only sometimes there.
FULL = Param(
    **{
        **{name: getattr(RESUMED, name) for name in Param.__slots__},
        "objectives": (
            Objective("fire", Score(Decimal(40), Decimal(100), Decimal(0)), Status.FAILED),
            Objective("water", status=Status.COMPLETED),
        ),
        "earlier": ((1, Standing(Status.FAILED, Score(Decimal("55.5")))), (2, Standing())),
        "attempt_number": 3,
        "preferences": (("audio", "5"), ("window.1", "0,0,10,10")),
    }
)
GOLDEN_FULL = (
    GOLDEN_RESUMED.replace(b"attempt_number=1", b"attempt_number=3")
    + b"""lesson_status.1=failed\r
score.1=55.5\r
lesson_status.2=not attempted\r
[objectives_status]\r
j_id.1=fire\r
j_score.1=40,100,0\r
j_status.1=failed\r
j_id.2=water\r
j_status.2=completed\r
[student_preferences]\r
audio=5\r
window.1=0,0,10,10\r
"""
)
GOLDEN = {
    "first launch": (Reply(param=FIRST), GOLDEN_FIRST),
    "resume": (Reply(param=RESUMED), GOLDEN_RESUMED),
    "everything": (Reply(param=FULL), GOLDEN_FULL),
    "success": (Reply(), b"error=0\r\nerror_text=Successful\r\nversion=4.0\r\n"),
    "failure": (
        Reply(3, "Invalid Session ID"),
        b"error=3\r\nerror_text=Invalid Session ID\r\nversion=4.0\r\n",
    ),
}


@pytest.mark.conforms(
    "Replies",
    "CMI001 v4, section 6",
    "The answer to GetParam is error, error_text, version, then aicc_data; byte for byte, nothing"
    " known yet.",
    grade="B",
    case="first launch",
)
@pytest.mark.conforms(
    "Replies",
    "CMI001 v4, section 6",
    "The same with a score, suspend data and vendor data.",
    grade="B",
    case="resume",
)
@pytest.mark.conforms(
    "Replies",
    "CMI001 v4, section 6",
    "PutParam and ExitAU are answered with the first three lines alone.",
    grade="B",
    case="success",
)
@pytest.mark.conforms(
    "Replies",
    "Rustici, e-LfH, Inspired",
    "A refusal is the same three lines with its number: no page of HTML.",
    grade="B",
    case="failure",
)
@pytest.mark.parametrize(("reply", "golden"), GOLDEN.values(), ids=GOLDEN)
def test_the_golden_replies_are_written_byte_for_byte(reply, golden):
    assert dump_response(reply).body == golden


# What breaks a known client, as a pattern that no reply may match.
BREAKING = {
    "e-LfH does not trim names": rb"(?m)^[^\r\n=]* =|^\w+= ",
    "e-LfH and South River lose what is indented": rb"(?m)^[ \t]",
    "iSpring and three others read lower case alone": rb"(?m)^[^=\r\n]*[A-Z][^=\r\n]*=",
    "CourseLab splits on CRLF, CR alone kills e-LfH": rb"[^\r]\n|\r[^\n]",
    "a blank before the entry flag is a review to Rustici": rb"lesson_status=[a-z ]*, ",
    "an empty value sets Rustici's error number": rb"(?m)^(\w*score|max_time\w*|time_l\w*)=\r",
    "a group's name shares its line": rb"(?m)^(?!aicc_data=)[^\r\n=]+\[\w+\]\r|^\[\w+\][^\r]",
    "Rustici reads the version as a number of 3 or more": rb"(?m)^version=(?![3-9]\.?\d*\r)",
}


@pytest.mark.conforms(
    "Replies",
    "e-LfH, UGS",
    "No blank stands around `=`.",
    grade="T",
    case="e-LfH does not trim names",
)
@pytest.mark.conforms(
    "Replies",
    "e-LfH, South River",
    "Nothing is indented.",
    grade="T",
    case="e-LfH and South River lose what is indented",
)
@pytest.mark.conforms(
    "Replies",
    "iSpring, Profiscience, South River, UGS",
    "All names are in lower case.",
    grade="T",
    case="iSpring and three others read lower case alone",
)
@pytest.mark.conforms(
    "Replies",
    "CourseLab, e-LfH",
    "Every line ends in CRLF.",
    grade="T",
    case="CourseLab splits on CRLF, CR alone kills e-LfH",
)
@pytest.mark.conforms(
    "Replies",
    "Rustici",
    "No blank stands behind the comma of the status: to Rustici it would be a review.",
    grade="T",
    case="a blank before the entry flag is a review to Rustici",
)
@pytest.mark.conforms(
    "Replies",
    "Rustici, SAP",
    "What has no value leaves its name out: an empty one sets Rustici's error number.",
    grade="T",
    case="an empty value sets Rustici's error number",
)
@pytest.mark.conforms(
    "Replies",
    "SAP, Moodle, wizBank",
    "A group's name is alone on its line, but for `aicc_data=[core]`.",
    grade="B",
    case="a group's name shares its line",
)
@pytest.mark.conforms(
    "Replies",
    "Rustici",
    "version is a number of 3 or more: below, Rustici sends no decimals and no maximum.",
    grade="T",
    case="Rustici reads the version as a number of 3 or more",
)
@pytest.mark.parametrize("pattern", BREAKING.values(), ids=BREAKING)
@pytest.mark.parametrize(
    "golden", [GOLDEN_FIRST, GOLDEN_RESUMED, GOLDEN_FULL], ids=["first", "resume", "everything"]
)
def test_no_reply_has_what_breaks_a_known_client(golden, pattern):
    assert not re.search(pattern, golden)


@pytest.mark.conforms(
    "Replies",
    "iSpring, e-LfH, South River, CourseLab, UGS, Xyleme",
    "`aicc_data=[core]` is one line, [core_lesson] and [core_vendor] always stand there, no name "
    "comes twice, the last line is ended.",
    grade="T",
)
@pytest.mark.parametrize("param", [FIRST, RESUMED, FULL], ids=["first", "resume", "everything"])
def test_a_reply_has_what_known_clients_need(param):
    lines = dump_response(Reply(param=param)).body.split(b"\r\n")
    # iSpring never reads the last line; this one is empty.
    assert lines[-1] == b""
    # e-LfH and South River lose the student id where [core] has a line of its own.
    assert lines[3] == b"aicc_data=[core]"
    # e-LfH takes no other word, CourseLab shows it.
    assert lines[1] == b"error_text=Successful"
    # CourseLab fails without [core_lesson], South River cuts at [core_vendor].
    assert {b"[core_lesson]", b"[core_vendor]"} <= set(lines)
    # Rustici takes the first line of a name over the whole reply, Xyleme the last.
    names = [line.split(b"=")[0] for line in lines if b"=" in line]
    if not param.suspend_data or param is FULL:
        assert len(names) == len(set(names))
    # UGS alerts where one of these is missing.
    assert {b"lesson_location", b"lesson_status"} <= set(names)


@pytest.mark.conforms(
    "Replies",
    "SAP",
    "Without a score, a limit or an action their names are not there.",
    grade="B",
)
def test_optional_values_leave_their_names_out():
    body = dump_response(Reply(param=FIRST)).body
    for name in (b"score=", b"max_time_allowed", b"time_limit_action"):
        assert name not in body.replace(b"mastery_score=", b"")


@pytest.mark.conforms(
    "Replies",
    "CMI001 v4, section 6",
    "Mastery, limits, vendor data, mode and credit are handed over as the launch has them.",
    grade="B",
)
def test_what_the_course_says_is_handed_over():
    param = Param(
        **{
            **{name: getattr(FIRST, name) for name in Param.__slots__},
            "max_time_allowed": "9999:59:59",
            "time_limit_action": "continue,no message",
            "mastery_score": Decimal("72.50"),
            "vendor_data": "\x0ca\r\nb\r\n",
            "score": Score(Decimal("11.6"), Decimal(100), Decimal(0)),
            "integer_score": True,
            "mode": Mode.REVIEW,
            "credit": Credit.NO_CREDIT,
            "entry": Entry.NONE,
        }
    )
    body = dump_response(Reply(param=param)).body
    assert b"[core_vendor]\r\n\x0ca\r\nb\r\n[evaluation]" in body
    assert body.endswith(
        b"mastery_score=72.50\r\nmax_time_allowed=9999:59:59\r\n"
        b"time_limit_action=continue,no message\r\n"
    )
    assert b"\r\nscore=12\r\n" in body
    assert b"credit=no-credit\r\nlesson_status=not attempted\r\n" in body
    assert b"lesson_mode=review\r\n" in body


@pytest.mark.conforms(
    "Replies",
    "SkillSoft",
    "To a version below 3 every score is one whole number.",
    grade="B",
)
def test_an_old_version_reads_whole_scores_everywhere():
    whole = {**{name: getattr(FULL, name) for name in Param.__slots__}, "integer_score": True}
    body = dump_response(Reply(param=Param(**whole))).body
    assert b"\r\nscore=80\r\n" in body
    assert b"\r\nscore.1=56\r\n" in body
    assert b"\r\nj_score.1=40\r\n" in body


def test_a_reply_comes_in_pieces_around_its_suspend_data():
    dumped = dump_response(Reply(param=RESUMED))
    assert dumped.before.endswith(b"[core_lesson]\r\n")
    assert dumped.suspend_data == b"a=1;b=2\r\n"
    assert dumped.after.startswith(b"[core_vendor]\r\n")
    assert Dumped(b"a", b"b", b"c").body == b"abc"


LINE = st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"])).map(
    lambda text: text.strip(OUTER)
)
LESSON = st.text(st.characters(exclude_characters="[", exclude_categories=["Cs"])).map(
    lambda text: text.strip(OUTER)
)


@pytest.mark.conforms(
    "Replies",
    "CMI001 v4, section 6",
    "Whatever name, location and suspend data are, they read back as they were.",
    grade="B",
)
@given(LINE, LINE, LESSON)
def test_what_we_hand_out_reads_back_as_it_was(name, location, suspend_data):
    param = Param(
        **{
            **{field: getattr(RESUMED, field) for field in Param.__slots__},
            "student_name": name,
            "lesson_location": location,
            "suspend_data": suspend_data,
        }
    )
    body = dump_response(Reply(param=param)).body.decode()
    groups = parse_groups(body.partition("aicc_data=")[2])
    assert groups.keywords["core"]["student_name"] == name
    assert groups.keywords["core"]["lesson_location"] == location
    assert groups.texts["core_lesson"] == suspend_data


# Reports


REPORTS = {
    # realistic
    "Rustici": (
        "[Core]\r\nLesson_Location=7\r\nLesson_Status=I\r\nScore=\r\nTime=0000:00:30\r\n"
        "[Comments]\r\n\r\n[Objectives_Status]\r\n\r\n[Core_Lesson]\r\ndata",
        Report(Status.INCOMPLETE, Exit.NORMAL, None, Decimal(30), "7", "data"),
    ),
    "iSpring": (
        '[core]\r\nlesson_status=incomplete\r\nscore=10\r\ntime=00:00:01\r\n[core_lesson]\r\n{"a":1}',
        Report(Status.INCOMPLETE, Exit.NORMAL, Score(Decimal(10)), Decimal(1), None, '{"a":1}'),
    ),
    "ScoXAPI": (
        "[CORE]\nlesson_location=1\ncore_lesson=a;b",
        Report(location="1", suspend_data="a;b"),
    ),
    "suspend data under another keyword": (
        "[core]\r\nsuspend_data=x",
        Report(suspend_data="x"),
    ),
    # sloppy
    "a group wins over a keyword": (
        "[core]\r\ncore_lesson=x\r\n[core_lesson]\r\ny",
        Report(suspend_data="y"),
    ),
    "said empty": (
        "[core]\r\nlesson_location=\r\nlesson_status=\r\nscore=\r\ntime=\r\n[core_lesson]\r\n",
        Report(location="", suspend_data=""),
    ),
    "nothing": ("", Report()),
    "no core": ("[core_lesson]\r\nx", Report(suspend_data="x")),
}


@pytest.mark.conforms(
    "Data",
    "ScoXAPI",
    "`core_lesson=` or `suspend_data=` inside [core] is suspend data.",
    grade="C",
    case="ScoXAPI",
)
@pytest.mark.conforms(
    "Data",
    "Rustici",
    "An empty `Score=`, and [Comments] and [Objectives_Status] without a body, say nothing.",
    grade="T",
    case="Rustici",
)
@pytest.mark.parametrize(("aicc_data", "report"), REPORTS.values(), ids=REPORTS)
def test_a_report_tells_what_was_said_from_what_was_not(aicc_data, report):
    assert parse_report(aicc_data) == report


def test_what_cannot_be_read_is_noted_and_passed_over():
    report = parse_report(
        f"[core]\r\nlesson_status=unknown,resume\r\nscore={'x' * 999}\r\ntime=soon\r\nwhat"
    )
    assert (report.status, report.exit) == (None, Exit.NORMAL)
    assert (report.score, report.seconds) == (None, None)
    assert report.tolerated == (
        "lines of [core] without `=` were passed over: 1, the first `what`",
        "the flag `resume` behind the status is ours to give",
        "`lesson_status=unknown,resume` cannot be read and was passed over",
        f"`score={'x' * 64}` cannot be read and was passed over",
        "`time=soon` cannot be read and was passed over",
    )
