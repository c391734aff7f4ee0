"""Whoever was put into a course's first version, but had begun units of another, goes on in that.

An early form of revision 0012 put everybody into the first one. The results of whom this concerns
are counted anew by the worker or `hacp sweep`, as after a change of the course's rules.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_COURSES = sa.text(
    "SELECT academy_id, id FROM catalog_courses"
    " WHERE id IN (SELECT course_id FROM catalog_structures WHERE version > 1)"
)
_STRUCTURES = sa.text("SELECT version, document FROM catalog_structures WHERE course_id = :course")
_BEGUN = sa.text(
    "SELECT progress.learner_id, hacp_attempts.au_id AS element"
    " FROM progress JOIN hacp_attempts USING (academy_id, learner_id, course_id)"
    " WHERE academy_id = :academy AND course_id = :course AND progress.version = 1"
    " UNION SELECT progress.learner_id, hand_statuses.element"
    " FROM progress JOIN hand_statuses USING (academy_id, learner_id, course_id)"
    " WHERE academy_id = :academy AND course_id = :course AND progress.version = 1"
    " AND ended_at IS NULL"
)
_MOVE = sa.text(
    "UPDATE progress SET version = :version"
    " WHERE academy_id = :academy AND learner_id = :learner AND course_id = :course"
)
_COUNT_ANEW = sa.text(
    "INSERT INTO course_rules (academy_id, course_id, retakes, counts, recount_after)"
    " VALUES (:academy, :course, :retakes, 'best', 0)"
    " ON CONFLICT (academy_id, course_id) DO UPDATE SET recount_after = 0"
)


def upgrade() -> None:
    connection = op.get_bind()
    for academy_id, course_id in connection.execute(_COURSES).all():
        here = {"academy": academy_id, "course": course_id}
        moved = [
            {**here, "learner": learner_id, "version": version}
            for learner_id, version in _moved(connection, here).items()
        ]
        if moved:
            connection.execute(_MOVE, moved)
            connection.execute(_COUNT_ANEW, {**here, "retakes": True})


def downgrade() -> None:
    """Leave what was put right."""


def _moved(connection: sa.Connection, here: Mapping[str, Any]) -> dict[int, int]:
    """Return the learners of a course who belong into another version than its first.

    Nobody in the first version can begin a unit of another one, so whoever has done so had taken
    that one before: of those that have such units the newest, which was most likely in force.
    """
    units = {
        row.version: {unit["system_id"] for unit in json.loads(row.document)["units"]}
        for row in connection.execute(_STRUCTURES, {"course": here["course"]})
    }
    begun: dict[int, set[str]] = {}
    for learner_id, element in connection.execute(_BEGUN, here):
        begun.setdefault(learner_id, set()).add(element)
    elsewhere = set().union(*units.values()) - units.get(1, set())
    return {
        learner_id: max(units, key=lambda version: (len(strange & units[version]), version))
        for learner_id, elements in begun.items()
        if (strange := elements & elsewhere)
    }
