"""Every fault as a client of the API meets it."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import httpx
import pytest
from flask import Flask

from demo.opensesame import api
from demo.opensesame.app import create_app
from demo.opensesame.faults import Fault
from demo.opensesame.journal import Place
from demo.opensesame.spoiling import NONSENSE, elsewhere

HIPAA = "5d2c7b14-9a0e-4f5b-8c61-2f7a90c1e301"


@pytest.fixture
def switch_on(reader):
    """120 courses on three pages and a token, and `switch_on` of the faults."""
    reader.pretend.grow(120)
    reader.ask_token()
    return reader.pretend.faults.switch_on


def ids(answer) -> list[str]:
    return [item["id"] for item in answer.json["data"]]


def test_a_401_in_the_middle_takes_the_token_back(reader, switch_on) -> None:
    switch_on(Fault.UNAUTHORIZED, times=1, from_page=2)

    statuses = [reader.page(1).status_code, reader.page(2).status_code, reader.page(2).status_code]

    assert statuses == [200, 401, 401]
    reader.ask_token()
    assert reader.page(2).status_code == 200


def test_too_many_requests_say_how_long_to_wait(reader, switch_on) -> None:
    switch_on(Fault.TOO_MANY_REQUESTS, times=1, seconds=3)

    refused = reader.page()

    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "3")
    assert reader.page().status_code == 200


@pytest.mark.parametrize(
    ("place", "path"),
    [
        (Place.PACKAGE, f"/v1/content/{HIPAA}/package"),
        (Place.PICTURE, f"/pictures/{HIPAA}/image.png"),
    ],
)
def test_a_storm_of_500_comes_at_any_place(reader, switch_on, place, path) -> None:
    switch_on(Fault.SERVER_ERROR, place=place, times=3)
    switch_on(Fault.SERVER_ERROR, place=Place.TOKEN, times=1)

    assert [reader.get(path).status_code for _ in range(3)] == [500] * 3
    assert reader.get(path).status_code != 500
    assert reader.page().status_code == 200
    assert reader.ask_token().status_code == 500


def test_truncated_json_is_json_no_more(reader, switch_on) -> None:
    switch_on(Fault.TRUNCATED, times=1)

    answer = reader.page()

    assert answer.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        json.loads(answer.text)
    json.loads(reader.page().text)


def test_a_page_of_html_in_place_of_json(reader, switch_on) -> None:
    switch_on(Fault.NOT_JSON)
    switch_on(Fault.NOT_JSON, place=Place.TOKEN)

    assert reader.page().mimetype == reader.ask_token().mimetype == "text/html"


def test_the_connection_breaks_in_the_middle(reader, serve) -> None:
    reader.pretend.grow(10)
    reader.ask_token()
    reader.pretend.faults.switch_on(Fault.BROKEN_OFF, times=1)
    url = f"{serve(create_app(reader.pretend))}/v1/content"
    asked = {
        "params": {"customerIntegrationId": reader.pretend.ciid},
        "headers": {"Authorization": f"Bearer {reader.bearer}"},
    }

    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(url, **asked)
    assert len(httpx.get(url, **asked).json()["data"]) == 10


def test_an_empty_list_ends_there(reader, switch_on) -> None:
    switch_on(Fault.EMPTY, times=1)

    assert reader.page().json == {"data": [], "paging": {"next": ""}}
    assert len(reader.page().json["data"]) == 50


def test_a_page_is_repeated_with_its_own_link(reader, switch_on) -> None:
    first, second = reader.page(1), reader.page(2)
    switch_on(Fault.REPEATED_PAGE, times=1, from_page=2)

    repeated = reader.page(2)

    assert repeated.json == first.json
    assert reader.get(repeated.json["paging"]["next"]).json == second.json


def test_items_that_move_are_missed_by_whoever_reads_on(reader, switch_on) -> None:
    everything = {one for page in (1, 2, 3) for one in ids(reader.page(page))}
    switch_on(Fault.MOVING_ITEMS, times=1, from_page=2)

    read = [one for page in (1, 2, 3) for one in ids(reader.page(page))]

    assert len(read) == 120
    assert len(everything - set(read)) == 1
    assert len(read) - len(set(read)) == 1


def test_an_id_stands_twice_with_two_titles(reader, switch_on) -> None:
    switch_on(Fault.DUPLICATE_IDS)

    items = reader.page().json["data"]

    assert items[0]["id"] == items[-1]["id"]
    assert items[0]["title"] != items[-1]["title"]
    assert len(items) == 51


def test_nonsense_stands_between_good_items(reader, switch_on) -> None:
    switch_on(Fault.NONSENSE_ITEMS)

    items = reader.page().json["data"]

    assert tuple(items[1 : 1 + len(NONSENSE)]) == NONSENSE
    assert len(items) == 50 + len(NONSENSE)


def test_an_empty_listing_has_no_first_item_to_repeat(reader) -> None:
    reader.ask_token()
    reader.pretend.faults.switch_on(Fault.DUPLICATE_IDS)

    assert reader.page().json["data"] == []


def test_the_link_to_the_next_page_leads_to_another_name_of_this_machine(reader, switch_on) -> None:
    switch_on(Fault.NEXT_ELSEWHERE)

    link = reader.page().json["paging"]["next"]

    assert urlsplit(link).hostname == "127.0.0.1"
    assert reader.get(link).status_code == 200
    assert reader.pretend.calls()[-1].host == "127.0.0.1"
    assert reader.page(3).json["paging"]["next"] == ""


def test_redirects_lead_to_the_same_page_here_or_elsewhere(reader, switch_on) -> None:
    switch_on(Fault.REDIRECT, times=1)
    here = reader.page(2)
    switch_on(Fault.REDIRECT_ELSEWHERE, times=1, to="https://elsewhere.example.net:444")
    there = reader.page(2)

    assert (here.status_code, there.status_code) == (302, 302)
    assert urlsplit(here.location).hostname == "localhost"
    assert there.location.startswith("https://elsewhere.example.net:444/v1/content?")
    assert urlsplit(there.location).query == urlsplit(here.location).query
    assert reader.get(here.location).status_code == 200


@pytest.mark.parametrize(
    ("url", "other"),
    [
        ("http://localhost:8083/a?b=c", "http://127.0.0.1:8083/a?b=c"),
        ("http://127.0.0.1/a", "http://localhost/a"),
        ("https://demo.example.org/a", "https://localhost/a"),
    ],
)
def test_elsewhere_is_another_name_of_this_machine(url: str, other: str) -> None:
    assert elsewhere(url, "") == other


def test_a_slow_answer_waits_for_as_long_as_was_asked(pretend) -> None:
    waited: list[float] = []
    slow = Flask("slow")
    slow.register_blueprint(api.create_blueprint(pretend, sleep=waited.append))
    pretend.faults.switch_on(Fault.SLOW, seconds=2.5, times=1)

    for _ in range(2):
        slow.test_client().get("/v1/content")

    assert waited == [2.5]
