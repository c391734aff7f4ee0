"""The two tables in full, the life of a session, and what GetParam hands out when."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from hacp.errors import InvalidCommand, InvalidSession
from hacp.model import (
    Attempt,
    Command,
    Credit,
    Entry,
    Mode,
    Phase,
    Policy,
    Request,
    Score,
    Session,
    Standing,
    Status,
)
from hacp.rules import LIFE, NEXT, Act, Outcome, converse, entry_for, phase_at
from tests.hacp.server import START, ticket

POLICY = Policy()
ATTEMPT = Attempt(
    academy_id=1,
    id=11,
    learner_id=7,
    course_id=3,
    au_id="A1",
    number=1,
    started_at=START,
    last_at=START,
)
SESSION = Session(
    id=21,
    attempt_id=11,
    ticket=ticket(),
    launched_with=Standing(),
    opened_at=START,
    last_at=START,
)


def talk(
    command: str | None,
    aicc_data: str = "",
    *,
    attempt: Attempt = ATTEMPT,
    session: Session = SESSION,
    version: str | None = "4.0",
    **waited: float,
) -> Outcome:
    request = Request(command, "sid", version=version, aicc_data=aicc_data, tolerated=("was so",))
    now = START + timedelta(**waited)
    return converse(attempt, session, request, now=now, exchange_id=99, policy=POLICY)


# "not attempted < browsed < incomplete < failed < completed < passed; a lower one never replaces a
# higher one, with one exception: completed becomes failed when a judgement comes later. Passed is
# final." Row: recorded; column: what comes.
DECIDED = """
                not-attempted  browsed     incomplete  failed      completed   passed
not-attempted   not-attempted  browsed     incomplete  failed      completed   passed
browsed         browsed        browsed     incomplete  failed      completed   passed
incomplete      incomplete     incomplete  incomplete  failed      completed   passed
failed          failed         failed      failed      failed      completed   passed
completed       completed      completed   completed   failed      completed   passed
passed          passed         passed      passed      passed      passed      passed
"""


def decided() -> list[tuple[Status, Status, Status]]:
    def status(word: str) -> Status:
        return Status(word.replace("-", " "))

    header, *rows = DECIDED.strip("\n").split("\n")
    return [
        (status(recorded), status(comes), status(result))
        for recorded, *results in (row.split() for row in rows)
        for comes, result in zip(header.split(), results, strict=True)
    ]


@pytest.mark.parametrize(("recorded", "comes", "result"), decided())
def test_the_status_of_an_attempt_moves_as_decided(recorded, comes, result):
    assert NEXT[recorded][comes] is result


def test_the_table_of_statuses_is_whole():
    assert len(decided()) == len(Status) ** 2
    assert {recorded: set(row) for recorded, row in NEXT.items()} == {
        status: set(Status) for status in Status
    }


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
    (Phase.CLOSED, command, Act.LEAVE if command is Command.EXIT_AU else Act.REFUSE)
    for command in Command
]
LIVES += [(Phase.EXPIRED, command, Act.REFUSE) for command in Command]


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
    assert phase_at(session, now, policy=POLICY) is phase


def test_the_life_of_a_session_is_a_setting():
    short = Policy(timedelta(minutes=1), timedelta(minutes=2), timedelta(0))
    assert phase_at(SESSION, START + timedelta(seconds=61), policy=short) is Phase.EXPIRED
    left = replace(SESSION, exited_at=START)
    assert phase_at(left, START, policy=short) is Phase.EXITED
    assert phase_at(left, START + timedelta(seconds=1), policy=short) is Phase.CLOSED


def test_a_first_message_makes_a_session_talk_whatever_it_is():
    for command in (Command.GET_PARAM, Command.PUT_PARAM, Command.PUT_PATH):
        outcome = talk(command, minutes=1)
        assert outcome.session.phase is Phase.TALKING
        assert outcome.session.last_at == outcome.attempt.last_at == START + timedelta(minutes=1)
        assert outcome.reply.error == 0


@pytest.mark.parametrize("command", [Command.EXIT_AU, Command.EXIT_PARAM])
def test_leaving_is_noted_once_and_never_moved(command):
    left = talk(command, minutes=1)
    assert (left.session.phase, left.session.exited_at) == (
        Phase.EXITED,
        START + timedelta(minutes=1),
    )
    again = talk(command, attempt=left.attempt, session=left.session, minutes=5)
    assert again.session.exited_at == left.session.exited_at
    assert again.session.phase is Phase.EXITED
    assert not again.changed


def test_a_command_in_the_grace_time_does_not_open_the_session_again():
    left = talk(Command.EXIT_AU)
    put = talk(Command.PUT_PARAM, "[core]\nlesson_status=c", session=left.session, minutes=9)
    assert put.attempt.status is Status.COMPLETED
    assert (put.session.phase, put.session.exited_at) == (Phase.EXITED, START)


def test_leaving_again_when_all_is_over_records_nothing():
    left = talk(Command.EXIT_AU)
    again = talk(Command.EXIT_AU, "[core]\nlesson_status=p", session=left.session, days=90)
    assert again.reply.error == 0
    assert again.attempt == replace(left.attempt, last_at=again.attempt.last_at)
    assert not again.changed


def test_what_is_over_is_an_invalid_session_also_to_an_unknown_command():
    left = replace(SESSION, phase=Phase.EXITED, exited_at=START)
    for command in ("GetParam", "PutParam", "ExitParam", "Drop", None):
        with pytest.raises(InvalidSession):
            talk(command, session=left, minutes=11)
        with pytest.raises(InvalidSession):
            talk(command, hours=25)


@pytest.mark.parametrize("command", ["Drop", "", None])
def test_an_unknown_command_is_told_so(command):
    with pytest.raises(InvalidCommand):
        talk(command)


@pytest.mark.parametrize("command", [c for c in Command if OPEN[c] is Act.ACCEPT])
def test_the_optional_tables_are_answered_and_change_nothing(command):
    outcome = talk(command, "[core]\nlesson_status=p\nscore=100")
    assert outcome.reply.error == 0
    assert outcome.reply.param is None
    assert outcome.attempt == ATTEMPT
    assert not outcome.changed


def test_what_the_reader_tolerated_goes_into_the_trace():
    assert talk(Command.PUT_PARAM, "[core]\nscore=x").tolerated == (
        "was so",
        "`score=x` cannot be read and was passed over",
    )


# GetParam


STARTED = replace(
    SESSION,
    launched_with=Standing(Status.INCOMPLETE, Score(Decimal("66.6"), Decimal(100)), Decimal(750)),
)


def test_a_late_getparam_has_a_new_place_and_everything_else_as_at_launch():
    later = replace(
        ATTEMPT,
        status=Status.PASSED,
        score=Score(Decimal(99)),
        seconds=Decimal(9999),
        location="page-9",
        suspend_data="new",
    )
    param = talk(Command.GET_PARAM, attempt=later, session=STARTED).reply.param
    assert param is not None
    assert (param.lesson_location, param.suspend_data) == ("page-9", "new")
    assert (param.status, param.score, param.seconds) == (
        Status.INCOMPLETE,
        STARTED.launched_with.score,
        Decimal(750),
    )


VERSIONS = {
    "1.0": True,
    "2.2": True,
    "2.99": True,
    "3": False,
    "3.5": False,
    "4.1": False,
    "": False,
    "x": False,
    None: False,
}


@pytest.mark.parametrize(("version", "integer"), VERSIONS.items())
def test_scores_are_whole_numbers_below_version_3_alone(version, integer):
    param = talk(Command.GET_PARAM, session=STARTED, version=version).reply.param
    assert param is not None
    assert param.integer_score is integer


def test_the_ticket_is_handed_out():
    facts = ticket(
        mode=Mode.BROWSE,
        credit=Credit.NO_CREDIT,
        mastery_score=Decimal(70),
        max_time_allowed="01:00:00",
        time_limit_action="exit,message",
        vendor_data="v",
    )
    param = talk(Command.GET_PARAM, session=replace(SESSION, ticket=facts)).reply.param
    assert param is not None
    assert (param.student_id, param.student_name, param.course_id) == (
        "k3v9q2",
        "Doe, Jane",
        "SAFETY-101",
    )
    assert (param.mode, param.credit, param.mastery_score) == (
        Mode.BROWSE,
        Credit.NO_CREDIT,
        Decimal(70),
    )
    assert (param.max_time_allowed, param.time_limit_action, param.vendor_data) == (
        "01:00:00",
        "exit,message",
        "v",
    )
    assert param.attempt_number == 1


ENTRIES = {
    "nothing yet": (ATTEMPT, SESSION, Entry.AB_INITIO),
    "a bookmark": (replace(ATTEMPT, location="1"), SESSION, Entry.RESUME),
    "suspend data": (replace(ATTEMPT, suspend_data="1"), SESSION, Entry.RESUME),
    "a status at launch": (ATTEMPT, STARTED, Entry.RESUME),
    "time at launch": (
        ATTEMPT,
        replace(SESSION, launched_with=Standing(seconds=Decimal(1))),
        Entry.RESUME,
    ),
    # A status alone, said in this session: to content that is loaded again nothing has happened.
    "a status since": (replace(ATTEMPT, status=Status.INCOMPLETE), SESSION, Entry.AB_INITIO),
    "a browse": (ATTEMPT, replace(SESSION, ticket=ticket(mode=Mode.BROWSE)), Entry.AB_INITIO),
    "a review": (
        replace(ATTEMPT, location="1"),
        replace(STARTED, ticket=ticket(mode=Mode.REVIEW)),
        Entry.NONE,
    ),
}


@pytest.mark.parametrize(("attempt", "session", "entry"), ENTRIES.values(), ids=ENTRIES)
def test_the_entry_flag_says_whether_there_is_anything_to_resume(attempt, session, entry):
    assert entry_for(attempt, session) is entry
