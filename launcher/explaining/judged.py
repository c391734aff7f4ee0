"""What a score has to do with it: judged by mastery and failed, or never judged at all.

Serves `explain`. Pure, as that is: it asks what was judged, when, and by the mastery of which
launch, which is seldom what the newest launch hands out.
"""

from __future__ import annotations

from decimal import Decimal

from hacp.model import Credit, Score, Status
from hacp.rules import FIRST_DECIMAL_VERSION, JUDGED
from launcher.explaining.facts import Facts, points_at, says_score
from launcher.explaining.findings import Cause, Finding
from launcher.explaining.said import Said
from launcher.words import number


def not_judged(facts: Facts) -> Finding | None:
    """The newest score reaches mastery, and the content does not say that it is finished."""
    said, score, mastery = facts.attempt.said, facts.attempt.last_score, facts.mastery
    if facts.done or said is None or said in JUDGED or score is None or mastery is None:
        return None
    if score.raw < mastery or facts.session.ticket.credit is not Credit.CREDIT:
        return None
    values = {"score": number(score.raw), "mastery": number(mastery), "said": facts.said}
    return Finding(Cause.NOT_JUDGED, values, points_at(facts.last(says_score), "score"))


def below_mastery(facts: Facts) -> Finding | None:
    """A score was judged and too low, by the mastery score of the launch in which it was sent."""
    shown = _judged_report(facts)
    judged = _judged(facts, shown)
    if judged is None:
        return None
    score, mastery = judged
    values = {"score": number(score.raw), "mastery": number(mastery)}
    # A score may come before the word with which it was judged.
    report = shown or facts.last(says_score)
    evidence = points_at(report, "score")
    if score.max and score.max < mastery <= (percent := score.raw * 100 / score.max):
        values |= {"max": number(score.max), "percent": number(percent)}
        return Finding(Cause.SCALE, values, evidence)
    version = report.version if report else None
    if version and version < FIRST_DECIMAL_VERSION and mastery - score.raw < 1:
        return Finding(Cause.DECIMALS, {**values, "version": str(version)}, evidence)
    return Finding(Cause.BELOW_MASTERY, values, evidence)


def _judged(facts: Facts, shown: Said | None) -> tuple[Score, Decimal] | None:
    """Return the score that failed the attempt, and the mastery score that it was compared with.

    The score that counts came with the status that counts. Where its report is out of reach, the
    step to *failed* in the attempt's history says the same of the first one that was judged.
    """
    if facts.attempt.status is not Status.FAILED:
        return None
    session, score = None, facts.attempt.score
    if shown is not None:
        session = facts.session_of(shown)
    elif facts.step is not None:
        session, score = facts.session_by(facts.step.session_id), facts.step.score
    if session is None or score is None or session.ticket.credit is not Credit.CREDIT:
        return None
    mastery = session.ticket.mastery_score
    return (score, mastery) if mastery is not None and score.raw < mastery else None


def _judged_report(facts: Facts) -> Said | None:
    """Return the newest report that brought the score that counts, if it is in reach."""

    def brought(one: Said) -> bool:
        report = one.report
        if report is None or report.score is None or report.score != facts.attempt.score:
            return False
        return report.status is None or report.status in JUDGED

    return facts.last(brought)
