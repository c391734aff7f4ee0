"""The groups of aicc_data: `[name]` lines with keywords or free text below, split and joined.

Serves `messages`. Knows the names of groups, not the meaning of what stands in them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

# CMI001 section 6. In these the text below the header is one value ("free-form")...
FREE_FORM = frozenset({"core_lesson", "core_vendor", "comments"})
# ...and in these it is `keyword=value` lines, where a line that begins with `;` is a comment.
KEYWORDS = frozenset(
    {
        "core",
        "evaluation",
        "objectives_status",
        "student_data",
        "student_demographics",
        "student_preferences",
    }
)

# A line of any of the three line ends seen, with its end. str.splitlines() knows more ends than the
# standard and would cut suspend data at a form feed.
_LINE = re.compile(r"([^\r\n]*)(\r\n|\r|\n|\Z)")
# "Leading and trailing whitespace (carriage-returns, tabs, spaces) are not included."
OUTER = " \t\r\n"


@dataclass(frozen=True, slots=True)
class Groups:
    """aicc_data, split. Names and keywords are in lower case; an absent group is not there.

    Where a group or a keyword comes twice, "only the first instance is significant".
    """

    keywords: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    tolerated: tuple[str, ...] = ()


def parse_groups(text: str) -> Groups:
    """Split aicc_data into its groups; see `dump_groups`.

    Only the line of a *known* group begins one: suspend data often begins with a bracket, which the
    standard forbids and content does all the same. Keywords before any header count as [core].
    """
    keywords: dict[str, dict[str, str]] = {}
    texts: dict[str, str] = {}
    tolerated: list[str] = []
    for name, body in _sections(text):
        if name in FREE_FORM:
            texts.setdefault(name, body.strip(OUTER))
        elif name and name not in keywords:
            keywords[name] = _pairs(body, name=name, tolerated=tolerated)
        elif not name and (pairs := _pairs(body, name="core", tolerated=tolerated)):
            tolerated.append("keywords stand before any group and count as [core]")
            keywords["core"] = pairs
    return Groups(keywords, texts, tuple(tolerated))


def dump_groups(groups: Iterable[tuple[str, str | Mapping[str, str]]]) -> str:
    """Join groups: a mapping as `keyword=value` lines, a text as it is. See `parse_groups`.

    Every line ends in CRLF (iSpring never reads an unended last line); a keyword's value is one
    line, so that a name or a location cannot smuggle in a line of its own.
    """
    lines: list[str] = []
    for name, body in groups:
        lines.append(f"[{name}]")
        if isinstance(body, str):
            lines.extend([body] if body else [])
        else:
            lines.extend(f"{keyword}={_one_line(value)}" for keyword, value in body.items())
    return "".join(f"{line}\r\n" for line in lines)


def _sections(text: str) -> Iterator[tuple[str, str]]:
    """Yield (group name, text below it) in order; the name is empty before the first header."""
    name, start = "", 0
    for match in _LINE.finditer(text):
        found = _header(match[1])
        if found:
            yield name, text[start : match.start()]
            name, start = found, match.end()
    yield name, text[start:]


def _header(line: str) -> str:
    line = line.strip(OUTER)
    if not (line.startswith("[") and line.endswith("]")):
        return ""
    name = line[1:-1].strip().lower()
    return name if name in FREE_FORM or name in KEYWORDS else ""


def _pairs(body: str, *, name: str, tolerated: list[str]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    passed_over: list[str] = []
    for match in _LINE.finditer(body):
        line = match[1].strip(OUTER)
        if not line or line.startswith(";"):
            continue
        keyword, equals, value = line.partition("=")
        if equals:
            pairs.setdefault(keyword.strip(OUTER).lower(), value.strip(OUTER))
        else:
            passed_over.append(line[:64])
    if passed_over:
        # One note, however many: a megabyte of such lines must not become many of notes.
        tolerated.append(
            f"lines of [{name}] without `=` were passed over: {len(passed_over)}, "
            f"the first `{passed_over[0]}`"
        )
    return pairs


def _one_line(value: str) -> str:
    return value.replace("\r\n", " ").replace("\r", " ").replace("\n", " ")
