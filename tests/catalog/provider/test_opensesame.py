"""The client, against the pretend OpenSesame and against servers that say anything."""

from __future__ import annotations

import json
import socket
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from catalog.provider import opensesame
from catalog.provider.calls import Credentials, Endpoint
from catalog.provider.errors import (
    BadRequest,
    BrokenOff,
    Busy,
    ForeignHost,
    GoesRound,
    NameNotFound,
    Nonsense,
    NoPicture,
    NotListening,
    NotThere,
    ProviderError,
    TimedOut,
    TooLarge,
    WrongClient,
    WrongCustomer,
)
from catalog.provider.opensesame import Client, connect
from catalog.provider.outbound import Limits, host_of, open_outbound
from demo.opensesame.app import create_app
from demo.opensesame.faults import Fault
from demo.opensesame.journal import Place
from demo.opensesame.model import Client as TheirClient
from demo.opensesame.pretend import Pretend

Serve = Callable[..., str]
Listen = Callable[..., Any]
MANY = 120


class Side:
    """Our side of the wire: a client of the pretend OpenSesame, and the waits that it made."""

    def __init__(self, pretend: Pretend, url: str, **changes: Any) -> None:
        self.pretend = pretend
        self.url = url
        self.waits: list[float] = []
        self.http = open_outbound(
            hosts=changes.pop("hosts", [host_of(url)]),
            allow_loopback=True,
            monotonic=changes.pop("monotonic", lambda: 0.0),
        )
        asked = {
            "client_id": pretend.client.id,
            "client_secret": pretend.client.secret,
            "ciid": pretend.ciid,
            **changes,
        }
        self.client = Client(
            Endpoint(url, f"{url}/oauth/token"),
            Credentials(**asked),
            http=self.http,
            clock=lambda: datetime.now(UTC),
            sleep=self.waits.append,
            jitter=lambda: 1.0,
        )

    def keys(self) -> list[str]:
        return [item.key for page in self.client.pages() for item in page.items]

    def broken(self) -> tuple[int, ProviderError]:
        """Read until it breaks; return how many pages came, and why."""
        pages = 0
        try:
            for page in self.client.pages():
                pages += 1
                assert not page.last
        except ProviderError as error:
            return pages, error
        pytest.fail("the listing came to its end")

    def asked(self, place: Place = Place.CONTENT) -> list[int]:
        return [call.page for call in self.pretend.calls(place)]


@pytest.fixture
def pretend() -> Pretend:
    """Return one that lists 120 courses, on three pages."""
    made = Pretend()
    made.grow(MANY)
    return made


@pytest.fixture
def side(pretend: Pretend, serve: Serve) -> Iterator[Callable[..., Side]]:
    url = serve(create_app(pretend))
    opened: list[Side] = []

    def start(**changes: Any) -> Side:
        opened.append(Side(pretend, changes.pop("url", url), **changes))
        return opened[-1]

    yield start
    for one in opened:
        one.http.close()


Start = Callable[..., Side]


# All well


def test_the_listing_comes_page_by_page_until_the_last(side: Start) -> None:
    here = side()

    pages = list(here.client.pages())

    assert [(page.number, len(page.items), page.last) for page in pages] == [
        (1, 50, False),
        (2, 50, False),
        (3, 20, True),
    ]
    keys = [item.key for page in pages for item in page.items]
    assert len(set(keys)) == MANY
    assert keys[0] == here.pretend.grown().id_of(0).lower()
    assert len(here.pretend.calls(Place.TOKEN)) == 1
    assert {call.query["limit"] for call in here.pretend.calls(Place.CONTENT)} == {"50"}


def test_no_page_is_asked_for_before_it_is_wanted(side: Start) -> None:
    here = side()

    next(here.client.pages())

    assert here.asked() == [1]


def test_a_customer_without_courses_has_one_empty_page(side: Start, pretend: Pretend) -> None:
    pretend.grow(0)

    (page,) = side().client.pages()

    assert (page.items, page.refused, page.last) == ((), (), True)


def test_every_course_of_the_list_can_be_read(side: Start, pretend: Pretend) -> None:
    pretend.grow(0)
    sent = pretend.send()

    (page,) = side().client.pages()

    assert [item.key for item in page.items] == [entry.course.id.lower() for entry in sent]
    assert page.refused == ()
    assert all(item.active and item.languages and item.categories for item in page.items)


def test_connect_makes_a_client_with_the_hosts_of_its_endpoint(
    side: Start, pretend: Pretend
) -> None:
    here = side()
    credentials = Credentials(pretend.client.id, pretend.client.secret, pretend.ciid)

    with connect(
        Endpoint(here.url, f"{here.url}/oauth/token"),
        credentials,
        clock=lambda: datetime.now(UTC),
        sleep=here.waits.append,
        monotonic=lambda: 0.0,
        allow_loopback=True,
    ) as client:
        assert len(list(client.pages())) == 3


def test_without_leave_for_loopback_a_pretend_opensesame_is_not_called(
    side: Start, pretend: Pretend
) -> None:
    here = side()
    credentials = Credentials(pretend.client.id, pretend.client.secret, pretend.ciid)

    with connect(
        Endpoint(here.url, f"{here.url}/oauth/token"),
        credentials,
        clock=lambda: datetime.now(UTC),
        sleep=here.waits.append,
        monotonic=lambda: 0.0,
    ) as client:
        assert str(client.check()) == (
            "127.0.0.1 would have to be asked without encryption (http). Not done."
        )
    assert pretend.calls() == ()


# Everything that the pretend OpenSesame can do wrong


@pytest.mark.parametrize(
    ("fault", "waits"),
    [
        (Fault.UNAUTHORIZED, []),
        (Fault.TOO_MANY_REQUESTS, [7.0]),
        (Fault.SERVER_ERROR, [1.0]),
        (Fault.BROKEN_OFF, [1.0]),
        (Fault.REDIRECT, []),
        # The page before comes once more: it is asked for again, and not taken for another.
        (Fault.REPEATED_PAGE, [1.0]),
    ],
)
def test_a_fault_that_passes_costs_a_wait_and_nothing_else(
    side: Start, pretend: Pretend, fault: Fault, waits: list[float]
) -> None:
    whole = side().keys()
    pretend.faults.switch_on(fault, times=1, from_page=2, seconds=7)
    here = side()

    assert here.keys() == whole
    assert here.waits == waits


def test_a_storm_of_errors_that_ends_in_time_is_sat_out(side: Start, pretend: Pretend) -> None:
    pretend.faults.switch_on(Fault.SERVER_ERROR, times=4, from_page=2)
    here = side()

    assert len(here.keys()) == MANY
    assert here.waits == [1.0, 2.5, 6.25, 15.625]
    assert here.asked() == [1, 2, 2, 2, 2, 2, 3]


@pytest.mark.parametrize(
    ("fault", "kind", "tries"),
    [
        (Fault.UNAUTHORIZED, WrongClient, 2),
        (Fault.TOO_MANY_REQUESTS, Busy, 5),
        (Fault.SERVER_ERROR, Busy, 5),
        (Fault.BROKEN_OFF, BrokenOff, 5),
        (Fault.TRUNCATED, Nonsense, 1),
        (Fault.NOT_JSON, Nonsense, 1),
        (Fault.REPEATED_PAGE, GoesRound, 5),
        (Fault.REDIRECT, GoesRound, 35),
        (Fault.REDIRECT_ELSEWHERE, ForeignHost, 1),
    ],
)
@pytest.mark.parametrize("page", [2, 3])
def test_a_fault_that_stays_breaks_the_listing_off(
    side: Start,
    pretend: Pretend,
    fault: Fault,
    kind: type[ProviderError],
    tries: int,
    page: int,
) -> None:
    pretend.faults.switch_on(fault, from_page=page)
    here = side()

    pages, error = here.broken()

    assert (pages, type(error)) == (page - 1, kind)
    assert here.asked().count(page) == tries
    assert {call.host for call in pretend.calls()} == {host_of(here.url)}


def test_the_token_does_not_follow_a_link_to_another_host(side: Start, pretend: Pretend) -> None:
    pretend.faults.switch_on(Fault.NEXT_ELSEWHERE)
    # Although that host could be called for a picture.
    here = side()
    here = side(hosts=[host_of(here.url), host_of(here.url).replace("127.0.0.1", "localhost")])

    pages, error = here.broken()

    assert (pages, type(error)) == (0, ForeignHost)
    assert "http://localhost:" in str(error)
    assert {call.host for call in pretend.calls()} == {host_of(here.url)}


def test_what_is_no_course_is_set_aside_and_the_others_come(side: Start, pretend: Pretend) -> None:
    pretend.faults.switch_on(Fault.NONSENSE_ITEMS, from_page=2)

    pages = list(side().client.pages())

    assert sum(len(page.items) for page in pages) == MANY
    assert [len(page.refused) for page in pages] == [0, 5, 5]
    assert "What came is nothing; an object with id and title was expected." in [
        str(refused) for refused in pages[1].refused
    ]


def test_an_id_that_comes_twice_comes_as_it_is(side: Start, pretend: Pretend) -> None:
    pretend.faults.switch_on(Fault.DUPLICATE_IDS)

    pages = list(side().client.pages())

    assert [len(page.items) for page in pages] == [51, 51, 21]


def test_items_that_move_between_pages_do_not_end_the_listing(
    side: Start, pretend: Pretend
) -> None:
    pretend.faults.switch_on(Fault.MOVING_ITEMS)

    assert len(side().keys()) == MANY


def test_a_listing_that_is_empty_for_once_is_a_whole_listing(side: Start, pretend: Pretend) -> None:
    pretend.faults.switch_on(Fault.EMPTY)

    (page,) = side().client.pages()

    assert (page.items, page.last) == ((), True)


def test_an_answer_that_takes_too_long_is_not_waited_for(side: Start, pretend: Pretend) -> None:
    pretend.faults.switch_on(Fault.SLOW, seconds=0.01)
    looks = iter(range(0, 10**9, 20))

    _, error = side(monotonic=lambda: float(next(looks))).broken()

    assert isinstance(error, TimedOut)


@pytest.mark.parametrize(
    "fault", [Fault.TOO_MANY_REQUESTS, Fault.SERVER_ERROR, Fault.BROKEN_OFF, Fault.UNAUTHORIZED]
)
def test_a_token_that_is_slow_to_be_had(side: Start, pretend: Pretend, fault: Fault) -> None:
    pretend.faults.switch_on(fault, place=Place.TOKEN, times=1)
    here = side()

    if fault is Fault.UNAUTHORIZED:
        assert isinstance(here.broken()[1], WrongClient)
    else:
        assert len(here.keys()) == MANY


@pytest.mark.parametrize("fault", [Fault.TRUNCATED, Fault.NOT_JSON, Fault.REDIRECT_ELSEWHERE])
def test_a_token_endpoint_that_answers_something_else(
    side: Start, pretend: Pretend, fault: Fault
) -> None:
    pretend.faults.switch_on(fault, place=Place.TOKEN)
    here = side()

    _, error = here.broken()

    assert isinstance(error, Nonsense | ForeignHost)
    assert pretend.calls(Place.CONTENT) == ()


# Test connection


def test_all_is_well(side: Start) -> None:
    checked = side().client.check()

    assert (checked.error, checked.courses, checked.more) == (None, MANY, False)
    assert str(checked) == "The connection works. OpenSesame lists 120 courses."


def test_a_test_of_a_large_catalogue_counts_three_pages(side: Start, pretend: Pretend) -> None:
    pretend.grow(1000)
    here = side()

    assert str(here.client.check()) == (
        "The connection works. OpenSesame lists more than 150 courses."
    )
    assert here.asked() == [1, 2, 3]


def test_a_test_tells_of_what_cannot_be_read(side: Start, pretend: Pretend) -> None:
    pretend.grow(0)
    pretend.list_raw({"id": "7"})
    assert str(side().client.check()) == (
        "The connection works. OpenSesame lists 1 course. It cannot be read."
    )
    pretend.list_raw(None)

    assert str(side().client.check()) == (
        "The connection works. OpenSesame lists 2 courses. 2 of them cannot be read."
    )


def test_a_test_finds_no_course_yet(side: Start, pretend: Pretend) -> None:
    pretend.grow(0)

    assert str(side().client.check()) == (
        "The connection works. OpenSesame lists no course for this customer yet."
    )


@pytest.mark.parametrize(
    ("changes", "kind", "words"),
    [
        ({"client_id": "somebody"}, WrongClient, "Client ID or Client Secret (it answered 401)"),
        ({"client_secret": "guess"}, WrongClient, "Client ID or Client Secret (it answered 401)"),
        ({"ciid": "unknown"}, WrongCustomer, "Customer Integration ID “unknown”"),
    ],
)
def test_a_test_tells_what_is_wrong(
    side: Start, changes: dict[str, str], kind: type[ProviderError], words: str
) -> None:
    here = side(**changes)

    checked = here.client.check()

    assert isinstance(checked.error, kind)
    assert words in str(checked)
    assert here.waits == []


def test_a_test_tells_that_the_client_is_another_customers(side: Start, pretend: Pretend) -> None:
    pretend.add_customer("C-2", courses=())
    pretend.add_client(TheirClient("white", "label", frozenset({"C-2"})))

    checked = side(client_id="white", client_secret="label").client.check()

    assert isinstance(checked.error, WrongCustomer)
    assert checked.error.values["status"] == 403


def test_a_test_does_not_wait_for_long(side: Start, pretend: Pretend) -> None:
    pretend.faults.switch_on(Fault.SERVER_ERROR)
    here = side()

    assert isinstance(here.client.check().error, Busy)
    assert here.waits == [1.0]


def test_a_test_tells_that_nobody_is_there(side: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"

    assert isinstance(side(url=url).client.check().error, NotListening)


def test_a_test_tells_that_the_name_is_unknown(side: Start) -> None:
    checked = side(url="https://no-such-host.invalid").client.check()

    assert isinstance(checked.error, NameNotFound)
    assert "no-such-host.invalid is not known" in str(checked)


@pytest.mark.parametrize("fault", [Fault.NOT_JSON, Fault.TRUNCATED])
def test_a_test_tells_of_nonsense_with_what_came(
    side: Start, pretend: Pretend, fault: Fault
) -> None:
    pretend.faults.switch_on(fault)

    checked = side().client.check()

    assert isinstance(checked.error, Nonsense)
    assert str(checked).startswith("OpenSesame answered with no JSON, ")


# Files


def test_a_package_is_downloaded_as_aicc(side: Start, pretend: Pretend, tmp_path: Path) -> None:
    here = side()
    item = next(here.client.pages()).items[0]

    size = here.client.download(item.package_url, tmp_path / "package.zip")

    assert size == (tmp_path / "package.zip").stat().st_size
    assert any(
        name.endswith(".au") for name in zipfile.ZipFile(tmp_path / "package.zip").namelist()
    )
    (call,) = pretend.calls(Place.PACKAGE)
    assert (call.query["standard"], call.authorization) == ("aicc", "Bearer")


@pytest.mark.parametrize(
    "fault",
    [Fault.UNAUTHORIZED, Fault.TOO_MANY_REQUESTS, Fault.BROKEN_OFF, Fault.REDIRECT],
)
def test_a_download_survives_what_passes(
    side: Start, pretend: Pretend, tmp_path: Path, fault: Fault
) -> None:
    here = side()
    item = next(here.client.pages()).items[0]
    pretend.faults.switch_on(fault, place=Place.PACKAGE, times=1)

    here.client.download(item.package_url, tmp_path / "package.zip")

    assert zipfile.ZipFile(tmp_path / "package.zip").testzip() is None


def test_a_download_elsewhere_goes_without_the_token(
    side: Start, pretend: Pretend, tmp_path: Path
) -> None:
    here = side()
    item = next(here.client.pages()).items[0]
    here = side(hosts=[host_of(here.url), host_of(here.url).replace("127.0.0.1", "localhost")])
    pretend.faults.switch_on(Fault.REDIRECT_ELSEWHERE, place=Place.PACKAGE, times=1)

    # The other host is the pretend OpenSesame by another name, and it does ask for a token.
    with pytest.raises(NotThere):
        here.client.download(item.package_url, tmp_path / "package.zip")

    first, second = pretend.calls(Place.PACKAGE)
    assert (first.authorization, second.authorization) == ("Bearer", "")
    assert second.host.startswith("localhost")


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("{here}/v1/content/none/package", BadRequest),
        ("{here}/nothing/here", NotThere),
        ("http://elsewhere.example/x.zip", ForeignHost),
        ("http://a\0b.example/x.zip", Nonsense),
        ("{here}/pictures/{key}/image.png", Nonsense),
    ],
)
def test_a_download_that_fails_leaves_no_file(
    side: Start, tmp_path: Path, url: str, kind: type[ProviderError]
) -> None:
    here = side()
    key = next(here.client.pages()).items[0].key

    with pytest.raises(kind) as caught:
        here.client.download(url.format(here=here.url, key=key), tmp_path / "package.zip")

    assert list(tmp_path.iterdir()) == []
    assert str(caught.value)


def test_a_download_that_is_too_large_leaves_no_file(side: Start, tmp_path: Path) -> None:
    here = side()
    item = next(here.client.pages()).items[0]

    with pytest.raises(TooLarge):
        here.client.download(item.package_url, tmp_path / "package.zip", most_bytes=100)

    assert list(tmp_path.iterdir()) == []


def test_a_picture_is_fetched_once_and_without_the_token(side: Start, pretend: Pretend) -> None:
    pretend.grow(0)
    pretend.send()
    here = side()
    item = next(item for item in next(here.client.pages()).items if item.picture_url)

    picture = here.client.picture(item.picture_url)

    assert picture.content_type == "image/png"
    (call,) = pretend.calls(Place.PICTURE)
    assert call.authorization == ""


# Servers that say anything


def speak(*pages: object) -> Callable[[socket.socket, bytes], bool]:
    """Answer with a token, and then with these pages in turn, the last one again and again."""
    left = list(pages)

    def answer(connection: socket.socket, request: bytes) -> bool:
        body: object = {"access_token": "T"}
        if request.startswith(b"GET "):
            body = left.pop(0) if len(left) > 1 else left[0]
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(sent) + sent)
        return True

    return answer


def item(number: int) -> dict[str, object]:
    return {
        "id": f"00000000-0000-4000-8000-{number:012}",
        "title": f"Course {number}",
        "active": True,
        "aiccLaunchUrl": f"https://launch.example/{number}",
    }


def items(first: int, count: int = 50) -> list[dict[str, object]]:
    return [item(number) for number in range(first, first + count)]


def reader(speaker: Any, side: Start) -> Side:
    return side(url=speaker.url)


@pytest.mark.parametrize(
    "page",
    [
        # A short page without any link is the last one, as is one whose link says nothing.
        {"data": items(1, 2)},
        {"data": items(1, 2), "paging": None},
        {"data": items(1, 2), "paging": {}},
        {"data": items(1, 2), "paging": {"next": None}},
        {"data": items(1, 2), "paging": {"next": ""}},
        {"data": items(1, 2), "paging": {"next": " "}},
        {"data": items(1), "paging": {}},
        {"data": items(1), "paging": {"next": ""}},
        {"data": items(1, 80), "paging": {"next": None}},
    ],
)
def test_the_last_page(listen: Listen, side: Start, page: dict[str, Any]) -> None:
    here = reader(listen(speak(page)), side)

    (read,) = here.client.pages()

    assert (len(read.items), read.last) == (len(page["data"]), True)


@pytest.mark.parametrize("link", ["?page=2", "/v1/content?page=2", "{url}/v1/content?page=2"])
def test_the_next_page_may_be_given_from_where_one_is(
    listen: Listen, side: Start, link: str
) -> None:
    first = {"data": items(1), "paging": {"next": link}}
    speaker = listen(speak(first, {"data": items(51, 3)}))
    first["paging"] = {"next": link.format(url=speaker.url)}

    assert len(reader(speaker, side).keys()) == 53
    assert speaker.requests[2].startswith(b"GET /v1/content?page=2 ")


@pytest.mark.parametrize(
    ("page", "kind"),
    [
        # A null answer, and everything else that is no page.
        (None, Nonsense),
        ([], Nonsense),
        ("", Nonsense),
        ({}, Nonsense),
        ({"data": None}, Nonsense),
        ({"data": {"id": 1}}, Nonsense),
        ({"items": []}, Nonsense),
        # A full page that does not say how it goes on is not the last one.
        ({"data": items(1)}, Nonsense),
        ({"data": items(1), "paging": None}, Nonsense),
        ({"data": [], "paging": "no"}, Nonsense),
        ({"data": [], "paging": []}, Nonsense),
        ({"data": [], "paging": {"next": 2}}, Nonsense),
        ({"data": [], "paging": {"next": True}}, Nonsense),
        ({"data": [], "paging": {"next": "http://[::1"}}, Nonsense),
        ({"data": [], "paging": {"next": "//elsewhere.example/v1/content?page=2"}}, ForeignHost),
        ({"data": [], "paging": {"next": "https://127.0.0.1/v1/content?page=2"}}, ForeignHost),
        ({"data": [], "paging": {"next": "file:///etc/passwd"}}, ForeignHost),
        ({"data": [], "paging": {"next": "http://a\tb"}}, ForeignHost),
    ],
)
def test_what_is_no_page_breaks_the_listing_off(
    listen: Listen, side: Start, page: object, kind: type[ProviderError]
) -> None:
    speaker = listen(speak(page))

    pages, error = reader(speaker, side).broken()

    assert (pages, type(error)) == (0, kind)
    assert len(speaker.requests) == 2


def test_a_link_that_does_not_advance_is_noticed(listen: Listen, side: Start) -> None:
    speaker = listen(
        speak(
            {"data": items(1), "paging": {"next": "?page=2"}},
            {"data": items(51), "paging": {"next": "?page=2"}},
        )
    )

    pages, error = reader(speaker, side).broken()

    assert (pages, type(error)) == (1, GoesRound)
    assert "names itself" in str(error)


def test_links_in_a_ring_are_noticed(listen: Listen, side: Start) -> None:
    speaker = listen(
        speak(
            {"data": items(1), "paging": {"next": "?page=2"}},
            {"data": items(51), "paging": {"next": "?page=3"}},
            {"data": items(101), "paging": {"next": "?page=2"}},
        )
    )

    pages, error = reader(speaker, side).broken()

    assert (pages, type(error)) == (2, GoesRound)
    assert "names itself or an earlier one" in str(error)


def test_a_page_that_repeats_the_courses_of_an_earlier_one_is_noticed(
    listen: Listen, side: Start
) -> None:
    numbers = iter(range(2, 10**6))

    def answer(connection: socket.socket, request: bytes) -> bool:
        following = f"?page={next(numbers)}"
        return speak({"data": items(1), "paging": {"next": following}})(connection, request)

    pages, error = reader(listen(answer), side).broken()

    assert (pages, type(error)) == (1, GoesRound)
    assert "repeats the courses" in str(error)


def test_a_listing_that_does_not_end_is_ended(
    listen: Listen, side: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = iter(range(2, 10**6))

    def answer(connection: socket.socket, request: bytes) -> bool:
        page = {"data": [], "paging": {"next": f"?page={next(numbers)}"}}
        return speak(page)(connection, request)

    monkeypatch.setattr(opensesame, "MAX_PAGES", 7)
    pages, error = reader(listen(answer), side).broken()

    assert (pages, type(error)) == (7, GoesRound)
    assert "more than 7 pages" in str(error)


def test_a_page_that_is_too_large_breaks_the_listing_off(
    listen: Listen, side: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opensesame, "_PAGE_LIMITS", Limits(most_bytes=1000))

    pages, error = reader(listen(speak({"data": items(1)})), side).broken()

    assert (pages, type(error)) == (0, TooLarge)


@pytest.mark.parametrize(
    "body", [b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"<html>", b"\x89PNG"]
)
def test_a_picture_that_is_none_is_refused(listen: Listen, side: Start, body: bytes) -> None:
    here = reader(listen(speak(body)), side)

    with pytest.raises(NoPicture):
        here.client.picture(f"{here.url}/picture.png")


@pytest.mark.parametrize("body", [b"", b"PK", b"<html>Sign in</html>"])
def test_a_package_that_is_none_is_refused(
    listen: Listen, side: Start, tmp_path: Path, body: bytes
) -> None:
    here = reader(listen(speak(body)), side)

    with pytest.raises(Nonsense, match="a zip file was expected"):
        here.client.download(f"{here.url}/package", tmp_path / "package.zip")

    assert list(tmp_path.iterdir()) == []


def test_an_answer_that_holds_no_file_is_none(listen: Listen, side: Start, tmp_path: Path) -> None:
    def answer(connection: socket.socket, request: bytes) -> bool:
        if request.startswith(b"POST "):
            return speak(b"")(connection, request)
        connection.sendall(b"HTTP/1.1 206 Partial Content\r\nContent-Length: 2\r\n\r\nPK")
        return True

    here = reader(listen(answer), side)

    with pytest.raises(Nonsense, match='status 206, "PK", where a package was expected'):
        here.client.download(f"{here.url}/package", tmp_path / "package.zip")


def test_a_package_behind_a_signed_address_elsewhere_is_asked_for_as_it_is(
    listen: Listen, side: Start, tmp_path: Path
) -> None:
    other = listen(speak(b"PK\x05\x06" + b"\0" * 18))
    here = side()
    here = side(hosts=[host_of(here.url), host_of(other.url)])

    here.client.download(f"{other.url}/p.zip?sig=1", tmp_path / "package.zip")

    assert other.requests[0].startswith(b"GET /p.zip?sig=1 ")
    assert b"authorization" not in other.requests[0].lower()
