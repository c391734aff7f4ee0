"""The export: whatever was said is written so that it can be said again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hacp.calls import FORM_TYPE, Call
from hacp.dialects import dump_form
from hacp.exports import dump_recording
from hacp.model import Exchange
from hacp.recording import Answered, Launch, Pause, Sent, compose, differences, parse_recording
from tests.hacp.server import START
from tests.hacp.test_conversations import Conversation
from tests.hacp.transcript import parse_transcript

TRANSCRIPTS = sorted((Path(__file__).parent.parent / "conversations").glob("*/*.txt"))
SHORT = b"error=0\r\nerror_text=Successful\r\nversion=4.0\r\n"
ONE = Exchange(
    id=1,
    at=START,
    method="POST",
    content_type=FORM_TYPE,
    origin="",
    request=b"command=ExitAU&session_id=sid-0a1b2c3d",
    reply=SHORT,
    error=0,
    session_id=7,
)


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Take one database: what is tested here begins where the reply is written."""
    return sqlite_url


def written(exchange: Exchange) -> list[str]:
    """Return the lines of one exchange, without what stands above them."""
    lines = dump_recording([exchange]).split("\n")
    return lines[lines.index(f"# {START:%Y-%m-%d %H:%M:%S} UTC") + 1 :]


def sent_again(text: str, *session_ids: str) -> list[Call]:
    return [
        compose(step, address="https://h/x", session_ids=session_ids)
        for step in parse_recording(text)
        if isinstance(step, Sent)
    ]


def test_an_exchange_is_written_as_a_person_reads_it():
    data = "[core]\r\nlesson_location=é\r\n\r\n[core_lesson]\r\na=1 &b"
    request = b"command=PutParam&session_id=sid-0a1b2c3d&aicc_data=" + dump_form(data).encode()
    exchange = replace(ONE, request=request + b"&x=1", tolerated=("a note",))
    assert written(exchange) == [
        "launch",
        ">>> POST form  command=PutParam&session_id={sid}&aicc_data={data}&x=1",
        "    [core]",
        "    lesson_location=é",
        "",
        "    [core_lesson]",
        "    a=1 &b",
        "<<< error=0",
        "noted: a note",
        "",
    ]


requests = (
    st.binary(max_size=80)
    | st.text(alphabet="aicc_data=%5B[]\r\n ;&+é概\ud83d\ude00{}␍", max_size=60).map(
        lambda text: text.encode("utf-8", "surrogatepass")
    )
    | st.text(max_size=30).map(lambda text: b"\xff\xfe" + text.encode("utf-16-le", "ignore"))
    | st.text(max_size=30).map(lambda text: f"aicc_data={dump_form(text)}".encode(errors="ignore"))
)


@given(
    request=requests,
    query=st.just(b"") | st.binary(max_size=20),
    method=st.sampled_from(["GET", "POST"]),
    kind=st.sampled_from([FORM_TYPE, "", "text/plain;charset=UTF-8", "odd"]),
)
def test_whatever_was_sent_goes_out_again_byte_for_byte(request, query, method, kind):
    exchange = replace(ONE, request=request, query=query, method=method, content_type=kind)
    (call,) = sent_again(dump_recording([exchange]), "sid-0a1b2c3d")
    assert call.body == request
    query_sent = call.url.partition("?")[2].encode("utf-8", "surrogateescape")
    assert query_sent == query
    assert call.method == method


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=20), min_size=1))
def test_whatever_was_answered_is_compared_with_itself(lines):
    reply = "\r\n".join([*lines, ""]).encode()
    text = dump_recording([replace(ONE, reply=reply)])
    (answered,) = (step for step in parse_recording(text) if isinstance(step, Answered))
    short = len(reply.removesuffix(b"\r\n").split(b"\r\n")) == 1
    if not short:
        assert differences(answered, reply, session_ids=()) == []
        assert differences(answered, reply + b"more\r\n", session_ids=()) != []


def test_a_line_that_looks_like_any_lines_is_itself():
    reply = b"error=0\r\n...\r\nend\r\n"
    (answered,) = (
        step
        for step in parse_recording(dump_recording([replace(ONE, reply=reply)]))
        if isinstance(step, Answered)
    )
    assert differences(answered, b"error=0\r\nx\r\nend\r\n", session_ids=()) != []


def test_a_reply_of_one_line_is_not_written_as_the_short_form():
    assert written(replace(ONE, reply=b"error=0\r\n"))[-3:] == ["<<< error=0", "    ...", ""]


def test_sessions_are_told_apart_and_strangers_stay_strangers():
    second = replace(ONE, session_id=8, request=b"session_id=sid-ffffffff")
    stranger = replace(ONE, session_id=None, request=b"session_id=sid-99999999")
    nameless = replace(ONE, session_id=9, request=b"command=GetParam")
    text = dump_recording([ONE, second, ONE, stranger, nameless])
    assert [step.line for step in parse_recording(text) if isinstance(step, Launch)] != []
    bodies = [parse_qs(call.body.decode()) for call in sent_again(text, "first", "second")]
    assert [body.get("session_id") for body in bodies] == [
        # `{sid}` is the newest launch, which is what a replay knows by then.
        ["second"],
        ["second"],
        ["first"],
        ["sid-99999999"],
        None,
    ]


def test_time_between_exchanges_is_written():
    later = replace(ONE, at=START + timedelta(hours=1, minutes=2, seconds=3.4))
    same = replace(later, at=later.at + timedelta(seconds=0.2))
    pauses = [
        step.span
        for step in parse_recording(dump_recording([ONE, later, same]))
        if isinstance(step, Pause)
    ]
    assert pauses == [timedelta(hours=1, minutes=2, seconds=3)]


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_what_our_server_kept_of_a_conversation_can_be_exported_whole(path, server, serve):
    conversation = Conversation(server, serve(server.app()))
    conversation.play(parse_transcript(path.read_text(encoding="utf-8")))
    kept = server.all_exchanges()
    steps = parse_recording(dump_recording(kept))
    stand_ins = ("sid-00000000",) * 20
    calls = [
        compose(step, address="https://h/", session_ids=stand_ins)
        for step in steps
        if isinstance(step, Sent)
    ]
    assert [call.method for call in calls] == [exchange.method for exchange in kept]
    assert sum(isinstance(step, Answered) for step in steps) == len(kept)
