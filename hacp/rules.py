"""What a message does to the record: the order of statuses, mastery, score, place and time.

Serves the endpoint. Pure: takes values and a moment, returns values. Whether a message counts at
all is for `life`; the table below is what the picture in the docs is drawn from.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from hacp.fields import CENT, LONGEST, dump_timespan, parse_timespan, parse_version
from hacp.filing import Filed, file_remarks, file_table
from hacp.groups import parse_groups
from hacp.life import Act, act_for, phase_at
from hacp.messages import report_of
from hacp.model import (
    Attempt,
    Command,
    Credit,
    Entry,
    LaunchTicket,
    Mode,
    Objective,
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
from hacp.records import Record, StatusChange
from hacp.remarks import Remarks, parse_remarks
from hacp.tables import parse_table

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
_MICROSECOND = timedelta(microseconds=1)

_RECORDING = frozenset({Act.RECORD, Act.RECORD_AND_LEAVE})
_LEAVING = frozenset({Act.LEAVE, Act.RECORD_AND_LEAVE})

# Time alone is told to the hall this often; status, score and exit at once.
ROLL_UP_EVERY = timedelta(minutes=1)

# What the trace says of a message that came while its course was archived.
HELD = "the course was archived: this was kept, to be credited when the course is reactivated"

# Rustici, Skillsoft: what asks with a lower version reads no decimals and no maximum.
FIRST_DECIMAL_VERSION = Decimal(3)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one message did: the attempt and session after it, our answer, and what is new.

    `changed` tells whether the hall should know, and `only_time` that it has heard of the session
    and nothing but time has moved since. `step` tells where the status moved, and `records` what
    was said beside the result.
    """

    attempt: Attempt
    session: Session
    reply: Reply
    changed: bool = False
    only_time: bool = False
    tolerated: tuple[str, ...] = ()
    records: tuple[Record, ...] = ()
    step: StatusChange | None = None


def converse(
    attempt: Attempt,
    session: Session,
    request: Request,
    *,
    now: datetime,
    exchange_id: int,
    policy: Policy,
) -> Outcome:
    """Answer one request of a known session. The inputs stay as they are, and what moves nothing
    returns the very same records.

    Raises InvalidSession where the session is over and InvalidCommand where the command is none;
    nothing is recorded then.
    """
    act = act_for(phase_at(session, now, attempt=attempt, policy=policy), request.command)
    if act is Act.AGREE:
        return Outcome(attempt, session, Reply(), tolerated=request.tolerated)
    left = now if act in _LEAVING and session.exited_at is None else session.exited_at
    heard = replace(
        session,
        last_at=now,
        phase=Phase.TALKING if left is None else Phase.EXITED,
        exited_at=left,
    )
    filed = Filed(replace(attempt, last_at=now), heard)
    notes = (*request.tolerated, HELD) if session.held else request.tolerated
    if act in _RECORDING:
        filed, more = _take_report(filed, request, now=now, exchange_id=exchange_id)
        notes += more
    elif act is Act.ACCEPT:
        filed, more = _take_table(filed, request)
        notes += more
    recorded, heard = filed.attempt, filed.session
    at_once = _is_news(attempt, session, recorded, heard)
    changed = at_once or _is_due(session, heard, now=now)
    return Outcome(
        attempt=recorded,
        session=replace(heard, told_at=now) if changed else heard,
        reply=_handed_out(recorded, session, request) if act is Act.HAND_OUT else Reply(),
        changed=changed,
        only_time=changed and not at_once,
        tolerated=notes,
        records=filed.records,
        step=_step(attempt, recorded, session, now=now, exchange_id=exchange_id),
    )


def _take_report(
    filed: Filed, request: Request, *, now: datetime, exchange_id: int
) -> tuple[Filed, tuple[str, ...]]:
    """Record a PutParam: its result, and in a normal launch all that it says beside.

    Preferences are the learner's and no result, so they are taken in any launch.
    """
    groups = parse_groups(request.aicc_data or "")
    report = report_of(groups)
    attempt, session, notes = record(
        filed.attempt, filed.session, report, now=now, exchange_id=exchange_id
    )
    remarks = parse_remarks(groups)
    if session.ticket.mode is not Mode.NORMAL:
        remarks = Remarks(preferences=remarks.preferences)
    return file_remarks(attempt, session, remarks), report.tolerated + remarks.tolerated + notes


def _take_table(filed: Filed, request: Request) -> tuple[Filed, tuple[str, ...]]:
    """Record one of the five tables; outside a normal launch it is kept raw alone."""
    if filed.session.ticket.mode is not Mode.NORMAL:
        return filed, ("only a normal launch records tables",)
    table = parse_table(Command(str(request.command)), request.aicc_data or "")
    return file_table(filed.attempt, filed.session, table.records), table.tolerated


def _step(
    before: Attempt, after: Attempt, session: Session, *, now: datetime, exchange_id: int
) -> StatusChange | None:
    """Return the step that the status took, for the attempt's history."""
    if before.status is after.status:
        return None
    raw = after.last_score.raw if after.last_score else None
    return StatusChange(
        exchange_id=exchange_id,
        session_id=session.id,
        at=now,
        before=before.status,
        status=after.status,
        said=after.said,
        score=after.score,
        judged=after.said is not None and may_judge(after.said, raw, ticket=session.ticket),
    )


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
    # Only what writes takes the attempt over: a look back in a second window does not lock the
    # first one out of its own result.
    changes: dict[str, Any] = {"writer": session.id}
    changes |= _place(attempt, report, exchange_id=exchange_id)
    changes |= _result(attempt, report, ticket=session.ticket, now=now)
    if report.seconds is None:
        return replace(attempt, **changes), session, ()
    counted, notes = _believable(session, report.seconds, now=now)
    changes["seconds"] = attempt.seconds - session.seconds + counted
    over = _over_time(changes["seconds"], session.ticket)
    if over and attempt.over_time_at is None:
        changes["over_time_at"] = now
        notes += (over,)
    return replace(attempt, **changes), replace(session, seconds=counted), notes


def judge(said: Status, raw: Decimal | None, *, ticket: LaunchTicket) -> Status:
    """Return what the content's word amounts to: mastery decides where it can.

    CMI001 2.2, Lesson Status Determination: credit, a mastery score and a score are needed, and
    "no mastery score" means that the CMI must not override.
    """
    if raw is None or ticket.mastery_score is None or not may_judge(said, raw, ticket=ticket):
        return said
    return Status.PASSED if raw >= ticket.mastery_score else Status.FAILED


def may_judge(said: Status, raw: Decimal | None, *, ticket: LaunchTicket) -> bool:
    """Tell whether mastery decides over the content's word."""
    known = ticket.mastery_score is not None and raw is not None
    return known and ticket.credit is Credit.CREDIT and said in JUDGED


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


def _place(attempt: Attempt, report: Report, *, exchange_id: int) -> dict[str, Any]:
    """Keep bookmark and suspend data: the last ones said, an empty one included."""
    changes: dict[str, Any] = {}
    if report.location is not None:
        changes["location"] = report.location
    if report.suspend_data is not None and report.suspend_data != attempt.suspend_data:
        changes |= {"suspend_data": report.suspend_data, "suspend_from": exchange_id}
    return changes


def _result(
    attempt: Attempt, report: Report, *, ticket: LaunchTicket, now: datetime
) -> dict[str, Any]:
    """Keep status and score. A score that comes without a status belongs to the last one said.

    Without either nothing is judged: a mastery that was changed since must not judge old results.
    """
    said = report.status or attempt.said
    latest = report.score or attempt.last_score
    changes: dict[str, Any] = {
        "said": said,
        "exit": report.exit if report.exit is not None else attempt.exit,
        "last_score": latest,
        "best_score": _better(attempt.best_score, report.score),
    }
    if report.status is None and report.score is None:
        return changes
    if said is None:
        return {**changes, "score": latest}
    judged = judge(said, latest.raw if latest else None, ticket=ticket)
    status = NEXT[attempt.status][judged]
    # The score that counts came with the status that counts; one that came with a lower status, or
    # with nothing new, does not replace it.
    brings_score = report.score is not None or status is not attempt.status
    return {
        **changes,
        "status": status,
        "score": latest if status is judged and brings_score else attempt.score,
        # What a judgement has turned to failed is not completed, since whenever.
        "completed_at": (attempt.completed_at or now) if status in FINISHED else None,
    }


def _believable(
    session: Session, seconds: Decimal, *, now: datetime
) -> tuple[Decimal, tuple[str, ...]]:
    """Bound a session's time by the clock. Each report replaces the one before it (CMI001: session
    time), so the total is right after every post, whether or not an ExitAU ever comes. A clock that
    was set back may stand before the launch: then nothing has passed.
    """
    passed = now - session.opened_at + TIME_MARGIN
    possible = max(Decimal(0), Decimal(passed // _MICROSECOND).scaleb(-6).quantize(CENT))
    if seconds <= possible:
        return seconds, ()
    return possible, (
        f"time {dump_timespan(seconds)} is more than has passed since the launch: "
        f"{dump_timespan(possible)} was counted",
    )


def _over_time(seconds: Decimal, ticket: LaunchTicket) -> str:
    """Say that the time stands above what the launch allowed; a breach is flagged, never refused.

    Content ends itself by max_time_allowed (CMI001 section 6). `9999:59:59` (Storyline) and
    `00:00:00` (Profiscience) mean no limit.
    """
    limit = parse_timespan(ticket.max_time_allowed) if ticket.max_time_allowed else None
    if not limit or limit >= LONGEST or seconds <= limit:
        return ""
    return (
        f"time {dump_timespan(seconds)} is above the limit of {dump_timespan(limit)}: "
        "it was counted all the same"
    )


def _better(best: Score | None, score: Score | None) -> Score | None:
    if score is None or best is None:
        return score or best
    return score if score.raw > best.raw else best


def _is_news(attempt: Attempt, session: Session, recorded: Attempt, heard: Session) -> bool:
    """Tell whether the hall must roll up at once: for results, an exit, a session's first time."""
    results = (attempt.status, attempt.score, attempt.objectives)
    if results != (recorded.status, recorded.score, recorded.objectives):
        return True
    first = session.told_at is None and session.seconds != heard.seconds
    return first or session.exited_at != heard.exited_at


def _is_due(session: Session, heard: Session, *, now: datetime) -> bool:
    """Tell whether time alone is to be told again, now and then."""
    told_at = session.told_at
    due = told_at is not None and now - told_at >= ROLL_UP_EVERY
    return due and session.seconds != heard.seconds


def _objectives(attempt: Attempt, ticket: LaunchTicket) -> tuple[Objective, ...]:
    """Return the unit's objectives (.ort), said of or not, then others of which content has spoken.

    Content is sloppy about the case of their ids; each is handed out as content spells it.
    """
    own = {name.casefold(): Objective(name) for name in ticket.objectives}
    others = []
    for one in attempt.objectives:
        if one.objective_id.casefold() in own:
            own[one.objective_id.casefold()] = one
        elif one.score or one.status:
            others.append(one)
    return (*own.values(), *others)


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
            objectives=_objectives(attempt, ticket),
            earlier=session.earlier,
            preferences=session.preferences,
        )
    )
