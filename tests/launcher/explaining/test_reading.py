"""An exchange in plain words: every field with what it means, and what means nothing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from hacp.messages import parse_request
from hacp.model import Exchange
from launcher.explaining.reading import MOST_FIELDS, read_exchange

NOW = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
HEAD = "error=0\r\nerror_text=Successful\r\nversion=4.0\r\n"


def an_exchange(command: str, aicc_data: str = "", reply: str = HEAD) -> Exchange:
    body = f"command={command}&version=3.5&session_id=x&aicc_data={aicc_data}".encode()
    return Exchange(
        id=1,
        at=NOW,
        method="POST",
        content_type="application/x-www-form-urlencoded",
        origin="",
        request=body,
        reply=reply.encode(),
        error=0,
        command=parse_request(body).command or "",
    )


@pytest.fixture
def read(app):
    """Return `read(...)`: the reading of an exchange, in the words of the pages."""

    def _read(*facts: str, cut: bool = False):
        with app.test_request_context():
            return read_exchange(an_exchange(*facts), cut=cut)

    return _read


def in_words(fields) -> dict[str, str]:
    return {one.name: one.words for one in fields}


def test_a_report_is_read_field_by_field(read):
    reading = read(
        "PutParam",
        "[core]\r\nlesson_status=c, suspend\r\nscore=8,10,0\r\ntime=00:04:10\r\n"
        "lesson_location=page-7\r\nstudent_id=k3\r\n[core_lesson]\r\na=1\r\n[comments]\r\nFine",
    )
    assert reading.title == "The content reports."
    assert reading.answer == "All is well."
    assert in_words(reading.asked) == {
        "version": "The AICC version it speaks",
        "lesson_status": "Completed; Suspended, to be resumed",
        "score": "Score 8 of 10",
        "time": "4 min 10 s in this session so far",
        "lesson_location": "Bookmark, 6 characters",
        "student_id": "Not used",
        "core_lesson": "Suspend data, 3 characters",
        "comments": "A comment",
    }
    assert not any(one.doubt for one in reading.asked)


@pytest.mark.parametrize(
    ("line", "words", "doubt"),
    [
        # realistic
        ("lesson_status=incomplete,", "In progress", False),
        ("lesson_status=P", "Passed", False),
        ("score=", "No score", False),
        ("score=70", "Score 70", False),
        ("score=5,10,-10", "Score 5 on a scale from -10 to 10", False),
        ("time=", "No time", False),
        ("lesson_location=", "No bookmark", False),
        # sloppy
        ("lesson_status=unknown", "Not a status that AICC knows", True),
        ("lesson_status=", "No status", False),
        ("score=eighty", "Not a number", True),
        ("time=4 minutes", "Not a time", True),
        ("output_file=x", "Not used", False),
        # hostile
        ("lesson_status=<script>", "Not a status that AICC knows", True),
        ("score=1e999", "Not a number", True),
    ],
)
def test_a_value_is_said_in_words_or_in_doubt(read, line, words, doubt):
    field = read("PutParam", f"[core]\r\n{line}").asked[-1]
    assert (field.words, field.doubt) == (words, doubt)


def test_what_stands_in_other_groups_is_read_too(read):
    reading = read(
        "PutParam",
        "[core]\r\n[objectives_status]\r\nJ_ID.1=o1\r\nJ_Score.1=7;3\r\nJ_Status.1=f\r\n"
        "[student_data]\r\ntries_during_lesson=2\r\nTry_Score.1=9\r\nTry_Time.1=00:00:05\r\n"
        "[student_preferences]\r\naudio=-1\r\nwindow.1=0,0\r\n[evaluation]\r\nx=y",
    )
    assert in_words(reading.asked[1:]) == {
        "j_id.1": "An objective",
        "j_score.1": "Score 7",
        "j_status.1": "Not passed",
        "tries_during_lesson": "2 tries in this session",
        "try_score.1": "Score 9",
        "try_time.1": "5 s in this try",
        "audio": "Preference: loudness, -1 is off",
        "window.1": "Preference: a window",
        "x": "Not used",
    }


def test_the_reply_to_get_param_is_read_as_what_we_hand_out(read):
    data = (
        "aicc_data=[core]\r\nstudent_id=k3\r\nstudent_name=Doe, Jane\r\nlesson_location=\r\n"
        "credit=credit\r\nlesson_status=incomplete,resume\r\nscore=7\r\ntime=01:00:00\r\n"
        "lesson_mode=normal\r\n[core_lesson]\r\na=1\r\n[core_vendor]\r\n[evaluation]\r\n"
        "course_id=S-1\r\n[student_data]\r\nattempt_number=2\r\nmastery_score=80\r\n"
        "max_time_allowed=00:30:00\r\ntime_limit_action=exit,message\r\nlesson_status.1=failed\r\n"
        "score.1=10\r\n"
    )
    reading = read("GetParam", "", HEAD + data)
    assert reading.title == "The content asks for its data."
    assert in_words(reading.answered) == {
        "student_id": "The learner's student id",
        "student_name": "The learner's name",
        "lesson_location": "No bookmark",
        "credit": "For credit: results count",
        "lesson_status": "In progress; it goes on where it was left",
        "score": "Score 7",
        "time": "1 h 0 min in all sessions before",
        "lesson_mode": "A normal launch",
        "course_id": "The course's id",
        "attempt_number": "Attempt 2",
        "mastery_score": "Passed at 80 and above",
        "max_time_allowed": "At most 30 min 0 s in all sessions",
        "time_limit_action": "What the content does at the time limit",
        "lesson_status.1": "Not passed",
        "score.1": "Score 10",
        "core_lesson": "Suspend data, 3 characters",
        "core_vendor": "No vendor data",
    }


def test_a_table_says_how_much_of_it_was_understood(read):
    rows = '"interaction_id","result"\r\n"q1","c"\r\n"q2","w"\r\n'
    (_version, field) = read("PutInteractions", rows).asked
    assert (field.words, field.doubt) == ("A table: 2 rows were understood", False)
    (_version, field) = read("PutInteractions", '"name"\r\n"q1"').asked
    assert (field.words, field.doubt) == ("A table: 0 rows were understood", True)


@pytest.mark.parametrize(
    ("command", "title"),
    [
        ("ExitAU", "The content says goodbye."),
        ("ExitParam", "The content reports and says goodbye."),
        ("PutPath", "The content hands in the learner's path."),
        ("Sideways", "The content uses a command that AICC does not have."),
        ("", "The request could not be understood."),
    ],
)
def test_what_a_request_is_for_is_its_title(read, command, title):
    assert read(command).title == title


def test_a_refusal_is_told_with_its_number(read):
    reply = "error=3\r\nerror_text=Invalid Session ID\r\nversion=4.0\r\n"
    assert read("GetParam", "", reply).answer == "Error 3: Invalid Session ID"


def test_values_are_cut_and_thousands_of_lines_are_not_told(read):
    long = read("PutParam", f"[core]\r\nlesson_location={'x' * 10_000}").asked[-1]
    assert (len(long.value), long.words) == (200, "Bookmark, 10000 characters")
    many = "\r\n".join(f"name{number}=1" for number in range(5_000))
    assert len(read("PutParam", f"[core]\r\n{many}").asked) == MOST_FIELDS


def test_of_suspend_data_that_was_cut_no_length_is_told(read):
    field = read("PutParam", "[core_lesson]\r\na=1", cut=True).asked[-1]
    assert field.words == "Suspend data"
