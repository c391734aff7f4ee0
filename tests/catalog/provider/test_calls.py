"""Calls with a token: where it goes, when it is asked for anew, and how long one is patient."""

from __future__ import annotations

import gzip
import json
import socket
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from catalog.provider.calls import (
    Calls,
    Credentials,
    Endpoint,
    beginning_of,
    place_of,
    read_body,
    read_json,
)
from catalog.provider.errors import (
    BadRequest,
    BrokenOff,
    Busy,
    ForeignHost,
    GoesRound,
    Nonsense,
    ProviderError,
    TooLarge,
    WrongClient,
)
from catalog.provider.outbound import Limits, host_of, open_outbound

CREDENTIALS = Credentials("client", "s3cret:ü", "C-1")
LIMITS = Limits(seconds=30, most_bytes=1000)
Listen = Callable[..., Any]
Said = tuple[int, dict[str, str], bytes]


def said(status: int = 200, body: object = b"", **headers: str) -> Said:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return status, named, body if isinstance(body, bytes) else json.dumps(body).encode()


def token(value: object = "T1", life: object = 3600) -> Said:
    return said(body={"access_token": value, "token_type": "Bearer", "expires_in": life})


class Server:
    """A provider whose answers a test gives in turn for each path; the last one stays."""

    def __init__(self, listen: Listen, **answers: list[Said]) -> None:
        self.answers = {f"/{path}": said for path, said in answers.items()}
        self.speaker = listen(self.answer)
        self.url = self.speaker.url

    def answer(self, connection: socket.socket, request: bytes) -> bool:
        path = request.split(b" ", 2)[1].decode().partition("?")[0]
        given = self.answers.get(path, [said(404)])
        status, headers, body = given.pop(0) if len(given) > 1 else given[0]
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        length = "" if "Content-Length" in headers else f"Content-Length: {len(body)}\r\n"
        connection.sendall(f"HTTP/1.1 {status} Said\r\n{head}{length}\r\n".encode() + body)
        return "Content-Length" not in headers

    @property
    def asked(self) -> list[tuple[str, str]]:
        """Path and authorization of each request so far."""
        heard = []
        for request in self.speaker.requests:
            lines = request.decode("latin-1").split("\r\n")
            said = [line.partition(": ")[2] for line in lines if line.startswith("Authorization: ")]
            heard.append((lines[0].split(" ")[1], "".join(said)))
        return heard


class Patient:
    """Calls to a server, the waits that they made, and the clock that they look at."""

    def __init__(self, server: Server, *others: Server) -> None:
        self.now = datetime(2025, 6, 2, 8, 0, tzinfo=UTC)
        self.waits: list[float] = []
        self.http = open_outbound(
            hosts=[host_of(one.url) for one in (server, *others)],
            allow_loopback=True,
            monotonic=lambda: 0.0,
        )
        self.calls = Calls(
            Endpoint(f"{server.url}/api", f"{server.url}/token"),
            CREDENTIALS,
            http=self.http,
            clock=lambda: self.now,
            sleep=self.waits.append,
            jitter=lambda: 1.0,
        )

    def get(self, url: str, *, with_token: bool = True, elsewhere: bool = False) -> bytes:
        def attempt() -> bytes:
            with self.calls.open(
                url, limits=LIMITS, with_token=with_token, elsewhere=elsewhere
            ) as response:
                return read_body(response)

        return self.calls.patiently(attempt)


@pytest.fixture
def patient() -> Iterator[Callable[..., Patient]]:
    opened: list[Patient] = []

    def start(server: Server, *others: Server) -> Patient:
        opened.append(Patient(server, *others))
        return opened[-1]

    yield start
    for one in opened:
        one.http.close()


Start = Callable[..., Patient]


def refusal(patient: Patient, url: str, **how: bool) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        patient.get(url, **how)
    return caught.value


# Tokens


def test_a_token_is_asked_for_once_and_kept(listen: Listen, patient: Start) -> None:
    server = Server(listen, token=[token()], a=[said(body=b"hello")])
    calls = patient(server)

    assert [calls.get(f"{server.url}/a") for _ in range(2)] == [b"hello"] * 2

    basic = b64encode("client:s3cret:ü".encode()).decode()
    assert server.asked == [("/token", f"Basic {basic}"), ("/a", "Bearer T1"), ("/a", "Bearer T1")]
    assert server.speaker.requests[0].endswith(b"grant_type=client_credentials&scope=content")


@pytest.mark.parametrize(
    ("life", "seconds"),
    [
        # Renewed half a minute before its end, or a tenth of its life.
        (3600, 3570),
        ("3600", 3570),
        (100, 90),
        # Where its life is not said, or in no number.
        (None, 270),
        ("long", 270),
        ([], 270),
        (10**400, 270),
        (1e300, 86_370),
    ],
)
def test_a_token_is_renewed_before_it_expires(
    listen: Listen, patient: Start, life: object, seconds: float
) -> None:
    server = Server(listen, token=[token("T1", life), token("T2")], a=[said()])
    calls = patient(server)

    for moment in (0, seconds - 1, seconds):
        calls.now = datetime(2025, 6, 2, 8, 0, tzinfo=UTC) + timedelta(seconds=moment)
        calls.get(f"{server.url}/a")

    assert [said for path, said in server.asked if path == "/a"] == [
        "Bearer T1",
        "Bearer T1",
        "Bearer T2",
    ]


@pytest.mark.parametrize("life", [0, -1, float("nan"), False])
def test_a_token_that_is_dead_at_birth_is_used_once(
    listen: Listen, patient: Start, life: object
) -> None:
    server = Server(listen, token=[token("T1", life), token("T2", life)], a=[said()])
    calls = patient(server)

    calls.get(f"{server.url}/a")
    calls.get(f"{server.url}/a")

    assert [path for path, _ in server.asked] == ["/token", "/a", "/token", "/a"]


def test_a_refused_token_is_dropped_and_asked_for_once_more(listen: Listen, patient: Start) -> None:
    server = Server(listen, token=[token("T1"), token("T2")], a=[said(401), said(body=b"hello")])
    calls = patient(server)

    assert calls.get(f"{server.url}/a") == b"hello"
    assert [authorization for path, authorization in server.asked if path == "/a"] == [
        "Bearer T1",
        "Bearer T2",
    ]
    assert calls.waits == []


def test_a_new_token_that_is_refused_too_is_the_clients_fault(
    listen: Listen, patient: Start
) -> None:
    server = Server(listen, token=[token()], a=[said(401, b"no")])
    calls = patient(server)

    assert isinstance(refusal(calls, f"{server.url}/a"), WrongClient)
    assert [path for path, _ in server.asked] == ["/token", "/a", "/token", "/a"]


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_client_that_is_not_accepted(listen: Listen, patient: Start, status: int) -> None:
    server = Server(listen, token=[said(status, {"error": "invalid_client"})])
    calls = patient(server)

    error = refusal(calls, f"{server.url}/a")

    assert isinstance(error, WrongClient)
    assert (error.values["status"], error.again) == (status, False)
    assert "s3cret" not in str(error)
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "answer",
    [
        said(body=b""),
        said(body=b"null"),
        said(body=b"[]"),
        said(body={"access_token": ""}),
        said(body={"access_token": None}),
        said(body={"access_token": "a\r\nX-Evil: 1"}),
        said(body={"access_token": "ü"}),
        said(body={"access_token": "x" * 8193}),
        said(body={"token": "T1"}),
        said(body=b"<html>Sign in"),
        said(404, b"nothing here"),
        said(204),
    ],
)
def test_an_answer_without_a_token_is_nonsense(
    listen: Listen, patient: Start, answer: Said
) -> None:
    server = Server(listen, token=[answer], a=[said()])
    calls = patient(server)

    assert isinstance(refusal(calls, f"{server.url}/a"), Nonsense)
    assert calls.waits == []
    assert [path for path, _ in server.asked] == ["/token"]


def test_the_secret_is_not_sent_where_a_redirect_leads(listen: Listen, patient: Start) -> None:
    other = Server(listen, token=[token()])
    server = Server(listen, token=[said(307, Location=f"{other.url}/token")])
    calls = patient(server, other)

    assert isinstance(refusal(calls, f"{server.url}/a"), ForeignHost)
    assert other.asked == []


def test_a_redirect_of_the_token_on_the_same_host_is_not_followed_either(
    listen: Listen, patient: Start
) -> None:
    server = Server(listen, token=[said(307, Location="/token2")], token2=[token()])

    assert isinstance(refusal(patient(server), f"{server.url}/a"), Nonsense)
    assert [path for path, _ in server.asked] == ["/token"]


# Other hosts


def test_a_redirect_on_the_same_host_is_followed_with_the_token(
    listen: Listen, patient: Start
) -> None:
    server = Server(
        listen, token=[token()], a=[said(302, Location="b?c=d")], b=[said(body=b"hello")]
    )

    assert patient(server).get(f"{server.url}/a") == b"hello"
    assert server.asked[1:] == [("/a", "Bearer T1"), ("/b?c=d", "Bearer T1")]


def test_a_redirect_to_another_host_is_refused_where_the_api_is_asked(
    listen: Listen, patient: Start
) -> None:
    other = Server(listen, a=[said()])
    server = Server(listen, token=[token()], a=[said(302, Location=f"{other.url}/a?key=k")])
    calls = patient(server, other)

    error = refusal(calls, f"{server.url}/a")

    assert isinstance(error, ForeignHost)
    assert error.values == {"host": other.url}
    assert other.asked == []
    assert calls.waits == []


def test_a_file_may_lie_on_another_host_which_never_sees_the_token(
    listen: Listen, patient: Start
) -> None:
    other = Server(listen, a=[said(body=b"file")])
    server = Server(listen, token=[token()], a=[said(302, Location=f"{other.url}/a?key=k")])
    calls = patient(server, other)

    assert calls.get(f"{server.url}/a", elsewhere=True) == b"file"
    assert calls.get(f"{other.url}/a", elsewhere=True) == b"file"
    assert [authorization for _, authorization in other.asked] == ["", ""]


def test_a_file_on_a_host_that_is_not_expected_is_not_fetched(
    listen: Listen, patient: Start
) -> None:
    other = Server(listen, a=[said(body=b"file")])
    server = Server(listen, token=[token()], a=[said(302, Location=f"{other.url}/a")])

    assert isinstance(refusal(patient(server), f"{server.url}/a", elsewhere=True), ForeignHost)
    assert other.speaker.connections == 0


def test_where_no_token_is_wanted_none_is_asked_for(listen: Listen, patient: Start) -> None:
    server = Server(listen, a=[said(body=b"picture")])

    assert patient(server).get(f"{server.url}/a", with_token=False) == b"picture"
    assert server.asked == [("/a", "")]


@pytest.mark.parametrize("location", ["", "http://[::1", "http://", "a\tb" * 3000])
def test_a_redirect_to_nowhere_is_nonsense_or_forbidden(
    listen: Listen, patient: Start, location: str
) -> None:
    server = Server(listen, token=[token()], a=[said(302, Location=location)])

    error = refusal(patient(server), f"{server.url}/a")

    assert isinstance(error, Nonsense | ForeignHost)
    assert len(str(error)) < 300


def test_redirects_that_go_round_come_to_an_end(listen: Listen, patient: Start) -> None:
    server = Server(listen, token=[token()], a=[said(302, Location="/a")])
    calls = patient(server)

    assert isinstance(refusal(calls, f"{server.url}/a"), GoesRound)
    assert len(server.asked) < 50


# Patience


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_a_passing_failure_is_tried_again_with_growing_waits(
    listen: Listen, patient: Start, status: int
) -> None:
    server = Server(listen, token=[token()], a=[*[said(status)] * 4, said(body=b"hello")])
    calls = patient(server)

    assert calls.get(f"{server.url}/a") == b"hello"
    assert calls.waits == [1.0, 2.5, 6.25, 15.625]


def test_patience_ends_with_an_error(listen: Listen, patient: Start) -> None:
    server = Server(listen, token=[token()], a=[said(503)])
    calls = patient(server)

    error = refusal(calls, f"{server.url}/a")

    assert isinstance(error, Busy)
    assert str(error) == (
        "OpenSesame is busy or has a fault of its own: it answered 503, at the last of 5 tries."
    )
    assert (error.again, len(calls.waits), len(server.asked)) == (True, 4, 6)


def test_a_token_is_asked_for_with_the_same_patience(listen: Listen, patient: Start) -> None:
    server = Server(listen, token=[said(429), said(500), token()], a=[said(body=b"hello")])
    calls = patient(server)

    assert calls.get(f"{server.url}/a") == b"hello"
    assert calls.waits == [1.0, 2.5]


@pytest.mark.parametrize(
    ("asked", "waited"),
    [
        ("7", 7.0),
        ("Mon, 02 Jun 2025 08:00:09 GMT", 9.0),
        # Never shorter than our own wait, nor longer than a worker has time.
        ("0", 1.0),
        ("86400", 120.0),
        ("Tue, 02 Jun 2026 08:00:09 GMT", 120.0),
        ("soon", 1.0),
    ],
)
def test_retry_after_is_honoured(listen: Listen, patient: Start, asked: str, waited: float) -> None:
    server = Server(listen, token=[token()], a=[said(429, Retry_After=asked), said()])
    calls = patient(server)

    calls.get(f"{server.url}/a")

    assert calls.waits == [waited]


def test_a_connection_that_breaks_is_made_again(listen: Listen, patient: Start) -> None:
    half = said(200, b"half", Content_Length="10")
    server = Server(listen, token=[token()], a=[half, half, said(body=b"whole")])
    calls = patient(server)

    assert calls.get(f"{server.url}/a") == b"whole"
    assert len(calls.waits) == 2


def test_one_that_always_breaks_is_an_error_and_never_half_an_answer(
    listen: Listen, patient: Start
) -> None:
    server = Server(listen, token=[token()], a=[said(200, b"half", Content_Length="10")])

    assert isinstance(refusal(patient(server), f"{server.url}/a"), BrokenOff)


def test_too_much_is_refused_at_once_packed_or_not(listen: Listen, patient: Start) -> None:
    plain = Server(listen, token=[token()], a=[said(body=b"x" * 1001)])
    packed = Server(
        listen,
        token=[token()],
        a=[said(200, gzip.compress(b"x" * 50_000), Content_Encoding="gzip")],
    )

    for server in (plain, packed):
        calls = patient(server)
        assert isinstance(refusal(calls, f"{server.url}/a"), TooLarge)
        assert calls.waits == []


def test_what_cannot_be_unpacked_is_nonsense(listen: Listen, patient: Start) -> None:
    server = Server(listen, token=[token()], a=[said(200, b"not packed", Content_Encoding="gzip")])

    assert isinstance(refusal(patient(server), f"{server.url}/a"), Nonsense)


# What is read


def response(status: int, body: bytes) -> httpx.Response:
    request = httpx.Request("GET", "https://api.example/", extensions={"limits": LIMITS})
    return httpx.Response(status, content=body, request=request)


@pytest.mark.parametrize(
    ("status", "body", "kind", "came"),
    [
        (200, b"", Nonsense, "no JSON, an empty answer,"),
        (200, b"null", Nonsense, '"null"'),
        (200, b"[1]", Nonsense, '"[1]"'),
        (200, b'{"data": [', Nonsense, 'no JSON, "{"data": [",'),
        (200, b"<html>\n<title>Down", Nonsense, 'no JSON, "<html> <title>Down",'),
        (200, b"\xff\xfe\0", Nonsense, "no JSON"),
        (200, b"[" * 999, Nonsense, "no JSON"),
        (200, b'{"a": ' + b"9" * 900 + b"e999}", None, ""),
        (204, b"", Nonsense, "status 204, an empty answer,"),
        (418, b"teapot", Nonsense, 'status 418, "teapot",'),
        (400, b'{"error": "limit"}', BadRequest, '"{"error": "limit"}"'),
    ],
)
def test_what_is_no_json_object_is_told_as_it_came(
    status: int, body: bytes, kind: type[ProviderError] | None, came: str
) -> None:
    if kind is None:
        assert read_json(response(status, body), expected="a page")
        return
    with pytest.raises(kind) as caught:
        read_json(response(status, body), expected="a page")

    assert str(caught.value.values["came"]).startswith(came)


def test_a_long_answer_is_told_by_its_beginning() -> None:
    told = beginning_of(response(500, b"x\0\n" * 300))

    assert len(told) < 70
    assert "\0" not in told


def test_an_answer_whose_beginning_cannot_be_read_is_told_as_such(
    listen: Listen, patient: Start
) -> None:
    server = Server(listen, token=[said(401, b"not packed", Content_Encoding="gzip")])

    error = refusal(patient(server), f"{server.url}/a")

    assert isinstance(error, WrongClient)
    assert error.values["came"] == "nothing that can be read"


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://user:secret@api.example/a?key=secret", "https://api.example"),
        ("http://127.0.0.1:8900/", "http://127.0.0.1:8900"),
        ("http://a\0b/", '"http://a�b/"'),
    ],
)
def test_a_place_tells_nothing_secret(url: str, place: str) -> None:
    assert place_of(url) == place


def test_credentials_do_not_show_their_secret() -> None:
    assert "s3cret" not in repr(CREDENTIALS)
