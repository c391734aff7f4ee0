"""What was received, and how it is kept: a request as far as it was taken in, and its exchange.

Serves the endpoint, which takes it in, and the door, which answers it. Decides nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from hacp.errors import InvalidCommand
from hacp.messages import Dumped
from hacp.model import Exchange, Request
from hacp.redaction import redactor

# Sixteen times the 64 KiB of suspend data that content is promised.
MAX_BODY = 1024 * 1024
# How much is kept of a request that was refused without being understood.
MAX_REFUSED = 8 * 1024
# The column's width.
MAX_COMMAND = 32


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


@dataclass(frozen=True, slots=True)
class Post:
    """A request that has been read, and when it came."""

    received: Received
    parsed: Request
    now: datetime

    @property
    def session_id(self) -> str:
        """The session that it names, which may be none of ours."""
        return self.parsed.session_id or ""

    @property
    def command(self) -> str:
        """The command as understood, or as far as it was readable and there is room for it."""
        return (self.parsed.command or "")[:MAX_COMMAND]


def refuse_too_large(received: Received) -> None:
    """Raise `InvalidCommand` where more was sent than is taken."""
    if received.size > MAX_BODY:
        raise InvalidCommand(
            f"Request of {received.size} bytes is too large, at most {MAX_BODY} are taken"
        )


def note_exchange(
    post: Post,
    reply: Dumped,
    *,
    exchange_id: int,
    session_id: int | None,
    error: int,
    tolerated: tuple[str, ...],
    suspend_from: int | None = None,
) -> Exchange:
    """Note one exchange; suspend data that an earlier request brought is only referred to."""
    received = post.received
    room = MAX_BODY if session_id is not None else MAX_REFUSED
    refers = bool(reply.suspend_data) and suspend_from is not None
    # A bookmark may be the content's own address, which has the session id in it.
    redact = redactor(post.parsed)
    before, after = redact(reply.before), redact(reply.after)
    return Exchange(
        id=exchange_id,
        at=post.now,
        method=received.method,
        content_type=received.content_type,
        origin=received.origin,
        # Redacted before it is cut, so that no half of a session id is left at the edge.
        query=redact(received.query)[:room],
        request=redact(received.body)[:room],
        reply=before + after if refers else before + reply.suspend_data + after,
        error=error,
        command=post.command,
        session_id=session_id,
        suspend_from=suspend_from if refers else None,
        suspend_at=len(before) if refers else None,
        tolerated=tolerated,
    )
