"""Courses for the tests of what providers bring: items, uploads, and what is stored of them.

Serves tests/catalog, and others that need one. Everything is invented and nothing asks a provider.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection

from catalog import store
from catalog.indexing import Indexed, index
from catalog.model import AssignableUnit, Course
from catalog.provider.provided import Item, item_hash
from catalog.store import StoredCourse, Transact
from catalog.supply import items
from catalog.supply.model import (
    OPENSESAME,
    Branding,
    ConnectionState,
    DuplicatePolicy,
    ProviderConnection,
)
from catalog.sync import provided_courses

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
HOSTS = ("content.example.org",)


def key(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012}"


# A connection that has everything, and has not been used.
READY = ProviderConnection(
    academy_id=1,
    provider=OPENSESAME,
    activated=True,
    enabled=True,
    ciid="C-1",
    ciid_shared=False,
    branding=Branding.DEFAULT,
    client_id="",
    client_secret=None,
    has_push_secret=False,
    policy=DuplicatePolicy.ASK,
    daily_at=0,
    poll_minutes=10,
    state=ConnectionState.NEVER,
    sentence="",
    failures=0,
    tried_at=None,
    succeeded_at=None,
    next_daily_at=None,
    next_poll_at=None,
)


def item(number: int, title: str = "", **more: Any) -> Item:
    launch = {"launch_url": f"https://content.example.org/launch/{number}"}
    return Item(key(number), title or f"Course {number}", **(launch | more))


def bring(transact: Transact, *brought: Item, academy_id: int = 1) -> list[int]:
    """Store items as new courses; return the courses' ids."""
    new = [(one, item_hash(one)) for one in brought]
    return transact(lambda c: provided_courses.add(c, academy_id, new, now=NOW))


def course(course_id: str = "UP-1", title: str = "Uploaded", **more: Any) -> Course:
    unit = AssignableUnit("A1", "One", more.pop("url", "https://elsewhere.example.org/start"))
    return Course(course_id, title, more.pop("units", (unit,)), ("A1",), **more)


def upload(transact: Transact, uploaded: Course, academy_id: int = 1) -> int:
    """Store a course as an upload does; return its id."""

    def unit(connection: Connection) -> int:
        number = store.add_course(
            connection,
            academy_id,
            course=uploaded,
            source="package.zip",
            fingerprint=f"{uploaded.course_id} {uploaded.title}",
            content_key=None,
            folder="",
            now=NOW,
        )
        index(connection, academy_id, [Indexed(number, uploaded)], fresh=True)
        return number

    return transact(unit)


def stored(transact: Transact, course_id: int, version: int | None = None) -> StoredCourse:
    found = transact(lambda c: store.course(c, 1, course_id=course_id, version=version))
    assert found is not None
    return found


def stored_item(transact: Transact, number: int) -> items.Stored | None:
    return transact(lambda c: items.stored(c, 1, [key(number)])).get(key(number))
