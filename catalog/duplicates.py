"""Is this course here already? What marks a course, and what equal marks say.

Serves the sync, the upload and `hacp duplicates`. Pure: says which course is meant, why, and how
surely; what then happens is decided by an admin or the academy's policy.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from catalog.errors import quote_value
from catalog.files.address import is_absolute, steady_address
from catalog.model import AssignableUnit, Course
from catalog.provider.provided import Item

# The System_ID of the one unit that a course of the listing becomes.
PROVIDED_UNIT = "AU"

# Where OpenSesame launches its courses: these hosts and those below them.
PROVIDER_HOSTS = ("opensesame.com",)

# With hyphens or without; not inside a longer run of digits, which would be some other number.
_GUID = re.compile(
    r"(?<![0-9a-f])[0-9a-f]{8}(-?)[0-9a-f]{4}(?:\1[0-9a-f]{4}){2}\1[0-9a-f]{12}(?![0-9a-f])",
    re.IGNORECASE,
)


class MarkKind(StrEnum):
    """By what courses are matched, the surest first."""

    ID = "id"
    LAUNCH = "launch"
    STRUCTURE = "structure"
    GUID = "guid"
    TITLE = "title"


@dataclass(frozen=True, slots=True)
class Marks:
    """What a course is known by.

    `ids` has its id at OpenSesame, where it is from there or linked. `launches` are addresses
    without what is made anew for each call, `structures` its Course_ID with all System_IDs,
    `guids` what looks like an id in its files; those in its Course_ID are in `own_guids` as well.
    `titles` are folded. Publisher and languages, "" and empty where unknown, tell equal titles
    apart.
    """

    ids: frozenset[str] = frozenset()
    launches: frozenset[str] = frozenset()
    structures: frozenset[str] = frozenset()
    guids: frozenset[str] = frozenset()
    own_guids: frozenset[str] = frozenset()
    titles: frozenset[str] = frozenset()
    publisher: str = ""
    languages: frozenset[str] = frozenset()

    def pairs(self) -> Iterator[tuple[MarkKind, str]]:
        """Yield what to look for others by: kind and at most 64 characters, for an index.

        Courses for which `verdict` finds something have a pair in common.
        """
        for kind, values in (
            (MarkKind.LAUNCH, self.launches),
            (MarkKind.STRUCTURE, self.structures),
            (MarkKind.GUID, self.ids | self.guids),
            (MarkKind.TITLE, self.titles),
        ):
            for value in sorted(values):
                yield kind, hashlib.sha256(value.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Verdict:
    """Which courses are meant (the oldest first), by what, and the value that shows it.

    `certain` is false where it must be asked and never decided. `reason` is a sentence for people.
    """

    course_ids: tuple[int, ...]
    kind: MarkKind
    certain: bool
    evidence: str
    reason: str


def marks_of_course(
    course: Course,
    publisher: str = "",
    languages: Sequence[str] = (),
    *,
    key: str = "",
    hosts: Sequence[str] = PROVIDER_HOSTS,
) -> Marks:
    """Mark a course of the catalog, or one that is about to be uploaded.

    `key` is its OpenSesame id, where it has one. Without a publisher its creator is taken.
    `hosts` are where OpenSesame launches: elsewhere an equal address need not be the same course.
    """
    addresses = [_launch(unit) for unit in course.units if is_absolute(unit.file_name)]
    ids = [course.course_id, *(unit.system_id for unit in course.units)]
    files = [f"{unit.file_name} {unit.web_launch}" for unit in course.units]
    return Marks(
        ids=frozenset([key] if key else []),
        launches=frozenset(_compared(one) for one in addresses if key or _is_at(one, hosts)),
        structures=_structure(course.course_id, [unit.system_id for unit in course.units]),
        guids=_guids(" ".join([*ids, *files])),
        own_guids=_guids(course.course_id),
        titles=frozenset(filter(None, [_fold(course.title)])),
        publisher=_fold(publisher or course.creator),
        languages=frozenset(languages),
    )


def marks_of_item(item: Item) -> Marks:
    """Mark a course of the provider's listing as it will be when it is stored."""
    key = frozenset([item.key])
    return Marks(
        ids=key,
        launches=frozenset([_compared(item.launch_url)] if item.launch_url else []),
        structures=_structure(item.key, [PROVIDED_UNIT]),
        guids=key,
        own_guids=key,
        titles=frozenset(filter(None, [_fold(item.title)])),
        publisher=_fold(item.publisher),
        languages=frozenset(item.languages),
    )


def verdict(marks: Marks, known: Mapping[int, Marks]) -> Verdict | None:
    """Tell which of some known courses, by their ids, is the same one; None where none is.

    The first kind that matches counts. Two courses with different OpenSesame ids are two courses,
    whatever else is equal: OpenSesame lists both, and one of them would take turns with the other.
    """
    rivals = {
        number: other
        for number, other in known.items()
        if not (marks.ids and other.ids) or marks.ids & other.ids
    }
    for kind in MarkKind:
        found = {number: _evidence(kind, marks, other) for number, other in rivals.items()}
        matched = sorted(number for number, evidence in found.items() if evidence is not None)
        if matched:
            shown = found[matched[0]] or ""
            reason = _REASONS[kind].format(shown=quote_value(shown))
            return Verdict(tuple(matched), kind, kind is not MarkKind.TITLE, shown, reason)
    return None


_REASONS = {
    MarkKind.ID: "Its OpenSesame id is the same, {shown}.",
    MarkKind.LAUNCH: "It is launched at the same address, {shown}.",
    MarkKind.STRUCTURE: "Its Course_ID {shown} and all its System_IDs are the same.",
    MarkKind.GUID: "The id {shown} is found in Course_ID, System_ID or File_Name of both.",
    MarkKind.TITLE: "Its title {shown}, publisher and language are the same, or are not known.",
}


def _evidence(kind: MarkKind, one: Marks, other: Marks) -> str | None:
    """Return the value by which two courses match in one kind, or None."""
    if kind is MarkKind.TITLE and not _same_edition(one, other):
        return None
    common = min(_COMMON[kind](one, other), default=None)
    return common.partition("\n")[0] if common else None


# What two courses have in common. A GUID says something only where it is one's own id: the other
# ones in an address name customers and licences, and many courses share those.
_COMMON = {
    MarkKind.ID: lambda one, other: one.ids & other.ids,
    MarkKind.LAUNCH: lambda one, other: one.launches & other.launches,
    MarkKind.STRUCTURE: lambda one, other: one.structures & other.structures,
    MarkKind.GUID: lambda one, other: (
        (one.ids | one.own_guids) & other.guids | (other.ids | other.own_guids) & one.guids
    ),
    MarkKind.TITLE: lambda one, other: one.titles & other.titles,
}


def _same_edition(one: Marks, other: Marks) -> bool:
    """Whether nothing that is known of both tells equal titles apart: course files name neither
    language nor, as a rule, publisher.
    """
    if one.publisher and other.publisher and one.publisher != other.publisher:
        return False
    if not one.languages or not other.languages:
        return True
    return any(_same_language(a, b) for a in one.languages for b in other.languages)


def _same_language(one: str, other: str) -> bool:
    """`en` may well be `en-US`, and `en-GB` is not."""
    short, long = sorted((one.casefold(), other.casefold()), key=len)
    return long == short or long.startswith(f"{short}-")


def _launch(unit: AssignableUnit) -> str:
    """Return the address of a unit with its launch parameters, which often name the course."""
    if not unit.web_launch:
        return unit.file_name
    return f"{unit.file_name}{'&' if '?' in unit.file_name else '?'}{unit.web_launch}"


def _compared(address: str) -> str:
    """Old packages say http where the same address is https by now."""
    return steady_address(address).partition("://")[2]


def _is_at(address: str, hosts: Sequence[str]) -> bool:
    host = urlsplit(address).hostname or ""
    return any(host == one or host.endswith(f".{one}") for one in hosts)


def _structure(course_id: str, system_ids: Sequence[str]) -> frozenset[str]:
    """The Course_ID stands in the first line, the System_IDs below it in order."""
    if not course_id.strip():
        return frozenset()
    return frozenset(["\n".join([_fold(course_id), *sorted(map(_fold, system_ids))])])


def _guids(text: str) -> frozenset[str]:
    digits = (match[0].replace("-", "").lower() for match in _GUID.finditer(text))
    return frozenset(
        "-".join((one[:8], one[8:12], one[12:16], one[16:20], one[20:])) for one in digits
    )


def _fold(text: str) -> str:
    if text.isascii():
        return " ".join(text.lower().split())
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
