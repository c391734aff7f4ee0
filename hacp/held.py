"""What an archived course's content sends: taken as ever, held, credited when it is reactivated.

Serves the endpoint, which holds, and the hall, which reopens. Decides nothing about a message: that
is for `rules`, at the moment at which it came.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import structlog
from sqlalchemy import Connection

from hacp import archive, gates, store, talks
from hacp.archive import Preferred
from hacp.errors import HacpError
from hacp.gates import Waiting
from hacp.model import Attempt, Exchange, Gate, Phase, Policy, Request, Session
from hacp.rules import Outcome, converse
from hacp.signals import attempt_changed

# Whether a session was still alive was decided when its message came.
_IN_TIME = Policy(silence=timedelta.max, lifetime=timedelta.max, grace=timedelta.max)

_log = structlog.get_logger("hacp")


def conversation_for(
    connection: Connection, academy_id: int, *, session_id: str
) -> tuple[Attempt, Session] | None:
    """Return what `store.conversation_for` does, behind the gate, which stays as it is meanwhile.

    The gate is locked before the session, as whoever reopens it does. Where it is held, the session
    stands as if all that waits had been credited, so that grace, expiry and newer windows are as
    ever; what the attempt amounts to is as it was when the course was archived.
    """
    gates.stand_at(connection, academy_id, sid_hash=store.hash_of(session_id))
    found = store.conversation_for(connection, academy_id, session_id=session_id)
    if found is None or not found[1].held:
        return found
    attempt, session = found
    last = gates.newest(connection, academy_id, attempt_id=attempt.id)
    if last is not None:
        attempt = replace(attempt, writer=last.writer)
    retake = gates.writer_behind(connection, attempt)
    if retake is not None:
        attempt = replace(attempt, writer=max(retake, attempt.writer or 0))
    own = gates.newest(connection, academy_id, attempt_id=attempt.id, session_id=session.id)
    if own is not None:
        phase = Phase.TALKING if own.exited_at is None else Phase.EXITED
        session = replace(session, last_at=own.at, exited_at=own.exited_at, phase=phase)
    return attempt, session


def hold(connection: Connection, outcome: Outcome, request: Request, *, exchange: Exchange) -> None:
    """Keep a message raw and let it wait; its outcome moves nothing but the life of its session."""
    attempt, session = outcome.attempt, outcome.session
    store.log(connection, attempt.academy_id, exchange, attempt_id=attempt.id)
    gates.add(
        connection,
        Waiting(
            academy_id=attempt.academy_id,
            course_id=attempt.course_id,
            learner_id=attempt.learner_id,
            attempt_id=attempt.id,
            session_id=session.id,
            exchange_id=exchange.id,
            at=exchange.at,
            command=str(request.command),
            aicc_data=request.aicc_data or "",
            writer=attempt.writer,
            exited_at=session.exited_at,
        ),
    )


def credit(
    connection: Connection,
    academy_id: int,
    *,
    course_id: int,
    limit: int,
    sender: object | None = None,
) -> int:
    """Credit the oldest of what waits before a gate, at most `limit`; return how many that were.

    The gate is locked and stays as it is. Any number of transactions may do so one after the other:
    what comes in between waits behind what is credited. The hall hears of each attempt.
    """
    gates.lock(connection, academy_id, course_id=course_id)
    attempts: dict[int, Attempt] = {}
    credited = _credit(connection, academy_id, course_id, limit=limit, attempts=attempts)
    _tell(connection, attempts.values(), sender=sender)
    return credited


def reopen(
    connection: Connection,
    academy_id: int,
    *,
    course_id: int,
    at_a_time: int,
    sender: object | None = None,
) -> int:
    """Credit all that waits before a gate, then open it; return how many messages that were.

    All in the caller's transaction, so that nobody sees a course open whose work is not credited.
    """
    if gates.lock(connection, academy_id, course_id=course_id) is Gate.OPEN:
        return 0
    gates.lock_attempts(connection, academy_id, course_id=course_id)
    total, attempts = 0, dict[int, Attempt]()
    while credited := _credit(
        connection, academy_id, course_id, limit=at_a_time, attempts=attempts
    ):
        total += credited
    gates.unlatch(connection, academy_id, course_id=course_id)
    _tell(connection, attempts.values(), sender=sender)
    return total


def foresee(connection: Connection, academy_id: int, *, attempt: Attempt) -> Attempt:
    """Return what an attempt will amount to when its course is reactivated; writes nothing."""
    waiting = gates.of_attempt(connection, academy_id, attempt_id=attempt.id)
    if not waiting:
        return attempt
    sessions = store.sessions_of(connection, academy_id, attempt_id=attempt.id)
    ledger = Ledger({attempt.id: attempt}, {one.id: one for one in sessions})
    for one in waiting:
        ledger.take(one)
    return ledger.attempts[attempt.id]


@dataclass(slots=True)
class Ledger:
    """Attempts and sessions by their ids, preferences by learner, while messages are credited.

    `preferred` are the learners whose preferences moved, each with the message that did it, and
    `retakes` the attempts that were written to for the first time, as they were then.
    """

    attempts: dict[int, Attempt]
    sessions: dict[int, Session]
    preferences: dict[int, Preferred] = field(default_factory=dict)
    preferred: dict[int, Waiting] = field(default_factory=dict)
    retakes: list[Attempt] = field(default_factory=list)

    def take(self, waiting: Waiting) -> Outcome | None:
        """Credit one message by the ordinary rules, at the moment at which it came.

        None where a newer session has taken the attempt over, which only a post can have done that
        was under way while the course was being archived. The message stays raw with its attempt.
        """
        attempt = self.attempts[waiting.attempt_id]
        before = self.preferences.get(attempt.learner_id, Preferred())
        try:
            outcome = converse(
                attempt,
                replace(self.sessions[waiting.session_id], preferences=before.names),
                Request(waiting.command, None, aicc_data=waiting.aicc_data),
                now=waiting.at,
                exchange_id=waiting.exchange_id,
                policy=_IN_TIME,
            )
        except HacpError as refusal:
            _log.warning(
                "hacp_held_refused",
                academy_id=waiting.academy_id,
                attempt_id=waiting.attempt_id,
                exchange_id=waiting.exchange_id,
                note=refusal.note,
            )
            return None
        if attempt.writer is None and outcome.attempt.writer is not None:
            self.retakes.append(outcome.attempt)
        self.attempts[attempt.id] = outcome.attempt
        self.sessions[waiting.session_id] = outcome.session
        self._prefer(attempt.learner_id, outcome.session.preferences, before, waiting)
        return outcome

    def _prefer(
        self,
        learner_id: int,
        names: tuple[tuple[str, str], ...],
        before: Preferred,
        waiting: Waiting,
    ) -> None:
        """Note what the learner prefers. What another course has said since then stands."""
        if before.exchange_id > waiting.exchange_id:
            names = tuple({**dict(names), **dict(before.names)}.items())
        if names != before.names:
            newest = max(before.exchange_id, waiting.exchange_id)
            self.preferences[learner_id] = Preferred(names, newest)
            self.preferred[learner_id] = waiting


def _credit(
    connection: Connection,
    academy_id: int,
    course_id: int,
    *,
    limit: int,
    attempts: dict[int, Attempt],
) -> int:
    """Credit the oldest of what waits, and note the attempts as they are then."""
    waiting = gates.of_course(connection, academy_id, course_id=course_id, limit=limit)
    if not waiting:
        return 0
    ledger = _open_ledger(connection, academy_id, waiting)
    for one in waiting:
        outcome = ledger.take(one)
        if outcome is not None:
            _keep_beside(connection, outcome, one)
    _close(connection, ledger)
    gates.remove(connection, waiting)
    attempts |= ledger.attempts
    return len(waiting)


def _tell(connection: Connection, attempts: Iterable[Attempt], *, sender: object | None) -> None:
    """Let the hall hear of attempts; it locks a row for each, and everywhere in one order."""
    for attempt in sorted(attempts, key=store.place_of_progress):
        attempt_changed.send(sender, connection=connection, attempt=attempt)


def _open_ledger(connection: Connection, academy_id: int, waiting: Sequence[Waiting]) -> Ledger:
    attempts = gates.attempts_of(connection, waiting)
    sessions = gates.sessions_of(connection, waiting)
    learners = {attempt.learner_id for attempt in attempts}
    return Ledger(
        {one.id: one for one in attempts},
        {one.id: one for one in sessions},
        archive.preferred_by(connection, academy_id, learner_ids=learners),
    )


def _keep_beside(connection: Connection, outcome: Outcome, waiting: Waiting) -> None:
    """Keep what a message says beside the result, as its own exchange's."""
    if outcome.step is not None:
        archive.keep_step(connection, outcome.attempt, outcome.step)
    if outcome.records:
        archive.keep_records(
            connection,
            outcome.attempt,
            outcome.records,
            exchange_id=waiting.exchange_id,
            now=waiting.at,
        )


def _close(connection: Connection, ledger: Ledger) -> None:
    """Write how attempts, sessions and learners stand now, each kind in the order of its ids.

    So do all who lock several of them: two gates that open at once must not wait crosswise.
    """
    for _number, session in sorted(ledger.sessions.items()):
        attempt = ledger.attempts[session.attempt_id]
        store.keep(connection, attempt, session, suspend_data=True, objectives=True)
    talks.overtake(connection, ledger.retakes)
    for learner_id, waiting in sorted(ledger.preferred.items()):
        preferred = ledger.preferences[learner_id]
        archive.keep_preferences(
            connection,
            ledger.attempts[waiting.attempt_id],
            preferred.names,
            exchange_id=preferred.exchange_id,
            now=waiting.at,
        )
