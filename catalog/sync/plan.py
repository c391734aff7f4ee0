"""What a provider's listing means for the courses that are known: one step for each of them.

Serves the sync, which carries the steps out, and `hacp sync --dry-run`, which shows them. Pure:
asks no provider, no table and no clock.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from catalog.model import ArchiveReason
from catalog.provider.provided import Item, item_hash

# Items move between pages while one reads, so one listing alone may miss a course that is there.
MISSES_UNTIL_REMOVED = 2

# More than both of these at once is rather a mistake over there than what somebody wanted.
MOST_ARCHIVED_PERCENT = 10
MOST_ARCHIVED = 20


@dataclass(frozen=True, slots=True)
class Known:
    """What is stored of a course that a provider brought, or that was linked with one of its items.

    `hash` is that of the item as it was last applied, `active` the provider's last flag, `missed`
    how many complete listings in a row were without the course (it stops counting at
    `MISSES_UNTIL_REMOVED`). `overruled` says that an admin reactivated it against the provider's
    word, see `overrules`.
    """

    course_id: int
    key: str
    hash: str
    active: bool = True
    missed: int = 0
    archived_for: ArchiveReason | None = None
    overruled: bool = False


class StepKind(StrEnum):
    """What a step does, and under which heading a report lists it.

    *Missed* is a first listing without the course: only counted. *Ignored* is inactive and was
    never here. *Repeated* came earlier in the same listing; the first one counts.
    """

    NEW = "new"
    UPDATE = "update"
    ARCHIVE = "archive"
    REACTIVATE = "reactivate"
    UNCHANGED = "unchanged"
    MISSED = "missed"
    IGNORED = "ignored"
    REPEATED = "repeated"


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what was known before, and everything that is to be stored after it.

    `before` is None for a course that is new, `item` for one that the listing misses. Whatever the
    kind, the course's fields are to be those of `item` where `changed`.
    """

    kind: StepKind
    key: str
    before: Known | None
    item: Item | None
    hash: str
    active: bool
    missed: int
    archived_for: ArchiveReason | None
    overruled: bool

    @property
    def course_id(self) -> int | None:
        """The course that the step is about, None where there is none yet."""
        return None if self.before is None else self.before.course_id

    @property
    def changed(self) -> bool:
        """Whether the item is another than the one that was last applied."""
        return self.before is None or self.hash != self.before.hash

    @property
    def after(self) -> tuple[str, bool, int, ArchiveReason | None, bool]:
        """What is to be stored: hash, active, missed, archived_for, overruled."""
        return self.hash, self.active, self.missed, self.archived_for, self.overruled

    @property
    def writes(self) -> bool:
        """Whether anything at all is to be stored."""
        if self.kind in (StepKind.IGNORED, StepKind.REPEATED):
            return False
        return self.before is None or self.after != _stored(self.before)


class Doubt(StrEnum):
    """Why a complete listing is not believed before an admin has confirmed it."""

    EMPTY = "empty"
    TOO_MANY = "too many"


class _Standing(StrEnum):
    """How a known course stands here."""

    OPEN = "open"
    OVERRULED = "open by an admin, against the provider's word"
    PROVIDER = "archived by the provider's word"
    ADMIN = "archived by an admin"


class _Word(StrEnum):
    """What a listing says of it."""

    ACTIVE = "active"
    STILL_INACTIVE = "inactive, as the last time"
    NOW_INACTIVE = "inactive, which is new"
    MISSED = "not in the list, for the first time"
    REMOVED = "not in the list again"


class _Turn(StrEnum):
    """What then becomes of it."""

    STAYS = "stays as it is"
    CONCEDED = "the admin's word is no longer needed"
    ARCHIVED = "archived"
    REACTIVATED = "reactivated"


# The picture of archiving: each row a standing, each column a word, in the order of `_Word`.
_TURNS: Mapping[_Standing, tuple[_Turn, _Turn, _Turn, _Turn, _Turn]] = {
    _Standing.OPEN: (
        _Turn.STAYS,
        _Turn.ARCHIVED,
        _Turn.ARCHIVED,
        _Turn.STAYS,
        _Turn.ARCHIVED,
    ),
    # The admin's word stands until the provider's own flag changes, not until it is repeated.
    _Standing.OVERRULED: (
        _Turn.CONCEDED,
        _Turn.STAYS,
        _Turn.ARCHIVED,
        _Turn.STAYS,
        _Turn.STAYS,
    ),
    # It keeps the reason for which it was archived.
    _Standing.PROVIDER: (
        _Turn.REACTIVATED,
        _Turn.STAYS,
        _Turn.STAYS,
        _Turn.STAYS,
        _Turn.STAYS,
    ),
    _Standing.ADMIN: (
        _Turn.STAYS,
        _Turn.STAYS,
        _Turn.STAYS,
        _Turn.STAYS,
        _Turn.STAYS,
    ),
}
_TABLE: Mapping[tuple[_Standing, _Word], _Turn] = {
    (standing, word): turn
    for standing, turns in _TURNS.items()
    for word, turn in zip(_Word, turns, strict=True)
}
_KINDS = {_Turn.ARCHIVED: StepKind.ARCHIVE, _Turn.REACTIVATED: StepKind.REACTIVATE}


def plan_page(
    known: Mapping[str, Known], items: Sequence[Item], seen: set[str]
) -> tuple[Step, ...]:
    """Return a step for each item of one page, in its order; adds their keys to `seen`.

    `known` needs no more than what is known of this page's keys. A step that archives is to wait
    for the end of a complete listing, for which `doubt` found nothing.
    """
    steps = []
    for item in items:
        steps.append(_step_repeated(known, item) if item.key in seen else _step(known, item))
        seen.add(item.key)
    return tuple(steps)


def plan_missing(known: Mapping[str, Known], seen: Collection[str]) -> tuple[Step, ...]:
    """Return what a complete listing means for the known courses that it lacks.

    `seen` has the keys that `plan_page` gathered, and those of items that were listed but could not
    be read: these are not missing. Courses for which nothing changes are left out.
    """
    missing = (_step_missing(one) for one in known.values() if one.key not in seen)
    return tuple(step for step in missing if step.writes)


def doubt(steps: Iterable[Step], *, listed: int, courses: int) -> Doubt | None:
    """Tell why the steps after a complete listing are to wait for an admin; None where not.

    `listed` counts what the listing had, `courses` the academy's courses of this provider that are
    not archived. Nothing of a doubted listing is applied that archives or counts as missed.
    """
    if not courses:
        return None
    if not listed:
        return Doubt.EMPTY
    archived = sum(step.kind is StepKind.ARCHIVE for step in steps)
    too_many = archived > MOST_ARCHIVED and archived * 100 > courses * MOST_ARCHIVED_PERCENT
    return Doubt.TOO_MANY if too_many else None


def overrules(known: Known) -> bool:
    """Tell whether an admin who reactivates the course now speaks against the provider.

    Then `overruled` is to be stored, so that the next sync does not archive it again at once.
    """
    return not known.active or known.missed >= MISSES_UNTIL_REMOVED


def _step(known: Mapping[str, Known], item: Item) -> Step:
    before = known.get(item.key)
    told = item_hash(item)
    if before is None:
        kind = StepKind.NEW if item.active else StepKind.IGNORED
        return Step(kind, item.key, None, item, told, item.active, 0, None, False)
    word = _Word.ACTIVE if item.active else _Word.STILL_INACTIVE
    if before.active and not item.active:
        word = _Word.NOW_INACTIVE
    turn = _TABLE[_standing(before), word]
    otherwise = StepKind.UNCHANGED if told == before.hash else StepKind.UPDATE
    return Step(
        kind=_KINDS.get(turn, otherwise),
        key=item.key,
        before=before,
        item=item,
        hash=told,
        active=item.active,
        missed=0,
        archived_for=_archived_for(before, turn, ArchiveReason.INACTIVE),
        overruled=before.overruled and turn is _Turn.STAYS,
    )


def _step_missing(before: Known) -> Step:
    missed = min(before.missed + 1, MISSES_UNTIL_REMOVED)
    word = _Word.REMOVED if missed == MISSES_UNTIL_REMOVED else _Word.MISSED
    turn = _TABLE[_standing(before), word]
    return Step(
        kind=_KINDS.get(turn, StepKind.MISSED),
        key=before.key,
        before=before,
        item=None,
        hash=before.hash,
        active=before.active,
        missed=missed,
        archived_for=_archived_for(before, turn, ArchiveReason.REMOVED),
        overruled=before.overruled and turn is _Turn.STAYS,
    )


def _step_repeated(known: Mapping[str, Known], item: Item) -> Step:
    before = known.get(item.key)
    if before is None:
        return Step(StepKind.REPEATED, item.key, None, item, "", item.active, 0, None, False)
    return Step(StepKind.REPEATED, item.key, before, item, *_stored(before))


def _standing(known: Known) -> _Standing:
    if known.archived_for is ArchiveReason.ADMIN:
        return _Standing.ADMIN
    if known.archived_for is not None:
        return _Standing.PROVIDER
    return _Standing.OVERRULED if known.overruled else _Standing.OPEN


def _archived_for(before: Known, turn: _Turn, reason: ArchiveReason) -> ArchiveReason | None:
    if turn is _Turn.ARCHIVED:
        return reason
    return None if turn is _Turn.REACTIVATED else before.archived_for


def _stored(known: Known) -> tuple[str, bool, int, ArchiveReason | None, bool]:
    return known.hash, known.active, known.missed, known.archived_for, known.overruled
