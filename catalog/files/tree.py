"""The tree of a course: from the rows of .cst to the order in which things are shown.

Serves `course` and what asks a course later. Finds unknown ids, cycles, and what no row reaches.
Nothing here recurses: blocks may be nested thousands deep.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from catalog.errors import Findings, quote_value
from catalog.files.tables import Cell, Row
from catalog.files.values import MAX_IDENTIFIER, is_identifier

ROOT = "root"

# How many cycles are told, since each costs a walk along the path, and how much is spelled out.
_CYCLES_TOLD = 20
_CYCLE_SHOWN = 8


class Ids:
    """Ids to be found exactly first, else in any case as long as only one fits."""

    def __init__(self, ids: Iterable[str]) -> None:
        self._exact = frozenset(ids)
        self._folded: dict[str, list[str]] = {}
        for one in self._exact:
            self._folded.setdefault(one.casefold(), []).append(one)

    def find(self, text: str) -> str | None:
        """Return the id that is meant, or None."""
        if text in self._exact:
            return text
        alike = self._folded.get(text.casefold(), ())
        return alike[0] if len(alike) == 1 else None


@dataclass(frozen=True, slots=True)
class Tree:
    """`members` of every block, `top` what stands at the root; `units` and `blocks` depth first."""

    top: tuple[str, ...] = ()
    members: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    units: tuple[str, ...] = ()
    blocks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Graph:
    """What .cst says, as written: an edge is a member's id and the cell it stands in.

    The root has the id `""`, which no block can have.
    """

    edges: dict[str, list[tuple[str, Cell]]]
    lines: dict[str, int]


def build_tree(
    rows: Sequence[Row], unit_ids: Collection[str], *, file: str, findings: Findings
) -> Tree:
    """Build the tree of a .cst table over the units of .au.

    A block on several rows has the members of all of them. What stands in a second place is shown
    in the first. What no row reaches is appended at the end. Both are warned of.
    """
    # Order and a quick look-up, both.
    units = dict.fromkeys(unit_ids)
    graph = _read_graph(rows, units, file=file, findings=findings)
    if _has_cycle(graph, file=file, findings=findings):
        return Tree()
    return _place(graph, units, file=file, findings=findings)


def walk(top: Sequence[str], members: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, int]]:
    """Yield every element depth first with its depth, from 0. `members` must hold no cycle."""
    ahead = [(name, 0) for name in reversed(top)]
    while ahead:
        name, depth = ahead.pop()
        yield name, depth
        ahead.extend((member, depth + 1) for member in reversed(members.get(name, ())))


def after_needs(names: Iterable[str], needs: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Yield every name once, after all that it needs, directly or around.

    In a ring nothing can come first; there the need that closes it is passed over.
    """
    seen: set[str] = set()
    for start in names:
        if start in seen:
            continue
        seen.add(start)
        path = [(start, iter(needs.get(start, ())))]
        while path:
            name, ahead = path[-1]
            following = next((one for one in ahead if one not in seen), None)
            if following is None:
                path.pop()
                yield name
            else:
                seen.add(following)
                path.append((following, iter(needs.get(following, ()))))


def _read_graph(
    rows: Sequence[Row], unit_ids: Collection[str], *, file: str, findings: Findings
) -> _Graph:
    graph = _Graph({"": []}, {})
    written: list[tuple[str, Cell]] = []
    for row in rows:
        block = row.text("block")
        if block.casefold() == ROOT:
            block = ""
        elif not _is_block(row, unit_ids, file=file, findings=findings):
            continue
        graph.edges.setdefault(block, [])
        graph.lines.setdefault(block, row.line)
        written.extend((block, member) for member in row.members)
    ids = Ids([*unit_ids, *(block for block in graph.edges if block)])
    for block, cell in written:
        member = _resolve(cell, ids, file=file, findings=findings)
        if member is not None:
            graph.edges[block].append((member, cell))
    return graph


def _is_block(row: Row, unit_ids: Collection[str], *, file: str, findings: Findings) -> bool:
    block = row.text("block")
    if not block:
        message, remedy = "The row names no block.", "Write the block's id, or root, there."
    elif not is_identifier(block):
        message = f"The id {quote_value(block)} is too long or holds a control character."
        remedy = f"Use at most {MAX_IDENTIFIER} letters and digits."
    elif block in unit_ids:
        message = f"{quote_value(block)} is an assignable unit and cannot have members."
        remedy = "Give the block an id of its own."
    else:
        return True
    findings.error(message, remedy, file=file, line=row.line, column="block")
    return False


def _resolve(cell: Cell, ids: Ids, *, file: str, findings: Findings) -> str | None:
    """Find the element a member names. Root as a member is the shortest of all cycles."""
    found = ids.find(cell.text)
    if found is None and cell.text.casefold() == ROOT:
        findings.error(
            "The root is a member of a block.",
            "Take it out: nothing stands above the root.",
            file=file,
            line=cell.line,
            column=cell.column,
        )
    elif found is None:
        findings.error(
            f"{quote_value(cell.text)} is neither a unit of .au nor a block with a row of its own.",
            "Add it there, or take it out here.",
            file=file,
            line=cell.line,
            column=cell.column,
        )
    elif found != cell.text:
        warn_of_case(cell, found, file=file, findings=findings)
    return found


def warn_of_case(cell: Cell, found: str, *, file: str, findings: Findings) -> None:
    """Say that an id was found only because case was not looked at."""
    findings.warn(
        f"{quote_value(cell.text)} was taken for {quote_value(found)}.",
        "Write ids the same way everywhere.",
        file=file,
        line=cell.line,
        column=cell.column,
    )


def _has_cycle(graph: _Graph, *, file: str, findings: Findings) -> bool:
    """Look for blocks inside of themselves; each closing edge is one fault."""
    told = 0
    seen: set[str] = set()
    for start in graph.edges:
        if start in seen:
            continue
        seen.add(start)
        path, above = [(start, iter(graph.edges[start]))], {start}
        while path and told < _CYCLES_TOLD:
            block, edges = path[-1]
            member, cell = next(edges, ("", None))
            if cell is None:
                path.pop()
                above.remove(block)
            elif member in above:
                told += 1
                ring = [name for name, _edges in path]
                _tell_cycle(ring[ring.index(member) :], cell, file=file, findings=findings)
            elif member in graph.edges and member not in seen:
                seen.add(member)
                above.add(member)
                path.append((member, iter(graph.edges[member])))
    return told > 0


def _tell_cycle(ring: list[str], cell: Cell, *, file: str, findings: Findings) -> None:
    shown = ring if len(ring) <= _CYCLE_SHOWN else [*ring[:_CYCLE_SHOWN], "..."]
    findings.error(
        f"The block {quote_value(ring[0])} is inside of itself: {' > '.join([*shown, ring[0]])}.",
        "Take one of these members out.",
        file=file,
        line=cell.line,
        column=cell.column,
    )


def _place(graph: _Graph, unit_ids: Collection[str], *, file: str, findings: Findings) -> Tree:
    members: dict[str, list[str]] = {block: [] for block in graph.edges}
    placed: set[str] = set()
    _descend("", graph, members, placed, file=file, findings=findings)
    inner = {member for edges in graph.edges.values() for member, _cell in edges}
    for lost in [*(block for block in graph.edges if block), *unit_ids]:
        if lost in placed or lost in inner:
            continue
        findings.warn(
            f"No row reaches {quote_value(lost)}; it was put at the end of the course.",
            "Name it in the row of root or of a block.",
            file=file,
            line=graph.lines.get(lost),
        )
        members[""].append(lost)
        placed.add(lost)
        if lost in graph.edges:
            _descend(lost, graph, members, placed, file=file, findings=findings)
    whole = {block: tuple(names) for block, names in members.items() if block}
    top = tuple(members[""])
    order = [name for name, _depth in walk(top, whole)]
    return Tree(
        top=top,
        members=whole,
        units=tuple(name for name in order if name not in whole),
        blocks=tuple(name for name in order if name in whole),
    )


def _descend(
    start: str,
    graph: _Graph,
    members: dict[str, list[str]],
    placed: set[str],
    *,
    file: str,
    findings: Findings,
) -> None:
    """Give everything below `start` its one place, depth first."""
    ahead = [(start, iter(graph.edges[start]))]
    while ahead:
        block, edges = ahead[-1]
        member, cell = next(edges, ("", None))
        if cell is None:
            ahead.pop()
        elif member in placed:
            findings.warn(
                f"{quote_value(member)} stands in a second place and is shown in the first only.",
                "Name every element once.",
                file=file,
                line=cell.line,
                column=cell.column,
            )
        else:
            placed.add(member)
            members[block].append(member)
            if member in graph.edges:
                ahead.append((member, iter(graph.edges[member])))
