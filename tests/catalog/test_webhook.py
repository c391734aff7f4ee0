"""The webhook over real HTTP: noted once, answered at once, deaf to whoever lacks the secret."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask

from catalog import webhook
from catalog.store import Transact
from catalog.supply import connections, deliveries
from catalog.supply.model import DeliveryState, Outcome, RunKind
from tests.catalog.world import Clock, World, open_academy

HIPAA = "5d2c7b14-9a0e-4f5b-8c61-2f7a90c1e301"
BODY = {"deliveryId": "d-1", "customerIntegrationId": "ciid", "courses": [{"id": HIPAA}]}


class Street:
    """The webhook on a port, and somebody who posts to it."""

    def __init__(self, transact: Transact, serve: Any) -> None:
        self.transact = transact
        self.clock = Clock()
        self.announced: list[int] = []
        self.announce: Callable[[int], None] = self.announced.append
        app = Flask(__name__)
        app.register_blueprint(
            webhook.create_blueprint(
                read=transact,
                transact=transact,
                clock=self.clock,
                announce=lambda academy_id: self.announce(academy_id),
            )
        )
        self.url = serve(app)
        self.secret = self.new_secret()

    def new_secret(self, academy_id: int = 1) -> str:
        return self.transact(lambda c: connections.new_push_secret(c, academy_id, now=self.clock()))

    def post(
        self, body: Any = BODY, secret: str | None = None, **headers: str
    ) -> tuple[int, dict[str, str], http.client.HTTPMessage]:
        parts = urlsplit(self.url)
        caller = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
        shown = self.secret if secret is None else secret
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        asked = {"Authorization": f"Bearer {shown}", "Content-Type": "application/json", **headers}
        caller.request("POST", "/deliveries/opensesame", sent, asked)
        answer = caller.getresponse()
        said = json.loads(answer.read())
        caller.close()
        return answer.status, said, answer.headers

    def noted(self, academy_id: int = 1) -> int:
        return self.transact(lambda c: deliveries.count_deliveries(c, academy_id))


@pytest.fixture
def street(transact: Transact, serve: Any) -> Street:
    open_academy(transact)
    return Street(transact, serve)


def test_a_push_is_noted_and_announced(street: Street) -> None:
    status, said, headers = street.post()
    assert (status, said) == (202, {"state": "accepted"})
    assert street.announced == [1]
    assert headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in headers
    (noted,) = street.transact(lambda c: deliveries.deliveries(c, 1))
    assert (noted.delivery_id, noted.state, noted.course_count) == (
        "d-1",
        DeliveryState.RECEIVED,
        1,
    )


def test_a_repeated_push_is_known_and_does_nothing(street: Street) -> None:
    street.post()
    assert street.post()[:2] == (200, {"state": "known"})
    assert street.announced == [1]
    assert street.noted() == 1


@pytest.mark.parametrize(
    ("body", "secret"),
    [
        (BODY, ""),
        (BODY, "wrong"),
        (BODY, "x" * 5000),
        ({**BODY, "customerIntegrationId": "other"}, None),
        (b"no json", "wrong"),
    ],
)
def test_a_forged_push_changes_nothing_and_hears_always_the_same(
    street: Street, body: Any, secret: str | None
) -> None:
    status, said, headers = street.post(body, secret)
    assert status == 401
    assert said["error"] == "The secret or the customerIntegrationId is wrong."
    assert headers["WWW-Authenticate"].startswith("Bearer")
    assert street.noted() == 0
    assert street.announced == []


def test_another_scheme_is_no_secret(street: Street) -> None:
    assert street.post(Authorization=f"Basic {street.secret}")[0] == 401


def test_an_old_secret_opens_nothing(street: Street) -> None:
    street.new_secret()
    assert street.post()[0] == 401


def test_a_secret_opens_its_own_academy_only(street: Street) -> None:
    open_academy(street.transact, 2, ciid="other")
    second = street.new_secret(2)
    assert street.post(BODY, second)[0] == 401
    assert street.post({**BODY, "customerIntegrationId": "OTHER "}, second)[0] == 202
    assert (street.noted(1), street.noted(2)) == (0, 1)


def test_a_body_that_cannot_be_read_gets_a_clear_error(street: Street) -> None:
    status, said, _ = street.post(b"{")
    assert (status, said) == (400, {"error": "The body is no JSON.", "expected": "a JSON object"})


def test_a_body_that_is_too_large_is_not_read(street: Street) -> None:
    assert street.post(b" " * (webhook.MAX_BODY + 1))[0] == 413
    assert street.post(b" " * webhook.MAX_BODY)[0] == 400


def test_an_academy_that_is_switched_off_says_so_to_who_has_the_secret(street: Street) -> None:
    street.transact(lambda c: connections.activate(c, 1, activated=False, now=street.clock()))
    assert street.post()[0] == 401
    assert street.noted() == 0


def test_too_many_pushes_lock_nobody_else_out(street: Street) -> None:
    open_academy(street.transact, 2, ciid="other")
    second = street.new_secret(2)
    budget = webhook.PUSHES_PER_MINUTE
    statuses = [street.post(BODY)[0] for _ in range(budget + 1)]
    assert statuses == [202, *[200] * (budget - 1), 429]
    assert street.post()[2]["Retry-After"] == "60"
    assert street.post({**BODY, "customerIntegrationId": "other"}, second)[0] == 202
    street.clock.advance(minutes=1)
    assert street.post()[0] == 200


def test_a_flood_of_wrong_secrets_keeps_no_right_one_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "_MOST_COUNTED", 3)
    budget, now = webhook.PushBudget(per_minute=2), Clock()()
    assert all(budget.allows(f"wrong {number}", now) for number in range(50))
    assert [budget.allows("wrong 0", now) for _ in range(2)] == [True, False]
    assert budget.allows("right", now)


def test_a_failure_to_announce_loses_nothing(street: Street) -> None:
    def fail(_academy_id: int) -> None:
        raise ConnectionError("no queue")

    street.announce = fail
    assert street.post()[:2] == (202, {"state": "accepted"})
    assert street.noted() == 1


def test_the_push_of_the_pretend_opensesame_brings_its_courses(
    world: World, serve: Any, transact: Transact
) -> None:
    street = Street(transact, serve)
    world.pretend.connect(f"{street.url}/deliveries/opensesame", street.secret)
    delivery = world.pretend.deliver(HIPAA)
    assert delivery.answers[0].status == 202
    again = world.pretend.push(delivery.id)
    assert again.answers[1].status == 200
    world.sync(RunKind.DELIVERY)
    assert world.titles() == ["HIPAA in Everyday Work"]
    (noted,) = world.ask(deliveries.deliveries)
    assert noted.state is DeliveryState.DONE
    assert world.delivered(noted.id)[HIPAA].outcome is Outcome.NEW
