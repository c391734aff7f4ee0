"""The content API as an integration meets it: tokens, pages, packages, pictures, refusals."""

from __future__ import annotations

import io
import zipfile

import pytest

from demo.opensesame.journal import Place
from demo.opensesame.model import Client
from demo.opensesame.pretend import CIID

HIPAA = "5d2c7b14-9a0e-4f5b-8c61-2f7a90c1e301"
FIELDS = {
    "id",
    "title",
    "descriptionText",
    "descriptionHtml",
    "thumbnailUrl",
    "imageUrl",
    "duration",
    "languages",
    "categories",
    "publisherName",
    "packageDownloadUrl",
    "aiccLaunchUrl",
    "active",
}


def test_a_token_is_given_for_client_credentials_and_opens_the_listing(reader):
    answer = reader.ask_token()

    assert answer.json["token_type"] == "Bearer"
    assert answer.json["expires_in"] == 3600
    assert answer.headers["Content-Type"] == "application/json"
    assert reader.page().status_code == 200


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"scope": "everything"}, "invalid_scope"),
    ],
)
def test_another_grant_or_scope_is_refused_in_the_words_of_oauth(reader, form, error):
    answer = reader.ask_token(**form)

    assert answer.status_code == 400
    assert answer.json["error"] == error


@pytest.mark.parametrize("client", [Client("nobody", "secret"), Client("learning-server", "guess")])
def test_a_wrong_client_gets_no_token(reader, client):
    answer = reader.ask_token(client)

    assert answer.status_code == 401
    assert answer.json["error"] == "invalid_client"
    assert answer.headers["WWW-Authenticate"].startswith("Basic")


def test_without_basic_there_is_no_token(http):
    form = {"grant_type": "client_credentials", "scope": "content"}

    assert http.post("/oauth/token", data=form).status_code == 401


def test_a_token_expires_when_it_says(reader, clock):
    reader.pretend.tokens.seconds = 60
    assert reader.ask_token().json["expires_in"] == 60
    clock.advance(seconds=59)
    assert reader.page().status_code == 200

    clock.advance(seconds=1)

    assert reader.page().status_code == 401


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer made-up", "Basic bGVhcm5pbmc6eA=="])
def test_the_listing_needs_a_token_that_was_given(http, header):
    headers = {"Authorization": header} if header else {}
    answer = http.get(f"/v1/content?customerIntegrationId={CIID}", headers=headers)

    assert answer.status_code == 401
    assert answer.json["error"] == "invalid_token"


def test_what_was_not_sent_is_not_listed(reader):
    assert reader.items() == []

    reader.pretend.send(HIPAA)

    assert [item["id"] for item in reader.items()] == [HIPAA]


def test_an_item_has_the_fields_that_connectors_read(reader):
    reader.pretend.send(HIPAA)

    (item,) = reader.items()

    assert set(item) - {"dateUpdated"} == FIELDS
    assert item["aiccLaunchUrl"].startswith(f"http://localhost/launch/{HIPAA}?licenseId=")


def test_pages_are_followed_by_absolute_links_until_the_last_has_none(reader):
    reader.pretend.grow(120)
    reader.ask_token()

    first = reader.page()
    items = reader.items()

    assert len(first.json["data"]) == 50
    assert first.json["paging"]["next"] == (
        f"http://localhost/v1/content?customerIntegrationId={CIID}&limit=50&page=2"
    )
    assert reader.page(3).json["paging"] == {"next": ""}
    assert len(reader.page(3).json["data"]) == 20
    assert reader.page(4).json == {"data": [], "paging": {"next": ""}}
    assert len({item["id"] for item in items}) == 120


@pytest.mark.parametrize(("count", "last"), [(0, 1), (1, 1), (50, 1), (51, 2), (100, 2)])
def test_the_last_page_is_the_one_with_the_last_item(reader, count, last):
    reader.pretend.grow(count)
    reader.ask_token()

    links = [reader.page(number).json["paging"]["next"] for number in range(1, last + 1)]

    assert [bool(link) for link in links] == [True] * (last - 1) + [False]


@pytest.mark.parametrize(
    "query",
    [
        {"limit": 51},
        {"limit": 0},
        {"limit": "many"},
        {"page": 0},
        {"page": -1},
        {"page": "²"},
        {"customerIntegrationId": ""},
    ],
)
def test_a_query_that_cannot_be_is_refused_for_good(reader, query):
    reader.ask_token()

    assert reader.page(**query).status_code == 400


def test_a_client_of_its_own_reads_its_own_customer_only(reader):
    own = Client("white-label", "its secret", frozenset({"the-other-one"}))
    reader.pretend.add_customer("the-other-one")
    reader.pretend.add_client(own)
    reader.pretend.send(HIPAA, ciid="the-other-one")
    reader.ask_token(own)

    assert reader.page(customerIntegrationId="the-other-one").json["data"][0]["id"] == HIPAA
    assert reader.page().status_code == 403


def test_an_unknown_customer_is_not_found(reader):
    reader.ask_token()

    assert reader.page(customerIntegrationId="nobody").status_code == 404


def test_a_package_is_downloaded_by_the_address_of_the_item_with_the_token(reader):
    reader.pretend.send(HIPAA)
    (item,) = reader.items()

    aicc = reader.get(f"{item['packageDownloadUrl']}&standard=aicc")
    scorm = reader.get(item["packageDownloadUrl"])

    assert aicc.mimetype == scorm.mimetype == "application/zip"
    assert f"{HIPAA}.au" in zipfile.ZipFile(io.BytesIO(aicc.data)).namelist()
    assert "imsmanifest.xml" in zipfile.ZipFile(io.BytesIO(scorm.data)).namelist()
    assert reader.http.get(item["packageDownloadUrl"]).status_code == 401
    assert reader.get(f"{item['packageDownloadUrl']}&standard=xapi").status_code == 400


@pytest.mark.parametrize(
    "course", [HIPAA, "no-such-course", "00000001-0000-4000-8000-00000000000z"]
)
def test_there_is_no_package_of_what_was_not_sent(reader, course):
    reader.ask_token()

    answer = reader.get(f"/v1/content/{course}/package", customerIntegrationId=CIID)

    assert answer.status_code == 404


def test_pictures_are_public_and_exist_in_two_sizes(http):
    answer = http.get(f"/pictures/{HIPAA}/thumbnail.png")

    assert answer.mimetype == "image/png"
    assert answer.data.startswith(b"\x89PNG")
    assert http.get(f"/pictures/{HIPAA}/image.png").status_code == 200
    assert http.get(f"/pictures/{HIPAA}/poster.png").status_code == 404


def test_every_call_stands_in_the_journal_with_what_was_shown_but_no_secret(reader):
    reader.ask_token()
    reader.page(2)
    reader.get(f"/pictures/{HIPAA}/image.png")

    token, listing, picture = reader.pretend.calls()

    assert (token.place, token.method, token.authorization) == (Place.TOKEN, "POST", "Basic")
    assert (listing.page, listing.authorization, listing.status) == (2, "Bearer", 200)
    assert listing.host == "localhost"
    assert (picture.place, picture.page) == (Place.PICTURE, 0)
    assert reader.pretend.calls(Place.CONTENT) == (listing,)
    assert reader.bearer not in repr(reader.pretend.calls())


def test_an_address_that_is_not_there_is_answered_in_json_too(http):
    answer = http.get("/oauth/token")

    assert answer.status_code == 405
