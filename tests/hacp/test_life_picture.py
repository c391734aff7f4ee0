"""docs/session-life.md is drawn from `life.LIFE`: a failure prints the text as it should stand.

Which phase a command leads to is found by sending it (`rules.converse`), not written down here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hacp.life import LIFE, Act, phase_at
from hacp.model import Attempt, Command, Phase, Policy, Request, Session, Standing
from hacp.rules import converse
from tests.hacp.server import ticket

DOCUMENT = Path(__file__).parents[2] / "docs" / "session-life.md"
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
POLICY = Policy()
ATTEMPT = Attempt(1, 1, 7, 3, "A1", 1, NOW, NOW)
OPENED = Session(5, 1, ticket(), Standing(), NOW, NOW)
LONG_AGO = NOW - timedelta(days=2)
TALKING = replace(OPENED, phase=Phase.TALKING)
LEFT = replace(OPENED, phase=Phase.EXITED, exited_at=NOW)
# One session in each phase.
IN_PHASE: dict[Phase, tuple[Attempt, Session]] = {
    Phase.LAUNCHED: (ATTEMPT, OPENED),
    Phase.TALKING: (ATTEMPT, TALKING),
    Phase.EXITED: (ATTEMPT, LEFT),
    Phase.OVERTAKEN: (replace(ATTEMPT, writer=9), TALKING),
    Phase.CLOSED: (ATTEMPT, replace(LEFT, exited_at=NOW - timedelta(hours=1))),
    Phase.EXPIRED: (ATTEMPT, replace(TALKING, last_at=LONG_AGO)),
    Phase.BARRED: (ATTEMPT, replace(OPENED, held=True)),
}
# Other ways to be in a phase, which something else may follow.
MORE_IN_PHASE: tuple[tuple[Phase, Attempt, Session], ...] = (
    (Phase.OVERTAKEN, replace(ATTEMPT, writer=9), OPENED),
    (Phase.OVERTAKEN, replace(ATTEMPT, writer=9), LEFT),
    (Phase.BARRED, replace(ATTEMPT, writer=9), replace(OPENED, held=True)),
)
Moved = tuple[Attempt, Session, datetime]
LATER = NOW + POLICY.silence + POLICY.lifetime + POLICY.grace
# What happens to a session without a command of its own.
EVENTS: dict[str, Callable[[Attempt, Session], Moved]] = {
    "time goes by": lambda attempt, session: (attempt, session, LATER),
    "a newer session writes": lambda attempt, session: (replace(attempt, writer=9), session, NOW),
    "the course is archived": lambda attempt, session: (attempt, replace(session, held=True), NOW),
    "the course is back": lambda attempt, session: (attempt, replace(session, held=False), NOW),
}
# What the going by of time means, by where it leads.
TOO_LATE = {
    Phase.EXPIRED: "silent or open for too long",
    Phase.CLOSED: "the grace time is over",
}
HEAD = """\
# The life of a session

Drawn from the table `LIFE` in `hacp/life.py`; a test keeps it so. A session begins with a launch.
Which phase it is in is said by its last messages, by the clock, by whether a newer session of the
same unit writes, and by whether its course is archived; content hears of a phase only by what its
commands do.

"""


def led_to(phase: Phase, command: Command) -> Phase:
    """Send a command in a phase and return the phase after it."""
    attempt, session = IN_PHASE[phase]
    outcome = converse(
        attempt,
        session,
        Request(command=str(command), session_id="x", aicc_data=""),
        now=NOW,
        exchange_id=1,
        policy=POLICY,
    )
    return phase_at(outcome.session, NOW, attempt=outcome.attempt, policy=POLICY)


def by_themselves(phase: Phase) -> dict[tuple[Phase, str], None]:
    """Let each event happen to the sessions of a phase; return where it leads, in order."""
    sessions = [IN_PHASE[phase], *(one[1:] for one in MORE_IN_PHASE if one[0] is phase)]
    found: dict[tuple[Phase, str], None] = {}
    for words, happen in EVENTS.items():
        for attempt, session in sessions:
            moved, changed, now = happen(attempt, session)
            after = phase_at(changed, now, attempt=moved, policy=POLICY)
            if after is not phase:
                found[after, TOO_LATE.get(after, words)] = None
    return found


def drawing() -> Iterator[str]:
    yield "```mermaid"
    yield "stateDiagram-v2"
    yield "    [*] --> launched: launch"
    for phase, acts in LIFE.items():
        ways: dict[Phase, list[str]] = {}
        for command, act in acts.items():
            if act is not Act.REFUSE and (after := led_to(phase, command)) is not phase:
                ways.setdefault(after, []).append(str(command))
        for after, commands in ways.items():
            yield f"    {phase} --> {after}: {', '.join(commands)}"
    for phase in LIFE:
        for after, words in by_themselves(phase):
            yield f"    {phase} --> {after}: {words}"
    yield "```"


def table() -> Iterator[str]:
    yield f"| command | {' | '.join(LIFE)} |"
    yield f"| --- |{' --- |' * len(LIFE)}"
    for command in Command:
        cells = " | ".join(str(acts[command]) for acts in LIFE.values())
        yield f"| `{command}` | {cells} |"


def text() -> str:
    words = "What each command does in each phase; *refuse* is `error=3`, all else `error=0`."
    return "\n".join([HEAD.rstrip(), "", *drawing(), "", words, "", *table(), ""])


def test_the_sessions_of_the_picture_are_in_their_phases() -> None:
    assert set(IN_PHASE) == set(LIFE) == set(Phase)
    known = [(phase, *one) for phase, one in IN_PHASE.items()]
    for phase, attempt, session in (*known, *MORE_IN_PHASE):
        assert phase_at(session, NOW, attempt=attempt, policy=POLICY) is phase


def test_the_picture_in_the_docs_is_the_table() -> None:
    wanted = text()
    assert DOCUMENT.read_text(encoding="utf-8") == wanted, f"docs/session-life.md:\n{wanted}"
