"""The body of a push: what is read, and what is refused with a word on what was expected."""

from __future__ import annotations

import json
from typing import Any

import pytest

from catalog.errors import PushRefused
from catalog.supply.model import Delivered
from catalog.supply.pushes import Push, parse_push

WHOLE = {
    "deliveryId": "d-1",
    "customerIntegrationId": "ciid",
    "courses": [{"id": "5D2C7B14-9A0E", "licenceType": "Seats"}, {"id": "b"}],
}


def test_a_push_is_read() -> None:
    assert parse_push(json.dumps(WHOLE).encode()) == Push(
        "d-1", "ciid", (Delivered("5d2c7b14-9a0e", "Seats"), Delivered("b"))
    )


@pytest.mark.parametrize("courses", [{}, {"courses": None}, {"courses": []}, {"more": [1]}])
def test_courses_need_not_be_named(courses: dict[str, Any]) -> None:
    said = {"deliveryId": " d-1 ", "customerIntegrationId": "ciid", **courses}
    assert parse_push(json.dumps(said).encode()) == Push("d-1", "ciid")


def test_a_licence_is_shown_only_so_it_is_cut() -> None:
    said = {**WHOLE, "courses": [{"id": "a", "licenceType": "x\0" * 1000}]}
    (course,) = parse_push(json.dumps(said).encode()).courses
    assert len(course.licence_type) == 255
    assert "\0" not in course.licence_type


@pytest.mark.parametrize(
    "body",
    [
        # sloppy
        b"",
        b"deliveryId=1",
        b"[]",
        b'"text"',
        b"null",
        json.dumps({**WHOLE, "deliveryId": ""}).encode(),
        json.dumps({**WHOLE, "deliveryId": 7}).encode(),
        json.dumps({**WHOLE, "customerIntegrationId": None}).encode(),
        json.dumps({**WHOLE, "courses": {"id": "a"}}).encode(),
        json.dumps({**WHOLE, "courses": ["a"]}).encode(),
        json.dumps({**WHOLE, "courses": [{}]}).encode(),
        json.dumps({**WHOLE, "courses": [{"id": "a", "licenceType": 5}]}).encode(),
        # hostile
        b"\xff\xfe{",
        b"[" * 100_000,
        json.dumps({**WHOLE, "deliveryId": "x" * 201}).encode(),
        json.dumps({**WHOLE, "deliveryId": "a\0b"}).encode(),
        json.dumps({**WHOLE, "deliveryId": "\ud800"}).encode(),
        json.dumps({**WHOLE, "courses": [{"id": "x" * 65}]}).encode(),
        b'{"deliveryId": NaN}',
    ],
)
def test_what_cannot_be_read_is_refused_with_what_was_expected(body: bytes) -> None:
    with pytest.raises(PushRefused) as refused:
        parse_push(body)
    assert str(refused.value)
    assert refused.value.expected
