"""The tables of the catalog.

Serves this wing's stores and the migrations. Holds no query; ids of people and academies are plain
columns, since no foreign key crosses packages.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from catalog.values import MAX_IDENTIFIER

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

# Names of packages are shown only; more of them helps nobody.
SOURCE_LENGTH = 255


class Moment(TypeDecorator[datetime]):
    """A point in time: microseconds since 1970 in the database, aware in Python."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> int | None:
        """Count in whole numbers; a naive time raises `TypeError`."""
        return None if value is None else (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: Any, _dialect: Dialect) -> datetime | None:
        """Count back."""
        return None if value is None else _EPOCH + value * _MICROSECOND


class Base(DeclarativeBase):
    """The catalog's tables."""


class CourseTable(Base):
    """A course of an academy. One package makes one row for each of its sets.

    `sought` is what searches look through and lists sort by: title and AICC id, folded, since the
    two databases disagree about the lower case of letters that are not ASCII. `content_key` is the
    shelf's key of the package's content, None when nothing of it is launched from here; courses of
    one package share it, and `folder` says where in it the set lay. The three columns of archiving
    are None together, but for `archived_by`; see `model.Archived`.
    """

    __tablename__ = "catalog_courses"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    academy_id: Mapped[int] = mapped_column(Integer)
    aicc_id: Mapped[str] = mapped_column(String(MAX_IDENTIFIER))
    aicc_key: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
    sought: Mapped[str] = mapped_column(Text)
    unit_count: Mapped[int] = mapped_column(Integer)
    source: Mapped[str] = mapped_column(String(SOURCE_LENGTH))
    fingerprint: Mapped[str] = mapped_column(String(64))
    content_key: Mapped[str | None] = mapped_column(String(40))
    folder: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)
    archived_at: Mapped[datetime | None] = mapped_column(Moment)
    archive_reason: Mapped[str | None] = mapped_column(String(16))
    archived_by: Mapped[int | None] = mapped_column(Integer)
    __table_args__ = (
        UniqueConstraint("academy_id", "fingerprint", name="catalog_courses_once"),
        Index("catalog_courses_by_aicc_key", "academy_id", "aicc_key"),
    )


class StructureTable(Base):
    """The structure of a course as a JSON document; the highest version is the one in force."""

    __tablename__ = "catalog_structures"
    course_id: Mapped[int] = mapped_column(ForeignKey("catalog_courses.id"), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    document: Mapped[str] = mapped_column(Text)
