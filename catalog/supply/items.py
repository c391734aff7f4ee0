"""What a provider last said of each of its courses, and what came of it: the rows of items.

Serves the sync, `provided_courses`, `archive` and the pages that show where a course comes from.
Takes a connection, never commits.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, select, update

from catalog.bulk import NewRows
from catalog.files.address import steady_address
from catalog.model import ArchiveReason
from catalog.provider.provided import Item, dump_item, parse_item_document
from catalog.schema import CourseTable
from catalog.supply.model import OPENSESAME, ItemState
from catalog.supply.schema import ItemTable
from catalog.sync.plan import Known, Step

# So many rows at once when all are gone through: memory stays as it is, and so do round trips.
AT_ONCE = 1000

_NEW_ITEMS = NewRows(
    ItemTable.__table__,
    "academy_id",
    "provider",
    "key",
    "course_id",
    "state",
    "hash",
    "failed_hash",
    "document",
    "active",
    "picture_url",
    "picture_due",
    "updated_at",
)


@dataclass(frozen=True, slots=True)
class Stored:
    """An item as it is stored. `course_id` is None where it has no course; `state` says why.

    `failed_hash` is the hash of one that could not be applied, "" where the last try went well.
    """

    key: str
    state: ItemState
    course_id: int | None
    hash: str
    failed_hash: str
    active: bool
    missed: int
    overruled: bool
    archived_for: ArchiveReason | None
    picture_due: bool
    picture_url: str

    def known(self) -> Known | None:
        """Return it as the plan takes it; None where there is no course to plan for."""
        if self.course_id is None:
            return None
        return Known(
            course_id=self.course_id,
            key=self.key,
            hash=self.hash,
            active=self.active,
            missed=self.missed,
            archived_for=self.archived_for,
            overruled=self.overruled,
        )


@dataclass(frozen=True, slots=True)
class Provided:
    """Where a course comes from: what the provider last said of it, and when that came."""

    provider: str
    item: Item
    missed: int
    overruled: bool
    updated_at: datetime


_STORED = (
    ItemTable.key,
    ItemTable.state,
    ItemTable.course_id,
    ItemTable.hash,
    ItemTable.failed_hash,
    ItemTable.active,
    ItemTable.missed,
    ItemTable.overruled,
    ItemTable.picture_due,
    ItemTable.picture_url,
    CourseTable.archive_reason,
)
# Written once: it is asked for every page of every listing.
_BY_KEYS: Any = (
    select(*_STORED)
    .outerjoin(CourseTable, CourseTable.id == ItemTable.course_id)
    .where(
        ItemTable.academy_id == bindparam("academy_id"),
        ItemTable.provider == bindparam("provider"),
        ItemTable.key.in_(bindparam("keys", expanding=True)),
    )
)


def stored(
    connection: Connection,
    academy_id: int,
    keys: Collection[str],
    *,
    provider: str = OPENSESAME,
) -> dict[str, Stored]:
    """Return what is stored of some items, by key, in one question."""
    if not keys:
        return {}
    asked = {"academy_id": academy_id, "provider": provider, "keys": list(keys)}
    return {found.key: _stored(found) for found in connection.execute(_BY_KEYS, asked)}


def lacking(
    connection: Connection,
    academy_id: int,
    *,
    seen: Collection[str],
    provider: str = OPENSESAME,
) -> Iterator[list[Stored]]:
    """Return, in portions by key, the items that are stored and were not seen.

    All keys are gone through, and no more than the keys: as a rule nearly all of them were seen.
    """
    after: str | None = ""
    while after is not None:
        query = (
            select(ItemTable.key)
            .where(*_of(academy_id, provider), ItemTable.key > after)
            .order_by(ItemTable.key)
            .limit(AT_ONCE)
        )
        keys = list(connection.execute(query).scalars())
        after = keys[-1] if keys else None
        unseen = [key for key in keys if key not in seen]
        if unseen:
            found = stored(connection, academy_id, unseen, provider=provider)
            yield [found[key] for key in unseen]


def count_open(connection: Connection, academy_id: int, *, provider: str = OPENSESAME) -> int:
    """Count the academy's courses of the provider that are not archived."""
    query = (
        select(func.count())
        .select_from(ItemTable)
        .join(CourseTable, CourseTable.id == ItemTable.course_id)
        .where(
            ItemTable.academy_id == academy_id,
            ItemTable.provider == provider,
            CourseTable.archived_at.is_(None),
        )
    )
    return connection.execute(query).scalar_one()


def documents(
    connection: Connection,
    academy_id: int,
    keys: Collection[str],
    *,
    provider: str = OPENSESAME,
) -> dict[str, Item]:
    """Return the last items, by key, whole: what a new one is compared with."""
    if not keys:
        return {}
    query = select(ItemTable.key, ItemTable.document).where(
        ItemTable.academy_id == academy_id,
        ItemTable.provider == provider,
        ItemTable.key.in_(list(keys)),
    )
    return {found.key: parse_item_document(found.document) for found in connection.execute(query)}


def provided(connection: Connection, academy_id: int, *, course_id: int) -> Provided | None:
    """Return where a course comes from; None for one that no provider takes care of."""
    query = select(ItemTable).where(
        ItemTable.academy_id == academy_id, ItemTable.course_id == course_id
    )
    found = connection.execute(query).one_or_none()
    if found is None:
        return None
    item = parse_item_document(found.document)
    return Provided(found.provider, item, found.missed, found.overruled, found.updated_at)


def keep(
    connection: Connection,
    academy_id: int,
    kept: Sequence[tuple[Item, str]],
    *,
    course_ids: Sequence[int | None],
    state: ItemState,
    now: datetime,
    replaces: Collection[str] = (),
    provider: str = OPENSESAME,
) -> None:
    """Store items with their hashes. Those among `replaces` are there already and are replaced.

    An item that failed is stored with an empty `hash`, so that it is never taken for unchanged.
    """
    if replaces:
        forget(connection, academy_id, replaces, provider=provider)
    failed = state is ItemState.FAILED
    _NEW_ITEMS.add(
        connection,
        (
            (
                academy_id,
                provider,
                item.key,
                course_id,
                state.value,
                "" if failed else told,
                told if failed else "",
                dump_item(item),
                item.active,
                item.picture_url,
                bool(item.picture_url) and course_id is not None,
                now,
            )
            for (item, told), course_id in zip(kept, course_ids, strict=True)
        ),
    )


def renew(
    connection: Connection,
    academy_id: int,
    renewed: Mapping[str, tuple[Item, str]],
    *,
    before: Mapping[str, Item],
    now: datetime,
    provider: str = OPENSESAME,
) -> None:
    """Store other items for courses that are linked: document, hash, and what picture is due."""
    rows = [
        {
            "of_key": key,
            "new_hash": told,
            "new_document": dump_item(item),
            "new_url": item.picture_url,
            "new_due": bool(item.picture_url)
            and (key not in before or not _same_picture(before[key], item)),
            "new_at": now,
        }
        for key, (item, told) in renewed.items()
    ]
    if not rows:
        return
    due = ItemTable.picture_due | bindparam("new_due")
    connection.execute(
        update(ItemTable)
        .where(*_of(academy_id, provider), ItemTable.key == bindparam("of_key"))
        .values(
            hash=bindparam("new_hash"),
            failed_hash="",
            document=bindparam("new_document"),
            picture_url=bindparam("new_url"),
            picture_due=due,
            updated_at=bindparam("new_at"),
        ),
        rows,
    )


def note_flags(
    connection: Connection,
    academy_id: int,
    steps: Iterable[Step],
    *,
    provider: str = OPENSESAME,
) -> None:
    """Store what steps say of the provider's flag, the misses and the admin's word."""
    rows = [
        {
            "of_key": step.key,
            "new_active": step.active,
            "new_missed": step.missed,
            "new_overruled": step.overruled,
        }
        for step in steps
    ]
    if not rows:
        return
    connection.execute(
        update(ItemTable)
        .where(*_of(academy_id, provider), ItemTable.key == bindparam("of_key"))
        .values(
            active=bindparam("new_active"),
            missed=bindparam("new_missed"),
            overruled=bindparam("new_overruled"),
        ),
        rows,
    )


def note_missed(
    connection: Connection,
    academy_id: int,
    keys: Collection[str],
    *,
    provider: str = OPENSESAME,
) -> None:
    """Count a miss of items that have no course."""
    connection.execute(
        update(ItemTable)
        .where(*_of(academy_id, provider), ItemTable.key.in_(list(keys)))
        .values(missed=ItemTable.missed + 1)
    )


def note_failure(
    connection: Connection,
    academy_id: int,
    *,
    key: str,
    told: str,
    provider: str = OPENSESAME,
) -> bool:
    """Note that an item of this hash could not be applied; False where the item is not stored."""
    changed = connection.execute(
        update(ItemTable)
        .where(*_of(academy_id, provider), ItemTable.key == key)
        .values(failed_hash=told)
    )
    return changed.rowcount > 0


def set_state(
    connection: Connection,
    academy_id: int,
    *,
    key: str,
    state: ItemState,
    provider: str = OPENSESAME,
) -> None:
    """Say what an item without a course came to."""
    connection.execute(
        update(ItemTable)
        .where(*_of(academy_id, provider), ItemTable.key == key)
        .values(state=state.value)
    )


def forget(
    connection: Connection,
    academy_id: int,
    keys: Collection[str],
    *,
    provider: str = OPENSESAME,
) -> int:
    """Forget items, so that the next listing judges them as new; courses are not touched.

    An item that has a course is forgotten only to be stored anew.
    """
    gone = connection.execute(
        delete(ItemTable).where(*_of(academy_id, provider), ItemTable.key.in_(list(keys)))
    )
    return gone.rowcount


def _same_picture(one: Item, other: Item) -> bool:
    """Addresses may be signed anew for each listing."""
    return steady_address(one.picture_url) == steady_address(other.picture_url)


def _of(academy_id: int, provider: str) -> tuple[Any, Any]:
    return ItemTable.academy_id == academy_id, ItemTable.provider == provider


def _stored(found: Row[Any]) -> Stored:
    reason = found.archive_reason
    return Stored(
        key=found.key,
        state=ItemState(found.state),
        course_id=found.course_id,
        hash=found.hash,
        failed_hash=found.failed_hash,
        active=found.active,
        missed=found.missed,
        overruled=found.overruled,
        archived_for=None if reason is None else ArchiveReason(reason),
        picture_due=found.picture_due,
        picture_url=found.picture_url,
    )
