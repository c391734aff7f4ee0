"""A course as OpenSesame lists it: read from JSON, compared with how it was, stored and read again.

Serves the client, the plan, duplicates and the sync. The names of fields are those of the content
API's `/v1/content`; what each may hold is in `item_fields`. Fetches nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

from catalog.errors import ItemRefused
from catalog.files.address import steady_address
from catalog.provider import item_fields as read

# Raise it with every change that an older reader would misread.
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Item:
    """One course of the listing.

    `key` is its GUID in lower case: the match key everywhere. `description` is text and
    `description_html` is sanitised. `languages` are BCP 47 tags, as far as recognised, else as
    written. `categories` are paths, outermost name first. `duration` is what an average learner
    takes, None where unknown. Addresses are absolute, "" where there is none; without a
    `launch_url` the course has to be had from `package_url`. `active` is the provider's flag: false
    for a course that its publisher retired, or whose licence ended.
    """

    key: str
    title: str
    description: str = ""
    description_html: str = ""
    publisher: str = ""
    languages: tuple[str, ...] = ()
    categories: tuple[tuple[str, ...], ...] = ()
    duration: timedelta | None = None
    picture_url: str = ""
    launch_url: str = ""
    package_url: str = ""
    active: bool = True
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """A field of an item that changed, both values as texts for people; "" where there was none."""

    field: str
    before: str
    after: str


def parse_item(raw: object) -> Item:
    """Read one element of the listing's `data`. Raises `ItemRefused`.

    `id`, `title` and `active` must be there, and an active course needs an address to launch or
    to download it by. Fields that nobody knows are let pass.
    """
    if not isinstance(raw, dict):
        raise ItemRefused("", came=read.words(raw), expected="an object with id and title")
    key = read.guid("id", raw.get("id"))
    try:
        return _parse(key, raw)
    except ItemRefused as refused:
        refused.key = key
        raise


def _parse(key: str, raw: dict[str, Any]) -> Item:
    get = raw.get
    title = read.line("title", get("title"), limit=read.MAX_TITLE)
    if not title:
        raise ItemRefused("title", came=read.words(get("title")), expected="the course's title")
    markup = read.clean_html("descriptionHtml", get("descriptionHtml"))
    plain = read.text("descriptionText", get("descriptionText"), limit=read.MAX_DESCRIPTION)
    item = Item(
        key=key,
        title=title,
        description=plain or read.text_of_html(markup),
        description_html=markup,
        publisher=read.line("publisherName", get("publisherName"), limit=read.MAX_NAME),
        languages=read.languages("languages", get("languages")),
        categories=read.categories("categories", get("categories")),
        duration=read.duration(get("duration")),
        # The small one: it is shown in lists, and kept for tens of thousands of courses.
        picture_url=read.picture_address(get("thumbnailUrl"), get("imageUrl")),
        launch_url=read.address("aiccLaunchUrl", get("aiccLaunchUrl")),
        package_url=read.address("packageDownloadUrl", get("packageDownloadUrl")),
        active=read.flag("active", get("active")),
        updated_at=read.moment(get("dateUpdated")),
    )
    if item.active and not (item.launch_url or item.package_url):
        expected = "an address here or in packageDownloadUrl"
        raise ItemRefused("aiccLaunchUrl", came="empty", expected=expected)
    return item


def item_hash(item: Item) -> str:
    """Hash all fields but the key: 64 hexadecimal digits, equal exactly where nothing differs.

    The order of languages and categories means nothing, nor do signatures and times in the
    addresses of pictures and packages: a provider signs those anew for each listing.
    """
    told = list(_COMPARED_VALUES(item))
    for place, comparable in _CONVERTED:
        told[place] = comparable(told[place])
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def differences(before: Item, after: Item) -> tuple[Difference, ...]:
    """Say field by field what changed between two states of a course."""
    return tuple(
        Difference(name, _shown(name, was), _shown(name, now))
        for name, comparable in _COMPARED.items()
        if comparable(was := getattr(before, name)) != comparable(now := getattr(after, name))
    )


def _same(value: Any) -> Any:
    return value


def _seconds(value: timedelta | None) -> float | None:
    return None if value is None else value.total_seconds()


def _moment(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat()


# What of each field is compared, as JSON takes it.
_COMPARED: Mapping[str, Callable[[Any], Any]] = {
    "title": _same,
    "description": _same,
    "description_html": _same,
    "publisher": _same,
    "languages": sorted,
    "categories": sorted,
    "duration": _seconds,
    "picture_url": steady_address,
    "launch_url": _same,
    "package_url": steady_address,
    "active": _same,
    "updated_at": _moment,
}


_COMPARED_VALUES = attrgetter(*_COMPARED)
_CONVERTED = [
    (place, comparable)
    for place, comparable in enumerate(_COMPARED.values())
    if comparable is not _same
]


def _shown(name: str, value: Any) -> str:
    if name == "languages":
        return ", ".join(value)
    if name == "categories":
        return "\n".join(f"|{'|'.join(path)}" for path in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    return "" if value is None else str(value)


_NAMES = tuple(field.name for field in fields(Item))
_VALUES = attrgetter(*_NAMES)
_JSON = json.JSONEncoder(separators=(",", ":"))


def dump_item(item: Item) -> str:
    """Write an item as JSON; `parse_item_document` reads it."""
    document = dict(zip(_NAMES, _VALUES(item), strict=True))
    document["duration"] = _seconds(item.duration)
    document["updated_at"] = _moment(item.updated_at)
    return _JSON.encode({"format": FORMAT, **document})


def parse_item_document(text: str) -> Item:
    """Read what `dump_item` wrote. Raises `ValueError` for a format of a newer release."""
    document: dict[str, Any] = json.loads(text)
    written = document.pop("format")
    if written != FORMAT:
        raise ValueError(f"an item document of format {written!r}; this release reads {FORMAT}")
    seconds, updated = document["duration"], document["updated_at"]
    return Item(
        **{
            **document,
            "languages": tuple(document["languages"]),
            "categories": tuple(tuple(path) for path in document["categories"]),
            "duration": None if seconds is None else timedelta(seconds=seconds),
            "updated_at": updated and datetime.fromisoformat(updated),
        }
    )
