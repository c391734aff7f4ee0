"""The log of exchanges by months: partitions on PostgreSQL, and a mark for what is packed.

What has been logged so far stays as it is, in one partition that ends with its last month. Taking
this back needs every exchange unpacked, so it is refused where one is packed.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# Ids count milliseconds since then in their upper bits.
_EPOCH = datetime(2024, 1, 1, tzinfo=UTC)
_TAIL_BITS = 20


def upgrade() -> None:
    op.add_column(
        "hacp_exchanges",
        sa.Column("packed", sa.SmallInteger(), server_default="0", nullable=False),
    )
    op.create_table(
        "log_months",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("packed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dropped_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("month"),
    )
    if op.get_bind().dialect.name == "postgresql":
        _divide()


def downgrade() -> None:
    connection = op.get_bind()
    packed = sa.text("SELECT EXISTS (SELECT 1 FROM hacp_exchanges WHERE packed <> 0)")
    if connection.execute(packed).scalar():
        raise RuntimeError("exchanges are packed; the version before this one could not read them")
    if connection.dialect.name == "postgresql":
        op.execute("CREATE TABLE hacp_exchanges_whole (LIKE hacp_exchanges INCLUDING DEFAULTS)")
        op.execute("INSERT INTO hacp_exchanges_whole SELECT * FROM hacp_exchanges")
        op.execute("DROP TABLE hacp_exchanges")
        op.execute("ALTER TABLE hacp_exchanges_whole RENAME TO hacp_exchanges")
        op.execute("ALTER TABLE hacp_exchanges ADD PRIMARY KEY (academy_id, attempt_id, id)")
    op.drop_column("hacp_exchanges", "packed")
    op.drop_table("log_months")


def _divide() -> None:
    op.execute("ALTER TABLE hacp_exchanges RENAME TO hacp_exchanges_before")
    op.execute("ALTER INDEX hacp_exchanges_pkey RENAME TO hacp_exchanges_before_pkey")
    op.execute(
        "CREATE TABLE hacp_exchanges (LIKE hacp_exchanges_before INCLUDING DEFAULTS)"
        " PARTITION BY RANGE (id)"
    )
    op.execute("ALTER TABLE hacp_exchanges ADD PRIMARY KEY (academy_id, attempt_id, id)")
    op.execute("CREATE TABLE hacp_exchanges_rest PARTITION OF hacp_exchanges DEFAULT")
    newest = op.get_bind().execute(sa.text("SELECT max(id) FROM hacp_exchanges_before")).scalar()
    if newest is None:
        op.execute("DROP TABLE hacp_exchanges_before")
        return
    op.execute(
        "ALTER TABLE hacp_exchanges ATTACH PARTITION hacp_exchanges_before"
        f" FOR VALUES FROM (MINVALUE) TO ({_end_of_month(newest)})"
    )


def _end_of_month(newest: int) -> int:
    """Return the smallest id of the month after the one in which the newest exchange came."""
    came = _EPOCH + timedelta(milliseconds=newest >> _TAIL_BITS)
    year, month = divmod(came.year * 12 + came.month, 12)
    began = datetime(year, month + 1, 1, tzinfo=UTC)
    return (began - _EPOCH) // timedelta(milliseconds=1) << _TAIL_BITS
