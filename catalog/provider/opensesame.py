"""OpenSesame's content-delivery API: the listing page by page, packages, pictures, and a test of
the connection.

Serves the sync and the settings page. Keeps nothing of a listing but what it needs to notice that
one goes round; stores nothing and decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx

from catalog.duplicates import PROVIDER_HOSTS
from catalog.errors import ItemRefused, quote_value
from catalog.provider.calls import (
    Calls,
    Credentials,
    Endpoint,
    beginning_of,
    place_of,
    read_body,
    read_json,
    read_pieces,
    resolve_link,
)
from catalog.provider.errors import (
    BadRequest,
    ForeignHost,
    GoesRound,
    Nonsense,
    NoPicture,
    NotThere,
    ProviderError,
    WrongCustomer,
)
from catalog.provider.outbound import Limits, host_of, open_outbound
from catalog.provider.patience import TRIES
from catalog.provider.pictures import Picture, content_type_of
from catalog.provider.provided import Item, parse_item

# The API gives no more with one page.
PAGE_SIZE = 50

# 100,000 courses: more than twice the largest catalogue that we know of.
MAX_PAGES = 2_000

# Fifty courses with the longest descriptions that are taken, in HTML and as text, in UTF-8.
_PAGE_LIMITS = Limits(seconds=60, most_bytes=32 * 1024 * 1024)

# What an upload may have by default, over a slow line.
_PACKAGE_LIMITS = Limits(seconds=15 * 60, most_bytes=1024 * 1024 * 1024)

# A picture in a list; a photograph straight from a camera has more, and is not kept.
_PICTURE_LIMITS = Limits(seconds=30, most_bytes=5 * 1024 * 1024)

# Somebody waits for a test of the connection: it has two tries, and counts three pages.
_CHECK_TRIES = 2
_CHECK_PAGES = 3

# The sync asks again for a picture that was not to be had.
_PICTURE_TRIES = 2

# How every zip begins: with a file, or with its end where it is empty.
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the listing. `number` counts from 1; `last` is set on the one that ends it.

    `refused` are the elements that were no course. Their keys, where they have one, belong to
    what was listed: such a course is not missing.
    """

    number: int
    items: tuple[Item, ...]
    refused: tuple[ItemRefused, ...]
    last: bool


@dataclass(frozen=True, slots=True)
class Checked:
    """What a test of the connection found.

    All is well where `error` is None; then there are `courses`, of which the first `refused` could
    not be read, and `more` where not all were counted.
    """

    courses: int = 0
    refused: int = 0
    more: bool = False
    error: ProviderError | None = None

    def __str__(self) -> str:
        if self.error is not None:
            return str(self.error)
        if not self.courses:
            return "The connection works. OpenSesame lists no course for this customer yet."
        count = f"more than {self.courses}" if self.more else f"{self.courses}"
        noun = "course" if self.courses == 1 and not self.more else "courses"
        unread = f" {self.refused} of them cannot be read." if self.refused else ""
        if self.refused == self.courses == 1:
            unread = " It cannot be read."
        return f"The connection works. OpenSesame lists {count} {noun}.{unread}"


@contextmanager
def connect(
    endpoint: Endpoint,
    credentials: Credentials,
    *,
    clock: Callable[[], datetime],
    sleep: Callable[[float], None],
    monotonic: Callable[[], float],
    allow_loopback: bool = False,
) -> Iterator[Client]:
    """Give a client that calls the hosts of the endpoint and OpenSesame's own, and no others."""
    own = {host_of(endpoint.api_url), host_of(endpoint.token_url)}
    hosts = own.union(f".{host}" for host in PROVIDER_HOSTS)
    with open_outbound(hosts=hosts, allow_loopback=allow_loopback, monotonic=monotonic) as http:
        yield Client(endpoint, credentials, http=http, clock=clock, sleep=sleep)


class Client:
    """What one academy asks OpenSesame. Everything raises `ProviderError`s.

    `http` is one that `open_outbound` made; `clock`, `sleep` and `jitter` are those of `Calls`.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        credentials: Credentials,
        *,
        http: httpx.Client,
        clock: Callable[[], datetime],
        sleep: Callable[[float], None],
        **settings: Any,
    ) -> None:
        self._calls = Calls(endpoint, credentials, http=http, clock=clock, sleep=sleep, **settings)
        self._base = endpoint.api_url.rstrip("/")
        self._ciid = credentials.ciid

    def pages(self) -> Iterator[Page]:
        """Yield the listing page by page; it is complete when the one that is `last` has come.

        Where it breaks off, an error says why, and what came before it says nothing of what is
        missing.
        """
        return self._pages(tries=TRIES)

    def check(self) -> Checked:
        """Try the connection: token, listing and what is in it. Raises nothing of the family."""
        courses = refused = 0
        more = False
        try:
            for page in self._pages(tries=_CHECK_TRIES):
                courses += len(page.items) + len(page.refused)
                refused += len(page.refused)
                more = not page.last
                if page.number == _CHECK_PAGES:
                    break
        except ProviderError as error:
            return Checked(error=error)
        return Checked(courses, refused, more)

    def download(
        self, url: str, into: Path, *, most_bytes: int = _PACKAGE_LIMITS.most_bytes
    ) -> int:
        """Write the AICC package at `url` to the file `into`; return how many bytes it has.

        Whatever goes wrong, no part of a file is left. The token goes to the API's host alone.
        """
        limits = Limits(_PACKAGE_LIMITS.seconds, most_bytes)
        try:
            return self._calls.patiently(partial(self._download, url, into, limits))
        except BaseException:
            into.unlink(missing_ok=True)
            raise

    def picture(self, url: str) -> Picture:
        """Fetch a picture and make sure that it is one. It is asked for without the token."""
        return self._calls.patiently(partial(self._picture, url), tries=_PICTURE_TRIES)

    def _pages(self, *, tries: int) -> Iterator[Page]:
        listing = _Listing()
        query = {"customerIntegrationId": self._ciid, "limit": PAGE_SIZE, "page": 1}
        url = f"{self._base}/v1/content?{urlencode(query)}"
        for number in range(1, MAX_PAGES + 1):
            listed = self._calls.patiently(partial(self._page, url, listing), tries=tries)
            listing.add(url, listed)
            yield _page(number, listed)
            if not listed.following:
                return
            url = listed.following
        raise GoesRound(came=f"it has more than {MAX_PAGES} pages")

    def _page(self, url: str, listing: _Listing) -> _Listed:
        expected = "a page of the listing"
        with self._calls.open(
            url, limits=_PAGE_LIMITS, with_token=True, elsewhere=False
        ) as response:
            if response.status_code in (403, 404):
                raise WrongCustomer(
                    status=response.status_code, came=beginning_of(response), ciid=self._ciid
                )
            answer = read_json(response, expected=expected)
        elements = answer.get("data")
        if not isinstance(elements, list):
            raise Nonsense(came="JSON without a list in data", expected=expected)
        following = self._following(url, answer, is_full=len(elements) >= PAGE_SIZE)
        listed = _Listed(elements, following)
        listing.refuse_repeated(url, listed)
        return listed

    def _following(self, url: str, answer: Mapping[str, Any], *, is_full: bool) -> str:
        """Return the address of the next page, "" after the last one.

        Without any `paging` a full page may not be taken for the last: what else is listed would
        count as missing.
        """
        paging = answer.get("paging")
        if paging is None and not is_full:
            return ""
        link = (paging.get("next") or "") if isinstance(paging, dict) else None
        if not isinstance(link, str):
            raise Nonsense(came="a page without paging.next", expected="the link to the next page")
        if not link.strip():
            return ""
        following = resolve_link(url, link.strip())
        if not self._calls.is_home(following):
            raise ForeignHost(host=place_of(following))
        return following

    def _download(self, url: str, into: Path, limits: Limits) -> int:
        if self._calls.is_home(url) and "standard=" not in url:
            url += f"{'&' if '?' in url else '?'}standard=aicc"
        with (
            self._calls.open(url, limits=limits, with_token=True, elsewhere=True) as response,
            into.open("w+b") as file,
        ):
            _refuse_missing(response, expected="a package")
            size = sum(file.write(piece) for piece in read_pieces(response))
            file.seek(0)
            begins = file.read(len(_ZIP[0]))
        if begins not in _ZIP:
            raise Nonsense(came=f"what begins with {_signs(begins)}", expected="a zip file")
        return size

    def _picture(self, url: str) -> Picture:
        with self._calls.open(
            url, limits=_PICTURE_LIMITS, with_token=False, elsewhere=True
        ) as response:
            _refuse_missing(response, expected="a picture")
            content = read_body(response)
        content_type = content_type_of(content)
        if content_type is None:
            raise NoPicture(came=_signs(content[:12]))
        return Picture(content_type, content)


@dataclass(frozen=True, slots=True)
class _Listed:
    """What the API answered for a page: its elements, and the address of the next one."""

    elements: list[Any]
    following: str

    @property
    def contents(self) -> int:
        """A number that pages with the same elements share."""
        ids = [one.get("id") if isinstance(one, dict) else one for one in self.elements]
        return hash(tuple(map(str, ids)))


class _Listing:
    """What one listing has had so far: as much as shows that it goes round."""

    def __init__(self) -> None:
        self._asked: set[str] = set()
        self._contents: set[int] = set()

    def refuse_repeated(self, url: str, listed: _Listed) -> None:
        """Raise `GoesRound` for a page that was there before, or leads back to one that was."""
        if listed.elements and listed.contents in self._contents:
            raise GoesRound(came="a page repeats the courses of an earlier one")
        if listed.following == url or listed.following in self._asked:
            raise GoesRound(came="a page names itself or an earlier one as the next")

    def add(self, url: str, listed: _Listed) -> None:
        """Note a page that was taken."""
        self._asked.add(url)
        self._contents.add(listed.contents)


def _page(number: int, listed: _Listed) -> Page:
    items, refused = [], []
    for element in listed.elements:
        try:
            items.append(parse_item(element))
        except ItemRefused as error:
            refused.append(error)
    return Page(number, tuple(items), tuple(refused), last=not listed.following)


def _refuse_missing(response: httpx.Response, *, expected: str) -> None:
    """Let only a whole file pass. Its address is told without the query: that may be a key."""
    status = response.status_code
    if status == 200:
        return
    if status == 400:
        raise BadRequest(status=400, came=beginning_of(response))
    if 400 <= status < 500:
        raise NotThere(status=status, url=str(response.url.copy_with(query=None)))
    came = f"status {status}, {beginning_of(response)},"
    raise Nonsense(came=came, expected=expected)


def _signs(begins: bytes) -> str:
    return quote_value(repr(begins)[2:-1]) if begins else "nothing"
