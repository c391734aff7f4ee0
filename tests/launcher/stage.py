"""A stage for cases: real launches, real posts to the real endpoint, a clock that is moved.

Serves the tests of what is found in a case. Nothing is put into a table by hand but courses and
people; whoever wants a fact has it said by content.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from flask import Flask
from sqlalchemy import Connection

import catalog.store
import hacp.store
from catalog import versions
from catalog.model import AssignableUnit, Completion, Course
from catalog.store import StoredCourse
from hacp.model import Attempt, Credit
from launcher import archiving, config, launches
from launcher.db import read, transact
from launcher.explaining import explanations
from launcher.explaining.explanations import Explained, Hint
from launcher.people import accounts, enrolments
from launcher.people.accounts import Member
from launcher.records import (
    course_rules,
    progress,
    recounts,
    set_by_hand,
    standing,
    transcripts,
)
from launcher.records.by_hand import HandStatus
from launcher.records.standing import CourseStanding
from launcher.records.transcripts import TranscriptRow
from launcher.records.versions import course_for
from launcher.schema import Role

CONTENT = "https://content.example.org"
CONTENT_URL = "http://127.0.0.1:8081"


@dataclass
class Stage:
    """One academy with a learner in one course; the clock is time-machine's traveller."""

    app: Flask
    learner: Member
    clock: Any
    course_id: int = 0
    launched: list[str] = field(default_factory=list)

    @property
    def academy_id(self) -> int:
        return self.learner.academy_id

    def transact(self, unit):
        with self.app.app_context():
            return transact(unit)

    def read(self, unit):
        with self.app.app_context():
            return read(unit)

    def now(self):
        return self.clock.now

    def course(
        self,
        *units: str,
        mastery: str | None = None,
        prerequisites: dict[str, str] | None = None,
        completions: tuple[Completion, ...] = (),
    ) -> None:
        """Add a course of these units (`A1` without any) and enrol the learner."""
        course = course_of(
            *units, mastery=mastery, prerequisites=prerequisites or {}, completions=completions
        )

        def unit(connection: Connection) -> int:
            course_id = catalog.store.add_course(
                connection,
                self.academy_id,
                course=course,
                source="",
                fingerprint=str(self.course_id),
                content_key=None,
                folder="",
                now=self.now(),
            )
            enrolments.enrol(
                connection,
                academy_id=self.academy_id,
                learner_id=self.learner.id,
                course_id=course_id,
                now=self.now(),
            )
            return course_id

        self.course_id = self.transact(unit)

    def renew(self, *units: str, **facts: Any) -> None:
        """Give the course these units, as an update from a package or a provider does."""
        after = {self.course_id: course_of(*units, **facts)}
        self.transact(
            lambda connection: versions.change(connection, self.academy_id, after, now=self.now())
        )

    def another(self, name: str) -> Stage:
        """Return the stage of one more learner of the same course."""

        def unit(connection: Connection) -> Member:
            learner, _made = accounts.add_member(
                connection,
                academy_id=self.academy_id,
                email=f"{name}@example.org",
                name=name,
                role=Role.LEARNER,
                password=None,
                now=self.now(),
            )
            enrolments.enrol(
                connection,
                academy_id=self.academy_id,
                learner_id=learner.id,
                course_id=self.course_id,
                now=self.now(),
            )
            return learner

        return replace(self, learner=self.transact(unit), launched=[])

    def stand(self) -> CourseStanding:
        """Return the course as the learner's page shows it."""
        found = self.read(
            lambda connection: standing.stand(
                connection, self.academy_id, learner_id=self.learner.id, course_id=self.course_id
            )
        )
        assert found is not None
        return found

    def rule(self, **rules: Any) -> None:
        """Decide something about the course's records, and count them anew."""

        def unit(connection: Connection) -> None:
            known = course_rules.rules_of(connection, self.academy_id, course_id=self.course_id)
            course_rules.change_rules(
                connection,
                self.academy_id,
                course_id=self.course_id,
                rules=replace(known, **rules),
            )

        self.transact(unit)
        with self.app.app_context():
            recounts.recount(self.academy_id, course_id=self.course_id)

    def archive(self, *, by: int | None = None):
        """Archive the course as an admin's button does."""
        with self.app.app_context():
            assert archiving.archive(
                self.academy_id, course_id=self.course_id, by=by, now=self.now()
            )
        return self

    def reactivate(self) -> int:
        """Reactivate it as the button does; return how many held messages were credited."""
        with self.app.app_context():
            credited = archiving.reactivate(
                self.academy_id, course_id=self.course_id, by=None, now=self.now()
            )
        assert credited is not None
        return credited

    def set_by_hand(
        self,
        status: str,
        element: str = "A1",
        *,
        percent: float | None = None,
        reason: str = "Seen",
    ) -> HandStatus:
        """Set a status as an admin does."""
        return self.transact(
            lambda connection: set_by_hand.set_status(
                connection,
                self._stored(connection),
                learner_id=self.learner.id,
                element=element,
                status=status,
                percent=percent,
                reason=reason,
                by="Admin, Ada",
                now=self.now(),
            )
        )

    def withdraw_by_hand(self, element: str = "A1", *, seen: int | None = None) -> None:
        """Withdraw a status as an admin does."""
        self.transact(
            lambda connection: set_by_hand.withdraw(
                connection,
                self._stored(connection),
                learner_id=self.learner.id,
                element=element,
                reason="A mistake",
                by="Admin, Ada",
                now=self.now(),
                seen=seen,
            )
        )

    def _stored(self, connection: Connection) -> StoredCourse:
        stored = course_for(
            connection, self.academy_id, learner_id=self.learner.id, course_id=self.course_id
        )
        assert stored is not None
        return stored

    def row(self) -> TranscriptRow:
        """Return what the transcript says of the learner in the course."""
        (row,) = self.read(
            lambda connection: transcripts.rows(
                connection,
                self.academy_id,
                learner_id=self.learner.id,
                course_id=self.course_id,
            )
        )
        return row

    def launch(
        self,
        au_id: str = "A1",
        *,
        retake: bool = False,
        browse: bool = False,
        credit: Credit = Credit.CREDIT,
    ):
        """Launch as the learner's buttons and the command line do."""

        def unit(connection: Connection) -> str:
            launched = launches.launch(
                connection,
                self.learner,
                course_id=self.course_id,
                au_id=au_id,
                settings=config.current(),
                now=self.now(),
                retake=retake,
                browse=browse,
                credit=credit,
            )
            return launched.session_id

        self.launched.append(self.transact(unit))
        return self

    def wait(self, **span: float):
        self.clock.move(timedelta(**span))
        return self

    def say(
        self,
        command: str,
        *core: str,
        lesson: str | None = None,
        session: int = -1,
        session_id: str | None = None,
        version: str = "4.0",
        origin: str = CONTENT,
    ) -> str:
        """Let content post; `core` are the lines of [core]. Time goes on by a second."""
        form = {
            "command": command,
            "version": version,
            "session_id": session_id or self.launched[session],
        }
        if core or lesson is not None:
            lines = ["[core]", *core, *(["[core_lesson]", lesson] if lesson is not None else [])]
            form["aicc_data"] = "\r\n".join(lines)
        answer = self.app.test_client().post(
            f"/hacp/{self.academy_id}", data=form, headers={"Origin": origin}
        )
        self.clock.move(timedelta(seconds=1))
        self.app.extensions["content_door"].flush()
        return answer.text

    def put(self, *core: str, **facts: Any) -> str:
        return self.say("PutParam", *core, **facts)

    def attempts(self) -> list[Attempt]:
        return self.read(
            lambda connection: hacp.store.attempts_in_course(
                connection,
                self.academy_id,
                learner_id=self.learner.id,
                course_id=self.course_id,
            )
        )

    def explained(self, au_id: str | None = None) -> Explained:
        """Explain the course, or a unit of it, as its page does."""
        return self.read(
            lambda connection: explanations.of_course(
                connection,
                self.academy_id,
                learner_id=self.learner.id,
                course_id=self.course_id,
                content_url=CONTENT_URL,
                au_id=au_id,
            )
        )

    @property
    def key(self) -> tuple[int, int]:
        return self.learner.id, self.course_id

    def behind(self) -> bool:
        return self.read(
            lambda connection: bool(
                explanations.behind(connection, self.academy_id, keys=[self.key])
            )
        )

    def catch_up(self) -> None:
        self.transact(
            lambda connection: explanations.catch_up(connection, self.academy_id, keys=[self.key])
        )

    def hint(self) -> Hint | None:
        """Return what is stored for lists."""
        return self.read(
            lambda connection: explanations.hints(connection, self.academy_id, keys=[self.key]).get(
                self.key
            )
        )

    def refresh(self) -> None:
        self.transact(
            lambda connection: progress.refresh(
                connection,
                academy_id=self.academy_id,
                learner_id=self.learner.id,
                course_id=self.course_id,
            )
        )


def course_of(
    *units: str,
    mastery: str | None = None,
    prerequisites: dict[str, str] | None = None,
    completions: tuple[Completion, ...] = (),
) -> Course:
    """Return a course of these units; `A1` without any."""
    names = units or ("A1",)
    return Course(
        "SAFETY-101",
        "Safety",
        tuple(
            AssignableUnit(
                name,
                f"Unit {name}",
                f"{CONTENT}/start",
                mastery_score=Decimal(mastery) if mastery else None,
            )
            for name in names
        ),
        members=names,
        prerequisites=prerequisites or {},
        completions=completions,
    )


@dataclass
class Clock:
    """What `now` is, for launches and for the endpoint alike."""

    traveller: Any
    now: Any

    def move(self, span: timedelta) -> None:
        self.now += span
        self.traveller.move_to(self.now)
