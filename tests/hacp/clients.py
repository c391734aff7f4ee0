"""How known clients read a reply: a small reader for each family, with that family's weaknesses.

Serves test_clients.py. Written from descriptions of what each client does with which reply, not
from its code; where only the outcome is known, the shortest rule that has it stands here. Nothing
of the product's own readers is used.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace

# A line that looks like a group to those who do not know which groups there are.
HEADER = re.compile(r"\[(\w+)\]")
ESCAPED = re.compile(r"%u([0-9a-fA-F]{4})|%([0-9a-fA-F]{2})")


@dataclass(frozen=True)
class Read:
    """What a client has of a reply; None is lost. `faults` is what it complains of."""

    student_id: str | None = None
    student_name: str | None = None
    lesson_location: str | None = None
    lesson_status: str | None = None
    entry: str | None = None
    score: str | None = None
    time: str | None = None
    lesson_mode: str | None = None
    suspend_data: str | None = None
    faults: tuple[str, ...] = ()


Pairs = dict[str, str]
Reader = Callable[[str], Read]


def unescape(text: str) -> str:
    """Decode as JavaScript's `unescape` does: not UTF-8."""
    return ESCAPED.sub(lambda match: chr(int(match[1] or match[2], 16)), text)


def lines_of(text: str) -> list[str]:
    return re.split(r"\r\n|\r|\n", text)


def read_of(pairs: Pairs, suspend_data: str | None = None, *faults: str, trim: bool = True) -> Read:
    """Make a `Read` of keywords by their lower-case names, with the status split at its comma."""
    known = "lesson_status" in pairs
    word, _, flag = pairs.get("lesson_status", "").partition(",")
    return Read(
        student_id=pairs.get("student_id"),
        student_name=pairs.get("student_name"),
        lesson_location=pairs.get("lesson_location"),
        lesson_status=word.strip() if known else None,
        entry=(flag.strip() if trim else flag) if known else None,
        score=pairs.get("score"),
        time=pairs.get("time"),
        lesson_mode=pairs.get("lesson_mode"),
        suspend_data=suspend_data,
        faults=faults,
    )


def below(text: str, group: str) -> str | None:
    """Return the text below a group's header, up to the next line that looks like a header."""
    lines = re.split(r"(?<=\n)", text)
    headers = [place for place, line in enumerate(lines) if HEADER.fullmatch(line.strip())]
    start = next((place for place in headers if lines[place].strip().lower() == f"[{group}]"), None)
    if start is None:
        return None
    end = next((place for place in headers if place > start), len(lines))
    return "".join(lines[start + 1 : end]).strip()


# e-LfH for Adapt


def _elfh_pairs(text: str) -> Pairs:
    """Names in any case and not trimmed; whatever has not exactly two parts at `=` is dropped."""
    pairs: Pairs = {}
    for line in text.split("\n"):
        parts = line.removesuffix("\r").split("=")
        if len(parts) == 2:
            pairs.setdefault(parts[0].lower(), parts[1].strip())
    return pairs


def _elfh_refuses(pairs: Pairs) -> bool:
    said = pairs.get("error_text", "").lower()
    return said != "successful" and (said != "" or pairs.get("error") != "0")


def _elfh(pairs: Pairs, suspend_data: str | None) -> Read:
    if _elfh_refuses(pairs):
        return Read(faults=("refused",))
    if "score" in pairs:
        # JavaScript's parseInt.
        whole = re.match(r"\s*-?\d+", pairs["score"])
        pairs["score"] = whole[0].strip() if whole else "NaN"
    return read_of(pairs, suspend_data)


def elfh_2020(reply: str) -> Read:
    """Read by group what is only found below `aicc_data=[core]`, and the rest by name alone."""
    text = unescape(reply)
    pairs = _elfh_pairs(text)
    if "aicc_data=[core]" not in text.lower():
        for name in ("student_id", "lesson_location", "score"):
            pairs.pop(name, None)
        pairs["lesson_status"] = pairs.get("lesson_status", "").partition(",")[0]
    lesson = re.search(r"\n\[core_lesson\]\r?\n(.*?)(?=\n\[|\Z)", text, re.IGNORECASE | re.DOTALL)
    return _elfh(pairs, _elfh_pairs(lesson[1]).get("suspend_data") if lesson else None)


def elfh_2021(reply: str) -> Read:
    """Read by name alone, and suspend data by a group whose name is cut out one sign too early."""
    text = unescape(reply)
    groups = {
        text[max(opening.start() - 1, 0) : opening.end() - 1].replace("[", ""): opening.end()
        for opening in re.finditer(r"\[\w+\]", text)
    }
    start = groups.get("core_lesson")
    lesson = _elfh_pairs(text[start:]).get("suspend_data") if start is not None else None
    return _elfh(_elfh_pairs(text), lesson)


# Those who read whole lines, in any case


def _trimmed(text: str, *, comments: bool = True) -> Iterator[tuple[str, str]]:
    for line in lines_of(text):
        name, equals, value = line.partition("=")
        if equals and not (comments and line.lstrip().startswith(";")):
            yield name.strip(), value.strip()


def rustici(reply: str) -> Read:
    """Decode the whole, then take the first line of each name; a flag it does not know is a review.

    Error numbers as its driver has them: -6 for a score, -9 for an entry flag.
    """
    text = unescape(reply)
    pairs: Pairs = {}
    for name, value in _trimmed(text):
        pairs.setdefault(name.lower(), value)
    read = read_of(pairs, below(text, "core_lesson"), trim=False)
    faults = ["-6"] if pairs.get("score") == "" else []
    entry = {"a": "ab-initio", "r": "resume"}.get((read.entry or "")[:1].lower())
    if entry is None and read.entry:
        faults.append("-9")
    return replace(read, entry=entry or "review", faults=tuple(faults))


def inspired(reply: str) -> Read:
    """Read names in any case, trimmed."""
    pairs: Pairs = {}
    for name, value in _trimmed(reply):
        pairs.setdefault(name.lower(), value)
    return read_of(pairs, below(reply, "core_lesson"))


def scoxapi(reply: str) -> Read:
    """Read names in any case, trimmed; complain of each that is not there."""
    pairs = {name.lower(): value for name, value in reversed([*_trimmed(reply, comments=False)])}
    wanted = ("student_id", "student_name", "lesson_location", "lesson_status", "time")
    faults = [f"no {name}" for name in wanted if name not in pairs]
    return read_of(pairs, below(reply, "core_lesson"), *faults)


# Those who read lower case alone


def profiscience(reply: str) -> Read:
    """Take every line for a name and a value, suspend data too; the last one counts.

    It has no suspend data of its own. A line with the word `error` behind the first two stops it.
    """
    if any("error" in line for line in lines_of(reply)[2:]):
        return Read(faults=("stopped by the word error",))
    return read_of(dict(_trimmed(reply, comments=False)))


def ispring(reply: str) -> Read:
    """Read every line but the last; a value ends at its second `=`.

    Suspend data is the one line behind its header; those lines count as names and values too.
    """
    lines = [line.strip() for line in reply.split("\n")][:-1]
    pairs: Pairs = {}
    for line in lines:
        parts = line.split("=")
        if len(parts) > 1:
            pairs[parts[0].strip()] = parts[1].strip()
    first = None
    if "[core_lesson]" in lines:
        first = (lines[lines.index("[core_lesson]") + 1 :] or [""])[0]
    return read_of(pairs, None if first is None or HEADER.fullmatch(first) else first)


def south_river(reply: str) -> Read:
    """Neither trim nor fold names; a line without `=` takes the next one with it.

    It never reads the status. A value keeps one more `=` and ends at `;`, and suspend data is what
    stands before the very words `[core_vendor]`, without its line ends.
    """
    head, _, lesson = reply.partition("[core_lesson]")
    pairs: Pairs = {}
    lines = iter(lines_of(head))
    for line in lines:
        parts = line.split("=")
        if len(parts) == 1:
            next(lines, None)
        else:
            pairs[parts[0]] = "=".join(parts[1:3]).partition(";")[0].strip()
    data, vendor, _ = lesson.partition("[core_vendor]")
    read = read_of(pairs, "".join(lines_of(data)) if vendor else None)
    return replace(read, lesson_status=None)


# Those of whom only a few traits are known


def courselab(reply: str) -> Read:
    """Ask for the very words `error=0`, [core] and [core_lesson]; split [core] at CRLF alone."""
    text = unescape(reply)
    if "error=0" not in text:
        said = text.partition("error_text=")[2].partition("\r")[0]
        return Read(faults=(f"alert: {said}",))
    core = re.search(r"\[core\](.*?)\[core_lesson\]", text, re.IGNORECASE | re.DOTALL)
    if core is None:
        return Read(faults=("no core or core_lesson",))
    pairs = {
        name.strip().lower(): value.strip()
        for name, equals, value in (line.partition("=") for line in core[1].split("\r\n"))
        if equals
    }
    return read_of(pairs, below(text, "core_lesson"))


def ugs(reply: str) -> Read:
    """Look for `name=` at the margin, in lower case; complain where place or status is missing."""
    if "error=0" not in reply:
        return Read(faults=("no error=0",))
    pairs: Pairs = {}
    for field in fields(Read):
        if match := re.search(rf"(?m)^{field.name}=([^\r\n]*)", reply):
            pairs[field.name] = match[1]
    faults = [f"no {name}" for name in ("lesson_location", "lesson_status") if name not in pairs]
    return read_of(pairs, below(reply, "core_lesson"), *faults)


def xyleme(reply: str) -> Read:
    """Take the last line of each name; suspend data ends at `[` and at `;`."""
    pairs = {name.lower(): value for name, value in _trimmed(reply)}
    data = below(reply, "core_lesson")
    return read_of(pairs, None if data is None else re.split(r"[\[;]", data)[0])


# By the names that the table of test_clients.py has.
CLIENTS: dict[str, Reader] = {
    "e-LfH 2021": elfh_2021,
    "e-LfH 2020": elfh_2020,
    "Rustici": rustici,
    "Inspired": inspired,
    "Profiscience": profiscience,
    "ScoXAPI": scoxapi,
    "South River": south_river,
    "iSpring": ispring,
}
TRAITS: dict[str, Reader] = {"CourseLab": courselab, "UGS": ugs, "Xyleme": xyleme}
