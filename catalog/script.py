"""The AICC script of .pre and .cmp: read into a program, asked over results. Never eval.

Serves `requirements`, which checks it at import, and `naming`, which asks it for a course. Knows no
file and no course; element ids are just words to it. Nothing here recurses, so that no depth of
parentheses can hurt.

The language (CMI001, chapter on prerequisites), loosest first:

    expression | expression         either
    expression & expression         both
    ~ expression                    not
    ( expression )
    N * { expression, expression }  at least N of them
    id = status                     the element has that status; `<>` has another one
    id                              the element is passed or completed
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from catalog.model import ResultStatus

DONE = frozenset({ResultStatus.PASSED, ResultStatus.COMPLETED})

# "only the first character is significant", as in lesson_status.
_LETTERS = {str(status)[0]: status for status in ResultStatus}

# An authoring tool that wrote the file as XML leaves its escapes behind.
_SIGN = re.compile(r"&amp;|&lt;&gt;|<>|[|&~(){},=]|([0-9]{1,6})\s*\*\s*(?=\{)")
_ESCAPED = {"&amp;": "&", "&lt;&gt;": "<>"}
_BLANK = re.compile(r"\s*")
# An id or a status, bare (it may hold blanks, as in `not attempted`) or in quotes.
_WORD = re.compile(r"\"([^\"]*)\"|'([^']*)'|([^|&~(){},=<>\"']+)")


class ScriptFault(ValueError):
    """A script that does not parse; `column` counts characters from 1."""

    def __init__(self, message: str, column: int) -> None:
        super().__init__(message)
        self.message = message
        self.column = column


class Join(StrEnum):
    """What a step of a program does with the truths before it."""

    EITHER = "|"
    BOTH = "&"
    NOT = "~"


@dataclass(frozen=True, slots=True)
class Condition:
    """One element's status compared. `status` None stands for passed or completed."""

    element: str
    status: ResultStatus | None = None
    negated: bool = False

    def holds(self, statuses: Mapping[str, ResultStatus]) -> bool:
        """Tell whether it is true; an element without a result is not attempted."""
        status = statuses.get(self.element, ResultStatus.NOT_ATTEMPTED)
        wanted = DONE if self.status is None else {self.status}
        return (status in wanted) is not self.negated


@dataclass(frozen=True, slots=True)
class AtLeast:
    """The set operator: true when `number` of the `members` truths before it are."""

    number: int
    members: int


Step = Condition | AtLeast | Join


@dataclass(frozen=True, slots=True)
class Script:
    """A parsed script: steps in postfix order. An empty one asks for nothing."""

    steps: tuple[Step, ...] = ()

    @property
    def elements(self) -> tuple[str, ...]:
        """The ids that it names, each once, in order."""
        named = (step.element for step in self.steps if isinstance(step, Condition))
        return tuple(dict.fromkeys(named))

    def holds(self, statuses: Mapping[str, ResultStatus]) -> bool:
        """Tell whether it is true of these statuses by element id."""
        truths: list[bool] = []
        for step in self.steps:
            if isinstance(step, Condition):
                truths.append(step.holds(statuses))
            elif isinstance(step, AtLeast):
                members = [truths.pop() for _ in range(step.members)]
                truths.append(sum(members) >= step.number)
            elif step is Join.NOT:
                truths.append(not truths.pop())
            else:
                right, left = truths.pop(), truths.pop()
                truths.append((left and right) if step is Join.BOTH else (left or right))
        return truths[0] if truths else True

    def renamed(self, find: Callable[[str], str | None]) -> Script:
        """Return it with every id as `find` has it; an id that it does not find stays."""
        return Script(
            tuple(
                replace(step, element=find(step.element) or step.element)
                if isinstance(step, Condition)
                else step
                for step in self.steps
            )
        )


@dataclass(frozen=True, slots=True)
class _Token:
    sign: str
    text: str
    column: int


@dataclass(slots=True)
class _Open:
    """A parenthesis or a set that waits for its end."""

    sign: str
    column: int
    number: int = 0
    members: int = 1


def parse_script(text: str) -> Script:
    """Parse a script; raises `ScriptFault` with the place and what was expected there.

    Precedence is `~` over `&` over `|`, as in the operator table of the standard.
    """
    tokens = _tokens(text)
    if not tokens:
        return Script()
    return _Parser(tokens, end=len(text) + 1).parse()


def parse_status(text: str) -> ResultStatus | None:
    """Read a status by its first letter, in any case, as CMI001 has it; None for any other word."""
    return _LETTERS.get(text.strip()[:1].lower())


class _Parser:
    """Turns tokens into postfix steps with a stack of what is still open."""

    def __init__(self, tokens: list[_Token], *, end: int) -> None:
        self._tokens = tokens
        self._end = end
        self._steps: list[Step] = []
        self._waiting: list[_Open | Join] = []

    def parse(self) -> Script:
        operand_next = True
        place = 0
        while place < len(self._tokens):
            token = self._tokens[place]
            if operand_next:
                place, operand_next = self._operand(place)
            elif token.sign in {"|", "&"}:
                self._operator(Join(token.sign))
                place, operand_next = place + 1, True
            elif token.sign == ",":
                self._next_member(token)
                place, operand_next = place + 1, True
            elif token.sign in {")", "}"}:
                self._close(token)
                place += 1
            else:
                raise ScriptFault(f"`{token.text}` stands where `&` or `|` belongs", token.column)
        if operand_next:
            raise ScriptFault("the script ends where an element's id belongs", self._end)
        self._settle()
        unclosed = next((one for one in self._waiting if isinstance(one, _Open)), None)
        if unclosed is not None:
            raise ScriptFault(f"`{unclosed.sign}` is never closed", unclosed.column)
        return Script(tuple(self._steps))

    def _operand(self, place: int) -> tuple[int, bool]:
        """Read what may begin an operand; return the next place, and whether an operand follows."""
        token = self._tokens[place]
        if token.sign == "~":
            self._waiting.append(Join.NOT)
            return place + 1, True
        if token.sign == "(":
            self._waiting.append(_Open("(", token.column))
            return place + 1, True
        if token.sign == "*":
            self._waiting.append(_Open("{", token.column, number=int(token.text)))
            return place + 2, True
        if token.sign != "word":
            raise ScriptFault(f"`{token.text}` stands where an element's id belongs", token.column)
        following = self._tokens[place + 1] if place + 1 < len(self._tokens) else None
        if following is None or following.sign not in {"=", "<>"}:
            self._steps.append(Condition(token.text))
            return place + 1, False
        status = self._status(place + 2, behind=following)
        self._steps.append(Condition(token.text, status, negated=following.sign == "<>"))
        return place + 3, False

    def _status(self, place: int, *, behind: _Token) -> ResultStatus:
        token = self._tokens[place] if place < len(self._tokens) else None
        status = parse_status(token.text) if token and token.sign == "word" else None
        if status is None:
            came = f"`{token.text}`" if token else "nothing"
            words = ", ".join(ResultStatus)
            column = token.column if token else self._end
            raise ScriptFault(
                f"{came} stands behind `{behind.text}`; expected one of {words}", column
            )
        return status

    def _operator(self, join: Join) -> None:
        """Let what binds tighter, or as tight and earlier, be done first."""
        self._settle(above=join)
        self._waiting.append(join)

    def _settle(self, above: Join | None = None) -> None:
        while self._waiting and isinstance(top := self._waiting[-1], Join):
            if above is Join.BOTH and top is Join.EITHER:
                return
            self._steps.append(top)
            self._waiting.pop()

    def _next_member(self, token: _Token) -> None:
        self._settle()
        top = self._waiting[-1] if self._waiting else None
        if not isinstance(top, _Open) or top.sign != "{":
            raise ScriptFault("`,` stands outside of a set such as `2*{A1, A2}`", token.column)
        top.members += 1

    def _close(self, token: _Token) -> None:
        self._settle()
        top = self._waiting.pop() if self._waiting else None
        wanted = "(" if token.sign == ")" else "{"
        if not isinstance(top, _Open) or top.sign != wanted:
            raise ScriptFault(f"`{token.sign}` closes nothing", token.column)
        if top.sign == "{":
            self._steps.append(AtLeast(top.number, top.members))


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    place = _skip_blanks(text, 0)
    while place < len(text):
        if match := _SIGN.match(text, place):
            if match[1] is not None:
                tokens.append(_Token("*", match[1], place + 1))
            else:
                sign = _ESCAPED.get(match[0], match[0])
                tokens.append(_Token(sign, sign, place + 1))
        elif match := _WORD.match(text, place):
            word = next(part for part in match.groups() if part is not None).strip()
            tokens.append(_Token("word", word, place + 1))
        else:
            raise ScriptFault(f"`{text[place]}` has no meaning here", place + 1)
        place = _skip_blanks(text, match.end())
    return tokens


def _skip_blanks(text: str, place: int) -> int:
    match = _BLANK.match(text, place)
    return match.end() if match else place
