"""The version of a course in which each learner has begun and goes on.

Until now everybody took the version in force, so that is the one in which their results stand.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("progress", sa.Column("version", sa.Integer(), nullable=True))
    op.execute(
        "UPDATE progress SET version = (SELECT max(version) FROM catalog_structures"
        " WHERE catalog_structures.course_id = progress.course_id) WHERE attempts > 0 OR by_hand"
    )


def downgrade() -> None:
    op.drop_column("progress", "version")
