"""The standard session that a server is probed with: what is sent, and what is made of the answers.

Serves `hacp probe`. Pure: somebody else opens the connection. What is asked of the answers stands
in `checks`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from hacp.calls import FORM_TYPE, Answer, Call, Target
from hacp.dialects import dump_component
from hacp.groups import dump_groups
from hacp.replies import Handed, Response, parse_handed, parse_response

# Where the probe says that it comes from, so that a server which names the origin is understood.
ORIGIN = "https://content.example.org"
# What most drivers of today ask with.
VERSION = "4.0"

# A bookmark may be an address: with a query string, a fragment and a letter beyond ASCII.
BOOKMARK = "probe/page-7?p=3&q=1#/é"
STATUS = "incomplete,suspend"
SCORE = "70,100,0"
# Short enough for a server that believes no more time than has passed.
SECONDS = Decimal(5)
TIME = "00:00:05"
# Line by line what real suspend data has in it and servers were seen to break.
SUSPEND_LINES = {
    "probe=1": "its first line",
    "two  blanks; a semicolon": "blanks and semicolons",
    "a=1&b=2&c=3": "`=` and `&` (ILIAS drops lines with two `=`)",
    "100%41 1+1": "a percent sign and a plus (decoded once too often)",
    '{"json":[1,[2,3]]}': "brackets (iSpring and Storyline)",
    "é € 概": "letters beyond ASCII",
    "the last line": "its last line",
}
SUSPEND_DATA = "\r\n".join(SUSPEND_LINES)
# No id of anybody: letters and digits only, so that it is refused for being unknown.
NO_SESSION_ID = "hacpprobe0no0such0session"
NO_COMMAND = "HacpProbeNoSuchCommand"


class Step(StrEnum):
    """The calls of a standard session, in their order."""

    GET = "GetParam"
    PUT = "PutParam"
    AGAIN = "GetParam again"
    EXIT = "ExitAU"
    EXIT_AGAIN = "ExitAU again"
    NO_SESSION = "wrong session id"
    NO_COMMAND = "unknown command"


# What is sent besides the session id: the command, and aicc_data where there is any.
PLAN: Mapping[Step, tuple[str, str | None]] = {
    Step.GET: ("GetParam", None),
    Step.PUT: (
        "PutParam",
        dump_groups(
            [
                (
                    "core",
                    {
                        "lesson_location": BOOKMARK,
                        "lesson_status": STATUS,
                        "score": SCORE,
                        "time": TIME,
                    },
                ),
                ("core_lesson", SUSPEND_DATA),
            ]
        ),
    ),
    Step.AGAIN: ("GetParam", None),
    Step.EXIT: ("ExitAU", None),
    Step.EXIT_AGAIN: ("ExitAU", None),
    Step.NO_SESSION: ("GetParam", None),
    Step.NO_COMMAND: (NO_COMMAND, None),
}


def plan(target: Target, *, read_only: bool = False) -> dict[Step, Call]:
    """Return the calls to make, in order. With `read_only` it is GetParam alone."""
    steps = [Step.GET] if read_only else list(PLAN)
    return {step: _call(target, step) for step in steps}


def _call(target: Target, step: Step) -> Call:
    command, aicc_data = PLAN[step]
    fields = {
        "command": command,
        "version": VERSION,
        "session_id": NO_SESSION_ID if step is Step.NO_SESSION else target.session_id,
    }
    if aicc_data is not None:
        fields["aicc_data"] = aicc_data
    wire = "&".join(f"{name}={dump_component(value)}" for name, value in fields.items())
    return Call("POST", target.address, wire.encode(), FORM_TYPE)


@dataclass(frozen=True, slots=True)
class Heard:
    """One answer of the session, as it came and as understood."""

    step: Step
    answer: Answer
    response: Response
    handed: Handed

    @property
    def is_reply(self) -> bool:
        """Whether it can be read as a reply at all; if not, its layout is nobody's business."""
        return self.response.error is not None or self.response.has_data

    @property
    def hands_out(self) -> bool:
        """Whether it carries what a GetParam asks for."""
        return self.response.has_data


@dataclass(frozen=True, slots=True)
class Played:
    """The session as far as it went."""

    target: Target
    heard: Mapping[Step, Heard]


def play(target: Target, answers: Iterable[tuple[Step, Answer]]) -> Played:
    """Read the answers of a session."""
    heard = {}
    for step, answer in answers:
        response = parse_response(answer.body)
        heard[step] = Heard(step, answer, response, parse_handed(response))
    return Played(target, heard)


class Weight(StrEnum):
    """What it means that something is missing."""

    NEEDED = "needed"
    """Content that is in use breaks."""
    WANTED = "wanted"
    """Some content is worse off, or the standard says otherwise."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One place where something is missing: step, what was seen, and the line of its reply or 0."""

    step: Step | None
    saw: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that is asked of a server, and who breaks without it.

    `judge` returns the faults that it finds, or None where nothing came that it could judge.
    """

    asks: str
    weight: Weight
    breaks: str
    judge: Callable[[Played], list[Fault] | None]


class Result(StrEnum):
    """How one check went."""

    OK = "ok"
    WEAK = "weak"
    BROKEN = "BROKEN"
    NOT_SEEN = "-"


@dataclass(frozen=True, slots=True)
class Finding:
    """One check and how it went."""

    check: Check
    result: Result
    faults: tuple[Fault, ...] = ()


def examine(played: Played, checks: Iterable[Check]) -> list[Finding]:
    """Put every check to a session, in the order of the table."""
    return [_finding(check, check.judge(played)) for check in checks]


def _finding(check: Check, faults: list[Fault] | None) -> Finding:
    if faults is None:
        return Finding(check, Result.NOT_SEEN)
    if not faults:
        return Finding(check, Result.OK)
    broken = check.weight is Weight.NEEDED
    return Finding(check, Result.BROKEN if broken else Result.WEAK, tuple(faults))


def is_broken(findings: Iterable[Finding]) -> bool:
    """Tell whether something is missing that real content needs."""
    return any(finding.result is Result.BROKEN for finding in findings)
