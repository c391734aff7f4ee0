"""The one way in: a package becomes courses of an academy, all of its sets or none.

Serves the upload page, `hacp import` and everything that brings courses. Says when the academy has
a course already, and does nothing then. Knows no page and no command line.
"""

from __future__ import annotations

import hashlib
import posixpath
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from catalog import marks, store, versions
from catalog.duplicates import Verdict, marks_of_course
from catalog.errors import AlreadyStored, CatalogError, Findings, PackageRefused, quote_value
from catalog.files.address import is_absolute, launch_path
from catalog.files.course import CourseFiles, ParsedCourse, parse_course
from catalog.files.decoding import decode, split_lines
from catalog.files.members import DEFAULT_LIMITS, Limits
from catalog.files.package import Package, open_package
from catalog.indexing import Indexed, index, index_again
from catalog.model import Course, Fault, Severity
from catalog.shelf import Shelf, Staged
from catalog.store import Transact
from catalog.supply import items, runs

# What is told while it goes on: what is being done, how far it is, of how much.
Progress = Callable[[str, int, int], None]

# A rival import can win once; then its course is found and nothing is left to win.
_TRIES = 3

# No import takes so long; what is older was left by a process that was killed.
_STAGING_LIFE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Accepted:
    """What became of one set. With `duplicate`, `course_id` is the course that was there before.

    `reason` is a sentence for people; `warnings` are what was tolerated.
    """

    course_id: int
    title: str
    duplicate: bool
    reason: str
    warnings: tuple[Fault, ...]


class DuplicateFound(CatalogError):
    """A package with a course that is here already: nothing was stored, somebody must decide.

    `courses` are those of the package, `verdict` says which course of the academy one of them is.
    """

    def __init__(self, courses: tuple[Course, ...], verdict: Verdict) -> None:
        super().__init__(verdict.reason)
        self.courses = courses
        self.verdict = verdict


@dataclass(frozen=True, slots=True)
class _Offer:
    """One set, read and ready to be stored."""

    files: CourseFiles
    parsed: ParsedCourse
    fingerprint: str

    @property
    def course(self) -> Course:
        return self.parsed.course


def accept(
    paths: Sequence[Path],
    *,
    academy_id: int,
    transact: Transact,
    shelf: Shelf,
    now: datetime,
    on_progress: Progress | None = None,
    limits: Limits = DEFAULT_LIMITS,
    into: int | None = None,
    also: Callable[[Connection, Sequence[Accepted]], None] | None = None,
    ask: Sequence[str] | None = None,
) -> list[Accepted]:
    """Take a package in: a zip, a folder, or loose files that belong together.

    Content is put in place before the transaction commits and taken away when it does not, so that
    a course is never without its content and a refusal leaves nothing behind. `into` names a course
    that becomes what the package's one set says, by `versions.change`; `also` is done in the same
    transaction. Raises `PackageRefused` with the faults of all sets; with `ask`, the hosts at which
    a provider launches, `DuplicateFound` for what seems to be here already in other files.
    """
    tell = on_progress or _tell_nobody
    shelf.sweep(before=now - _STAGING_LIFE)
    with open_package(paths, limits=limits) as package, shelf.stage() as staged:
        read = _read_sets(package, tell)
        launched_here = any(_relative_paths(files, parsed.course) for files, parsed in read)
        digests = _stage(package, staged, tell) if launched_here else {}
        offers = [
            _Offer(files, parsed, _fingerprint(files, parsed.course, digests, package.sets))
            for files, parsed in read
        ]
        key = staged.put_in_place() if launched_here else None
        try:
            keeper = _Keeper(academy_id, package.name, key, now, into, also, ask)
            accepted, key_used = keeper.keep(offers, transact)
        except BaseException:
            if key is not None:
                shelf.discard(key)
            raise
        if key is not None and not key_used:
            shelf.discard(key)
        return accepted


def _read_sets(package: Package, tell: Progress) -> list[tuple[CourseFiles, ParsedCourse]]:
    findings, read = Findings(), []
    for number, files in enumerate(package.sets):
        tell("Reading course files", number, len(package.sets))
        try:
            read.append((files, parse_course(files)))
        except PackageRefused as refused:
            for fault in refused.faults:
                findings.add(fault)
    tell("Reading course files", len(package.sets), len(package.sets))
    findings.raise_if_refused()
    return read


def _stage(package: Package, staged: Staged, tell: Progress) -> dict[str, str]:
    """Write all content to the shelf; return the digest of each file by its path."""
    total, done, digests = package.size, 0, {}
    for entry in package.files:
        digest = hashlib.sha256()

        def read(chunks: Iterator[bytes], digest: hashlib._Hash = digest) -> Iterator[bytes]:
            for chunk in chunks:
                digest.update(chunk)
                yield chunk

        tell("Storing content", done, total)
        staged.write(entry.path, read(package.chunks(entry)))
        digests[entry.path] = digest.hexdigest()
        done += entry.size
    tell("Storing content", total, total)
    return digests


def _relative_paths(files: CourseFiles, course: Course) -> list[str]:
    return [
        launch_path(unit.file_name, folder=files.folder)
        for unit in course.units
        if not is_absolute(unit.file_name)
    ]


def _fingerprint(
    files: CourseFiles,
    course: Course,
    digests: Mapping[str, str],
    sets: Sequence[CourseFiles],
) -> str:
    """Hash the course files, whatever their line ends and encoding, and the content of the set.

    Paths count as seen from the set's folder, so that a folder around the whole changes nothing.
    """
    total = hashlib.sha256()
    for extension in sorted(files.contents):
        text = decode(files.contents[extension], file="", findings=Findings())
        lines = "\n".join(line.rstrip() for line in split_lines(text)).strip()
        total.update(f"{extension} {len(lines)}\n{lines}\n".encode())
    if _relative_paths(files, course):
        for path in _content_of(files, course, digests, sets):
            seen = posixpath.relpath(path, files.folder or ".")
            total.update(f"{len(seen)} {seen} {digests[path]}\n".encode())
    return total.hexdigest()


def _content_of(
    files: CourseFiles, course: Course, paths: Mapping[str, str], sets: Sequence[CourseFiles]
) -> list[str]:
    """Return the content files of a set: what lies in its folder and in no deeper set's folder.

    A set that is alone in its package, or launches something from elsewhere, has all of them.
    """
    folders = {one.folder for one in sets}
    if len(folders) == 1:
        return sorted(paths)
    own = [path for path in sorted(paths) if _nearest(path, folders) == files.folder]
    launched = {path.partition("?")[0].partition("#")[0] for path in _relative_paths(files, course)}
    return own if launched <= set(own) else sorted(paths)


def _nearest(path: str, folders: set[str]) -> str | None:
    folder = posixpath.dirname(path)
    while folder and folder not in folders:
        folder = posixpath.dirname(folder)
    return folder if folder in folders else None


@dataclass(frozen=True, slots=True)
class _Keeper:
    """Stores what a package offers: as new courses, or `into` one that is there."""

    academy_id: int
    source: str
    key: str | None
    now: datetime
    into: int | None
    also: Callable[[Connection, Sequence[Accepted]], None] | None
    ask: Sequence[str] | None

    def keep(self, offers: Sequence[_Offer], transact: Transact) -> tuple[list[Accepted], bool]:
        """Store the offers in one transaction; say too whether a course refers to the content."""
        if self.into is not None and len(offers) != 1:
            raise _refusal(
                f"The package holds {len(offers)} courses; one course cannot become all of them.",
                "Take a package with one course.",
            )
        for _ in range(_TRIES - 1):
            try:
                return transact(lambda connection: self._unit(connection, offers))
            except AlreadyStored:
                continue
        return transact(lambda connection: self._unit(connection, offers))

    def _unit(
        self, connection: Connection, offers: Sequence[_Offer]
    ) -> tuple[list[Accepted], bool]:
        runs.take_turn(connection, self.academy_id)
        if self.ask is not None:
            self._refuse_duplicates(connection, offers, self.ask)
        accepted = [self._one(connection, offer) for offer in offers]
        if self.also is not None:
            self.also(connection, accepted)
        used = any(
            _relative_paths(offer.files, offer.course)
            for offer, one in zip(offers, accepted, strict=True)
            if not one.duplicate
        )
        return accepted, used

    def _refuse_duplicates(
        self, connection: Connection, offers: Sequence[_Offer], hosts: Sequence[str]
    ) -> None:
        """Raise `DuplicateFound`, but not for what came before in the same files."""
        fresh = [
            offer.course
            for offer in offers
            if store.course_by_fingerprint(
                connection, self.academy_id, fingerprint=offer.fingerprint
            )
            is None
        ]
        asked = [marks_of_course(course, hosts=hosts) for course in fresh]
        found = marks.match(connection, self.academy_id, asked, hosts=hosts, linked=True)
        for verdict in found:
            if verdict is not None:
                raise DuplicateFound(tuple(offer.course for offer in offers), verdict)

    def _one(self, connection: Connection, offer: _Offer) -> Accepted:
        academy_id = self.academy_id
        known = store.course_by_fingerprint(connection, academy_id, fingerprint=offer.fingerprint)
        if known is not None and self.into not in (None, known.id):
            raise _refusal(
                f"The same package is here already, as course {known.id}, "
                f"{quote_value(known.title)}.",
                "Update that course, or leave it.",
            )
        if known is not None:
            reason = (
                f"The same package was imported before, on {known.created_at:%Y-%m-%d}, as course "
                f"{known.id}, {quote_value(known.title)}. Nothing was changed."
            )
            return Accepted(known.id, known.title, True, reason, offer.parsed.faults)
        if self.into is not None:
            return self._renew(connection, offer, self.into)
        return self._add(connection, offer)

    def _add(self, connection: Connection, offer: _Offer) -> Accepted:
        namesakes = store.find(connection, self.academy_id, text=offer.course.course_id)
        course_id = store.add_course(
            connection,
            self.academy_id,
            course=offer.course,
            source=self.source,
            fingerprint=offer.fingerprint,
            content_key=self._content_key(offer),
            folder=offer.files.folder,
            now=self.now,
        )
        index(connection, self.academy_id, [Indexed(course_id, offer.course)], fresh=True)
        warnings = (*offer.parsed.faults, *_namesake_warnings(offer, namesakes))
        reason = f"Imported as course {course_id}."
        return Accepted(course_id, offer.course.title, False, reason, warnings)

    def _renew(self, connection: Connection, offer: _Offer, course_id: int) -> Accepted:
        if not store.courses_by_ids(connection, self.academy_id, ids=[course_id]):
            raise _refusal(f"There is no course {course_id}.", "Name one that is there.")
        renewed = versions.change(
            connection,
            self.academy_id,
            {course_id: self._as_owned(connection, offer.course, course_id)},
            content=(self._content_key(offer), offer.files.folder),
            now=self.now,
        )
        store.set_fingerprint(
            connection, self.academy_id, course_id=course_id, fingerprint=offer.fingerprint
        )
        index_again(connection, self.academy_id, [course_id])
        reason = f"Course {course_id} was updated from the package."
        if renewed:
            reason += " Its units are others: learners in the middle of it keep theirs."
        return Accepted(course_id, offer.course.title, False, reason, offer.parsed.faults)

    def _as_owned(self, connection: Connection, course: Course, course_id: int) -> Course:
        """Return what the package says, but for the fields that the course's provider owns."""
        provided = items.provided(connection, self.academy_id, course_id=course_id)
        if provided is None:
            return course
        item = provided.item
        return replace(course, title=item.title, description=item.description)

    def _content_key(self, offer: _Offer) -> str | None:
        return self.key if _relative_paths(offer.files, offer.course) else None


def _refusal(message: str, remedy: str) -> PackageRefused:
    return PackageRefused([Fault("", message, remedy)])


def _namesake_warnings(offer: _Offer, namesakes: Sequence[store.CourseRow]) -> Iterator[Fault]:
    """Another course with the same Course_ID is legal, and often the older edition."""
    folded = offer.course.course_id.casefold()
    for row in namesakes:
        if row.aicc_id.casefold() == folded:
            yield Fault(
                offer.files.name("crs"),
                f"Course {row.id}, {quote_value(row.title)}, has the Course_ID "
                f"{quote_value(row.aicc_id)} too.",
                "If this is a newer edition of it, mind which one learners are enrolled in.",
                column="Course_ID",
                severity=Severity.WARNING,
            )


def _tell_nobody(_what: str, _done: int, _total: int) -> None:
    """Stand in where nobody watches."""
