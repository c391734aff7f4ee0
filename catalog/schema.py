"""The tables of the courses, and what else is known of each.

Serves this wing's stores and the migrations; `provider_schema` has what providers say. Holds no
query. Ids of people and academies are plain columns: no foreign key crosses packages.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    DDL,
    BigInteger,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    event,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.schema import DDLElement

from catalog.files.values import MAX_IDENTIFIER

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

# Names of packages are shown only; more of them helps nobody.
SOURCE_LENGTH = 255
TAG_LENGTH = 64
# A BCP 47 tag is short; what is none is kept as it was written, and cut for the filter.
LANGUAGE_LENGTH = 64
PROVIDER_LENGTH = 16
# Raise it when marks or words are made in another way: `indexing.refresh` makes all of them anew.
INDEX_EDITION = 1
# So much of a title orders lists; an index takes no more of it.
TITLE_KEY_LENGTH = 100


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

    `sought` is what admins' searches look through: title and AICC id, folded, since the two
    databases disagree about the lower case of letters that are not ASCII. Lists sort by
    `title_key`, the beginning of the title without case and accents. `content_key` is the
    shelf's key of the package's content, None when nothing of it is launched from here; courses of
    one package share it, and `folder` says where in it the set lay. The three columns of archiving
    are None together, but for `archived_by`; see `model.Archived`.

    `provider` is who owns title, description, categories, picture, duration, languages and
    publisher; None for a course that was uploaded. `languages` is a JSON list, `duration` counts
    seconds, and `picture` names a file among the catalog's pictures. `note` is the admins' own.
    `index_edition` says by which edition of the rules the words and marks of the course were made.
    """

    __tablename__ = "catalog_courses"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    academy_id: Mapped[int] = mapped_column(Integer)
    aicc_id: Mapped[str] = mapped_column(String(MAX_IDENTIFIER))
    aicc_key: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
    sought: Mapped[str] = mapped_column(Text)
    title_key: Mapped[str] = mapped_column(String(TITLE_KEY_LENGTH), default="")
    unit_count: Mapped[int] = mapped_column(Integer)
    source: Mapped[str] = mapped_column(String(SOURCE_LENGTH))
    fingerprint: Mapped[str] = mapped_column(String(64))
    content_key: Mapped[str | None] = mapped_column(String(40))
    folder: Mapped[str] = mapped_column(Text)
    provider: Mapped[str | None] = mapped_column(String(PROVIDER_LENGTH))
    publisher: Mapped[str] = mapped_column(Text, default="")
    languages: Mapped[str] = mapped_column(Text, default="[]")
    duration: Mapped[int | None] = mapped_column(Integer)
    picture: Mapped[str] = mapped_column(String(80), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    index_edition: Mapped[int] = mapped_column(Integer, default=0)
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)
    archived_at: Mapped[datetime | None] = mapped_column(Moment)
    archive_reason: Mapped[str | None] = mapped_column(String(16))
    archived_by: Mapped[int | None] = mapped_column(Integer)
    __table_args__ = (
        UniqueConstraint("academy_id", "fingerprint", name="catalog_courses_once"),
        Index("catalog_courses_by_aicc_key", "academy_id", "aicc_key"),
        Index("catalog_courses_by_title", "academy_id", "title_key", "id", "archived_at"),
        # Across academies: what an older release has indexed is looked for every minute.
        Index("catalog_courses_by_edition", "index_edition", "id"),
        # Most academies with a provider have uploaded few: a sync asks first whether there are any.
        Index(
            "catalog_courses_uploaded",
            "academy_id",
            sqlite_where=text("provider IS NULL"),
            postgresql_where=text("provider IS NULL"),
        ),
    )


class StructureTable(Base):
    """The structure of a course as a JSON document; the highest version is the one in force.

    `content_key` and `folder` are those of the version's content, both None where the course's row
    has them.
    """

    __tablename__ = "catalog_structures"
    course_id: Mapped[int] = mapped_column(ForeignKey("catalog_courses.id"), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    document: Mapped[str] = mapped_column(Text)
    content_key: Mapped[str | None] = mapped_column(String(40))
    folder: Mapped[str | None] = mapped_column(Text)


class ReplacedTable(Base):
    """A course had this content until an update replaced it; the row goes when that was seen to."""

    __tablename__ = "catalog_replaced_content"
    content_key: Mapped[str] = mapped_column(String(40), primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("catalog_courses.id"), primary_key=True)
    replaced_at: Mapped[datetime] = mapped_column(Moment)


class TagTable(Base):
    """A word by which admins sort courses; no sync touches it."""

    __tablename__ = "catalog_tags"
    academy_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    course_id: Mapped[int] = mapped_column(ForeignKey("catalog_courses.id"), primary_key=True)
    tag: Mapped[str] = mapped_column(String(TAG_LENGTH), primary_key=True)
    __table_args__ = (Index("catalog_tags_by_tag", "academy_id", "tag"),)


class CategoryTable(Base):
    """One node of the category tree as delivered. `path_key` is the hash of the whole path."""

    __tablename__ = "catalog_categories"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    academy_id: Mapped[int] = mapped_column(Integer)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("catalog_categories.id"))
    name: Mapped[str] = mapped_column(Text)
    path_key: Mapped[str] = mapped_column(String(64))
    __table_args__ = (
        UniqueConstraint("academy_id", "path_key", name="catalog_categories_once"),
        Index("catalog_categories_by_parent", "academy_id", "parent_id"),
    )


class CourseCategoryTable(Base):
    """A course stands in a category."""

    __tablename__ = "catalog_course_categories"
    academy_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    course_id: Mapped[int] = mapped_column(ForeignKey("catalog_courses.id"), primary_key=True)
    category_id: Mapped[int] = mapped_column(ForeignKey("catalog_categories.id"), primary_key=True)
    __table_args__ = (
        Index("catalog_course_categories_by_category", "academy_id", "category_id", "course_id"),
    )


class LanguageTable(Base):
    """A course is offered in a language, folded for filters; the course's row has it as shown."""

    __tablename__ = "catalog_course_languages"
    academy_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    course_id: Mapped[int] = mapped_column(ForeignKey("catalog_courses.id"), primary_key=True)
    language: Mapped[str] = mapped_column(String(LANGUAGE_LENGTH), primary_key=True)
    __table_args__ = (
        Index("catalog_course_languages_by_language", "academy_id", "language", "course_id"),
    )


class MarkTable(Base):
    """What a course may be known by again: `mark` is the hash of a `catalog.duplicates` mark."""

    __tablename__ = "catalog_marks"
    academy_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    mark: Mapped[str] = mapped_column(String(32), primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("catalog_courses.id"), primary_key=True)
    __table_args__ = (Index("catalog_marks_by_course", "academy_id", "course_id"),)


class TwinTable(Base):
    """Two courses that are kept side by side though they match; the lower id is `course_id`."""

    __tablename__ = "catalog_twins"
    academy_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    course_id: Mapped[int] = mapped_column(ForeignKey("catalog_courses.id"), primary_key=True)
    twin_id: Mapped[int] = mapped_column(ForeignKey("catalog_courses.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Moment)
    __table_args__ = (Index("catalog_twins_by_twin", "academy_id", "twin_id"),)


# The index of words, which each database has in its own way; `search` writes and asks it. FTS5 is
# told to take apart nothing that `catalog.words` has put together.
_SEARCH = {
    "sqlite": (
        "CREATE VIRTUAL TABLE IF NOT EXISTS catalog_search USING fts5(academy, title, about, words,"
        " prefix='2 3', tokenize=\"unicode61 remove_diacritics 0 categories 'L* N* M* Co'\")",
    ),
    "postgresql": (
        "CREATE TABLE IF NOT EXISTS catalog_search (academy_id integer NOT NULL, course_id integer"
        " NOT NULL, words tsvector NOT NULL, PRIMARY KEY (academy_id, course_id))",
        "CREATE INDEX IF NOT EXISTS catalog_search_by_words ON catalog_search USING gin (words)",
    ),
}
for _dialect, _statements in _SEARCH.items():
    for _statement in _statements:
        # The constructor of DDL has no types of its own.
        _made: DDLElement = DDL(_statement)  # type: ignore[no-untyped-call]
        event.listen(Base.metadata, "after_create", _made.execute_if(dialect=_dialect))
