"""The one client: what it sends, and that no server can hold it or fill it."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from hacp.calls import FORM_TYPE, Call
from launcher.caller import Caller
from tests.launcher.street import Street, forever

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nX-A: b\r\n"


@pytest.fixture
def street() -> Iterator[Street]:
    with Street() as street:
        yield street


def test_a_call_goes_out_as_it_is_and_its_answer_comes_back(street):
    url, heard = street.serve(lambda say: say(OK + b"Content-Length: 7\r\n\r\nerror=0"))
    answer = Caller().send(Call("POST", f"{url}?a=1#frag", b"command=x", FORM_TYPE))
    head, _, body = heard[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /x?a=1 HTTP/1.1\r\n")
    assert b"Content-Type: application/x-www-form-urlencoded" in head
    assert b"Origin: https://content.example.org" in head
    assert body == b"command=x"
    assert (answer.status, answer.headers["x-a"], answer.body) == (200, "b", b"error=0")
    assert answer.failure == ""
    assert 0 < answer.seconds < 20


def test_no_content_type_is_made_up_and_no_cookie_sent(street):
    url, heard = street.serve(lambda say: say(OK + b"Content-Length: 0\r\n\r\n"))
    Caller().send(Call("POST", url, b"x"))
    assert b"content-type" not in heard[0].lower()
    assert b"cookie" not in heard[0].lower()


def test_what_http_forbids_in_an_address_is_encoded(street):
    url, heard = street.serve(lambda say: say(OK + b"\r\n"))
    Caller().send(Call("GET", f"{url}?a=1 2\r\nX: é\udcff%20"))
    assert heard[0].startswith(b"GET /x?a=1%202%0D%0AX:%20%C3%A9%FF%20 HTTP/1.1\r\n")


def test_an_address_without_a_path_asks_for_its_root(street):
    url, heard = street.serve(lambda say: say(OK + b"\r\n"))
    Caller().send(Call("GET", url.removesuffix("/x") + "?a=b/c"))
    assert heard[0].startswith(b"GET /?a=b/c HTTP/1.1\r\n")


def test_a_redirect_is_an_answer(street):
    url, _ = street.serve(
        lambda say: say(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n")
    )
    answer = Caller().send(Call("GET", url))
    assert (answer.status, answer.headers["location"]) == (302, "http://127.0.0.1:1/")


@pytest.mark.parametrize(
    ("head", "piece"),
    [(b"", b""), (b"HTTP/1.1 200", b" "), (OK, b"X"), (OK + b"\r\n", b"e")],
    ids=["silent", "a slow first line", "slow headers", "a slow body"],
)
def test_a_server_that_takes_for_ever_is_left(street, head, piece):
    url, _ = street.serve(forever(head, piece, pause=0.05))
    answer = Caller(timeout=0.4).send(Call("GET", url))
    assert answer.failure == "no whole answer in 0.4 seconds"
    assert 0.3 < answer.seconds < 3


def test_an_endless_body_is_cut(street):
    url, _ = street.serve(forever(OK + b"\r\n", b"e" * 65536, pause=0))
    answer = Caller(most_bytes=100_000).send(Call("GET", url))
    assert answer.failure == "the answer has more than 100000 bytes"


@pytest.mark.parametrize(
    ("said", "failure"),
    [
        (OK + b"Content-Length: 9\r\n\r\nerr", "6 bytes of the answer are missing"),
        (b"", "Remote end closed connection without response"),
        (b"SSH-2.0-OpenSSH\r\n", "SSH-2.0-OpenSSH\r\n"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", "IncompleteRead"),
    ],
    ids=["cut", "nothing", "not HTTP", "bad chunks"],
)
def test_what_is_no_whole_answer_is_a_failure(street, said, failure):
    url, _ = street.serve(lambda say: say(said))
    answer = Caller().send(Call("GET", url))
    assert answer.status == 0
    assert failure in answer.failure


def test_where_nobody_listens_it_says_so():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    answer = Caller().send(Call("GET", f"http://127.0.0.1:{port}/"))
    assert answer.failure == "no connection: Connection refused"


def test_https_is_spoken(street):
    url, heard = street.serve(lambda say: say(OK + b"\r\n"))
    answer = Caller().send(Call("GET", url.replace("http", "https")))
    assert heard[0][:1] == b"\x16"
    assert answer.failure


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://h/x", "http:///x", "http://h:x/"])
def test_only_http_is_called(url):
    answer = Caller().send(Call("GET", url))
    assert answer.status == 0
    assert "no address of http" in answer.failure or "Port could not be cast" in answer.failure
