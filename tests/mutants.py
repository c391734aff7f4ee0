"""What `make mutants` found: for each file how many changes there were, and how many were noticed.

Serves whoever changes a test. mutmut makes the changes and runs the tests; this reads what it left
in mutants/ and fails where less than nine in ten were noticed. Survivors are told by name:
`.venv/bin/mutmut show NAME` says what was changed.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from mutmut.stats import status_by_exit_code

ROOT = Path(__file__).resolve().parent.parent
# Below this the tests look at too little.
WANTED = 0.9


@dataclass
class Tally:
    """The mutants of one file, or of all, by what became of them."""

    name: str
    counts: Counter[str] = field(default_factory=Counter)
    survivors: list[str] = field(default_factory=list)

    @property
    def killed(self) -> float:
        """The share that a failing test noticed; a timeout does not count as one."""
        return self.counts["killed"] / max(1, self.counts.total())

    def row(self) -> str:
        """Return it as a line of a table."""
        killed, timeout = self.counts["killed"], self.counts["timeout"]
        others = self.counts.total() - killed - timeout
        return (
            f"| {self.name} | {self.counts.total()} | {killed} | {timeout} | {others} |"
            f" {self.killed:.1%} |"
        )


def tally_of(path: Path) -> Tally:
    """Read what mutmut noted beside one file."""
    noted = json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"]
    name = path.relative_to(ROOT / "mutants").as_posix().removesuffix(".meta")
    tally = Tally(f"`{name}`")
    for mutant, code in noted.items():
        status = status_by_exit_code[code]
        tally.counts[status] += 1
        if status not in ("killed", "timeout", "not checked"):
            tally.survivors.append(f"{mutant} ({status})")
    return tally


def main() -> int:
    """Print the table and the survivors; return 1 where too many survived."""
    found = [tally_of(path) for path in sorted((ROOT / "mutants").rglob("*.meta"))]
    found = [tally for tally in found if tally.counts]
    total = Tally("all", sum((tally.counts for tally in found), Counter()))
    print("| file | mutants | killed | timed out | others | killed |")
    print("| --- | --- | --- | --- | --- | --- |")
    for tally in [*found, total]:
        print(tally.row())
    for tally in found:
        print("\n".join(tally.survivors))
    return int(not found or total.killed < WANTED)


if __name__ == "__main__":
    sys.exit(main())
