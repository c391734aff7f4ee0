"""The door: headers, methods, what is kept of every request, and success only after the commit."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from sqlalchemy import Engine
from structlog.testing import capture_logs

from hacp.endpoint import MAX_HEADER, attempt_changed
from hacp.model import Status
from hacp.receiving import MAX_BODY, MAX_REFUSED
from hacp.refusals import KEPT_PER_MINUTE, KEPT_PER_SESSION
from tests.hacp.server import ACADEMY, START, Clock, Content, Server

OK = b"error=0\r\nerror_text=Successful\r\nversion=4.0\r\n"
NO_SESSION = b"error=3\r\nerror_text=Invalid Session ID\r\nversion=4.0\r\n"
NO_COMMAND = b"error=1\r\nerror_text=Invalid Command\r\nversion=4.0\r\n"
FAILED = b"error=1\r\nerror_text=The server failed and stored nothing\r\nversion=4.0\r\n"

REQUESTS = {
    # realistic
    "post": {"method": "POST", "data": "command=GetParam"},
    "get": {"method": "GET", "query_string": "command=GetParam&session_id=x"},
    "slash behind": {"method": "POST", "path": f"/hacp/{ACADEMY}/"},
    "from nowhere": {"method": "POST", "headers": {"Origin": "null"}},
    # sloppy
    "nothing": {"method": "POST"},
    "with a cookie": {"method": "POST", "headers": {"Cookie": "session=x"}},
    "with a login": {"method": "POST", "headers": {"Authorization": "Basic eDp5"}},
    "with credentials mode": {"method": "POST", "headers": {"Sec-Fetch-Mode": "cors"}},
    # hostile
    "no academy": {"method": "POST", "path": "/hacp/0"},
    "an academy of words": {"method": "POST", "path": "/hacp/words"},
    "a huge academy": {"method": "POST", "path": "/hacp/" + "9" * 300},
    "an academy beyond the column": {"method": "POST", "path": f"/hacp/{2**31}"},
    "garbage": {"method": "POST", "data": bytes(range(256)) * 40},
    "a broken length": {"method": "POST", "headers": {"Content-Length": "x"}},
    "a long content type": {"method": "POST", "headers": {"Content-Type": "x" * 5000}},
    "a long origin": {"method": "POST", "headers": {"Origin": "é" * 5000}},
    "options": {"method": "OPTIONS"},
}


@pytest.mark.conforms(
    "Replies",
    "jQuery clients, Profiscience",
    "The HTTP status is 200 whatever was asked, with text/plain, uncached, readable from any "
    "origin.",
    grade="B",
    case="garbage",
)
@pytest.mark.parametrize("request_", REQUESTS.values(), ids=REQUESTS)
def test_whatever_comes_is_answered_so_that_any_origin_can_read_it(server: Server, request_):
    client = server.app().test_client(use_cookies=False)
    answer = client.open(**{"path": f"/hacp/{ACADEMY}", **request_})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-cache, no-store, must-revalidate"
    assert answer.headers["Pragma"] == "no-cache"
    assert answer.headers["Expires"] == "0"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert "Set-Cookie" not in answer.headers
    assert "Location" not in answer.headers
    assert answer.data in {NO_SESSION, NO_COMMAND, b""}


@pytest.mark.conforms(
    "Replies",
    "browsers",
    "OPTIONS is answered, for content that sets headers of its own.",
    grade="B",
)
def test_a_browser_that_asks_first_may_send_any_header(server: Server):
    client = server.app().test_client()
    asked = {"Access-Control-Request-Headers": "x-requested-with,content-type"}
    answer = client.options(f"/hacp/{ACADEMY}", headers=asked)
    assert answer.headers["Access-Control-Allow-Methods"] == "GET, POST, OPTIONS"
    assert answer.headers["Access-Control-Allow-Headers"] == "x-requested-with,content-type"
    assert answer.headers["Access-Control-Max-Age"] == "86400"
    plain = client.options(f"/hacp/{ACADEMY}")
    assert plain.headers["Access-Control-Allow-Headers"] == "Content-Type"
    assert server.all_exchanges() == []


@pytest.mark.conforms(
    "Security",
    "audit",
    "Every exchange is kept, with its time, origin and bytes.",
    grade="D",
)
def test_an_exchange_is_kept_with_its_time_origin_and_bytes(server: Server, content: Content):
    server.clock.wait(minutes=3)
    client = server.app().test_client()
    body = f"command=PutParam&session_id={content.session_id}&aicc_data=%5Bcore%5D%0A\xe9".encode()
    client.post(
        f"/hacp/{ACADEMY}?a=%C3%A9",
        data=body,
        headers={"Origin": "https://c.example", "Content-Type": "text/plain;charset=UTF-8"},
    )
    (kept,) = server.exchanges(content.session_id)
    assert kept.at == START + timedelta(minutes=3)
    assert (kept.method, kept.command, kept.error) == ("POST", "PutParam", 0)
    assert (kept.origin, kept.content_type) == ("https://c.example", "text/plain;charset=UTF-8")
    assert kept.query == b"a=%C3%A9"
    assert kept.request.endswith(b"&aicc_data=%5Bcore%5D%0A\xc3\xa9")
    assert kept.request.startswith(b"command=PutParam&session_id=sid-")
    assert kept.reply == OK
    assert kept.session_id == server.conversation(content.session_id)[1].id


def test_a_refused_call_of_a_known_session_stays_with_its_attempt(server: Server, content: Content):
    assert content.send("Drop") == NO_COMMAND
    server.clock.wait(hours=25)
    with capture_logs() as lines:
        assert content.put("lesson_status=p") == NO_SESSION
    kept = server.exchanges(content.session_id)
    assert [(exchange.command, exchange.error) for exchange in kept] == [
        ("Drop", 1),
        ("PutParam", 3),
    ]
    assert all(exchange.session_id is not None for exchange in kept)
    assert server.attempt(content.session_id).status is Status.NOT_ATTEMPTED
    assert [line["event"] for line in lines] == ["hacp_refused"]


def test_a_refused_call_of_nobody_is_kept_by_itself_and_cut(server: Server):
    client = server.app().test_client()
    query = "x" * 20_000
    client.post(f"/hacp/{ACADEMY}?{query}", data=b"command=GetParam&aicc_data=" + b"y" * 20_000)
    (kept,) = server.exchanges()
    assert (len(kept.query), len(kept.request)) == (MAX_REFUSED, MAX_REFUSED)
    assert (kept.session_id, kept.error, kept.reply) == (None, 3, NO_SESSION)


@pytest.mark.conforms(
    "Security",
    "anybody",
    "A flood of refused requests fills no disk, and each is answered.",
    grade="D",
)
def test_refusals_are_capped_for_each_minute_and_still_answered(server: Server):
    stranger = Content(server, "0" * 40)
    for _ in range(KEPT_PER_MINUTE + 5):
        assert stranger.send("GetParam") == NO_SESSION
    assert len(server.exchanges()) == KEPT_PER_MINUTE
    server.clock.wait(minutes=1)
    stranger.send("GetParam")
    assert len(server.exchanges()) == KEPT_PER_MINUTE + 1


def test_a_stranger_who_floods_leaves_room_for_the_refusals_of_known_sessions(
    server: Server, content: Content
):
    client = content.client
    for _ in range(KEPT_PER_MINUTE + 1):
        client.post(content.path, data="command=GetParam")
    for _ in range(KEPT_PER_SESSION + 1):
        content.send("Drop")
    assert len(server.exchanges()) == KEPT_PER_MINUTE
    assert len(server.exchanges(content.session_id)) == KEPT_PER_SESSION


@pytest.mark.conforms(
    "Security",
    "anybody",
    "A session that floods leaves room for the refused last words of all others.",
    grade="D",
)
def test_a_session_that_floods_leaves_room_for_the_last_words_of_others(server: Server):
    flood, repeats, other = (Content(server, server.launch(learner_id=n)) for n in (7, 8, 9))
    repeats.send("ExitAU")
    server.clock.wait(hours=25)
    for _ in range(KEPT_PER_SESSION + 5):
        flood.put("lesson_status=completed")
        repeats.send("ExitAU")
    assert repeats.put("lesson_status=completed") == NO_SESSION
    assert other.put("lesson_status=completed") == NO_SESSION
    kept = [server.exchanges(one.session_id) for one in (flood, repeats, other)]
    assert [len(one) for one in kept] == [KEPT_PER_SESSION, KEPT_PER_SESSION + 2, 1]
    assert b"completed" in kept[1][-1].request
    assert b"completed" in kept[2][-1].request


@pytest.mark.parametrize("size", [MAX_BODY + 1, 10 * MAX_BODY])
def test_a_body_that_is_too_large_is_refused_by_its_size_and_kept_cut(
    server: Server, content: Content, size
):
    content.put("lesson_location=1", suspend_data="mine")
    start = f"command=PutParam&session_id={content.session_id}&aicc_data=[core]\r\n".encode()
    body = start + b"x" * (size - len(start))
    with capture_logs() as lines:
        answer = content.client.post(content.path, data=body).data
    assert (
        answer
        == (
            f"error=1\r\nerror_text=Request of {size} bytes is too large, "
            f"at most {MAX_BODY} are taken\r\nversion=4.0\r\n"
        ).encode()
    )
    kept = server.exchanges(content.session_id)[-1]
    assert len(kept.request) <= MAX_REFUSED
    assert server.attempt(content.session_id).suspend_data == "mine"
    (line,) = lines
    assert (line["event"], line["size"], line["error"]) == ("hacp_refused", size, 1)


def test_a_body_without_a_length_is_cut_where_it_gets_too_large(server: Server, content: Content):
    start = f"command=PutParam&session_id={content.session_id}&aicc_data=[core]\r\n".encode()
    body = start + b"x" * (MAX_BODY + 10)
    environ = {"wsgi.input_terminated": True, "CONTENT_LENGTH": ""}
    answer = content.client.post(content.path, data=body, environ_overrides=environ).data
    assert answer.startswith(b"error=1\r\nerror_text=Request of 1048577 bytes is too large")


def test_a_body_of_exactly_the_limit_is_taken(server: Server, content: Content):
    start = f"command=PutParam&session_id={content.session_id}&aicc_data=[core_lesson]\r\n".encode()
    body = start + b"x" * (MAX_BODY - len(start))
    assert content.client.post(content.path, data=body).data == OK
    assert len(server.attempt(content.session_id).suspend_data) == MAX_BODY - len(start)


def test_headers_are_kept_as_wide_as_their_columns(server: Server, content: Content):
    long = {"Origin": "o" * 5000, "Content-Type": "t" * 5000}
    content.client.post(content.path, data=f"session_id={content.session_id}", headers=long)
    (kept,) = server.all_exchanges()
    assert (len(kept.origin), len(kept.content_type)) == (MAX_HEADER, MAX_HEADER)


@pytest.mark.conforms(
    "Security",
    "admins, logs",
    "No log line and no kept exchange holds a session id.",
    grade="D",
)
def test_no_log_line_and_no_exchange_holds_a_session_id(server: Server, content: Content):
    sid = content.session_id
    with capture_logs() as lines:
        content.send("Drop")
        content.send("GetParam", session_id=sid.upper() + "00")
        content.client.get(f"{content.path}?session_id={sid}&command=x")
        content.put(f"lesson_location={sid}")
        content.send("GetParam")
        server.clock.wait(hours=25)
        content.send("GetParam")
    assert len(lines) == 4
    assert sid not in str(lines).lower()
    assert sid.encode() not in server.kept_bytes().lower()


# Success only after the commit


class FailingCommit:
    """Runs units as the real one does, and fails at commit while it is told to."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.fails = True

    def __call__(self, unit):
        def then_fail(connection):
            result = unit(connection)
            if self.fails:
                raise OSError("no space left on device")
            return result

        return self.server.transact(then_fail)


@pytest.mark.conforms(
    "Sessions",
    "all clients",
    "error=0 is said after the data are stored and never before: content looks at nothing else.",
    grade="B",
)
def test_what_was_not_committed_is_not_acknowledged_and_not_kept(server: Server, content: Content):
    failing = FailingCommit(server)
    content.client = server.app(failing).test_client()
    before = server.conversation(content.session_id)
    heard = []

    def listener(sender, **news):
        heard.append(news)

    with attempt_changed.connected_to(listener), capture_logs() as lines:
        for command in ("PutParam", "ExitAU", "ExitParam", "GetParam", "PutInteractions", "Drop"):
            assert content.send(command, "[core]\r\nlesson_status=p") == FAILED
        content.session_id, known = "0" * 40, content.session_id
        assert content.send("GetParam") == FAILED
    assert server.conversation(known) == before
    assert server.all_exchanges() == []
    assert [line["event"] for line in lines].count("hacp_failed") == 7
    failing.fails = False
    content.session_id = known
    assert content.put("lesson_status=p") == OK
    assert server.attempt(known).status is Status.PASSED


def test_a_hall_that_fails_takes_the_post_back(server: Server, content: Content):
    def listener(sender, **news):
        raise LookupError("no such course")

    with attempt_changed.connected_to(listener):
        assert content.put("lesson_status=p", suspend_data="x") == FAILED
    assert server.attempt(content.session_id).status is Status.NOT_ATTEMPTED
    assert server.all_exchanges() == []


def test_a_database_without_tables_is_an_answer_too(engine: Engine):
    content = Content(Server(engine, Clock()), "0" * 40)
    assert content.send("GetParam") == FAILED


# Telling the hall


def test_the_hall_is_told_in_the_same_transaction_exactly_when_it_should(
    server: Server, content: Content
):
    told = []

    def listener(sender, *, connection, attempt, only_time):
        assert connection.in_transaction()
        told.append((attempt.status.value, attempt.score and attempt.score.raw, attempt.seconds))

    def news_of(post) -> bool:
        told.clear()
        assert post().startswith(b"error=0")
        return bool(told)

    put, send = content.put, content.send
    server.clock.wait(minutes=30)
    with attempt_changed.connected_to(listener):
        assert not news_of(lambda: send("GetParam"))
        assert not news_of(lambda: put("lesson_location=1", suspend_data="x"))
        assert news_of(lambda: put("lesson_status=i"))
        assert told == [("incomplete", None, 0)]
        assert not news_of(lambda: put("lesson_status=i"))
        assert news_of(lambda: put("score=80,100"))
        assert not news_of(lambda: put("score=80,100"))
        assert not news_of(lambda: put("time=00:10:00"))
        server.clock.wait(minutes=1)
        assert news_of(lambda: put("time=00:11:00"))
        assert not news_of(lambda: put("time=00:12:00"))
        assert not news_of(lambda: send("PutInteractions"))
        assert news_of(lambda: send("ExitAU"))
        assert told == [("incomplete", 80, 720)]
        assert not news_of(lambda: send("ExitAU"))
        assert news_of(lambda: put("lesson_status=c"))


def test_nobody_is_told_of_what_was_refused(server: Server, content: Content):
    def listener(sender, **news):
        raise AssertionError(news)

    server.clock.wait(hours=25)
    with attempt_changed.connected_to(listener):
        assert content.put("lesson_status=p") == NO_SESSION


def test_a_session_of_another_academy_opens_nothing_here(server: Server, content: Content):
    foreign = Content(server, server.launch(academy_id=2))
    body = urlencode({"command": "ExitAU", "session_id": foreign.session_id})
    unknown = urlencode({"command": "ExitAU", "session_id": "0" * 40})
    answers = [content.client.post(content.path, data=one).data for one in (body, unknown)]
    assert answers == [NO_SESSION, NO_SESSION]
    assert [kept.session_id for kept in server.exchanges()] == [None, None]
    assert server.exchanges(foreign.session_id, 2) == []


def test_leaving_again_and_again_when_all_is_over_fills_nothing(server: Server, content: Content):
    content.send("ExitAU")
    left = server.conversation(content.session_id)
    server.clock.wait(hours=1)
    answers = {content.send("ExitAU") for _ in range(KEPT_PER_SESSION + 5)}
    assert answers == {OK}
    assert len(server.exchanges(content.session_id)) == 1 + KEPT_PER_SESSION
    assert server.conversation(content.session_id) == left


def test_why_a_known_session_was_refused_stands_in_its_trace(server: Server, content: Content):
    newer = Content(server, server.launch())
    newer.put("lesson_status=i")
    assert content.put("lesson_status=p") == NO_SESSION
    *_, kept = server.exchanges(content.session_id)
    assert (kept.error, kept.tolerated) == (
        3,
        ("a newer session of this unit writes now: nothing was recorded",),
    )
    assert b"lesson_status%3Dp" in kept.request
