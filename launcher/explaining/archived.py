"""What an archiving has to do with it: held, shut out, or in the way of what was not done yet.

Serves `explain`. Pure, as that is.
"""

from __future__ import annotations

from hacp.life import BEFORE_IT_BEGAN
from launcher.explaining.facts import Case, Facts, points_at, stamp
from launcher.explaining.findings import Cause, Finding
from launcher.explaining.said import Said


def archived(case: Case) -> Finding | None:
    """The course is archived, and what the case is about was not done before."""
    if case.archived_at is None or _done(case):
        return None
    values = {"archived_at": stamp(case.archived_at)}
    if not case.held:
        return Finding(Cause.ARCHIVED, values)
    last = next((one for one in reversed(case.exchanges) if one.id in case.held_here), None)
    return Finding(Cause.HELD, {**values, "held": str(case.held)}, points_at(last, "lesson_status"))


def shut_out(facts: Facts) -> Finding | None:
    """The newest window was opened before an archiving, and its content came too late to begin."""
    own = [one for one in facts.case.exchanges if one.session_id == facts.session.id]
    late = next((one for one in reversed(own) if _was_shut_out(one)), None)
    if late is None or any(one.accepted for one in own):
        return None
    values = {"launched_at": stamp(facts.session.opened_at), "refused_at": stamp(late.at)}
    return Finding(Cause.SHUT_OUT, values, points_at(late))


def _was_shut_out(said: Said) -> bool:
    return not said.accepted and BEFORE_IT_BEGAN in said.notes


def _done(case: Case) -> bool:
    if case.whole_course:
        return case.course_done
    return case.attempt is not None and Facts(case, case.attempt).done
