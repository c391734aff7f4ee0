"""Which elements of a course can never be opened, because they wait for each other in a ring.

Serves the import, which warns of them. Pure. Asks what any learner could ever bring about, not what
one has done; for that see `prerequisites`.

Every question ("can B1 be opened?", "can it be done?") is a gate that comes true when enough of its
inputs are. Nothing but "not attempted" is true at first. What never comes true never can.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from catalog.files.tree import ROOT
from catalog.model import Course, ResultStatus
from catalog.naming import Names
from catalog.needs import plain
from catalog.script import DONE, AtLeast, Condition, Script, parse_status

# How many rings are told, since each costs a walk along the path.
RINGS_TOLD = 20

# What a block has only when all of its members can be finished.
_FINISHED = DONE | {ResultStatus.FAILED}


@dataclass(frozen=True, slots=True)
class Closed:
    """An element whose prerequisite can never hold.

    `ring` are the elements that wait for each other, it among them; empty where it waits for one of
    them from outside, or for something that cannot happen.
    """

    element: str
    ring: tuple[str, ...] = ()


class _Question(StrEnum):
    """What may become possible for an element."""

    SCRIPT = "its prerequisite holds"
    RULE = "a rule of .cmp holds"
    OPENED = "it is opened"
    BEGUN = "it has another status than not attempted"
    FINISHED = "it is passed, completed or failed"
    YES = "always"
    NO = "never"


class _Gate(NamedTuple):
    question: _Question
    element: str = ""
    place: int = 0


_YES, _NO = _Gate(_Question.YES), _Gate(_Question.NO)


def closed_elements(course: Course) -> list[Closed]:
    """Return the elements whose own prerequisite can never hold, rings first, each ring once.

    It looks at one condition at a time, so it accuses none without need, and overlooks scripts that
    contradict themselves (`A1=passed & A1=failed`). Objectives may come to anything.
    """
    circuit = _Circuit(course)
    possible = circuit.settle()
    shut = [gate for gate in circuit.scripts.values() if gate not in possible]
    waiting = {gate.element for gate in shut}
    told: dict[str, Closed] = {}
    for ring in circuit.rings(shut, possible):
        first = next((place for place, name in enumerate(ring) if name in waiting), None)
        # A ring of .cmp rules alone keeps nobody from opening anything.
        if first is not None:
            told.setdefault(ring[first], Closed(ring[first], ring[first:] + ring[:first]))
    inside = {name for one in told.values() for name in one.ring}
    outside = [Closed(gate.element) for gate in shut if gate.element not in inside]
    return [*told.values(), *outside]


class _Circuit:
    """The gates of a course: for each how many of which inputs it takes."""

    def __init__(self, course: Course) -> None:
        self._inputs: dict[_Gate, list[_Gate]] = {}
        self._needed: dict[_Gate, int] = {}
        self._names = Names(course)
        self._objectives = {one.system_id for one in course.objectives}
        self._add(_YES, 0, [])
        self._add(_NO, 1, [])
        self.scripts: dict[str, _Gate] = {}
        for element, text in course.prerequisites.items():
            gate = self._read(_Question.SCRIPT, element, text)
            if gate is not None:
                self.scripts[element] = gate
        self._rules: dict[str, list[_Gate]] = {}
        # What has a rule for being done, and so is not done without it (`structure.statuses`).
        self._granted: set[str] = set()
        for row in course.completions:
            gate = self._read(_Question.RULE, row.element, row.requirement)
            if gate is not None:
                self._rules.setdefault(row.element, []).append(gate)
                if parse_status(row.result) in DONE:
                    self._granted.add(row.element)
        self._add_elements(course)

    def settle(self) -> set[_Gate]:
        """Return the gates that can come true."""
        feeds: dict[_Gate, list[_Gate]] = {gate: [] for gate in self._inputs}
        for gate, inputs in self._inputs.items():
            for one in inputs:
                feeds[one].append(gate)
        left = dict(self._needed)
        ahead = [gate for gate, number in left.items() if number <= 0]
        possible = set(ahead)
        while ahead:
            for gate in feeds[ahead.pop()]:
                left[gate] -= 1
                if left[gate] == 0:
                    possible.add(gate)
                    ahead.append(gate)
        return possible

    def rings(self, starts: Iterable[_Gate], possible: set[_Gate]) -> Iterator[tuple[str, ...]]:
        """Yield the elements along each ring of gates that wait for each other, a few at most."""
        told, seen = 0, set(possible)
        for start in starts:
            if start in seen:
                continue
            seen.add(start)
            path, above = [(start, iter(self._inputs[start]))], {start}
            while path and told < RINGS_TOLD:
                gate, inputs = path[-1]
                following = next(inputs, None)
                if following is None:
                    path.pop()
                    above.remove(gate)
                elif following in above:
                    told += 1
                    gates = [one for one, _inputs in path]
                    yield _elements(gates[gates.index(following) :])
                elif following not in seen:
                    seen.add(following)
                    above.add(following)
                    path.append((following, iter(self._inputs[following])))

    def _add(self, gate: _Gate, number: int, inputs: list[_Gate]) -> _Gate:
        self._inputs[gate] = inputs
        self._needed[gate] = number
        return gate

    def _read(self, question: _Question, element: str, text: str) -> _Gate | None:
        """Lay a script into gates and return the last one; None where it asks for nothing."""
        script = self._names.script(text) or Script()
        stack: list[_Gate] = []
        for step in plain(script):
            if isinstance(step, AtLeast):
                cut = len(stack) - step.members
                stack[cut:] = [self._gate(question, element, step.number, stack[cut:])]
            else:
                stack.append(self._wanted(step))
        return self._gate(question, element, 1, stack) if stack else None

    def _gate(self, question: _Question, element: str, number: int, inputs: list[_Gate]) -> _Gate:
        """Add one of several gates of an element."""
        return self._add(_Gate(question, element, len(self._inputs)), number, inputs)

    def _wanted(self, condition: Condition) -> _Gate:
        """Return the question whose yes would make a condition true."""
        fitting = {one for one in ResultStatus if condition.holds({condition.element: one})}
        if ResultStatus.NOT_ATTEMPTED in fitting or condition.element in self._objectives:
            return _YES
        if condition.element not in self._names.titles:
            return _NO
        question = _Question.FINISHED if fitting <= _FINISHED else _Question.BEGUN
        return _Gate(question, condition.element)

    def _add_elements(self, course: Course) -> None:
        around = dict.fromkeys(course.members, ROOT)
        # An empty block counts for nothing in the one that holds it.
        filled = {*self._rules, *(unit.system_id for unit in course.units)}
        for block in reversed(course.blocks):
            around.update(dict.fromkeys(block.members, block.system_id))
            if not filled.isdisjoint(block.members):
                filled.add(block.system_id)
        self._open(ROOT, None)
        for name, outer in around.items():
            self._open(name, outer)
        for unit in course.units:
            opened = _Gate(_Question.OPENED, unit.system_id)
            self._reach(unit.system_id, begun=[opened], finished=[opened])
        self._add_whole(ROOT, [name for name in course.members if name in filled])
        for block in course.blocks:
            self._add_whole(block.system_id, [name for name in block.members if name in filled])

    def _open(self, name: str, outer: str | None) -> None:
        """An element opens when its own prerequisite holds and what is around it is open."""
        inputs = [self.scripts[name]] if name in self.scripts else []
        if outer is not None:
            inputs.append(_Gate(_Question.OPENED, outer))
        self._add(_Gate(_Question.OPENED, name), len(inputs), inputs)

    def _add_whole(self, name: str, members: list[str]) -> None:
        """A block or the course is begun with one member, and finished with all of them."""
        finished = []
        if members and name not in self._granted:
            inputs = [_Gate(_Question.FINISHED, member) for member in members]
            finished = [self._gate(_Question.FINISHED, name, len(inputs), inputs)]
        begun = [_Gate(_Question.BEGUN, member) for member in members]
        self._reach(name, begun=begun, finished=finished)

    def _reach(self, name: str, *, begun: list[_Gate], finished: list[_Gate]) -> None:
        """What members cannot bring about, a rule of .cmp may."""
        rules = self._rules.get(name, [])
        self._add(_Gate(_Question.BEGUN, name), 1, begun + rules)
        self._add(_Gate(_Question.FINISHED, name), 1, finished + rules)


def _elements(gates: Iterable[_Gate]) -> tuple[str, ...]:
    """Return the elements that a ring of gates is about, without repeating one at once.

    What only lies around is left out: that A1 is inside of B1 need not be told.
    """
    names: list[str] = []
    for gate in gates:
        if gate.question is not _Question.OPENED and gate.element not in names[-1:]:
            names.append(gate.element)
    if len(names) > 1 and names[-1] == names[0]:
        names.pop()
    return tuple(names)
