"""A status set by hand, and withdrawn: who may be given which, and what follows from it.

Serves the admin's pages and the command line. Refuses with a reason for people; nothing is kept
then.
"""

from __future__ import annotations

import math
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import Connection

from catalog.files.tree import ROOT
from catalog.model import ResultStatus
from catalog.store import StoredCourse
from hacp.ids import new_id
from launcher.people import enrolments
from launcher.records import by_hand, progress, transcripts
from launcher.records.by_hand import HandStatus

# What somebody may decide. That a unit was not attempted, or only looked at, is no decision.
SETTABLE = (
    ResultStatus.PASSED,
    ResultStatus.COMPLETED,
    ResultStatus.FAILED,
    ResultStatus.INCOMPLETE,
)
# As long as a paragraph; who writes more has a file to refer to.
LONGEST_REASON = 1000


class HandRefused(Exception):
    """A status that cannot be set or withdrawn so. `field` is what is wrong, `reason` why."""

    def __init__(self, reason: str, *, field: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.field = field


def set_status(
    connection: Connection,
    stored: StoredCourse,
    *,
    learner_id: int,
    element: str,
    status: str,
    percent: float | None,
    reason: str,
    by: str,
    now: datetime,
) -> HandStatus:
    """Set a status for a learner's unit, or for the whole course (`root`). Raises `HandRefused`.

    It counts until it is withdrawn or set anew, whatever content says meanwhile; what content says
    is recorded as ever.
    """
    fresh = HandStatus(
        id=new_id(now),
        learner_id=learner_id,
        course_id=stored.id,
        element=_element(stored, element),
        status=_settable(status),
        percent=_percent(percent),
        reason=_reason(reason),
        set_by=by,
        set_at=now,
    )
    _refuse_stranger(connection, stored, learner_id)
    known = _locked(connection, stored, learner_id).get(fresh.element)
    if known is not None:
        by_hand.end(connection, stored.academy_id, id=known.id, by=by, now=now, reason=None)
    by_hand.add(connection, stored.academy_id, fresh)
    progress.refresh_in(connection, stored, learner_id=learner_id)
    return fresh


def withdraw(
    connection: Connection,
    stored: StoredCourse,
    *,
    learner_id: int,
    element: str,
    reason: str,
    by: str,
    now: datetime,
    seen: int | None = None,
) -> None:
    """Let what content said count again. Raises `HandRefused` where nothing is set.

    `seen` is the record that is meant, where it was seen before: one that was replaced meanwhile
    stays.
    """
    why = _reason(reason)
    _refuse_stranger(connection, stored, learner_id)
    known = _locked(connection, stored, learner_id).get(element)
    if known is None:
        raise HandRefused(_("Nothing is set by hand there."), field="element")
    if seen not in {None, known.id}:
        raise HandRefused(_("Somebody else has set it anew meanwhile."), field="element")
    by_hand.end(connection, stored.academy_id, id=known.id, by=by, now=now, reason=why)
    progress.refresh_in(connection, stored, learner_id=learner_id)


def _locked(connection: Connection, stored: StoredCourse, learner_id: int) -> dict[str, HandStatus]:
    """Return what is in force, with the learner's row locked: two admins take turns."""
    key = {"learner_id": learner_id, "course_id": stored.id}
    progress.lock_row(connection, academy_id=stored.academy_id, **key)
    return by_hand.in_force(connection, stored.academy_id, **key)


def _refuse_stranger(connection: Connection, stored: StoredCourse, learner_id: int) -> None:
    """Refuse a learner who has nothing to do with the course, or with the academy at all."""
    academy_id, course_id = stored.academy_id, stored.id
    if enrolments.is_enrolled(connection, academy_id, learner_id=learner_id, course_id=course_id):
        return
    if not transcripts.count(connection, academy_id, learner_id=learner_id, course_id=course_id):
        raise HandRefused(
            _("This person is not enrolled in “%(course)s”.", course=stored.title),
            field="element",
        )


def _element(stored: StoredCourse, element: str) -> str:
    if element == ROOT or stored.course.unit(element) is not None:
        return element
    raise HandRefused(
        _("“%(course)s” has no unit “%(unit)s”.", course=stored.title, unit=element),
        field="element",
    )


def _settable(status: str) -> ResultStatus:
    found = next((one for one in SETTABLE if one == status), None)
    if found is None:
        words = ", ".join(SETTABLE)
        raise HandRefused(
            _("“%(status)s” cannot be set. Choose one of: %(words)s.", status=status, words=words),
            field="status",
        )
    return found


def _percent(percent: float | None) -> float | None:
    if percent is None or (math.isfinite(percent) and 0 <= percent <= 100):
        return percent
    raise HandRefused(_("A score is a number from 0 to 100."), field="score")


def _reason(text: str) -> str:
    reason = " ".join(text.split())
    if not reason:
        raise HandRefused(_("Say why; it is kept with the record."), field="reason")
    if len(reason) > LONGEST_REASON or not reason.isprintable():
        raise HandRefused(
            _("A reason has at most %(most)d visible characters.", most=LONGEST_REASON),
            field="reason",
        )
    return reason
