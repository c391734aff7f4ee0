"""What content says beside its result: comments, interactions, objectives, paths, tries.

Serves syntax, rules and store. Frozen values; where they come from on the wire is for `tables` and
`reports`, how they stand in a table for `rows`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Generic, TypeVar

from hacp.model import Score, Status


class Question(StrEnum):
    """`type_interaction`, of which the first letter counts."""

    TRUE_FALSE = "true-false"
    CHOICE = "choice"
    FILL_IN = "fill-in"
    MATCHING = "matching"
    PERFORMANCE = "performance"
    SEQUENCING = "sequencing"
    LIKERT = "likert"
    NUMERIC = "numeric"
    UNIQUE = "unique"


class Verdict(StrEnum):
    """`result` of an interaction, of which the first letter counts."""

    CORRECT = "correct"
    WRONG = "wrong"
    UNANTICIPATED = "unanticipated"
    NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class Comment:
    """What a learner (or content) remarked; `number` is that of `<1>...<e.1>` where it had one.

    Here and below `at` is the content's own date and time, which names no zone.
    """

    text: str
    location: str = ""
    number: int | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Interaction:
    """One answer to one question. A result that is a number stands in `points`."""

    interaction_id: str
    objective_id: str = ""
    question: Question | None = None
    correct_response: str = ""
    student_response: str = ""
    verdict: Verdict | None = None
    points: Decimal | None = None
    weighting: Decimal | None = None
    latency: Decimal | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Achievement:
    """What was said of one objective at one time; `mastery_time` is kept as it was written.

    No known client sends the table that has it, and no public text says what kind of time it is.
    """

    objective_id: str
    score: Score | None = None
    status: Status | None = None
    mastery_time: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """One element that the learner came by (PutPath); `seconds` is the time in it."""

    location: str
    status: Status | None = None
    why_left: str = ""
    seconds: Decimal | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Performance:
    """One row of a vendor's own table: its columns' names and cells."""

    cells: tuple[tuple[str, str], ...]
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Try:
    """One try within the lesson; without a number it is their count, `tries_during_lesson`."""

    number: int | None = None
    score: Score | None = None
    status: Status | None = None
    seconds: Decimal | None = None
    count: int | None = None
    at: datetime | None = None


Record = Comment | Interaction | Achievement | Visit | Performance | Try

T = TypeVar("T", bound=Record)


@dataclass(frozen=True, slots=True)
class Kept(Generic[T]):
    """A record as it is kept: the exchange that brought it, when that came, its place in it."""

    exchange_id: int
    at: datetime
    place: int
    record: T


@dataclass(frozen=True, slots=True)
class StatusChange:
    """One step in an attempt's status: which exchange brought it, and why it was not what was said.

    `said` is the content's own word and `judged` tells whether mastery decided instead of it.
    """

    exchange_id: int
    session_id: int
    at: datetime
    before: Status
    status: Status
    said: Status | None
    score: Score | None
    judged: bool
