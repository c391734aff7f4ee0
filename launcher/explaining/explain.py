"""Why is it not complete? From the facts of a case to a finding that says so in one sentence.

Serves `progress`, which stores what is found, and whoever shows it. Pure, and without a clock: a
finding speaks of moments, never of "now", so that a stored one stays true.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal

from hacp.fields import dump_timespan
from hacp.ids import made_at
from hacp.life import BY_A_NEWER
from hacp.model import Credit, Exit, Mode, Session, Status
from hacp.rules import TIME_MARGIN
from launcher.explaining.archived import archived, shut_out
from launcher.explaining.facts import (
    ByHand,
    Case,
    Closed,
    Facts,
    points_at,
    says_score,
    says_status,
    short,
    stamp,
)
from launcher.explaining.findings import BY_HAND, SHUT, Cause, Finding
from launcher.explaining.judged import below_mastery, not_judged
from launcher.explaining.said import KNOWN, Said
from launcher.words import number

NOT_DONE = frozenset({Status.NOT_ATTEMPTED, Status.BROWSED, Status.INCOMPLETE})
# A word that shares so many letters with a status means it: `pass`, `complete`, `incompleted`.
ALIKE = 3
# So much of an admin's reason stands in a sentence; their page has all of it.
LONGEST_REASON = 200


def explain(case: Case) -> Finding:
    """Return the first cause that applies, in the order of `CAUSES`."""
    return next(_found(case))


def explain_all(case: Case) -> tuple[Finding, ...]:
    """Return every cause that applies, the one that counts first, then what was noticed besides."""
    found: dict[Cause, Finding] = {}
    for one in _found(case):
        # Neither what was set by hand nor an archiving hides anything of what content said.
        if set(found) <= BY_HAND | SHUT or one.cause in BESIDES:
            found.setdefault(one.cause, one)
    return tuple(found.values())


def _found(case: Case) -> Iterator[Finding]:
    if case.by_hand is not None:
        yield _by_hand(case.by_hand)
    if (shut := archived(case)) is not None:
        yield shut
    if case.attempt is None:
        yield _nothing_launched(case)
        return
    facts = Facts(case, case.attempt)
    for cause in CAUSES:
        finding = cause(facts)
        if finding is not None:
            yield finding


# The causes, each a question to the facts.


def _by_hand(hand: ByHand) -> Finding:
    values = {
        "title": hand.title,
        "status": hand.status,
        "set_at": stamp(hand.at),
        "who": hand.who,
        "reason": short(hand.reason, most=LONGEST_REASON),
    }
    return Finding(Cause.DONE_BY_HAND if hand.done else Cause.SET_BY_HAND, values)


def _nothing_launched(case: Case) -> Finding:
    if case.closed is not None:
        return _locked(case.closed)
    return Finding(Cause.NEVER_LAUNCHED, {"unit": case.unit})


def _locked(closed: Closed) -> Finding:
    return Finding(Cause.CLOSED if closed.for_good else Cause.LOCKED, {"why": closed.why})


def _course(facts: Facts) -> Finding | None:
    """The unit is done; the course may want more."""
    case = facts.case
    if not case.whole_course or not (facts.done or case.unit_done) or case.course_done:
        return None
    if not case.left:
        return Finding(Cause.COURSE_RULE)
    if case.closed is not None:
        return _locked(case.closed)
    return Finding(Cause.OTHER_UNITS, {"units": ", ".join(f"“{title}”" for title in case.left)})


def _completed(facts: Facts) -> Finding | None:
    attempt, step = facts.attempt, facts.step
    if not facts.done:
        return None
    finishing = next((one for one in facts.puts if step and one.id == step.exchange_id), None)
    # The score that judged it may have come behind the word.
    worded = finishing if finishing and says_status(finishing) else facts.last(says_status)
    values = {
        "at": stamp(step.at if step else attempt.completed_at or attempt.last_at),
        "said": short(worded.value("lesson_status")) if worded else str(attempt.said),
    }
    evidence = points_at(finishing or worded, "lesson_status" if finishing is worded else "score")
    if attempt.status is Status.PASSED and attempt.score is not None:
        values["score"] = number(attempt.score.raw)
        return Finding(Cause.PASSED, values, evidence)
    session = facts.session_by(step.session_id if step else None) or facts.session
    ticket = session.ticket
    if (
        attempt.last_score is None
        and ticket.mastery_score is not None
        and ticket.credit is Credit.CREDIT
    ):
        values["mastery"] = number(ticket.mastery_score)
        return Finding(Cause.COMPLETED_UNJUDGED, values, evidence)
    return Finding(Cause.COMPLETED, values, evidence)


def _never_called(facts: Facts) -> Finding | None:
    session = facts.session
    if session.last_at != session.opened_at:
        return None
    if any(one.session_id == session.id for one in facts.case.exchanges):
        return None
    return Finding(Cause.NEVER_CALLED, {"launched_at": stamp(session.opened_at)})


def _review(facts: Facts) -> Finding | None:
    return _opened_as(facts, Mode.REVIEW, Cause.REVIEW)


def _browse(facts: Facts) -> Finding | None:
    return _opened_as(facts, Mode.BROWSE, Cause.BROWSE)


def _opened_as(facts: Facts, mode: Mode, cause: Cause) -> Finding | None:
    if facts.session.ticket.mode is not mode:
        return None
    ignored = [one for one in facts.case.exchanges if one.session_id == facts.session.id]
    return Finding(cause, {}, points_at(next((one for one in ignored if one.puts), None)))


def _lost(facts: Facts) -> Finding | None:
    """A report that was refused, and that would have changed what is recorded."""
    failed = facts.attempt.status is Status.FAILED
    for one, finding in _refusals(facts):
        # What is incomplete lacks its last word, whatever that was; what has failed does not.
        strange = finding.cause is Cause.UNKNOWN_COMMAND
        if facts.would_change(one) or not (failed or strange):
            return finding
    return None


def _refused(facts: Facts) -> Finding | None:
    """Any other request that was refused."""
    return next((finding for _one, finding in _refusals(facts)), None)


def _refusals(facts: Facts) -> Iterator[tuple[Said, Finding]]:
    for wanted, finding in (
        (lambda one: one.puts and one.error == 3, _session_over),
        (lambda one: one.error == 1 and "too large" in one.error_text, _too_large),
        (lambda one: one.error == 1 and one.command not in KNOWN, _unknown_command),
    ):
        one = facts.refused(wanted)
        if one is not None:
            yield one, finding(facts, one)


def _session_over(facts: Facts, late: Said) -> Finding:
    """Its session was over: taken over, left, or expired."""
    session = facts.session_of(late) or facts.session
    values = {"refused_at": stamp(late.at)}
    evidence = points_at(late, "lesson_status")
    taken = _taken_at(facts, session, late)
    if taken is not None:
        return Finding(Cause.TAKEN_OVER, {**values, "launched_at": stamp(taken)}, evidence)
    if session.exited_at is not None:
        return Finding(
            Cause.AFTER_GRACE, {**values, "exited_at": stamp(session.exited_at)}, evidence
        )
    values |= {"launched_at": stamp(session.opened_at), "heard_at": stamp(session.last_at)}
    return Finding(Cause.EXPIRED, values, evidence)


def _taken_at(facts: Facts, session: Session, late: Said) -> datetime | None:
    """Return when the session was launched that had reported before a report of this one came.

    Within the grace time after ExitAU it is the taker that refuses; behind it the session is over
    in any case, but that a second window wrote says more.
    """
    for one in facts.puts:
        taker = facts.session_of(one)
        if taker is not None and taker.id > session.id and one.id < late.id:
            return taker.opened_at
    # A retake has sessions of its own; the attempt has no more than the id of the first that wrote.
    writer = facts.attempt.writer
    return made_at(writer) if writer and BY_A_NEWER in late.notes else None


def _too_large(_facts: Facts, large: Said) -> Finding:
    values = {"refused_at": stamp(large.at), "reason": large.error_text}
    return Finding(Cause.TOO_LARGE, values, points_at(large))


def _unknown_command(_facts: Facts, strange: Said) -> Finding:
    values = {"command": short(strange.command)}
    return Finding(Cause.UNKNOWN_COMMAND, values, points_at(strange, "lesson_status"))


def _only_asked(facts: Facts) -> Finding | None:
    """Content called, and no report is known of: neither in what was read nor in the record."""
    attempt = facts.attempt
    recorded = attempt.said or attempt.last_score or attempt.location or attempt.suspend_data
    if facts.puts or recorded or attempt.seconds:
        return None
    return Finding(Cause.ONLY_ASKED, {}, points_at(next(iter(facts.case.exchanges), None)))


def _status_unreadable(facts: Facts) -> Finding | None:
    shown = facts.last(lambda one: bool(one.value("lesson_status")))
    if shown is None or says_status(shown):
        return None
    values = {"said": short(shown.value("lesson_status"))}
    return Finding(Cause.STATUS_UNREADABLE, values, points_at(shown, "lesson_status"))


def _no_status(facts: Facts) -> Finding | None:
    if facts.attempt.said is not None:
        return None
    attempt = facts.attempt
    more = attempt.last_score or attempt.seconds or not (attempt.location or attempt.suspend_data)
    cause = Cause.NO_STATUS if more else Cause.ONLY_BOOKMARK
    return Finding(cause, {}, points_at(facts.last(lambda _one: True), "lesson_location"))


def _not_judged(facts: Facts) -> Finding | None:
    """A score waits for its status, unless the newest word for that could not be read."""
    return not_judged(facts) if _status_unreadable(facts) is None else None


def _misread(facts: Facts) -> Finding | None:
    """The newest status is a word of another meaning that begins with a letter of AICC's."""
    shown = facts.last(says_status)
    if facts.done or shown is None or shown.report is None or shown.report.status is None:
        return None
    word = shown.value("lesson_status").partition(",")[0].strip()
    taken = str(shown.report.status)
    if taken.startswith(word.lower()) or taken[:ALIKE] == word.lower()[:ALIKE]:
        return None
    values = {"said": short(word), "taken": taken}
    return Finding(Cause.MISREAD, values, points_at(shown, "lesson_status"))


def _failed(facts: Facts) -> Finding | None:
    """The content said so itself, and meant it."""
    if facts.attempt.status is not Status.FAILED:
        return None
    if below_mastery(facts) is not None or _misread(facts) is not None:
        return None
    shown = facts.last(lambda one: one.report is not None and one.report.status is Status.FAILED)
    return Finding(Cause.FAILED, {}, points_at(shown, "lesson_status"))


def _score_unreadable(facts: Facts) -> Finding | None:
    shown = facts.last(lambda one: bool(one.value("score")))
    if shown is None or says_score(shown):
        return None
    return Finding(
        Cause.SCORE_UNREADABLE, {"score": short(shown.value("score"))}, points_at(shown, "score")
    )


def _time_out(facts: Facts) -> Finding | None:
    if facts.attempt.exit is not Exit.TIME_OUT or facts.done:
        return None
    return Finding(
        Cause.TIME_OUT, {"said": facts.said}, points_at(facts.last(says_status), "lesson_status")
    )


def _no_credit(facts: Facts) -> Finding | None:
    if facts.session.ticket.credit is Credit.CREDIT or facts.session.ticket.mode is not Mode.NORMAL:
        return None
    return Finding(Cause.NO_CREDIT, {}, points_at(facts.last(says_status), "lesson_status"))


def _last_word(facts: Facts) -> Finding | None:
    """What content said last, where nothing else explains more."""
    if facts.attempt.status not in NOT_DONE:
        return None
    evidence = points_at(facts.last(says_status), "lesson_status")
    if facts.attempt.status is Status.NOT_ATTEMPTED:
        return Finding(Cause.UNTOUCHED, {}, evidence)
    if facts.attempt.status is Status.BROWSED:
        return Finding(Cause.LOOKED_AT, {}, evidence)
    session, values = facts.session, {"said": facts.said}
    if session.exited_at is None:
        return Finding(Cause.NO_EXIT, {**values, "heard_at": stamp(session.last_at)}, evidence)
    return Finding(Cause.INCOMPLETE, {**values, "exited_at": stamp(session.exited_at)}, evidence)


def _time_implausible(facts: Facts) -> Finding | None:
    for one in reversed(facts.puts):
        session = facts.session_of(one)
        seconds = one.report.seconds if one.report else None
        if session is None or seconds is None or session.ticket.mode is not Mode.NORMAL:
            continue
        if seconds > Decimal(str((one.at - session.opened_at + TIME_MARGIN).total_seconds())):
            values = {"time": dump_timespan(seconds)}
            return Finding(Cause.TIME_IMPLAUSIBLE, values, points_at(one, "time"))
    return None


def _unknown_session(facts: Facts) -> Finding | None:
    stranger = facts.case.stranger
    if stranger is None:
        return None
    values = {"count": str(stranger.count), "origin": stranger.origin}
    return Finding(Cause.UNKNOWN_SESSION, values)


# In the order in which they count. What is recorded comes first, then what kept reports from being
# taken, then what the reports say.
CAUSES: tuple[Callable[[Facts], Finding | None], ...] = (
    _course,
    _completed,
    _never_called,
    shut_out,
    _review,
    _browse,
    _lost,
    _only_asked,
    _not_judged,
    below_mastery,
    _misread,
    _failed,
    _status_unreadable,
    _no_status,
    _score_unreadable,
    _time_out,
    _no_credit,
    _last_word,
    _refused,
    _time_implausible,
    _unknown_session,
)

# What is worth saying beside another cause; the rest would only repeat it in other words.
BESIDES = frozenset(
    {
        Cause.REVIEW,
        Cause.TAKEN_OVER,
        Cause.AFTER_GRACE,
        Cause.EXPIRED,
        Cause.TOO_LARGE,
        Cause.UNKNOWN_COMMAND,
        Cause.STATUS_UNREADABLE,
        Cause.SCALE,
        Cause.DECIMALS,
        Cause.BELOW_MASTERY,
        Cause.FAILED,
        Cause.SCORE_UNREADABLE,
        Cause.MISREAD,
        Cause.TIME_OUT,
        Cause.NO_CREDIT,
        Cause.NO_EXIT,
        Cause.TIME_IMPLAUSIBLE,
        Cause.UNKNOWN_SESSION,
    }
)
