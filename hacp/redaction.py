"""Session ids out of what is kept: whoever may read the exchanges must not continue a session.

Serves the endpoint. Knows how an id of ours may be spelt, not what the message says.
"""

from __future__ import annotations

import hashlib
import re

from hacp.model import Request

# What is shorter is not redacted; ours are 40 digits.
SHORTEST_SECRET = 16
# A session id of ours wherever it is named as one, any of its signs encoded.
_NAMED_SESSION = re.compile(
    rb"(session(?:_|%5f)id=)((?:%[0-9a-f]{2}|[0-9a-f]){40})(?![0-9a-f%])", re.IGNORECASE
)
_ESCAPE = re.compile(rb"%([0-9a-fA-F]{2})")


def redact(raw: bytes, request: Request) -> bytes:
    """Replace the session id in a raw message by a stand-in that still tells two ids apart.

    Ids shorter than any of ours open nothing; they stay, so that a log shows what really came.
    """
    session_id = (request.session_id or "").encode()
    # Longest first: one spelling may be part of another.
    for spelling in sorted(
        {request.raw_session_id or b"", session_id, session_id.upper()}, key=len, reverse=True
    ):
        if len(spelling) >= SHORTEST_SECRET:
            for codec in ("latin-1", "utf-16-le", "utf-16-be"):
                raw = raw.replace(
                    spelling.decode("latin-1").encode(codec), _stand_in(session_id).encode(codec)
                )
    # A second one, of which the first counted, opens its session all the same.
    return _NAMED_SESSION.sub(
        lambda match: match[1] + _stand_in(_ESCAPE.sub(_one_byte, match[2]).lower()).encode(),
        raw,
    )


def _stand_in(session_id: bytes) -> str:
    return f"sid-{hashlib.sha256(session_id).hexdigest()[:8]}"


def _one_byte(match: re.Match[bytes]) -> bytes:
    return bytes((int(match[1], 16),))
