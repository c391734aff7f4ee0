"""The page of the integration: what both sides have to know, and no secret shown twice."""

from __future__ import annotations

import pytest

from demo.opensesame.model import Client

URL = "http://127.0.0.1:8080/deliveries/opensesame"


def test_it_says_what_the_learning_server_needs(desk) -> None:
    text = desk.get("/integration").text

    for said in (
        desk.pretend.ciid,
        "http://localhost/oauth/token",
        "<code>http://localhost</code>",
        desk.pretend.client.id,
        desk.pretend.client.secret,
    ):
        assert said in text


def test_a_white_label_customer_sees_its_own_client(desk) -> None:
    desk.pretend.add_client(Client("white-label", "its own", frozenset({desk.pretend.ciid})))

    text = desk.get("/integration").text

    assert "white-label" in text
    assert desk.pretend.client.secret not in text


def test_address_and_secret_are_kept_and_the_secret_is_not_shown(desk) -> None:
    assert desk.post("/integration", url=URL, secret="the secret").status_code == 302

    assert desk.pretend.connection() == (URL, "the secret")
    text = desk.get("/integration").text
    assert URL in text
    assert "the secret" not in text
    assert "One is kept and not shown" in text


def test_an_empty_secret_keeps_the_one_that_is_there(desk) -> None:
    desk.pretend.connect(URL, "the secret")

    desk.post("/integration", url="", secret="")

    assert desk.pretend.connection() == ("", "the secret")


@pytest.mark.parametrize("url", ["http://192.0.2.1/", "ftp://127.0.0.1/", "127.0.0.1:8080"])
def test_an_address_elsewhere_is_refused(desk, url) -> None:
    answer = desk.post("/integration", url=url, secret="the secret")

    assert answer.status_code == 400
    assert "calls only a learning server on this machine" in answer.text
    assert desk.pretend.connection() == ("", "")
