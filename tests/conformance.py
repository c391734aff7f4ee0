"""docs/conformance.md out of the tests: what the standard and content ask, and what shows it.

Serves `make conformance` and tests/test_conformance.py. Reads sources only; whether a test passes
is for the test run to say.

A test declares a row by a mark, a conversation by a line at its top; a fact that no test shows
stands in `NOT_DONE` with its reason.

    @pytest.mark.conforms("Launch", "Inspired", "The names stand in upper case.", grade="B")
    # conforms: Sessions | uPerform | B | ExitAU said twice succeeds.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs" / "conformance.md"
# Each conversation is one case of this test.
PLAYER = "tests/hacp/test_conversations.py::test_the_conversation_goes_as_the_transcript_says"


class Chapter(StrEnum):
    """The chapters of the document, in their order."""

    LAUNCH = "Launch"
    REQUESTS = "Requests"
    SESSIONS = "Sessions"
    REPLIES = "Replies"
    CLIENTS = "Clients"
    DATA = "Data"
    TABLES = "Tables"
    RESULTS = "Results"
    TIME = "Time"
    ATTEMPTS = "Attempts"
    COURSE_FILES = "Course files"
    RULES = "Rules of a course"
    SECURITY = "Security"


OPENINGS = {
    Chapter.LAUNCH: "How a unit is started, and what its address must not hold.",
    Chapter.REQUESTS: "How content puts a request on the wire.",
    Chapter.SESSIONS: "Which commands there are, in which order they come, how a session ends.",
    Chapter.REPLIES: "What an answer must look like.",
    Chapter.CLIENTS: "What known clients make of answers, ours and others. Their readers are small "
    "ones of our own, written from descriptions.",
    Chapter.DATA: "Groups and elements of aicc_data, both ways.",
    Chapter.TABLES: "The five commands that carry tables.",
    Chapter.RESULTS: "Status, mastery and score.",
    Chapter.TIME: "How long it took.",
    Chapter.ATTEMPTS: "Modes, resuming, retakes, several windows.",
    Chapter.COURSE_FILES: "The files that describe a course.",
    Chapter.RULES: "Prerequisites, completion rules, and what units amount to.",
    Chapter.SECURITY: "What nobody should be able to do.",
}


class Grade(StrEnum):
    """How well a fact is known."""

    STANDARD = "A"
    AGREED = "B"
    SINGLE = "C"
    MEMORY = "M"
    TRIED = "T"
    DECIDED = "D"


GRADES = {
    Grade.STANDARD: "the standard's own words, as quoted by somebody who had the text",
    Grade.AGREED: "at least two independent implementations or vendors' documents agree",
    Grade.SINGLE: "one source says so",
    Grade.MEMORY: "commonly said, and found in no source that could be checked",
    Grade.TRIED: "a real client was run against it",
    Grade.DECIDED: "the sources leave a choice; this is ours",
}


class BadRow(ValueError):
    """A declaration that cannot be a row; the text says where it stands and what is wrong."""


@dataclass(frozen=True, slots=True)
class Row:
    """One fact: who asks it, what the server does, how well that is known, and what shows it.

    `test` is a pytest node without parameters; `case` is a part of the parameters where one case of
    many is meant; `conversation` is the transcript where that is the test. `because` says why not.
    """

    chapter: Chapter
    source: str
    does: str
    grade: Grade
    test: str = ""
    case: str = ""
    conversation: str = ""
    because: str = ""


def rows_of_module(source: str, path: str) -> Iterator[Row]:
    """Yield the rows that the tests of one module declare. Raises BadRow."""
    for node in ast.walk(ast.parse(source)):
        for decorator in getattr(node, "decorator_list", ()):
            if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == MARK:
                yield _marked(decorator, node, path)


MARK = "pytest.mark.conforms"


def _marked(mark: ast.Call, node: ast.AST, path: str) -> Row:
    place = f"{path}:{mark.lineno}"
    name = getattr(node, "name", "")
    if not isinstance(node, ast.FunctionDef) or not name.startswith("test_"):
        raise BadRow(f"{place}: {name} is no test")
    try:
        texts = [ast.literal_eval(one) for one in mark.args]
        named = {str(one.arg): ast.literal_eval(one.value) for one in mark.keywords}
    except ValueError as error:
        raise BadRow(f"{place}: a row is made of plain texts: {error}") from error
    if len(texts) != 3 or not {"grade"} <= set(named) <= {"grade", "case"}:
        raise BadRow(f"{place}: expected chapter, source, what is done, grade=, and perhaps case=")
    return _row(place, *texts, test=f"{path}::{name}", **named)


_LINE = "# conforms:"


def rows_of_conversation(text: str, path: str) -> Iterator[Row]:
    """Yield the rows that a transcript declares at its top. Raises BadRow."""
    for number, line in enumerate(text.split("\n"), start=1):
        if line.startswith(_LINE):
            parts = [part.strip() for part in line.removeprefix(_LINE).split("|")]
            if len(parts) != 4:
                raise BadRow(f"{path}:{number}: expected chapter | source | grade | what is done")
            chapter, source, grade, does = parts
            case = path.removeprefix("tests/conversations/").removesuffix(".txt")
            yield _row(
                f"{path}:{number}", chapter, source, does,
                grade=grade, test=PLAYER, case=case, conversation=path,
            )  # fmt: skip


def _row(place: str, chapter: str, source: str, does: str, *, grade: str, **more: Any) -> Row:
    if chapter not in list(Chapter) or grade not in list(Grade):
        raise BadRow(f"{place}: no such chapter or grade: {chapter!r}, {grade!r}")
    if not source or not does.endswith("."):
        raise BadRow(f"{place}: expected a source, and a sentence with its full stop")
    return Row(Chapter(chapter), source, does, Grade(grade), **more)


def every_row() -> list[Row]:
    """Return all rows, in the order of chapters, files and lines. Raises BadRow."""
    rows: list[Row] = []
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        rows += rows_of_module(path.read_text(encoding="utf-8"), _from_root(path))
    for path in sorted((ROOT / "tests" / "conversations").rglob("*.txt")):
        rows += rows_of_conversation(path.read_text(encoding="utf-8"), _from_root(path))
    rows += NOT_DONE
    return sorted(rows, key=lambda row: list(Chapter).index(row.chapter))


def repeated(rows: Sequence[Row]) -> list[str]:
    """Return what is said more than once."""
    said = [f"{row.source}: {row.does}" for row in rows]
    return sorted({one for one in said if said.count(one) > 1})


def missing(rows: Sequence[Row], collected: Sequence[str]) -> list[Row]:
    """Return the rows whose test, or whose case of it, is not among the collected pytest nodes."""
    cases: dict[str, list[str]] = {}
    for node in collected:
        test, _, case = node.partition("[")
        cases.setdefault(test, []).append(f"-{case.removesuffix(']')}-")
    return [
        row
        for row in rows
        if not row.because
        and not any(f"-{row.case}-" in case or not row.case for case in cases.get(row.test, []))
    ]


def dump_document(rows: Sequence[Row]) -> str:
    """Write the document."""
    done = [row for row in rows if not row.because]
    lines = [HEAD.format(facts=len(done), not_done=len(rows) - len(done))]
    lines += [f"| {grade} | {meaning} |" for grade, meaning in GRADES.items()]
    for chapter in Chapter:
        below = [row for row in done if row.chapter is chapter]
        if below:
            lines += ["", f"## {chapter}", "", OPENINGS[chapter], ""]
            lines += _table("what the server does", "shown by")
            lines += [_line(row, _link(row)) for row in below]
    lines += ["", "## Not done", "", *_table("what would be asked", "why not")]
    lines += [_line(row, row.because) for row in rows if row.because]
    return "\n".join(lines) + "\n"


def _table(*middle: str) -> list[str]:
    return [f"| {' | '.join(['asked by', *middle, 'grade'])} |", "| --- | --- | --- | --- |"]


def _line(row: Row, last: str) -> str:
    cells = [text.replace("|", "\\|") for text in (row.source, row.does, last, row.grade)]
    return f"| {' | '.join(cells)} |"


def _link(row: Row) -> str:
    if row.conversation:
        return f"[{row.case}](../{row.conversation})"
    path, _, name = row.test.partition("::")
    return f"[{name}](../{path})" + (f", case `{row.case}`" if row.case else "")


def _from_root(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


HEAD = """\
# Conformance

What the AICC guidelines (CMI001, v2.2 to v4.0) and real content ask of a server, what this one
does, and which test shows it. `make conformance` writes this file from marks on the tests, and a
test fails where it does not say what they say. There are {facts} facts, and {not_done} that are not
done, with the reason.

The text of CMI001 is not public any more, so the last column says how well each fact is known:

| grade | known from |
| --- | --- |"""

NOT_DONE = [
    Row(Chapter(chapter), source, does, Grade(grade), because=because)
    for chapter, source, does, grade, because in [
        (
            "Launch",
            "CMI001 v4, chapter 9",
            "student_name is `Last, First`.",
            "A",
            "A name is handed out as the academy wrote it: which part is the last name cannot be "
            "told.",
        ),
        (
            "Launch",
            "UPK, Rustici",
            "AICC_URL is https and nothing else.",
            "B",
            "A trial on one machine has no certificate; behind one the address says https.",
        ),
        (
            "Launch",
            "Captivate, Breeze",
            "A crossdomain.xml lets Flash content in.",
            "C",
            "No browser runs Flash any more.",
        ),
        (
            "Sessions",
            "CMI001 v4, section 6",
            "A wrong AU_password is refused with error=2.",
            "B",
            "No known content sends it back, and a refusal would lose the work of all others.",
        ),
        (
            "Sessions",
            "CMI001 v4, section 6",
            "The exit flag logout signs the learner out.",
            "B",
            "It is recorded. Who closes a unit has not said that they go home.",
        ),
        (
            "Replies",
            "Profiscience",
            "No line behind the first has the word `error` in it.",
            "T",
            "Names, locations and suspend data go back as they are.",
        ),
        (
            "Replies",
            "Rustici, e-LfH, CourseLab",
            "`%41` in suspend data arrives as `%41`.",
            "T",
            "They decode the whole answer, the others do not: what helps one breaks the other.",
        ),
        (
            "Replies",
            "ULearning",
            "The answer is percent-encoded as a whole.",
            "C",
            "No other client reads it then.",
        ),
        (
            "Clients",
            "e-LfH 2021",
            "Suspend data is restored.",
            "T",
            "Its reader is off by one and finds the group under no layout; see the test above.",
        ),
        (
            "Clients",
            "South River, iSpring, e-LfH",
            "A location with `=`, `&` or `;` arrives whole.",
            "T",
            "They cut it themselves. It goes back as it was said.",
        ),
        (
            "Data",
            "CMI001 v4, section 6",
            "Square brackets are not allowed in suspend data.",
            "A",
            "Half of all content keeps JSON there.",
        ),
        (
            "Data",
            "CMI001 v4, chapter 9",
            "A location has at most 255 signs, suspend data at most 4096.",
            "B",
            "Real content has more, and cutting it would lose a learner's place.",
        ),
        (
            "Data",
            "CMI001 v4, section 6",
            "output_file and path stand in [core].",
            "A",
            "They belong to the binding by files, not to HACP.",
        ),
        (
            "Data",
            "scorm-again",
            "GetParam hands out [student_demographics].",
            "C",
            "It is optional, and nobody's content needs to know where a learner lives.",
        ),
        (
            "Results",
            "servers that clamp",
            "A score above its maximum is cut to it.",
            "D",
            "It is recorded as it was said: an admin is told of a score on another scale, and "
            "could not be if it were cut.",
        ),
        (
            "Data",
            "CMI001 v4, section 6",
            "GetParam hands out [comments]: what the server wants to tell the learner.",
            "A",
            "Nobody can write one here, and no known content shows any. Comments of the learner "
            "are kept and shown.",
        ),
        (
            "Course files",
            "CMI001 v4",
            "Max_Normal limits how many units are open at once.",
            "M",
            "What is known is that a session was opened, not that its window was closed; learners "
            "would be locked out of their own course.",
        ),
        (
            "Course files",
            "CMI001 v4",
            "Level says which files and rules count.",
            "M",
            "Files of level 1 say 2 (LifeSpeak). What is there counts.",
        ),
        (
            "Course files",
            "servers in China",
            "Files without a mark are GBK.",
            "C",
            "That cannot be told from Windows-1252. UTF-8 is read, and any file can be saved so.",
        ),
        (
            "Rules of a course",
            "CMI001 v4, completion",
            "next and return of .cmp lead the learner.",
            "M",
            "They are kept and not followed: learners choose their way in the tree.",
        ),
        (
            "Rules of a course",
            "samples of one parser",
            "`A1 AND *A2` in .cst and `pre_from,post_to` in .pre are prerequisites.",
            "C",
            "No standard and no authoring tool has them.",
        ),
    ]
]


def main() -> None:
    """Write docs/conformance.md."""
    rows = every_row()
    DOCUMENT.write_text(dump_document(rows), encoding="utf-8")
    print(f"{_from_root(DOCUMENT)}: {len(rows)} rows")


if __name__ == "__main__":
    main()
