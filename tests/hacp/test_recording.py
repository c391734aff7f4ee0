"""Recorded sessions: read, put on the wire, compared."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hacp.calls import FORM_TYPE, Call
from hacp.recording import (
    Answered,
    Aside,
    Launch,
    Pause,
    RecordingRefused,
    Sent,
    compose,
    differences,
    parse_recording,
    sessions_of,
)
from tests.hacp import transcript

TRANSCRIPTS = sorted((Path(__file__).parent.parent / "conversations").glob("*/*.txt"))
ADDRESS = "https://h/hacp/1"

RECORDING = """\
# A comment.

launch  mastery=80
wait 00:10:01
>>> POST escape lf /other ?a=1 text/plain  command=PutParam&session_id={sid}&aicc_data=
    [core]

    time=00:05
<<< error=0
record: status=passed
noted: sent by GET
>>> POST  command=ExitAU
<<< error=3
    error_text=Oh
"""


def test_every_step_is_read():
    assert parse_recording(RECORDING) == [
        Launch(3, "mastery=80"),
        Pause(4, timedelta(minutes=10, seconds=1)),
        Sent(
            5,
            "POST",
            "command=PutParam&session_id={sid}&aicc_data=",
            ("[core]", "", "time=00:05"),
            dialect="escape",
            line_end="lf",
            address="/other",
            query="a=1",
            content_type="text/plain",
        ),
        Answered(9, ("error=0", "error_text=Successful", "version=4.0")),
        Aside(10, "record", "status=passed"),
        Aside(11, "noted", "sent by GET"),
        Sent(12, "POST", "command=ExitAU"),
        Answered(13, ("error=3", "error_text=Oh")),
    ]


def test_windows_line_ends_and_a_mark_in_front_do_no_harm():
    text = "\ufeff" + RECORDING.replace("\n", "\r\n")
    assert parse_recording(text) == parse_recording(RECORDING)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("    indented\n", "line 1: it is indented"),
        ("\n\twith a tab\n", "line 2: it is indented"),
        ("hello world\n", "line 1: no such step: 'hello'"),
        ("wait soon\n", "line 1: not a time to wait: 'soon'"),
        (">>> POST smoke  command=ExitAU\n", "line 1: no such way of sending: 'smoke'"),
        (">>>\n", "line 1: no such method: ''"),
        (">>> post  x\n", "line 1: no such method: 'post'"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_line(text, why):
    with pytest.raises(RecordingRefused, match=why) as refused:
        parse_recording(text)
    assert refused.value.line in {1, 2}


@given(st.text(max_size=80) | st.text(alphabet=">< PGOSTwait:0123 {}/?.\n", max_size=120))
def test_any_text_is_read_or_refused(text):
    try:
        parse_recording(text)
    except RecordingRefused as refused:
        assert str(refused).startswith("line ")


def test_sessions_are_counted_by_launches():
    assert sessions_of(parse_recording("launch\n")) == 1
    assert sessions_of([]) == 1
    assert sessions_of(parse_recording("launch\nlaunch  au=2\n")) == 2


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_our_transcripts_are_sent_as_their_own_player_sends_them(path):
    """Two implementations of one format, in the tests and in the product, say the same."""
    text = path.read_text(encoding="utf-8")
    theirs = [step for step in transcript.parse_transcript(text) if step.word == ">>>"]
    ours = [step for step in parse_recording(text) if isinstance(step, Sent)]
    ids = [f"{number:040x}" for number in range(1, 20)]
    for sent, step in zip(ours, theirs, strict=True):
        call = compose(sent, address=ADDRESS, session_ids=ids)
        wire = transcript.compose(step, path="/hacp/1", session_ids=ids)
        assert (call.method, call.body) == (wire.method, wire.body)
        assert call.url == f"https://h{wire.path}".rstrip("?")
        assert call.content_type == (wire.content_type if wire.body else "")


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_replies_of_our_transcripts_are_read_as_their_own_player_reads_them(path):
    text = path.read_text(encoding="utf-8")
    ids = [f"{number:040x}" for number in range(1, 20)]
    theirs = [step for step in transcript.parse_transcript(text) if step.word == "<<<"]
    ours = [step for step in parse_recording(text) if isinstance(step, Answered)]
    for answered, step in zip(ours, theirs, strict=True):
        lines = transcript.expected_lines(step, ids)
        reply = "".join(f"{line}\r\n" for line in lines if line != "...")
        assert differences(answered, reply.encode(), session_ids=ids) == []
        assert transcript.answers(reply.encode(), lines)


def sent(line: str) -> Call:
    step = parse_recording(line)[0]
    assert isinstance(step, Sent)
    return compose(step, address=ADDRESS, session_ids=("s1",))


@pytest.mark.parametrize(
    ("line", "call"),
    [
        (">>> GET  command=GetParam", Call("GET", f"{ADDRESS}?command=GetParam")),
        (">>> GET", Call("GET", ADDRESS)),
        (">>> GET /other?x=1  a=1", Call("GET", "https://h/other?x=1&a=1")),
        (">>> GET ?a=1  b", Call("GET", f"{ADDRESS}?a=1", b"b", FORM_TYPE)),
        (">>> POST ?  b", Call("POST", ADDRESS, b"b", FORM_TYPE)),
        (">>> POST untyped  b", Call("POST", ADDRESS, b"b")),
        (">>> POST raw  {0xe9}", Call("POST", ADDRESS, b"\xe9", FORM_TYPE)),
        (">>> POST text/plain;charset=x  b", Call("POST", ADDRESS, b"b", "text/plain; charset=x")),
        (">>> POST raw  d=\n    {sid}\n    b", Call("POST", ADDRESS, b"d=s1\r\nb", FORM_TYPE)),
    ],
)  # fmt: skip
def test_a_request_goes_out_as_it_is_written(line, call):
    assert sent(line) == call


def test_a_sign_that_stands_for_nothing_is_refused_with_its_line():
    step = parse_recording("\n>>> POST  x={sid 7}\n")[0]
    assert isinstance(step, Sent)
    with pytest.raises(RecordingRefused, match=r"line 2: .*before its launch"):
        compose(step, address=ADDRESS, session_ids=("s1",))
    with pytest.raises(RecordingRefused, match="line 3"):
        differences(Answered(3, ("{sid 7}",)), b"", session_ids=("s1",))


REPLY = ["error=0", "...", "student_id=a", "time=1", "...", "end={sid}"]


def compared(recorded: list[str], came: str, *ignore: str) -> list[str]:
    answered = Answered(1, tuple(recorded))
    return differences(answered, came.encode(), session_ids=("s1",), ignore=ignore)


@pytest.mark.parametrize(
    "came",
    [
        "error=0\r\nstudent_id=a\r\ntime=1\r\nend=s1\r\n",
        "error=0\r\nmore\r\nstudent_id=a\r\nx\r\nstudent_id=a\r\ntime=1\r\nend=s1\r\nend=s1\r\n",
    ],
)
def test_any_lines_may_stand_for_the_points(came):
    assert compared(REPLY, came) == []


@pytest.mark.parametrize(
    ("came", "shown"),
    [
        (
            "error=0\r\nx\r\nstudent_id=b\r\ntime=1\r\nend=s1\r\n",
            ["-student_id=a", "+student_id=b"],
        ),
        ("error=1\r\nstudent_id=a\r\ntime=1\r\nend=s1\r\n", ["-error=0", "+error=1"]),
        ("error=0\r\nstudent_id=a\r\ntime=1\r\nend=s2\r\n", ["-end=s1", "+end=s2"]),
        ("error=0\r\n", ["-student_id=a", "-time=1", "-end=s1"]),
        ("error=0\r\nstudent_id=a\r\nend=s1\r\n", ["-time=1"]),
    ],
)
def test_where_a_reply_differs_is_shown(came, shown):
    lines = compared(REPLY, came)
    assert [line for line in lines if line[0] in "+-" and line[:3] not in {"+++", "---"}] == shown


def test_another_value_stands_beside_the_recorded_one():
    recorded = ["error=0", "...", "lesson_status=i", "..."]
    lines = compared(recorded, "error=0\r\nversion=4.0\r\nlesson_status=c\r\ntime=1\r\n")
    assert lines[3:] == [" version=4.0", "-lesson_status=i", "+lesson_status=c", " time=1"]


def test_points_at_the_end_are_filled_whole():
    assert compared(["error=0", "..."], "error=0\r\na\r\nb\r\n") == []
    lines = compared(["error=0", "..."], "error=1\r\na\r\n")
    assert lines[3:] == ["-error=0", "+error=1", " a"]


def test_lines_of_a_name_can_be_left_out():
    came = "error=0\r\nStudent_ID=b\r\ntime=1\r\nend=s1\r\n"
    assert compared(REPLY, came, "student_id") == []


def test_a_line_end_within_a_recorded_line_is_compared():
    assert compared(["error=0", "a␊b␍␊c"], "error=0\r\na\nb\r\nc\r\n") == []
    assert compared(["error=0", "a␊b"], "error=0\r\na\r\nb\r\n") != []


@pytest.mark.parametrize(
    ("came", "remark"),
    [
        ("error=0\nb=1\n", "its lines end in LF, not in CRLF"),
        ("error=0\rb=1\r", "its lines end in CR, not in CRLF"),
        ("error=0\r\nb=1", "it has no line end behind its last line"),
    ],
)
def test_other_line_ends_are_a_difference_of_their_own(came, remark):
    assert compared(["error=0", "b=1"], came) == [remark]


def test_bytes_that_are_no_text_are_shown_as_such():
    lines = differences(Answered(1, ("error=0",)), b"error=\xe9\r\n", session_ids=())
    assert lines[-1] == "+error=?" or "\ufffd" in lines[-1]


def test_much_is_compared_quickly():
    came = "x\r\n" * 200_000
    assert compared(["...", "x", "y", "...", "x", "..."], came) != []
