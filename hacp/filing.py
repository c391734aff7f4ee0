"""What stands beside the result: objectives of an attempt, a learner's preferences, typed records.

Serves `rules`. Pure; status, score and time are not touched here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hacp.model import Attempt, Objective, Session
from hacp.records import Achievement, Record
from hacp.remarks import Remarks

# Every post reads them with the attempt. More are kept as records, and handed out no more.
MOST_OBJECTIVES = 500


@dataclass(frozen=True, slots=True)
class Filed:
    """The attempt and session after it, and the records that are new."""

    attempt: Attempt
    session: Session
    records: tuple[Record, ...] = ()


def file_remarks(attempt: Attempt, session: Session, remarks: Remarks) -> Filed:
    """Keep what the groups of a PutParam say. An objective that says nothing new is no record."""
    objectives, news = _merged(attempt.objectives, remarks.achievements)
    if news:
        attempt = replace(attempt, objectives=objectives)
    if remarks.preferences:
        preferences = {**dict(session.preferences), **dict(remarks.preferences)}
        if preferences != dict(session.preferences):
            session = replace(session, preferences=tuple(preferences.items()))
    return Filed(attempt, session, (*remarks.comments, *news, *remarks.tries))


def file_table(attempt: Attempt, session: Session, records: tuple[Record, ...]) -> Filed:
    """Keep the rows of a table; those of PutObjectives say how the objectives stand, too."""
    said = [record for record in records if isinstance(record, Achievement)]
    objectives, news = _merged(attempt.objectives, said)
    if news:
        attempt = replace(attempt, objectives=objectives)
    return Filed(attempt, session, records)


def _merged(
    known: tuple[Objective, ...], said: Sequence[Achievement]
) -> tuple[tuple[Objective, ...], tuple[Achievement, ...]]:
    """Return the objectives after what was said, and of it what changed anything.

    A score or status that was not said, or cannot be read, stays as it was.
    """
    if not said:
        return known, ()
    merged = {objective.objective_id: objective for objective in known}
    news = []
    for one in said:
        before = merged.get(one.objective_id)
        if before is None and len(merged) >= MOST_OBJECTIVES:
            news.append(one)
            continue
        before = before or Objective(one.objective_id)
        after = replace(before, score=one.score or before.score, status=one.status or before.status)
        if merged.get(one.objective_id) != after:
            merged[one.objective_id] = after
            news.append(one)
    return tuple(merged.values()), tuple(news)
