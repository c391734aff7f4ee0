"""The life of a session: its table in full, the clock's say, and why something is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from hacp.errors import InvalidCommand, InvalidSession
from hacp.life import LIFE, Act, act_for, phase_at
from hacp.model import Attempt, Command, Phase, Policy, Session, Standing
from tests.hacp.server import START, ticket

POLICY = Policy()
ATTEMPT = Attempt(1, 11, 7, 3, "A1", 1, START, START)
SESSION = Session(21, 11, ticket(), Standing(), START, START)

OPEN = {
    Command.GET_PARAM: Act.HAND_OUT,
    Command.PUT_PARAM: Act.RECORD,
    Command.EXIT_AU: Act.LEAVE,
    Command.EXIT_PARAM: Act.RECORD_AND_LEAVE,
    Command.PUT_COMMENTS: Act.ACCEPT,
    Command.PUT_OBJECTIVES: Act.ACCEPT,
    Command.PUT_INTERACTIONS: Act.ACCEPT,
    Command.PUT_PATH: Act.ACCEPT,
    Command.PUT_PERFORMANCE: Act.ACCEPT,
}
LIVES = [
    (phase, command, act)
    for phase in (Phase.LAUNCHED, Phase.TALKING, Phase.EXITED)
    for command, act in OPEN.items()
]
LIVES += [
    (Phase.CLOSED, command, Act.AGREE if command is Command.EXIT_AU else Act.REFUSE)
    for command in Command
]
READ_AND_LEAVE = {Command.GET_PARAM: Act.HAND_OUT, Command.EXIT_AU: Act.LEAVE}
LIVES += [
    (Phase.OVERTAKEN, command, READ_AND_LEAVE.get(command, Act.REFUSE)) for command in Command
]
LIVES += [
    (phase, command, Act.REFUSE) for phase in (Phase.EXPIRED, Phase.BARRED) for command in Command
]


@pytest.mark.conforms(
    "Sessions",
    "CMI001 v4, section 6",
    "GetParam, PutParam and ExitAU, which every server must know, are answered in every phase of "
    "an open session.",
    grade="A",
    case="GetParam",
)
@pytest.mark.parametrize(("phase", "command", "act"), LIVES)
def test_a_command_does_in_each_phase_what_is_decided(phase, command, act):
    assert LIFE[phase][command] is act


def test_the_table_of_lives_is_whole():
    assert len(LIVES) == len(Phase) * len(Command)
    assert set(LIFE) == set(Phase)
    assert all(set(row) == set(Command) for row in LIFE.values())


# (seconds since launch, since the last exchange, since ExitAU or None) -> phase
HOUR, DAY = 3600, 86400
MOMENTS = {
    "just launched": (0, 0, None, Phase.TALKING),
    "a day silent": (DAY, DAY, None, Phase.TALKING),
    "a second longer": (DAY + 1, DAY + 1, None, Phase.EXPIRED),
    "a week of talk": (7 * DAY, HOUR, None, Phase.TALKING),
    "a second more": (7 * DAY + 1, HOUR, None, Phase.EXPIRED),
    "just exited": (HOUR, 0, 0, Phase.EXITED),
    "in the grace time": (HOUR, 600, 600, Phase.EXITED),
    "behind it": (HOUR, 601, 601, Phase.CLOSED),
    "exited and a month later": (30 * DAY, 30 * DAY, 30 * DAY, Phase.CLOSED),
}


@pytest.mark.parametrize(("age", "silent", "exited", "phase"), MOMENTS.values(), ids=MOMENTS)
def test_a_session_stands_where_the_clock_says(age, silent, exited, phase):
    now = START + timedelta(days=40)
    session = replace(
        SESSION,
        phase=Phase.TALKING,
        opened_at=now - timedelta(seconds=age),
        last_at=now - timedelta(seconds=silent),
        exited_at=None if exited is None else now - timedelta(seconds=exited),
    )
    assert phase_at(session, now, attempt=ATTEMPT, policy=POLICY) is phase


def phase(
    session: Session, *, policy: Policy = POLICY, writer: int | None = None, **waited
) -> Phase:
    attempt = replace(ATTEMPT, writer=writer)
    return phase_at(session, START + timedelta(**waited), attempt=attempt, policy=policy)


def test_the_life_of_a_session_is_a_setting():
    short = Policy(timedelta(minutes=1), timedelta(minutes=2), timedelta(0))
    assert phase(SESSION, policy=short, seconds=61) is Phase.EXPIRED
    left = replace(SESSION, exited_at=START)
    assert phase(left, policy=short) is Phase.EXITED
    assert phase(left, policy=short, seconds=1) is Phase.CLOSED


def test_a_session_that_nobody_has_heard_of_is_only_launched():
    assert phase(SESSION) is Phase.LAUNCHED


HELD = {
    "nothing was heard before": (Phase.LAUNCHED, None, 1, Phase.BARRED),
    "it has begun": (Phase.TALKING, None, 1, Phase.TALKING),
    "it was left": (Phase.EXITED, 0, 0, Phase.EXITED),
    "it was left long ago": (Phase.EXITED, 0, 1, Phase.CLOSED),
    "nothing was heard, and it is over": (Phase.LAUNCHED, None, 25, Phase.EXPIRED),
}


@pytest.mark.parametrize(("stored", "left", "hours", "wanted"), HELD.values(), ids=HELD)
def test_while_its_course_is_archived_only_what_has_begun_goes_on(stored, left, hours, wanted):
    exited_at = START if left is not None else None
    session = replace(SESSION, phase=stored, exited_at=exited_at, held=True)
    assert phase(session, hours=hours) is wanted


def test_what_a_sweep_has_stored_does_not_outlive_the_clock():
    swept = replace(SESSION, phase=Phase.EXPIRED)
    patient = replace(POLICY, silence=timedelta(days=3))
    assert phase(swept, hours=25) is Phase.EXPIRED
    assert phase(swept, hours=25, policy=patient) is Phase.TALKING


# (writer, ExitAU or not, hours waited) -> phase; the session has the id 21.
WRITERS = {
    "nobody yet": (None, False, 1, Phase.TALKING),
    "itself": (21, False, 1, Phase.TALKING),
    "an older one": (20, False, 1, Phase.TALKING),
    "a newer one": (22, False, 1, Phase.OVERTAKEN),
    "a newer one, in the grace time": (22, True, 0, Phase.OVERTAKEN),
    "a newer one, behind it": (22, True, 1, Phase.CLOSED),
    "a newer one, and a day of silence": (22, False, 25, Phase.EXPIRED),
}


@pytest.mark.parametrize(("writer", "left", "hours", "wanted"), WRITERS.values(), ids=WRITERS)
def test_a_session_is_overtaken_while_a_newer_one_writes(writer, left, hours, wanted):
    session = replace(SESSION, phase=Phase.TALKING, exited_at=START if left else None)
    assert phase(session, writer=writer, hours=hours) is wanted


@pytest.mark.conforms(
    "Sessions",
    "CMI001 v4, section 6",
    "A session that is over refuses with error=3, and the trace says why.",
    grade="D",
    case="expired",
)
@pytest.mark.parametrize(("phase", "command", "act"), LIVES)
def test_a_command_is_looked_up_or_refused_with_a_reason(phase, command, act):
    if act is not Act.REFUSE:
        assert act_for(phase, command) is act
        return
    with pytest.raises(InvalidSession) as refusal:
        act_for(phase, command)
    assert refusal.value.text == "Invalid Session ID"
    assert refusal.value.note.endswith(": nothing was recorded")


def test_an_unknown_command_is_told_so_only_where_a_session_is_open():
    for phase in (Phase.LAUNCHED, Phase.TALKING, Phase.EXITED, Phase.OVERTAKEN):
        for command in ("Drop", "", None):
            with pytest.raises(InvalidCommand):
                act_for(phase, command)
    for phase in (Phase.CLOSED, Phase.EXPIRED, Phase.BARRED):
        with pytest.raises(InvalidSession):
            act_for(phase, "Drop")
