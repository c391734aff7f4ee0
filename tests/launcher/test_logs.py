"""Log lines: one per request, and nothing secret in any of them."""

from __future__ import annotations

import hashlib
import json
import logging
import re
from dataclasses import replace

import pytest
import structlog
from werkzeug.test import Client
from werkzeug.wrappers import Response

from catalog.provider.outbound import host_of, open_outbound
from launcher.content import create_content
from launcher.db import transact
from launcher.logs import STRUCK_OUT, init_logging, strike_out_secrets

SID = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture(autouse=True)
def _leave_logging_as_it_was():
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    quiet = [logging.getLogger(name) for name in ("alembic", "httpx", "httpcore")]
    levels = [logger.level for logger in quiet]
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for logger, before in zip(quiet, levels, strict=True):
        logger.setLevel(before)
    structlog.reset_defaults()


def lines(capsys) -> list[dict]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_a_request_is_one_line_without_its_query(app, settings, capsys):
    init_logging(replace(settings, log_format="json"))
    app.test_client().get("/nowhere%0a%1b[31m?AICC_SID=" + SID)
    (line,) = lines(capsys)
    assert line["path"] == "/nowhere%0A%1B%5B31m"
    assert (line["method"], line["status"], line["level"]) == ("GET", 404, "info")
    assert line["timestamp"].endswith("Z")
    assert SID not in json.dumps(line)


def test_a_call_to_a_provider_leaves_no_line_with_its_query(settings, capsys, serve):
    init_logging(replace(settings, log_level="debug"))
    url = serve(Response("hello"))
    with open_outbound(hosts=[host_of(url)], allow_loopback=True, monotonic=lambda: 0.0) as http:
        http.get(f"{url}/?customerIntegrationId=secret")
    assert "secret" not in capsys.readouterr().err


def test_what_is_asked_every_few_seconds_is_not_told(app, settings, capsys):
    init_logging(settings)
    client = app.test_client()
    client.get("/health")
    client.get("/static/style.css").close()
    assert capsys.readouterr().err == ""
    client.get("/static/nowhere.css")
    assert "404" in capsys.readouterr().err


def test_a_members_request_names_them_by_number(app, people, visitor, settings, capsys):
    jane = visitor()
    jane.sign_in("learner@example.org")
    init_logging(replace(settings, log_format="json"))
    jane.client.get("/a/night/")
    (line,) = lines(capsys)
    assert (line["academy"], line["member"]) == (people.academy_id, people.learner.id)
    assert "example.org" not in json.dumps(line)


def test_a_failure_is_told_with_its_place_and_without_secrets(app, settings, capsys):
    def fail():
        secret = SID
        raise RuntimeError(f"about {secret}")

    app.add_url_rule("/fail", view_func=fail)
    init_logging(replace(settings, log_format="json"))
    app.test_client().get("/fail")
    text = capsys.readouterr().err
    assert "RuntimeError" in text
    assert STRUCK_OUT in text
    assert SID not in text


def test_a_failing_statement_does_not_tell_its_values(app, people, settings, capsys):
    def fail():
        transact(
            lambda connection: connection.exec_driver_sql(
                "INSERT INTO nowhere VALUES (?)", ("a private value",)
            )
        )

    app.add_url_rule("/fail", view_func=fail)
    init_logging(settings)
    app.test_client().get("/fail")
    text = capsys.readouterr().err
    assert "nowhere" in text
    assert "a private value" not in text


def test_secrets_are_struck_out_however_deep_they_stand():
    event = {
        "event": f"x {SID} y",
        "many": [SID, {"deep": SID.upper().encode()}],
        "number": 7,
        "_record": SID,
    }
    assert strike_out_secrets(None, "info", event) == {
        "event": f"x {STRUCK_OUT} y",
        "many": [STRUCK_OUT, {"deep": STRUCK_OUT}],
        "number": 7,
        "_record": SID,
    }


def test_lines_of_other_libraries_go_the_same_way(settings, capsys):
    init_logging(settings)
    logging.getLogger("waitress").warning("task %s", SID)
    logging.getLogger("waitress").debug("not told")
    logging.getLogger("alembic.runtime").info("not told")
    text = capsys.readouterr().err
    assert STRUCK_OUT in text
    assert "not told" not in text


def test_setting_logging_up_twice_tells_each_thing_once(settings, capsys):
    init_logging(settings)
    init_logging(settings)
    structlog.get_logger("x").warning("once")
    assert capsys.readouterr().err.count("once") == 1


def test_a_launch_and_its_conversation_leave_no_secret_in_the_log(
    app, people, visitor, settings, capsys, add_course
):
    course_id, content_key = add_course(people.academy_id, people.learner.id)
    init_logging(replace(settings, log_format="json", log_level="debug"))
    stored = create_content(settings)
    content = Client(
        lambda environ, start: stored({**environ, "HTTP_HOST": "127.0.0.1:8081"}, start)
    )
    jane = visitor()
    jane.sign_in("learner@example.org")
    jane.sign_in("learner@example.org", "a wrong word")
    page = jane.post(f"/a/night/courses/{course_id}/launch", au="A1").text
    (sid,) = set(re.findall(r"AICC_SID=([0-9a-f]{40})", page))
    assert content_key in page
    content.get(f"/{content_key}/start.html?AICC_SID={sid}&AICC_URL=x").close()
    talk = app.test_client()
    data = "[core]%0D%0Alesson_status=i%0D%0A[core_lesson]%0D%0Aa private note"
    for body in (
        f"command=GetParam&version=4.0&session_id={sid}",
        f"command=PutParam&version=4.0&session_id={sid}&aicc_data={data}",
        f"command=Nonsense&version=4.0&session_id={sid}",
        f"command=ExitAU&version=4.0&session_id={sid}",
        f"session_id={sid.upper()}",
        f"{sid}",
    ):
        talk.post("/hacp/1", data=body, content_type="application/x-www-form-urlencoded")
    talk.get(f"/hacp/1?command=GetParam&session_id={sid}")
    talk.get(f"/hacp/{sid}")
    talk.get(f"/hacp/1/{sid}?AICC_SID={sid}", headers={"Referer": f"http://x/?AICC_SID={sid}"})
    text = capsys.readouterr().err
    assert text.count('"path": "/hacp/1"') >= 7
    cookie = jane.client.get_cookie("hacp")
    for secret in (
        sid,
        hashlib.sha256(sid.encode()).hexdigest(),
        content_key,
        "correct horse",
        "a wrong word",
        "a private note",
        "learner@example.org",
        settings.secret_key,
        cookie.value,
    ):
        assert secret.lower() not in text.lower()
