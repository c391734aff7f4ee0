"""From one received request to the bytes of its answer: find, decide, keep, reply.

Serves the endpoint, which knows HTTP. Brings rules and store together, and decides nothing about a
record itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Protocol, TypeVar

import structlog
from sqlalchemy import Connection

from hacp import archive, held, talks
from hacp.afterwards import Afterwards
from hacp.errors import CourseHeld, HacpError, InvalidCommand, InvalidSession
from hacp.gathering import Bell, Gathering, LockBell
from hacp.ids import new_id
from hacp.messages import Dumped, dump_response, parse_request
from hacp.model import Attempt, Command, Exchange, Phase, Policy, Reply, Session
from hacp.prepared import together
from hacp.receiving import Post, Received, note_exchange, refuse_too_large
from hacp.refusals import RefusalBudget, SessionBudget
from hacp.rules import Outcome, converse
from hacp.signals import attempt_changed
from hacp.store import place_of_progress
from hacp.talks import NO_ATTEMPT, Change, Filed, Talk

T = TypeVar("T")

# What one transaction takes. A report that changes a result is rolled up in it, in some
# milliseconds, and the first of a round waits for the last.
MOST_TOGETHER = 32

_log = structlog.get_logger("hacp")


class Transact(Protocol):
    """Runs a unit of work in one transaction and commits it."""

    def __call__(self, unit: Callable[[Connection], T]) -> T:
        """Return what the unit returned, after the commit."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What became of one post: the answer, and what is to be written for it.

    Without an outcome nothing moved; without an exchange not even a trace is kept.
    """

    post: Post
    attempt: Attempt
    session: Session
    body: bytes
    exchange: Exchange | None
    outcome: Outcome | None = None
    refusal: HacpError | None = None


class Again(Exception):
    """A post of the same learner was in this transaction; this one is for the next."""


# What a transaction says of each post that it was given.
Said = Turn | InvalidSession | CourseHeld | Again


class Door:
    """The one way in and out for messages of content.

    `glance` runs a unit that asks one question and writes nothing. `answer` may be called by many
    threads: what waits while a transaction is under way is done together in the next one, and
    `bell` makes what a thread waits for meanwhile. The door is the sender of `attempt_changed`.
    """

    def __init__(
        self,
        *,
        transact: Transact,
        policy: Policy,
        glance: Transact | None = None,
        bell: Callable[[], Bell] = LockBell,
    ) -> None:
        self._transact = transact
        self._glance = glance or transact
        self._policy = policy
        self._posts = Gathering[Post, Said](self._take, most=MOST_TOGETHER, bell=bell)
        self._questions = Afterwards[Filed](self._hear)
        self._unknown = RefusalBudget()
        self._refused, self._repeated = SessionBudget(), SessionBudget()

    def answer(self, received: Received, now: datetime) -> bytes:
        """Return the reply. Whatever it says was stored is committed."""
        parsed = parse_request(
            received.body,
            query=received.query,
            content_type=received.content_type,
            method=received.method,
        )
        post = Post(received, parsed, now)
        try:
            if parsed.command is None:
                refuse_too_large(received)
                raise InvalidCommand
            asked = self._ask(post) if parsed.command == Command.GET_PARAM else None
            turn = asked or self._converse(post)
        except HacpError as refusal:
            return self._refuse(post, refusal)
        if turn.refusal is not None:
            _log_refusal(post, turn.refusal)
        return turn.body

    def flush(self) -> None:
        """Write what was answered and is not stored yet."""
        self._questions.flush()

    # A question: it is answered from what is stored, and what it moves is written afterwards.

    def _ask(self, post: Post) -> Turn | None:
        """Answer GetParam; None where it has to go the way of those that say something.

        Its session is not found, or its course is archived, or it is the first word of its content:
        that a session has begun decides whether it may go on when its course is archived, so it is
        stored before it is answered.
        """
        found = self._glance(partial(self._find, posts=[post], lock=False)).get(_key(post))
        if found is None or found[1].held or found[1].phase is Phase.LAUNCHED:
            return None
        turn = self._turn(post, *found)
        if turn.outcome is None:
            self._transact(partial(self._keep, turns=[turn]))
        elif turn.exchange is not None:
            self._questions.add(Filed(post.received.academy_id, turn.attempt.id, turn.exchange))
        return turn

    def _hear(self, several: Sequence[Filed]) -> None:
        self._transact(partial(talks.hear, several=several))

    # What says something: the answer waits for the commit.

    def _converse(self, post: Post) -> Turn:
        while True:
            said = self._posts.do(post)
            if isinstance(said, Turn):
                return said
            if isinstance(said, CourseHeld):
                return self._transact(partial(self._converse_at_gate, post=post))
            if isinstance(said, InvalidSession):
                # Where only the beginning was read, the session id may stand in the rest.
                refuse_too_large(post.received)
                raise said

    def _take(self, posts: Sequence[Post]) -> list[Said]:
        return self._transact(partial(self._converse_together, posts=posts))

    def _converse_together(self, connection: Connection, posts: Sequence[Post]) -> list[Said]:
        """Take several posts in one transaction, in which their sessions' rows are locked."""
        found = self._find(connection, posts, lock=True)
        said: list[Said] = []
        learners: set[tuple[int, int]] = set()
        for post in posts:
            talk = found.get(_key(post))
            if talk is None:
                said.append(InvalidSession())
                continue
            attempt, session = talk
            learner = attempt.academy_id, attempt.learner_id
            if session.held:
                said.append(CourseHeld())
            elif learner in learners:
                said.append(Again())
            else:
                learners.add(learner)
                said.append(self._turn(post, attempt, session))
        self._keep(connection, [one for one in said if isinstance(one, Turn)])
        return said

    def _converse_at_gate(self, connection: Connection, post: Post) -> Turn:
        """Take a post of an archived course, whose rows may only be locked behind its gate."""
        academy_id = post.received.academy_id
        found = held.conversation_for(connection, academy_id, session_id=post.session_id)
        if found is None:
            refuse_too_large(post.received)
            raise InvalidSession
        attempt, session = found
        turn = self._turn(post, attempt, session)
        if session.held and turn.outcome is not None and turn.exchange is not None:
            held.hold(connection, turn.outcome, post.parsed, exchange=turn.exchange)
        else:
            self._keep(connection, [turn])
        return turn

    def _find(
        self, connection: Connection, posts: Sequence[Post], *, lock: bool
    ) -> dict[tuple[int, str], Talk]:
        wanted: dict[int, list[str]] = defaultdict(list)
        for post in posts:
            wanted[post.received.academy_id].append(post.session_id)
        return {
            (academy_id, session_id): talk
            for academy_id, session_ids in sorted(wanted.items())
            for session_id, talk in talks.find(
                connection, academy_id, session_ids=session_ids, lock=lock
            ).items()
        }

    def _turn(self, post: Post, attempt: Attempt, session: Session) -> Turn:
        """Decide about one post; nothing is written yet."""
        exchange_id = new_id(post.now)
        note = partial(note_exchange, post, exchange_id=exchange_id, session_id=session.id)
        try:
            refuse_too_large(post.received)
            outcome = converse(
                attempt,
                session,
                post.parsed,
                now=post.now,
                exchange_id=exchange_id,
                policy=self._policy,
            )
        except HacpError as refusal:
            # The session is known, so what it sent stays with its attempt.
            reply = _refusal(refusal)
            said = (*post.parsed.tolerated, *filter(None, [refusal.note]))
            exchange = None
            if self._refused.allows(session.id, post.now):
                exchange = note(reply, error=refusal.error, tolerated=said)
            return Turn(post, attempt, session, reply.body, exchange, refusal=refusal)
        reply = dump_response(outcome.reply)
        still = outcome.session is session
        if still and not self._repeated.allows(session.id, post.now):
            # What moves nothing may come as often as it likes; its trace may not.
            return Turn(post, attempt, session, reply.body, None)
        exchange = note(
            reply,
            error=outcome.reply.error,
            tolerated=outcome.tolerated,
            suspend_from=attempt.suspend_from,
        )
        moved = None if still else outcome
        return Turn(post, attempt, session, reply.body, exchange, moved)

    def _keep(self, connection: Connection, turns: Sequence[Turn]) -> None:
        """Write what the posts did. A plain report is two updates and an insert."""
        moved = [(turn, turn.outcome) for turn in turns if turn.outcome is not None]
        said = [
            Filed(turn.post.received.academy_id, turn.attempt.id, turn.exchange)
            for turn in turns
            if turn.exchange is not None
        ]
        with together(connection):
            talks.keep(connection, [_change(turn, outcome) for turn, outcome in moved])
            talks.log(connection, said)
        for turn, outcome in moved:
            _keep_beside(connection, turn, outcome)
        changed = [outcome for _turn, outcome in moved if outcome.changed]
        # In one order everywhere: the hall locks a row for each.
        for one in sorted(changed, key=lambda outcome: place_of_progress(outcome.attempt)):
            attempt_changed.send(
                self, connection=connection, attempt=one.attempt, only_time=one.only_time
            )

    def _refuse(self, post: Post, refusal: HacpError) -> bytes:
        """Answer a request that opened nothing; keep its beginning in a transaction of its own."""
        reply = _refusal(refusal)
        if self._unknown.allows(post.now):
            exchange = note_exchange(
                post,
                reply,
                exchange_id=new_id(post.now),
                session_id=None,
                error=refusal.error,
                tolerated=post.parsed.tolerated,
            )
            filed = Filed(post.received.academy_id, NO_ATTEMPT, exchange)
            self._transact(partial(talks.log, several=[filed]))
        _log_refusal(post, refusal)
        return reply.body


def _key(post: Post) -> tuple[int, str]:
    return post.received.academy_id, post.session_id


def _change(turn: Turn, outcome: Outcome) -> Change:
    before, after = turn.attempt, outcome.attempt
    return Change(
        after,
        outcome.session,
        suspend_data=after.suspend_from != before.suspend_from,
        objectives=after.objectives != before.objectives,
        begins=before.writer is None and after.writer is not None,
    )


def _keep_beside(connection: Connection, turn: Turn, outcome: Outcome) -> None:
    """Write what was said beside the result; most reports say nothing."""
    after, exchange = outcome.attempt, turn.exchange
    if exchange is None:
        return
    if outcome.step is not None:
        archive.keep_step(connection, after, outcome.step)
    number, now = exchange.id, exchange.at
    if outcome.records:
        archive.keep_records(connection, after, outcome.records, exchange_id=number, now=now)
    if outcome.session.preferences != turn.session.preferences:
        said = outcome.session.preferences
        archive.keep_preferences(connection, after, said, exchange_id=number, now=now)


def _log_refusal(post: Post, refusal: HacpError) -> None:
    _log.info(
        "hacp_refused",
        academy_id=post.received.academy_id,
        error=refusal.error,
        command=post.command,
        size=post.received.size,
        origin=post.received.origin,
    )


def _refusal(refusal: HacpError) -> Dumped:
    return dump_response(Reply(refusal.error, refusal.text))
