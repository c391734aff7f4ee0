"""What every message asks of the database and writes there: finding, keeping, noting.

Serves the endpoint and, through `store`, everybody else. As in `store`, every function takes a
connection inside a transaction and an academy, returns values and never commits. Several messages
cost little more than one.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Connection

from hacp.documents import dump_objectives
from hacp.model import Attempt, Exchange, Phase, Session
from hacp.prepared import Prepared
from hacp.rows import (
    attempt_columns,
    exchange_columns,
    micros,
    session_columns,
    talk_of,
)
from hacp.statements import (
    HEAR_ATTEMPT,
    HEAR_SESSION,
    KEEP_ATTEMPT,
    KEEP_SESSION,
    LOG,
    OVERTAKE,
    conversations,
)

# What a request that names no session of ours is filed under.
NO_ATTEMPT = 0

Talk = tuple[Attempt, Session]

# How many sessions are looked for at once; each number is a statement of its own.
_COUNTS = (1, 2, 4, 8, 16, 32, 64)
MOST = _COUNTS[-1]

_KEEP_ATTEMPT = {large: Prepared(statement) for large, statement in KEEP_ATTEMPT.items()}
_KEEP_SESSION = Prepared(KEEP_SESSION)
_OVERTAKE = Prepared(OVERTAKE)
_LOG = Prepared(LOG, "academy_id", "attempt_id", *Exchange.__slots__)
_HEAR_ATTEMPT = Prepared(HEAR_ATTEMPT)
_HEAR_SESSION = Prepared(HEAR_SESSION)


@dataclass(frozen=True, slots=True)
class Change:
    """An attempt and a session after a message; what is large is written only where asked.

    `begins` says that nobody has written to the attempt before.
    """

    attempt: Attempt
    session: Session
    suspend_data: bool = False
    objectives: bool = False
    begins: bool = False


@dataclass(frozen=True, slots=True)
class Filed:
    """One exchange and whose it is."""

    academy_id: int
    attempt_id: int
    exchange: Exchange


def find(
    connection: Connection, academy_id: int, *, session_ids: Sequence[str], lock: bool
) -> dict[str, Talk]:
    """Return the attempts and sessions behind some session ids, at most `MOST`.

    With `lock` they stay as they are for others until the transaction ends. The look-up is by hash,
    so its time tells nothing about the ids that exist.
    """
    hashes = {hash_of(session_id): session_id for session_id in session_ids}
    count = next(count for count in _COUNTS if count >= len(hashes))
    padded = [*hashes, *[next(iter(hashes))] * (count - len(hashes))]
    values: dict[str, Any] = {f"sid_hash_{place}": one for place, one in enumerate(padded)}
    rows = _find(count, lock).rows(connection, {**values, "academy": academy_id})
    return {hashes[bytes(row.sid_hash)]: talk_of(row) for row in rows}


@cache
def _find(count: int, lock: bool) -> Prepared:
    statement = conversations(count)
    return Prepared(statement.with_for_update() if lock else statement)


def hash_of(session_id: str) -> bytes:
    """Return what of a session id is stored."""
    return hashlib.sha256(session_id.encode("utf-8", "replace")).digest()


def keep(connection: Connection, changes: Iterable[Change]) -> None:
    """Write what messages changed, each attempt and session at most once."""
    attempts: dict[tuple[bool, bool], list[Mapping[str, Any]]] = defaultdict(list)
    sessions = []
    written = list(changes)
    for change in written:
        attempt, session = change.attempt, change.session
        columns = attempt_columns(attempt)
        if change.suspend_data:
            columns["suspend_data"] = attempt.suspend_data
            columns["suspend_from"] = attempt.suspend_from
        if change.objectives:
            columns["objectives"] = dump_objectives(attempt.objectives)
        columns |= {"b_academy": attempt.academy_id, "b_id": attempt.id}
        attempts[change.suspend_data, change.objectives].append(columns)
        key = {"b_academy": attempt.academy_id, "b_id": session.id}
        sessions.append({**session_columns(session), **key})
    for large, several in attempts.items():
        _KEEP_ATTEMPT[large].run(connection, several)
    _KEEP_SESSION.run(connection, sessions)
    overtake(connection, [one.attempt for one in written if one.begins])


def overtake(connection: Connection, begun: Iterable[Attempt]) -> None:
    """Close the attempts before those that were just written to for the first time."""
    _OVERTAKE.run(connection, [_before(attempt) for attempt in begun if attempt.number > 1])


def _before(attempt: Attempt) -> Mapping[str, Any]:
    """Return how the attempts before this one are found, and who writes from now on."""
    return {
        "b_academy": attempt.academy_id,
        "b_learner": attempt.learner_id,
        "b_course": attempt.course_id,
        "b_au": attempt.au_id,
        "b_number": attempt.number,
        "writer": attempt.writer,
    }


def log(connection: Connection, several: Iterable[Filed]) -> None:
    """Keep raw exchanges, answered or refused."""
    _LOG.run(
        connection,
        [
            {
                "academy_id": one.academy_id,
                "attempt_id": one.attempt_id,
                **exchange_columns(one.exchange),
            }
            for one in several
        ],
    )


def hear(connection: Connection, several: Iterable[Filed]) -> None:
    """Keep questions that have been answered: nothing but when the session was heard of moves.

    Later words of the same session may stand already, and stay.
    """
    # By attempt and session, the order in which everybody locks them.
    ordered = sorted(several, key=lambda one: (one.academy_id, one.attempt_id, one.exchange.id))
    attempts, sessions = {}, {}
    for one in ordered:
        at = micros(one.exchange.at)
        attempts[one.academy_id, one.attempt_id] = at
        sessions[one.academy_id, one.exchange.session_id] = at
    _HEAR_ATTEMPT.run(
        connection,
        [{"b_academy": academy, "b_id": key, "at": at} for (academy, key), at in attempts.items()],
    )
    words = {"talking": str(Phase.TALKING), "exited": str(Phase.EXITED)}
    _HEAR_SESSION.run(
        connection,
        [
            {"b_academy": academy, "b_id": key, "at": at, **words}
            for (academy, key), at in sessions.items()
        ],
    )
    log(connection, ordered)
