"""May this course be launched, and if not, does it come back by itself.

Serves launches, pages and the sync. Pure: takes what the catalog knows of a course. Whether this
learner may take it (enrolment, prerequisites) is for others.
"""

from __future__ import annotations

from catalog.model import Archived, ArchiveReason

# OpenSesame's word is taken back by OpenSesame; an admin's stands until an admin takes it back.
_RETURNS = {
    ArchiveReason.REMOVED: True,
    ArchiveReason.INACTIVE: True,
    ArchiveReason.ADMIN: False,
}


def may_be_launched(archived: Archived | None) -> bool:
    """Tell whether anybody may launch the course, for work, for review or to try it.

    Where nobody may, `archived` is the reason.
    """
    return archived is None


def returns_by_itself(archived: Archived) -> bool:
    """Tell whether a sync reactivates the course as soon as OpenSesame lists it as active again."""
    return _RETURNS[archived.reason]
