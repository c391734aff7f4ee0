"""How pages say what is recorded: status, score, time and moments in words for people.

Serves all templates as filters (`app.jinja_env.filters`). Reads nothing and decides nothing; the
words themselves come from gettext.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from flask.sansio.app import App
from flask_babel import format_datetime, format_decimal, get_locale, gettext, lazy_gettext, ngettext

from catalog.availability import returns_by_itself
from catalog.model import Archived, ArchiveReason
from launcher.opensesame.words import FILTERS as OPENSESAME_FILTERS
from launcher.pictures import picture

# `lesson_status` in plain words. "Not passed" and not "Failed": the learner may try again.
STATUS_WORDS = {
    "not attempted": lazy_gettext("Not started"),
    "browsed": lazy_gettext("Looked at"),
    "incomplete": lazy_gettext("In progress"),
    "failed": lazy_gettext("Not passed"),
    "completed": lazy_gettext("Completed"),
    "passed": lazy_gettext("Passed"),
}

EXIT_WORDS = {
    "": lazy_gettext("Normal exit"),
    "suspend": lazy_gettext("Suspended, to be resumed"),
    "logout": lazy_gettext("Logged out"),
    "time-out": lazy_gettext("Time ran out"),
}

PHASE_WORDS = {
    "launched": lazy_gettext("Launched, not heard from yet"),
    "talking": lazy_gettext("Talking"),
    "exited": lazy_gettext("Exited"),
    "overtaken": lazy_gettext("Overtaken by a newer session"),
    "closed": lazy_gettext("Exited"),
    "expired": lazy_gettext("Expired"),
    "barred": lazy_gettext("Archived before it began"),
}

# `type_interaction`, and `result` of an answer.
QUESTION_WORDS = {
    "true-false": lazy_gettext("True or false"),
    "choice": lazy_gettext("Choice"),
    "fill-in": lazy_gettext("Fill in"),
    "matching": lazy_gettext("Matching"),
    "performance": lazy_gettext("Performance"),
    "sequencing": lazy_gettext("Putting in order"),
    "likert": lazy_gettext("Opinion"),
    "numeric": lazy_gettext("Number"),
    "unique": lazy_gettext("Unique"),
}
VERDICT_WORDS = {
    "correct": lazy_gettext("Correct"),
    "wrong": lazy_gettext("Wrong"),
    "unanticipated": lazy_gettext("Unexpected"),
    "neutral": lazy_gettext("Neutral"),
}

# Why a course was archived, for administrators.
ARCHIVE_WORDS = {
    ArchiveReason.REMOVED: lazy_gettext("OpenSesame took it off the list; archived on %(at)s."),
    ArchiveReason.INACTIVE: lazy_gettext(
        "It became inactive at OpenSesame: its publisher retired it, or its licence ended; archived"
        " on %(at)s."
    ),
    ArchiveReason.ADMIN: lazy_gettext("%(name)s archived it on %(at)s."),
}


def archived_words(archived: Archived, name: str = "") -> str:
    """Say why a course is archived, since when, and where an admin did it, who (by `name`)."""
    facts = {"at": moment(archived.at), "name": name or gettext("An administrator")}
    return str(ARCHIVE_WORDS[archived.reason]) % facts


def status_words(status: str) -> str:
    """Say a status in plain words."""
    return str(STATUS_WORDS.get(status, status))


def exit_words(exit_: str) -> str:
    """Say how content left."""
    return str(EXIT_WORDS.get(exit_, exit_))


def phase_words(phase: str) -> str:
    """Say where a session stands."""
    return str(PHASE_WORDS.get(phase, phase))


def question_words(question: str) -> str:
    """Say what kind of question it was."""
    return str(QUESTION_WORDS.get(question, question))


def verdict_words(verdict: str) -> str:
    """Say what content made of an answer."""
    return str(VERDICT_WORDS.get(verdict, verdict))


def duration(seconds: float | Decimal | None) -> str:
    """Say a length of time with its two largest units: `2 h 5 min`, `4 min 10 s`, `9 s`."""
    whole = int(seconds or 0)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    if hours:
        return str(gettext("%(hours)d h %(minutes)d min", hours=hours, minutes=minutes))
    if minutes:
        return str(gettext("%(minutes)d min %(seconds)d s", minutes=minutes, seconds=rest))
    return str(gettext("%(seconds)d s", seconds=rest))


def in_minutes(length: timedelta | None) -> str:
    """Say how long a course takes: nobody who chooses one counts its seconds."""
    if length is None:
        return ""
    minutes = max(1, int(length.total_seconds()) // 60)
    return str(ngettext("%(num)d minute", "%(num)d minutes", minutes))


def whole(count: int) -> str:
    """Say how many, with the reader's own marks between thousands."""
    return str(format_decimal(count))


def moment(at: datetime | None) -> str:
    """Say a point in time in UTC, with the zone."""
    if at is None:
        return ""
    return str(format_datetime(at.astimezone(UTC), "d MMM y, HH:mm 'UTC'", rebase=False))


def moment_exact(at: datetime | None) -> str:
    """Say a point in time in UTC to the second, with the zone: for the record of a conversation."""
    if at is None:
        return ""
    return str(format_datetime(at.astimezone(UTC), "d MMM y, HH:mm:ss 'UTC'", rebase=False))


def number(value: float | Decimal | None) -> str:
    """Write a score without the zeros that say nothing: `80`, `66.67`, `0.5`."""
    if value is None:
        return ""
    return f"{Decimal(str(value)):.2f}".rstrip("0").rstrip(".")


def percent(value: float | None) -> str:
    """Write a score between 0 and 100 with its sign, or a dash while there is none."""
    return "–" if value is None else f"{number(value)} %"


def tries(count: int) -> str:
    """Say how many attempts."""
    return str(ngettext("%(num)d attempt", "%(num)d attempts", count))


def initials(name: str) -> str:
    """Give the two letters that stand for `Last, First` in a round picture."""
    last, _, first = name.partition(",")
    letters = [part.strip()[:1] for part in (first, last)]
    return "".join(letters).upper() or "?"


def first_name(name: str) -> str:
    """Give the part of `Last, First` by which a person is greeted."""
    last, _, first = name.partition(",")
    return first.strip() or last.strip()


FILTERS: dict[str, Callable[..., object]] = {
    "archived_words": archived_words,
    "returns_by_itself": returns_by_itself,
    "status_words": status_words,
    "exit_words": exit_words,
    "phase_words": phase_words,
    "question_words": question_words,
    "verdict_words": verdict_words,
    "duration": duration,
    "in_minutes": in_minutes,
    "whole": whole,
    "moment": moment,
    "moment_exact": moment_exact,
    "number": number,
    "percent": percent,
    "tries": tries,
    "initials": initials,
    "first_name": first_name,
}


def teach(app: App) -> None:
    """Give the templates these filters, the picture of a course and the language of the page."""
    app.jinja_env.filters.update({**FILTERS, **OPENSESAME_FILTERS})
    app.jinja_env.globals.update(picture=picture, get_locale=get_locale)
