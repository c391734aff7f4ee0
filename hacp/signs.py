"""The signs of a recording: session ids, repetitions, what cannot be seen, bytes that are no text.

Serves `recording`. Knows no step.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

# Signs that would not be seen are written as their pictures.
PICTURES = {"␀": "\0", "␉": "\t", "␊": "\n", "␌": "\f", "␍": "\r", "␠": " "}
_DRAWN = str.maketrans({sign: picture for picture, sign in PICTURES.items() if sign != " "})
_SEEN = str.maketrans(PICTURES)
_REPEATED = re.compile(r"\{([^{}]+) × (\d{1,9})\}")
_SESSION = re.compile(r"\{(%?)(sid|SID)(?: (\d{1,4}))?\}")
_BYTES = re.compile(r"\{0x((?:[0-9a-f]{2})*)\}")
# What would be read as a sign although it is none, and lone bytes that are no UTF-8.
_ALIKE = re.compile(
    rf"[{''.join(PICTURES)}]|\{{(?=%?sid|%?SID|0x|data\}}|[^{{}}]+ × \d)"
    r"|[\ud800-\udfff]+|[^\S \t\r\n\f]"
)
# A repetition is a short way to write much; nothing asks for more than ten megabytes.
MOST = 64 * 1024 * 1024


class SignRefused(ValueError):
    """A sign names something that is not there, or too much of it."""


def parse_signs(text: str, session_ids: Sequence[str]) -> str:
    """Put what the signs stand for in their places; see `dump_signs`.

    Bytes that are no UTF-8 come out as surrogates (PEP 383). Raises SignRefused.
    """
    text = _REPEATED.sub(_repeated, text)
    text = _SESSION.sub(lambda match: _session(match, session_ids), text).translate(_SEEN)
    return _BYTES.sub(
        lambda match: bytes.fromhex(match[1]).decode("utf-8", "surrogateescape"), text
    )


def dump_signs(text: str) -> str:
    """Write text on one line, so that `parse_signs` gives it back; a blank within stays one."""
    text = _ALIKE.sub(lambda match: _hexadecimal(match[0]), text).translate(_DRAWN)
    inner = text.strip(" ")
    if not inner:
        return "␠" * len(text) or "{0x}"
    start = len(text) - len(text.lstrip(" "))
    return f"{'␠' * start}{inner}{'␠' * (len(text) - start - len(inner))}"


def to_bytes(text: str) -> bytes:
    """Return the bytes that a text stands for."""
    return text.encode("utf-8", "surrogateescape")


def to_text(raw: bytes) -> str:
    """Return bytes as a text; what is no UTF-8 becomes surrogates. See `to_bytes`."""
    return raw.decode("utf-8", "surrogateescape")


def _repeated(match: re.Match[str]) -> str:
    if len(match[1]) * int(match[2]) > MOST:
        raise SignRefused(f"{match[0]} is more than {MOST} signs")
    return match[1] * int(match[2])


def _session(match: re.Match[str], session_ids: Sequence[str]) -> str:
    percent, case, number = match.groups()
    place = int(number) - 1 if number else len(session_ids) - 1
    if not 0 <= place < len(session_ids):
        raise SignRefused(f"{match[0]} stands before its launch")
    session_id = session_ids[place].upper() if case == "SID" else session_ids[place]
    return "".join(f"%{byte:02x}" for byte in session_id.encode()) if percent else session_id


def _hexadecimal(text: str) -> str:
    return f"{{0x{to_bytes(text).hex()}}}"
