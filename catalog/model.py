"""The words of the catalog: a course as its structure files say it, and what was wrong with them.

Serves the parsers, the structure rules, the store and the hall. Knows no file format and no table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class Severity(StrEnum):
    """Whether a fault stops the import or is only told."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a package: where it stands, what came, and what to do about it.

    `line` counts from 1; `column` is a column's name in a table, or a character's number from 1.
    """

    file: str
    message: str
    remedy: str
    line: int | None = None
    column: str | int | None = None
    severity: Severity = Severity.ERROR


@dataclass(frozen=True, slots=True)
class AssignableUnit:
    """What is launched: one row of .au with its row of .des.

    `file_name` is an absolute http(s) address, or a URL reference (quoted, slashes forward) to a
    file of the package as seen from the set's folder. `core_vendor` has its `<CR>` expanded to
    CRLF. `max_time_allowed` is `HHHH:MM:SS`, None where the file sets no limit (empty, `00:00:00`
    and `9999:59:59`). `time_limit_action` is normalised to words such as `exit,message`. Scores are
    None where the file says nothing.
    """

    system_id: str
    title: str
    file_name: str
    description: str = ""
    developer_id: str = ""
    type: str = ""
    command_line: str = ""
    max_score: Decimal | None = None
    mastery_score: Decimal | None = None
    max_time_allowed: str | None = None
    time_limit_action: str | None = None
    system_vendor: str = ""
    core_vendor: str = ""
    web_launch: str = ""
    au_password: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """A group of assignable units and blocks, in the order in which they are shown."""

    system_id: str
    title: str
    members: tuple[str, ...]
    description: str = ""
    developer_id: str = ""


@dataclass(frozen=True, slots=True)
class Objective:
    """What content may report a status and score for, by its `system_id`."""

    system_id: str
    title: str
    description: str = ""
    developer_id: str = ""


@dataclass(frozen=True, slots=True)
class Completion:
    """One row of .cmp: when `requirement` is true, `element` gets the status `result`."""

    element: str
    requirement: str
    result: str
    next: str = ""
    return_to: str = ""


@dataclass(frozen=True, slots=True)
class Course:
    """One set of course structure files, whole.

    `course_id` is the Course_ID of .crs. `members` are the ids at the top level, in order (the root
    row of .cst); `units` and `blocks` are in depth-first order of the tree. `prerequisites` maps an
    element id to its script as written; `objective_members` an element id to its objectives' ids.
    `max_normal` is how many units may be open at once; 0 means the file does not limit it.
    """

    course_id: str
    title: str
    units: tuple[AssignableUnit, ...]
    members: tuple[str, ...]
    blocks: tuple[Block, ...] = ()
    objectives: tuple[Objective, ...] = ()
    description: str = ""
    creator: str = ""
    system: str = ""
    level: str = ""
    version: str = ""
    max_normal: int = 0
    prerequisites: Mapping[str, str] = field(default_factory=dict)
    completions: tuple[Completion, ...] = ()
    objective_members: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def unit(self, system_id: str) -> AssignableUnit | None:
        """Return the assignable unit of that id, or None."""
        return next((unit for unit in self.units if unit.system_id == system_id), None)

    def block(self, system_id: str) -> Block | None:
        """Return the block of that id, or None."""
        return next((block for block in self.blocks if block.system_id == system_id), None)


class ResultStatus(StrEnum):
    """What a unit, a block or a course amounts to: the words of `lesson_status`."""

    NOT_ATTEMPTED = "not attempted"
    BROWSED = "browsed"
    INCOMPLETE = "incomplete"
    FAILED = "failed"
    COMPLETED = "completed"
    PASSED = "passed"


@dataclass(frozen=True, slots=True)
class Result:
    """What is recorded of one element, or rolled up of a course.

    `percent` is the score between 0 and 100 (raw over max where a maximum was given, else raw),
    None while there is none.
    """

    status: ResultStatus = ResultStatus.NOT_ATTEMPTED
    percent: float | None = None
    seconds: float = 0.0


class ArchiveReason(StrEnum):
    """Why a course was archived: what OpenSesame's listing said of it, or an admin of the academy.

    The listing says *inactive* where the publisher retired the course or its licence ended; it does
    not say which.
    """

    REMOVED = "removed"
    INACTIVE = "inactive"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Archived:
    """That a course is archived: why and since when.

    `by` is the admin who did it, as a member of the academy; None where a sync or the command line
    did.
    """

    reason: ArchiveReason
    at: datetime
    by: int | None = None
