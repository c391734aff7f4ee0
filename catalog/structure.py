"""What the results of several units amount to, and the outline of a course.

Serves the hall: progress, transcripts and course pages. Pure: plain values in, plain values out.
Does not evaluate prerequisites and .cmp rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from catalog.model import AssignableUnit, Block, Course, Result, ResultStatus
from catalog.tree import walk

_DONE = frozenset({ResultStatus.PASSED, ResultStatus.COMPLETED})
_FINISHED = _DONE | {ResultStatus.FAILED}
_LOOKED_AT = frozenset({ResultStatus.BROWSED, ResultStatus.NOT_ATTEMPTED})

_NOTHING = Result()


@dataclass(frozen=True, slots=True)
class Node:
    """One element of an outline: either `unit` or `block` is set; `depth` counts from 0."""

    system_id: str
    title: str
    depth: int
    unit: AssignableUnit | None = None
    block: Block | None = None
    # Deep nesting must not meet the recursion limit in a comparison or a repr.
    children: tuple[Node, ...] = field(default=(), compare=False, repr=False)


@dataclass(slots=True)
class _Sum:
    """What was seen below one element."""

    statuses: set[ResultStatus] = field(default_factory=set)
    percents: int = 0
    percent_sum: float = 0.0
    seconds: float = 0.0

    def take(self, result: Result) -> None:
        self.statuses.add(result.status)
        self.seconds += result.seconds
        if result.percent is not None:
            self.percents += 1
            self.percent_sum += result.percent

    def merge(self, other: _Sum) -> None:
        self.statuses |= other.statuses
        self.percents += other.percents
        self.percent_sum += other.percent_sum
        self.seconds += other.seconds

    def result(self) -> Result:
        return Result(
            status=roll_up_status(self.statuses),
            percent=self.percent_sum / self.percents if self.percents else None,
            seconds=self.seconds,
        )


def roll_up(course: Course, results: Mapping[str, Result]) -> Result:
    """Say what a course amounts to, from the results of its units by system_id.

    A unit without a result is not attempted; a result of no unit of the course counts for nothing.
    The first rule that fits gives the status:

    * every unit is not attempted: *not attempted*;
    * every unit is passed or completed: *passed* when one is passed, else *completed*;
    * every unit is finished (passed, completed or failed) and one is failed: *failed*;
    * every unit is browsed or not attempted: *browsed*;
    * anything else: *incomplete*.

    `percent` is the mean of the units' percents that exist, None when there is none; `seconds` is
    the sum. CMI001 leaves block status to the CMI; that a block is done when all its members are is
    also the rule of its successor cmi5.
    """
    total = _Sum()
    for unit in course.units:
        total.take(results.get(unit.system_id, _NOTHING))
    return total.result()


def roll_up_blocks(course: Course, results: Mapping[str, Result]) -> dict[str, Result]:
    """Say the same of every block, over all units below it; empty blocks are not attempted."""
    sums = {block.system_id: _Sum() for block in course.blocks}
    # `blocks` stand depth first, so from the end every block comes before what holds it.
    for block in reversed(course.blocks):
        own = sums[block.system_id]
        for member in block.members:
            if member in sums:
                own.merge(sums[member])
            else:
                own.take(results.get(member, _NOTHING))
    return {name: one.result() for name, one in sums.items()}


def roll_up_status(statuses: Iterable[ResultStatus]) -> ResultStatus:
    """Apply the rules of `roll_up` to the statuses of all units."""
    found = set(statuses)
    if found <= {ResultStatus.NOT_ATTEMPTED}:
        return ResultStatus.NOT_ATTEMPTED
    if found <= _DONE:
        passed = ResultStatus.PASSED in found
        return ResultStatus.PASSED if passed else ResultStatus.COMPLETED
    if found <= _FINISHED:
        return ResultStatus.FAILED
    if found <= _LOOKED_AT:
        return ResultStatus.BROWSED
    return ResultStatus.INCOMPLETE


def outline(course: Course) -> tuple[Node, ...]:
    """Return the top level of a course as nodes with their children, in the order of .cst."""
    built: dict[str, Node] = {}
    # From the end, every element comes before the one that holds it.
    for node in reversed(outline_rows(course)):
        members = node.block.members if node.block else ()
        children = tuple(built[member] for member in members)
        built[node.system_id] = replace(node, children=children)
    return tuple(built[member] for member in course.members)


def outline_rows(course: Course) -> tuple[Node, ...]:
    """Return the outline as a list: every element once, depth first, without children."""
    units = {unit.system_id: unit for unit in course.units}
    blocks = {block.system_id: block for block in course.blocks}
    members = {name: block.members for name, block in blocks.items()}
    return tuple(
        Node(name, blocks[name].title, depth, block=blocks[name])
        if name in blocks
        else Node(name, units[name].title, depth, unit=units[name])
        for name, depth in walk(course.members, members)
    )
