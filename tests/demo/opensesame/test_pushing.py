"""The push: one post with the secret, and an honest report of what came back."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask, Response, redirect, request

from demo.opensesame.model import Delivery
from demo.opensesame.pushing import MOST_SHOWN, Pusher

DELIVERY_COURSES = (("an-id", "Seats"), ("another-id", "Unlimited"))


class Receiver:
    """A learning server's end of the push; answers `status` and `text`."""

    def __init__(self) -> None:
        self.status, self.text = 202, '{"state": "accepted"}'
        self.came: list[tuple[str, Any]] = []
        self.app = Flask("receiver")
        self.app.add_url_rule("/deliveries/opensesame", view_func=self._take, methods=["POST"])
        self.app.add_url_rule("/elsewhere", view_func=self._elsewhere, methods=["GET", "POST"])

    def _take(self) -> Any:
        self.came.append((request.headers.get("Authorization", ""), request.json))
        if self.status == 302:
            return redirect("/elsewhere")
        return Response(self.text, self.status)

    def _elsewhere(self) -> str:
        self.came.append(("elsewhere", None))
        return "followed"


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def delivery(clock) -> Delivery:
    return Delivery("delivery-1", "our-ciid", clock(), DELIVERY_COURSES)


def test_a_delivery_is_posted_with_its_secret_and_the_answer_kept(
    serve, clock, receiver, delivery
) -> None:
    url = f"{serve(receiver.app)}/deliveries/opensesame"

    answered = Pusher(clock, hosts=frozenset()).push(url, "the secret", delivery)

    assert (answered.at, answered.status) == (clock(), 202)
    assert answered.text == '{"state": "accepted"}'
    assert receiver.came == [
        (
            "Bearer the secret",
            {
                "deliveryId": "delivery-1",
                "customerIntegrationId": "our-ciid",
                "courses": [
                    {"id": "an-id", "licenceType": "Seats"},
                    {"id": "another-id", "licenceType": "Unlimited"},
                ],
            },
        )
    ]


def test_a_redirect_is_an_answer_and_is_not_followed(serve, clock, receiver, delivery) -> None:
    receiver.status = 302
    url = f"{serve(receiver.app)}/deliveries/opensesame"

    answered = Pusher(clock, hosts=frozenset()).push(url, "", delivery)

    assert answered.status == 302
    assert [authorization for authorization, _ in receiver.came] == [""]


def test_a_long_answer_is_cut(serve, clock, receiver, delivery) -> None:
    receiver.status, receiver.text = 500, "x" * 100_000
    url = f"{serve(receiver.app)}/deliveries/opensesame"

    answered = Pusher(clock, hosts=frozenset()).push(url, "secret", delivery)

    assert (answered.status, len(answered.text)) == (500, MOST_SHOWN)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("", "No address"),
        ("http://127.0.0.1:9/nobody-listens", "cannot be reached"),
        ("http://192.0.2.1/deliveries/opensesame", "not allowed"),
        ("http://127.0.0.1.example.net/", "not allowed"),
        ("http://user@127.0.0.1/", "not allowed"),
        ("file:///etc/passwd", "not allowed"),
        ("http://127.0.0.1:99999/", "cannot be reached"),
    ],
)
def test_what_cannot_be_called_is_told(clock, delivery, url: str, why: str) -> None:
    answered = Pusher(clock, hosts=frozenset()).push(url, "secret", delivery)

    assert answered.status is None
    assert why in answered.text
