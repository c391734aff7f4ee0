"""Prerequisites and completion rules in words: what unlocks a unit, and what a script says.

Serves launches, the learner's course page and the admin's. Decides nothing: what holds is the
catalog's to say. The words come from gettext.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from babel.lists import format_list
from flask_babel import get_locale
from flask_babel import gettext as _

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


def until(lock: Lock) -> str:
    """Say what has to come true, to go behind "until": `“Lesson 1” is completed`."""
    titles = {one.element: one.title for one in lock.unmet}
    return _sentence(lock.missing, titles.__getitem__)


def lock_words(lock: Lock, element: str) -> str:
    """Say that an element is locked, and what unlocks it, as a sentence of its own."""
    if lock.element == element:
        return str(_("Locked until %(condition)s.", condition=until(lock)))
    return str(
        _("Locked with “%(around)s” until %(condition)s.", around=lock.title, condition=until(lock))
    )


def refusal(lock: Lock, element: str, *, title: str) -> str:
    """Say why an element of that title is not opened now."""
    if lock.element == element:
        return str(
            _("“%(title)s” is locked until %(condition)s.", title=title, condition=until(lock))
        )
    return str(
        _(
            "“%(title)s” is locked, with all of “%(around)s”, until %(condition)s.",
            title=title,
            around=lock.title,
            condition=until(lock),
        )
    )


def script_words(names: Names, text: str) -> str | None:
    """Say what a script of a course asks for; None where it cannot be read or asks for nothing."""
    script = names.script(text)
    if script is None or not script.steps:
        return None
    return _sentence(plain(script), names.title)


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


def _list(parts: Sequence[str], style: str) -> str:
    return format_list(list(parts), style=style, locale=get_locale() or "en")
