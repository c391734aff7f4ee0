"""A finding: a cause with the values of its sentence and what shows it, stored without any words.

Serves `explain`, the lists that show a stored finding, pages and commands. Decides nothing; which
causes there are, and their words, stand in `causes`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from launcher.explaining.causes import BY_HAND, SHUT, WELL, WORDS, Cause
from launcher.words import moment

__all__ = [
    "BY_HAND",
    "SHUT",
    "WELL",
    "WORDS",
    "Cause",
    "Evidence",
    "Finding",
    "dump_finding",
    "parse_finding",
]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where it can be seen: an exchange by id, number and time, and a line of what it said."""

    exchange_id: int
    number: int
    at: datetime
    command: str
    line: int | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """A cause with the values of its sentence; a value whose name ends in `at` is a moment."""

    cause: Cause
    values: Mapping[str, str] = field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()

    @property
    def title(self) -> str:
        """The cause in a few words, for lists."""
        return self._say(0)

    @property
    def sentence(self) -> str:
        """The cause in one sentence."""
        return self._say(1)

    @property
    def what_to_do(self) -> str:
        """What comes next."""
        return self._say(2)

    @property
    def well(self) -> bool:
        """Whether nothing has to be done."""
        return self.cause in WELL

    def _say(self, part: int) -> str:
        shown = {
            name: moment(datetime.fromisoformat(value)) if name.endswith("at") else value
            for name, value in self.values.items()
        }
        return str(WORDS[self.cause][part]) % shown


def dump_finding(finding: Finding) -> tuple[str, str]:
    """Write a finding as its cause and its values; evidence is left out. See `parse_finding`."""
    return str(finding.cause), json.dumps(dict(finding.values), ensure_ascii=False)


def parse_finding(cause: str, values: str) -> Finding | None:
    """Read a stored finding; None for a cause that this version does not know."""
    if cause not in set(Cause):
        return None
    return Finding(Cause(cause), json.loads(values))
