"""Session ids out of what is kept: whoever may read the exchanges must not continue a session.

Serves the endpoint. Knows how an id of ours may be spelt, not what the message says.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence

from hacp.model import Request

# What is shorter is not redacted; ours are 40 digits.
SHORTEST_SECRET = 16
# A session id of ours wherever it is named as one, any of its signs encoded. The first sign stands
# apart so that the search skips to the next one like it.
_NAMED_SESSION = re.compile(
    rb"([sS](?i:ession(?:_|%5f)id)=)((?:%[0-9a-fA-F]{2}|[0-9a-fA-F]){40})(?![0-9a-fA-F%])"
)
_ESCAPE = re.compile(rb"%([0-9a-fA-F]{2})")


def redactor(request: Request) -> Callable[[bytes], bytes]:
    """Return what replaces the session id of a request, in all that belongs to it, by a stand-in
    that still tells two ids apart.

    Ids shorter than any of ours open nothing; they stay, so that a log shows what really came.
    """
    session_id = (request.session_id or "").encode()
    stand_in = _stand_in(session_id)
    # Longest first: one spelling may be part of another.
    spellings = [
        one
        for one in sorted(
            {request.raw_session_id or b"", session_id, session_id.upper()}, key=len, reverse=True
        )
        if len(one) >= SHORTEST_SECRET
    ]

    def redact(raw: bytes) -> bytes:
        if not raw:
            return raw
        for spelling in spellings:
            raw = raw.replace(spelling, stand_in)
        if b"\0" in raw:
            raw = _redact_wide(raw, spellings, stand_in)
        # A second one, of which the first counted, opens its session all the same.
        return _NAMED_SESSION.sub(_redact_named, raw)

    return redact


def _redact_wide(raw: bytes, spellings: Sequence[bytes], stand_in: bytes) -> bytes:
    """Replace the session id in what came in UTF-16."""
    for codec in ("utf-16-le", "utf-16-be"):
        for spelling in spellings:
            wide = spelling.decode("latin-1").encode(codec)
            raw = raw.replace(wide, stand_in.decode().encode(codec))
    return raw


def _redact_named(match: re.Match[bytes]) -> bytes:
    return match[1] + _stand_in(_ESCAPE.sub(_one_byte, match[2]).lower())


def _stand_in(session_id: bytes) -> bytes:
    return b"sid-%b" % hashlib.sha256(session_id).hexdigest()[:8].encode()


def _one_byte(match: re.Match[bytes]) -> bytes:
    return bytes((int(match[1], 16),))
