"""What is found in a case, as pages and commands ask for it: by attempt, by course, by list.

Serves the admin's pages and `hacp explain`. Decides nothing. A list reads what `progress` has
stored and no exchange; rows whose content has spoken since can be brought up to date first.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from catalog.files.tree import ROOT
from catalog.schema import CourseTable
from catalog.script import DONE
from hacp.model import Attempt
from hacp.schema import ExchangeRow
from launcher.db import read, transact
from launcher.explaining.cases import STUDY, attempt_case, course_case, told_of, unlaunched_case
from launcher.explaining.explain import explain_all
from launcher.explaining.facts import Case
from launcher.explaining.findings import SHUT, Finding, parse_finding
from launcher.records import listing, progress
from launcher.records.by_hand import in_force
from launcher.records.reckoning import reckon
from launcher.records.versions import course_for
from launcher.schema import Progress

# A learner and a course.
Key = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Explained:
    """A case with what was found in it: the cause that counts first, then what else was noticed."""

    case: Case
    findings: tuple[Finding, ...]

    @property
    def finding(self) -> Finding:
        """The cause that counts."""
        return self.findings[0]

    @property
    def attempt(self) -> Attempt | None:
        """The attempt that it is about."""
        return self.case.attempt


@dataclass(frozen=True, slots=True)
class Hint:
    """What is stored of a row of a list, and the attempt that it is about."""

    finding: Finding
    attempt_id: int | None


def of_attempt(
    connection: Connection, academy_id: int, *, attempt: Attempt, content_url: str
) -> Explained:
    """Explain one attempt as it stands now."""
    key = {"learner_id": attempt.learner_id, "course_id": attempt.course_id}
    stored = course_for(connection, academy_id, **key)
    known = in_force(connection, academy_id, **key)
    hand = known.get(attempt.au_id, known.get(ROOT))
    case = attempt_case(
        connection,
        stored,
        attempt,
        academy_id=academy_id,
        depth=STUDY,
        content_url=content_url,
        by_hand=told_of(stored, hand) if stored and hand else None,
    )
    return Explained(case, explain_all(case))


def of_course(
    connection: Connection,
    academy_id: int,
    *,
    learner_id: int,
    course_id: int,
    content_url: str,
    au_id: str | None = None,
) -> Explained:
    """Explain how a learner stands in a course, or in one unit of it.

    Raises LookupError where the academy has no such course, or the course no such unit.
    """
    stored = course_for(connection, academy_id, learner_id=learner_id, course_id=course_id)
    if stored is None:
        raise LookupError(course_id)
    reckoning = reckon(connection, stored, learner_id=learner_id)
    results = reckoning.results
    if au_id is not None:
        own = reckoning.counting.get(au_id)
        if own is not None:
            return of_attempt(connection, academy_id, attempt=own, content_url=content_url)
        hand = reckoning.by_hand.get(au_id)
        case = unlaunched_case(stored, au_id, results=results, by_hand=hand)
    else:
        case = course_case(
            connection,
            stored,
            list(reckoning.counting.values()),
            results=results,
            by_hand=reckoning.by_hand,
            course_done=reckoning.whole(stored.course).status in DONE,
            academy_id=academy_id,
            depth=STUDY,
            content_url=content_url,
        )
    return Explained(case, explain_all(case))


def hints(connection: Connection, academy_id: int, *, keys: Collection[Key]) -> dict[Key, Hint]:
    """Return what is stored of these rows; a row of which nothing is stored is left out."""
    rows = connection.execute(
        select(
            Progress.learner_id,
            Progress.course_id,
            Progress.cause,
            Progress.cause_values,
            Progress.cause_attempt,
        ).where(_these(academy_id, keys), Progress.cause.is_not(None))
    )
    found: dict[Key, Hint] = {}
    for row in rows:
        finding = parse_finding(row.cause, row.cause_values)
        if finding is not None:
            found[row.learner_id, row.course_id] = Hint(finding, row.cause_attempt)
    return found


def behind(connection: Connection, academy_id: int, *, keys: Collection[Key]) -> list[Key]:
    """Return which rows were found before their content's last word, or before an archiving.

    A post that changes no result is not told to the hall, and neither is one that is refused; so a
    list asks, by the key of the newest exchange alone, and brings such rows up to date. Archiving a
    course, or taking it back, writes to none of its rows: those that speak of the other state, and
    that nobody has set by hand, are found here.
    """
    newest = (
        select(func.max(ExchangeRow.id))
        .where(
            ExchangeRow.academy_id == Progress.academy_id,
            ExchangeRow.attempt_id == Progress.cause_attempt,
        )
        .scalar_subquery()
    )
    rows = connection.execute(
        select(Progress.learner_id, Progress.course_id).where(
            _these(academy_id, keys), or_(newest > Progress.cause_seen, _tells_another_state())
        )
    )
    return [(row.learner_id, row.course_id) for row in rows]


def _tells_another_state() -> ColumnElement[bool]:
    archived = (
        select(CourseTable.id)
        .where(
            CourseTable.academy_id == Progress.academy_id,
            CourseTable.id == Progress.course_id,
            CourseTable.archived_at.is_not(None),
        )
        .exists()
    )
    tells = func.coalesce(Progress.cause, "").in_([str(cause) for cause in SHUT])
    unfinished = Progress.status.not_in([str(status) for status in DONE])
    return and_(unfinished, ~Progress.by_hand, or_(and_(tells, ~archived), and_(~tells, archived)))


def catch_up(connection: Connection, academy_id: int, *, keys: Collection[Key]) -> None:
    """Find these rows anew and store what is found; in one order, for each of them is locked."""
    for learner_id, course_id in sorted(keys):
        progress.refresh(
            connection, academy_id=academy_id, learner_id=learner_id, course_id=course_id
        )


def fresh_hints(academy_id: int, *, keys: Collection[Key]) -> dict[Key, Hint]:
    """Return what is stored of the rows of one page, after bringing up to date what is behind."""
    late = read(lambda connection: behind(connection, academy_id, keys=keys))
    if late:
        transact(lambda connection: catch_up(connection, academy_id, keys=late))
    return read(lambda connection: hints(connection, academy_id, keys=keys))


def _these(academy_id: int, keys: Collection[Key]) -> ColumnElement[bool]:
    return and_(Progress.academy_id == academy_id, *listing.these(keys))
