"""Carrying out what was judged: the items of a page become courses, changes, questions, entries.

Serves the sync. A page is written with few statements; where one of its courses cannot be, each is
tried alone in a savepoint, so that one bad course never stops the night. Calls nobody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import structlog
from sqlalchemy import Connection

from catalog import archive, marks
from catalog.supply import decisions, item_pictures, items
from catalog.supply.model import (
    OPENSESAME,
    DuplicatePolicy,
    Entry,
    ItemState,
    Outcome,
    Question,
)
from catalog.sync import provided_courses, questions, reporting
from catalog.sync.judging import Action, Work
from catalog.sync.plan import Step, StepKind

_log = structlog.get_logger("catalog")


@dataclass(frozen=True, slots=True)
class Deferred:
    """A course that is to be archived when the listing has come to its end.

    `step` is without the item and its long texts; `differences` are those of the item's fields.
    """

    step: Step
    title: str
    differences: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Applied:
    """What a page came to.

    `told` is for the report, `quiet` what is as it was before; together they have an entry for each
    item, but for the `packages`, whose courses have to be downloaded, and the `archives`. `placed`
    says that courses may have left categories, `writes` that anything at all was written.
    """

    told: list[Entry] = field(default_factory=list)
    quiet: list[Entry] = field(default_factory=list)
    packages: list[Work] = field(default_factory=list)
    archives: list[Deferred] = field(default_factory=list)
    placed: bool = False
    writes: bool = False


@dataclass(frozen=True, slots=True)
class Applier:
    """Writes what was judged for one run of one academy. `anew` downloads every package again."""

    academy_id: int
    run_id: int | None
    policy: DuplicatePolicy
    anew: bool = False

    def page(self, connection: Connection, works: Sequence[Work], *, now: datetime) -> Applied:
        """Apply a page: all at once, or, where that fails, course by course."""
        writing = [work for work in works if work.action is not Action.NOTHING]
        done = {entry.key: entry for entry in self._try(connection, writing, now=now)}
        applied = Applied(
            placed=any(work.action in _PLACES for work in writing), writes=bool(writing)
        )
        self._renew_pictures(connection, works)
        for work in works:
            entry = done.get(work.step.key)
            if entry is not None and entry.outcome is Outcome.FAILED:
                applied.told.append(entry)
            elif work.action is Action.ARCHIVE:
                differing = entry.differences if entry is not None else ()
                deferred = Deferred(replace(work.step, item=None), work.item.title, differing)
                applied.archives.append(deferred)
            else:
                self._sort(applied, work, entry)
        return applied

    def _renew_pictures(self, connection: Connection, works: Sequence[Work]) -> None:
        """Keep the addresses of pictures that are to be fetched: they may be signed for an hour."""
        urls = {
            work.step.key: work.item.picture_url
            for work in works
            if work.stored is not None
            and work.stored.picture_due
            and work.stored.picture_url != work.item.picture_url
            and not work.step.changed
        }
        if urls:
            item_pictures.renew(connection, self.academy_id, urls)

    def _sort(self, applied: Applied, work: Work, entry: Entry | None) -> None:
        """Say whether there is something to tell, or to download first."""
        if self._needs_package(work, entry):
            applied.packages.append(work)
        if entry is not None and entry.outcome is not Outcome.UNCHANGED:
            applied.told.append(entry)
        elif work.action not in _ADDS and work.step.kind is not StepKind.REPEATED:
            applied.quiet.append(reporting.untouched(work))

    def _needs_package(self, work: Work, entry: Entry | None) -> bool:
        """Tell whether what the course launches has to be downloaded."""
        if work.item.launch_url:
            return False
        if work.action in _ADDS:
            return True
        differing = entry.differences if entry is not None else ()
        moved = any(name == "package_url" for name, _, _ in differing)
        return work.action in _CHANGES and (moved or self.anew)

    def _try(self, connection: Connection, works: Sequence[Work], *, now: datetime) -> list[Entry]:
        if not works:
            return []
        try:
            with connection.begin_nested():
                return self._apply(connection, works, now=now)
        except Exception as error:
            # That is not the course's fault, and nothing more can be written.
            if connection.closed or connection.invalidated:
                raise
            if len(works) == 1:
                return [self._fail(connection, works[0], error, now=now)]
        return [entry for work in works for entry in self._try(connection, [work], now=now)]

    def _fail(
        self, connection: Connection, work: Work, error: Exception, *, now: datetime
    ) -> Entry:
        reason = reporting.failure_of(error)
        _log.warning("course_failed", academy_id=self.academy_id, key=work.step.key, exc_info=error)
        note_failure(connection, self.academy_id, work, now=now)
        return Entry(
            Outcome.FAILED, work.step.key, work.item.title, work.step.course_id, reason=reason
        )

    def _apply(
        self, connection: Connection, works: Sequence[Work], *, now: datetime
    ) -> list[Entry]:
        """Write works of any kind, those of one kind together."""
        by_action: dict[Action, list[Work]] = {}
        for work in works:
            by_action.setdefault(work.action, []).append(work)
        added = [
            *by_action.get(Action.ADD, []),
            *by_action.get(Action.ADD_BESIDE, []),
        ]
        changed = [work for action in _CHANGES for work in by_action.get(action, [])]
        entries = self._add(connection, [one for one in added if one.item.launch_url], now=now)
        entries += self._link(connection, by_action.get(Action.LINK, []), now=now)
        entries += self._settle(connection, by_action, now=now)
        entries += self._change(connection, changed, now=now)
        self._note(connection, by_action)
        return entries

    def _add(self, connection: Connection, works: Sequence[Work], *, now: datetime) -> list[Entry]:
        ids = provided_courses.add(
            connection,
            self.academy_id,
            [(work.item, work.step.hash) for work in works],
            replaces=[work.step.key for work in works if work.stored is not None],
            now=now,
        )
        return [
            self.added(connection, work, course_id, now=now)
            for work, course_id in zip(works, ids, strict=True)
        ]

    def added(self, connection: Connection, work: Work, course_id: int, *, now: datetime) -> Entry:
        """Note that an item has become a course: beside its twins, where it has some."""
        entry = Entry(Outcome.NEW, work.step.key, work.item.title, course_id)
        if work.action is not Action.ADD_BESIDE:
            return entry
        question = questions.question_of(connection, self.academy_id, work)
        if question is None:
            return entry
        marks.link_twins(
            connection,
            self.academy_id,
            course_id=course_id,
            others=question.matched,
            kind=question.kind,
            reason=question.reason,
            now=now,
        )
        if work.verdict is not None:
            self._answer(connection, question, DuplicatePolicy.KEEP, course_id, now=now)
        return replace(
            entry, kind=question.kind, matched_id=question.matched[0], reason=question.reason
        )

    def _link(self, connection: Connection, works: Sequence[Work], *, now: datetime) -> list[Entry]:
        """Let items take care of courses that were uploaded."""
        entries = []
        for work in works:
            if work.target is None:
                raise ValueError("a work that links has its target")
            # Asked first: the reason names the course as it was.
            question = questions.question_of(connection, self.academy_id, work)
            change = provided_courses.Change(work.target, work.item, work.step.hash)
            renewed = provided_courses.change(connection, self.academy_id, [change], now=now)
            entry = Entry(Outcome.UPDATED, work.step.key, work.item.title, work.target)
            if question is not None:
                self._answer(connection, question, DuplicatePolicy.UPDATE, work.target, now=now)
                entry = replace(
                    entry, kind=question.kind, matched_id=work.target, reason=question.reason
                )
            entries.append(reporting.with_renewal(entry, renewed))
        return entries

    def _settle(
        self, connection: Connection, by_action: Mapping[Action, Sequence[Work]], *, now: datetime
    ) -> list[Entry]:
        """Skip duplicates, or ask about them."""
        entries = []
        for action, state, outcome in (
            (Action.SKIP, ItemState.SKIPPED, Outcome.SKIPPED),
            (Action.ASK, ItemState.WAITING, Outcome.WAITING),
        ):
            works = by_action.get(action, [])
            self._keep(connection, works, state, now=now)
            for work in works:
                question = questions.question_of(connection, self.academy_id, work)
                if question is None:
                    raise ValueError("a duplicate has its verdict")
                if action is Action.ASK:
                    decisions.ask(
                        connection, self.academy_id, question, run_id=self.run_id, now=now
                    )
                else:
                    self._answer(connection, question, DuplicatePolicy.SKIP, None, now=now)
                entries.append(
                    Entry(
                        outcome,
                        work.step.key,
                        work.item.title,
                        kind=question.kind,
                        matched_id=question.matched[0],
                        reason=question.reason,
                    )
                )
        return entries

    def _change(
        self, connection: Connection, works: Sequence[Work], *, now: datetime
    ) -> list[Entry]:
        """Let courses say what their items say, and reactivate those that came back."""
        differing = [work for work in works if work.step.changed]
        before = items.documents(connection, self.academy_id, [one.step.key for one in differing])
        renewed = provided_courses.change(
            connection,
            self.academy_id,
            [
                provided_courses.Change(
                    _course_of(work), work.item, work.step.hash, before[work.step.key]
                )
                for work in differing
            ],
            now=now,
        )
        # The flag before the course: a sync that reactivates overrules nobody.
        active = [work for work in works if work.action is not Action.ARCHIVE]
        items.note_flags(connection, self.academy_id, [one.step for one in active])
        for work in works:
            if work.action is Action.REACTIVATE:
                archive.reactivate(
                    connection, self.academy_id, course_id=_course_of(work), by=None, now=now
                )
        entries = [reporting.changed(work, before.get(work.step.key)) for work in works]
        return [reporting.with_renewal(entry, renewed) for entry in entries]

    def _note(self, connection: Connection, by_action: Mapping[Action, Sequence[Work]]) -> None:
        noted = [work.step for work in by_action.get(Action.NOTE, [])]
        items.note_flags(connection, self.academy_id, noted)
        forgotten = [work.step.key for work in by_action.get(Action.FORGET, [])]
        if forgotten:
            items.forget(connection, self.academy_id, forgotten)
            decisions.withdraw(connection, self.academy_id, provider=OPENSESAME, keys=forgotten)

    def _keep(
        self, connection: Connection, works: Sequence[Work], state: ItemState, *, now: datetime
    ) -> None:
        items.keep(
            connection,
            self.academy_id,
            [(work.item, work.step.hash) for work in works],
            course_ids=[None] * len(works),
            state=state,
            replaces=[work.step.key for work in works if work.stored is not None],
            now=now,
        )

    def _answer(
        self,
        connection: Connection,
        question: Question,
        choice: DuplicatePolicy,
        course_id: int | None,
        *,
        now: datetime,
    ) -> None:
        questions.answer(
            connection,
            self.academy_id,
            question,
            choice=choice,
            course_id=course_id,
            policy=self.policy,
            run_id=self.run_id,
            now=now,
        )


_ADDS = (Action.ADD, Action.ADD_BESIDE)
_CHANGES = (Action.CHANGE, Action.REACTIVATE, Action.ARCHIVE)
_PLACES = (*_CHANGES, Action.LINK)


def note_failure(connection: Connection, academy_id: int, work: Work, *, now: datetime) -> None:
    """Note that an item could not be applied, so that not every poll tries it again."""
    key, told = work.step.key, work.step.hash
    if not items.note_failure(connection, academy_id, key=key, told=told):
        items.keep(
            connection,
            academy_id,
            [(work.item, told)],
            course_ids=[None],
            state=ItemState.FAILED,
            now=now,
        )


def _course_of(work: Work) -> int:
    if work.step.course_id is None:
        raise ValueError("a known item has its course")
    return work.step.course_id
