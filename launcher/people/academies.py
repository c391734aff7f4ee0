"""Academies: the tenants, with their names, their place in addresses and their settings.

Serves pages and commands. Knows nothing of the people and courses inside.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from launcher.once import insert_once
from launcher.schema import Academy, LaunchWindow, Membership
from launcher.wall_clock import time_zones

# The widths of the columns; a slug is at most one label of a host name.
SLUG_MAX_LENGTH = 63
NAME_MAX_LENGTH = 255
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class AcademyRefused(Exception):
    """An academy that cannot be added or changed so. `field` is what is wrong, `reason` why."""

    def __init__(self, reason: str, *, field: str) -> None:
        self.reason = reason
        self.field = field
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class AcademyRow:
    """One academy. `slug` stands in the address of its pages, `time_zone` is an IANA name."""

    id: int
    slug: str
    name: str
    launch_window: LaunchWindow
    time_zone: str
    self_enrolment: bool = False


_COLUMNS = (
    Academy.id,
    Academy.slug,
    Academy.name,
    Academy.launch_window,
    Academy.time_zone,
    Academy.self_enrolment,
)


def add_academy(
    connection: Connection, *, name: str, slug: str | None = None, now: datetime
) -> AcademyRow:
    """Add an academy; without a slug one is made from the name. Raises `AcademyRefused`."""
    clean = _clean_name(name)
    short = slug if slug is not None else _slug_of(clean)
    if not _SLUG.fullmatch(short) or len(short) > SLUG_MAX_LENGTH:
        raise AcademyRefused(
            f"{short!r} cannot stand in an address: a slug is made of a-z, 0-9 and single hyphens, "
            f"at most {SLUG_MAX_LENGTH} of them.",
            field="slug",
        )
    statement = insert(Academy).values(
        slug=short,
        name=clean,
        launch_window=LaunchWindow.NEW.value,
        time_zone="UTC",
        created_at=now,
    )
    if not insert_once(connection, statement):
        raise AcademyRefused(f"There is already an academy with the slug {short}.", field="slug")
    added = academy_by_slug(connection, slug=short)
    if added is None:
        raise AcademyRefused(f"The academy {short} was removed at once.", field="slug")
    return added


def academy(connection: Connection, academy_id: int) -> AcademyRow | None:
    """Return the academy of that id, or None."""
    row = connection.execute(select(*_COLUMNS).where(Academy.id == academy_id)).one_or_none()
    return _academy(row) if row else None


def academy_by_slug(connection: Connection, *, slug: str) -> AcademyRow | None:
    """Return the academy of that slug, or None."""
    row = connection.execute(select(*_COLUMNS).where(Academy.slug == slug)).one_or_none()
    return _academy(row) if row else None


def academies(connection: Connection) -> list[AcademyRow]:
    """Return all academies, by name."""
    statement = select(*_COLUMNS).order_by(Academy.name, Academy.id)
    return [_academy(row) for row in connection.execute(statement)]


def academies_of_account(connection: Connection, *, account_id: int) -> list[AcademyRow]:
    """Return the academies that an account is a member of, by name."""
    statement = (
        select(*_COLUMNS)
        .join(Membership, Membership.academy_id == Academy.id)
        .where(Membership.account_id == account_id)
        .order_by(Academy.name, Academy.id)
    )
    return [_academy(row) for row in connection.execute(statement)]


def change_settings(
    connection: Connection,
    academy_id: int,
    *,
    name: str,
    launch_window: LaunchWindow,
    time_zone: str,
    self_enrolment: bool = False,
) -> None:
    """Change what an academy's admins may change. Raises `AcademyRefused`."""
    if time_zone not in time_zones():
        raise AcademyRefused(f"There is no time zone {time_zone!r}.", field="time_zone")
    connection.execute(
        update(Academy)
        .where(Academy.id == academy_id)
        .values(
            name=_clean_name(name),
            launch_window=LaunchWindow(launch_window).value,
            time_zone=time_zone,
            self_enrolment=self_enrolment,
        )
    )


def _clean_name(name: str) -> str:
    clean = " ".join(unicodedata.normalize("NFC", name).split())
    if not clean or len(clean) > NAME_MAX_LENGTH or not clean.isprintable():
        raise AcademyRefused(
            f"An academy needs a name of 1 to {NAME_MAX_LENGTH} visible characters.", field="name"
        )
    return clean


def _slug_of(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii").lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:SLUG_MAX_LENGTH].strip("-")
    if not slug:
        raise AcademyRefused(
            f"No slug can be made from the name {name!r}: say which one to use.", field="slug"
        )
    return slug


def _academy(row: Row[*tuple[Any, ...]]) -> AcademyRow:
    return AcademyRow(
        row.id,
        row.slug,
        row.name,
        LaunchWindow(row.launch_window),
        row.time_zone,
        row.self_enrolment,
    )
