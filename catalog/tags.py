"""What an academy's admins note of its courses: tags to sort by, and a note for each other.

Serves the admin's pages. No sync and no upload touches it. Takes a connection, never commits.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select, update

from catalog.schema import TAG_LENGTH, CourseTable, TagTable

# More tags than this sort nothing any more.
MOST_TAGS = 20
# A page of text; what is longer belongs into a document of its own.
NOTE_LENGTH = 4000


@dataclass(frozen=True, slots=True)
class Noted:
    """What is noted of one course: its tags by name, and the note."""

    tags: tuple[str, ...] = ()
    note: str = ""


def parse_tags(said: str) -> tuple[str, ...]:
    """Read tags with commas between, each once whatever its case; `dump_tags` is its counterpart.

    Raises `ValueError` with a sentence for people where one is too long or there are too many.
    """
    found: dict[str, str] = {}
    for word in said.split(","):
        tag = " ".join(unicodedata.normalize("NFC", word).split())
        if not tag:
            continue
        if len(tag) > TAG_LENGTH or not tag.isprintable():
            raise ValueError(f"A tag has at most {TAG_LENGTH} visible characters.")
        found.setdefault(tag.casefold(), tag)
    if len(found) > MOST_TAGS:
        raise ValueError(f"A course has at most {MOST_TAGS} tags.")
    return tuple(sorted(found.values(), key=str.casefold))


def dump_tags(tags: Iterable[str]) -> str:
    """Write tags as `parse_tags` reads them."""
    return ", ".join(tags)


def noted(connection: Connection, academy_id: int, *, course_id: int) -> Noted:
    """Return what is noted of a course."""
    note = connection.execute(
        select(CourseTable.note).where(
            CourseTable.academy_id == academy_id, CourseTable.id == course_id
        )
    ).scalar()
    tags = connection.execute(
        select(TagTable.tag).where(
            TagTable.academy_id == academy_id, TagTable.course_id == course_id
        )
    ).scalars()
    return Noted(tuple(sorted(tags, key=str.casefold)), note or "")


def of_courses(
    connection: Connection, academy_id: int, course_ids: Sequence[int]
) -> dict[int, list[str]]:
    """Return the tags of these courses by the courses' ids, each in order; every id is there."""
    found: dict[int, list[str]] = {course_id: [] for course_id in course_ids}
    query = select(TagTable.course_id, TagTable.tag).where(
        TagTable.academy_id == academy_id, TagTable.course_id.in_(course_ids)
    )
    for course_id, tag in sorted(connection.execute(query), key=lambda one: one.tag.casefold()):
        found[course_id].append(tag)
    return found


def keep(connection: Connection, academy_id: int, *, course_id: int, noted: Noted) -> None:
    """Put this in the place of what was noted of a course of the academy."""
    connection.execute(
        update(CourseTable)
        .where(CourseTable.academy_id == academy_id, CourseTable.id == course_id)
        .values(note=noted.note[:NOTE_LENGTH])
    )
    connection.execute(
        delete(TagTable).where(TagTable.academy_id == academy_id, TagTable.course_id == course_id)
    )
    key = {"academy_id": academy_id, "course_id": course_id}
    if noted.tags:
        connection.execute(insert(TagTable), [{**key, "tag": tag} for tag in noted.tags])


def used(connection: Connection, academy_id: int) -> list[tuple[str, int]]:
    """Return the academy's tags with the number of courses, by name."""
    rows = connection.execute(
        select(TagTable.tag, func.count())
        .where(TagTable.academy_id == academy_id)
        .group_by(TagTable.tag)
    )
    return sorted(((tag, number) for tag, number in rows), key=lambda one: one[0].casefold())
