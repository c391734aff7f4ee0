"""`hacp probe`, over a real port: against our own endpoint and against servers that are wrong."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import create_engine
from structlog.testing import capture_logs

from hacp.launch import launch_url
from hacp.probe import BOOKMARK, Step
from hacp.schema import Base
from launcher.commands import cli
from launcher.db import prepare_sqlite
from tests.hacp.quirks import OF_HTTP, OF_LAYOUT, OF_SESSIONS, Bent, Quirk
from tests.hacp.server import ACADEMY, Server
from tests.launcher.street import Street, forever


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


def probe(*words: str) -> Result:
    said = CliRunner().invoke(cli, ["probe", *words])
    if said.exception is not None and not isinstance(said.exception, SystemExit):
        raise said.exception
    return said


def findings(said: Result) -> dict[str, dict[str, Any]]:
    return {one["asks"]: one for one in json.loads(said.stdout)["findings"]}


def test_our_own_server_passes_with_a_launch_url(server, serve):
    aicc_url = f"{serve(server.app())}/hacp/{ACADEMY}"
    session_id = server.launch()
    said = probe(
        launch_url(
            "https://content.example.org/a.html",
            web_launch="",
            session_id=session_id,
            aicc_url=aicc_url,
        )
    )
    assert said.exit_code == 0
    assert "0 broken, 0 weak, 0 could not be seen" in said.stdout
    assert "GetParam again" in said.stdout
    assert session_id not in said.output
    assert server.attempt(session_id).location == BOOKMARK


def test_read_only_sends_one_getparam_and_records_nothing(server, serve):
    session_id = server.launch()
    said = probe(f"{serve(server.app())}/hacp/1", "--sid", session_id, "--read-only", "--json")
    found = findings(said)
    assert said.exit_code == 0
    assert [one["step"] for one in json.loads(said.stdout)["answers"]] == ["GetParam"]
    assert found["the bookmark comes back byte for byte"]["result"] is None
    assert found["names in lower case"]["result"] == "ok"
    assert len(server.exchanges(session_id)) == 1
    assert server.attempt(session_id).location == ""


WRONG = [
    quirk
    for quirk in [*OF_HTTP, *OF_LAYOUT, *OF_SESSIONS]
    if quirk.name
    in {
        "an error 500",
        "a redirect",
        "HTML type",
        "no CORS",
        "Moodle's page for a wrong session",
        "Moodle's blanks",
        "Dokeos' tabs",
        "SAP's capitals",
        "LF alone",
        "PeopleSoft's end",
        "ULearning's encoding",
        "ILIAS keeps the last line",
        "Moodle's error 101",
        "any session will do",
    }
]


@pytest.mark.parametrize("quirk", WRONG, ids=lambda quirk: quirk.name)
def test_a_server_that_is_wrong_is_found_out(quirk: Quirk, server, serve):
    address = serve(Bent(server.app(), quirk))
    said = probe(f"{address}/hacp/1", "--sid", server.launch(), "--json")
    result = findings(said)[quirk.asks]["result"]
    assert result == quirk.result.lower()
    assert said.exit_code == (1 if json.loads(said.stdout)["broken"] else 0)
    assert said.exit_code == 1 or result == "weak"


def test_there_are_all_the_servers_that_are_wrong():
    assert len(WRONG) == 14


def test_a_server_without_end_is_found_out():
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n"
    with Street() as street:
        url, _ = street.serve(forever(head, b"error=0\r\n" * 10_000, pause=0))
        said = probe(url, "--sid", "s1", "--json")
    faults = findings(said)["an answer comes"]["faults"]
    assert said.exit_code == 1
    assert [fault["step"] for fault in faults] == ["GetParam"]
    assert "more than" in faults[0]["saw"]
    assert "others were not made" in said.stderr


def test_a_slow_server_is_found_out_step_by_step(server, serve):
    app, waits = server.app(), threading.Event()
    steps = iter(Step)

    def slow(environ: Any, start_response: Any) -> Any:
        if next(steps) is Step.PUT:
            waits.wait(10)
        return app(environ, start_response)

    said = probe(f"{serve(slow)}/hacp/1", "--sid", server.launch(), "--timeout", "1")
    waits.set()
    assert said.exit_code == 1
    assert "PutParam: no whole answer in 1 seconds" in said.stdout
    assert "unknown command" in said.stdout


def test_nobody_listening_is_told(serve):
    said = probe("http://127.0.0.1:1/hacp/1", "--sid", "s1")
    assert said.exit_code == 1
    assert "no connection: Connection refused" in said.stdout


def test_the_table_says_where_what_and_who_breaks(server, serve):
    quirk = next(quirk for quirk in OF_LAYOUT if quirk.name == "SAP's capitals")
    said = probe(
        f"{serve(Bent(server.app(), quirk))}/hacp/1", "--sid", server.launch(), "--replies"
    )
    assert (
        "BROKEN  names in lower case\n"
        "        GetParam line 5, GetParam again line 5: "
        "a name with capitals: `Student_ID=k3v9q2`\n"
        "        breaks: iSpring, Profiscience, South River and UGS lose every field\n"
    ) in said.stdout
    assert "   5  Student_ID=k3v9q2\n      ^ BROKEN: names in lower case\n" in said.stdout


def test_many_faults_of_one_kind_are_counted(server, serve):
    quirk = next(quirk for quirk in OF_LAYOUT if quirk.name == "LF alone")
    said = probe(
        f"{serve(Bent(server.app(), quirk))}/hacp/1", "--sid", server.launch(), "--replies"
    )
    assert "        and " in said.stdout
    assert "   1  error=0␊\n" in said.stdout


def test_a_server_that_prints_to_the_terminal_cannot(serve):
    def rude(_environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"error=0\r\nerror_text=\x1b[2J\xc2\x9b31m\r\n"]

    said = probe(f"{serve(rude)}/", "--sid", "s1", "--replies")
    assert "\x1b" not in said.output
    assert "\x9b" not in said.output


def test_without_a_session_id_it_says_what_to_give():
    said = probe("https://academy.example.org/hacp/1")
    assert (said.exit_code, said.stdout) == (1, "")
    assert "give --sid" in said.stderr


def test_it_needs_no_settings(monkeypatch):
    monkeypatch.delenv("HACP_SECRET_KEY", raising=False)
    said = probe("http://127.0.0.1:1/", "--sid", "s1", "--json")
    assert json.loads(said.stdout)["broken"] is True
