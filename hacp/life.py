"""The life of a session: what each command does in each phase, as one table.

Serves `rules`; the picture in the docs is drawn from `LIFE`. Pure: the moment is an argument, and
what a command does to a record is for `rules`.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from hacp.errors import InvalidCommand, InvalidSession
from hacp.model import Attempt, Command, Phase, Policy, Session


class Act(StrEnum):
    """What we do with a command that is in its place."""

    HAND_OUT = "hand out"
    RECORD = "record"
    LEAVE = "leave"
    RECORD_AND_LEAVE = "record and leave"
    ACCEPT = "accept"
    AGREE = "agree"
    REFUSE = "refuse"


_TABLES = (
    Command.PUT_COMMENTS,
    Command.PUT_OBJECTIVES,
    Command.PUT_INTERACTIONS,
    Command.PUT_PATH,
    Command.PUT_PERFORMANCE,
)

# What is done in an open session. The standard wants GetParam first, ExitAU last and nothing after
# it; content keeps none of the three, so no order is asked for.
_OPEN = {
    Command.GET_PARAM: Act.HAND_OUT,
    Command.PUT_PARAM: Act.RECORD,
    Command.EXIT_AU: Act.LEAVE,
    Command.EXIT_PARAM: Act.RECORD_AND_LEAVE,
    **dict.fromkeys(_TABLES, Act.ACCEPT),
}
_SHUT = dict.fromkeys(Command, Act.REFUSE)
_COMMANDS: dict[str | None, Command] = {str(one): one for one in Command}

# Behind ExitAU a grace time answers everything as before, because beacons arrive out of order
# (Storyline sends PutParam and ExitAU in the same instant); once that is over, only a repeated
# ExitAU (uPerform, Rustici's unload) still hears that all is well, and moves nothing.
#
# A session stays writable beside a newer one, since its last post may still be on the way, until
# the newer one writes for the first time. From then on it may read and leave: two windows that both
# write would overwrite each other's bookmark by turns.
#
# While its course is archived, a session whose content has begun goes on as ever, since content
# that is refused in the middle stops reporting for good; one that never spoke cannot begin.
LIFE: dict[Phase, dict[Command, Act]] = {
    Phase.LAUNCHED: _OPEN,
    Phase.TALKING: _OPEN,
    Phase.EXITED: _OPEN,
    Phase.OVERTAKEN: {**_SHUT, Command.GET_PARAM: Act.HAND_OUT, Command.EXIT_AU: Act.LEAVE},
    Phase.CLOSED: {**_SHUT, Command.EXIT_AU: Act.AGREE},
    Phase.EXPIRED: _SHUT,
    Phase.BARRED: _SHUT,
}

BY_A_NEWER = "a newer session of this unit writes now: nothing was recorded"
BEFORE_IT_BEGAN = "the course was archived before the content had begun: nothing was recorded"
# Why a session refuses, for the trace; content hears the same `error=3` whatever the reason is.
_REASONS = {
    Phase.OVERTAKEN: BY_A_NEWER,
    Phase.CLOSED: "the session was left and its grace time is over: nothing was recorded",
    Phase.EXPIRED: "the session has expired: nothing was recorded",
    Phase.BARRED: BEFORE_IT_BEGAN,
}


def phase_at(session: Session, now: datetime, *, attempt: Attempt, policy: Policy) -> Phase:
    """Return where a session stands at a moment.

    The clock decides over the phase that is stored: a sweep that has stored *expired* revokes no
    id, so a longer silence that an operator allows afterwards opens the session again.
    """
    left = session.exited_at
    if left is not None and now - left > policy.grace:
        return Phase.CLOSED
    silent, old = now - session.last_at, now - session.opened_at
    if left is None and (silent > policy.silence or old > policy.lifetime):
        return Phase.EXPIRED
    if session.held and session.phase is Phase.LAUNCHED:
        return Phase.BARRED
    if attempt.writer is not None and session.id < attempt.writer:
        return Phase.OVERTAKEN
    if left is not None:
        return Phase.EXITED
    return Phase.LAUNCHED if session.phase is Phase.LAUNCHED else Phase.TALKING


def act_for(phase: Phase, command: str | None) -> Act:
    """Return what a command does in a phase.

    Raises InvalidSession where the session is over, whatever was asked, and InvalidCommand where
    the command is none.
    """
    known = _COMMANDS.get(command)
    act = LIFE[phase][known or Command.GET_PARAM]
    if act is Act.REFUSE:
        raise InvalidSession(_REASONS[phase])
    if known is None:
        raise InvalidCommand
    return act
