"""The values inside aicc_data: lesson_status, score, time and version, forgiving in and strict out.

Serves `messages`. Decides nothing: what a value does to a record is for `rules`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from hacp.model import Entry, Exit, Score, Status

# CMI001 section 6: "only the first character is significant", in any case. `a` is not in the
# standard: a prototype's player sends "attempted", which can only mean that work has begun.
STATUS_LETTERS = {
    "p": Status.PASSED,
    "f": Status.FAILED,
    "c": Status.COMPLETED,
    "i": Status.INCOMPLETE,
    "n": Status.NOT_ATTEMPTED,
    "b": Status.BROWSED,
    "a": Status.INCOMPLETE,
}
EXIT_LETTERS = {"s": Exit.SUSPEND, "l": Exit.LOGOUT, "t": Exit.TIME_OUT}
# Flags that some clients send back although they are ours to give: VA echoes the entry flag, and
# e-LfH writes `exit` for a normal exit.
ECHOED_LETTERS = "are"

# CMIDecimal (chapter 9) with room to spare; ASCII only, since Decimal() takes far more than that.
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,15}(?:\.[0-9]{0,15})?|\.[0-9]{1,15})")
# CMITimespan is HHHH:MM:SS.SS; Rustici's reader takes one digit each, and minutes over 59 are seen.
_TIMESPAN = re.compile(r"([0-9]{1,5}):([0-9]{1,5}):([0-9]{1,5})(?:[.,]([0-9]{0,9}))?")

# The longest time that every client's reader takes: four digits of hours.
LONGEST = Decimal(9999 * 3600 + 59 * 60 + 59)
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class LessonStatus:
    """`lesson_status` as content said it; `status` is None where the word means nothing."""

    status: Status | None
    exit: Exit
    tolerated: str = ""


def parse_status(text: str) -> LessonStatus:
    """Read `status[,exit]`; see `dump_status`.

    An absent exit flag is a normal exit (CMI001 section 6, Core.Exit).
    """
    word, comma, flag = text.partition(",")
    word, flag = word.strip().lower(), flag.strip().lower()
    status = STATUS_LETTERS.get(word[:1])
    if not comma:
        return LessonStatus(status, Exit.NORMAL)
    if not flag:
        return LessonStatus(status, Exit.NORMAL, f"status `{word[:32]},` has a trailing comma")
    if flag[0] in EXIT_LETTERS:
        return LessonStatus(status, EXIT_LETTERS[flag[0]])
    what = "is ours to give" if flag[0] in ECHOED_LETTERS else "is not known"
    return LessonStatus(status, Exit.NORMAL, f"the flag `{flag[:32]}` behind the status {what}")


def dump_status(status: Status, entry: Entry) -> str:
    """Write `status[,entry]` in full words and without a blank; see `parse_status`.

    A blank behind the comma makes the Rustici driver report a review.
    """
    return f"{status},{entry}" if entry else str(status)


def parse_decimal(text: str) -> Decimal | None:
    """Read a plain decimal number (CMIDecimal, chapter 9); None where it is none."""
    text = text.strip()
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def parse_score(text: str) -> Score | None:
    """Read `raw[,max[,min]]`, in this order (CMI001 section 6); None where raw is no number.

    See `dump_score`. A percent sign behind a number is dropped. "If Score.Max accompanies Score.Raw
    with no Score.Min, Score.Min is assumed to be 0. If Score.Min is included then Score.Max must
    also be included."
    """
    raw, highest, lowest, *_ = [
        parse_decimal(part.strip().removesuffix("%")) for part in f"{text},,".split(",")
    ]
    if raw is None:
        return None
    if highest is None:
        return Score(raw)
    return Score(raw, highest, lowest if lowest is not None else Decimal(0))


def dump_score(score: Score, *, integer: bool) -> str:
    """Write `raw` or `raw,max,min`; with `integer` the rounded raw alone. See `parse_score`.

    Content that asks with a version below 3 cannot read more: Skillsoft's player fails on
    `11,100,0`. A maximum without a minimum means the minimum 0 (CMI001 section 6).
    """
    if integer:
        return str(score.raw.quantize(Decimal(1), rounding=ROUND_HALF_UP))
    if score.max is None:
        return _plain(score.raw)
    lowest = score.min if score.min is not None else Decimal(0)
    return f"{_plain(score.raw)},{_plain(score.max)},{_plain(lowest)}"


def parse_timespan(text: str) -> Decimal | None:
    """Read `HHHH:MM:SS[.SS]` as seconds; None where it is none. See `dump_timespan`."""
    match = _TIMESPAN.fullmatch(text.strip())
    if match is None:
        return None
    hours, minutes, seconds, fraction = match.groups()
    whole = int(hours) * 3600 + int(minutes) * 60 + int(seconds)
    return (Decimal(f"{whole}.{fraction}") if fraction else Decimal(whole)).quantize(CENT)


def dump_timespan(seconds: Decimal) -> str:
    """Write seconds as `HH:MM:SS`, hundredths only where there are any. See `parse_timespan`."""
    hundredths = int(min(seconds, LONGEST).quantize(CENT) * 100)
    whole, fraction = divmod(hundredths, 100)
    text = f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"
    return f"{text}.{fraction:02d}" if fraction else text


def parse_version(text: str | None) -> Decimal | None:
    """Read the request's `version`; None where content gave none or no number."""
    return parse_decimal(text) if text is not None else None


def _plain(number: Decimal) -> str:
    return f"{number:f}"
