"""The .crs file: an INI text that says what a course is called and who made it.

Serves `course`. Counts in the file (Total_AUs and so on) are often wrong and are not read.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from catalog.errors import Findings, quote_value
from catalog.files.decoding import single_line, split_lines
from catalog.files.values import MAX_IDENTIFIER

# Max_Normal is 1 to 99; real files also say 0. Four digits leave room for the careless.
_MAX_NORMAL_DIGITS = 4

_DESCRIPTION = "course_description"
# A line in brackets ends the description only when it names one of these: text may hold `[sic]`.
_GROUPS = {
    "course": "course",
    "course_behavior": "course_behavior",
    "course_behaviour": "course_behavior",
    _DESCRIPTION: _DESCRIPTION,
}


@dataclass(frozen=True, slots=True)
class CrsFile:
    """What .crs says. `title` falls back to the course id; `max_normal` 0 means no limit."""

    course_id: str
    title: str
    creator: str = ""
    system: str = ""
    level: str = ""
    version: str = ""
    max_normal: int = 0
    description: str = ""


@dataclass(slots=True)
class _Groups:
    """What stands where: the first line of each keyword by group, and the free text."""

    values: dict[tuple[str, str], tuple[str, int]] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    description: list[str] = field(default_factory=list)

    def value(self, group: str, name: str) -> str:
        return self.values.get((group, name), ("", 0))[0]

    def line(self, group: str, name: str) -> int | None:
        return self.values.get((group, name), ("", None))[1]


def parse_crs(text: str, *, file: str, findings: Findings) -> CrsFile:
    """Read a .crs text; `dump_crs` writes it.

    Group names and keywords match in any case, with blanks or underscores inside, indented, with
    blanks around `=`. Of a keyword that comes twice the first counts.
    """
    groups = _read_groups(text, file=file, findings=findings)
    if "course" not in groups.seen:
        findings.error(
            "There is no [Course] group.",
            "Put the line [Course] above Course_ID and Course_Title.",
            file=file,
        )
    course_id = single_line(groups.value("course", "course_id"))
    title = single_line(groups.value("course", "course_title"))
    if "course" in groups.seen:
        _check_names(course_id, title, groups=groups, file=file, findings=findings)
    return CrsFile(
        course_id=course_id,
        title=title or course_id,
        creator=groups.value("course", "course_creator"),
        system=groups.value("course", "course_system"),
        level=groups.value("course", "level"),
        version=groups.value("course", "version"),
        max_normal=_max_normal(groups, file=file, findings=findings),
        description="\n".join(line.rstrip() for line in groups.description).strip(),
    )


def dump_crs(crs: CrsFile) -> str:
    """Write a .crs text with CRLF; `parse_crs` reads it. Counts are left out: none is trusted."""
    lines = [
        "[Course]",
        f"Course_Creator={crs.creator}",
        f"Course_ID={crs.course_id}",
        f"Course_System={crs.system}",
        f"Course_Title={crs.title}",
        f"Level={crs.level}",
        f"Version={crs.version}",
        "[Course_Behavior]",
        f"Max_Normal={crs.max_normal}",
        "[Course_Description]",
        *crs.description.split("\n"),
    ]
    return "".join(f"{line}\r\n" for line in lines)


def _read_groups(text: str, *, file: str, findings: Findings) -> _Groups:
    groups = _Groups()
    current = ""
    for number, line in enumerate(split_lines(text), start=1):
        name = _group_name(line, inside=current)
        if name is not None:
            current = name
            groups.seen.add(name)
        elif current == _DESCRIPTION:
            groups.description.append(line)
        elif line.strip() and not line.lstrip().startswith(";"):
            _read_keyword(line, number, group=current, groups=groups, file=file, findings=findings)
    return groups


def _group_name(line: str, *, inside: str) -> str | None:
    """Return the group that a line opens; None when it opens none."""
    stripped = line.strip()
    if not (stripped.startswith("[") and stripped.endswith("]")):
        return None
    written = _keyword(stripped[1:-1])
    known = _GROUPS.get(written)
    return written if known is None and inside != _DESCRIPTION else known


def _keyword(text: str) -> str:
    """Siebel's own page writes `[Course Behavior]` with a blank."""
    return "_".join(text.lower().replace("_", " ").split())


def _read_keyword(
    line: str, number: int, *, group: str, groups: _Groups, file: str, findings: Findings
) -> None:
    name, equals, value = line.partition("=")
    if not equals or not group:
        findings.warn(
            f"The line {quote_value(line.strip())} "
            + ("is not a keyword with its value" if group else "stands before the first group")
            + " and was left out.",
            "Write Keyword=value below a group such as [Course].",
            file=file,
            line=number,
        )
        return
    key = (group, _keyword(name))
    if key not in groups.values:
        groups.values[key] = (_unquoted(value.strip()), number)
    elif groups.values[key][0] != _unquoted(value.strip()):
        findings.warn(
            f"{name.strip()} comes twice; the first, in line {groups.values[key][1]}, counts.",
            "Take one of the two lines out.",
            file=file,
            line=number,
        )


def _unquoted(value: str) -> str:
    """Take off a pair of quotes around the whole value, as Windows does when it reads INI files."""
    inner = value[1:-1]
    if len(value) >= 2 and value[0] == value[-1] == '"' and '"' not in inner:
        return inner.strip()
    return value


def _check_names(
    course_id: str, title: str, *, groups: _Groups, file: str, findings: Findings
) -> None:
    line = groups.line("course", "course_id")
    if not course_id:
        findings.error(
            "Course_ID is missing." if line is None else "Course_ID is empty.",
            "Write Course_ID=... in the [Course] group.",
            file=file,
            line=line,
            column="Course_ID",
        )
    if len(course_id) > MAX_IDENTIFIER:
        findings.error(
            f"Course_ID has {len(course_id)} characters, at most {MAX_IDENTIFIER} are allowed.",
            "Shorten it.",
            file=file,
            line=line,
            column="Course_ID",
        )
    if not title:
        findings.warn(
            "Course_Title is missing; the Course_ID stands in for it.",
            "Write Course_Title=... in the [Course] group.",
            file=file,
            line=groups.line("course", "course_title"),
            column="Course_Title",
        )


def _max_normal(groups: _Groups, *, file: str, findings: Findings) -> int:
    text = groups.value("course_behavior", "max_normal")
    if not text:
        return 0
    if text.isascii() and text.isdigit() and len(text) <= _MAX_NORMAL_DIGITS:
        return int(text)
    findings.warn(
        f"Max_Normal is {quote_value(text)}, not a number from 0 to 99; no limit was set.",
        "Write how many units may be open at once, for example Max_Normal=99.",
        file=file,
        line=groups.line("course_behavior", "max_normal"),
        column="Max_Normal",
    )
    return 0
