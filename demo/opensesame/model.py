"""The values of the pretend OpenSesame: courses, licences, a list's entries, what was done.

Serves every module beside it. Decides nothing but what a licence's last day says; knows no HTTP.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


class ActiveAs(StrEnum):
    """How the API writes a course's `active`; connectors have met all three."""

    BOOLEAN = "boolean"
    NUMBER = "number"
    TEXT = "text"


class Variant(StrEnum):
    """Who speaks HACP when the course runs."""

    BROWSER = "browser"
    SERVER = "server"


class Opening(StrEnum):
    """What a launch meets; the last two are pages that never ask the learning server anything."""

    OPEN = "open"
    NO_SEAT = "no-seat"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Licence:
    """What a customer has bought; `seats` None is any number, `until` None is for ever."""

    type: str
    seats: int | None = None
    until: date | None = None

    def is_active(self, today: date) -> bool:
        """Tell whether it holds on that day."""
        return self.until is None or today <= self.until


UNLIMITED = Licence("Unlimited")


@dataclass(frozen=True, slots=True)
class Course:
    """One course of the marketplace, with the licences that the customer has for it.

    `categories` are pipe paths, `languages` codes or names, `duration` is `hh:mm:ss`, all as the
    API writes them. `points` are what its lesson says. `only_package` leaves out the launch
    address.
    """

    id: str
    title: str
    description: str
    publisher: str
    languages: tuple[str, ...]
    categories: tuple[str, ...]
    duration: str
    description_html: str = ""
    points: tuple[str, ...] = ()
    licences: tuple[Licence, ...] = (UNLIMITED,)
    active_as: ActiveAs = ActiveAs.BOOLEAN
    variant: Variant = Variant.BROWSER
    only_package: bool = False
    has_picture: bool = True
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A course on a customer's List; `sent_as` is the licence type it was sent with, if it was."""

    course: Course
    sent_as: str | None = None
    retired: bool = False
    opening: Opening = Opening.OPEN

    def licences(self, today: date) -> tuple[Licence, ...]:
        """Return the licences that hold on that day."""
        return tuple(licence for licence in self.course.licences if licence.is_active(today))

    def licence(self, today: date) -> Licence | None:
        """Return the licence by which it is launched: the one it was sent with, if that holds."""
        held = self.licences(today)
        return next((one for one in held if one.type == self.sent_as), held[0] if held else None)

    def is_active(self, today: date) -> bool:
        """Tell what the API says: neither retired nor without a licence."""
        return not self.retired and bool(self.licences(today))


@dataclass(frozen=True, slots=True)
class Answered:
    """What a push was answered; without a `status` it reached nobody, and `text` says why."""

    at: datetime
    status: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """One *Send to Integration*: `courses` are pairs of id and licence type."""

    id: str
    ciid: str
    at: datetime
    courses: tuple[tuple[str, str], ...]
    answers: tuple[Answered, ...] = ()


@dataclass(frozen=True, slots=True)
class Launch:
    """One launch as the activity report counts it.

    `student_id` is what the learning server called the learner; None as long as nobody has asked
    it. `opening` is what the launch met, `completed` whether the course was finished then.
    """

    id: str
    ciid: str
    course_id: str
    at: datetime
    opening: Opening = Opening.OPEN
    student_id: str | None = None
    completed: bool = False


@dataclass(frozen=True, slots=True)
class Client:
    """Somebody who may ask for tokens; without `ciids` for every customer, as an LMS vendor."""

    id: str
    secret: str = field(repr=False)
    ciids: frozenset[str] | None = None

    def may_read(self, ciid: str) -> bool:
        """Tell whether this customer is this client's."""
        return self.ciids is None or ciid in self.ciids
