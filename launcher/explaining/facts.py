"""The facts of a case, and what several causes ask of them.

Serves `explain` and `cases`, which gathers them. Pure: frozen values, and questions to them; what
they mean is for `explain`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from hacp.model import Attempt, Mode, Session, Status
from hacp.records import StatusChange
from hacp.rules import FINISHED
from launcher.explaining.findings import Evidence
from launcher.explaining.said import Said

# The order in which an attempt climbs.
_RANK = {status: rank for rank, status in enumerate(Status)}
# A value in a sentence; content may send a megabyte for a status.
LONGEST_WORD = 60


@dataclass(frozen=True, slots=True)
class Closed:
    """A unit that cannot be opened: `why` is the sentence with which its launch is refused.

    `for_good` says that nothing which its learner can do opens it again.
    """

    why: str
    for_good: bool = False


@dataclass(frozen=True, slots=True)
class Stranger:
    """Requests from the content's own address that named no session of ours, while one was open."""

    origin: str
    count: int


@dataclass(frozen=True, slots=True)
class ByHand:
    """What an admin has set in the place of content's word; `title` is a unit's or the course's
    title, `done` whether it is completed by that.
    """

    title: str
    status: str
    done: bool
    at: datetime
    who: str
    reason: str


@dataclass(frozen=True, slots=True)
class Case:
    """The facts of one case: one attempt, or a whole course by the attempt that is in its way.

    `attempt` is None where nothing was launched. `exchanges` are the newest ones, the oldest of
    them first. `left` are the titles of the course's units that are not done, in order; `closed`
    says why none of them can be opened, or why the one unit cannot. `course_done` tells whether the
    course is done all the same, and `unit_done` whether the attempt's unit is, by any word. `steps`
    are those of the status of an attempt that is over. `by_hand` is what counts instead, if
    anything was set. While the course is archived, since `archived_at`,
    so many messages of the case are `held`; `held_here` are the exchanges of the attempt that are.
    """

    unit: str
    whole_course: bool
    attempt: Attempt | None = None
    sessions: tuple[Session, ...] = ()
    exchanges: tuple[Said, ...] = ()
    closed: Closed | None = None
    left: tuple[str, ...] = ()
    course_done: bool = False
    unit_done: bool = False
    steps: tuple[StatusChange, ...] = ()
    stranger: Stranger | None = None
    by_hand: ByHand | None = None
    archived_at: datetime | None = None
    held: int = 0
    held_here: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Facts:
    """A case that has an attempt, with what several causes ask of it."""

    case: Case
    attempt: Attempt

    @property
    def session(self) -> Session:
        """The newest session; an attempt begins with one."""
        return self.case.sessions[-1]

    @property
    def mastery(self) -> Decimal | None:
        """The mastery score that the newest launch handed out."""
        return self.session.ticket.mastery_score

    @property
    def step(self) -> StatusChange | None:
        """The step that led to the status as it is."""
        last = self.case.steps[-1] if self.case.steps else None
        return last if last is not None and last.status is self.attempt.status else None

    @property
    def done(self) -> bool:
        """Whether the attempt is completed or passed."""
        return self.attempt.status in FINISHED

    @property
    def puts(self) -> list[Said]:
        """The reports that were taken and may count: a review and a browse record no result.

        What is held does not count yet.
        """
        return [
            one
            for one in self.case.exchanges
            if one.puts
            and one.accepted
            and one.id not in self.case.held_here
            and self.mode_of(one) is Mode.NORMAL
        ]

    @property
    def said(self) -> str:
        """The status as content last wrote it, or as it was understood."""
        shown = self.last(lambda one: bool(one.report and one.report.status))
        return short(shown.value("lesson_status")) if shown else str(self.attempt.said or "")

    def last(self, wanted: Callable[[Said], bool]) -> Said | None:
        """Return the newest report for which something holds."""
        return next((one for one in reversed(self.puts) if wanted(one)), None)

    def refused(self, wanted: Callable[[Said], bool]) -> Said | None:
        """Return the newest request that was refused and is not behind us.

        One that was followed by a report we took is, unless it said that it was done.
        """
        taken = self.puts[-1].id if self.puts else 0
        for one in reversed(self.case.exchanges):
            finished = one.report is not None and one.report.status in FINISHED
            if not one.accepted and wanted(one) and (one.id > taken or finished):
                return one
        return None

    def would_change(self, said: Said) -> bool:
        """Whether a report says more than what is recorded, or there is no record to say less."""
        status = said.report.status if said.report else None
        more = status is not None and _RANK[status] > _RANK[self.attempt.status]
        return more or not self.puts

    def session_of(self, said: Said) -> Session | None:
        """Return the session in which it was said."""
        return self.session_by(said.session_id)

    def session_by(self, session_id: int | None) -> Session | None:
        """Return the session of that id."""
        return next((one for one in self.case.sessions if one.id == session_id), None)

    def mode_of(self, said: Said) -> Mode | None:
        """Return how the session in which it was said was launched."""
        session = self.session_of(said)
        return session.ticket.mode if session else None


def short(text: str, *, most: int = LONGEST_WORD) -> str:
    """Cut what somebody said to what a sentence can hold."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def stamp(moment: datetime) -> str:
    """Write a moment as a value of a finding."""
    return moment.isoformat()


def points_at(said: Said | None, keyword: str = "") -> tuple[Evidence, ...]:
    """Point at an exchange, and at the line of a keyword of its [core]."""
    if said is None:
        return ()
    line = said.lines.get(keyword)
    return (
        Evidence(
            said.id,
            said.number,
            said.at,
            said.command,
            line=line.number if line else None,
            text=short(line.text) if line else "",
        ),
    )


def says_status(said: Said) -> bool:
    """Whether a status was understood in it."""
    return said.report is not None and said.report.status is not None


def says_score(said: Said) -> bool:
    """Whether a score was understood in it."""
    return said.report is not None and said.report.score is not None
