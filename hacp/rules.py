"""What a message means: the life of a session, the order of statuses, mastery, score and time.

Serves the endpoint. Pure: takes values and a moment, returns values; the two tables below are what
the pictures in the docs are drawn from.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from hacp.errors import InvalidCommand, InvalidSession
from hacp.fields import CENT, dump_timespan, parse_version
from hacp.messages import parse_report
from hacp.model import (
    Attempt,
    Command,
    Credit,
    Entry,
    LaunchTicket,
    Mode,
    Param,
    Phase,
    Policy,
    Reply,
    Report,
    Request,
    Score,
    Session,
    Status,
)


class Act(StrEnum):
    """What we do with a command that is in its place."""

    HAND_OUT = "hand out"
    RECORD = "record"
    LEAVE = "leave"
    RECORD_AND_LEAVE = "record and leave"
    ACCEPT = "accept"
    REFUSE = "refuse"


_TABLES = (
    Command.PUT_COMMENTS,
    Command.PUT_OBJECTIVES,
    Command.PUT_INTERACTIONS,
    Command.PUT_PATH,
    Command.PUT_PERFORMANCE,
)

# What is done in an open session. The standard wants GetParam first, ExitAU last and nothing after
# it; content keeps none of the three, so no order is asked for.
_OPEN = {
    Command.GET_PARAM: Act.HAND_OUT,
    Command.PUT_PARAM: Act.RECORD,
    Command.EXIT_AU: Act.LEAVE,
    Command.EXIT_PARAM: Act.RECORD_AND_LEAVE,
    **dict.fromkeys(_TABLES, Act.ACCEPT),
}
_SHUT = dict.fromkeys(Command, Act.REFUSE)

# The life of a session. Behind ExitAU a grace time answers everything as before, because beacons
# arrive out of order (Storyline sends PutParam and ExitAU in the same instant); once that is over,
# only a repeated ExitAU (uPerform, Rustici's unload) still succeeds.
LIFE: dict[Phase, dict[Command, Act]] = {
    Phase.LAUNCHED: _OPEN,
    Phase.TALKING: _OPEN,
    Phase.EXITED: _OPEN,
    Phase.CLOSED: {**_SHUT, Command.EXIT_AU: Act.LEAVE},
    Phase.EXPIRED: _SHUT,
}

_N, _B, _I, _F, _C, _P = Status
# The status of one attempt only climbs: row = what is recorded, column = what comes, cell = what is
# recorded then. The one way down is from completed to failed, when a judgement comes later.
NEXT: dict[Status, dict[Status, Status]] = {
    recorded: dict(zip(Status, row, strict=True))
    for recorded, row in {
        #   N   B   I   F   C   P
        _N: (_N, _B, _I, _F, _C, _P),
        _B: (_B, _B, _I, _F, _C, _P),
        _I: (_I, _I, _I, _F, _C, _P),
        _F: (_F, _F, _F, _F, _C, _P),
        _C: (_C, _C, _C, _F, _C, _P),
        _P: (_P, _P, _P, _P, _P, _P),
    }.items()
}

# Mastery judges these words of the content; incomplete stays incomplete (CMI001 2.2, Lesson Status
# Determination).
JUDGED = frozenset({Status.COMPLETED, Status.PASSED, Status.FAILED})
FINISHED = frozenset({Status.COMPLETED, Status.PASSED})

# Content's clock may start before our launch page was answered, and posts travel. More than this
# above the time since launch is not believed: Profiscience sends our total back as its own time.
TIME_MARGIN = timedelta(seconds=10)

# Time alone is told to the hall this often; status, score and exit at once.
ROLL_UP_EVERY = timedelta(minutes=1)

# Rustici, Skillsoft: what asks with a lower version reads no decimals and no maximum.
FIRST_DECIMAL_VERSION = Decimal(3)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one message did: the records after it, our answer, and whether the hall should know."""

    attempt: Attempt
    session: Session
    reply: Reply
    changed: bool
    tolerated: tuple[str, ...] = ()


def phase_at(session: Session, now: datetime, *, policy: Policy) -> Phase:
    """Return where a session stands at a moment, the clock included."""
    if session.exited_at is not None:
        return Phase.EXITED if now - session.exited_at <= policy.grace else Phase.CLOSED
    silent, old = now - session.last_at, now - session.opened_at
    return Phase.EXPIRED if silent > policy.silence or old > policy.lifetime else session.phase


def converse(
    attempt: Attempt,
    session: Session,
    request: Request,
    *,
    now: datetime,
    exchange_id: int,
    policy: Policy,
) -> Outcome:
    """Answer one request of a known session. The inputs stay as they are.

    Raises InvalidSession where the session is over and InvalidCommand where the command is none;
    nothing is recorded then.
    """
    phase = phase_at(session, now, policy=policy)
    act = _act(phase, request.command)
    report = Report()
    heard = replace(
        session, last_at=now, phase=Phase.TALKING if session.exited_at is None else phase
    )
    recorded = replace(attempt, last_at=now)
    if act in {Act.RECORD, Act.RECORD_AND_LEAVE}:
        report = parse_report(request.aicc_data or "")
        recorded, heard, notes = record(recorded, heard, report, now=now, exchange_id=exchange_id)
        report = replace(report, tolerated=report.tolerated + notes)
    if act in {Act.LEAVE, Act.RECORD_AND_LEAVE} and session.exited_at is None:
        heard = replace(heard, phase=Phase.EXITED, exited_at=now)
    changed = _is_news(attempt, session, recorded, heard, now=now)
    return Outcome(
        attempt=recorded,
        session=replace(heard, told_at=now) if changed else heard,
        reply=_handed_out(recorded, session, request) if act is Act.HAND_OUT else Reply(),
        changed=changed,
        tolerated=request.tolerated + report.tolerated,
    )


def _act(phase: Phase, command: str | None) -> Act:
    known = next((one for one in Command if one == command), None)
    act = LIFE[phase][known or Command.GET_PARAM]
    if act is Act.REFUSE:
        raise InvalidSession
    if known is None:
        raise InvalidCommand
    return act


def record(
    attempt: Attempt, session: Session, report: Report, *, now: datetime, exchange_id: int
) -> tuple[Attempt, Session, tuple[str, ...]]:
    """Credit one report by the session's mode; the third value says what was not believed.

    A review is read-only. A browse turns *not attempted* into *browsed* and nothing else (the
    SCORM 1.2 run-time rules, which descend from CMI001).
    """
    mode = session.ticket.mode
    if mode is Mode.REVIEW:
        return attempt, session, ("a review is read-only: nothing was recorded",)
    if mode is Mode.BROWSE:
        browsed = NEXT[attempt.status][Status.BROWSED]
        return replace(attempt, status=browsed), session, ("a browse records no result",)
    attempt = _with_place(attempt, report, exchange_id=exchange_id)
    attempt = _with_result(attempt, report, ticket=session.ticket, now=now)
    return _with_time(attempt, session, report, now=now)


def judge(said: Status, raw: Decimal | None, *, ticket: LaunchTicket) -> Status:
    """Return what the content's word amounts to: mastery decides where it can.

    CMI001 2.2, Lesson Status Determination: credit, a mastery score and a score are needed, and
    "no mastery score" means that the CMI must not override.
    """
    if ticket.credit is not Credit.CREDIT or ticket.mastery_score is None or raw is None:
        return said
    if said not in JUDGED:
        return said
    return Status.PASSED if raw >= ticket.mastery_score else Status.FAILED


def entry_for(attempt: Attempt, session: Session) -> Entry:
    """Return the flag behind lesson_status in GetParam.

    The Rustici driver takes a missing flag for a review, and most content never sends an exit flag,
    so a normal launch always gets one: resume as soon as there is anything to resume.
    """
    if session.ticket.mode is Mode.REVIEW:
        return Entry.NONE
    start = session.launched_with
    fresh = start.status is Status.NOT_ATTEMPTED and not start.seconds
    if fresh and not attempt.location and not attempt.suspend_data:
        return Entry.AB_INITIO
    return Entry.RESUME


def _with_place(attempt: Attempt, report: Report, *, exchange_id: int) -> Attempt:
    """Keep bookmark and suspend data: the last ones said, an empty one included."""
    if report.location is not None:
        attempt = replace(attempt, location=report.location)
    if report.suspend_data is not None and report.suspend_data != attempt.suspend_data:
        attempt = replace(attempt, suspend_data=report.suspend_data, suspend_from=exchange_id)
    return attempt


def _with_result(
    attempt: Attempt, report: Report, *, ticket: LaunchTicket, now: datetime
) -> Attempt:
    """Keep status and score. A score that comes without a status belongs to the last one said.

    Without either nothing is judged: a mastery that was changed since must not judge old results.
    """
    said = report.status or attempt.said
    latest = report.score or attempt.last_score
    attempt = replace(
        attempt,
        said=said,
        exit=report.exit if report.exit is not None else attempt.exit,
        last_score=latest,
        best_score=_better(attempt.best_score, report.score),
    )
    if report.status is None and report.score is None:
        return attempt
    if said is None:
        return replace(attempt, score=latest)
    judged = judge(said, latest.raw if latest else None, ticket=ticket)
    status = NEXT[attempt.status][judged]
    # The score that counts came with the status that counts; one that came with a lower status, or
    # with nothing new, does not replace it.
    brings_score = report.score is not None or status is not attempt.status
    return replace(
        attempt,
        status=status,
        score=latest if status is judged and brings_score else attempt.score,
        completed_at=attempt.completed_at or (now if status in FINISHED else None),
    )


def _with_time(
    attempt: Attempt, session: Session, report: Report, *, now: datetime
) -> tuple[Attempt, Session, tuple[str, ...]]:
    """Count the session's time once: each report replaces the one before it (CMI001: session time).

    So the total is right after every post, whether or not an ExitAU ever comes.
    """
    if report.seconds is None:
        return attempt, session, ()
    believable = Decimal(str((now - session.opened_at + TIME_MARGIN).total_seconds()))
    counted = min(report.seconds, believable.quantize(CENT))
    notes: tuple[str, ...] = ()
    if counted < report.seconds:
        notes = (
            f"time {dump_timespan(report.seconds)} is more than has passed since the launch: "
            f"{dump_timespan(counted)} was counted",
        )
    total = attempt.seconds - session.seconds + counted
    return replace(attempt, seconds=total), replace(session, seconds=counted), notes


def _better(best: Score | None, score: Score | None) -> Score | None:
    if score is None or best is None:
        return score or best
    return score if score.raw > best.raw else best


def _is_news(
    attempt: Attempt, session: Session, recorded: Attempt, heard: Session, *, now: datetime
) -> bool:
    """Tell whether the hall must roll up: at once for results and exit, now and then for time."""
    if (attempt.status, attempt.score) != (recorded.status, recorded.score):
        return True
    if session.exited_at != heard.exited_at:
        return True
    due = session.told_at is None or now - session.told_at >= ROLL_UP_EVERY
    return due and session.seconds != heard.seconds


def _handed_out(attempt: Attempt, session: Session, request: Request) -> Reply:
    """Answer GetParam. While a session runs only location and suspend data move (CMI001 sec. 6)."""
    ticket, start = session.ticket, session.launched_with
    version = parse_version(request.version)
    return Reply(
        param=Param(
            student_id=ticket.student_id,
            student_name=ticket.student_name,
            lesson_location=attempt.location,
            credit=ticket.credit,
            status=start.status,
            entry=entry_for(attempt, session),
            score=start.score,
            seconds=start.seconds,
            mode=ticket.mode,
            suspend_data=attempt.suspend_data,
            vendor_data=ticket.vendor_data,
            course_id=ticket.aicc_course_id,
            attempt_number=attempt.number,
            mastery_score=ticket.mastery_score,
            max_time_allowed=ticket.max_time_allowed,
            time_limit_action=ticket.time_limit_action,
            integer_score=version is not None and version < FIRST_DECIMAL_VERSION,
        )
    )
