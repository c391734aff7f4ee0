"""One exchange read aloud: every field of a request and its reply, with what it means.

Serves the pages that show exchanges. Pure but for gettext: the hacp wing's own parsers say what was
understood; a field of which they understood nothing is in doubt.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from flask_babel import gettext as _
from flask_babel import ngettext

from hacp.fields import parse_decimal, parse_score, parse_status, parse_timespan
from hacp.groups import Groups, parse_groups
from hacp.messages import parse_request
from hacp.model import Command, Exchange, Score
from hacp.tables import parse_table
from launcher.words import duration, exit_words, number, status_words

# A value in a table of fields; all of it stands in the bytes beside.
LONGEST_VALUE = 200
# A report may hold thousands of lines; nobody reads more of them in words.
MOST_FIELDS = 200
_DATA = "aicc_data="
_TABLES = frozenset(
    {
        Command.PUT_COMMENTS,
        Command.PUT_OBJECTIVES,
        Command.PUT_INTERACTIONS,
        Command.PUT_PATH,
        Command.PUT_PERFORMANCE,
    }
)


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that was said: its name in AICC, its value as it stood, and what that means.

    `doubt` tells that it means nothing to us.
    """

    name: str
    value: str
    words: str
    doubt: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """An exchange in plain words: what was asked and what was answered."""

    title: str
    asked: tuple[Field, ...]
    answer: str
    answered: tuple[Field, ...]


# What a value means, and whether it means anything.
Meaning = tuple[str, bool]


def read_exchange(exchange: Exchange, *, cut: bool = False) -> Reading:
    """Read an exchange; of one that is cut, as far as it goes."""
    request = parse_request(
        exchange.request,
        query=exchange.query,
        content_type=exchange.content_type,
        method=exchange.method,
    )
    answer, answered = _reply(exchange.reply.decode("utf-8", "replace"))
    asked = list(_asked(exchange.command, request.aicc_data or ""))
    if request.version is not None:
        asked.insert(0, _field("version", request.version, (_("The AICC version it speaks"), True)))
    if cut:
        asked = [_cut(field) for field in asked]
        answered = tuple(_cut(field) for field in answered)
    return Reading(_title(exchange.command), tuple(asked[:MOST_FIELDS]), answer, answered)


def _cut(field: Field) -> Field:
    """Take back how long suspend data is, where only its beginning was read."""
    return replace(field, words=_("Suspend data")) if field.name == "core_lesson" else field


def _title(command: str) -> str:
    titles = {
        Command.GET_PARAM: _("The content asks for its data."),
        Command.PUT_PARAM: _("The content reports."),
        Command.EXIT_AU: _("The content says goodbye."),
        Command.EXIT_PARAM: _("The content reports and says goodbye."),
        Command.PUT_COMMENTS: _("The content hands in comments."),
        Command.PUT_OBJECTIVES: _("The content hands in objectives."),
        Command.PUT_INTERACTIONS: _("The content hands in answers to questions."),
        Command.PUT_PATH: _("The content hands in the learner's path."),
        Command.PUT_PERFORMANCE: _("The content hands in a table of its own."),
    }
    known = next((words for one, words in titles.items() if one == command), None)
    if known is not None:
        return str(known)
    if command:
        return str(_("The content uses a command that AICC does not have."))
    return str(_("The request could not be understood."))


def _asked(command: str, aicc_data: str) -> Iterator[Field]:
    if not aicc_data:
        return
    table = next((one for one in _TABLES if one == command), None)
    if table is not None:
        rows = len(parse_table(table, aicc_data).records)
        words = ngettext(
            "A table: %(num)d row was understood", "A table: %(num)d rows were understood", rows
        )
        yield _field(_("table"), aicc_data, (words, bool(rows)))
        return
    yield from _fields(parse_groups(aicc_data), _REPORTED)


def _reply(text: str) -> tuple[str, tuple[Field, ...]]:
    """Read the reply's head, and the data behind it where it hands out any."""
    head, _data, data = text.partition(_DATA)
    pairs = dict(line.partition("=")[::2] for line in head.split("\r\n"))
    error, said = pairs.get("error", "").strip(), pairs.get("error_text", "").strip()
    answer = (
        _("All is well.")
        if error == "0"
        else _("Error %(number)s: %(text)s", number=error, text=said)
    )
    return answer, tuple(_fields(parse_groups(data), _HANDED_OUT))[:MOST_FIELDS]


def _fields(groups: Groups, known: Mapping[str, Callable[[str], Meaning]]) -> Iterator[Field]:
    for pairs in groups.keywords.values():
        for name, value in pairs.items():
            stem = name.partition(".")[0]
            meaning = known.get(name, known.get(stem, _unused))
            yield _field(name, value, meaning(value))
    for name, text in groups.texts.items():
        yield _field(name, text, known.get(name, _unused)(text))


def _field(name: str, value: str, meaning: Meaning) -> Field:
    words, understood = meaning
    shown = value if len(value) <= LONGEST_VALUE else f"{value[: LONGEST_VALUE - 1]}…"
    return Field(name, shown, words, doubt=not understood)


# Meanings. Each takes a value and returns its words, and whether it was understood.


def _unused(_value: str) -> Meaning:
    return _("Not used"), True


def _means(words: Callable[[], str]) -> Callable[[str], Meaning]:
    """Return the meaning of a field of which any value is fine."""
    return lambda _value: (words(), True)


def _status(value: str) -> Meaning:
    if not value:
        return _("No status"), True
    said = parse_status(value)
    if said.status is None:
        return _("Not a status that AICC knows"), False
    words = status_words(said.status)
    return (f"{words}; {exit_words(said.exit)}" if said.exit else words), True


def _entry(value: str) -> Meaning:
    word, _comma, flag = value.partition(",")
    said = parse_status(word)
    words = status_words(said.status) if said.status else word
    entries = {
        "ab-initio": _("it begins from the start"),
        "resume": _("it goes on where it was left"),
    }
    return (f"{words}; {entries[flag]}" if flag in entries else words), True


def _score(value: str) -> Meaning:
    if not value:
        return _("No score"), True
    score = parse_score(value.partition(";")[0])
    return (score_words(score), True) if score else (_("Not a number"), False)


def score_words(score: Score) -> str:
    """Say a score with its scale, where it has one."""
    if score.max is None:
        return str(_("Score %(raw)s", raw=number(score.raw)))
    if not score.min:
        return str(_("Score %(raw)s of %(max)s", raw=number(score.raw), max=number(score.max)))
    return str(
        _(
            "Score %(raw)s on a scale from %(min)s to %(max)s",
            raw=number(score.raw),
            min=number(score.min),
            max=number(score.max),
        )
    )


def _span(words: Callable[[str], str]) -> Callable[[str], Meaning]:
    def meaning(value: str) -> Meaning:
        if not value:
            return _("No time"), True
        seconds = parse_timespan(value)
        return (words(duration(seconds)), True) if seconds is not None else (_("Not a time"), False)

    return meaning


def _number(words: Callable[[str], str]) -> Callable[[str], Meaning]:
    def meaning(value: str) -> Meaning:
        known = parse_decimal(value)
        return (words(number(known)), True) if known is not None else (_("Not a number"), False)

    return meaning


def _length(words: Callable[[int], str], nothing: Callable[[], str]) -> Callable[[str], Meaning]:
    return lambda value: (words(len(value)) if value else nothing(), True)


def _letter(words: Mapping[str, Callable[[], str]]) -> Callable[[str], Meaning]:
    """Return the meaning of a word of which the first letter counts."""
    return lambda value: (
        (words[value[:1].lower()](), True) if value[:1].lower() in words else (value, False)
    )


_BOTH: Mapping[str, Callable[[str], Meaning]] = {
    "score": _score,
    "core_lesson": _length(
        lambda count: ngettext(
            "Suspend data, %(num)d character", "Suspend data, %(num)d characters", count
        ),
        lambda: _("No suspend data"),
    ),
    "lesson_location": _length(
        lambda count: ngettext(
            "Bookmark, %(num)d character", "Bookmark, %(num)d characters", count
        ),
        lambda: _("No bookmark"),
    ),
    "j_id": _means(lambda: _("An objective")),
    "j_status": _status,
    "j_score": _score,
    "audio": _means(lambda: _("Preference: loudness, -1 is off")),
    "language": _means(lambda: _("Preference: language")),
    "lesson_type": _means(lambda: _("Preference: kind of lesson")),
    "speed": _means(lambda: _("Preference: speed")),
    "text": _means(lambda: _("Preference: 1 is with text, -1 without")),
    "text_color": _means(lambda: _("Preference: colour of text")),
    "text_location": _means(lambda: _("Preference: place of text")),
    "text_size": _means(lambda: _("Preference: size of text")),
    "video": _means(lambda: _("Preference: video")),
    "window": _means(lambda: _("Preference: a window")),
}
_REPORTED: Mapping[str, Callable[[str], Meaning]] = {
    **_BOTH,
    "lesson_status": _status,
    "time": _span(lambda text: _("%(time)s in this session so far", time=text)),
    "comments": _means(lambda: _("A comment")),
    "tries_during_lesson": _number(lambda text: _("%(count)s tries in this session", count=text)),
    "try_score": _score,
    "try_status": _status,
    "try_time": _span(lambda text: _("%(time)s in this try", time=text)),
}
_HANDED_OUT: Mapping[str, Callable[[str], Meaning]] = {
    **_BOTH,
    "student_id": _means(lambda: _("The learner's student id")),
    "student_name": _means(lambda: _("The learner's name")),
    "credit": _letter(
        {"c": lambda: _("For credit: results count"), "n": lambda: _("Without credit")}
    ),
    "lesson_status": _entry,
    "time": _span(lambda text: _("%(time)s in all sessions before", time=text)),
    "lesson_mode": _letter(
        {
            "n": lambda: _("A normal launch"),
            "b": lambda: _("To browse: no result is recorded"),
            "r": lambda: _("To review: nothing is recorded"),
        }
    ),
    "core_vendor": _length(
        lambda count: ngettext(
            "The course's vendor data, %(num)d character",
            "The course's vendor data, %(num)d characters",
            count,
        ),
        lambda: _("No vendor data"),
    ),
    "course_id": _means(lambda: _("The course's id")),
    "attempt_number": _number(lambda text: _("Attempt %(number)s", number=text)),
    "mastery_score": _number(lambda text: _("Passed at %(score)s and above", score=text)),
    "max_time_allowed": _span(lambda text: _("At most %(time)s in all sessions", time=text)),
    "time_limit_action": _means(lambda: _("What the content does at the time limit")),
}
