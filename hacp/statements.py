"""The statements of the busy ways, built once so that they compile once.

Serves `talks`, `store`, `archive` and `trace`; runs nothing. What is asked for one academy names
it, so that the tables can be spread over machines by it.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Select,
    String,
    Update,
    and_,
    bindparam,
    case,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.orm import InstrumentedAttribute

from hacp.schema import (
    AttemptRow,
    ExchangeRow,
    GateRow,
    HeldRow,
    PreferenceRow,
    RecordRow,
    SessionRow,
    StatusRow,
)

# What is asked of an attempt and of a learner's attempts where results are rolled up.

ATTEMPTS_IN_COURSE = (
    select(AttemptRow.__table__)
    .where(
        AttemptRow.academy_id == bindparam("academy"),
        AttemptRow.learner_id == bindparam("learner"),
        AttemptRow.course_id == bindparam("course"),
    )
    .order_by(AttemptRow.au_id, AttemptRow.number)
)

# What every post asks and writes.

SESSION_COLUMNS: tuple[Any, ...] = (
    SessionRow.id.label("session_id"),
    SessionRow.attempt_id,
    SessionRow.ticket,
    SessionRow.opened_at,
    SessionRow.last_at.label("session_last_at"),
    SessionRow.phase,
    SessionRow.seconds.label("session_seconds"),
    SessionRow.told_at,
    SessionRow.exited_at,
    SessionRow.start_status,
    SessionRow.start_score,
    SessionRow.start_seconds,
    SessionRow.earlier,
)
SESSIONS_OF = (
    select(*SESSION_COLUMNS)
    .where(
        SessionRow.academy_id == bindparam("academy"), SessionRow.attempt_id == bindparam("attempt")
    )
    .order_by(SessionRow.id)
)
_PREFERENCES = (
    select(PreferenceRow.document)
    .where(
        PreferenceRow.academy_id == AttemptRow.academy_id,
        PreferenceRow.learner_id == AttemptRow.learner_id,
    )
    .scalar_subquery()
)
# Read without a lock: a post that finds the gate open came before whoever is about to shut it.
_GATE = (
    select(GateRow.state)
    .where(GateRow.academy_id == AttemptRow.academy_id, GateRow.course_id == AttemptRow.course_id)
    .scalar_subquery()
)


def conversations(count: int) -> Select[*tuple[Any, ...]]:
    """Select the attempts and sessions behind so many hashes of session ids, `sid_hash_0` on.

    In one order everywhere, in which PostgreSQL locks the rows where it is asked to.
    """
    hashes: list[BindParameter[bytes]] = [
        bindparam(f"sid_hash_{number}") for number in range(count)
    ]
    return (
        select(
            AttemptRow.__table__,
            *SESSION_COLUMNS,
            SessionRow.sid_hash,
            _PREFERENCES.label("preferences"),
            _GATE.label("gate"),
        )
        .join(
            SessionRow,
            and_(
                SessionRow.academy_id == AttemptRow.academy_id,
                SessionRow.attempt_id == AttemptRow.id,
            ),
        )
        .where(SessionRow.academy_id == bindparam("academy"), SessionRow.sid_hash.in_(hashes))
        .order_by(AttemptRow.id, SessionRow.id)
    )


_CHANGING = (
    *("last_at", "status", "said", "exit", "score", "last_score", "best_score", "location"),
    *("seconds", "completed_at", "writer", "over_time_at"),
)


def _keep_attempt(*large: str) -> Update:
    return (
        update(AttemptRow)
        .where(AttemptRow.academy_id == bindparam("b_academy"), AttemptRow.id == bindparam("b_id"))
        .values({name: bindparam(name) for name in (*_CHANGING, *large)})
    )


# By what is large and has changed: suspend data, objectives.
KEEP_ATTEMPT = {
    (False, False): _keep_attempt(),
    (True, False): _keep_attempt("suspend_data", "suspend_from"),
    (False, True): _keep_attempt("objectives"),
    (True, True): _keep_attempt("suspend_data", "suspend_from", "objectives"),
}
# A retake that is written to takes over the windows of the attempts before it, too.
OVERTAKE = (
    update(AttemptRow)
    .where(
        AttemptRow.academy_id == bindparam("b_academy"),
        AttemptRow.learner_id == bindparam("b_learner"),
        AttemptRow.course_id == bindparam("b_course"),
        AttemptRow.au_id == bindparam("b_au"),
        AttemptRow.number < bindparam("b_number"),
    )
    .values(writer=bindparam("writer"))
)
KEEP_SESSION = (
    update(SessionRow)
    .where(SessionRow.academy_id == bindparam("b_academy"), SessionRow.id == bindparam("b_id"))
    .values(
        {name: bindparam(name) for name in ("last_at", "phase", "seconds", "told_at", "exited_at")}
    )
)
LOG = insert(ExchangeRow)


def _later(column: InstrumentedAttribute[int]) -> ColumnElement[int]:
    at = bindparam("at", type_=BigInteger)
    return case((column < at, at), else_=column)


# What a question moves. It is written after the answer, so what was said meanwhile stands.
HEAR_ATTEMPT = (
    update(AttemptRow)
    .where(AttemptRow.academy_id == bindparam("b_academy"), AttemptRow.id == bindparam("b_id"))
    .values(last_at=_later(AttemptRow.last_at))
)
HEAR_SESSION = (
    update(SessionRow)
    .where(SessionRow.academy_id == bindparam("b_academy"), SessionRow.id == bindparam("b_id"))
    .values(
        last_at=_later(SessionRow.last_at),
        phase=case(
            (SessionRow.exited_at.is_(None), bindparam("talking", type_=String)),
            else_=bindparam("exited", type_=String),
        ),
    )
)

# What was said beside a result.

ADD_RECORD = insert(RecordRow)
KNOWN_DIGESTS = select(RecordRow.digest).where(
    RecordRow.academy_id == bindparam("academy"),
    RecordRow.attempt_id == bindparam("attempt"),
    RecordRow.digest.in_(bindparam("digests", expanding=True)),
)
RECORDS = (
    select(RecordRow.__table__)
    .where(
        RecordRow.academy_id == bindparam("academy"),
        RecordRow.attempt_id == bindparam("attempt"),
        RecordRow.kind == bindparam("kind"),
    )
    .order_by(RecordRow.exchange_id, RecordRow.place)
)
ADD_STATUS = insert(StatusRow)
STATUSES = (
    select(StatusRow.__table__)
    .where(
        StatusRow.academy_id == bindparam("academy"), StatusRow.attempt_id == bindparam("attempt")
    )
    .order_by(StatusRow.exchange_id)
)
PREFERENCES = select(PreferenceRow.document).where(
    PreferenceRow.academy_id == bindparam("academy"),
    PreferenceRow.learner_id == bindparam("learner"),
)
PREFERRED_BY = select(
    PreferenceRow.learner_id, PreferenceRow.document, PreferenceRow.exchange_id
).where(
    PreferenceRow.academy_id == bindparam("academy"),
    PreferenceRow.learner_id.in_(bindparam("learners", expanding=True)),
)
ADD_PREFERENCES = insert(PreferenceRow)
CHANGE_PREFERENCES = (
    update(PreferenceRow)
    .where(
        PreferenceRow.academy_id == bindparam("b_academy"),
        PreferenceRow.learner_id == bindparam("b_learner"),
    )
    .values({name: bindparam(name) for name in ("exchange_id", "changed_at", "document")})
)

# What the sweep looks for and claims; the comparisons are those of `life.phase_at`.

# A session of which something is held has not been heard of last when its row says so.
_WAITS = (
    select(HeldRow.exchange_id)
    .where(
        HeldRow.academy_id == SessionRow.academy_id,
        HeldRow.attempt_id == SessionRow.attempt_id,
        HeldRow.session_id == SessionRow.id,
    )
    .exists()
)
_STORED_OPEN = ("launched", "talking", "exited")
DUE_SESSIONS = (
    select(
        SessionRow.academy_id,
        SessionRow.id,
        SessionRow.attempt_id,
        SessionRow.last_at,
        SessionRow.exited_at,
    )
    .where(
        SessionRow.phase.in_(_STORED_OPEN),
        ~_WAITS,
        or_(
            SessionRow.exited_at < bindparam("left_before"),
            and_(
                SessionRow.exited_at.is_(None),
                or_(
                    SessionRow.last_at < bindparam("heard_before"),
                    SessionRow.opened_at < bindparam("opened_before"),
                ),
            ),
        ),
    )
    .order_by(SessionRow.id)
    .limit(bindparam("most"))
)
CLAIM_SESSION = (
    update(SessionRow)
    .where(
        SessionRow.academy_id == bindparam("b_academy"),
        SessionRow.id == bindparam("b_id"),
        SessionRow.last_at == bindparam("b_last_at"),
        SessionRow.phase.in_(_STORED_OPEN),
    )
    .values(phase=bindparam("phase_now"))
)
