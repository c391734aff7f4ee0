"""An archiving in the middle of any conversation leaves, once taken back, what would be without it.

Conversations are made up by hypothesis: several learners' windows on two units, every command, any
pauses, launches of all modes. Each is played twice, and all that is recorded must be equal.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings, target
from hypothesis import strategies as st
from sqlalchemy import Connection

from hacp import store
from hacp.model import Attempt, Mode, Phase
from tests.hacp.server import Clock, Content, Server

READERS = (
    store.comments_of,
    store.interactions_of,
    store.objectives_of,
    store.path_of,
    store.performance_of,
    store.tries_of,
)
# Learners' preferences are the academy's, so each play has an academy of its own.
ACADEMIES = itertools.count(10)


@dataclass(frozen=True)
class Launch:
    """A window is opened."""

    learner: int
    au_id: str
    mode: Mode
    mastery: int | None
    retake: bool


@dataclass(frozen=True)
class Send:
    """One of the windows sends something; the number goes round."""

    window: int
    command: str
    aicc_data: str


@dataclass(frozen=True)
class Wait:
    """Time goes by."""

    minutes: int


Step = Launch | Send | Wait

lines = st.fixed_dictionaries(
    {},
    optional={
        "lesson_status": st.sampled_from(
            [
                "incomplete",
                "completed",
                "passed",
                "failed",
                "browsed",
                "c,suspend",
                "i, logout",
                "?",
            ]
        ),
        "score": st.sampled_from(["0", "79.5", "80", "90,100", "100", "much"]),
        "time": st.sampled_from(["00:00:10", "00:05:00", "01:00:00", "99:00:00", "soon"]),
        "lesson_location": st.sampled_from(["", "1", "page 2", "é"]),
    },
)
GROUPS = st.sampled_from(
    [
        "",
        "[core_lesson]\r\na=1;b=2",
        "[core_lesson]\r\n",
        "[comments]\r\n<1>Good.<1.e>",
        "[objectives_status]\r\nj_id.1=o1\r\nj_score.1=50\r\nj_status.1=p",
        "[student_preferences]\r\naudio=50\r\nspeed=-20",
        "[student_preferences]\r\naudio=7\r\nlanguage=de",
        "[student_data]\r\ntries_during_lesson=1\r\ntry_score.1=5\r\ntry_status.1=f",
    ]
)


def report(core: dict[str, str], group: str) -> str:
    return "\r\n".join(["[core]", *(f"{name}={value}" for name, value in core.items()), group])


reports = st.builds(report, lines, GROUPS)
TABLES = {
    "PutComments": '"comment","date","time"\r\n"Well","2026/03/02","10:00:00"',
    "PutObjectives": '"objective_id","score","status"\r\n"o2","70","c"',
    "PutInteractions": '"interaction_id","student_response","result"\r\n"q1","b","c"',
    "PutPath": '"element_location","time_in_element"\r\n"p1","00:01:00"',
    "PutPerformance": '"a","b"\r\n"1","2"',
}
windows = st.integers(0, 3)
sends = st.one_of(
    st.builds(Send, windows, st.sampled_from(["PutParam", "ExitParam"]), reports),
    st.builds(Send, windows, st.sampled_from(["GetParam", "ExitAU"]), st.just("")),
    st.sampled_from(sorted(TABLES.items())).flatmap(
        lambda table: st.builds(Send, windows, st.just(table[0]), st.just(table[1]))
    ),
)
launches = st.builds(
    Launch,
    st.sampled_from([7, 7, 8]),
    st.sampled_from(["A1", "A1", "A2"]),
    st.sampled_from([Mode.NORMAL, Mode.NORMAL, Mode.NORMAL, Mode.BROWSE, Mode.REVIEW]),
    st.sampled_from([None, 80]),
    st.booleans(),
)
waits = st.builds(Wait, st.sampled_from([11, 60, 13 * 60, 13 * 60, 13 * 60, 25 * 60]))
# Mostly talk: a session that expires in every other step has no history.
steps = st.one_of(sends, sends, sends, sends, st.builds(Wait, st.integers(0, 30)), waits, launches)
conversations = st.tuples(
    st.lists(launches, min_size=1, max_size=3), st.lists(steps, min_size=4, max_size=24)
)
places = st.lists(st.integers(0, 24), min_size=2, max_size=6, unique=True).map(sorted)


class Play:
    """One conversation in an academy of its own; archived between every other of the `places`."""

    def __init__(self, server: Server, academy_id: int, places: list[int]) -> None:
        self.server = replace(server, clock=Clock())
        self.academy_id = academy_id
        self.places = places
        self.windows: list[Content] = []
        self.replies: list[bytes] = []
        self.skipped: set[int] = set()
        self.credited = 0

    def reference(self, opening: list[Launch], talk: list[Step]) -> None:
        """Play it with the course open all the time, without what an archived one cannot have."""
        self.open(opening)
        for number, step in enumerate(talk):
            if self.archived_at(number) and self.cannot_be(step):
                self.skipped.add(number)
            else:
                self.take(step)

    def archived(self, opening: list[Launch], talk: list[Step], *, skipped: set[int]) -> None:
        """Play the same with the course archived in between, and in the end open."""
        self.open(opening)
        for number, step in enumerate(talk):
            if number in self.places:
                self.toggle(number)
            if number not in skipped:
                self.take(step)
        self.reactivate(at_a_time=100)

    def archived_at(self, number: int) -> bool:
        return sum(place <= number for place in self.places) % 2 == 1

    def cannot_be(self, step: Step) -> bool:
        """Tell whether it is a launch, or comes from a window whose content has not begun."""
        if not isinstance(step, Send):
            return isinstance(step, Launch)
        window = self.windows[step.window % len(self.windows)]
        _, session = self.server.conversation(window.session_id, self.academy_id)
        return session.phase is Phase.LAUNCHED

    def open(self, opening: list[Launch]) -> None:
        for launch in opening:
            self.launch(launch)
        for content in self.windows:
            content.send("GetParam")

    def toggle(self, number: int) -> None:
        if self.archived_at(number):
            self.server.archive(academy_id=self.academy_id)
        else:
            self.reactivate(at_a_time=3)

    def reactivate(self, *, at_a_time: int) -> None:
        self.credited += self.server.reactivate(academy_id=self.academy_id, at_a_time=at_a_time)

    def take(self, step: Step) -> None:
        if isinstance(step, Launch):
            self.launch(step)
        elif isinstance(step, Wait):
            self.server.clock.wait(minutes=step.minutes)
        else:
            content = self.windows[step.window % len(self.windows)]
            reply = content.send(step.command, step.aicc_data)
            # What GetParam hands out is the one thing that differs while a course is archived.
            self.replies.append(reply.split(b"\r\n")[0] if step.command == "GetParam" else reply)

    def launch(self, step: Launch) -> None:
        session_id = self.server.launch(
            academy_id=self.academy_id,
            learner_id=step.learner,
            au_id=step.au_id,
            mode=step.mode,
            mastery_score=None if step.mastery is None else Decimal(step.mastery),
            new_attempt=step.retake,
        )
        self.windows.append(Content(self.server, session_id, path=f"/hacp/{self.academy_id}"))

    def recorded(self) -> list[Any]:
        """Return all that is recorded of both learners, with places in order for ids."""

        def read(connection: Connection) -> list[Any]:
            found: list[Any] = []
            for learner_id in (7, 8):
                found += [
                    fact
                    for attempt in store.attempts_in_course(
                        connection, self.academy_id, learner_id=learner_id, course_id=3
                    )
                    for fact in self.of_attempt(connection, attempt)
                ]
                found.append(
                    sorted(store.preferences_of(connection, self.academy_id, learner_id=learner_id))
                )
            return found

        return self.server.transact(read)

    def place_of_session(self, connection: Connection, attempt: Attempt) -> int:
        """Return which of the learner's sessions of the course an attempt's writer is."""
        key = {"learner_id": attempt.learner_id, "course_id": attempt.course_id}
        attempts = store.attempts_in_course(connection, self.academy_id, **key)
        opened = [
            session.id
            for one in attempts
            for session in store.sessions_of(connection, self.academy_id, attempt_id=one.id)
        ]
        assert attempt.writer is not None
        return opened.index(attempt.writer)

    def of_attempt(self, connection: Connection, attempt: Attempt) -> Iterator[Any]:
        def read(reader: Any) -> list[Any]:
            return list(reader(connection, self.academy_id, attempt_id=attempt.id))

        sessions, exchanges = read(store.sessions_of), read(store.exchanges_of)
        place = {one.id: number for number, one in enumerate([*sessions, *exchanges])}
        # A retake may have taken over, whose sessions are its own.
        if attempt.writer not in {None, *place}:
            place[attempt.writer] = 1000 + self.place_of_session(connection, attempt)
        place[None] = -1
        yield replace(
            attempt,
            id=0,
            academy_id=0,
            writer=place[attempt.writer],
            suspend_from=place[attempt.suspend_from],
        )
        for one in sessions:
            yield replace(one, id=0, attempt_id=0, ticket=replace(one.ticket, academy_id=0))
        for one in read(store.statuses_of):
            said_in, session = place[one.exchange_id], place[one.session_id]
            yield replace(one, exchange_id=said_in, session_id=session)
        for reader in READERS:
            yield [replace(one, exchange_id=place[one.exchange_id]) for one in read(reader)]
        yield [(one.command, one.error, one.at) for one in exchanges]


@settings(
    max_examples=80,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    deadline=None,
)
@given(conversation=conversations, places=places)
def test_an_archiving_that_is_taken_back_leaves_what_would_be_without_it(
    server: Server, conversation, places
):
    opening, talk = conversation
    plain = Play(server, next(ACADEMIES), places)
    archived = Play(server, next(ACADEMIES), places)
    plain.reference(opening, talk)

    archived.archived(opening, talk, skipped=plain.skipped)

    assert archived.recorded() == plain.recorded()
    assert archived.replies == plain.replies
    target(float(archived.credited), label="messages held")


def test_the_conversations_of_this_file_do_hold_something(server: Server):
    talk: list[Step] = [Send(0, "PutParam", report({"lesson_status": "completed"}, ""))] * 3
    play = Play(server, next(ACADEMIES), [1])
    play.archived([Launch(7, "A1", Mode.NORMAL, None, False)], talk, skipped=set())
    assert play.credited == 2
