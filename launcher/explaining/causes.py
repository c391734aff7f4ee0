"""Every cause that a finding may have, with its title, its sentence and what to do about it.

Serves `findings`. Decides nothing; the words come from gettext when they are read.
"""

from __future__ import annotations

from enum import StrEnum

from flask_babel import lazy_gettext as _


class Cause(StrEnum):
    """Why an attempt or a course stands as it does; the value is what is stored."""

    DONE_BY_HAND = "done-by-hand"
    SET_BY_HAND = "set-by-hand"
    HELD = "held"
    ARCHIVED = "archived"
    SHUT_OUT = "shut-out"
    LOCKED = "locked-until"
    CLOSED = "closed-for-good"
    NEVER_LAUNCHED = "never-launched"
    OTHER_UNITS = "other-units"
    COURSE_RULE = "course-rule"
    COMPLETED_UNJUDGED = "completed-unjudged"
    COMPLETED = "completed"
    PASSED = "passed"
    NEVER_CALLED = "never-called"
    REVIEW = "review"
    BROWSE = "browse"
    TAKEN_OVER = "taken-over"
    AFTER_GRACE = "after-grace"
    EXPIRED = "expired"
    TOO_LARGE = "too-large"
    UNKNOWN_COMMAND = "unknown-command"
    ONLY_ASKED = "only-asked"
    STATUS_UNREADABLE = "status-unreadable"
    ONLY_BOOKMARK = "only-bookmark"
    NO_STATUS = "no-status"
    NOT_JUDGED = "not-judged"
    SCALE = "scale"
    DECIMALS = "decimals"
    BELOW_MASTERY = "below-mastery"
    MISREAD = "misread"
    FAILED = "failed"
    SCORE_UNREADABLE = "score-unreadable"
    TIME_OUT = "time-out"
    NO_CREDIT = "no-credit"
    UNTOUCHED = "untouched"
    LOOKED_AT = "looked-at"
    NO_EXIT = "no-exit"
    INCOMPLETE = "incomplete"
    TIME_IMPLAUSIBLE = "time-implausible"
    UNKNOWN_SESSION = "unknown-session"


# These say that all is well.
WELL = frozenset({Cause.DONE_BY_HAND, Cause.COMPLETED_UNJUDGED, Cause.COMPLETED, Cause.PASSED})
# These are a person's word and not the content's.
BY_HAND = frozenset({Cause.DONE_BY_HAND, Cause.SET_BY_HAND})
# These hold only while the course is archived.
SHUT = frozenset({Cause.HELD, Cause.ARCHIVED})
_SET_BY_HAND = _(
    "“%(title)s” was set to “%(status)s” by hand on %(set_at)s by %(who)s, for this reason:"
    " “%(reason)s”."
)

# title, sentence, what to do. A title stands in narrow columns; a sentence stays true however long
# ago it was found.
WORDS = {
    Cause.DONE_BY_HAND: (
        _("Set by hand"),
        _SET_BY_HAND,
        _("Nothing has to be done. What the content said is kept beside it."),
    ),
    Cause.SET_BY_HAND: (
        _("Set by hand"),
        _SET_BY_HAND,
        _("It counts until it is withdrawn; what the content said is kept and counts again then."),
    ),
    Cause.HELD: (
        _("Archived meanwhile, work is held"),
        _(
            "The course was archived on %(archived_at)s while the learner was in the middle of it:"
            " what the content has sent since then (messages: %(held)s) is kept and does not count"
            " yet."
        ),
        _(
            "Reactivate the course: what is held is credited then, as of the moment at which it"
            " came. The page of the attempt says what it will amount to."
        ),
    ),
    Cause.ARCHIVED: (
        _("Archived meanwhile"),
        _(
            "The course was archived on %(archived_at)s, before this was complete; nobody can"
            " launch it since."
        ),
        _("Reactivate the course if it is still needed: the learner goes on where they were."),
    ),
    Cause.SHUT_OUT: (
        _("Archived before it began"),
        _(
            "It was launched on %(launched_at)s, the course was archived before its content had"
            " said anything, and what it said on %(refused_at)s was refused."
        ),
        _("Have the learner launch it again. Nothing that counts was lost."),
    ),
    Cause.LOCKED: (
        _("Locked"),
        # The words of the launch that is refused, as they were when this was found.
        "%(why)s",
        _("Have the learner see to that first. If it was done, open it and see why it is not."),
    ),
    Cause.CLOSED: (
        _("Locked for good"),
        "%(why)s",
        _(
            "Nothing that the learner does opens it again: set its status by hand, or ask the"
            " vendor whether the course is meant so."
        ),
    ),
    Cause.NEVER_LAUNCHED: (
        _("Never launched"),
        _("The learner has never launched “%(unit)s”."),
        _("Remind the learner; the course stands on their home page."),
    ),
    Cause.OTHER_UNITS: (
        _("Other units are left"),
        _("What was begun is done, but the course has more units that are not: %(units)s."),
        _("Have the learner open the units that are left, or see below why one did not count."),
    ),
    Cause.COURSE_RULE: (
        _("The course's own rule is not met"),
        _("Every unit is done, but the course's own completion rule (.cmp) is not met."),
        _("Ask the vendor what its rule wants, or to leave the rule out of the package."),
    ),
    Cause.COMPLETED_UNJUDGED: (
        _("Done, without a score"),
        _(
            "The content said “%(said)s” on %(at)s and never sent a score that can be read, so the"
            " mastery score %(mastery)s was not applied: its word counts."
        ),
        _("Nothing, if completion is enough. If the score matters, ask the vendor to report it."),
    ),
    Cause.COMPLETED: (
        _("Completed"),
        _("Completed on %(at)s: the content said “%(said)s”."),
        _("Nothing has to be done."),
    ),
    Cause.PASSED: (
        _("Passed"),
        _("Passed on %(at)s with the score %(score)s; the content said “%(said)s”."),
        _("Nothing has to be done."),
    ),
    Cause.NEVER_CALLED: (
        _("Content never called"),
        _("It was launched on %(launched_at)s, and its content has not called since."),
        _(
            "Launch it once yourself in the learner's network: usually a pop-up or the content's"
            " address is blocked, or the vendor had no free seat and showed a page of its own."
        ),
    ),
    Cause.REVIEW: (
        _("Opened for review"),
        _("The last launch was a review, and a review records nothing, whatever the content says."),
        _(
            "What was recorded before stands. For another result the learner has to press Retake,"
            " where the course allows it."
        ),
    ),
    Cause.BROWSE: (
        _("Only browsed"),
        _("The last launch was to browse, which records that it was looked at and no result."),
        _("Have the learner launch it from their home page, for credit."),
    ),
    Cause.TAKEN_OVER: (
        _("A second window took over"),
        _(
            "It was launched again on %(launched_at)s, and the first window's report on"
            " %(refused_at)s was refused because the second had taken over."
        ),
        _("Have the learner close all windows, launch once, and finish in that window."),
    ),
    Cause.AFTER_GRACE: (
        _("Reported after leaving"),
        _(
            "The content said goodbye (ExitAU) on %(exited_at)s and reported again on"
            " %(refused_at)s, after the time that is allowed for late messages."
        ),
        _(
            "Have the learner launch it again and finish. If the content always does this, tell"
            " the vendor; HACP_SESSION_GRACE_MINUTES allows more time meanwhile."
        ),
    ),
    Cause.EXPIRED: (
        _("Session had expired"),
        _(
            "The content reported on %(refused_at)s, after its session had expired: it was launched"
            " on %(launched_at)s and last heard of on %(heard_at)s."
        ),
        _(
            "Have the learner launch it again and finish. HACP_SESSION_SILENCE_HOURS and"
            " HACP_SESSION_LIFETIME_DAYS say how long a session lives."
        ),
    ),
    Cause.TOO_LARGE: (
        _("Report too large"),
        _("The content's report on %(refused_at)s was refused: %(reason)s."),
        _("Hand this to the vendor: its suspend data is far above what the standard allows."),
    ),
    Cause.UNKNOWN_COMMAND: (
        _("Unknown command"),
        _(
            "The content used the command “%(command)s”, which AICC does not have, so nothing of it"
            " was recorded."
        ),
        _("Hand this to the vendor: results belong into PutParam."),
    ),
    Cause.ONLY_ASKED: (
        _("No result was reported"),
        _("The content has called, but never reported a status, a score or a place (PutParam)."),
        _(
            "Have the learner go on past the first page. If that changes nothing, hand this to the"
            " vendor: the content never sent a PutParam."
        ),
    ),
    Cause.STATUS_UNREADABLE: (
        _("Status cannot be read"),
        _("The content says the status “%(said)s”, which is not one that AICC knows."),
        _("Hand this to the vendor: lesson_status has to be one of the six words of CMI001."),
    ),
    Cause.ONLY_BOOKMARK: (
        _("Only a bookmark"),
        _("The content has saved where the learner is, but never a status."),
        _(
            "Have the learner go on to the end. If the content still sends no status there, hand"
            " this to the vendor."
        ),
    ),
    Cause.NO_STATUS: (
        _("Status never sent"),
        _("The content reports, but has never sent a status."),
        _("Hand this to the vendor: a PutParam has to say lesson_status."),
    ),
    Cause.NOT_JUDGED: (
        _("Score reached, not finished"),
        _(
            "The score %(score)s reaches the mastery score %(mastery)s, but the content says"
            " “%(said)s”: a score counts only once the content says that it is finished."
        ),
        _("Have the learner go on to the content's last page and leave there by its own button."),
    ),
    Cause.SCALE: (
        _("Score on another scale"),
        _(
            "The content sent %(score)s of %(max)s, which is %(percent)s %%, but the mastery score"
            " %(mastery)s is compared with the %(score)s."
        ),
        _(
            "Set the mastery score on the content's own scale (the course's page, What counts), or"
            " ask the vendor to score to 100."
        ),
    ),
    Cause.DECIMALS: (
        _("Decimals dropped"),
        _(
            "The score %(score)s is less than a point below the mastery score %(mastery)s, and the"
            " content speaks AICC version %(version)s, which has no decimals."
        ),
        _(
            "Set the mastery score to a whole number (the course's page, What counts), or ask the"
            " vendor for AICC 3.5 or later."
        ),
    ),
    Cause.BELOW_MASTERY: (
        _("Score below mastery"),
        _("The score %(score)s is below the mastery score %(mastery)s."),
        _("Have the learner launch it again and try for a better score."),
    ),
    Cause.MISREAD: (
        _("Status word misread"),
        _(
            "The content says the status “%(said)s”; only the first letter of a status counts, so"
            " it was taken for “%(taken)s”."
        ),
        _("Hand this to the vendor: lesson_status has to be one of the six words of CMI001."),
    ),
    Cause.FAILED: (
        _("Content said failed"),
        _("The content itself said “failed”; no mastery score of ours was involved."),
        _("Have the learner launch it again and try once more."),
    ),
    Cause.SCORE_UNREADABLE: (
        _("Score cannot be read"),
        _("The content says the score “%(score)s”, which is not a number."),
        _("Hand this to the vendor: score is a number, or raw,max,min."),
    ),
    Cause.TIME_OUT: (
        _("Time ran out"),
        _("The content ended because the time allowed was over, and said “%(said)s”."),
        _("Have the learner launch it again; the .au file's max_time_allowed sets the time."),
    ),
    Cause.NO_CREDIT: (
        _("Launched without credit"),
        _(
            "The last launch was without credit, so no mastery score was applied and the content"
            " need not finish."
        ),
        _("Have the learner launch it from their home page, for credit."),
    ),
    Cause.UNTOUCHED: (
        _("Content says not attempted"),
        _("The content has reported, but says itself that nothing was attempted."),
        _("Have the learner go on past the first page; then it should say more."),
    ),
    Cause.LOOKED_AT: (
        _("Content says browsed"),
        _("The content says that it was only browsed, although it was launched for credit."),
        _("Have the learner work through it; if it still says so, hand this to the vendor."),
    ),
    Cause.NO_EXIT: (
        _("Incomplete, not left"),
        _(
            "The content last said “%(said)s”. It was last heard of on %(heard_at)s and has not"
            " said goodbye (ExitAU): it is still open, or its window was closed before the end."
        ),
        _("Have the learner launch it again, finish, and leave by the content's own exit button."),
    ),
    Cause.INCOMPLETE: (
        _("Content said incomplete"),
        _("The content said “%(said)s” last, and then left in good order on %(exited_at)s."),
        _(
            "Have the learner launch it again and finish it. If they have, ask the vendor what it"
            " takes for the content to say completed."
        ),
    ),
    Cause.TIME_IMPLAUSIBLE: (
        _("Time not believed"),
        _("The content reported %(time)s of time, more than had passed since the launch."),
        _("Nothing: only the time that had passed was counted."),
    ),
    Cause.UNKNOWN_SESSION: (
        _("Posts with an unknown session"),
        _(
            "%(count)s requests came from the same content address (%(origin)s) with a session id"
            " that this academy never gave; they may be this learner's."
        ),
        _(
            "Hand this to the vendor: the content has to send AICC_SID back exactly as it was"
            " launched with."
        ),
    ),
}
