"""The call to the learning server when a customer presses *Send to Integration*.

Serves `pretend`. Makes one post and returns what came back, whatever that is; follows no redirect
and calls only loopback and the hosts it was given.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import httpx

from demo import wire
from demo.opensesame.model import Answered, Delivery

SECONDS_TO_ANSWER = 10.0
# What is kept of an answer to be shown: a receiver has a word to say, not a document.
MOST_SHOWN = 500

Push = Callable[[str, str, Delivery], Answered]


class Pusher:
    """Posts deliveries; `hosts` are names that may be called besides this machine's loopback."""

    def __init__(self, clock: Callable[[], datetime], *, hosts: frozenset[str]) -> None:
        self._clock = clock
        self._hosts = hosts

    def push(self, url: str, secret: str, delivery: Delivery) -> Answered:
        """Post one delivery; raises nothing."""
        if not url:
            return self._unsent("No address of the integration is set.")
        if not wire.may_call(url, hosts=self._hosts):
            return self._unsent("This address is not allowed: the demo calls only this machine.")
        try:
            status, text = self._post(url, secret, delivery)
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            return self._unsent(f"The integration cannot be reached: {error or 'no reason given'}")
        return Answered(self._clock(), status, text)

    def _unsent(self, why: str) -> Answered:
        return Answered(self._clock(), None, why)

    def _post(self, url: str, secret: str, delivery: Delivery) -> tuple[int, str]:
        headers = {"Authorization": f"Bearer {secret}"} if secret else {}
        # Neither proxies nor redirects: the address that was checked is the one that is called.
        with (
            httpx.Client(timeout=SECONDS_TO_ANSWER, trust_env=False) as client,
            client.stream("POST", url, json=dump_delivery(delivery), headers=headers) as answer,
        ):
            shown = ""
            for part in answer.iter_text():
                shown += part
                if len(shown) >= MOST_SHOWN:
                    break
            return answer.status_code, shown[:MOST_SHOWN]


def dump_delivery(delivery: Delivery) -> dict[str, object]:
    """Write the body of the push; the listing says what became of the courses, not this."""
    return {
        "deliveryId": delivery.id,
        "customerIntegrationId": delivery.ciid,
        "courses": [{"id": id_, "licenceType": kind} for id_, kind in delivery.courses],
    }
