"""The table of statuses in full, what messages move, and the history they leave."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from hacp.errors import InvalidCommand, InvalidSession
from hacp.life import LIFE, Act
from hacp.model import (
    Command,
    Mode,
    Objective,
    Phase,
    Reply,
    Request,
    Score,
    Status,
)
from hacp.records import Achievement, Comment, StatusChange
from hacp.rules import HELD, NEXT, converse
from tests.hacp.server import START, ticket
from tests.hacp.talk import ATTEMPT, POLICY, SESSION, talk

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


@pytest.mark.conforms(
    "Results",
    "CMI001 v4, section 6",
    "The status of an attempt only climbs; the one way down is from completed to failed.",
    grade="D",
    case="completed",
)
@pytest.mark.parametrize(("recorded", "comes", "result"), decided())
def test_the_status_of_an_attempt_moves_as_decided(recorded, comes, result):
    assert NEXT[recorded][comes] is result


def test_the_table_of_statuses_is_whole():
    assert len(decided()) == len(Status) ** 2
    assert {recorded: set(row) for recorded, row in NEXT.items()} == {
        status: set(Status) for status in Status
    }


def test_a_first_message_makes_a_session_talk_whatever_it_is():
    for command in (Command.GET_PARAM, Command.PUT_PARAM, Command.PUT_PATH):
        outcome = talk(command, minutes=1)
        assert outcome.session.phase is Phase.TALKING
        assert outcome.session.last_at == outcome.attempt.last_at == START + timedelta(minutes=1)
        assert outcome.reply.error == 0


@pytest.mark.conforms(
    "Sessions",
    "uPerform, Rustici",
    "A second ExitAU is no error and does not move the first.",
    grade="B",
)
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
    again = talk(Command.EXIT_AU, attempt=left.attempt, session=left.session, days=90)
    assert again.reply == Reply()
    assert again.attempt is left.attempt
    assert again.session is left.session
    assert not again.changed
    assert again.tolerated == ("was so",)


def test_what_is_over_is_an_invalid_session_also_to_an_unknown_command():
    left = replace(SESSION, phase=Phase.EXITED, exited_at=START)
    for command in ("GetParam", "PutParam", "ExitParam", "Drop", None):
        with pytest.raises(InvalidSession):
            talk(command, session=left, minutes=11)
        with pytest.raises(InvalidSession):
            talk(command, hours=25)


# Two windows on one attempt


NEWER = replace(SESSION, id=22, opened_at=START + timedelta(hours=1))


@pytest.mark.conforms(
    "Attempts",
    "windows left open",
    "Of two sessions the older one writes until the newer one reports for the first time.",
    grade="D",
)
def test_a_newer_session_takes_over_with_its_first_report():
    place = talk(Command.PUT_PARAM, "[core]\nlesson_location=older", hours=2).attempt
    looked = talk(Command.GET_PARAM, attempt=place, session=NEWER, hours=2).attempt
    left = talk(Command.EXIT_AU, attempt=looked, session=NEWER, hours=2).attempt
    assert place.writer == looked.writer == left.writer == SESSION.id
    for command in (Command.PUT_PARAM, Command.EXIT_PARAM):
        assert talk(command, attempt=left, session=NEWER, hours=2).attempt.writer == NEWER.id


@pytest.mark.conforms(
    "Attempts",
    "windows left open",
    "From then on the older one may read and leave, and what it writes is kept raw and answered "
    "error=3.",
    grade="D",
)
def test_an_overtaken_session_reads_and_leaves_and_writes_no_more():
    overtaken = replace(ATTEMPT, writer=NEWER.id, location="newer")
    got = talk(Command.GET_PARAM, attempt=overtaken, hours=2)
    assert got.reply.param is not None
    assert got.reply.param.lesson_location == "newer"
    for command in (Command.PUT_PARAM, Command.EXIT_PARAM, Command.PUT_PATH):
        with pytest.raises(InvalidSession) as refusal:
            talk(command, "[core]\nlesson_location=older", attempt=overtaken, hours=2)
        assert "a newer session" in refusal.value.note
    left = talk(Command.EXIT_AU, attempt=overtaken, session=got.session, hours=2)
    assert left.reply == Reply()
    assert left.session.phase is Phase.EXITED
    assert left.attempt == replace(overtaken, last_at=left.attempt.last_at)


@pytest.mark.parametrize("mode", [Mode.REVIEW, Mode.BROWSE])
def test_a_window_that_only_looks_takes_nothing_over(mode):
    looking = replace(NEWER, ticket=ticket(mode=mode))
    attempt = replace(ATTEMPT, writer=SESSION.id)
    after = talk(Command.PUT_PARAM, "[core]\nlesson_status=c", attempt=attempt, session=looking)
    assert after.attempt.writer == SESSION.id
    assert talk(Command.PUT_PARAM, attempt=after.attempt).attempt.writer == SESSION.id


@pytest.mark.parametrize("command", ["Drop", "", None])
def test_an_unknown_command_is_told_so(command):
    with pytest.raises(InvalidCommand):
        talk(command)


@pytest.mark.conforms(
    "Sessions",
    "Moodle, Dokeos, SkillSoft",
    "The five optional Put commands are answered with error=0, whatever their data.",
    grade="B",
)
@pytest.mark.parametrize("command", [c for c in Command if LIFE[Phase.TALKING][c] is Act.ACCEPT])
def test_the_optional_tables_are_answered_and_change_nothing(command):
    outcome = talk(command, "[core]\nlesson_status=p\nscore=100")
    assert outcome.reply.error == 0
    assert outcome.reply.param is None
    assert outcome.attempt == ATTEMPT
    assert not outcome.changed


def test_a_table_is_read_and_its_objectives_are_news():
    text = "objective_id,status\no1,p\n,p"
    outcome = talk(Command.PUT_OBJECTIVES, text, minutes=1)
    assert outcome.records == (Achievement("o1", status=Status.PASSED),)
    assert outcome.attempt.objectives == (Objective("o1", status=Status.PASSED),)
    assert outcome.changed
    assert outcome.tolerated[0] == "was so"
    assert "passed over: 1" in outcome.tolerated[-1]
    again = talk(Command.PUT_OBJECTIVES, text, attempt=outcome.attempt, session=outcome.session)
    assert not again.changed


MORE = (
    "[core]\nlesson_status=c\n[comments]\nx\n[objectives_status]\nj_id.1=o1\nj_status.1=p\n"
    "j_status.2=p\n[student_preferences]\naudio=5"
)


def test_a_report_that_says_more_is_recorded_whole():
    outcome = talk(Command.PUT_PARAM, MORE)
    assert outcome.records == (Comment("x"), Achievement("o1", status=Status.PASSED))
    assert outcome.session.preferences == (("audio", "5"),)
    assert outcome.tolerated[1:] == ("objectives without a J_ID were passed over: 1",)


@pytest.mark.conforms(
    "Data",
    "CMI001 v4, section 6",
    "Preferences are the learner's, and kept in whatever mode they are said.",
    grade="M",
)
@pytest.mark.parametrize("mode", Mode)
def test_preferences_are_no_result_and_taken_in_any_launch(mode):
    looking = replace(SESSION, ticket=ticket(mode=mode))
    put = talk(Command.PUT_PARAM, MORE, session=looking)
    assert put.session.preferences == (("audio", "5"),)


@pytest.mark.parametrize("mode", [Mode.REVIEW, Mode.BROWSE])
def test_only_a_normal_launch_records_anything_beside_the_result(mode):
    looking = replace(SESSION, ticket=ticket(mode=mode))
    put = talk(Command.PUT_PARAM, MORE, session=looking)
    table = talk(Command.PUT_COMMENTS, "comment\nx", session=looking)
    assert put.records == table.records == ()
    assert put.attempt.objectives == ()
    assert table.tolerated[-1] == "only a normal launch records tables"


# The history of the status


@pytest.mark.conforms(
    "Results",
    "CMI001 v4, section 6",
    "Each step of the status is kept with the exchange that brought it and the content's own word.",
    grade="D",
)
def test_each_step_of_the_status_says_whence_it_came():
    step = talk(Command.PUT_PARAM, "[core]\nlesson_status=c\nscore=9", minutes=3).step
    assert step == StatusChange(
        exchange_id=99,
        session_id=21,
        at=START + timedelta(minutes=3),
        before=Status.NOT_ATTEMPTED,
        status=Status.COMPLETED,
        said=Status.COMPLETED,
        score=Score(Decimal(9)),
        judged=False,
    )


@pytest.mark.parametrize(
    ("lines", "status", "judged"),
    [
        ("lesson_status=c\nscore=9", Status.FAILED, True),
        ("lesson_status=c\nscore=90", Status.PASSED, True),
        # The same word, and yet it is mastery that said it.
        ("lesson_status=p\nscore=90", Status.PASSED, True),
        ("lesson_status=c", Status.COMPLETED, False),
        ("lesson_status=i\nscore=90", Status.INCOMPLETE, False),
    ],
)
def test_a_step_says_whether_mastery_judged(lines, status, judged):
    session = replace(SESSION, ticket=ticket(mastery_score=Decimal(80)))
    step = talk(Command.PUT_PARAM, f"[core]\n{lines}", session=session).step
    assert step is not None
    assert (step.status, step.judged) == (status, judged)


def test_a_browse_is_a_step_without_a_word_of_the_content():
    session = replace(SESSION, ticket=ticket(mode=Mode.BROWSE))
    step = talk(Command.PUT_PARAM, "[core]\nlesson_status=c", session=session).step
    assert step is not None
    assert (step.status, step.said, step.judged) == (Status.BROWSED, None, False)


def test_what_leaves_the_status_where_it_was_is_no_step():
    passed = replace(ATTEMPT, status=Status.PASSED)
    assert talk(Command.PUT_PARAM, "[core]\nlesson_status=i", attempt=passed).step is None
    assert talk(Command.GET_PARAM).step is None


# (limit, minutes) -> is it a breach
LIMITS = {
    "in time": ("00:30:00", 30, False),
    "too long": ("00:30:00", 31, True),
    "nobody said": (None, 600, False),
    "Storyline's no limit": ("9999:59:59", 600, False),
    "Profiscience's no limit": ("00:00:00", 600, False),
    "no time at all": ("soon", 600, False),
}


@pytest.mark.conforms(
    "Time",
    "Rustici",
    "Time limits are for the content to keep: a breach is flagged, and nothing is refused.",
    grade="B",
    case="too long",
)
@pytest.mark.conforms(
    "Time",
    "Storyline, Profiscience",
    "9999:59:59 and 00:00:00 mean no limit.",
    grade="B",
    case="Storyline's no limit",
)
@pytest.mark.parametrize(("limit", "minutes", "breach"), LIMITS.values(), ids=LIMITS)
def test_a_breach_of_the_time_limit_is_flagged_and_counted(limit, minutes, breach):
    session = replace(SESSION, ticket=ticket(max_time_allowed=limit))
    line = f"[core]\ntime=00:{minutes}:00"
    outcome = talk(Command.PUT_PARAM, line, session=session, hours=20)
    now = START + timedelta(hours=20)
    assert outcome.attempt.over_time_at == (now if breach else None)
    assert outcome.attempt.seconds == minutes * 60
    assert any("above the limit" in note for note in outcome.tolerated) is breach


def test_a_breach_is_flagged_when_it_first_was():
    session = replace(SESSION, ticket=ticket(max_time_allowed="00:30:00"))
    attempt = replace(ATTEMPT, over_time_at=START)
    put = talk(
        Command.PUT_PARAM, "[core]\ntime=01:00:00", attempt=attempt, session=session, hours=2
    )
    assert put.attempt.over_time_at == START
    assert put.tolerated == ("was so",)


def test_a_breach_is_told_in_a_sentence():
    session = replace(SESSION, ticket=ticket(max_time_allowed="00:30:00"))
    put = talk(Command.PUT_PARAM, "[core]\ntime=00:31:00", session=session, hours=1)
    assert put.tolerated[-1] == (
        "time 00:31:00 is above the limit of 00:30:00: it was counted all the same"
    )


def test_a_breach_by_a_time_that_is_not_believed_is_told_with_both_reasons():
    session = replace(SESSION, ticket=ticket(max_time_allowed="00:30:00"))
    put = talk(Command.PUT_PARAM, "[core]\ntime=05:00:00", session=session, hours=1)
    assert [note.partition(" is ")[2][:10] for note in put.tolerated[1:]] == [
        "more than ",
        "above the ",
    ]


def test_what_is_held_for_an_archived_course_says_so():
    held = replace(SESSION, phase=Phase.TALKING, held=True)
    assert talk(Command.PUT_PARAM, session=held).tolerated == ("was so", HELD)
    assert talk(Command.PUT_PARAM, session=replace(held, held=False)).tolerated == ("was so",)


def test_no_limit_is_none_however_long_it_takes():
    session = replace(SESSION, ticket=ticket(max_time_allowed="9999:59:59"))
    attempt = replace(ATTEMPT, seconds=Decimal(40_000_000))
    put = talk(Command.PUT_PARAM, "[core]\ntime=0:0:1", attempt=attempt, session=session, hours=1)
    assert put.attempt.over_time_at is None


@pytest.mark.parametrize("command", [Command.PUT_PARAM, Command.PUT_COMMENTS])
def test_a_message_without_any_data_says_nothing_at_all(command):
    outcome = converse(
        ATTEMPT,
        SESSION,
        Request(command, "sid"),
        now=START + timedelta(minutes=1),
        exchange_id=99,
        policy=POLICY,
    )
    assert outcome.reply == Reply()
    assert outcome.tolerated == ()


def test_what_the_reader_tolerated_goes_into_the_trace():
    assert talk(Command.PUT_PARAM, "[core]\nscore=x").tolerated == (
        "was so",
        "`score=x` cannot be read and was passed over",
    )
