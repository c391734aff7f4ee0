"""Who has to wait: which units and blocks of a course are locked, and what would unlock them.

Serves launches and course pages. Pure: a course and the results of one learner in, locks out. How
a lock is put into words is the hall's to say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from catalog.files.tree import ROOT, walk
from catalog.model import Course, Result, ResultStatus
from catalog.naming import Names
from catalog.needs import Need, conditions, missing
from catalog.structure import statuses


@dataclass(frozen=True, slots=True)
class Unmet:
    """A condition that does not hold: an element should have a status, or must not have it.

    `status` None stands for passed or completed. An element that the course does not have is called
    by its id.
    """

    element: str
    title: str
    status: ResultStatus | None = None
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Lock:
    """Why an element cannot be opened: the prerequisite of `element` does not hold.

    That is the element itself, a block around it, or `root`, the whole course. `missing` is what
    has to come true, as `needs.missing` returns it; which of the `unmet` conditions are
    alternatives stands there.
    """

    element: str
    title: str
    missing: tuple[Need, ...]
    unmet: tuple[Unmet, ...]


def locks(course: Course, results: Mapping[str, Result]) -> dict[str, Lock]:
    """Return the lock of every unit and block that is locked, by system_id.

    An element is locked while its own prerequisite, or that of any block around it, does not hold.
    Where several do not, the outermost is told: nothing further in opens before it.

    That a unit is done unlocks nothing: what may be opened in spite of its lock, to look back and
    without any record, is for who launches to say.
    """
    if not course.prerequisites:
        return {}
    names, found = Names(course), statuses(course, results)
    own: dict[str, Lock] = {}
    for element, text in course.prerequisites.items():
        script = names.script(text)
        if script is not None and not script.holds(found):
            own[element] = _lock(element, names, missing(script, found))
    return dict(_spread(course, own))


def may_launch(course: Course, results: Mapping[str, Result], system_id: str) -> Lock | None:
    """Return what keeps a unit from being opened for the record, None where nothing does.

    Raises `LookupError` for what is no unit of the course. How many units are open at the same time
    is not asked (Max_Normal; `docs/decisions.md` says why).
    """
    if course.unit(system_id) is None:
        raise LookupError(f"course {course.course_id!r} has no unit {system_id!r}")
    return locks(course, results).get(system_id)


def _spread(course: Course, own: Mapping[str, Lock]) -> list[tuple[str, Lock]]:
    """Pair everything inside a locked element with that element's lock."""
    members = {block.system_id: block.members for block in course.blocks}
    # The locks of the blocks around, by depth; the course stands around all of them.
    around = [own.get(ROOT)]
    locked = []
    for name, depth in walk(course.members, members):
        del around[depth + 1 :]
        lock = around[-1] or own.get(name)
        around.append(lock)
        if lock is not None:
            locked.append((name, lock))
    return locked


def _lock(element: str, names: Names, left: tuple[Need, ...]) -> Lock:
    unmet = tuple(
        Unmet(one.element, names.title(one.element), one.status, one.negated)
        for one in conditions(left)
    )
    return Lock(element, names.title(element), left, unmet)
