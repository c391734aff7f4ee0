"""Ids, scores, times and actions: from what was written in a course file to what the model holds.

Serves `crs`, `elements` and `tree`. Each parser returns its value, and raises `ValueError` with a
sentence about what was expected. Knows no file and no row.
"""

from __future__ import annotations

import re
from decimal import Decimal

from catalog.files.decoding import CONTROL

# CMIIdentifier (CMI001 v4, chapter 9) has at most 255 characters.
MAX_IDENTIFIER = 255

# More digits than any score has; keeps a hostile number from growing.
MAX_SCORE_LENGTH = 12

# What tools write where they mean nothing (command_line is often "NA" as well).
_NOTHING = frozenset({"", "na", "n/a", "none", "-"})

_SCORE = re.compile(r"[+-]?[0-9]+(?:\.[0-9]*)?|[+-]?\.[0-9]+")
_TIME = re.compile(r"([0-9]{1,4}):([0-9]{1,2}):([0-9]{1,2})(?:\.[0-9]{0,2})?")
_VENDOR_BREAK = re.compile(r"<cr>|\r\n|\r|\n", re.IGNORECASE)
_ACTION_WORDS = re.compile(r"[,;/]")

# Both of these say "no limit": Storyline writes the first, Profiscience the second.
_NO_LIMIT_HOURS = 9999

# First letters (protocol: first letters e/c and m/n, in either order).
_LEAVE = {"e": "exit", "c": "continue"}
_TELL = {"m": "message", "n": "no message"}


def is_identifier(text: str) -> bool:
    """Whether a text can be the id of a unit, a block or an objective; blanks inside may be."""
    return 0 < len(text) <= MAX_IDENTIFIER and not CONTROL.search(text)


def parse_score(text: str) -> Decimal | None:
    """Read `max_score` or `mastery_score`; a percent sign behind it is let pass."""
    word = text.strip()
    if word.lower() in _NOTHING:
        return None
    number = word.removesuffix("%").rstrip()
    if len(number) > MAX_SCORE_LENGTH or not _SCORE.fullmatch(number):
        raise ValueError("A number such as 80 or 79.5 was expected.")
    return Decimal(number)


def parse_time_limit(text: str) -> str | None:
    """Read `max_time_allowed` as `HHHH:MM:SS`; None where it says that there is no limit.

    Minutes and seconds past 59 are carried over; parts of a second are cut off.
    """
    word = text.strip()
    if word.lower() in _NOTHING:
        return None
    match = _TIME.fullmatch(word)
    if not match:
        raise ValueError("A time such as 01:30:00 was expected.")
    hours, minutes, seconds = (int(part) for part in match.groups())
    total = hours * 3600 + minutes * 60 + seconds
    if total == 0 or hours >= _NO_LIMIT_HOURS or total >= _NO_LIMIT_HOURS * 3600:
        return None
    return f"{total // 3600:04}:{total // 60 % 60:02}:{total % 60:02}"


def parse_time_limit_action(text: str) -> str | None:
    """Read `time_limit_action`: exit or continue, message or no message, in either order.

    Only first letters count (`C,N`). A part that is not said is `continue` or `no message`.
    """
    word = text.strip()
    if word.lower() in _NOTHING:
        return None
    leave, tell = "", ""
    for part in _ACTION_WORDS.split(word.lower()):
        letter = part.strip()[:1]
        if letter in _LEAVE and not leave:
            leave = _LEAVE[letter]
        elif letter in _TELL and not tell:
            tell = _TELL[letter]
        elif letter:
            raise ValueError("Two words such as exit,message were expected.")
    return f"{leave or 'continue'},{tell or 'no message'}"


def parse_vendor_data(text: str) -> str:
    """Read `core_vendor`: `<CR>` in any case, and any line end, stands for CRLF."""
    return _VENDOR_BREAK.sub("\r\n", text)
