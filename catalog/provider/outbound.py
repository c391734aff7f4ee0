"""The one way out of the catalog: an httpx transport that calls expected hosts only, and only in
public networks.

Serves the client of a provider. Follows no redirect, keeps no cookie, asks no proxy and reads no
environment; what it takes is limited in bytes and in time. Knows no provider.
"""

from __future__ import annotations

import contextlib
import math
import queue
import socket
import ssl
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import httpcore
import httpx

from catalog.provider.errors import (
    BadCertificate,
    BrokenOff,
    ForeignHost,
    NameNotFound,
    NotEncrypted,
    NotListening,
    PrivateAddress,
    TimedOut,
    TooLarge,
    Unreachable,
)
from catalog.provider.public_addresses import is_loopback, is_public

# A host that accepts no connection in this time will not do so in ten times as long.
CONNECT_SECONDS = 10.0

# Nothing at all for so long means that the other side has forgotten us.
STALL_SECONDS = 30.0

_STEPS = {"connect": CONNECT_SECONDS, "read": STALL_SECONDS, "write": STALL_SECONDS}

# What comes compressed is unpacked in pieces of this size: the worst of it grows a thousandfold.
_PIECE = 16 * 1024

# One caller asks one page after another; a second connection is for downloads in between.
_MOST_CONNECTIONS = 4
_KEPT_SECONDS = 30.0

# As `socket.getaddrinfo`: host, port, then by name.
Resolve = Callable[..., Sequence[tuple[Any, Any, Any, Any, tuple[Any, ...]]]]


@dataclass(frozen=True, slots=True)
class Limits:
    """How long one call may take as a whole, in seconds, and how many bytes its answer may have.

    They are given with a call as `extensions={"limits": Limits(...)}`.
    """

    seconds: float = 60.0
    most_bytes: int = 1024 * 1024


DEFAULT_LIMITS = Limits()


def open_outbound(
    *,
    hosts: Collection[str],
    allow_loopback: bool = False,
    monotonic: Callable[[], float],
    resolve: Resolve = socket.getaddrinfo,
    tls: ssl.SSLContext | None = None,
) -> httpx.Client:
    """Return an httpx client on an `Outbound`; see there. Close it when done."""
    transport = Outbound(
        hosts=hosts, allow_loopback=allow_loopback, monotonic=monotonic, resolve=resolve, tls=tls
    )
    client = httpx.Client(
        transport=transport,
        follow_redirects=False,
        trust_env=False,
        headers={"User-Agent": "hacp-server", "Accept-Encoding": "gzip"},
    )
    client.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    return client


def host_of(url: str) -> str:
    """Return the host of a URL as `Outbound` is given it: with its port where it is unusual."""
    return httpx.URL(url).netloc.decode("ascii")


class Outbound(httpx.BaseTransport):
    """Calls expected hosts by https, at addresses that are public, and no others.

    `hosts` are names with the port where it is not the usual one (`host_of` writes them); one that
    begins with a dot stands for a name and all below it, at the usual port. With `allow_loopback`
    a host may also be this machine, and then plain http will do. Name and address are checked for
    every connection, and the connection goes to the address that was checked, so that a name which
    changes its mind in between gains nothing. Raises `ProviderError`s.
    """

    def __init__(
        self,
        *,
        hosts: Collection[str],
        allow_loopback: bool = False,
        monotonic: Callable[[], float],
        resolve: Resolve = socket.getaddrinfo,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._hosts = frozenset(host.lower() for host in hosts)
        self._allow_loopback = allow_loopback
        self._call = _Call(monotonic)
        self._pool = httpcore.ConnectionPool(
            ssl_context=tls or httpx.create_ssl_context(trust_env=False),
            max_connections=_MOST_CONNECTIONS,
            max_keepalive_connections=_MOST_CONNECTIONS,
            keepalive_expiry=_KEPT_SECONDS,
            network_backend=_Network(self._call, resolve, allow_loopback=allow_loopback),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Make one call; its time begins here and ends with the last byte of the answer."""
        url = request.url
        self._check(url)
        limits: Limits = request.extensions.get("limits", DEFAULT_LIMITS)
        until = self._call.begin(limits.seconds, plain=url.scheme == "http")
        call = httpcore.Request(
            method=request.method,
            url=httpcore.URL(
                scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
            ),
            headers=request.headers.raw,
            content=request.stream,
            extensions={"timeout": {**_STEPS, "pool": limits.seconds}},
        )
        with _failures_of(url.host):
            answer = self._pool.handle_request(call)
        body = _Body(answer.stream, self._call, until, url.host, limits.most_bytes)
        headers = httpx.Headers(answer.headers)
        length = headers.get("Content-Length", "")
        if request.method != "HEAD" and length.isdecimal() and int(length) > limits.most_bytes:
            body.close()
            raise TooLarge(host=url.host, most=limits.most_bytes)
        return httpx.Response(
            answer.status, headers=headers, stream=body, extensions={"http_version": b"HTTP/1.1"}
        )

    def close(self) -> None:
        """Close all connections."""
        self._pool.close()

    def _check(self, url: httpx.URL) -> None:
        if url.scheme not in ("http", "https") or url.userinfo or not self._is_expected(url):
            raise ForeignHost(host=url.netloc.decode("ascii", "replace") or str(url)[:100])
        if url.scheme == "http" and not self._allow_loopback:
            raise NotEncrypted(host=url.host)

    def _is_expected(self, url: httpx.URL) -> bool:
        if url.netloc.decode("ascii") in self._hosts:
            return True
        wide = (host for host in self._hosts if host.startswith("."))
        return url.port is None and any(f".{url.host}".endswith(host) for host in wide)


class _Call(threading.local):
    """The call that a thread is making: until when it may take, and whether it is plain http."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self.monotonic = monotonic
        self.until = math.inf
        self.plain = False

    def begin(self, seconds: float, *, plain: bool) -> float:
        self.plain = plain
        self.until = self.monotonic() + seconds
        return self.until

    def left(self, most: float | None) -> float:
        """Return the seconds that one step may take; raise `httpcore.ReadTimeout` where none is."""
        left = self.until - self.monotonic()
        left = left if most is None else min(most, left)
        if left <= 0:
            raise httpcore.ReadTimeout
        return left


class _Body(httpx.SyncByteStream):
    """The body of an answer, under its call's limits whatever else the thread calls meanwhile."""

    def __init__(self, stream: Any, call: _Call, until: float, host: str, most_bytes: int) -> None:
        self._stream = stream
        self._call = call
        self._until = until
        self._host = host
        self._most_bytes = most_bytes

    def __iter__(self) -> Iterator[bytes]:
        parts, count = iter(self._stream), 0
        while True:
            self._call.until = self._until
            with _failures_of(self._host):
                part = next(parts, None)
            if part is None:
                return
            count += len(part)
            if count > self._most_bytes:
                raise TooLarge(host=self._host, most=self._most_bytes)
            for start in range(0, len(part), _PIECE):
                yield part[start : start + _PIECE]

    def close(self) -> None:
        self._stream.close()


@contextlib.contextmanager
def _failures_of(host: str) -> Iterator[None]:
    """Turn what the wire raises into the errors of the family."""
    try:
        yield
    except httpcore.TimeoutException as error:
        raise TimedOut(host=host) from error
    except (httpcore.NetworkError, httpcore.ProtocolError) as error:
        raise BrokenOff(host=host) from error


class _Network(httpcore.NetworkBackend):
    """Opens connections to checked addresses; all that is done on them ends with the call."""

    def __init__(self, call: _Call, resolve: Resolve, *, allow_loopback: bool) -> None:
        self._call = call
        self._resolve = resolve
        self._allow_loopback = allow_loopback
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        failure: Unreachable = NameNotFound(host=host)
        for address in self._addresses(host, port):
            try:
                line = self._sockets.connect_tcp(
                    address, port, self._call.left(timeout), local_address, socket_options
                )
            except httpcore.ConnectTimeout:
                failure = TimedOut(host=host)
            except httpcore.ConnectError:
                failure = NotListening(host=host)
            else:
                return _Line(line, self._call, host)
        raise failure

    def _addresses(self, host: str, port: int) -> list[str]:
        """Return the addresses of a name. One that is not public speaks against them all."""
        found = dict.fromkeys(str(entry[4][0]) for entry in self._resolved(host, port))
        for address in found:
            if self._allow_loopback and is_loopback(address):
                continue
            if self._call.plain:
                raise NotEncrypted(host=host)
            if not is_public(address):
                raise PrivateAddress(host=host, address=address)
        return list(found)

    def _resolved(self, host: str, port: int) -> Sequence[Any]:
        """Resolve a name in a thread of its own: the system's resolver knows no limit of ours."""
        answers: queue.SimpleQueue[Sequence[Any] | Exception] = queue.SimpleQueue()

        def ask() -> None:
            try:
                answers.put(self._resolve(host, port, type=socket.SOCK_STREAM))
            # UnicodeError is a label that no name can have.
            except (OSError, UnicodeError) as error:
                answers.put(error)

        threading.Thread(target=ask, name=f"resolve-{host}", daemon=True).start()
        try:
            answer = answers.get(timeout=self._call.left(STALL_SECONDS))
        except queue.Empty:
            raise TimedOut(host=host) from None
        if isinstance(answer, Exception):
            raise NameNotFound(host=host) from answer
        return answer


class _Line(httpcore.NetworkStream):
    """A connection on which every step has what is left of the call's time, and no more.

    The pool's own time-outs are for each step anew: a byte a second would satisfy them for ever.
    """

    def __init__(self, stream: httpcore.NetworkStream, call: _Call, host: str) -> None:
        self._stream = stream
        self._call = call
        self._host = host

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._call.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._call.left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = self._call.left(timeout)
        try:
            line = self._stream.start_tls(ssl_context, server_hostname, left)
        except httpcore.ConnectError as error:
            raise self._no_tls(error.__cause__ or error.__context__) from error
        return _Line(line, self._call, self._host)

    def _no_tls(self, cause: BaseException | None) -> Unreachable:
        if isinstance(cause, ssl.SSLEOFError):
            return BrokenOff(host=self._host)
        if isinstance(cause, ssl.SSLCertVerificationError):
            return BadCertificate(host=self._host, reason=cause.verify_message.rstrip("."))
        if isinstance(cause, ssl.SSLError):
            reason = (cause.reason or "no encryption").replace("_", " ").lower()
            return BadCertificate(host=self._host, reason=reason)
        return BrokenOff(host=self._host)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
