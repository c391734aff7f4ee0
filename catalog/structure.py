"""What the results of several units amount to, and the outline of a course.

Serves the hall (progress, transcripts, course pages) and `prerequisites`. Pure: plain values in,
plain values out. Applies the rules of .cmp; does not ask who may open what.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from catalog.files.tree import ROOT, after_needs, walk
from catalog.model import AssignableUnit, Block, Course, Result, ResultStatus
from catalog.naming import Names
from catalog.script import DONE, Script, parse_status

_FINISHED = DONE | {ResultStatus.FAILED}
_LOOKED_AT = frozenset({ResultStatus.BROWSED, ResultStatus.NOT_ATTEMPTED})

_NOTHING = Result()


@dataclass(frozen=True, slots=True)
class Node:
    """One element of an outline: either `unit` or `block` is set; `depth` counts from 0."""

    system_id: str
    title: str
    depth: int
    description: str = ""
    unit: AssignableUnit | None = None
    block: Block | None = None
    # Deep nesting must not meet the recursion limit in a comparison or a repr.
    children: tuple[Node, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class _Rule:
    """One row of .cmp, read."""

    requirement: Script
    result: ResultStatus


@dataclass(slots=True)
class _Sum:
    """What was seen of the scores and times below one element."""

    percents: int = 0
    percent_sum: float = 0.0
    seconds: float = 0.0

    def take(self, result: Result) -> None:
        self.seconds += result.seconds
        if result.percent is not None:
            self.percents += 1
            self.percent_sum += result.percent

    def merge(self, other: _Sum) -> None:
        self.percents += other.percents
        self.percent_sum += other.percent_sum
        self.seconds += other.seconds

    def result(self, status: ResultStatus) -> Result:
        percent = self.percent_sum / self.percents if self.percents else None
        return Result(status, percent, self.seconds)


def roll_up(course: Course, results: Mapping[str, Result]) -> Result:
    """Say what a course amounts to, from the results of its units and objectives by system_id.

    A unit without a result is not attempted; a result of no element of the course counts for
    nothing. The status is the one that `statuses` gives to the root. `percent` is the mean of the
    units' percents that exist, None when there is none; `seconds` is the sum.
    """
    total = _Sum()
    for unit in course.units:
        total.take(results.get(unit.system_id, _NOTHING))
    return total.result(statuses(course, results)[ROOT])


def roll_up_blocks(course: Course, results: Mapping[str, Result]) -> dict[str, Result]:
    """Say the same of every block, over all units below it."""
    found = statuses(course, results)
    sums = {block.system_id: _Sum() for block in course.blocks}
    # `blocks` stand depth first, so from the end every block comes before what holds it.
    for block in reversed(course.blocks):
        own = sums[block.system_id]
        for member in block.members:
            if member in sums:
                own.merge(sums[member])
            else:
                own.take(results.get(member, _NOTHING))
    return {name: one.result(found[name]) for name, one in sums.items()}


def statuses(course: Course, results: Mapping[str, Result]) -> dict[str, ResultStatus]:
    """Say the status of every element by id: units, objectives, blocks, and `root`, the course.

    Units and objectives have what was handed in for them. A block and the course have what
    `roll_up_status` makes of their members; a block without any unit below counts for nothing.

    Then the rules of .cmp are applied once to each element, bottom-up: after its members, and after
    the elements that its own rules name. Of several rules for one element the first whose
    requirement holds gives the status, up or down. A block (or the course) that has a rule for
    passed or completed is not done without it: that its members are done makes it incomplete.
    Where rules name each other in a ring, the status before any rule counts for the one that is
    decided later; nothing is gone through twice.

    CMI001 leaves block status to the CMI; that a block is done when all its members are is also the
    rule of its successor cmi5.
    """
    ascent = _Ascent(course, results)
    ascent.gather_all()
    rules = _rules(course)
    if rules:
        ascent.apply(rules)
    return ascent.found


class _Ascent:
    """The statuses of a course on the way from its units up to its root."""

    def __init__(self, course: Course, results: Mapping[str, Result]) -> None:
        own = [one.system_id for one in course.objectives]
        own += [one.system_id for one in course.units]
        self.found = {name: results.get(name, _NOTHING).status for name in own}
        # `blocks` stand depth first, so from the end every block comes before what holds it.
        self._parts = {block.system_id: block.members for block in reversed(course.blocks)}
        self._parts[ROOT] = course.members
        self._order = [*own, *self._parts]
        # Blocks that hold nothing would else keep a course from being completed.
        self._empty: set[str] = set()

    def gather_all(self) -> None:
        """Give blocks and course what their members make, before any rule."""
        for name in self._parts:
            self._gather(name)

    def apply(self, rules: Mapping[str, Sequence[_Rule]]) -> None:
        """Go up once more, now with the rules; what an element needs goes before it."""
        needs = {
            name: [
                *self._parts.get(name, ()),
                *(one for rule in rules.get(name, ()) for one in rule.requirement.elements),
            ]
            for name in self._order
        }
        for name in after_needs(self._order, needs):
            # An id that the course does not have is named, but nothing to decide.
            if name in self.found:
                self._decide(name, rules.get(name, ()))

    def _gather(self, name: str) -> None:
        filled = [member for member in self._parts[name] if member not in self._empty]
        self.found[name] = roll_up_status(self.found[member] for member in filled)
        if not filled:
            self._empty.add(name)

    def _decide(self, name: str, rules: Sequence[_Rule]) -> None:
        whole = name in self._parts
        if whole:
            self._empty.discard(name)
            self._gather(name)
        for rule in rules:
            if rule.requirement.holds(self.found):
                self.found[name] = rule.result
                self._empty.discard(name)
                return
        if whole and self.found[name] in DONE and any(rule.result in DONE for rule in rules):
            self.found[name] = ResultStatus.INCOMPLETE


def _rules(course: Course) -> dict[str, list[_Rule]]:
    """Read .cmp by element, in the order of its rows. A row that requires nothing is no rule."""
    names = Names(course)
    rules: dict[str, list[_Rule]] = {}
    for row in course.completions:
        requirement, result = names.script(row.requirement), parse_status(row.result)
        if requirement and requirement.steps and result:
            rules.setdefault(row.element, []).append(_Rule(requirement, result))
    return rules


def roll_up_status(statuses: Iterable[ResultStatus]) -> ResultStatus:
    """Say what the statuses of all members amount to. The first rule that fits counts:

    * every member is not attempted: *not attempted*;
    * every member is passed or completed: *passed* when one is passed, else *completed*;
    * every member is finished (passed, completed or failed) and one is failed: *failed*;
    * every member is browsed or not attempted: *browsed*;
    * anything else: *incomplete*.

    Blocks in between change nothing: it is the same whether members or all units below are asked.
    """
    found = set(statuses)
    if found <= {ResultStatus.NOT_ATTEMPTED}:
        return ResultStatus.NOT_ATTEMPTED
    if found <= DONE:
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
        Node(name, blocks[name].title, depth, blocks[name].description, block=blocks[name])
        if name in blocks
        else Node(name, units[name].title, depth, units[name].description, unit=units[name])
        for name, depth in walk(course.members, members)
    )
