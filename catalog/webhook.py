"""The catalog's door: a provider announces a delivery, which is noted and answered at once.

Serves providers. No cookie, no sign-in: the academy's secret is all there is. Calls nobody and
changes no course; a forged or repeated push does no harm, since the listing says what is true.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus

import structlog
from flask import Blueprint, Response, jsonify, request
from sqlalchemy import Connection

from catalog.errors import PushRefused
from catalog.store import Transact
from catalog.supply import connections, deliveries
from catalog.supply.model import ProviderConnection
from catalog.supply.pushes import Push, parse_push

# Twenty thousand courses by id; what names more can leave them out.
MAX_BODY = 1024 * 1024
# A person presses *Deliver* a few times a minute at most. By secret, so that no academy's pushes
# use up another's.
PUSHES_PER_MINUTE = 60
# Beyond so many different secrets in a minute nobody is counted any more: each costs one look-up.
_MOST_COUNTED = 10_000

_log = structlog.get_logger("catalog")

# Told after the commit which academy has a new delivery; should not take long.
Announce = Callable[[int], None]


def create_blueprint(
    *,
    read: Transact,
    transact: Transact,
    clock: Callable[[], datetime],
    announce: Announce | None = None,
) -> Blueprint:
    """Return the blueprint that answers `POST /deliveries/opensesame`.

    `read` runs a unit of work that only reads: whoever shows a wrong secret holds up no writer.
    Without `announce` a delivery waits in the inbox until somebody looks there.
    """
    blueprint = Blueprint("webhook", __name__)
    door = Door(read, transact, clock, announce)
    blueprint.add_url_rule(
        "/deliveries/opensesame", endpoint="deliver", view_func=door.answer, methods=["POST"]
    )
    return blueprint


@dataclass(slots=True)
class Door:
    """From one request to its answer."""

    read: Transact
    transact: Transact
    clock: Callable[[], datetime]
    announce: Announce | None
    budget: PushBudget = field(default_factory=lambda: PushBudget())

    def answer(self) -> Response:
        """Answer the current request. Who it is comes first, so strangers learn nothing else."""
        now, secret = self.clock(), _secret()
        if not self.budget.allows(secret, now):
            refused = _refused(
                HTTPStatus.TOO_MANY_REQUESTS,
                "Too many pushes with this secret.",
                f"at most {PUSHES_PER_MINUTE} a minute",
            )
            refused.headers["Retry-After"] = str(60 - now.second)
            return refused
        known = self.read(lambda connection: _known(connection, secret))
        if known is None or not known.activated:
            return _unauthorized()
        body = _body()
        if body is None:
            return _refused(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                "The body is too large.",
                f"at most {MAX_BODY} bytes; courses may be left out",
            )
        try:
            push = parse_push(body)
        except PushRefused as refusal:
            return _refused(HTTPStatus.BAD_REQUEST, str(refusal), refusal.expected)
        if not connections.same_ciid(push.ciid, known.ciid):
            return _unauthorized()
        return self._note(known, push, now)

    def _note(self, known: ProviderConnection, push: Push, now: datetime) -> Response:
        if not known.enabled:
            return _refused(
                HTTPStatus.CONFLICT,
                "OpenSesame is switched off for this academy.",
                "an administrator to switch it on",
            )
        academy_id = known.academy_id
        number = self.transact(
            lambda connection: deliveries.receive(
                connection,
                academy_id,
                delivery_id=push.delivery_id,
                courses=push.courses,
                now=now,
            )
        )
        if number is None:
            return _json({"state": "known"}, HTTPStatus.OK)
        _log.info("delivery_received", academy_id=academy_id, courses=len(push.courses))
        try:
            if self.announce is not None:
                self.announce(academy_id)
        except Exception:
            # It stands in the inbox: whoever looks there next finds it.
            _log.exception("announce_failed", academy_id=academy_id)
        return _json({"state": "accepted"}, HTTPStatus.ACCEPTED)


class PushBudget:
    """How many pushes each secret has left in this minute of the clock."""

    def __init__(self, *, per_minute: int = PUSHES_PER_MINUTE) -> None:
        self._per_minute = per_minute
        self._minute: datetime | None = None
        self._spent: Counter[str] = Counter()
        self._lock = threading.Lock()

    def allows(self, secret: str, now: datetime) -> bool:
        """Spend one push of a secret, right or wrong; False where none is left."""
        minute, hashed = now.replace(second=0, microsecond=0), connections.hash_secret(secret)
        with self._lock:
            if minute != self._minute:
                self._minute, self._spent = minute, Counter()
            if hashed not in self._spent and len(self._spent) >= _MOST_COUNTED:
                return True
            self._spent[hashed] += 1
            return self._spent[hashed] <= self._per_minute


def _known(connection: Connection, secret: str) -> ProviderConnection | None:
    return connections.connection_by_secret(connection, secret=secret) if secret else None


def _secret() -> str:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else ""


def _body() -> bytes | None:
    """Read the body, or nothing of one that is too large."""
    if (request.content_length or 0) > MAX_BODY:
        return None
    body = request.stream.read(MAX_BODY + 1)
    return body if len(body) <= MAX_BODY else None


def _unauthorized() -> Response:
    """Say the same to a wrong secret and to a wrong customer."""
    refused = _refused(
        HTTPStatus.UNAUTHORIZED,
        "The secret or the customerIntegrationId is wrong.",
        "Authorization: Bearer <the academy's secret>",
    )
    refused.headers["WWW-Authenticate"] = 'Bearer realm="deliveries"'
    return refused


def _refused(status: HTTPStatus, error: str, expected: str) -> Response:
    return _json({"error": error, "expected": expected}, status)


def _json(said: dict[str, str], status: HTTPStatus) -> Response:
    response = jsonify(said)
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    return response
