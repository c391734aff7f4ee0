"""The words of a HACP conversation: closed sets and frozen values, shared by all of the wing.

Serves syntax, rules and store alike. Knows no wire format, no table and no clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum


class Command(StrEnum):
    """What content may ask (CMI001 v4, section 6), with the spelling of the standard.

    `EXIT_PARAM` is not in the standard: the e-LfH and AICCAdapter libraries send it as one beacon
    that stands for PutParam and ExitAU together.
    """

    GET_PARAM = "GetParam"
    PUT_PARAM = "PutParam"
    EXIT_AU = "ExitAU"
    EXIT_PARAM = "ExitParam"
    PUT_COMMENTS = "PutComments"
    PUT_OBJECTIVES = "PutObjectives"
    PUT_INTERACTIONS = "PutInteractions"
    PUT_PATH = "PutPath"
    PUT_PERFORMANCE = "PutPerformance"


class Status(StrEnum):
    """`lesson_status`, in the order in which one attempt climbs."""

    NOT_ATTEMPTED = "not attempted"
    BROWSED = "browsed"
    INCOMPLETE = "incomplete"
    FAILED = "failed"
    COMPLETED = "completed"
    PASSED = "passed"


class Exit(StrEnum):
    """How content says it left, behind the comma of `lesson_status`. Absent means `NORMAL`."""

    NORMAL = ""
    SUSPEND = "suspend"
    LOGOUT = "logout"
    TIME_OUT = "time-out"


class Entry(StrEnum):
    """How we say the learner comes in, behind the comma of `lesson_status`."""

    AB_INITIO = "ab-initio"
    RESUME = "resume"
    NONE = ""


class Mode(StrEnum):
    """`lesson_mode`: whether this launch is for the record, a look, or a look back."""

    NORMAL = "normal"
    BROWSE = "browse"
    REVIEW = "review"


class Credit(StrEnum):
    """`credit`: whether results count."""

    CREDIT = "credit"
    NO_CREDIT = "no-credit"


class Phase(StrEnum):
    """Where a session stands in its life; what each allows is `life.LIFE`.

    The first three are stored as messages come. `OVERTAKEN` (a newer session of the unit
    writes) follows from the attempt; `CLOSED` (the grace time after ExitAU is over) and `EXPIRED`
    follow from the clock; `BARRED` (nothing was heard before the course was archived) follows from
    the gate.
    """

    LAUNCHED = "launched"
    TALKING = "talking"
    EXITED = "exited"
    OVERTAKEN = "overtaken"
    CLOSED = "closed"
    EXPIRED = "expired"
    BARRED = "barred"


class Gate(StrEnum):
    """Whether what a course's content sends counts at once, or is held for later."""

    OPEN = "open"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Score:
    """`score=raw,max,min` as content said it. A maximum without a minimum has the minimum 0."""

    raw: Decimal
    max: Decimal | None = None
    min: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Objective:
    """What an attempt has of one objective: the last score and status that were said of it."""

    objective_id: str
    score: Score | None = None
    status: Status | None = None


@dataclass(frozen=True, slots=True)
class LaunchTicket:
    """The facts of one launch, copied by the hall so that the wing never asks backwards.

    A later change of the course does not reach a running session. `vendor_data` is the .au file's
    core_vendor with its `<CR>` already expanded to line ends; `max_time_allowed` is `HHHH:MM:SS`;
    `time_limit_action` is two words such as `exit,no message`.
    """

    academy_id: int
    learner_id: int
    student_id: str
    student_name: str
    course_id: int
    aicc_course_id: str
    au_id: str
    mode: Mode = Mode.NORMAL
    credit: Credit = Credit.CREDIT
    mastery_score: Decimal | None = None
    max_time_allowed: str | None = None
    time_limit_action: str | None = None
    vendor_data: str = ""
    objectives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of one assignable unit by one learner, over as many sessions as it takes.

    `score` came with the status that counts; `last_score` and `best_score` stand beside it.
    `said` is the content's own last status, before any judgement by mastery. `seconds` is the time
    of all sessions. `suspend_from` is the exchange that brought the suspend data. `writer` is the
    newest session that has reported anything, to this attempt or to a retake behind it; ids grow,
    so older ones have smaller ids. `completed_at` is since when it is completed or passed, None
    while it is neither. `over_time_at` is when the time first stood above what the launch allowed.
    """

    academy_id: int
    id: int
    learner_id: int
    course_id: int
    au_id: str
    number: int
    started_at: datetime
    last_at: datetime
    status: Status = Status.NOT_ATTEMPTED
    said: Status | None = None
    exit: Exit = Exit.NORMAL
    score: Score | None = None
    last_score: Score | None = None
    best_score: Score | None = None
    location: str = ""
    suspend_data: str = ""
    suspend_from: int | None = None
    seconds: Decimal = Decimal(0)
    completed_at: datetime | None = None
    writer: int | None = None
    objectives: tuple[Objective, ...] = ()
    over_time_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What an attempt amounts to at one moment."""

    status: Status = Status.NOT_ATTEMPTED
    score: Score | None = None
    seconds: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Session:
    """One launch: one session id, from launch to ExitAU or expiry.

    `launched_with` is the attempt's status, score and time at launch, which a repeated GetParam
    answers again (CMI001 section 6: only location and suspend data are sent updated). `seconds` is
    what this session has added to the attempt's time: its last report, bounded by the clock.
    `told_at` is when the hall last heard of a change. `earlier` holds the attempts before this one
    by their numbers. `preferences` are the learner's, as they stand in the academy now, and `held`
    says that the gate of its course is; only the conversation reads the two.
    """

    id: int
    attempt_id: int
    ticket: LaunchTicket
    launched_with: Standing
    opened_at: datetime
    last_at: datetime
    phase: Phase = Phase.LAUNCHED
    seconds: Decimal = Decimal(0)
    told_at: datetime | None = None
    exited_at: datetime | None = None
    earlier: tuple[tuple[int, Standing], ...] = ()
    preferences: tuple[tuple[str, str], ...] = ()
    held: bool = False


@dataclass(frozen=True, slots=True)
class Policy:
    """How long a session lives; the installation's settings say it."""

    silence: timedelta = timedelta(hours=24)
    lifetime: timedelta = timedelta(days=7)
    grace: timedelta = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Request:
    """One request as understood. `None`: the content did not say it; `""`: it said nothing.

    `raw_session_id` is the session id's bytes as they stood on the wire, for redaction.
    `tolerated` names what was accepted although the standard does not allow it.
    """

    command: str | None
    session_id: str | None
    version: str | None = None
    au_password: str | None = None
    aicc_data: str | None = None
    raw_session_id: bytes | None = None
    tolerated: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """What one PutParam reports. `None`: not said, or said in a way that cannot be read."""

    status: Status | None = None
    exit: Exit | None = None
    score: Score | None = None
    seconds: Decimal | None = None
    location: str | None = None
    suspend_data: str | None = None
    tolerated: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Param:
    """What GetParam hands out; `messages.dump_response` writes it."""

    student_id: str
    student_name: str
    lesson_location: str
    credit: Credit
    status: Status
    entry: Entry
    score: Score | None
    seconds: Decimal
    mode: Mode
    suspend_data: str
    vendor_data: str
    course_id: str
    attempt_number: int
    mastery_score: Decimal | None = None
    max_time_allowed: str | None = None
    time_limit_action: str | None = None
    integer_score: bool = False
    objectives: tuple[Objective, ...] = ()
    earlier: tuple[tuple[int, Standing], ...] = ()
    preferences: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer: an error number and its text, and for GetParam the data behind it."""

    error: int = 0
    text: str = "Successful"
    param: Param | None = None


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its reply, raw, with the session id redacted.

    `suspend_from` is set where the reply carried suspend data: that text is not in `reply` but in
    the request of the exchange it names (same attempt), and `suspend_at` is the byte it stood at.
    `command` is as understood, or as far as it was readable.
    """

    id: int
    at: datetime
    method: str
    content_type: str
    origin: str
    request: bytes
    reply: bytes
    error: int
    query: bytes = b""
    command: str = ""
    session_id: int | None = None
    suspend_from: int | None = None
    suspend_at: int | None = None
    tolerated: tuple[str, ...] = ()
