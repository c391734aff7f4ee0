"""Which courses want a picture, and which one they got: the rows that `illustrating` works on.

Takes a connection, never commits. Fetches nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update

from catalog.schema import CourseTable
from catalog.supply.model import OPENSESAME
from catalog.supply.schema import ItemTable


@dataclass(frozen=True, slots=True)
class DuePicture:
    """A picture that is to be fetched; `tries` counts how often that failed."""

    key: str
    url: str
    tries: int


def due(
    connection: Connection,
    academy_id: int,
    *,
    after: str = "",
    limit: int = 50,
    provider: str = OPENSESAME,
) -> list[DuePicture]:
    """Return pictures that are due, by key, behind the one of the key `after`."""
    query = (
        select(ItemTable.key, ItemTable.picture_url, ItemTable.picture_tries)
        .where(*_due(academy_id, provider), ItemTable.key > after)
        .order_by(ItemTable.key)
        .limit(limit)
    )
    return [DuePicture(*found) for found in connection.execute(query)]


def count_due(connection: Connection, academy_id: int, *, provider: str = OPENSESAME) -> int:
    """Count the pictures that are due."""
    query = select(func.count()).select_from(ItemTable).where(*_due(academy_id, provider))
    return connection.execute(query).scalar_one()


def note(
    connection: Connection,
    academy_id: int,
    names: Mapping[str, str],
    *,
    again: Collection[str] = (),
    provider: str = OPENSESAME,
) -> None:
    """Note pictures by name, "" for one that cannot be had; those of `again` stay due.

    What a course has for a picture stays when the new one cannot be had.
    """
    of_key = ItemTable.key == bindparam("of_key")
    own = (ItemTable.academy_id == academy_id, ItemTable.provider == provider)
    if names:
        connection.execute(
            update(ItemTable).where(*own, of_key).values(picture_due=False, picture_tries=0),
            [{"of_key": key} for key in names],
        )
    if again:
        connection.execute(
            update(ItemTable).where(*own, of_key).values(picture_tries=ItemTable.picture_tries + 1),
            [{"of_key": key} for key in again],
        )
    had = {key: name for key, name in names.items() if name}
    query = select(ItemTable.key, ItemTable.course_id).where(*own, ItemTable.key.in_(list(had)))
    rows = [
        {"of_course": found.course_id, "new_picture": had[found.key]}
        for found in connection.execute(query)
        if found.course_id is not None
    ]
    if rows:
        connection.execute(
            update(CourseTable)
            .where(CourseTable.academy_id == academy_id, CourseTable.id == bindparam("of_course"))
            .values(picture=bindparam("new_picture")),
            rows,
        )


def kept(
    connection: Connection, academy_id: int, *, provider: str = OPENSESAME
) -> list[tuple[int, str]]:
    """Return the courses that have a picture of the provider, with its name."""
    query = (
        select(CourseTable.id, CourseTable.picture)
        .join(ItemTable, ItemTable.course_id == CourseTable.id)
        .where(
            CourseTable.academy_id == academy_id,
            CourseTable.picture != "",
            ItemTable.academy_id == academy_id,
            ItemTable.provider == provider,
        )
    )
    return [(found.id, found.picture) for found in connection.execute(query)]


def lose(
    connection: Connection,
    academy_id: int,
    course_ids: Sequence[int],
    *,
    provider: str = OPENSESAME,
) -> None:
    """Note that the pictures of courses are gone: the courses have none, and one is due."""
    connection.execute(
        update(CourseTable)
        .where(CourseTable.academy_id == academy_id, CourseTable.id == bindparam("of_course"))
        .values(picture=""),
        [{"of_course": course_id} for course_id in course_ids],
    )
    connection.execute(
        update(ItemTable)
        .where(
            ItemTable.academy_id == academy_id,
            ItemTable.provider == provider,
            ItemTable.course_id == bindparam("of_course"),
        )
        .values(picture_due=True, picture_tries=0),
        [{"of_course": course_id} for course_id in course_ids],
    )


def renew(
    connection: Connection,
    academy_id: int,
    urls: Mapping[str, str],
    *,
    provider: str = OPENSESAME,
) -> None:
    """Keep the newest addresses of pictures that are still due: a signed one soon ends."""
    connection.execute(
        update(ItemTable)
        .where(*_due(academy_id, provider), ItemTable.key == bindparam("of_key"))
        .values(picture_url=bindparam("new_url")),
        [{"of_key": key, "new_url": url} for key, url in urls.items()],
    )


def _due(academy_id: int, provider: str) -> tuple[Any, ...]:
    return (
        ItemTable.academy_id == academy_id,
        ItemTable.provider == provider,
        ItemTable.picture_due,
    )
