"""The words of what a provider supplies: connections, deliveries, runs, decisions, as values.

Serves the stores of these, the sync, the webhook and the hall's pages. Knows no table and no wire.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

OPENSESAME = "opensesame"


class Branding(StrEnum):
    """Whose logo learners see over there; a custom one has credentials of the academy's own."""

    DEFAULT = "default"
    CUSTOM = "custom"


class DuplicatePolicy(StrEnum):
    """What happens to a duplicate that arrives by itself; all but the last can also be decided.

    A match that is only possible is asked about whatever the policy says.
    """

    UPDATE = "update"
    KEEP = "keep"
    SKIP = "skip"
    ASK = "ask"


class ConnectionState(StrEnum):
    """How the last try to reach the provider went."""

    NEVER = "never"
    WELL = "well"
    FAILING = "failing"


class RunKind(StrEnum):
    """What started a run."""

    DELIVERY = "delivery"
    POLL = "poll"
    DAILY = "daily"
    HAND = "hand"
    ONE = "one"
    EVERYTHING = "everything"
    CONFIRMED = "confirmed"


class RunState(StrEnum):
    """Where a run is. A waiting one has archived nothing until an admin confirms or discards it.

    `SETTLED` is one whose doubt a later listing took away.
    """

    RUNNING = "running"
    DONE = "done"
    WAITING = "waiting"
    BROKEN = "broken"
    CONFIRMED = "confirmed"
    DISCARDED = "discarded"
    SETTLED = "settled"


class Outcome(StrEnum):
    """What became of one course in a run or a delivery.

    `WAITING` is a duplicate that an admin has to decide, `PROPOSED` what would be archived once a
    doubtful listing is confirmed, `UNLISTED` what was delivered and is not in the listing.
    """

    NEW = "new"
    UPDATED = "updated"
    ARCHIVED = "archived"
    REACTIVATED = "reactivated"
    UNCHANGED = "unchanged"
    SKIPPED = "skipped"
    WAITING = "waiting"
    FAILED = "failed"
    PROPOSED = "proposed"
    UNLISTED = "unlisted"


class ItemState(StrEnum):
    """What an item came to.

    A duplicate is skipped by the policy, or declined by an admin, which stands. An accepted one is
    brought by the next run, since it has to be downloaded.
    """

    LINKED = "linked"
    SKIPPED = "skipped"
    DECLINED = "declined"
    WAITING = "waiting"
    ACCEPTED = "accepted"
    FAILED = "failed"


class DeliveryState(StrEnum):
    """Where a delivery is."""

    RECEIVED = "received"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class DecisionState(StrEnum):
    """Whether a duplicate still waits for an admin; withdrawn, where its item went away first."""

    PENDING = "pending"
    DECIDED = "decided"
    WITHDRAWN = "withdrawn"


class Origin(StrEnum):
    """What brought the duplicate that was decided about."""

    SYNC = "sync"
    UPLOAD = "upload"


@dataclass(frozen=True, slots=True)
class ProviderConnection:
    """How an academy is connected. `client_secret` is encrypted; the catalog has no key to it.

    `daily_at` counts minutes from the academy's midnight. `sentence` says what went wrong last,
    `failures` how often in a row. `ciid_shared` tells that an operator let this academy use a CIID
    that another one has.
    """

    academy_id: int
    provider: str
    activated: bool
    enabled: bool
    ciid: str
    ciid_shared: bool
    branding: Branding
    client_id: str
    client_secret: bytes | None
    has_push_secret: bool
    policy: DuplicatePolicy
    daily_at: int
    poll_minutes: int
    state: ConnectionState
    sentence: str
    failures: int
    tried_at: datetime | None
    succeeded_at: datetime | None
    next_daily_at: datetime | None
    next_poll_at: datetime | None

    @property
    def ready(self) -> bool:
        """Whether runs may be made: activated by the operator, enabled by an admin, with a CIID."""
        return self.activated and self.enabled and bool(self.ciid)


@dataclass(frozen=True, slots=True)
class Due:
    """An academy for which something is to be run now."""

    academy_id: int
    kind: RunKind


@dataclass(frozen=True, slots=True)
class Entry:
    """What a run did with one course. `differences` are `(field, before, after)`.

    `kind` and `matched_id` name the match with another course, where there was one, and `reason`
    is a sentence for people.
    """

    outcome: Outcome
    key: str
    title: str
    course_id: int | None = None
    kind: str = ""
    matched_id: int | None = None
    reason: str = ""
    differences: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """One comparison with the provider's listing.

    `pages` and `items` count what was read so far, `expected` how many items there were last time;
    `counts` maps outcomes to numbers of courses. `claimed_until` is when a run whose process was
    killed may be closed. `sentence` says why it broke or what it waits for. `about` is the run
    whose doubt this one carried out, or found again.
    """

    academy_id: int
    id: int
    kind: RunKind
    state: RunState
    key: str
    by: int | None
    about: int | None
    claimed_until: datetime
    started_at: datetime
    finished_at: datetime | None
    pages: int
    items: int
    expected: int
    counts: Mapping[Outcome, int]
    sentence: str
    decided_by: int | None
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to run an academy's sync: what has to be shown with every page that is applied."""

    academy_id: int
    run_id: int
    owner: str


@dataclass(frozen=True, slots=True)
class Delivered:
    """A course that a push named, and what became of it; `outcome` is None until that is known."""

    key: str
    licence_type: str = ""
    outcome: Outcome | None = None
    course_id: int | None = None
    title: str = ""
    kind: str = ""
    matched_id: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A push of the provider. `delivery_id` is the provider's own, unique in the academy.

    `run_id` is the run that pulled for it; `course_count` how many courses it named, 0 where it
    named none and the listing alone says what is new.
    """

    academy_id: int
    id: int
    delivery_id: str
    state: DeliveryState
    received_at: datetime
    finished_at: datetime | None
    run_id: int | None
    course_count: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Question:
    """A duplicate about which something is to be decided, or was.

    `key` and `document` are the item's (`provided.dump_item`), or for an upload what its door
    wants to keep. `matched` are the courses it was matched with, the likeliest first; `kind` names
    the kind of mark that matched and `reason` says it in a sentence.
    """

    provider: str | None
    key: str
    title: str
    document: str
    origin: Origin
    kind: str
    certain: bool
    matched: tuple[int, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Decision:
    """A question with its answer: by a person (`by`), or by a setting (`policy`).

    `course_id` is the course that it came to: the one updated, or the one newly kept beside it.
    """

    academy_id: int
    id: int
    question: Question
    state: DecisionState
    choice: DuplicatePolicy | None
    course_id: int | None
    by: int | None
    policy: DuplicatePolicy | None
    run_id: int | None
    made_at: datetime
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class Category:
    """A node of the category tree. `path` holds the names from the outermost to its own.

    `courses` counts the courses that stand in it or below it and are not archived.
    """

    id: int
    parent_id: int | None
    name: str
    path: tuple[str, ...]
    courses: int = 0
    children: tuple[int, ...] = field(default_factory=tuple)
