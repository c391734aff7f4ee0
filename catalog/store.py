"""Courses in the catalog: every query on them and their structures.

Serves `intake`, the hall's pages, launches and commands. Takes a connection, returns values, never
commits; every query is bound to an academy. Runs on SQLite and PostgreSQL.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar, TypeVarTuple

from sqlalchemy import (
    Connection,
    Row,
    Select,
    bindparam,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from catalog.document import dump_document, parse_document
from catalog.errors import AlreadyStored
from catalog.files.address import is_absolute, launch_path
from catalog.model import Archived, ArchiveReason, AssignableUnit, Course
from catalog.schema import (
    INDEX_EDITION,
    SOURCE_LENGTH,
    TITLE_KEY_LENGTH,
    CourseTable,
    StructureTable,
    TagTable,
)
from catalog.words import fold

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

# The largest id that PostgreSQL's integer takes; a larger one matches nothing instead of failing.
MAX_ID = 2**31 - 1


class Transact(Protocol):
    """Runs a unit of work in one transaction: commits what it did, or nothing of it."""

    def __call__(self, unit: Callable[[Connection], T], /) -> T:
        """Return what the unit returns; let its exceptions through."""


@dataclass(frozen=True, slots=True)
class CourseRow:
    """A course as lists show it. `provider` is who brought it, None for one that was uploaded.

    `picture` names a file on the shelf of pictures, "" where there is none.
    """

    id: int
    academy_id: int
    aicc_id: str
    title: str
    description: str
    unit_count: int
    source: str
    created_at: datetime
    archived: Archived | None = None
    provider: str | None = None
    picture: str = ""


@dataclass(frozen=True, slots=True)
class StoredCourse:
    """A course with its structure, and where its content lies.

    `version` counts its structures from 1; see `versions`. `picture` is as in `CourseRow`.
    """

    id: int
    academy_id: int
    title: str
    source: str
    content_key: str | None
    folder: str
    created_at: datetime
    course: Course
    archived: Archived | None = None
    version: int = 1
    picture: str = ""


_ARCHIVED = (CourseTable.archive_reason, CourseTable.archived_at, CourseTable.archived_by)
_ROW = (
    CourseTable.id,
    CourseTable.academy_id,
    CourseTable.aicc_id,
    CourseTable.title,
    CourseTable.description,
    CourseTable.unit_count,
    CourseTable.source,
    CourseTable.created_at,
    *_ARCHIVED,
    CourseTable.provider,
    CourseTable.picture,
)
# Every report that is rolled up asks for its course, so the statement is built once.
_COURSE = (
    select(
        CourseTable.id,
        CourseTable.academy_id,
        CourseTable.title,
        CourseTable.source,
        CourseTable.content_key,
        CourseTable.folder,
        CourseTable.created_at,
        CourseTable.picture,
        StructureTable.document,
        StructureTable.version,
        StructureTable.content_key.label("own_content_key"),
        StructureTable.folder.label("own_folder"),
        *_ARCHIVED,
    )
    .join(StructureTable, StructureTable.course_id == CourseTable.id)
    .where(CourseTable.academy_id == bindparam("academy"), CourseTable.id == bindparam("course"))
    .order_by(StructureTable.version.desc())
    .limit(1)
)
_COURSE_IN_VERSION = _COURSE.where(StructureTable.version == bindparam("version"))


def add_course(
    connection: Connection,
    academy_id: int,
    *,
    course: Course,
    source: str,
    fingerprint: str,
    content_key: str | None,
    folder: str,
    now: datetime,
) -> int:
    """Store a new course and return its id; `indexing.index` is to be called with it.

    Raises `AlreadyStored` when the academy got the same fingerprint meanwhile; the transaction must
    then be given up.
    """
    values = {
        "academy_id": academy_id,
        **course_values(course),
        "source": source[:SOURCE_LENGTH],
        "fingerprint": fingerprint,
        "content_key": content_key,
        "folder": folder,
        "index_edition": INDEX_EDITION,
        "created_at": now,
        "updated_at": now,
    }
    try:
        inserted = connection.execute(insert(CourseTable).values(values).returning(CourseTable.id))
    except IntegrityError as error:
        raise AlreadyStored(fingerprint) from error
    course_id = inserted.scalar_one()
    connection.execute(
        insert(StructureTable).values(
            course_id=course_id, version=1, document=dump_document(course)
        )
    )
    return course_id


def course_values(course: Course) -> dict[str, Any]:
    """Return the columns of a course's row that follow from its structure."""
    return {
        "aicc_id": course.course_id,
        "aicc_key": _fold(course.course_id),
        "title": course.title,
        "description": course.description,
        "sought": _fold(f"{course.title}\n{course.course_id}"),
        "title_key": fold(course.title)[:TITLE_KEY_LENGTH],
        "unit_count": len(course.units),
    }


def course(
    connection: Connection, academy_id: int, *, course_id: int, version: int | None = None
) -> StoredCourse | None:
    """Return a course of the academy with its structure, or None.

    `version` asks for an older structure, which learners in the middle of the course keep; None is
    the one in force.
    """
    if not 0 < course_id <= MAX_ID:
        return None
    query = _COURSE if version is None else _COURSE_IN_VERSION
    key = {"academy": academy_id, "course": course_id, "version": version}
    found = connection.execute(query, key).one_or_none()
    if found is None:
        return None
    return StoredCourse(
        id=found.id,
        academy_id=found.academy_id,
        title=found.title,
        source=found.source,
        content_key=found.content_key if found.own_folder is None else found.own_content_key,
        folder=found.folder if found.own_folder is None else found.own_folder,
        created_at=found.created_at,
        course=parse_document(found.document),
        archived=archived_of(found),
        version=found.version,
        picture=found.picture,
    )


def courses(
    connection: Connection,
    academy_id: int,
    *,
    search: str = "",
    archived: bool | None = None,
    tag: str = "",
    without: Collection[int] = (),
    limit: int = 50,
    offset: int = 0,
) -> list[CourseRow]:
    """List courses by title; `search` is looked for in title and AICC id, in any case.

    `archived` lists only what is archived, or only what is not; `tag` only what bears it;
    the courses `without` are left out.
    """
    query = _matching(select(*_ROW), academy_id, search, archived, tag)
    if without:
        query = query.where(CourseTable.id.not_in(without))
    query = query.order_by(CourseTable.title_key, CourseTable.id).limit(limit).offset(offset)
    return [_row(found) for found in connection.execute(query)]


def count_courses(
    connection: Connection,
    academy_id: int,
    *,
    search: str = "",
    archived: bool | None = None,
    tag: str = "",
) -> int:
    """Count what `courses` lists over all pages."""
    query = _matching(select(func.count(CourseTable.id)), academy_id, search, archived, tag)
    return connection.execute(query).scalar_one()


def courses_by_ids(
    connection: Connection, academy_id: int, *, ids: Sequence[int]
) -> dict[int, CourseRow]:
    """Return the courses of the academy among some ids."""
    query = select(*_ROW).where(
        CourseTable.academy_id == academy_id,
        CourseTable.id.in_([one for one in ids if 0 < one <= MAX_ID]),
    )
    return {found.id: _row(found) for found in connection.execute(query)}


def find(connection: Connection, academy_id: int, *, text: str) -> list[CourseRow]:
    """Return the courses that a person may mean by an id or an AICC course id, in any case.

    The one whose id it is comes first.
    """
    sought = text.strip()
    number = 0
    if sought.isascii() and sought.isdigit() and len(sought) <= len(str(MAX_ID)):
        number = min(int(sought), MAX_ID)
    query = (
        select(*_ROW)
        .where(
            CourseTable.academy_id == academy_id,
            or_(CourseTable.aicc_key == _fold(sought), CourseTable.id == number),
        )
        .order_by((CourseTable.id == number).desc(), CourseTable.id)
    )
    return [_row(found) for found in connection.execute(query)]


def course_by_fingerprint(
    connection: Connection, academy_id: int, *, fingerprint: str
) -> CourseRow | None:
    """Return the course that the academy got from the same files, or None."""
    query = select(*_ROW).where(
        CourseTable.academy_id == academy_id, CourseTable.fingerprint == fingerprint
    )
    found = connection.execute(query).one_or_none()
    return None if found is None else _row(found)


def set_fingerprint(
    connection: Connection, academy_id: int, *, course_id: int, fingerprint: str
) -> None:
    """Note which files a course is made of now. Raises `AlreadyStored` as `add_course` does."""
    statement = (
        update(CourseTable)
        .where(CourseTable.academy_id == academy_id, CourseTable.id == course_id)
        .values(fingerprint=fingerprint)
    )
    try:
        connection.execute(statement)
    except IntegrityError as error:
        raise AlreadyStored(fingerprint) from error


def launch_address(stored: StoredCourse, unit: AssignableUnit, *, content_url: str) -> str:
    """Return where a unit is launched, without the session: elsewhere, or on the content origin.

    `content_url` is the origin's base address, with or without a last slash. Raises `LookupError`
    for a unit of the package whose content is not here.
    """
    if is_absolute(unit.file_name):
        return unit.file_name
    if stored.content_key is None:
        raise LookupError(f"the course {stored.id} has no content on the shelf")
    path = launch_path(unit.file_name, folder=stored.folder)
    return f"{content_url.rstrip('/')}/{stored.content_key}/{path}"


def archived_of(found: Any) -> Archived | None:
    """Read the three columns of archiving out of a row."""
    if found.archived_at is None:
        return None
    return Archived(ArchiveReason(found.archive_reason), found.archived_at, found.archived_by)


def _matching(
    query: Select[*Ts], academy_id: int, search: str, archived: bool | None, tag: str
) -> Select[*Ts]:
    query = query.where(CourseTable.academy_id == academy_id)
    if archived is not None:
        query = query.where(CourseTable.archived_at.is_not(None) == archived)
    if tag:
        bearing = select(TagTable.course_id).where(
            TagTable.academy_id == academy_id, TagTable.tag == tag
        )
        query = query.where(CourseTable.id.in_(bearing))
    for word in _fold(search).split():
        query = query.where(CourseTable.sought.contains(word, autoescape=True))
    return query


def _fold(text: str) -> str:
    """NUL is dropped: PostgreSQL does not take it even in a question."""
    return unicodedata.normalize("NFC", text).casefold().replace("\0", "")


def _row(found: Row[*tuple[Any, ...]]) -> CourseRow:
    return CourseRow(
        id=found.id,
        academy_id=found.academy_id,
        aicc_id=found.aicc_id,
        title=found.title,
        description=found.description,
        unit_count=found.unit_count,
        source=found.source,
        created_at=found.created_at,
        archived=archived_of(found),
        provider=found.provider,
        picture=found.picture,
    )
