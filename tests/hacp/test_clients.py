"""What known clients read of our replies, and of the replies of others: every cell of the table."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from hacp.messages import dump_response
from hacp.model import Credit, Entry, Mode, Objective, Param, Reply, Score, Status
from tests.hacp.clients import CLIENTS, TRAITS, Read, Reader
from tests.hacp.server import Content, Server

EVERYBODY = {**CLIENTS, **TRAITS}
# e-LfH looks for this keyword in its suspend data; to all others it is text like any other.
SUSPEND_DATA = "suspend_data=here"
CORE = Read(
    student_id="k3v9q2",
    student_name="Doe, Jane",
    lesson_location="page-7",
    lesson_status="incomplete",
    entry="resume",
    score="80,100,0",
    time="00:12:30",
    lesson_mode="normal",
)
ELEMENTS = [name for name, value in vars(CORE).items() if isinstance(value, str)]


def reply_of(suspend_data: str = SUSPEND_DATA, **facts: Any) -> str:
    """Return our reply to a GetParam that resumes."""
    usual: dict[str, Any] = {
        "student_id": "k3v9q2",
        "student_name": "Doe, Jane",
        "lesson_location": "page-7",
        "credit": Credit.CREDIT,
        "status": Status.INCOMPLETE,
        "entry": Entry.RESUME,
        "score": Score(Decimal(80), Decimal(100), Decimal(0)),
        "seconds": Decimal(750),
        "mode": Mode.NORMAL,
        "suspend_data": suspend_data,
        "vendor_data": "",
        "course_id": "SAFETY-101",
        "attempt_number": 1,
    }
    return dump_response(Reply(param=Param(**{**usual, **facts}))).body.decode()


def all_of_it(client: str, suspend_data: str = SUSPEND_DATA) -> Read:
    """Return what a client has where nothing is lost that it reads at all."""
    keyword = re.search(r"(?m)^suspend_data=([^\r\n]*)", suspend_data)
    everything = replace(CORE, suspend_data=suspend_data)
    return {
        "e-LfH 2021": replace(CORE, score="80"),
        "e-LfH 2020": replace(CORE, score="80", suspend_data=keyword[1] if keyword else None),
        "Profiscience": CORE,
        "South River": replace(everything, lesson_status=None),
    }.get(client, everything)


# Replies that are bent in one way each


def in_core(pattern: str, replacement: str) -> Callable[[str], str]:
    """Bend the lines of [core] by a regular expression."""

    def bend(reply: str) -> str:
        head, opening, rest = reply.partition("aicc_data=[core]\r\n")
        core, lesson, rest = rest.partition("[core_lesson]")
        return head + opening + re.sub(pattern, replacement, core, flags=re.M) + lesson + rest

    return bend


def capitals(reply: str) -> str:
    names = re.compile(r"^[a-z_]+(?==)", re.M)
    head, opening, rest = reply.partition("aicc_data=[core]\r\n")
    core, lesson, rest = rest.partition("[core_lesson]")
    core = names.sub(lambda name: name[0].title().replace("_Id", "_ID"), core)
    return head + opening + core + lesson + rest


def same(reply: str) -> str:
    return reply


LINES = "first line\r\nscore=5\r\nsuspend_data=here"
# What is sent: how our reply is bent, the suspend data in it, and facts of the launch.
SHAPES: dict[str, tuple[Callable[[str], str], str, dict[str, Any]]] = {
    "as we answer": (same, SUSPEND_DATA, {}),
    "[core] on its own line": (
        lambda reply: reply.replace("aicc_data=[core]", "aicc_data=\r\n[core]"),
        SUSPEND_DATA,
        {},
    ),
    "Student_ID": (capitals, SUSPEND_DATA, {}),
    "blanks around =": (in_core(r"^(\w+)=", r"\1 = "), SUSPEND_DATA, {}),
    "indented": (in_core(r"^(?=\w+=)", "\t"), SUSPEND_DATA, {}),
    "incomplete, resume": (in_core("incomplete,resume", "incomplete, resume"), SUSPEND_DATA, {}),
    "no entry flag": (in_core("incomplete,resume", "incomplete"), SUSPEND_DATA, {}),
    "several lines": (same, LINES, {}),
    "suspend data [1]": (same, "[1]", {}),
    "suspend data [1,2,[3]]": (same, "[1,2,[3]]", {}),
    "location p=3&q=1": (same, SUSPEND_DATA, {"lesson_location": "p=3&q=1"}),
    "objectives": (
        same,
        SUSPEND_DATA,
        {"objectives": (Objective("fire"), Objective("exits", status=Status.PASSED))},
    ),
}

ALL_LOST = dict.fromkeys(ELEMENTS)
MOODLE = {"entry": "review", "faults": ("-9",)}
NO_ID = {"student_id": None}
OWN_LINE = {"student_id": None, "lesson_location": None, "score": None, "entry": ""}
NO_FLAG, REVIEW = {"entry": ""}, {"entry": "review"}
GLUED = {"suspend_data": LINES.replace("\r\n", "")}
FIVE, FIRST = {"score": "5"}, {"score": "5", "suspend_data": "first line"}
EMPTY, NOTHING = {"suspend_data": ""}, {"suspend_data": None}
CUT_2, CUT_1 = {"lesson_location": "p=3&q"}, {"lesson_location": "p"}
LOST = {"lesson_location": None}
WHOLE = {"lesson_location": "p=3&q=1"}
# What we answer, to the letter.
OURS = {"as we answer", "objectives"}
# Nobody has seen what this one makes of it.
UNSEEN = None
OK: dict[str, Any] = {}

COLUMNS = "e-LfH 2021, e-LfH 2020, Rustici, Inspired, Profiscience, ScoXAPI, South River, iSpring"
# How what is read differs from `all_of_it`.
CELLS: dict[str, list[dict[str, Any] | None]] = {
    "as we answer":           [OK, OK, OK, OK, OK, OK, OK, OK],
    "[core] on its own line": [OK, OWN_LINE, OK, OK, OK, OK, NO_ID, OK],
    "Student_ID":             [OK, OK, OK, OK, ALL_LOST, OK, ALL_LOST, ALL_LOST],
    "blanks around =":        [ALL_LOST, ALL_LOST, OK, OK, OK, OK, ALL_LOST, OK],
    "indented":               [ALL_LOST, ALL_LOST, OK, OK, OK, OK, ALL_LOST, OK],
    "incomplete, resume":     [OK, OK, MOODLE, OK, OK, OK, OK, OK],
    "no entry flag":          [NO_FLAG, NO_FLAG, REVIEW, *[NO_FLAG] * 5],
    "several lines":          [OK, OK, OK, OK, FIVE, OK, GLUED, FIRST],
    "suspend data [1]":       [OK, OK, EMPTY, EMPTY, UNSEEN, EMPTY, UNSEEN, NOTHING],
    "suspend data [1,2,[3]]": [OK, OK, OK, OK, UNSEEN, OK, UNSEEN, OK],
    "location p=3&q=1":       [LOST, LOST, WHOLE, WHOLE, WHOLE, WHOLE, CUT_2, CUT_1],
    "objectives":             [OK, OK, OK, OK, OK, OK, OK, OK],
}  # fmt: skip
TABLE = [
    (shape, client, cell)
    for shape, row in CELLS.items()
    for client, cell in zip(COLUMNS.split(", "), row, strict=True)
]


def test_the_table_is_whole() -> None:
    assert set(COLUMNS.split(", ")) == set(CLIENTS)
    assert set(CELLS) == set(SHAPES)


@pytest.mark.conforms(
    "Clients",
    "eight readers, eleven shapes of a reply",
    "Our layout is the one of which everybody reads everything that they read at all; each other "
    "one loses something for somebody.",
    grade="T",
)
@pytest.mark.parametrize(
    ("shape", "client", "cell"), TABLE, ids=lambda value: value if isinstance(value, str) else ""
)
def test_each_client_reads_of_each_shape_what_it_was_seen_to_read(
    shape: str, client: str, cell: dict[str, Any] | None
) -> None:
    bend, suspend_data, facts = SHAPES[shape]
    read = CLIENTS[client](bend(reply_of(suspend_data, **facts)))
    if cell is None:
        read, cell = replace(read, suspend_data=None), {"suspend_data": None}
    assert read == replace(all_of_it(client, suspend_data), **cell)


def test_every_shape_but_ours_loses_something_for_somebody() -> None:
    for shape, row in CELLS.items():
        assert all(cell == OK for cell in row) is (shape in OURS), shape


@pytest.mark.conforms(
    "Clients",
    "eleven readers",
    "What the endpoint answers at a resume is read by all of them.",
    grade="T",
)
@pytest.mark.parametrize("client", EVERYBODY)
def test_everybody_reads_what_our_server_answers(server: Server, client: str) -> None:
    first = Content(server, server.launch())
    server.clock.wait(minutes=12, seconds=30)
    core = ("lesson_location=page-7", "lesson_status=i", "score=80,100,0", "time=00:12:30")
    first.put(*core, suspend_data=SUSPEND_DATA)
    resumed = Content(server, server.launch())

    reply = resumed.send("GetParam").decode()

    assert EVERYBODY[client](reply) == all_of_it(client)


@pytest.mark.conforms(
    "Clients",
    "eleven readers",
    "The answer to a first launch is read by all of them: nothing known yet, and no complaint.",
    grade="T",
)
@pytest.mark.parametrize("client", EVERYBODY)
def test_everybody_reads_the_answer_to_a_first_launch(server: Server, client: str) -> None:
    reply = Content(server, server.launch()).send("GetParam").decode()

    read = EVERYBODY[client](reply)

    assert (read.student_id, read.lesson_location, read.entry) == ("k3v9q2", "", "ab-initio")
    assert (read.score, read.time, read.faults) == (None, "00:00:00", ())
    assert read.suspend_data in ("", None)


# What else breaks whom


@pytest.mark.parametrize("client", CLIENTS)
def test_lf_alone_is_read_by_all_of_the_table(client: str) -> None:
    assert CLIENTS[client](reply_of().replace("\r\n", "\n")) == all_of_it(client)


@pytest.mark.parametrize("client", ["e-LfH 2020", "e-LfH 2021"])
def test_cr_alone_kills_elfh(client: str) -> None:
    assert CLIENTS[client](reply_of().replace("\r\n", "\r")) == Read(faults=("refused",))


def test_courselab_splits_at_crlf_alone() -> None:
    read = TRAITS["CourseLab"](reply_of().replace("\r\n", "\n"))
    assert (read.student_name, read.lesson_mode) == (None, None)


def test_ispring_never_reads_the_last_line() -> None:
    core_alone = reply_of().partition("[core_lesson]")[0]
    ended, unended = CLIENTS["iSpring"](core_alone), CLIENTS["iSpring"](core_alone.rstrip())
    assert (ended.lesson_mode, unended.lesson_mode) == ("normal", None)


@pytest.mark.parametrize("line", ["an error of mine", "terror"])
def test_the_word_error_stops_profiscience(line: str) -> None:
    assert CLIENTS["Profiscience"](reply_of(line)) == Read(faults=("stopped by the word error",))


def test_an_empty_score_is_an_error_to_rustici_and_we_send_none() -> None:
    empty = re.sub("score=.*\r", "score=\r", reply_of())
    assert CLIENTS["Rustici"](empty).faults == ("-6",)
    assert CLIENTS["Rustici"](reply_of(score=None)).faults == ()


def test_of_a_name_that_comes_twice_rustici_takes_the_first_and_xyleme_the_last() -> None:
    twice = reply_of("time=99:00:00")
    assert CLIENTS["Rustici"](twice).time == "00:12:30"
    assert TRAITS["Xyleme"](twice).time == "99:00:00"


def test_each_needs_a_part_that_we_always_send() -> None:
    without = {
        part: re.sub(rf"(?m)^{re.escape(part)}.*\r\n", "", reply_of())
        for part in ("[core_lesson]", "[core_vendor]", "lesson_location", "lesson_status")
    }
    assert TRAITS["CourseLab"](without["[core_lesson]"]).faults == ("no core or core_lesson",)
    assert CLIENTS["South River"](without["[core_vendor]"]).suspend_data is None
    for name in ("lesson_location", "lesson_status"):
        assert TRAITS["UGS"](without[name]).faults == (f"no {name}",)
        assert CLIENTS["ScoXAPI"](without[name]).faults == (f"no {name}",)


def test_courselab_and_ugs_look_for_the_very_words() -> None:
    blank = reply_of().replace("error=0", "error = 0")
    assert TRAITS["UGS"](blank).faults == ("no error=0",)
    assert TRAITS["CourseLab"](blank).faults == ("alert: Successful",)


def test_ugs_reads_names_at_the_margin_alone() -> None:
    for bend in (in_core(r"^(\w+)=", r"\1 = "), in_core("^", " "), capitals):
        assert TRAITS["UGS"](bend(reply_of())).student_id is None


@pytest.mark.parametrize("client", ["e-LfH 2020", "e-LfH 2021"])
def test_elfh_takes_no_other_text_for_success(client: str) -> None:
    assert CLIENTS[client](reply_of().replace("Successful", "OK")).faults == ("refused",)
    without = re.sub("error_text=.*\r\n", "", reply_of())
    assert CLIENTS[client](without) == all_of_it(client)


UNESCAPES = {"e-LfH 2020", "e-LfH 2021", "Rustici", "CourseLab"}


@pytest.mark.parametrize("client", EVERYBODY)
def test_some_decode_the_whole_answer_and_we_send_it_as_it_is(client: str) -> None:
    read = EVERYBODY[client](reply_of(lesson_location="a%41b"))
    assert read.lesson_location == ("aAb" if client in UNESCAPES else "a%41b")


def test_south_river_and_xyleme_cut_at_a_semicolon() -> None:
    assert CLIENTS["South River"](reply_of(lesson_location="1;2")).lesson_location == "1"
    assert TRAITS["Xyleme"](reply_of("a;b")).suspend_data == "a"
    assert TRAITS["Xyleme"](reply_of("a[1]")).suspend_data == "a"


LESSON = "[core_lesson]\r\nsuspend_data=here\r\n"
LAYOUTS = {
    "ours": same,
    "LF": lambda reply: reply.replace("\r\n", "\n"),
    "capitals": lambda reply: reply.replace("[core_lesson]", "[Core_Lesson]"),
    "[core] on its own line": lambda reply: reply.replace("=[core]", "=\r\n[core]"),
    "[core_lesson] first": lambda reply: reply.replace(LESSON, "").replace(
        "aicc_data=[core]", f"aicc_data={LESSON}[core]"
    ),
    "[core_lesson] last": lambda reply: reply.replace(LESSON, "") + LESSON,
    "an empty line before": lambda reply: reply.replace(LESSON, f"\r\n{LESSON}"),
    "a blank before": lambda reply: reply.replace(LESSON, f" {LESSON}"),
    "blanks within": lambda reply: reply.replace("[core_lesson]", "[ core_lesson ]"),
    "twice": lambda reply: reply.replace(LESSON, LESSON * 2),
    "no other group": lambda reply: reply.partition("[core_vendor]")[0],
    "another keyword": lambda reply: reply.replace("suspend_data=", "Suspend_Data="),
}


@pytest.mark.conforms(
    "Clients",
    "e-LfH 2021",
    "Its courses cannot resume from suspend data, whatever a server answers; those of 2020 can, "
    "from ours.",
    grade="T",
)
@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_elfh_of_2021_finds_suspend_data_under_no_layout(layout: Callable[[str], str]) -> None:
    assert CLIENTS["e-LfH 2021"](layout(reply_of())).suspend_data is None
    assert CLIENTS["e-LfH 2020"](reply_of()).suspend_data == "here"


@pytest.mark.parametrize("client", EVERYBODY)
def test_a_refusal_brings_nobody_any_data(client: str) -> None:
    reader: Reader = EVERYBODY[client]
    refusal = dump_response(Reply(3, "Invalid Session ID")).body.decode()
    assert replace(reader(refusal), faults=()) in (Read(), Read(entry="review"))
