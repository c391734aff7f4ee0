"""Prerequisites and completion rules in words: what unlocks a unit, and what a script says.

Serves launches, the learner's course page and the admin's. Decides nothing: what holds is the
catalog's to say. The words come from gettext.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from babel.lists import format_list
from flask.sansio.app import App
from flask_babel import get_locale
from flask_babel import gettext as _

from catalog.model import Course, ResultStatus
from catalog.naming import Names
from catalog.needs import Need, plain
from catalog.prerequisites import Lock
from catalog.script import AtLeast, Condition
from launcher.words import status_words

# Nobody reads a longer sentence. Also bounds how deep its brackets can be nested.
MAX_STEPS = 40

TitleOf = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class _Phrase:
    """A part of a sentence. `title` is set where it says no more than that this is completed."""

    text: str
    title: str | None = None
    group: bool = False


def lock_words(lock: Lock, element: str) -> str:
    """Say that an element is locked, and what unlocks it, as a sentence of its own."""
    facts = {"around": lock.title, "condition": _condition_of(lock)}
    own = lock.element == element
    if for_good(lock):
        if own:
            return str(_("Locked: it was open only while %(condition)s.", **facts))
        return str(_("Locked: “%(around)s” was open only while %(condition)s.", **facts))
    if own:
        return str(_("Locked until %(condition)s.", **facts))
    return str(_("Locked with “%(around)s” until %(condition)s.", **facts))


def refusal(lock: Lock, element: str, *, title: str) -> str:
    """Say why an element of that title is not opened now."""
    facts = {"title": title, "around": lock.title, "condition": _condition_of(lock)}
    if for_good(lock):
        facts["title"] = lock.title
        return str(_("“%(title)s” is locked: it was open only while %(condition)s.", **facts))
    if lock.element == element:
        return str(_("“%(title)s” is locked until %(condition)s.", **facts))
    return str(_("“%(title)s” is locked, with all of “%(around)s”, until %(condition)s.", **facts))


@dataclass(frozen=True, slots=True)
class Rule:
    """A script of a course as written, and in words; `words` None where it cannot be read.

    `result` is the status that a rule of .cmp gives; None for a prerequisite.
    """

    script: str
    words: str | None
    result: str | None = None


def rules(course: Course) -> dict[str, list[Rule]]:
    """Return the scripts of a course by element: its prerequisite, then its rules of .cmp."""
    names = Names(course)
    found: dict[str, list[Rule]] = {}
    for element, script in course.prerequisites.items():
        found.setdefault(element, []).append(Rule(script, script_words(names, script)))
    for row in course.completions:
        if row.requirement:
            rule = Rule(row.requirement, script_words(names, row.requirement), row.result)
            found.setdefault(row.element, []).append(rule)
    return found


def script_words(names: Names, text: str) -> str | None:
    """Say what a script of a course asks for; None where it cannot be read or asks for nothing."""
    script = names.script(text)
    if script is None or not script.steps:
        return None
    return _sentence(plain(script), names.title)


def teach(app: App) -> None:
    """Give the templates the words for locks."""
    app.jinja_env.filters["lock_words"] = lock_words


def for_good(lock: Lock) -> bool:
    """Tell whether a learner has left behind what an element asks for: nothing is ever undone."""
    return all(one.negated and one.status in {None, ResultStatus.PASSED} for one in lock.unmet)


def _condition_of(lock: Lock) -> str:
    """Say what has to come true: `“Lesson 1” is completed`."""
    titles = {one.element: one.title for one in lock.unmet}
    return _sentence(lock.missing, titles.__getitem__)


def _sentence(needs: Sequence[Need], title_of: TitleOf) -> str:
    """Put needs into one sentence, groups inside of groups in brackets."""
    if len(needs) > MAX_STEPS:
        count = sum(isinstance(step, Condition) for step in needs)
        return str(_("enough of %(count)d conditions are met", count=count))
    phrases: list[_Phrase] = []
    for step in needs:
        if isinstance(step, AtLeast):
            cut = len(phrases) - step.members
            phrases[cut:] = [_group(step, phrases[cut:])]
        else:
            phrases.append(_condition(step, title_of(step.element)))
    return phrases[-1].text


def _condition(condition: Condition, title: str) -> _Phrase:
    if condition.status is None:
        if condition.negated:
            return _Phrase(_("“%(title)s” is not completed", title=title))
        return _Phrase(_("“%(title)s” is completed", title=title), title)
    if condition.status is ResultStatus.PASSED and not condition.negated:
        return _Phrase(_("“%(title)s” is passed", title=title))
    status = status_words(condition.status)
    if condition.negated:
        return _Phrase(
            _("“%(title)s” has another status than “%(status)s”", title=title, status=status)
        )
    return _Phrase(_("“%(title)s” has the status “%(status)s”", title=title, status=status))


def _group(gate: AtLeast, members: Sequence[_Phrase]) -> _Phrase:
    titles = [_("“%(title)s”", title=one.title) for one in members if one.title is not None]
    if len(titles) == len(members):
        return _Phrase(_completed(gate, titles), group=True)
    texts = [f"({one.text})" if one.group else one.text for one in members]
    if gate.number == gate.members:
        return _Phrase(_list(texts, "standard"), group=True)
    if gate.number == 1:
        return _Phrase(_list(texts, "or"), group=True)
    among = _list(texts, "standard")
    return _Phrase(
        _("at least %(number)d of these: %(among)s", number=gate.number, among=among), group=True
    )


def _completed(gate: AtLeast, titles: Sequence[str]) -> str:
    """Say of several titles at once that they are completed."""
    if gate.number == gate.members:
        return str(_("%(titles)s are completed", titles=_list(titles, "standard")))
    if gate.number == 1:
        return str(_("%(titles)s is completed", titles=_list(titles, "or")))
    return str(
        _(
            "at least %(number)d of %(titles)s are completed",
            number=gate.number,
            titles=_list(titles, "standard"),
        )
    )


def _list(parts: Sequence[str], style: Literal["standard", "or"]) -> str:
    return format_list(list(parts), style=style, locale=get_locale() or "en")
