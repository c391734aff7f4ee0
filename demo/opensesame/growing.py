"""Courses made up on the fly: any number of them, the same ones each time, none of them stored.

Serves `customers`. The id of a course holds its number, so that it can be found again.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TypeVar

from demo.opensesame.model import ActiveAs, Course, Entry, Variant

SENT_AS = "Unlimited"
T = TypeVar("T")

_ID_DIGITS = 12
_SHARES = 10_000
_FIRST = ("Managing", "Understanding", "Introducing", "Practising", "Leading", "Measuring")
_SECOND = ("Change", "Risk", "Budgets", "Feedback", "Safety", "Privacy", "Quality", "Projects")
_PLACES = ("at Work", "for Beginners", "in Practice", "for Teams", "Step by Step")
_PUBLISHERS = ("Northwind Learning", "Blue Harbour", "Plain Talk Training", "Oak & Ash")
_LANGUAGES = (("en",), ("en-US",), ("German",), ("fr", "en"), ("es-MX",), ("English", "Spanish"))
_BRANCHES = (
    "|Business Skills|Leadership",
    "|Compliance|Safety",
    "|Technology|Safety",
    "|Compliance|Privacy, Data and Records",
    "|Personal Growth",
)


@dataclass(frozen=True, slots=True)
class Growth:
    """`count` courses; shares from 0 to 1 say how many are retired, and how many were revised.

    `seed` gives other courses with other ids. Raising `revised` revises the same ones and more.
    """

    count: int = 0
    seed: int = 1
    retired: float = 0.0
    revised: float = 0.0

    def id_of(self, number: int) -> str:
        """Return the GUID of the course with that number, counted from 0."""
        return f"{self.seed & 0xFFFFFFFF:08x}-0000-4000-8000-{number:0{_ID_DIGITS}x}"

    def number_of(self, course_id: str) -> int | None:
        """Return the number in a GUID; None for one that is not of this growth."""
        try:
            number = int(course_id[-_ID_DIGITS:], 16)
        except ValueError:
            return None
        return number if number < self.count and self.id_of(number) == course_id else None

    def entry(self, number: int) -> Entry:
        """Make the course with that number as it stands on the list, sent."""
        return Entry(self.course(number), SENT_AS, retired=self._hit("retired", number))

    def course(self, number: int) -> Course:
        """Make the course with that number."""
        pick = zlib.crc32(b"%d:%d" % (self.seed, number))
        subject = f"{_of(_FIRST, pick)} {_of(_SECOND, pick >> 4)}"
        edition = ", second edition" if self._hit("revised", number) else ""
        return Course(
            id=self.id_of(number),
            title=f"{subject} {_of(_PLACES, pick >> 8)} {number + 1}{edition}",
            description=f"{subject}: what matters, in short lessons{edition}.",
            publisher=_of(_PUBLISHERS, pick >> 12),
            languages=_of(_LANGUAGES, pick >> 16),
            categories=(_of(_BRANCHES, pick >> 20),),
            duration=f"00:{10 + pick % 50}:00",
            active_as=_of(tuple(ActiveAs), pick >> 24),
            variant=_of(tuple(Variant), pick >> 28),
        )

    def _hit(self, what: str, number: int) -> bool:
        share = self.retired if what == "retired" else self.revised
        drawn = zlib.crc32(f"{what}:{self.seed}:{number}".encode()) % _SHARES
        return drawn < share * _SHARES


def _of(values: tuple[T, ...], pick: int) -> T:
    return values[pick % len(values)]
