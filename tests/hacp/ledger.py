"""A second opinion on a record: what sessions amount to, worked out anew from what was decided.

Serves test_any_conversation.py, which compares it with the real endpoint after every message. Knows
no table and no wire, and nothing of `hacp.rules` or `hacp.life`; times are seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field

GRACE, SILENCE, LIFETIME = 600, 24 * 3600, 7 * 24 * 3600
# What is believed above the clock.
MARGIN = 10

CLIMB = ["not attempted", "browsed", "incomplete", "failed", "completed", "passed"]


@dataclass(frozen=True)
class Told:
    """What a report says; None is not said."""

    status: str | None = None
    raw: int | None = None
    seconds: int | None = None
    location: str | None = None
    suspend_data: str | None = None
    exit: str | None = None


@dataclass(frozen=True)
class Handed:
    """What a GetParam must hand out."""

    status: str
    entry: str
    score: str | None
    seconds: int
    location: str
    suspend_data: str
    number: int
    mode: str
    credit: str
    earlier: tuple[tuple[int, str, int | None], ...]


@dataclass
class Try:
    """One attempt."""

    number: int
    status: str = "not attempted"
    said: str | None = None
    exit: str = ""
    raw: int | None = None
    last: int | None = None
    best: int | None = None
    location: str = ""
    suspend_data: str = ""
    times: dict[int, int] = field(default_factory=dict)
    writer: int = 0
    completed: int | None = None
    history: list[str] = field(default_factory=list)

    @property
    def seconds(self) -> int:
        """The last word of every session, once each."""
        return sum(self.times.values())


@dataclass
class Launch:
    """One session, by its place in the order of launches."""

    place: int
    attempt: Try
    mode: str
    mastery: int | None
    credit: str
    opened: int
    heard: int
    left: int | None = None
    swept: bool = False
    status: str = ""
    raw: int | None = None
    seconds: int = 0
    earlier: tuple[tuple[int, str, int | None], ...] = ()


@dataclass
class Ledger:
    """One learner and one unit."""

    tries: list[Try] = field(default_factory=list)
    launches: list[Launch] = field(default_factory=list)
    now: int = 0

    def launch(self, *, mode: str, mastery: int | None, credit: str, retake: bool) -> None:
        if retake or not self.tries:
            self.tries.append(Try(len(self.tries) + 1))
        attempt = self.tries[-1]
        opened = Launch(
            len(self.launches) + 1, attempt, mode, mastery, credit, self.now, self.now,
            status=attempt.status, raw=attempt.raw, seconds=attempt.seconds,
            earlier=tuple((one.number, one.status, one.raw) for one in self.tries[:-1]),
        )  # fmt: skip
        self.launches.append(opened)

    def is_over(self, launch: Launch) -> bool:
        """Left and its grace time over, or silent or old for too long."""
        if launch.left is not None:
            return self.now - launch.left > GRACE
        return self.now - launch.heard > SILENCE or self.now - launch.opened > LIFETIME

    def is_overtaken(self, launch: Launch) -> bool:
        return launch.place < launch.attempt.writer

    def may_ask(self, launch: Launch) -> bool:
        return not self.is_over(launch)

    def may_write(self, launch: Launch) -> bool:
        return not self.is_over(launch) and not self.is_overtaken(launch)

    def may_leave(self, launch: Launch) -> bool:
        """Who has left may say so for ever."""
        return launch.left is not None or not self.is_over(launch)

    def asked(self, launch: Launch) -> Handed:
        launch.heard = self.now
        attempt = launch.attempt
        fresh = launch.status == "not attempted" and not launch.seconds
        resumes = not fresh or attempt.location or attempt.suspend_data
        entry = "" if launch.mode == "review" else "resume" if resumes else "ab-initio"
        return Handed(
            launch.status,
            entry,
            None if launch.raw is None else str(launch.raw),
            launch.seconds,
            attempt.location,
            attempt.suspend_data,
            attempt.number,
            launch.mode,
            launch.credit,
            launch.earlier,
        )

    def wrote_a_table(self, launch: Launch) -> None:
        launch.heard = self.now

    def left(self, launch: Launch) -> None:
        if not self.is_over(launch):
            launch.heard = self.now
            launch.left = self.now if launch.left is None else launch.left

    def reported(self, launch: Launch, told: Told) -> None:
        launch.heard = self.now
        attempt = launch.attempt
        if launch.mode == "review":
            return
        if launch.mode == "browse":
            self._climb(attempt, "browsed")
            return
        # A retake takes over from the windows of the tries before it, too.
        for one in self.tries[: attempt.number]:
            one.writer = max(one.writer, launch.place)
        if told.location is not None:
            attempt.location = told.location
        if told.suspend_data is not None:
            attempt.suspend_data = told.suspend_data
        if told.seconds is not None:
            believed = self.now - launch.opened + MARGIN
            attempt.times[launch.place] = min(told.seconds, believed)
        if told.exit is not None:
            attempt.exit = told.exit
        if told.status is not None:
            attempt.said = told.status
        if told.raw is not None:
            attempt.last = told.raw
            attempt.best = max(told.raw, told.raw if attempt.best is None else attempt.best)
        if told.status is not None or told.raw is not None:
            self._judge(launch, brings_score=told.raw is not None)

    def _judge(self, launch: Launch, *, brings_score: bool) -> None:
        attempt, said = launch.attempt, launch.attempt.said
        if said is None:
            attempt.raw = attempt.last
            return
        counts = launch.credit == "credit" and launch.mastery is not None
        if counts and attempt.last is not None and said in ("completed", "passed", "failed"):
            assert launch.mastery is not None
            said = "passed" if attempt.last >= launch.mastery else "failed"
        moved = self._climb(attempt, said)
        if attempt.status == said and (brings_score or moved):
            attempt.raw = attempt.last

    def _climb(self, attempt: Try, said: str) -> bool:
        """Take a step up, or the one step down; tell whether the status moved."""
        up = CLIMB.index(said) > CLIMB.index(attempt.status)
        if not up and (attempt.status, said) != ("completed", "failed"):
            return False
        attempt.status = said
        attempt.history.append(said)
        if said not in ("completed", "passed"):
            attempt.completed = None
        elif attempt.completed is None:
            attempt.completed = self.now
        return True

    def sweep(self) -> int:
        """Return how many sessions are over and were not known to be."""
        due = [one for one in self.launches if self.is_over(one) and not one.swept]
        for one in due:
            one.swept = True
        return len(due)
