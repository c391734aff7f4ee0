"""What is to be done with each item of a page: the plan's steps, and the policy for duplicates.

Serves the sync. Asks the stores what is known, writes nothing; `applying` carries it out.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from sqlalchemy import Connection

from catalog import marks
from catalog.duplicates import Verdict, marks_of_item
from catalog.provider.provided import Item
from catalog.supply import items
from catalog.supply.items import Stored
from catalog.supply.model import DuplicatePolicy, ItemState, RunKind
from catalog.sync.plan import Known, Step, StepKind, plan_page


class Action(StrEnum):
    """What is written for an item."""

    ADD = "add"
    ADD_BESIDE = "add beside"
    LINK = "link"
    SKIP = "skip"
    ASK = "ask"
    CHANGE = "change"
    REACTIVATE = "reactivate"
    ARCHIVE = "archive"
    NOTE = "note"
    FORGET = "forget"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Policy:
    """How a run decides: the academy's choice for duplicates, and where the provider launches."""

    duplicates: DuplicatePolicy
    hosts: Sequence[str]


@dataclass(frozen=True, slots=True)
class Work:
    """One item of a page: what is to be done, why, and what was stored before.

    `verdict` names the courses that are the same, `target` the one that is linked. `told_before` is
    set where the item is as it was and was settled then, so that there is nothing to tell again.
    """

    step: Step
    action: Action
    stored: Stored | None = None
    verdict: Verdict | None = None
    target: int | None = None
    told_before: bool = False

    @property
    def item(self) -> Item:
        """The item as it is listed."""
        if self.step.item is None:
            raise ValueError("a step of a page always has its item")
        return self.step.item


# What the kinds of steps of known courses come to.
_ACTIONS = {
    StepKind.UPDATE: Action.CHANGE,
    StepKind.ARCHIVE: Action.ARCHIVE,
    StepKind.REACTIVATE: Action.REACTIVATE,
    StepKind.REPEATED: Action.NOTHING,
}
_POLICIES = {
    DuplicatePolicy.UPDATE: Action.LINK,
    DuplicatePolicy.KEEP: Action.ADD_BESIDE,
    DuplicatePolicy.SKIP: Action.SKIP,
    DuplicatePolicy.ASK: Action.ASK,
}
# Items without a course that are settled as long as they do not change.
_SETTLED = (ItemState.SKIPPED, ItemState.WAITING)


def judge_page(
    connection: Connection,
    academy_id: int,
    listed: Sequence[Item],
    *,
    seen: set[str],
    policy: Policy,
    kind: RunKind,
) -> list[Work]:
    """Return what is to be done with the items of a page, in their order; `seen` gets their keys.

    A course that failed is not tried again with every poll, only when it has changed or somebody
    asks. `RunKind.EVERYTHING` takes nothing for unchanged.
    """
    stored = items.stored(connection, academy_id, [item.key for item in listed])
    anew = kind is RunKind.EVERYTHING
    known = {key: _known(one, anew=anew) for key, one in stored.items()}
    steps = plan_page({key: one for key, one in known.items() if one is not None}, listed, seen)
    works = [_work(step, stored.get(step.key), kind=kind) for step in steps]
    return _judge_new(connection, academy_id, works, policy)


def _known(stored: Stored, *, anew: bool) -> Known | None:
    known = stored.known()
    return replace(known, hash="") if known is not None and anew else known


def _work(step: Step, stored: Stored | None, *, kind: RunKind) -> Work:
    """Say what is to be done with one item, as far as that can be said without a look at others."""
    if stored is not None and stored.failed_hash == step.hash and kind is RunKind.POLL:
        return Work(step, Action.NOTHING, stored, told_before=True)
    if step.kind is StepKind.NEW:
        return _work_new(step, stored, kind=kind)
    if step.kind is StepKind.IGNORED:
        forgets = stored is not None and stored.state is not ItemState.DECLINED
        return Work(step, Action.FORGET if forgets else Action.NOTHING, stored)
    otherwise = Action.NOTE if step.writes else Action.NOTHING
    return Work(step, _ACTIONS.get(step.kind, otherwise), stored)


def _work_new(step: Step, stored: Stored | None, *, kind: RunKind) -> Work:
    if stored is None:
        return Work(step, Action.ADD)
    unchanged = stored.hash == step.hash and kind is not RunKind.EVERYTHING
    if stored.state is ItemState.DECLINED or (stored.state in _SETTLED and unchanged):
        return Work(step, Action.NOTHING, stored, told_before=True)
    beside = stored.state is ItemState.ACCEPTED
    return Work(step, Action.ADD_BESIDE if beside else Action.ADD, stored)


def _judge_new(
    connection: Connection, academy_id: int, works: Sequence[Work], policy: Policy
) -> list[Work]:
    """Look for duplicates of what is new, all of a page with one question."""
    new = [work for work in works if work.action is Action.ADD]
    if not new or not marks.has_uploaded(connection, academy_id):
        return list(works)
    verdicts = marks.match(
        connection,
        academy_id,
        [marks_of_item(work.item) for work in new],
        hosts=policy.hosts,
        linked=False,
    )
    found = dict(zip((work.step.key for work in new), verdicts, strict=True))
    linked: set[int] = set()
    judged = []
    for work in works:
        verdict = found.get(work.step.key) if work.action is Action.ADD else None
        judged.append(work if verdict is None else _judge(work, verdict, policy, linked))
    return judged


def _judge(work: Work, verdict: Verdict, policy: Policy, linked: set[int]) -> Work:
    """Apply the policy; what is only possible is asked. `linked` are courses of this very page."""
    action = _POLICIES[policy.duplicates] if verdict.certain else Action.ASK
    if action is not Action.LINK:
        return replace(work, action=action, verdict=verdict)
    target = _first_free(verdict.course_ids, linked)
    if target is None:
        # Another item of the page is that course by now, so this one is another.
        return replace(work, action=Action.ADD_BESIDE, verdict=verdict)
    linked.add(target)
    return replace(work, action=action, verdict=verdict, target=target)


def _first_free(course_ids: Sequence[int], linked: Collection[int]) -> int | None:
    return next((number for number in course_ids if number not in linked), None)
