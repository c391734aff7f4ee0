"""The tables of what is exchanged with providers: connections, items, deliveries, runs, decisions.

Serves this wing's stores and the migrations; the courses themselves are in `schema`. Holds no
query. The academy leads every key of what grows.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from catalog.schema import PROVIDER_LENGTH, Base, Moment

# A GUID has 36 characters.
KEY_LENGTH = 64
CIID_LENGTH = 255
DELIVERY_ID_LENGTH = 200


class ConnectionTable(Base):
    """How an academy is connected with a provider, what its admins chose, and how it went.

    `activated` is the operator's word, `enabled` the admin's. `ciid_key` is the folded CIID: one
    academy has it alone, unless an operator let another share it. The client secret is what the
    hall's vault made of it, and of the push secret only its hash is kept. `daily_at` counts minutes
    from the academy's midnight; `next_daily_at` and `next_poll_at` are when it is due again.
    """

    __tablename__ = "catalog_connections"
    academy_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    provider: Mapped[str] = mapped_column(String(PROVIDER_LENGTH), primary_key=True)
    activated: Mapped[bool] = mapped_column(default=False)
    enabled: Mapped[bool] = mapped_column(default=False)
    ciid: Mapped[str] = mapped_column(String(CIID_LENGTH), default="")
    ciid_key: Mapped[str | None] = mapped_column(String(CIID_LENGTH))
    ciid_shared: Mapped[bool] = mapped_column(default=False)
    branding: Mapped[str] = mapped_column(String(8))
    client_id: Mapped[str] = mapped_column(Text, default="")
    client_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    push_secret_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    policy: Mapped[str] = mapped_column(String(8))
    daily_at: Mapped[int] = mapped_column(Integer)
    poll_minutes: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(16))
    sentence: Mapped[str] = mapped_column(Text, default="")
    failures: Mapped[int] = mapped_column(Integer, default=0)
    tried_at: Mapped[datetime | None] = mapped_column(Moment)
    succeeded_at: Mapped[datetime | None] = mapped_column(Moment)
    next_daily_at: Mapped[datetime | None] = mapped_column(Moment)
    next_poll_at: Mapped[datetime | None] = mapped_column(Moment)
    changed_at: Mapped[datetime] = mapped_column(Moment)
    __table_args__ = (
        Index(
            "catalog_connections_one_a_ciid",
            "provider",
            "ciid_key",
            unique=True,
            sqlite_where=text("NOT ciid_shared"),
            postgresql_where=text("NOT ciid_shared"),
        ),
    )


class ItemTable(Base):
    """The last that a provider said of one of its courses, and what became of it here.

    `course_id` is None where the item has no course: its duplicate was skipped or waits for an
    admin. `hash` is the item's as it was applied; `failed_hash` that of one which could not be.
    `active` is the provider's last flag, `missed` how many complete listings in a row lacked it,
    `overruled` that an admin reactivated it against the flag. `picture_due` asks for the picture
    at `picture_url`, tried `picture_tries` times so far.
    """

    __tablename__ = "catalog_items"
    academy_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    provider: Mapped[str] = mapped_column(String(PROVIDER_LENGTH), primary_key=True)
    key: Mapped[str] = mapped_column(String(KEY_LENGTH), primary_key=True)
    course_id: Mapped[int | None] = mapped_column(ForeignKey("catalog_courses.id"))
    state: Mapped[str] = mapped_column(String(12))
    hash: Mapped[str] = mapped_column(String(64))
    failed_hash: Mapped[str] = mapped_column(String(64), default="")
    active: Mapped[bool] = mapped_column(default=True)
    missed: Mapped[int] = mapped_column(Integer, default=0)
    overruled: Mapped[bool] = mapped_column(default=False)
    picture_url: Mapped[str] = mapped_column(Text, default="")
    picture_due: Mapped[bool] = mapped_column(default=False)
    picture_tries: Mapped[int] = mapped_column(Integer, default=0)
    updated_at: Mapped[datetime] = mapped_column(Moment)
    # The last, so that reading the others never walks through its pages.
    document: Mapped[str] = mapped_column(Text)
    __table_args__ = (
        UniqueConstraint("academy_id", "course_id", name="catalog_items_one_a_course"),
        Index(
            "catalog_items_without_picture",
            "academy_id",
            "provider",
            sqlite_where=text("picture_due"),
            postgresql_where=text("picture_due"),
        ),
    )


class RunTable(Base):
    """One comparison with the provider's listing.

    While it runs, `owner` has claimed the academy until `claimed_until`; one run an academy. `key`
    names the course where one alone is synced. `counts` is a JSON object of outcomes, `expected`
    how many items the listing had the last time, for a progress bar. `sentence` says why it broke
    or what it waits for, `about` which waiting run it confirmed, or doubted the listing with.
    """

    __tablename__ = "catalog_runs"
    academy_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    provider: Mapped[str] = mapped_column(String(PROVIDER_LENGTH))
    kind: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(12))
    key: Mapped[str] = mapped_column(String(KEY_LENGTH), default="")
    by: Mapped[int | None] = mapped_column(Integer)
    about: Mapped[int | None] = mapped_column(BigInteger)
    owner: Mapped[str] = mapped_column(String(40))
    claimed_until: Mapped[datetime] = mapped_column(Moment)
    started_at: Mapped[datetime] = mapped_column(Moment)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)
    pages: Mapped[int] = mapped_column(Integer, default=0)
    items: Mapped[int] = mapped_column(Integer, default=0)
    expected: Mapped[int] = mapped_column(Integer, default=0)
    counts: Mapped[str] = mapped_column(Text, default="{}")
    sentence: Mapped[str] = mapped_column(Text, default="")
    decided_by: Mapped[int | None] = mapped_column(Integer)
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    __table_args__ = (
        Index(
            "catalog_runs_one_at_a_time",
            "academy_id",
            "provider",
            unique=True,
            sqlite_where=text("state = 'running'"),
            postgresql_where=text("state = 'running'"),
        ),
        Index("catalog_runs_by_state", "academy_id", "state"),
    )


class EntryTable(Base):
    """What a run did with one course; those that were found unchanged have none.

    `kind` and `matched_id` say which course it was matched with and by what, `reason` why it became
    so, in a sentence. `differences` is a JSON list of `[field, before, after]`.
    """

    __tablename__ = "catalog_run_entries"
    academy_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    run_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    outcome: Mapped[str] = mapped_column(String(12))
    key: Mapped[str] = mapped_column(String(KEY_LENGTH))
    title: Mapped[str] = mapped_column(Text)
    course_id: Mapped[int | None] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(16), default="")
    matched_id: Mapped[int | None] = mapped_column(Integer)
    reason: Mapped[str] = mapped_column(Text, default="")
    differences: Mapped[str] = mapped_column(Text, default="[]")
    __table_args__ = (
        ForeignKeyConstraint(
            ["academy_id", "run_id"], ["catalog_runs.academy_id", "catalog_runs.id"]
        ),
        Index("catalog_run_entries_by_course", "academy_id", "course_id"),
    )


class DeliveryTable(Base):
    """One push of the provider, as an inbox row: noted at once, pulled by a worker."""

    __tablename__ = "catalog_deliveries"
    academy_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    provider: Mapped[str] = mapped_column(String(PROVIDER_LENGTH))
    delivery_id: Mapped[str] = mapped_column(String(DELIVERY_ID_LENGTH))
    state: Mapped[str] = mapped_column(String(12))
    received_at: Mapped[datetime] = mapped_column(Moment)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)
    run_id: Mapped[int | None] = mapped_column(BigInteger)
    course_count: Mapped[int] = mapped_column(Integer)
    sentence: Mapped[str] = mapped_column(Text, default="")
    __table_args__ = (
        UniqueConstraint("academy_id", "provider", "delivery_id", name="catalog_deliveries_once"),
        Index("catalog_deliveries_by_state", "state", "academy_id"),
    )


class DeliveredTable(Base):
    """A course that a delivery names, and what became of it; `outcome` is "" until it is known."""

    __tablename__ = "catalog_delivered"
    academy_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    delivery: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    key: Mapped[str] = mapped_column(String(KEY_LENGTH), primary_key=True)
    licence_type: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str] = mapped_column(String(12), default="")
    course_id: Mapped[int | None] = mapped_column(Integer)
    title: Mapped[str] = mapped_column(Text, default="")
    kind: Mapped[str] = mapped_column(String(16), default="")
    matched_id: Mapped[int | None] = mapped_column(Integer)
    reason: Mapped[str] = mapped_column(Text, default="")
    __table_args__ = (
        ForeignKeyConstraint(
            ["academy_id", "delivery"], ["catalog_deliveries.academy_id", "catalog_deliveries.id"]
        ),
    )


class DecisionTable(Base):
    """What to do with a duplicate: the queue while `state` is pending, afterwards the audit trail.

    `matched` is a JSON list of course ids, `document` the item or the upload it is about. `origin`
    says what brought it, `policy` which setting decided where no person (`by`) did.
    """

    __tablename__ = "catalog_decisions"
    academy_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    provider: Mapped[str | None] = mapped_column(String(PROVIDER_LENGTH))
    key: Mapped[str] = mapped_column(String(KEY_LENGTH))
    title: Mapped[str] = mapped_column(Text)
    document: Mapped[str] = mapped_column(Text)
    origin: Mapped[str] = mapped_column(String(12))
    run_id: Mapped[int | None] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(16))
    certain: Mapped[bool]
    matched: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(12))
    choice: Mapped[str] = mapped_column(String(8), default="")
    course_id: Mapped[int | None] = mapped_column(Integer)
    by: Mapped[int | None] = mapped_column(Integer)
    policy: Mapped[str] = mapped_column(String(8), default="")
    made_at: Mapped[datetime] = mapped_column(Moment)
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    __table_args__ = (
        Index(
            "catalog_decisions_pending_once",
            "academy_id",
            "provider",
            "key",
            unique=True,
            sqlite_where=text("state = 'pending'"),
            postgresql_where=text("state = 'pending'"),
        ),
    )
