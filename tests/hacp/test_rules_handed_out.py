"""What GetParam hands out when, and the entry flag behind its status."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from hacp.model import (
    Command,
    Credit,
    Entry,
    Mode,
    Objective,
    Score,
    Standing,
    Status,
)
from hacp.rules import entry_for
from tests.hacp.server import ticket
from tests.hacp.talk import ATTEMPT, SESSION, talk

STARTED = replace(
    SESSION,
    launched_with=Standing(Status.INCOMPLETE, Score(Decimal("66.6"), Decimal(100)), Decimal(750)),
)


@pytest.mark.conforms(
    "Attempts",
    "CMI001 v4, section 6",
    "A late GetParam has a new location and suspend data; everything else is as at launch.",
    grade="A",
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


def test_what_is_known_beside_the_result_is_handed_out():
    known = (
        Objective("o1", status=Status.PASSED),
        Objective("empty"),
        Objective("o2", Score(Decimal(0))),
    )
    earlier = ((1, Standing(Status.FAILED)),)
    session = replace(SESSION, earlier=earlier, preferences=(("audio", "5"),))
    attempt = replace(ATTEMPT, objectives=known)
    param = talk(Command.GET_PARAM, attempt=attempt, session=session).reply.param
    assert param is not None
    assert param.objectives == (known[0], known[2])
    assert (param.earlier, param.preferences) == (earlier, (("audio", "5"),))


@pytest.mark.conforms(
    "Replies",
    "CMI001 v4, section 6",
    "GetParam names the unit's objectives (.ort) also before anything was said of them.",
    grade="M",
)
def test_the_objectives_of_the_unit_are_named_before_anybody_has_spoken_of_them():
    said = (
        Objective("other", status=Status.PASSED),
        Objective("o2", Score(Decimal(50)), Status.FAILED),
        Objective("silent"),
    )
    of_unit = replace(SESSION, ticket=ticket(objectives=("O1", "O2")))
    fresh = talk(Command.GET_PARAM, session=of_unit).reply.param
    later = talk(
        Command.GET_PARAM, attempt=replace(ATTEMPT, objectives=said), session=of_unit
    ).reply.param
    assert fresh is not None
    assert later is not None
    assert fresh.objectives == (Objective("O1"), Objective("O2"))
    assert later.objectives == (Objective("O1"), said[1], said[0])


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


@pytest.mark.conforms(
    "Replies",
    "Rustici, Inspired, others",
    "The version that content says (1.0 to 4.1, or none) changes nothing but the form of scores.",
    grade="B",
)
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


@pytest.mark.conforms(
    "Attempts",
    "CMI001 v4, section 6",
    "The first launch has the entry flag ab-initio.",
    grade="B",
    case="nothing yet",
)
@pytest.mark.conforms(
    "Attempts",
    "Rustici",
    "Where there is anything to resume the flag is resume, whether or not content ever said "
    "suspend.",
    grade="T",
    case="a bookmark",
)
@pytest.mark.conforms(
    "Attempts",
    "Rustici",
    "A review has no entry flag, by which Rustici knows it.",
    grade="T",
    case="a review",
)
@pytest.mark.parametrize(("attempt", "session", "entry"), ENTRIES.values(), ids=ENTRIES)
def test_the_entry_flag_says_whether_there_is_anything_to_resume(attempt, session, entry):
    assert entry_for(attempt, session) is entry
