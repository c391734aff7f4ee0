"""The one door: HTTP in, one transaction, HTTP out. No cookie, no login, always status 200.

Serves content, in the learner's browser or on a vendor's server. Parses nothing itself and decides
nothing about a record.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Protocol, TypeVar

import structlog
from flask import Blueprint, Response, request
from sqlalchemy import Connection

from hacp import archive, held, store
from hacp.errors import CourseHeld, HacpError, InvalidCommand, InvalidSession
from hacp.ids import new_id
from hacp.messages import Dumped, dump_response, parse_request
from hacp.model import Attempt, Exchange, Policy, Reply, Request, Session
from hacp.redaction import redactor
from hacp.refusals import RefusalBudget
from hacp.rules import Outcome, converse
from hacp.signals import attempt_changed

__all__ = ["Transact", "attempt_changed", "create_blueprint"]

T = TypeVar("T")

# Sixteen times the 64 KiB of suspend data that content is promised.
MAX_BODY = 1024 * 1024
# How much is kept of a request that was refused without being understood.
MAX_REFUSED = 8 * 1024
# The columns' widths.
MAX_HEADER = 255
MAX_COMMAND = 32
# The largest number that the academy column holds.
MAX_ACADEMY = 2**31 - 1

_log = structlog.get_logger("hacp")


class Transact(Protocol):
    """Runs a unit of work in one transaction and commits it."""

    def __call__(self, unit: Callable[[Connection], T]) -> T:
        """Return what the unit returned, after the commit."""


@dataclass(frozen=True, slots=True)
class Received:
    """One HTTP request as far as it was taken in; `size` is what it claimed or had."""

    academy_id: int
    body: bytes
    query: bytes
    method: str
    content_type: str
    origin: str
    size: int


def create_blueprint(
    *, transact: Transact, clock: Callable[[], datetime], policy: Policy
) -> Blueprint:
    """Return the blueprint that answers `/hacp/<academy id>`.

    `clock` gives the time with its zone. Whatever goes wrong, the answer is an HTTP 200 with an
    `error=` body: clients that look at the status at all give up on any other.
    """
    blueprint = Blueprint("hacp", __name__)
    door = Door(transact, policy, sender=blueprint)

    def endpoint(academy: str) -> Response:
        if request.method == "OPTIONS":
            return _preflight()
        received = receive(academy)
        try:
            body = door.answer(received, clock())
        except Exception:
            # The content must hear that nothing was stored, and the operator why.
            _log.exception("hacp_failed", academy_id=received.academy_id)
            body = dump_response(Reply(1, "The server failed and stored nothing")).body
        return _respond(body)

    # Content joins addresses in its own ways; a slash too many opens the same door.
    for rule in ("/hacp/<academy>", "/hacp/<academy>/"):
        blueprint.add_url_rule(
            rule,
            endpoint="endpoint",
            view_func=endpoint,
            methods=["GET", "POST", "OPTIONS"],
            provide_automatic_options=False,
        )
    return blueprint


def receive(academy: str) -> Received:
    """Take the current HTTP request in, and of one that is too large only its beginning."""
    claimed = request.content_length or 0
    body = request.stream.read(MAX_REFUSED if claimed > MAX_BODY else MAX_BODY + 1)
    number = int(academy) if academy.isascii() and academy.isdigit() and len(academy) < 12 else 0
    return Received(
        academy_id=number if number <= MAX_ACADEMY else 0,
        body=body,
        query=request.query_string[:MAX_BODY],
        method=request.method,
        content_type=request.headers.get("Content-Type", "")[:MAX_HEADER],
        origin=request.headers.get("Origin", "")[:MAX_HEADER],
        size=max(claimed, len(body)),
    )


@dataclass(frozen=True, slots=True)
class Door:
    """From one received request to the bytes of its answer."""

    transact: Transact
    policy: Policy
    sender: Blueprint
    unknown: RefusalBudget = field(default_factory=RefusalBudget)
    known: RefusalBudget = field(default_factory=RefusalBudget)

    def answer(self, received: Received, now: datetime) -> bytes:
        """Return the reply. Whatever it says was stored is committed."""
        parsed = parse_request(
            received.body,
            query=received.query,
            content_type=received.content_type,
            method=received.method,
        )
        converse = partial(self._converse, received=received, parsed=parsed, now=now)
        try:
            try:
                return self.transact(converse)
            except CourseHeld:
                return self.transact(partial(converse, at_gate=True))
        except HacpError as refusal:
            return self._refuse(received, parsed, refusal, now=now)

    def _converse(
        self,
        connection: Connection,
        received: Received,
        parsed: Request,
        *,
        now: datetime,
        at_gate: bool = False,
    ) -> bytes:
        """Answer within one transaction, in which the session's rows are locked.

        Where the course is archived they may only be locked behind its gate: CourseHeld says that
        all of this is to be done again, `at_gate`.
        """
        if parsed.command is None:
            _refuse_too_large(received)
            raise InvalidCommand
        find = held.conversation_for if at_gate else store.conversation_for
        found = find(connection, received.academy_id, session_id=parsed.session_id or "")
        if found is None:
            # Where only the beginning was read, the session id may stand in the rest.
            _refuse_too_large(received)
            raise InvalidSession
        attempt, session = found
        if session.held and not at_gate:
            raise CourseHeld
        exchange_id = new_id(now)
        note = partial(
            _exchange, received, parsed, exchange_id=exchange_id, session_id=session.id, now=now
        )
        try:
            _refuse_too_large(received)
            outcome = converse(
                attempt, session, parsed, now=now, exchange_id=exchange_id, policy=self.policy
            )
        except HacpError as refusal:
            # The session is known, so what it sent stays with its attempt.
            reply = _refusal(refusal)
            if self.known.allows(now):
                said = (*parsed.tolerated, *filter(None, [refusal.note]))
                exchange = note(reply, error=refusal.error, tolerated=said)
                store.log(connection, received.academy_id, exchange, attempt_id=attempt.id)
            _log_refusal(received, parsed, refusal)
            return reply.body
        reply = dump_response(outcome.reply)
        exchange = note(
            reply,
            error=outcome.reply.error,
            tolerated=outcome.tolerated,
            suspend_from=attempt.suspend_from,
        )
        if outcome.session is session:
            # What moves nothing may come as often as it likes; its trace may not.
            if self.known.allows(now):
                store.log(connection, received.academy_id, exchange, attempt_id=attempt.id)
            return reply.body
        if session.held:
            held.hold(connection, outcome, parsed, exchange=exchange)
            return reply.body
        _keep(connection, attempt, session, outcome, exchange=exchange)
        if outcome.changed:
            attempt_changed.send(self.sender, connection=connection, attempt=outcome.attempt)
        return reply.body

    def _refuse(
        self, received: Received, parsed: Request, refusal: HacpError, *, now: datetime
    ) -> bytes:
        """Answer a request that opened nothing; keep its beginning in a transaction of its own."""
        reply = _refusal(refusal)
        if self.unknown.allows(now):
            exchange = _exchange(
                received,
                parsed,
                reply,
                exchange_id=new_id(now),
                session_id=None,
                now=now,
                error=refusal.error,
                tolerated=parsed.tolerated,
            )
            self.transact(partial(store.log, academy_id=received.academy_id, exchange=exchange))
        _log_refusal(received, parsed, refusal)
        return reply.body


def _keep(
    connection: Connection,
    attempt: Attempt,
    session: Session,
    outcome: Outcome,
    *,
    exchange: Exchange,
) -> None:
    """Write what a message did to the records as they were. A plain report is three statements."""
    after = outcome.attempt
    store.keep(
        connection,
        after,
        outcome.session,
        suspend_data=after.suspend_from != attempt.suspend_from,
        objectives=after.objectives != attempt.objectives,
    )
    store.log(connection, after.academy_id, exchange, attempt_id=after.id)
    number, now = exchange.id, exchange.at
    if outcome.step is not None:
        archive.keep_step(connection, after, outcome.step)
    if outcome.records:
        archive.keep_records(connection, after, outcome.records, exchange_id=number, now=now)
    if outcome.session.preferences != session.preferences:
        said = outcome.session.preferences
        archive.keep_preferences(connection, after, said, exchange_id=number, now=now)


def _log_refusal(received: Received, parsed: Request, refusal: HacpError) -> None:
    _log.info(
        "hacp_refused",
        academy_id=received.academy_id,
        error=refusal.error,
        command=(parsed.command or "")[:MAX_COMMAND],
        size=received.size,
        origin=received.origin,
    )


def _refuse_too_large(received: Received) -> None:
    if received.size > MAX_BODY:
        raise InvalidCommand(
            f"Request of {received.size} bytes is too large, at most {MAX_BODY} are taken"
        )


def _refusal(refusal: HacpError) -> Dumped:
    return dump_response(Reply(refusal.error, refusal.text))


def _exchange(
    received: Received,
    parsed: Request,
    reply: Dumped,
    *,
    exchange_id: int,
    session_id: int | None,
    now: datetime,
    error: int,
    tolerated: tuple[str, ...],
    suspend_from: int | None = None,
) -> Exchange:
    """Note one exchange; suspend data that an earlier request brought is only referred to."""
    room = MAX_BODY if session_id is not None else MAX_REFUSED
    refers = bool(reply.suspend_data) and suspend_from is not None
    # A bookmark may be the content's own address, which has the session id in it.
    redact = redactor(parsed)
    before, after = redact(reply.before), redact(reply.after)
    return Exchange(
        id=exchange_id,
        at=now,
        method=received.method,
        content_type=received.content_type,
        origin=received.origin,
        # Redacted before it is cut, so that no half of a session id is left at the edge.
        query=redact(received.query)[:room],
        request=redact(received.body)[:room],
        reply=before + after if refers else before + reply.suspend_data + after,
        error=error,
        command=(parsed.command or "")[:MAX_COMMAND],
        session_id=session_id,
        suspend_from=suspend_from if refers else None,
        suspend_at=len(before) if refers else None,
        tolerated=tolerated,
    )


def _respond(body: bytes) -> Response:
    """Wrap a reply: plain text (HTML broke content, MDL-14455), uncached, readable everywhere.

    No cookie is read, so `*` gives nothing away.
    """
    response = Response(body, content_type="text/plain; charset=utf-8")
    response.headers["Cache-Control"] = "no-cache, no-store, must-revalidate"
    response.headers["Pragma"] = "no-cache"
    response.headers["Expires"] = "0"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def _preflight() -> Response:
    """Answer a browser that asks first, which it does where content sets headers of its own."""
    response = _respond(b"")
    response.headers["Access-Control-Allow-Methods"] = "GET, POST, OPTIONS"
    asked = request.headers.get("Access-Control-Request-Headers", "Content-Type")
    response.headers["Access-Control-Allow-Headers"] = asked[:MAX_HEADER]
    response.headers["Access-Control-Max-Age"] = "86400"
    return response
