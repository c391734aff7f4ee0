"""From an item of a provider's listing to a course, and to what that is after a change.

Serves the sync and decisions on duplicates. Writes what the provider owns (title, description,
categories, picture, duration, languages, publisher) and nothing that is an admin's.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, bindparam, update

from catalog import categories, versions
from catalog.bulk import NewRows
from catalog.document import dump_document
from catalog.duplicates import PROVIDED_UNIT
from catalog.indexing import Indexed, index
from catalog.model import AssignableUnit, Course
from catalog.provider.provided import Item
from catalog.schema import INDEX_EDITION, CourseTable, StructureTable
from catalog.store import course_values
from catalog.supply import items
from catalog.supply.model import OPENSESAME, ItemState

_SOURCES = {OPENSESAME: "OpenSesame"}

_COURSE_COLUMNS = (
    "academy_id",
    "aicc_id",
    "aicc_key",
    "title",
    "description",
    "sought",
    "title_key",
    "unit_count",
    "source",
    "fingerprint",
    "folder",
    "provider",
    "publisher",
    "languages",
    "duration",
    "index_edition",
    "created_at",
    "updated_at",
)
_NEW_COURSES = NewRows(CourseTable.__table__, *_COURSE_COLUMNS)
_NEW_STRUCTURES = NewRows(StructureTable.__table__, "course_id", "document", "version")


@dataclass(frozen=True, slots=True)
class Change:
    """An item that came anew for a course: what it was before, None where it was not linked yet."""

    course_id: int
    item: Item
    hash: str
    before: Item | None = None


def course_of(item: Item) -> Course:
    """Return the course that an item is: one unit, launched where the item says."""
    unit = AssignableUnit(PROVIDED_UNIT, item.title, item.launch_url, description=item.description)
    return Course(
        course_id=item.key,
        title=item.title,
        units=(unit,),
        members=(PROVIDED_UNIT,),
        description=item.description,
        creator=item.publisher,
    )


def course_after(before: Course, item: Item) -> Course:
    """Return a course as the item changes it.

    One with a single unit keeps it, and with it what runs: only its name and address change. Of one
    with more, an address makes the one unit that the provider launches.
    """
    if len(before.units) != 1 and item.launch_url:
        return replace(course_of(item), course_id=before.course_id)
    units = before.units
    if item.launch_url:
        units = (
            replace(
                units[0],
                title=item.title,
                description=item.description,
                file_name=item.launch_url,
                web_launch="",
            ),
        )
    return replace(before, title=item.title, description=item.description, units=units)


def add(
    connection: Connection,
    academy_id: int,
    new: Sequence[tuple[Item, str]],
    *,
    replaces: Sequence[str] = (),
    now: datetime,
    provider: str = OPENSESAME,
) -> list[int]:
    """Make courses of items with their hashes; return their ids in the same order.

    `replaces` are the keys of items that are stored already, without a course.
    """
    if not new:
        return []
    courses = [course_of(item) for item, _ in new]
    ids = _add_rows(
        connection, academy_id, [item for item, _ in new], courses, provider=provider, now=now
    )
    documents = map(dump_document, courses)
    _NEW_STRUCTURES.add(connection, ((*one, 1) for one in zip(ids, documents, strict=True)))
    items.keep(
        connection,
        academy_id,
        new,
        course_ids=ids,
        state=ItemState.LINKED,
        replaces=replaces,
        now=now,
        provider=provider,
    )
    made = dict(zip(ids, courses, strict=True))
    changes = [Change(number, item, told) for number, (item, told) in zip(ids, new, strict=True)]
    _find_by(connection, academy_id, changes, made, fresh=True)
    return ids


def _add_rows(
    connection: Connection,
    academy_id: int,
    new: Sequence[Item],
    courses: Sequence[Course],
    *,
    provider: str,
    now: datetime,
) -> list[int]:
    """Insert the rows of courses and return their ids in the same order.

    They come back in no order, so that each is known by its fingerprint.
    """
    keys = [_fingerprint(provider, item.key) for item in new]
    rows = [
        {
            **course_values(course),
            **_provided_values(item, provider),
            "academy_id": academy_id,
            "source": _SOURCES[provider],
            "fingerprint": key,
            "folder": "",
            "index_edition": INDEX_EDITION,
            "created_at": now,
            "updated_at": now,
        }
        for item, course, key in zip(new, courses, keys, strict=True)
    ]
    found = _NEW_COURSES.add_returning(
        connection, map(itemgetter(*_COURSE_COLUMNS), rows), "fingerprint", "id"
    )
    made = {one.fingerprint: one.id for one in found}
    return [made[key] for key in keys]


def change(
    connection: Connection,
    academy_id: int,
    changes: Sequence[Change],
    *,
    now: datetime,
    provider: str = OPENSESAME,
) -> list[int]:
    """Make courses what their items say now; return those whose structure got a new version.

    A course that was not linked with its item yet is linked: from then on the provider owns its
    fields. What is an admin's (tags, note, enrolments) stays.
    """
    if not changes:
        return []
    ids = [one.course_id for one in changes]
    before = versions.structures(connection, academy_id, course_ids=ids)
    after = {
        one.course_id: course_after(before[one.course_id].course, one.item)
        for one in changes
        if one.course_id in before
    }
    renewed = versions.change(connection, academy_id, after, now=now)
    _write_fields(connection, academy_id, changes, provider=provider, now=now)
    known = {one.item.key: one for one in changes if one.before is not None}
    items.renew(
        connection,
        academy_id,
        {key: (one.item, one.hash) for key, one in known.items()},
        before={key: one.before for key, one in known.items() if one.before is not None},
        now=now,
        provider=provider,
    )
    linked = [one for one in changes if one.before is None]
    items.keep(
        connection,
        academy_id,
        [(one.item, one.hash) for one in linked],
        course_ids=[one.course_id for one in linked],
        state=ItemState.LINKED,
        replaces=[one.item.key for one in linked],
        now=now,
        provider=provider,
    )
    _find_by(connection, academy_id, changes, after, fresh=False)
    return renewed


def _find_by(
    connection: Connection,
    academy_id: int,
    changes: Sequence[Change],
    courses: Mapping[int, Course],
    *,
    fresh: bool,
) -> None:
    """Put courses into their categories and into everything that finds them."""
    placed = {one.course_id: one.item.categories for one in changes}
    categories.place(connection, academy_id, placed, fresh=fresh)
    indexed = [
        Indexed(
            course_id=one.course_id,
            course=courses[one.course_id],
            publisher=one.item.publisher,
            languages=one.item.languages,
            categories=one.item.categories,
            key=one.item.key,
        )
        for one in changes
        if one.course_id in courses
    ]
    index(connection, academy_id, indexed, fresh=fresh)


def _write_fields(
    connection: Connection,
    academy_id: int,
    changes: Sequence[Change],
    *,
    provider: str,
    now: datetime,
) -> None:
    rows = [
        {"of_course": one.course_id, "new_updated_at": now}
        | {f"new_{name}": value for name, value in _provided_values(one.item, provider).items()}
        for one in changes
    ]
    names = [name.removeprefix("new_") for name in rows[0] if name != "of_course"]
    connection.execute(
        update(CourseTable)
        .where(CourseTable.academy_id == academy_id, CourseTable.id == bindparam("of_course"))
        .values({name: bindparam(f"new_{name}") for name in names}),
        rows,
    )


def _provided_values(item: Item, provider: str) -> dict[str, Any]:
    return {
        "provider": provider,
        "publisher": item.publisher,
        "languages": json.dumps(item.languages),
        "duration": None if item.duration is None else int(item.duration.total_seconds()),
    }


def _fingerprint(provider: str, key: str) -> str:
    """Stand in for the hash of files, of which there are none."""
    return hashlib.sha256(f"{provider} {key}".encode()).hexdigest()
