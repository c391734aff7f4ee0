"""What is asked of a session as a whole: what was sent comes back, what is wrong is refused.

Serves `checks`, whose last part this is. Knows neither HTTP nor the layout of a reply.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from hacp.checks_elements import NEEDED, WANTED, Judge, core, error_of, failed, judge_replies
from hacp.fields import parse_score, parse_status
from hacp.probe import (
    BOOKMARK,
    SCORE,
    SECONDS,
    STATUS,
    SUSPEND_DATA,
    SUSPEND_LINES,
    Check,
    Fault,
    Heard,
    Played,
    Step,
)


def _both(judge: Callable[[Heard, Heard], Iterator[Fault]]) -> Judge:
    """Judge the second GetParam beside the first; without both, nobody can."""

    def judged(played: Played) -> list[Fault] | None:
        first, again = played.heard.get(Step.GET), played.heard.get(Step.AGAIN)
        if first is None or again is None or not again.hands_out:
            return None
        return list(judge(first, again))

    return judged


def _bookmark(_first: Heard, again: Heard) -> Iterator[Fault]:
    came = again.handed.lesson_location
    if came != BOOKMARK:
        yield Fault(Step.AGAIN, f"sent `{BOOKMARK}`, got {'nothing' if not came else f'`{came}`'}")


def _suspend_data(_first: Heard, again: Heard) -> Iterator[Fault]:
    came = again.handed.suspend_data
    if not came:
        yield Fault(Step.AGAIN, "nothing came back")
    elif came != SUSPEND_DATA:
        lines = re.split("\r\n|\r|\n", came)
        lost = [what for line, what in SUSPEND_LINES.items() if line not in lines]
        more = [line for line in lines if line not in SUSPEND_LINES]
        yield from (Fault(Step.AGAIN, f"not as sent: {what}") for what in lost)
        yield from (Fault(Step.AGAIN, f"not sent, but there: `{line[:80]}`") for line in more)
        if not lost and not more:
            yield Fault(Step.AGAIN, "other line ends, or another order of the lines")


def _status(first: Heard, again: Heard) -> Iterator[Fault]:
    if again.handed.status not in (first.handed.status, parse_status(STATUS).status):
        yield _unlike("lesson_status", first, again)


def _score(first: Heard, again: Heard) -> Iterator[Fault]:
    # Servers that speak an older version round it and leave out maximum and minimum.
    before, came, sent = (
        score and score.raw
        for score in (first.handed.score, again.handed.score, parse_score(SCORE))
    )
    if came not in (before, sent):
        yield _unlike("score", first, again)


def _unlike(name: str, first: Heard, again: Heard) -> Fault:
    before, after = (core(heard, name) or "nothing" for heard in (first, again))
    return Fault(Step.AGAIN, f"{name}: {after}, at launch {before}")


def _total(first: Heard, again: Heard) -> Iterator[Fault]:
    before, after = first.handed.seconds, again.handed.seconds
    if before is not None and after not in (before, before + SECONDS):
        yield Fault(
            Step.AGAIN, f"at launch {core(first, 'time')}, 5 seconds later {core(again, 'time')}"
        )


def _not_refused(heard: Heard) -> str:
    return error_of(heard) if heard.response.error == 0 else ""


def _other_error(*numbers: int) -> Callable[[Heard], str]:
    def saw(heard: Heard) -> str:
        return "" if heard.response.error in {0, *numbers} else error_of(heard)

    return saw


SESSION = [
    Check("the bookmark comes back byte for byte", NEEDED, "all content", _both(_bookmark)),
    Check("the suspend data comes back byte for byte", NEEDED, "all content", _both(_suspend_data)),
    Check(
        "a late GetParam has the status of the launch, or the one sent",
        WANTED,
        "Xyleme and uPerform, which ask again while they run",
        _both(_status),
    ),
    Check(
        "a late GetParam has the score of the launch, or the one sent",
        WANTED,
        "Xyleme and uPerform, which ask again while they run",
        _both(_score),
    ),
    Check(
        "time is the total: of the launch, or that and what was sent",
        WANTED,
        "content that shows it; Profiscience and UGS send it back",
        _both(_total),
    ),
    Check(
        "ExitAU twice is no failure",
        WANTED,
        "uPerform sends it twice, others on both unload events",
        judge_replies((Step.EXIT_AGAIN,), failed),
    ),
    Check(
        "a wrong session id is refused",
        NEEDED,
        "all content: it believes that its data is kept",
        judge_replies((Step.NO_SESSION,), _not_refused),
    ),
    Check(
        "with error=3",
        WANTED,
        "CourseLab tells the learner by this number what is wrong",
        judge_replies((Step.NO_SESSION,), _other_error(3)),
    ),
    Check(
        "an unknown command is refused",
        WANTED,
        "the standard's own answer",
        judge_replies((Step.NO_COMMAND,), _not_refused),
    ),
    # The session is over by then, so that a server may as well say so.
    Check(
        "with error=1, or 3 since the session is over",
        WANTED,
        "CourseLab tells the learner by this number what is wrong",
        judge_replies((Step.NO_COMMAND,), _other_error(1, 3)),
    ),
]
