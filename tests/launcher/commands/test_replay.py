"""`hacp replay` and `hacp record`, over a real port."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import create_engine
from structlog.testing import capture_logs

import hacp.store
from hacp.exports import dump_recording
from hacp.launch import launch_url
from hacp.schema import Base
from launcher.commands import cli, replay
from launcher.db import prepare_sqlite
from tests.hacp.quirks import OF_LAYOUT, Bent
from tests.hacp.server import Content, Server

CONVERSATIONS = Path(__file__).parents[2] / "conversations"


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Keep the server's own log, which is in this process, out of what the command says."""
    with capture_logs():
        yield


@pytest.fixture
def server(sqlite_url: str) -> Iterator[Server]:
    engine = create_engine(sqlite_url)
    prepare_sqlite(engine)
    Base.metadata.create_all(engine)
    yield Server(engine)
    engine.dispose()


@pytest.fixture
def text(tmp_path: Path) -> Callable[[str], Path]:
    def _write(text: str) -> Path:
        file = tmp_path / "session.txt"
        file.write_text(text, encoding="utf-8")
        return file

    return _write


def play(*words: object) -> Result:
    said = CliRunner().invoke(cli, ["replay", *map(str, words)])
    if said.exception is not None and not isinstance(said.exception, SystemExit):
        raise said.exception
    return said


def test_a_recorded_session_is_answered_alike_for_another_learner(server, serve, text):
    content = Content(server, server.launch())
    content.send("GetParam")
    content.put("lesson_location=p=3&q=é", "lesson_status=i", suspend_data='{"a":[1]}\r\n two')
    content.send("GetParam")
    content.send("ExitAU")
    file = text(dump_recording(server.exchanges(content.session_id)))

    other = server.launch(learner_id=8, student_id="other", student_name="Roe, Max")
    said = play(file, f"{serve(server.app())}/hacp/1", "--sid", other)
    assert said.exit_code == 0, said.output
    assert "4 requests sent, 4 replies compared, 0 differ." in said.stdout
    assert other not in said.output
    assert server.attempt(other).suspend_data == '{"a":[1]}\r\n two'


def test_what_differs_is_shown(server, serve, text):
    content = Content(server, server.launch())
    content.send("GetParam")
    file = text(dump_recording(server.exchanges(content.session_id)))
    other = server.launch(learner_id=8, student_id="other", mastery_score=80)
    said = play(file, f"{serve(server.app())}/hacp/1", "--sid", other, "--ignore", "student_name")
    assert said.exit_code == 1
    assert "        -student_id=k3v9q2\n        +student_id=other\n" in said.stdout
    assert "        +mastery_score=80\n" in said.stdout
    assert "1 differ." in said.stdout


def test_a_transcript_is_played_with_a_launch_url(server, serve):
    aicc_url = f"{serve(server.app())}/hacp/1"
    url = launch_url(
        "https://content.example.org/", web_launch="", session_id=server.launch(), aicc_url=aicc_url
    )
    said = play(CONVERSATIONS / "realistic" / "mastery-passed.txt", url)
    assert "recorded with mastery=80" in said.stderr
    assert "about the server's own records were passed over" in said.stderr


def test_each_launch_needs_a_session_id(server, serve):
    file = CONVERSATIONS / "realistic" / "golden-resume.txt"
    said = play(file, f"{serve(server.app())}/hacp/1", "--sid", server.launch())
    assert said.exit_code == 1
    assert "The recording has 2 launches" in said.stderr


def test_a_transcript_with_two_launches_is_answered_as_recorded(server, serve, text):
    file = text(
        "launch\n>>> POST  command=PutParam&session_id={sid}&aicc_data=\n    [core]\n"
        "    lesson_location=7\n<<< error=0\nlaunch\n"
        ">>> GET  command=GetParam&session_id={sid}\n<<< error=0\n    ...\n"
        "    lesson_location={sid 1}\n    ...\n"
    )
    first, second = server.launch(), server.launch(learner_id=8)
    said = play(file, f"{serve(server.app())}/hacp/1", "--sid", first, "--sid", second)
    assert said.exit_code == 1
    assert "-lesson_location={sid}" in said.stdout
    assert server.attempt(first).location == "7"
    assert server.attempt(second).location == ""


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("LF alone", "its lines end in LF, not in CRLF"),
        ("PeopleSoft's end", "it has no line end behind its last line"),
        ("SAP's capitals", "+Student_ID=k3v9q2"),
    ],
)
def test_a_server_that_is_wrong_differs(name, shown, server, serve, text):
    content = Content(server, server.launch())
    content.send("GetParam")
    file = text(dump_recording(server.exchanges(content.session_id)))
    quirk = next(quirk for quirk in OF_LAYOUT if quirk.name == name)
    address = serve(Bent(server.app(), quirk))
    said = play(file, f"{address}/hacp/1", "--sid", content.session_id, "--ignore", "none")
    assert said.exit_code == 1
    assert shown in said.stdout


def test_an_http_error_and_silence_are_differences(serve, text):
    def failing(_environ, start_response):
        start_response("500 Oh", [("Content-Type", "text/plain")])
        return [b"error=0\r\nerror_text=Successful\r\nversion=4.0\r\n"]

    file = text(">>> POST  command=ExitAU\n<<< error=0\n")
    assert "        HTTP 500\n" in play(file, f"{serve(failing)}/", "--sid", "a").stdout
    silent = play(file, "http://127.0.0.1:1/", "--sid", "a")
    assert silent.exit_code == 1
    assert "        no connection: Connection refused\n" in silent.stdout


def test_pauses_are_kept_only_when_asked(serve, text, monkeypatch):
    slept: list[float] = []
    monkeypatch.setattr(replay.time, "sleep", slept.append)
    file = text("wait 00:10:00\n")
    play(file, "http://127.0.0.1:1/", "--sid", "a")
    assert slept == []
    play(file, "http://127.0.0.1:1/", "--sid", "a", "--wait")
    assert slept == [600.0]


@pytest.mark.parametrize(
    ("recording", "why"),
    [
        ("hello\n", "line 1: no such step: 'hello'"),
        ("<<< error=0\n", "line 1: an answer stands before any request"),
        (">>> POST  a={sid 2}\n", "line 1: {sid 2} stands before its launch"),
    ],
)
def test_a_recording_that_cannot_be_read_says_where(recording, why, text):
    said = play(text(recording), "http://127.0.0.1:1/", "--sid", "a")
    assert said.exit_code == 1
    assert why in said.stderr


def test_what_is_no_text_or_too_much_is_refused(tmp_path, monkeypatch):
    file = tmp_path / "session.bin"
    file.write_bytes(b"\xff\xfe\x00")
    assert "is not UTF-8" in play(file, "http://127.0.0.1:1/", "--sid", "a").stderr
    monkeypatch.setattr(replay, "MOST_BYTES", 2)
    assert "larger than 2 bytes" in play(file, "http://127.0.0.1:1/", "--sid", "a").stderr


def test_a_record_of_what_was_said_is_written(school, tmp_path):
    school("enrol", "C1", "s1")
    assert school("launch", "C1", "s1").status == 0
    said = school("record", "s1", "C1")
    assert (said.status, said.out[0][:20]) == (0, "# A recorded session")
    assert (
        school("record", "s1", "C1", "--attempt", "2").err == "Error: There is no such attempt.\n"
    )
    assert school("record", "s1", "C1", "--au", "A9").status == 1


def test_an_attempt_is_recorded_whole_and_by_its_unit(server):
    content = Content(server, server.launch())
    other = Content(server, server.launch(au_id="A2"))
    for _ in range(replay.BATCH + 1):
        content.send("GetParam")
    other.send("GetParam")
    with server.engine.connect() as connection:
        attempts = hacp.store.attempts_in_course(connection, 1, learner_id=7, course_id=3)
        kept = replay.exchanges_of(connection, 1, attempts[0].id)
        assert len(kept) == replay.BATCH + 1
        assert replay.the_attempt(attempts, au_id="A2", number=None).au_id == "A2"
        with pytest.raises(click.ClickException, match="with --au: A1, A2"):
            replay.the_attempt(attempts, au_id=None, number=1)
