"""Duplicates that people decide about: uploads that wait, choices carried out, comparisons.

Serves the upload, the page of decisions and the sweep. What a duplicate is, and what the sync asks,
is the catalog's knowledge; an upload waits on the shelf, which all processes share.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from flask_babel import gettext as _
from sqlalchemy import Connection

import catalog.store
from catalog import intake, marks
from catalog.document import dump_document, parse_document
from catalog.duplicates import Verdict, marks_of_course
from catalog.errors import NothingToDecide
from catalog.intake import Accepted, DuplicateFound
from catalog.model import Course
from catalog.provider.provided import Item, item_hash, parse_item_document
from catalog.shelf import Shelf
from catalog.store import StoredCourse, Transact
from catalog.supply import decisions, items
from catalog.supply.model import Decision, DecisionState, DuplicatePolicy, Origin, Question
from catalog.sync import provided_courses, settling
from catalog.sync.provided_courses import Change, course_after, course_of
from catalog.sync.recognising import link_accepted
from catalog.versions import unit_ids
from launcher import config
from launcher.db import read, transact
from launcher.opensesame.clients import launch_hosts
from launcher.records import overview
from launcher.records.overview import Learners

# An upload that nobody decides about is given up after so long.
PATIENCE = timedelta(days=14)
# The shelf keeps it a little longer than the question: never the other way round.
_SPARE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Line:
    """One fact of two courses: what is here, and what came."""

    name: str
    here: str
    came: str

    @property
    def differs(self) -> bool:
        """Whether the two say different things."""
        return self.here != self.came


@dataclass(frozen=True, slots=True)
class Member:
    """One course of a package of several: which course it seems to be, and why; or none."""

    title: str
    course_id: int | None = None
    here: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A question with the course that is here beside what came.

    `here` is None where that course is gone. `new_version` says that an update brings other units;
    `updatable` that an update is possible at all: a package of several courses updates none, and
    `members` are its courses. `provided` says that the course that is here comes from a provider.
    """

    decision: Decision
    here: StoredCourse | None
    lines: tuple[Line, ...]
    learners: Learners
    new_version: bool
    updatable: bool
    members: tuple[Member, ...] = ()
    provided: bool = False


def ask(
    paths: Sequence[Path],
    found: DuplicateFound,
    *,
    academy_id: int,
    transact: Transact,
    shelf: Shelf,
    now: datetime,
) -> int:
    """Let an uploaded package wait for somebody's decision; return the question's id."""
    key = shelf.keep_waiting(paths)

    def unit(connection: Connection) -> int:
        question = _question(connection, academy_id, found, key=key)
        return decisions.ask(connection, academy_id, question, run_id=None, now=now)

    try:
        return transact(unit)
    except BaseException:
        shelf.let_go(key)
        raise


def decide(
    academy_id: int,
    *,
    decision_id: int,
    choice: DuplicatePolicy,
    by: int | None,
    now: datetime,
) -> int | None:
    """Carry a choice out and write it down; return the course that it came to, None for a skip.

    Raises `NothingToDecide` where somebody was faster or the question is gone, `DecisionRefused`
    and `PackageRefused` where the choice cannot be; nothing is done then.
    """
    asked = read(partial(decisions.decision, academy_id=academy_id, decision_id=decision_id))
    if asked is None or asked.state is not DecisionState.PENDING:
        raise NothingToDecide(decision_id)
    if asked.question.origin is Origin.SYNC:
        settle = partial(settling.settle, academy_id=academy_id, decision_id=decision_id)
        return transact(partial(settle, choice=choice, by=by, now=now))
    return _decide_upload(asked, choice=choice, by=by, now=now)


def resolve(
    paths: Sequence[Path],
    found: DuplicateFound,
    *,
    academy_id: int,
    choice: DuplicatePolicy,
    now: datetime,
) -> list[Accepted]:
    """Do at once what the command line chose, and keep it in the trail; nothing for a skip."""

    def unit(connection: Connection, course_id: int | None) -> None:
        decisions.record(
            connection,
            academy_id,
            _question(connection, academy_id, found, key=""),
            choice=choice,
            course_id=course_id,
            by=None,
            policy=None,
            now=now,
        )

    question = read(lambda connection: _question(connection, academy_id, found, key=""))
    return _take_in(paths, question, academy_id=academy_id, choice=choice, note=unit, now=now)


def _decide_upload(
    asked: Decision, *, choice: DuplicatePolicy, by: int | None, now: datetime
) -> int | None:
    shelf = Shelf(config.current().content_root)
    paths = shelf.waiting(asked.question.key)
    if not paths and choice is not DuplicatePolicy.SKIP:
        raise NothingToDecide(asked.id)

    def note(connection: Connection, course_id: int | None) -> None:
        decisions.decide(
            connection,
            asked.academy_id,
            decision_id=asked.id,
            choice=choice,
            course_id=course_id,
            by=by,
            now=now,
        )

    accepted = _take_in(
        paths, asked.question, academy_id=asked.academy_id, choice=choice, note=note, now=now
    )
    shelf.let_go(asked.question.key)
    return accepted[0].course_id if accepted else None


def _take_in(
    paths: Sequence[Path],
    question: Question,
    *,
    academy_id: int,
    choice: DuplicatePolicy,
    note: Callable[[Connection, int | None], None],
    now: datetime,
) -> list[Accepted]:
    """Store a package as was chosen; what is noted of the choice is in the same transaction."""
    if choice is DuplicatePolicy.SKIP:
        transact(lambda connection: note(connection, None))
        return []

    def also(connection: Connection, accepted: Sequence[Accepted]) -> None:
        note(connection, accepted[0].course_id)
        link_accepted(connection, academy_id, accepted, now=now)
        if choice is DuplicatePolicy.UPDATE:
            _say_again(connection, academy_id, accepted[0].course_id, now=now)
        for one in accepted if choice is DuplicatePolicy.KEEP else ():
            marks.link_twins(
                connection,
                academy_id,
                course_id=one.course_id,
                others=question.matched,
                kind=question.kind,
                reason=question.reason,
                now=now,
            )

    return intake.accept(
        paths,
        academy_id=academy_id,
        transact=transact,
        shelf=Shelf(config.current().content_root),
        now=now,
        into=question.matched[0] if choice is DuplicatePolicy.UPDATE else None,
        also=also,
    )


def _say_again(connection: Connection, academy_id: int, course_id: int, *, now: datetime) -> None:
    """Let a course that a provider owns say what the provider says, and not what its package did.

    The next sync would not mend it: over there, nothing has changed.
    """
    known = items.provided(connection, academy_id, course_id=course_id)
    if known is not None:
        change = Change(course_id, known.item, item_hash(known.item), before=known.item)
        provided_courses.change(connection, academy_id, [change], now=now)


def _question(
    connection: Connection, academy_id: int, found: DuplicateFound, *, key: str
) -> Question:
    named = marks.names_of(connection, academy_id, found.verdict.course_ids)
    return Question(
        provider=None,
        key=key,
        title=found.courses[0].title,
        document=json.dumps([dump_document(one) for one in found.courses]),
        origin=Origin.UPLOAD,
        kind=found.verdict.kind.value,
        certain=found.verdict.certain,
        matched=found.verdict.course_ids,
        reason=f"Matches {named}. {found.verdict.reason}",
    )


def give_up(*, now: datetime) -> int:
    """Let go of uploads that nobody has decided about; return how many. Safe at any time."""
    shelf = Shelf(config.current().content_root)
    gone = transact(partial(decisions.give_up, before=now - PATIENCE))
    for key in gone:
        shelf.let_go(key)
    shelf.sweep_waiting(before=now - PATIENCE - _SPARE)
    return len(gone)


def compare(connection: Connection, decision: Decision) -> Comparison:
    """Put what came beside the course that it was matched with."""
    academy_id, question = decision.academy_id, decision.question
    course_id = question.matched[0]
    here = catalog.store.course(connection, academy_id, course_id=course_id)
    item = parse_item_document(question.document) if question.origin is Origin.SYNC else None
    came = [course_of(item)] if item else _courses(question)
    verdicts = _verdicts(connection, academy_id, came) if len(came) > 1 else [None]
    meant = next((one for one, said in zip(came, verdicts, strict=True) if said), came[0])
    lines: tuple[Line, ...] = ()
    new_version = False
    provided = items.provided(connection, academy_id, course_id=course_id)
    if here is not None:
        lines = _lines(
            _facts(here.course, provided.item if provided else None), _facts(meant, item)
        )
        after = course_after(here.course, item) if item else meant
        new_version = unit_ids(after) != unit_ids(here.course)
    return Comparison(
        decision,
        here,
        lines,
        overview.learners_of(connection, academy_id, course_id=course_id),
        new_version,
        updatable=here is not None and len(came) == 1,
        members=_members(connection, academy_id, came, verdicts) if len(came) > 1 else (),
        provided=provided is not None,
    )


def _verdicts(
    connection: Connection, academy_id: int, came: Sequence[Course]
) -> list[Verdict | None]:
    """Say again of each course of a package whether it is here: the question names only one."""
    hosts = launch_hosts(config.current())
    asked = [marks_of_course(one, hosts=hosts) for one in came]
    return marks.match(connection, academy_id, asked, hosts=hosts, linked=True)


def _members(
    connection: Connection,
    academy_id: int,
    came: Sequence[Course],
    verdicts: Sequence[Verdict | None],
) -> tuple[Member, ...]:
    ids = [said.course_ids[0] for said in verdicts if said]
    here = catalog.store.courses_by_ids(connection, academy_id, ids=ids)
    return tuple(
        Member(one.title, said.course_ids[0], here[said.course_ids[0]].title, said.reason)
        if said
        else Member(one.title)
        for one, said in zip(came, verdicts, strict=True)
    )


def _courses(question: Question) -> list[Course]:
    return [parse_document(one) for one in json.loads(question.document)]


def _facts(course: Course, item: Item | None) -> list[tuple[str, str]]:
    return [
        (_("Title"), course.title),
        (_("Publisher"), item.publisher if item else course.creator),
        (_("Language"), ", ".join(item.languages) if item else ""),
        (_("Course id"), course.course_id),
        (_("OpenSesame id"), item.key if item else ""),
        (_("Number of units"), str(len(course.units))),
        (_("Units"), "\n".join(f"{one.system_id}: {one.title}" for one in course.units)),
        (_("Launched at"), "\n".join(one.file_name for one in course.units)),
    ]


def _lines(here: list[tuple[str, str]], came: list[tuple[str, str]]) -> tuple[Line, ...]:
    return tuple(
        Line(name, one, other)
        for (name, one), (_name, other) in zip(here, came, strict=True)
        if one or other
    )
