"""Any conversation at all: sessions of one learner through the real endpoint, beside a ledger.

Each step is a message, a launch or a wait. After it the record must be what the ledger says, and
what was refused must have moved nothing. `make fuzz` plays many more of them.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import StaticPool

from hacp import store
from hacp.groups import parse_groups
from hacp.model import Attempt, Credit, Mode, Score, Session
from hacp.schema import Base
from launcher.db import prepare_sqlite
from tests.hacp.ledger import GRACE, LIFETIME, SILENCE, Handed, Launch, Ledger, Told
from tests.hacp.server import ACADEMY, Server

OK, NO_COMMAND, NO_SESSION = b"error=0\r\n", b"error=1\r\n", b"error=3\r\n"
# Enough for two windows, a retake and one more.
MOST_LAUNCHES = 5

LETTERS = {
    "not attempted": "N",
    "browsed": "b",
    "incomplete": "I",
    "failed": "failed",
    "completed": "complete",
    "passed": "P",
}
EXITS = {"": "", "suspend": ",suspend", "logout": ", Logout", "time-out": ",t"}
# What says nothing, whatever it is about.
NO_STATUS = ["", "unknown", "?"]
NO_SCORE = ["", "x", "NaN", "1e5", ",100,0"]
NO_TIME = ["", "soon", "5", "-00:00:01"]

SAID = {
    "status": st.sampled_from(list(LETTERS)),
    "raw": st.sampled_from([0, 79, 80, 81, 100]),
    "seconds": st.sampled_from([0, 5, 30, 600, 3600, 90_000, 9_999_999]),
    "location": st.sampled_from(["", "1", "p=3&q=1", "ä;%41"]),
    "suspend_data": st.sampled_from(["", "a=1\r\n\r\nb=2", "[1,[2]]", "x" * 5000]),
}
reports = st.builds(
    Told,
    **{name: st.none() | values for name, values in SAID.items()},
    exit=st.none() | st.sampled_from(list(EXITS)),
).map(lambda told: told if told.status else replace(told, exit=None))
# A report of one thing, as many are.
reports |= st.one_of(
    values.map(lambda value, name=name: Told(**{name: value})) for name, values in SAID.items()
)
# Mostly such as end nothing, and around every limit.
waits = st.sampled_from([1, 20, 300]) | st.sampled_from(
    [GRACE, GRACE + 1, 3600, SILENCE, SILENCE + 1, LIFETIME // 3]
)
places = st.integers(0, MOST_LAUNCHES - 1)


# For status, score and time, in this order.
Nonsense = tuple[str, str, str]


def written(told: Told, nonsense: Nonsense | None) -> str:
    """Write a report as content would; nonsense stands where nothing is said."""
    lines = ["[Core]"]
    for name, text in zip(("Lesson_Status", "score", "TIME"), nonsense or (), strict=False):
        said = {"Lesson_Status": told.status, "score": told.raw, "TIME": told.seconds}[name]
        if said is None:
            lines.append(f"{name}={text}")
    if told.status is not None:
        lines.append(f"lesson_status={LETTERS[told.status]}{EXITS[told.exit or '']}")
    if told.raw is not None:
        lines.append(f"Score={told.raw}")
    if told.seconds is not None:
        hours, rest = divmod(told.seconds, 3600)
        lines.append(f"time={hours:04d}:{rest // 60:02d}:{rest % 60:02d}")
    if told.location is not None:
        lines.append(f"lesson_location={told.location}")
    if told.suspend_data is not None:
        lines += ["[Core_Lesson]", told.suspend_data]
    return "\r\n".join(lines)


MESSAGES = st.tuples(
    reports,
    st.sampled_from(["PutParam", "PutParam", "putparam", "ExitParam"]),
    st.none() | st.tuples(*(st.sampled_from(one) for one in (NO_STATUS, NO_SCORE, NO_TIME))),
)
LAUNCHES = st.fixed_dictionaries(
    {
        "mode": st.sampled_from(["normal", "normal", "normal", "review", "browse"]),
        "mastery": st.none() | st.just(80),
        "credit": st.sampled_from(["credit", "credit", "no-credit"]),
        "retake": st.sampled_from([False, False, True]),
    }
)


class Conversations(RuleBasedStateMachine):
    """One learner, one unit, any number of windows."""

    def __init__(self) -> None:
        super().__init__()
        self.engine = create_engine("sqlite://", poolclass=StaticPool)
        prepare_sqlite(self.engine)
        Base.metadata.create_all(self.engine)
        self.server = Server(self.engine)
        self.begun = self.server.clock.now
        self.client = self.server.app().test_client(use_cookies=False)
        self.ledger = Ledger()
        self.ids: list[str] = []
        self.last: tuple[int, str, str] | None = None

    # Launches and time

    @initialize(launches=st.lists(LAUNCHES, min_size=1, max_size=3))
    def first_launches(self, launches: list[dict[str, Any]]) -> None:
        for facts in launches:
            self.open(**facts)

    @precondition(lambda self: len(self.ids) < MOST_LAUNCHES)
    @rule(facts=LAUNCHES)
    def launch(self, facts: dict[str, Any]) -> None:
        self.open(**facts)

    def open(self, *, mode: str, mastery: int | None, credit: str, retake: bool) -> None:
        session_id = self.server.launch(
            new_attempt=retake,
            mode=Mode(mode),
            credit=Credit(credit),
            mastery_score=None if mastery is None else Decimal(mastery),
        )
        self.ledger.launch(mode=mode, mastery=mastery, credit=credit, retake=retake)
        self.ids.append(session_id)
        self.last = None

    @rule(seconds=waits)
    def wait(self, seconds: int) -> None:
        self.last = None
        # Within a second all that was asked is stored.
        self.server.flush()
        self.server.clock.wait(seconds=seconds)
        self.ledger.now += seconds

    @precondition(lambda self: len(self.ids) >= 3)
    @rule(place=places)
    def beat(self, place: int) -> None:
        """A heartbeat once a day, which keeps a session alive for a week and no longer."""
        for _ in range(LIFETIME // SILENCE + 1):
            self.wait(SILENCE)
            self.get(place)

    @rule(wait=st.booleans())
    def sweep(self, wait: bool) -> None:
        if wait:
            self.wait(SILENCE + 1)
        before = self.kept()
        assert self.server.sweep() == self.ledger.sweep()
        assert [attempt for attempt, _ in self.kept()] == [attempt for attempt, _ in before]

    # Messages

    @rule(place=places, messages=st.lists(MESSAGES, min_size=2, max_size=6))
    def put_many(self, place: int, messages: list[tuple[Told, str, Nonsense | None]]) -> None:
        """Several reports at once, as a queue lets go of them."""
        for told, command, nonsense in messages:
            self.put_one(place, told, command, nonsense)

    @rule(place=places, message=MESSAGES, seconds=st.sampled_from([5, 30, 600]))
    def play_and_put(
        self, place: int, message: tuple[Told, str, Nonsense | None], seconds: int
    ) -> None:
        self.wait(seconds)
        self.put_one(place, *message)
        self.get(place)

    def put_one(self, place: int, told: Told, command: str, nonsense: Nonsense | None) -> None:
        launch = self.at(place)
        may = self.ledger.may_write(launch)
        reply = self.send(place, command, written(told, nonsense), refused=not may)
        assert reply.startswith(OK if may else NO_SESSION)
        if may:
            self.ledger.reported(launch, as_heard(told, nonsense))
            if command == "ExitParam":
                self.ledger.left(launch)

    @rule(
        place=places,
        command=st.sampled_from(["PutInteractions", "PutComments", "PutPath", "PutPerformance"]),
        text=st.sampled_from(["", "interaction_id,result\nq1,C\n", "[core]\nlesson_status=passed"]),
    )
    def put_a_table(self, place: int, command: str, text: str) -> None:
        launch = self.at(place)
        may = self.ledger.may_write(launch)
        reply = self.send(place, command, text, refused=not may)
        assert reply.startswith(OK if may else NO_SESSION)
        if may:
            self.ledger.wrote_a_table(launch)

    @rule(place=places, asks=st.booleans())
    def leave(self, place: int, asks: bool) -> None:
        launch = self.at(place)
        may = self.ledger.may_leave(launch)
        reply = self.send(place, "ExitAU", refused=not may)
        assert reply.startswith(OK if may else NO_SESSION)
        if may:
            self.ledger.left(launch)
        if asks:
            self.get(place)

    @rule()
    def get_from_all(self) -> None:
        for place in range(len(self.ids)):
            self.get(place)

    def get(self, place: int) -> None:
        launch = self.at(place)
        may = self.ledger.may_ask(launch)
        reply = self.send(place, "GetParam", refused=not may)
        if may:
            assert self.read(reply) == self.ledger.asked(launch)
        else:
            assert reply.startswith(NO_SESSION)

    @precondition(lambda self: self.last is not None)
    @rule()
    def say_it_again(self) -> None:
        """The very same message at the same moment: an adapter that heard no answer."""
        assert self.last is not None
        before = self.kept()
        self.send(*self.last)
        for (attempt, session), (after, again) in zip(before, self.kept(), strict=True):
            assert after == attempt
            assert (again.seconds, again.exited_at) == (session.seconds, session.exited_at)

    # What must move nothing

    @rule(
        place=places,
        command=st.sampled_from(["GetParam", "PutParam", "ExitAU", "DropTables", "", "Put Param"]),
        how=st.sampled_from(["as it is", "another academy", "another id", "half an id", "no id"]),
    )
    def send_what_is_refused(self, place: int, command: str, how: str) -> None:
        launch = self.at(place)
        if how == "as it is" and command in {"GetParam", "PutParam", "ExitAU"}:
            command = "GetParams"
        session_id = self.ids[place % len(self.ids)]
        ids = {"another id": session_id[::-1], "half an id": session_id[:20], "no id": ""}
        reply = self.send(
            place,
            command,
            "[core]\r\nlesson_status=passed\r\nscore=100\r\ntime=01:00:00",
            refused=True,
            session_id=ids.get(how, session_id),
            academy=ACADEMY + (how == "another academy"),
        )
        told = how == "as it is" and not self.ledger.is_over(launch)
        assert reply.startswith(NO_COMMAND if told else NO_SESSION)

    # What holds behind every step

    @invariant()
    def the_record_is_what_the_ledger_says(self) -> None:
        for (attempt, session), launch in zip(self.kept(), self.ledger.launches, strict=True):
            wanted = launch.attempt
            assert (str(attempt.status), str(attempt.exit)) == (wanted.status, wanted.exit)
            assert (raw(attempt.score), raw(attempt.last_score), raw(attempt.best_score)) == (
                wanted.raw,
                wanted.last,
                wanted.best,
            )
            assert attempt.location == wanted.location
            assert attempt.suspend_data == wanted.suspend_data
            assert attempt.seconds == wanted.seconds
            assert self.since(attempt.completed_at) == wanted.completed
            assert session.seconds == wanted.times.get(launch.place, 0)
            assert attempt.number == wanted.number
            assert (session.exited_at is None) == (launch.left is None)

    @invariant()
    def no_more_time_is_counted_than_there_was(self) -> None:
        for one in self.ledger.tries:
            sessions = [launch for launch in self.ledger.launches if launch.attempt is one]
            assert one.seconds <= sum(self.ledger.now - launch.opened + 10 for launch in sessions)

    def teardown(self) -> None:
        """The history of each attempt has every step of its status, in order."""
        for session_id, launch in zip(self.ids, self.ledger.launches, strict=True):
            steps = self.server.records(store.statuses_of, session_id)
            assert [str(step.status) for step in steps] == launch.attempt.history
        self.engine.dispose()

    def at(self, place: int) -> Launch:
        """Return a session; places beyond the last one begin anew."""
        return self.ledger.launches[place % len(self.ids)]

    def since(self, moment: datetime | None) -> int | None:
        """Return how long after the beginning something was; the ledger counts from there."""
        return None if moment is None else round((moment - self.begun).total_seconds())

    def kept(self) -> list[tuple[Attempt, Session]]:
        """Return all that is recorded."""

        def read(connection: Connection) -> list[tuple[Attempt, Session] | None]:
            look_up = partial(store.conversation_for, connection, ACADEMY)
            return [look_up(session_id=session_id) for session_id in self.ids]

        return [found for found in self.server.transact(read) if found is not None]

    def send(
        self,
        place: int,
        command: str,
        text: str = "",
        *,
        refused: bool = False,
        session_id: str | None = None,
        academy: int = ACADEMY,
    ) -> bytes:
        """Post one message; where it must be refused, nothing at all may have moved."""
        fields = {
            "command": command,
            "session_id": self.ids[place % len(self.ids)] if session_id is None else session_id,
            "aicc_data": text,
        }
        before = self.kept() if refused else []
        answer = self.client.post(f"/hacp/{academy}", data=urlencode(fields).encode())
        if refused:
            assert self.kept() == before
        self.last = None if refused else (place, command, text)
        return answer.data

    def read(self, reply: bytes) -> Handed:
        """Read a GetParam's answer."""
        assert reply.startswith(OK), reply
        groups = parse_groups(reply.decode().partition("aicc_data=")[2])
        core, student = groups.keywords["core"], groups.keywords["student_data"]
        status, _, entry = core["lesson_status"].partition(",")
        hours, minutes, seconds = core["time"].split(":")
        numbers = [int(name[14:]) for name in student if name.startswith("lesson_status.")]
        return Handed(
            status,
            entry,
            core.get("score"),
            int(hours) * 3600 + int(minutes) * 60 + int(seconds),
            core["lesson_location"],
            groups.texts["core_lesson"],
            int(student["attempt_number"]),
            core["lesson_mode"],
            core["credit"],
            tuple(
                (
                    number,
                    student[f"lesson_status.{number}"],
                    int(student[f"score.{number}"]) if f"score.{number}" in student else None,
                )
                for number in numbers
            ),
        )


def as_heard(told: Told, nonsense: Nonsense | None) -> Told:
    """Return what is heard: any word for a status has its flag, or a normal exit."""
    worded = told.status is not None or (nonsense is not None and nonsense[0] != "")
    return replace(told, exit=(told.exit or "") if worded else None)


def raw(score: Score | None) -> Decimal | None:
    return None if score is None else score.raw


@pytest.mark.conforms(
    "Sessions",
    "CMI001 v4, section 6",
    "In any order of messages, windows, waits and retakes: what is illegal or repeated moves "
    "nothing, the last legal values stand, and no time is counted twice.",
    grade="D",
)
def test_any_conversation_is_recorded_as_the_ledger_has_it() -> None:
    run_state_machine_as_test(
        Conversations,
        settings=settings(max_examples=settings().max_examples // 5, stateful_step_count=30),
    )
