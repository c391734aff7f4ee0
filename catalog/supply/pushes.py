"""The body of a push: which delivery, for which customer, and which courses it names.

Serves the webhook. What is sent is documented for providers in `docs/opensesame.md`. Pure.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from catalog.errors import PushRefused
from catalog.supply.model import Delivered
from catalog.supply.schema import CIID_LENGTH, DELIVERY_ID_LENGTH, KEY_LENGTH

# A name of a licence is a few words; more is cut, since it is only shown.
_LICENCE_LENGTH = 255
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Push:
    """What a provider announces. The courses are named at will: the listing is the truth."""

    delivery_id: str
    ciid: str
    courses: tuple[Delivered, ...] = ()


def parse_push(body: bytes) -> Push:
    """Read the JSON of a push; unknown members are let pass.

    Raises `PushRefused` with what came and what was expected.
    """
    try:
        said = json.loads(body)
    # Nested a thousand deep, JSON is nothing that anybody meant.
    except (ValueError, RecursionError):
        raise PushRefused("The body is no JSON.", expected="a JSON object") from None
    if not isinstance(said, dict):
        raise PushRefused("The body is no JSON object.", expected="an object with deliveryId")
    courses = said.get("courses")
    if courses is not None and not isinstance(courses, list):
        raise PushRefused("courses is no list.", expected='[{"id": "..."}, ...], or nothing')
    return Push(
        delivery_id=_text(said, "deliveryId", most=DELIVERY_ID_LENGTH),
        ciid=_text(said, "customerIntegrationId", most=CIID_LENGTH),
        courses=tuple(_course(number, one) for number, one in enumerate(courses or [], 1)),
    )


def _course(number: int, said: object) -> Delivered:
    if not isinstance(said, dict):
        raise PushRefused(f"Course {number} is no object.", expected='{"id": "..."}')
    key = _text(said, "id", most=KEY_LENGTH, where=f" of course {number}").lower()
    licence = said.get("licenceType")
    if licence is not None and not isinstance(licence, str):
        raise PushRefused(f"licenceType of course {number} is no text.", expected="a text")
    return Delivered(key, _CONTROL.sub(" ", licence or "")[:_LICENCE_LENGTH])


def _text(said: dict[str, object], name: str, *, most: int, where: str = "") -> str:
    value = said.get(name)
    expected = f"a text of 1 to {most} characters without control characters"
    if value is None:
        raise PushRefused(f"{name}{where} is missing.", expected=expected)
    if not isinstance(value, str) or not value.strip():
        raise PushRefused(f"{name}{where} is empty or no text.", expected=expected)
    text = value.strip()
    if len(text) > most or _CONTROL.search(text):
        came = f"{name}{where} is too long or has control characters."
        raise PushRefused(came, expected=expected)
    return text
