"""The way out: which hosts and addresses are called, and what is taken from them."""

from __future__ import annotations

import gzip
import itertools
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from catalog.provider.errors import (
    BadCertificate,
    BrokenOff,
    ForeignHost,
    NameNotFound,
    NotEncrypted,
    NotListening,
    PrivateAddress,
    ProviderError,
    TimedOut,
    TooLarge,
)
from catalog.provider.outbound import Limits, host_of, open_outbound

NAME = "api.provider.example"
Answer = Callable[[socket.socket, bytes], bool]
Speaker = Any
Listen = Callable[..., Speaker]
OpenClient = Callable[..., httpx.Client]


def say(body: bytes, *, head: bytes = b"", status: bytes = b"200 OK") -> Answer:
    def answer(connection: socket.socket, _request: bytes) -> bool:
        length = b"Content-Length: %d\r\n" % len(body)
        connection.sendall(b"HTTP/1.1 %s\r\n%s%s\r\n" % (status, length, head) + body)
        return True

    return answer


class Clock:
    """A clock that a test moves; it moves by itself by `step` whenever it is looked at."""

    def __init__(self, step: float = 0.0) -> None:
        self.now = 0.0
        self.step = step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


class Names:
    """A resolver whose answers a test gives in turn; the last one stays."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def __call__(self, host: str, port: int, **_how: object) -> list[Any]:
        self.asked.append(host)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [(None, None, None, "", (address, port)) for address in answer]


@pytest.fixture
def open_client() -> Iterator[OpenClient]:
    opened: list[httpx.Client] = []

    def start(*hosts: str, **how: Any) -> httpx.Client:
        settings = {"allow_loopback": True, "monotonic": Clock(), **how}
        opened.append(open_outbound(hosts=hosts, **settings))
        return opened[-1]

    yield start
    for client in opened:
        client.close()


def refusal(client: httpx.Client, url: str, **extensions: Any) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        client.get(url, extensions=extensions)
    return caught.value


# Hosts


def test_an_expected_host_is_called(listen: Listen, open_client: OpenClient) -> None:
    speaker = listen(say(b"hello"))

    answer = open_client(host_of(speaker.url)).get(f"{speaker.url}/a?b=c")

    assert (answer.status_code, answer.text) == (200, "hello")
    assert speaker.requests[0].startswith(b"GET /a?b=c HTTP/1.1\r\n")


def test_calls_one_after_another_share_a_connection(
    listen: Listen, open_client: OpenClient
) -> None:
    speaker = listen(say(b"hello"))
    client = open_client(host_of(speaker.url))

    for _ in range(3):
        client.get(speaker.url)

    assert speaker.connections == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{other}/",
        "http://127.0.0.1/",
        "http://localhost:{port}/",
        "http://127.0.0.2:{port}/",
        "http://2130706433:{port}/",
        "http://user:secret@127.0.0.1:{port}/",
        "http://127.0.0.1:{port}@elsewhere.example/",
        "http://elsewhere.example/127.0.0.1:{port}",
        "ftp://127.0.0.1:{port}/",
    ],
)
def test_another_host_or_port_is_not_called(
    listen: Listen, open_client: OpenClient, url: str
) -> None:
    speaker = listen(say(b"hello"))
    names = Names(["127.0.0.1"])
    client = open_client(host_of(speaker.url), resolve=names)

    error = refusal(client, url.format(port=speaker.port, other=speaker.port % 65535 + 1))

    assert isinstance(error, ForeignHost)
    assert "secret" not in str(error)
    assert (names.asked, speaker.connections) == ([], 0)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("provider.example", True),
        ("cdn.provider.example", True),
        ("a.b.provider.example", True),
        ("notprovider.example", False),
        ("provider.example.evil.example", False),
        ("provider.example:8443", False),
    ],
)
def test_a_dot_before_a_name_stands_for_all_below_it(
    open_client: OpenClient, host: str, expected: bool
) -> None:
    # What is expected gets as far as its address, which is a private one.
    client = open_client(".provider.example", resolve=Names(["10.0.0.1"]))

    error = refusal(client, f"https://{host}/")

    assert isinstance(error, PrivateAddress if expected else ForeignHost)


def test_plain_http_is_not_spoken_unless_the_installation_allows_it(
    listen: Listen, open_client: OpenClient
) -> None:
    speaker = listen(say(b"hello"))
    client = open_client(host_of(speaker.url), allow_loopback=False)

    assert isinstance(refusal(client, speaker.url), NotEncrypted)
    assert speaker.connections == 0


def test_plain_http_never_leaves_this_machine(open_client: OpenClient) -> None:
    client = open_client(NAME, resolve=Names(["8.8.8.8"]))

    assert isinstance(refusal(client, f"http://{NAME}/"), NotEncrypted)


# Addresses


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["::1"],
        ["10.0.0.1"],
        ["169.254.169.254"],
        ["::ffff:192.168.0.1"],
        ["64:ff9b::a00:1"],
        ["fe80::1%eth0"],
        # One bad address speaks against the good ones.
        ["8.8.8.8", "10.0.0.1"],
    ],
)
def test_a_name_that_leads_into_a_private_network_is_not_followed(
    open_client: OpenClient, addresses: list[str]
) -> None:
    client = open_client(NAME, allow_loopback=False, resolve=Names(addresses))

    error = refusal(client, f"https://{NAME}/")

    assert isinstance(error, PrivateAddress)
    assert error.values == {"host": NAME, "address": addresses[-1]}


def test_loopback_allows_this_machine_and_no_other_private_address(
    open_client: OpenClient,
) -> None:
    client = open_client(NAME, resolve=Names(["127.0.0.1", "10.0.0.1"]))

    assert isinstance(refusal(client, f"https://{NAME}/"), PrivateAddress)


def test_the_connection_goes_to_the_address_that_was_checked(
    listen: Listen, open_client: OpenClient
) -> None:
    speaker = listen(say(b"hello"), host="127.0.0.2")
    names = Names(["127.0.0.2"], ["127.0.0.3"])
    client = open_client(f"{NAME}:{speaker.port}", resolve=names)

    answer = client.get(f"http://{NAME}:{speaker.port}/")

    assert answer.text == "hello"
    # The name was asked once: whatever it would have said the second time plays no part.
    assert names.asked == [NAME]
    assert f"\r\nHost: {NAME}:{speaker.port}\r\n".encode() in speaker.requests[0]


def test_a_name_that_changes_its_mind_is_checked_anew_for_a_new_connection(
    listen: Listen, open_client: OpenClient
) -> None:
    speaker = listen(say(b"hello", head=b"Connection: close\r\n"))
    rebinding = Names(["127.0.0.1"], ["10.0.0.1"])
    client = open_client(f"{NAME}:{speaker.port}", resolve=rebinding)
    url = f"http://{NAME}:{speaker.port}/"

    assert client.get(url).text == "hello"
    assert isinstance(refusal(client, url), NotEncrypted)
    assert rebinding.asked == [NAME, NAME]


def test_the_next_address_of_a_name_is_tried_where_one_does_not_answer(
    listen: Listen, open_client: OpenClient
) -> None:
    speaker = listen(say(b"hello"), host="127.0.0.3")
    client = open_client(f"{NAME}:{speaker.port}", resolve=Names(["127.0.0.2", "127.0.0.3"]))

    assert client.get(f"http://{NAME}:{speaker.port}/").text == "hello"


# What was not reached


def test_a_name_that_nobody_knows(open_client: OpenClient) -> None:
    def resolve(*_args: object, **_how: object) -> list[Any]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    assert isinstance(refusal(open_client(NAME, resolve=resolve), f"https://{NAME}/"), NameNotFound)


@pytest.mark.parametrize("host", ["a" * 64 + ".example", NAME])
def test_a_name_that_is_none_or_leads_nowhere(open_client: OpenClient, host: str) -> None:
    resolve = Names([]) if host == NAME else socket.getaddrinfo
    client = open_client(host, resolve=resolve)

    assert isinstance(refusal(client, f"https://{host}/"), NameNotFound)


def test_a_resolver_that_hangs_costs_no_more_than_the_time_of_the_call(
    open_client: OpenClient,
) -> None:
    def resolve(*_args: object, **_how: object) -> list[Any]:
        time.sleep(0.3)
        return []

    client = open_client(NAME, resolve=resolve, monotonic=time.monotonic)

    error = refusal(client, f"https://{NAME}/", limits=Limits(seconds=0.05))

    assert isinstance(error, TimedOut)


def test_nobody_listens(open_client: OpenClient) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]

    error = refusal(open_client(f"127.0.0.1:{port}"), f"http://127.0.0.1:{port}/")

    assert isinstance(error, NotListening)


def test_a_host_that_accepts_no_connection_is_not_waited_for(open_client: OpenClient) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        port = full.getsockname()[1]
        # The kernel keeps one connection more than it was told, and lets all others hang.
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))
        client = open_client(f"127.0.0.1:{port}", monotonic=time.monotonic)

        error = refusal(client, f"http://127.0.0.1:{port}/", limits=Limits(seconds=0.2))

        for one in waiting:
            one.close()
    assert isinstance(error, TimedOut)


# TLS


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., ssl.SSLContext]:
    """Return `certified(*names, days=1)`, a server's TLS; `certified()` is who trusts it."""
    folder = tmp_path_factory.mktemp("tls")
    key, issuer = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test authority")]),
    )
    authority = sign(key, issuer, key, issuer, ["authority"], days=1, is_authority=True)
    (folder / "authority.pem").write_bytes(authority)
    numbers = itertools.count()

    def make(*names: str, days: int = 1) -> ssl.SSLContext:
        if not names:
            return ssl.create_default_context(cafile=str(folder / "authority.pem"))
        own, number = ec.generate_private_key(ec.SECP256R1()), next(numbers)
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
        path: Path = folder / f"{number}.pem"
        path.write_bytes(
            own.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + sign(own, subject, key, issuer, list(names), days=days, is_authority=False)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    return make


def sign(
    key: ec.EllipticCurvePrivateKey,
    subject: x509.Name,
    by: ec.EllipticCurvePrivateKey,
    issuer: x509.Name,
    names: list[str],
    *,
    days: int,
    is_authority: bool,
) -> bytes:
    now = datetime.now(UTC)
    known = [
        x509.IPAddress(ip_address(name)) if name[0].isdigit() else x509.DNSName(name)
        for name in names
    ]
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=9))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(known), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), False)
    )
    return built.sign(by, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def test_the_certificate_must_be_that_of_the_name_and_not_of_the_address(
    listen: Listen, open_client: OpenClient, certified: Callable[..., ssl.SSLContext]
) -> None:
    named, addressed = (listen(say(b"hello"), tls=certified(name)) for name in (NAME, "127.0.0.1"))
    client = open_client(
        f"{NAME}:{named.port}",
        f"{NAME}:{addressed.port}",
        resolve=Names(["127.0.0.1"]),
        tls=certified(),
        allow_loopback=True,
    )

    assert client.get(f"https://{NAME}:{named.port}/").text == "hello"
    error = refusal(client, f"https://{NAME}:{addressed.port}/")
    assert isinstance(error, BadCertificate)
    assert NAME in str(error)
    assert addressed.requests == []


@pytest.mark.parametrize("trusts", [False, True])
def test_a_certificate_that_nobody_vouches_for_or_that_has_expired(
    listen: Listen,
    open_client: OpenClient,
    certified: Callable[..., ssl.SSLContext],
    trusts: bool,
) -> None:
    speaker = listen(say(b"hello"), tls=certified(NAME, days=-1 if trusts else 1))
    client = open_client(
        f"{NAME}:{speaker.port}",
        resolve=Names(["127.0.0.1"]),
        tls=certified() if trusts else None,
    )

    error = refusal(client, f"https://{NAME}:{speaker.port}/")

    assert isinstance(error, BadCertificate)
    assert ("expired" if trusts else "unable to get local issuer") in str(error)
    assert not error.again


def test_a_server_that_speaks_no_tls(listen: Listen, open_client: OpenClient) -> None:
    def answer(connection: socket.socket, _request: bytes) -> bool:
        return False

    speaker = listen(answer)
    speaker._hear = lambda connection: connection.sendall(b"HTTP/1.1 400 Plain\r\n\r\n") or b""
    client = open_client(host_of(speaker.url))

    error = refusal(client, speaker.url.replace("http", "https"))

    assert isinstance(error, BadCertificate)


def test_a_server_that_hangs_up_before_it_has_proved_anything(
    listen: Listen, open_client: OpenClient
) -> None:
    speaker = listen(say(b"hello"))
    speaker._hear = lambda connection: connection.recv(1) and b""

    error = refusal(open_client(host_of(speaker.url)), speaker.url.replace("http", "https"))

    assert isinstance(error, BrokenOff)
    assert error.again


# What is taken


def test_redirects_are_not_followed(listen: Listen, open_client: OpenClient) -> None:
    target = listen(say(b"never asked"))
    head = f"Location: {target.url}/\r\n".encode()
    speaker = listen(say(b"", head=head, status=b"302 Found"))
    client = open_client(host_of(speaker.url), host_of(target.url))

    answer = client.get(speaker.url)

    assert answer.status_code == 302
    assert target.connections == 0


def test_no_cookie_is_kept(listen: Listen, open_client: OpenClient) -> None:
    speaker = listen(say(b"", head=b"Set-Cookie: a=b; Path=/\r\n"))
    client = open_client(host_of(speaker.url))

    for _ in range(2):
        client.get(speaker.url)

    assert b"cookie" not in speaker.requests[1].lower()


def test_no_proxy_and_no_password_is_taken_from_the_environment(
    listen: Listen,
    open_client: OpenClient,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    proxy, speaker = listen(say(b"proxy")), listen(say(b"hello"))
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login a password b\n")
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, proxy.url)
        monkeypatch.setenv(name.lower(), proxy.url)
    monkeypatch.setenv("NETRC", str(netrc))

    answer = open_client(host_of(speaker.url)).get(speaker.url)

    assert answer.text == "hello"
    assert proxy.connections == 0
    assert b"authorization" not in speaker.requests[0].lower()


def test_an_answer_that_says_it_is_too_large_is_not_read(
    listen: Listen, open_client: OpenClient
) -> None:
    def answer(connection: socket.socket, _request: bytes) -> bool:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9999999999999\r\n\r\n")
        return False

    speaker = listen(answer)
    client = open_client(host_of(speaker.url))

    error = refusal(client, speaker.url, limits=Limits(most_bytes=10))

    assert isinstance(error, TooLarge)
    assert error.values["most"] == 10


def test_an_answer_that_does_not_end_is_cut_off(listen: Listen, open_client: OpenClient) -> None:
    def answer(connection: socket.socket, _request: bytes) -> bool:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(b"x" * 65536)

    speaker = listen(answer)
    client = open_client(host_of(speaker.url))

    error = refusal(client, speaker.url, limits=Limits(most_bytes=1_000_000))

    assert isinstance(error, TooLarge)


def test_an_answer_of_just_the_limit_is_taken(listen: Listen, open_client: OpenClient) -> None:
    speaker = listen(say(b"x" * 100_000))
    client = open_client(host_of(speaker.url))

    answer = client.get(speaker.url, extensions={"limits": Limits(most_bytes=100_000)})

    assert len(answer.content) == 100_000
    assert isinstance(refusal(client, speaker.url, limits=Limits(most_bytes=99_999)), TooLarge)


def test_what_is_packed_comes_in_pieces_that_grow_within_bounds(
    listen: Listen, open_client: OpenClient
) -> None:
    packed = gzip.compress(b"\0" * 50_000_000)
    speaker = listen(say(packed, head=b"Content-Encoding: gzip\r\n"))
    client = open_client(host_of(speaker.url))

    with client.stream("GET", speaker.url) as answer:
        largest = max(len(piece) for piece in answer.iter_bytes())

    assert largest < 20_000_000


@pytest.mark.parametrize(
    "dripped",
    [b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"],
    ids=["head", "body", "continue"],
)
def test_an_answer_that_drips_is_cut_off_in_time(
    listen: Listen, open_client: OpenClient, dripped: bytes
) -> None:
    def answer(connection: socket.socket, _request: bytes) -> bool:
        connection.sendall(dripped)
        while True:
            connection.sendall(b"x" if b"100" not in dripped else dripped)

    speaker = listen(answer)
    # Each look at the clock is a second; no step would ever take too long by itself.
    client = open_client(host_of(speaker.url), monotonic=Clock(step=1))

    error = refusal(client, speaker.url, limits=Limits(seconds=20, most_bytes=10**9))

    # A head may also grow until the parser has enough of it.
    assert isinstance(error, TimedOut if dripped.endswith(b"\r\n\r\n") else ProviderError)
    assert error.again


def test_a_server_that_says_nothing_is_not_waited_for(
    listen: Listen, open_client: OpenClient
) -> None:
    def answer(connection: socket.socket, _request: bytes) -> bool:
        return bool(connection.recv(1))

    speaker = listen(answer)
    client = open_client(host_of(speaker.url), monotonic=time.monotonic)

    error = refusal(client, speaker.url, limits=Limits(seconds=0.1))

    assert isinstance(error, TimedOut)


def test_each_answer_has_its_own_time_also_when_another_is_read_in_between(
    listen: Listen, open_client: OpenClient
) -> None:
    clock = Clock()
    speaker = listen(say(b"x" * 300_000))
    client = open_client(host_of(speaker.url), monotonic=clock)
    slow = {"limits": Limits(seconds=10)}

    with client.stream("GET", speaker.url, extensions=slow) as first:
        pieces = first.iter_raw()
        next(pieces)
        clock.now = 5
        client.get(speaker.url, extensions=slow)
        clock.now = 11
        with pytest.raises(TimedOut):
            list(pieces)


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhal",
        b"SSH-2.0-OpenSSH\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
    ],
)
def test_what_breaks_off_is_no_answer(listen: Listen, open_client: OpenClient, said: bytes) -> None:
    def answer(connection: socket.socket, _request: bytes) -> bool:
        connection.sendall(said)
        return False

    speaker = listen(answer)

    error = refusal(open_client(host_of(speaker.url)), speaker.url)

    assert isinstance(error, BrokenOff)
    assert error.again


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://Api.Example/v1", "api.example"),
        ("https://api.example:443/", "api.example"),
        ("https://api.example:8443", "api.example:8443"),
        ("http://127.0.0.1:8900/x", "127.0.0.1:8900"),
        ("http://[::1]:8900/x", "[::1]:8900"),
        ("https://bücher.example/", "xn--bcher-kva.example"),
    ],
)
def test_hosts_are_written_in_one_way(url: str, host: str) -> None:
    assert host_of(url) == host


def test_ipv6_is_spoken(listen: Listen, open_client: OpenClient) -> None:
    speaker = listen(say(b"hello"), host="::1")

    assert open_client(host_of(speaker.url)).get(speaker.url).text == "hello"
