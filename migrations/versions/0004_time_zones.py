"""Academies have a time zone: where their day begins."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    zone = sa.Column("time_zone", sa.String(64), nullable=False, server_default="UTC")
    op.add_column("academies", zone)


def downgrade() -> None:
    op.drop_column("academies", "time_zone")
