"""Why an item of the listing is a duplicate, and what the policy said to it, for the trail.

Serves `applying` and `downloads`. Takes a connection, never commits.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from catalog import marks
from catalog.duplicates import Verdict
from catalog.provider.provided import dump_item
from catalog.supply import decisions
from catalog.supply.model import OPENSESAME, DuplicatePolicy, Origin, Question
from catalog.sync.judging import Work


def question_of(connection: Connection, academy_id: int, work: Work) -> Question | None:
    """Return why an item is a duplicate: by the verdict, or by what was decided about it before."""
    if work.verdict is not None:
        return question_about(connection, academy_id, work, work.verdict)
    trail = decisions.trail(connection, academy_id, key=work.step.key)
    return trail[0].question if trail else None


def question_about(
    connection: Connection, academy_id: int, work: Work, verdict: Verdict
) -> Question:
    """Return the question that a verdict on an item is, with the courses named in its reason."""
    named = marks.names_of(connection, academy_id, verdict.course_ids)
    return Question(
        provider=OPENSESAME,
        key=work.step.key,
        title=work.item.title,
        document=dump_item(work.item),
        origin=Origin.SYNC,
        kind=verdict.kind.value,
        certain=verdict.certain,
        matched=verdict.course_ids,
        reason=f"Matches {named}. {verdict.reason}",
    )


def answer(
    connection: Connection,
    academy_id: int,
    question: Question,
    *,
    choice: DuplicatePolicy,
    course_id: int | None,
    policy: DuplicatePolicy,
    run_id: int | None,
    now: datetime,
) -> None:
    """Keep what the policy decided; a question that waited since an older policy has its answer."""
    decisions.withdraw(connection, academy_id, provider=OPENSESAME, keys=[question.key])
    decisions.record(
        connection,
        academy_id,
        question,
        choice=choice,
        course_id=course_id,
        by=None,
        policy=policy,
        run_id=run_id,
        now=now,
    )
