"""A listed course: read, hashed, compared, stored and read again."""

from __future__ import annotations

import json
import random
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import ItemRefused
from catalog.provider.provided import (
    Difference,
    Item,
    differences,
    dump_item,
    item_hash,
    parse_item,
    parse_item_document,
)

KEY = "0f8fad5b-d9cb-469f-a165-70867728950e"
RAW: dict[str, Any] = {
    "id": "{0F8FAD5B-D9CB-469F-A165-70867728950E}",
    "title": "Safety  at work",
    "descriptionText": "How to stay in one piece.",
    "descriptionHtml": "<p>How to stay <b>in one piece</b>.</p><script>x()</script>",
    "thumbnailUrl": "https://cdn.example/small.png",
    "imageUrl": "https://cdn.example/large.png",
    "duration": "01:30:00",
    "languages": ["English", "es-MX"],
    "categories": ["|Compliance|HIPAA", "|Law, Tax|Basics"],
    "publisherName": "Example Press",
    "packageDownloadUrl": "https://api.example/v1/content/1/package",
    "aiccLaunchUrl": "https://content.example/launch?course=1",
    "active": "true",
    "dateUpdated": "2024-03-01T12:00:00Z",
    "xApiActivityId": "https://content.example/1",
}
ITEM = Item(
    key=KEY,
    title="Safety at work",
    description="How to stay in one piece.",
    description_html="<p>How to stay <b>in one piece</b>.</p>",
    publisher="Example Press",
    languages=("en", "es-MX"),
    categories=(("Compliance", "HIPAA"), ("Law, Tax", "Basics")),
    duration=timedelta(hours=1, minutes=30),
    picture_url="https://cdn.example/small.png",
    launch_url="https://content.example/launch?course=1",
    package_url="https://api.example/v1/content/1/package",
    active=True,
    updated_at=datetime(2024, 3, 1, 12, tzinfo=UTC),
)
LEAST = {"id": KEY, "title": "T", "active": 1, "aiccLaunchUrl": "https://content.example/l"}

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
items = st.builds(
    Item,
    key=st.uuids().map(str),
    title=texts,
    description=texts,
    description_html=texts,
    publisher=texts,
    languages=st.lists(texts, max_size=3).map(tuple),
    categories=st.lists(st.lists(texts, max_size=3).map(tuple), max_size=3).map(tuple),
    duration=st.none() | st.timedeltas(timedelta(0), timedelta(days=400)),
    picture_url=texts,
    launch_url=texts,
    package_url=texts,
    active=st.booleans(),
    updated_at=st.none() | st.datetimes(timezones=st.just(UTC)),
)


def test_every_field_of_the_listing_is_read() -> None:
    assert parse_item(RAW) == ITEM


def test_the_least_that_can_be_launched_is_enough() -> None:
    item = parse_item(LEAST)

    assert item == Item(key=KEY, title="T", launch_url="https://content.example/l")


def test_a_package_is_enough_where_there_is_no_launch_address() -> None:
    item = parse_item({**LEAST, "aiccLaunchUrl": None, "packageDownloadUrl": "https://a.example/p"})

    assert (item.launch_url, item.package_url) == ("", "https://a.example/p")


def test_an_inactive_course_needs_no_address() -> None:
    item = parse_item({"id": KEY, "title": "T", "active": 0})

    assert (item.active, item.launch_url) == (False, "")


def test_without_a_text_the_html_is_the_description() -> None:
    item = parse_item({**LEAST, "descriptionHtml": "<p>Fish &amp; chips</p>"})

    assert item.description == "Fish & chips"


def test_without_a_thumbnail_the_large_picture_is_taken() -> None:
    item = parse_item({**LEAST, "thumbnailUrl": "", "imageUrl": "https://a.example/l.png"})

    assert item.picture_url == "https://a.example/l.png"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"title": None}, "title is nothing; the course's title was expected."),
        ({"title": " \n"}, 'title is " �"; the course\'s title was expected.'),
        ({"title": {"en": "T"}}, "title is an object; a text was expected."),
        ({"title": "x" * 1001}, "title is a text of 1001 characters; at most 1000 was expected."),
        ({"active": None}, "active is nothing; true or false was expected."),
        ({"active": "perhaps"}, 'active is "perhaps"; true or false was expected.'),
        (
            {"aiccLaunchUrl": ""},
            "aiccLaunchUrl is empty; an address here or in packageDownloadUrl was expected.",
        ),
        (
            {"aiccLaunchUrl": "javascript:alert(1)"},
            'aiccLaunchUrl is "javascript:alert(1)"; '
            "an address that begins with https:// or http:// was expected.",
        ),
        ({"categories": {"a": 1}}, "categories is an object; a list of texts was expected."),
        ({"languages": 7}, 'languages is "7"; a list of texts was expected.'),
    ],
)
def test_a_course_that_cannot_be_read_is_refused_by_its_id(
    changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(ItemRefused) as caught:
        parse_item({**LEAST, **changes})

    assert str(caught.value) == message
    assert caught.value.key == KEY


@pytest.mark.parametrize("raw", [None, "text", 7, [], [LEAST], {}, {"id": "7"}])
def test_what_is_no_course_at_all_is_refused_without_an_id(raw: object) -> None:
    with pytest.raises(ItemRefused) as caught:
        parse_item(raw)

    assert caught.value.key == ""
    assert str(caught.value).endswith("was expected.")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(sorted(RAW)), json_values))
def test_whatever_comes_is_read_or_refused(changes: dict[str, Any]) -> None:
    try:
        item = parse_item({**RAW, **changes})
    except ItemRefused as refused:
        assert refused.came
        assert refused.expected
    else:
        assert parse_item_document(dump_item(item)) == item


@given(items)
def test_an_item_comes_back_from_its_document(item: Item) -> None:
    assert parse_item_document(dump_item(item)) == item


def test_a_document_of_a_newer_release_is_not_misread() -> None:
    document = json.dumps({**json.loads(dump_item(ITEM)), "format": 2})

    with pytest.raises(ValueError, match="format 2"):
        parse_item_document(document)


@given(items, items)
def test_hashes_are_equal_exactly_where_nothing_differs(before: Item, after: Item) -> None:
    assert (item_hash(before) == item_hash(after)) == (differences(before, after) == ())
    assert differences(before, before) == ()


CHANGES: dict[str, tuple[Any, str, str]] = {
    "title": ("Safety", "Safety at work", "Safety"),
    "description": ("", "How to stay in one piece.", ""),
    "description_html": ("<p>New</p>", "<p>How to stay <b>in one piece</b>.</p>", "<p>New</p>"),
    "publisher": ("Other", "Example Press", "Other"),
    "languages": (("en",), "en, es-MX", "en"),
    "categories": (
        (("Compliance",),),
        "|Compliance|HIPAA\n|Law, Tax|Basics",
        "|Compliance",
    ),
    "duration": (None, "1:30:00", ""),
    "picture_url": ("", "https://cdn.example/small.png", ""),
    "launch_url": (
        "https://content.example/launch?course=2",
        "https://content.example/launch?course=1",
        "https://content.example/launch?course=2",
    ),
    "package_url": ("", "https://api.example/v1/content/1/package", ""),
    "active": (False, "yes", "no"),
    "updated_at": (
        datetime(2024, 3, 2, tzinfo=UTC),
        "2024-03-01 12:00:00+00:00",
        "2024-03-02 00:00:00+00:00",
    ),
}


@pytest.mark.parametrize("field", [field.name for field in fields(Item) if field.name != "key"])
def test_a_change_of_any_field_is_a_difference(field: str) -> None:
    value, before, after = CHANGES[field]
    changed = replace(ITEM, **{field: value})

    assert differences(ITEM, changed) == (Difference(field, before, after),)
    assert item_hash(changed) != item_hash(ITEM)


def test_the_order_of_lists_means_nothing() -> None:
    turned = replace(
        ITEM, languages=ITEM.languages[::-1], categories=ITEM.categories[::-1], key="other"
    )

    assert item_hash(turned) == item_hash(ITEM)
    assert differences(turned, ITEM) == ()


def test_the_order_of_fields_in_the_listing_means_nothing() -> None:
    mixed = list(RAW.items())
    random.Random(1).shuffle(mixed)

    assert item_hash(parse_item(dict(mixed))) == item_hash(ITEM)


def test_addresses_signed_anew_for_each_listing_are_no_change() -> None:
    signed = [
        replace(
            ITEM,
            picture_url=f"https://cdn.example/1.png?w=90&Expires={n}&Signature=s{n}",
            package_url=f"https://api.example/1?X-Amz-Date={n}&X-Amz-Signature=s{n}",
        )
        for n in (1, 2)
    ]

    assert item_hash(signed[0]) == item_hash(signed[1])


def test_the_hash_is_the_same_in_every_process() -> None:
    told = "a41dec025343e6b9ea2106421c4ee1918099e2e34092f3e72710e7dda67d54a1"

    assert item_hash(ITEM) == told
