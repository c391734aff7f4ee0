"""What a script asks for, without any `not` around a group; and what of it is still missing.

Serves `prerequisites`, `openings` and whoever puts a script into words. Pure, and like `script` it
never recurses. Knows no course.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from catalog.model import ResultStatus
from catalog.script import AtLeast, Condition, Join, Script, Step

Need = Condition | AtLeast


def plain(script: Script) -> tuple[Need, ...]:
    """Return the steps of a script that holds in the same cases, without `Join`, in postfix order.

    `&` is all of its members and `|` one of them; a chain of either is one group. `~` ends at the
    conditions: not at least 2 of 3 is at least 2 of their opposites.
    """
    gates: list[Need] = []
    # From the end, every group comes before its members. A slot waits for one of them: whether it
    # is negated, and the place of the group that it belongs to.
    slots: list[tuple[bool, int | None]] = [(False, None)]
    for step in reversed(script.steps):
        negated, outer = slots.pop()
        if isinstance(step, Condition):
            gates.append(replace(step, negated=step.negated is not negated))
            continue
        if step is Join.NOT:
            slots.append((not negated, outer))
            continue
        gate = _gate(step, negated=negated)
        around = None if outer is None else gates[outer]
        if gate == AtLeast(1, 1):
            place = outer
        elif outer is not None and isinstance(around, AtLeast) and _alike(gate, around):
            place = outer
            more = gate.members - 1
            number = around.number if around.number == 1 else around.number + more
            gates[outer] = AtLeast(number, around.members + more)
        else:
            place = len(gates)
            gates.append(gate)
        slots.extend([(negated, place)] * gate.members)
    return tuple(reversed(gates))


def missing(script: Script, statuses: Mapping[str, ResultStatus]) -> tuple[Need, ...]:
    """Return what has to come true before a script holds, as `plain` does; empty when it holds.

    What holds already is left out: of "2 of these 3" with one done, "1 of these 2" stays.
    """
    steps = plain(script)
    truths, members = _judge(steps, statuses)
    kept: list[Need] = []
    wanted = [len(steps) - 1] if steps else []
    while wanted:
        place = wanted.pop()
        step = steps[place]
        if truths[place]:
            continue
        if isinstance(step, AtLeast):
            held = sum(truths[member] for member in members[place])
            kept.append(AtLeast(step.number - held, step.members - held))
            wanted.extend(members[place])
        else:
            kept.append(step)
    # Groups of one, and groups in groups of their kind, may have come of it.
    return plain(Script(tuple(reversed(kept))))


def conditions(needs: Iterable[Need]) -> tuple[Condition, ...]:
    """Return the conditions among some steps, each once, in order."""
    return tuple(dict.fromkeys(step for step in needs if isinstance(step, Condition)))


def _gate(step: Step, *, negated: bool) -> AtLeast:
    if isinstance(step, AtLeast):
        number, members = step.number, step.members
    else:
        number, members = (2 if step is Join.BOTH else 1), 2
    return AtLeast(members - number + 1 if negated else number, members)


def _alike(gate: AtLeast, around: AtLeast) -> bool:
    """Tell whether both are "all of them", or both "one of them"."""
    if gate.number == gate.members:
        return around.number == around.members
    return gate.number == around.number == 1


def _judge(
    steps: Sequence[Need], statuses: Mapping[str, ResultStatus]
) -> tuple[list[bool], dict[int, list[int]]]:
    """Return the truth of every step of a plain script, and the places of each group's members."""
    truths: list[bool] = []
    members: dict[int, list[int]] = {}
    stack: list[int] = []
    for place, step in enumerate(steps):
        if isinstance(step, AtLeast):
            cut = len(stack) - step.members
            members[place] = stack[cut:]
            del stack[cut:]
            truths.append(sum(truths[member] for member in members[place]) >= step.number)
        else:
            truths.append(step.holds(statuses))
        stack.append(place)
    return truths, members
