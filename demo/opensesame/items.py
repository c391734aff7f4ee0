"""A course as the content API lists it: the item's fields, named as OpenSesame names them.

Serves `api`. Writes what the course says and mends nothing: being forgiving is the reader's part.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import date
from urllib.parse import urlencode

from demo.opensesame.model import ActiveAs, Entry

Item = dict[str, object]

_ACTIVE: Mapping[ActiveAs, Callable[[bool], object]] = {
    ActiveAs.BOOLEAN: lambda active: active,
    ActiveAs.NUMBER: int,
    ActiveAs.TEXT: lambda active: str(active).lower(),
}


def dump_item(entry: Entry, *, ciid: str, base_url: str, today: date) -> Item:
    """Write one item; `base_url` has no slash at its end."""
    course = entry.course
    pictures = f"{base_url}/pictures/{course.id.lower()}" if course.has_picture else ""
    package = urlencode({"customerIntegrationId": ciid})
    item: Item = {
        "id": course.id,
        "title": course.title,
        "descriptionText": course.description,
        "descriptionHtml": course.description_html or f"<p>{course.description}</p>",
        "thumbnailUrl": f"{pictures}/thumbnail.png" if pictures else "",
        "imageUrl": f"{pictures}/image.png" if pictures else "",
        "duration": course.duration,
        "languages": list(course.languages),
        "categories": list(course.categories),
        "publisherName": course.publisher,
        "packageDownloadUrl": f"{base_url}/v1/content/{course.id}/package?{package}",
        "aiccLaunchUrl": "" if course.only_package else launch_url(entry, ciid, base_url=base_url),
        "active": _ACTIVE[course.active_as](entry.is_active(today)),
    }
    if course.updated_at is not None:
        item["dateUpdated"] = course.updated_at.isoformat()
    return item


def launch_url(entry: Entry, ciid: str, *, base_url: str) -> str:
    """Return where the course of this customer is launched; the licence stands in its query."""
    query = urlencode({"licenseId": licence_id(entry, ciid)})
    return f"{base_url}/launch/{entry.course.id.lower()}?{query}"


def licence_id(entry: Entry, ciid: str) -> str:
    """Return the licence identifier: the customer, and a few digits of what was bought."""
    bought = f"{ciid}/{entry.course.id.lower()}/{entry.sent_as or ''}"
    return f"{ciid}.{hashlib.sha256(bought.encode()).hexdigest()[:12]}"


def customer_of(licence: str) -> str:
    """Return the customer of a licence identifier, "" where it is none. See `licence_id`."""
    return licence.rpartition(".")[0]
