"""What a run's report says of each item: as it was, changed field by field, failed, and why.

Serves `applying`, `downloads` and `ending`. Reads what was judged; writes nothing.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from catalog.errors import CatalogError
from catalog.provider.provided import Difference, Item, differences
from catalog.supply.model import Entry, ItemState, Outcome
from catalog.sync.judging import Action, Work

OTHER_UNITS = "Its units are others now: learners in the middle of it keep theirs."
_FAILED_BEFORE = "It failed before and is as it was; the daily run tries it again."
_BACK = "OpenSesame lists it as active again."
_SETTLED = {
    ItemState.SKIPPED: (Outcome.SKIPPED, "It is a duplicate, and was skipped before."),
    ItemState.DECLINED: (Outcome.SKIPPED, "It is a duplicate, and an admin decided to skip it."),
    ItemState.WAITING: (Outcome.WAITING, "It may be a duplicate, and waits for a decision."),
}


def untouched(work: Work) -> Entry:
    """Say what an item is that nothing was done with."""
    if work.stored is not None and work.stored.failed_hash == work.step.hash:
        outcome, reason = Outcome.FAILED, _FAILED_BEFORE
    elif work.step.course_id is not None:
        outcome, reason = Outcome.UNCHANGED, ""
    elif work.stored is not None and work.item.active:
        outcome, reason = _SETTLED[work.stored.state]
    else:
        outcome, reason = Outcome.SKIPPED, "It is inactive at OpenSesame."
    return Entry(outcome, work.step.key, work.item.title, work.step.course_id, reason=reason)


def changed(work: Work, before: Item | None) -> Entry:
    """Tell a change field by field. A hash may differ where no field does, after an upgrade."""
    found = differences(before, work.item) if before is not None else ()
    outcome = Outcome.UPDATED if found else Outcome.UNCHANGED
    if work.action is Action.REACTIVATE:
        outcome = Outcome.REACTIVATED
    return Entry(
        outcome,
        work.step.key,
        work.item.title,
        work.step.course_id,
        reason=_BACK if outcome is Outcome.REACTIVATED else "",
        differences=tuple(map(_words, found)),
    )


def with_renewal(entry: Entry, renewed: Collection[int]) -> Entry:
    """Add to an entry that its course got other units, where it did."""
    if entry.course_id not in renewed:
        return entry
    return replace(entry, reason=f"{entry.reason} {OTHER_UNITS}".strip())


def failure_of(error: Exception) -> str:
    """Say in a sentence why a course could not be applied; the log has the rest."""
    if isinstance(error, CatalogError):
        return str(error)
    kind = type(error).__name__
    return f"The server could not store it ({kind}); its log says more. Nothing of it was changed."


def _words(found: Difference) -> tuple[str, str, str]:
    return found.field, found.before, found.after
