"""Calls to a provider: with a token, patiently, and never with the token to another host.

Serves `opensesame`. Knows tokens, retries, redirects and statuses; not what an answer means.
"""

from __future__ import annotations

import json
import re
import secrets
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urljoin

import httpx

from catalog.errors import quote_value
from catalog.provider.errors import (
    BadRequest,
    Busy,
    ForeignHost,
    GoesRound,
    Nonsense,
    ProviderError,
    TooLarge,
    Unreachable,
    WrongClient,
)
from catalog.provider.outbound import Limits
from catalog.provider.patience import PASSING, TRIES, parse_retry_after, wait_before

T = TypeVar("T")

_chance = secrets.SystemRandom().random

# A token is a line of text.
_TOKEN_LIMITS = Limits(seconds=30, most_bytes=64 * 1024)
_TOKEN = re.compile(r"[!-~]{1,8192}")

# A token is renewed before it expires, so that it does not do so on the way. Where its life is not
# said, it is short.
_MARGIN = 30.0
_UNSAID_LIFE = 300.0
_LONGEST_LIFE = 86_400.0

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 5


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a provider is: the base address of its API, and where its tokens are handed out."""

    api_url: str
    token_url: str


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who asks: a client with its secret, and the id of the customer it asks for (CIID)."""

    client_id: str
    client_secret: str = field(repr=False)
    ciid: str


@dataclass(frozen=True, slots=True)
class _Token:
    value: str = field(repr=False)
    until: datetime


class Calls:
    """Calls of one client, one after another; keeps its token while that is good.

    `clock` says what time it is, `sleep` waits for so many seconds, `jitter` is a number from 0 to
    1. Whoever has a claim to renew does so in `sleep`.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        credentials: Credentials,
        *,
        http: httpx.Client,
        clock: Callable[[], datetime],
        sleep: Callable[[float], None],
        jitter: Callable[[], float] = _chance,
    ) -> None:
        self._endpoint = endpoint
        self._credentials = credentials
        self._http = http
        self._clock = clock
        self._sleep = sleep
        self._jitter = jitter
        self._token: _Token | None = None

    def patiently(self, attempt: Callable[[], T], *, tries: int = TRIES) -> T:
        """Return what an attempt returns; where it fails in passing, wait and try again."""
        count = 0
        while True:
            count += 1
            try:
                return attempt()
            except (Unreachable, Busy, GoesRound) as error:
                if count >= tries or not error.again:
                    error.values["tries"] = count
                    raise
                asked = error.retry_after if isinstance(error, Busy) else None
                self._sleep(wait_before(count, jitter=self._jitter(), retry_after=asked))

    @contextmanager
    def open(
        self, url: str, *, limits: Limits, with_token: bool, elsewhere: bool
    ) -> Iterator[httpx.Response]:
        """Open an address, follow its redirects, and give the answer with its body unread.

        The token goes to the API's own host alone. `elsewhere` says that what is asked for may lie
        on another host; it is then asked without the token. What is no passing failure, no redirect
        and no refused token is the caller's to judge.
        """
        renewed = False
        # Besides the redirects there are what they lead to, and one call for a new token.
        for _ in range(_MOST_REDIRECTS + 2):
            if not elsewhere and not self.is_home(url):
                raise ForeignHost(host=place_of(url))
            token = self._valid_token() if with_token and self.is_home(url) else None
            with self._send("GET", url, limits=limits, headers=_bearer(token)) as response:
                if response.status_code in _REDIRECTS:
                    url = _target(url, response)
                elif response.status_code == 401 and token is not None:
                    self._drop(token)
                    if renewed:
                        raise WrongClient(status=401, came=beginning_of(response))
                    renewed = True
                else:
                    yield response
                    return
        raise GoesRound(came="one redirect leads to the next")

    def is_home(self, url: str) -> bool:
        """Whether an address is on the API's own host, by the same scheme and port."""
        return _origin(url) == _origin(self._endpoint.api_url)

    @contextmanager
    def _send(
        self, method: str, url: str, *, limits: Limits, **how: Any
    ) -> Iterator[httpx.Response]:
        try:
            with self._http.stream(method, url, extensions={"limits": limits}, **how) as response:
                if response.status_code in PASSING or response.status_code >= 500:
                    raise self._busy(response)
                yield response
        except httpx.InvalidURL as error:
            raise Nonsense(came=quote_value(url), expected="an address") from error
        except httpx.DecodingError as error:
            raise Nonsense(came="what cannot be unpacked", expected="an answer") from error
        except httpx.RemoteProtocolError as error:
            raise Nonsense(came="a redirect to nowhere", expected="an answer") from error

    def _busy(self, response: httpx.Response) -> Busy:
        said = response.headers.get("Retry-After", "")
        return Busy(
            status=response.status_code,
            tries=1,
            retry_after=parse_retry_after(said, now=self._clock()),
        )

    def _drop(self, token: str) -> None:
        if self._token is not None and self._token.value == token:
            self._token = None

    def _valid_token(self) -> str:
        if self._token is None or self._clock() >= self._token.until:
            self._token = self._ask_token()
        return self._token.value

    def _ask_token(self) -> _Token:
        """Ask for a token (RFC 6749, section 4.4). No redirect is followed: a secret is sent."""
        client = f"{self._credentials.client_id}:{self._credentials.client_secret}"
        url = self._endpoint.token_url
        with self._send(
            "POST",
            url,
            limits=_TOKEN_LIMITS,
            headers={
                "Authorization": f"Basic {b64encode(client.encode()).decode()}",
                "Accept": "application/json",
            },
            data={"grant_type": "client_credentials", "scope": "content"},
        ) as response:
            status = response.status_code
            if status in _REDIRECTS and _origin(_target(url, response)) != _origin(url):
                raise ForeignHost(host=place_of(_target(url, response)))
            # 400 is how the standard answers an unknown client that came without Basic.
            if status in (400, 401, 403):
                raise WrongClient(status=status, came=beginning_of(response))
            answer = read_json(response, expected="a token")
        return self._read_token(answer)

    def _read_token(self, answer: Mapping[str, Any]) -> _Token:
        value = answer.get("access_token")
        if not isinstance(value, str) or not _TOKEN.fullmatch(value):
            raise Nonsense(came="an answer without access_token", expected="a token")
        life = _read_life(answer.get("expires_in"))
        good = timedelta(seconds=life - min(_MARGIN, life / 10))
        return _Token(value, self._clock() + good)


def read_json(response: httpx.Response, *, expected: str) -> Mapping[str, Any]:
    """Read the JSON object of an answer 200. Raises `Nonsense` with what came instead."""
    if response.status_code == 400:
        raise BadRequest(status=400, came=beginning_of(response))
    if response.status_code != 200:
        came = f"status {response.status_code}, {beginning_of(response)},"
        raise Nonsense(came=came, expected=expected)
    body = read_body(response)
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Nonsense(came=f"no JSON, {_words(body)},", expected=expected) from error
    if not isinstance(answer, dict):
        raise Nonsense(came=_words(body), expected=expected)
    return answer


def read_body(response: httpx.Response) -> bytes:
    """Read a whole answer, unpacked, under the limit of its call."""
    return b"".join(read_pieces(response))


def read_pieces(response: httpx.Response) -> Iterator[bytes]:
    """Yield an answer piece by piece, unpacked; the limit of its call is for what it unpacks to."""
    most, count = response.request.extensions["limits"].most_bytes, 0
    for piece in response.iter_bytes():
        count += len(piece)
        if count > most:
            raise TooLarge(host=response.url.host, most=most)
        yield piece


def beginning_of(response: httpx.Response) -> str:
    """Say how an answer begins, for a message; whatever is wrong with the rest of it."""
    try:
        return _words(next(response.iter_bytes(), b""))
    except (ProviderError, httpx.DecodingError):
        return "nothing that can be read"


def resolve_link(url: str, link: str) -> str:
    """Return the absolute address of a link in an answer from `url`."""
    try:
        return urljoin(url, link)
    except ValueError as error:
        raise Nonsense(came=quote_value(link), expected="an address") from error


def place_of(url: str) -> str:
    """Say to which host an address leads, without what may be secret in it."""
    try:
        parts = httpx.URL(url)
    except httpx.InvalidURL:
        return quote_value(url)
    return f"{parts.scheme}://{parts.netloc.decode('ascii', 'replace')}"


def _words(body: bytes) -> str:
    text = body[:400].decode("utf-8", "replace").strip()
    return quote_value(" ".join(text.split())) if text else "an empty answer"


def _read_life(value: object) -> float:
    """Read `expires_in`, also as a text; what is no number of seconds is not said."""
    try:
        seconds = float(value) if isinstance(value, int | float | str) else _UNSAID_LIFE
    except (ValueError, OverflowError):
        return _UNSAID_LIFE
    # What is no number for a computer either (NaN) is not above nothing.
    return min(seconds, _LONGEST_LIFE) if seconds > 0 else 0.0


def _bearer(token: str | None) -> dict[str, str]:
    accept = {"Accept": "application/json, */*;q=0.5"}
    return accept if token is None else {**accept, "Authorization": f"Bearer {token}"}


def _target(url: str, response: httpx.Response) -> str:
    location = response.headers.get("Location", "")
    if not location:
        raise Nonsense(came="a redirect to nowhere", expected="an answer")
    return resolve_link(url, location)


def _origin(url: str) -> tuple[str, str, int | None] | None:
    """None for what is no address: it equals no other's origin, for the API has one."""
    try:
        parts = httpx.URL(url)
    except httpx.InvalidURL:
        return None
    return parts.scheme, parts.host, parts.port
