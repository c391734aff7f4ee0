"""Previews: an admin tries a course as a learner would, and nothing of it is anybody's record.

Serves the admin's pages and the sweep. What the content says is filed under the number of the
preview below zero, which is no learner's: so no list, count, transcript or export ever meets it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus

from flask_babel import gettext as _
from sqlalchemy import Connection, delete, insert, select, update

import catalog.store
import hacp.store
from hacp.forgetting import forget
from hacp.model import Attempt
from launcher import config
from launcher.config import Settings
from launcher.db import read, transact
from launcher.launches import Launched, LaunchRefused, Student, mode_of, open_unit, unit_of
from launcher.people.accounts import Member
from launcher.schema import Preview as PreviewTable

# How long a preview is kept after it was last launched, for whoever still looks at its trace.
KEPT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Preview:
    """One try of a course by one admin, over any number of launches of its units."""

    id: int
    academy_id: int
    course_id: int
    member_id: int
    begun_at: datetime

    @property
    def learner_id(self) -> int:
        """The number under which its attempts are filed."""
        return -self.id


def is_preview(learner_id: int) -> bool:
    """Tell whether attempts of this number are those of a preview."""
    return learner_id < 0


def current(
    connection: Connection, academy_id: int, *, course_id: int, member_id: int
) -> Preview | None:
    """Return the preview that an admin's next launch goes on with."""
    row = connection.execute(
        _SELECTED.where(
            PreviewTable.academy_id == academy_id,
            PreviewTable.course_id == course_id,
            PreviewTable.member_id == member_id,
        )
        .order_by(PreviewTable.id.desc())
        .limit(1)
    ).one_or_none()
    return Preview(*row) if row is not None else None


def of_attempt(connection: Connection, attempt: Attempt) -> Preview | None:
    """Return the preview that an attempt belongs to; None for a learner's."""
    row = connection.execute(
        _SELECTED.where(
            PreviewTable.academy_id == attempt.academy_id,
            PreviewTable.id == -attempt.learner_id,
        )
    ).one_or_none()
    return Preview(*row) if row is not None else None


def attempts_of(connection: Connection, preview: Preview) -> list[Attempt]:
    """Return what the content came to, by unit and number."""
    return hacp.store.attempts_in_course(
        connection,
        preview.academy_id,
        learner_id=preview.learner_id,
        course_id=preview.course_id,
    )


def begin(
    connection: Connection, academy_id: int, *, course_id: int, member_id: int, now: datetime
) -> Preview:
    """Begin a preview with nothing of those before it; those are swept away in time."""
    values = {"academy_id": academy_id, "course_id": course_id, "member_id": member_id}
    inserted = connection.execute(
        insert(PreviewTable).values(**values, begun_at=now, used_at=now).returning(PreviewTable.id)
    )
    return Preview(inserted.scalar_one(), **values, begun_at=now)


def launch(
    connection: Connection,
    member: Member,
    *,
    course_id: int,
    au_id: str | None,
    settings: Settings,
    now: datetime,
) -> Launched:
    """Open a unit for an admin who is not enrolled, as a normal launch to its content.

    Locks do not count: an admin tries what they like. Raises `LaunchRefused`.
    """
    stored = catalog.store.course(connection, member.academy_id, course_id=course_id)
    if stored is None:
        raise LaunchRefused(_("There is no such course here."), status=HTTPStatus.NOT_FOUND)
    unit = unit_of(stored, au_id)
    key = {"course_id": course_id, "member_id": member.id}
    preview = current(connection, member.academy_id, **key)
    if preview is None or not _use(connection, preview, now=now):
        preview = begin(connection, member.academy_id, **key, now=now)
    own = [one for one in attempts_of(connection, preview) if one.au_id == unit.system_id]
    return open_unit(
        connection,
        stored,
        unit,
        student=Student(preview.learner_id, f"preview-{preview.id}", member.name),
        mode=mode_of(own),
        settings=settings,
        now=now,
    )


def sweep(*, now: datetime) -> int:
    """Take old previews out, each in a transaction of its own; return how many. Safe anywhere."""
    # No session of theirs may still be heard, however long an operator lets sessions live.
    kept = max(KEPT, config.current().session_policy.lifetime)
    before = now - kept
    old = read(lambda connection: _old(connection, before=before))
    return sum(
        transact(partial(_remove, academy_id=academy_id, preview_id=preview_id, before=before))
        for academy_id, preview_id in old
    )


_SELECTED = select(
    PreviewTable.id,
    PreviewTable.academy_id,
    PreviewTable.course_id,
    PreviewTable.member_id,
    PreviewTable.begun_at,
)


def _old(connection: Connection, *, before: datetime) -> list[tuple[int, int]]:
    rows = connection.execute(
        select(PreviewTable.academy_id, PreviewTable.id).where(PreviewTable.used_at < before)
    )
    return [(row.academy_id, row.id) for row in rows]


def _use(connection: Connection, preview: Preview, *, now: datetime) -> bool:
    """Keep a preview for another while; False where a sweep has just removed it."""
    used = connection.execute(
        update(PreviewTable).where(PreviewTable.id == preview.id).values(used_at=now)
    )
    return bool(used.rowcount)


def _remove(connection: Connection, *, academy_id: int, preview_id: int, before: datetime) -> bool:
    """Remove a preview, unless it was launched since it was found to be old."""
    removed = connection.execute(
        delete(PreviewTable).where(
            PreviewTable.academy_id == academy_id,
            PreviewTable.id == preview_id,
            PreviewTable.used_at < before,
        )
    )
    if not removed.rowcount:
        return False
    # The row is locked from here on: a launch waits, and begins another one.
    forget(connection, academy_id, learner_id=-preview_id)
    return True
