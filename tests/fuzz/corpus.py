"""Where fuzzing begins: what the tests have already, as bytes for each target, and its vocabulary.

Serves `make fuzz` and the tests, which feed each target its corpus. Mutations of these find more
than mutations of nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from catalog.files.course import CourseFiles, dump_course, parse_course
from catalog.files.layouts import AU, CMP, CST, DES, ORT, PRE
from hacp.groups import FREE_FORM, KEYWORDS
from hacp.messages import parse_request
from hacp.model import Command
from tests.catalog.conftest import PLAIN
from tests.catalog.test_script import FALSE, FAULTS, TRUE
from tests.fuzz.targets import COMMANDS, CONTENTS, KINDS
from tests.hacp.test_messages import BROKEN_MULTIPART, DIALECTS
from tests.hacp.transcript import compose, parse_transcript

CONVERSATIONS = Path(__file__).parent.parent / "conversations"
# What a recorded session has in place of its ids.
SESSIONS = [f"{number:040x}" for number in range(1, 9)]
# Longer ones say nothing more, and slow every mutation down.
MOST = 8 * 1024


def requests() -> Iterator[bytes]:
    """Yield every request of every conversation, and of the dialects' own tests."""
    for path in sorted(CONVERSATIONS.glob("*/*.txt")):
        launched = 0
        for step in parse_transcript(path.read_text(encoding="utf-8")):
            launched += step.word == "launch"
            if step.word == ">>>":
                sent = compose(step, path="/hacp/1", session_ids=SESSIONS[:launched] or SESSIONS)
                kind = 3 if sent.content_type.startswith("multipart") else 1
                yield _request(kind, sent.body or sent.path.partition("?")[2].encode())
    for body, _ in [*DIALECTS.values(), *BROKEN_MULTIPART.values()]:
        yield _request(2, body.replace(b"----WebKitFormBoundaryAbC123", b"b"))
        yield _request(0, body)


def _request(kind: int, body: bytes) -> bytes:
    command = parse_request(body, content_type=KINDS[kind]).command or ""
    number = COMMANDS.index(Command(command)) if command in COMMANDS else 1
    return bytes([kind + len(KINDS) * number]) + body


RULES = {
    "ort": b"course_element,member\r\nA1,J1\r\nroot,J1\r\n",
    "pre": b"'structure_element','prerequisite'\r\nA2,\"A1 & 1*{A1,J1} | ~A2=failed\"\r\n",
    "cmp": b"structure_element,requirement,result,next,return\r\nB1,A1|A2,passed,,\r\n",
    "des": PLAIN["des"] + b'"J1","","Know it",""\r\n',
}


def courses() -> Iterator[bytes]:
    """Yield sets of course files, well written and badly."""
    whole = {**PLAIN, **RULES}
    yield _set(PLAIN)
    yield _set(whole)
    yield _set({name: data.replace(b"\r\n", b"\r") for name, data in whole.items()})
    yield _set({name: data.replace(b'"', b"") for name, data in whole.items()})
    yield _set({name: data.decode().encode("utf-16") for name, data in whole.items()})
    yield _set(dump_course(parse_course(CourseFiles("", "c", whole, members=CONTENTS)).course))
    for name in whole:
        yield _set({one: data for one, data in whole.items() if one != name})


def _set(files: dict[str, bytes]) -> bytes:
    return b"".join(b"%%" + name.encode() + b"\n" + data for name, data in files.items())


def scripts() -> Iterator[bytes]:
    """Yield the scripts of the parser's own tests."""
    for text in [*TRUE, *FALSE, *(text for text, _, _ in FAULTS)]:
        yield text.encode()


CORPORA = {"requests": requests, "courses": courses, "scripts": scripts}

_ELEMENTS = "lesson_location lesson_status score time j_id.1 j_score.1 j_status.1 try_score.1 audio"
VOCABULARY = {
    "requests": [
        *(f"&{name}=" for name in ("command", "session_id", "aicc_data", "version", "au_password")),
        *(str(command) for command in Command),
        *(f"[{name}]\r\n" for name in (*FREE_FORM, *KEYWORDS)),
        *(f"{name}=" for name in f"{_ELEMENTS} window.1 tries_during_lesson".split()),
        *("interaction_id,", "objective_id,", "comment,", "element_location,", "student_response,"),
        *("%5B", "%0D%0A", "%u0041", "%uD83D", "%25", "%00", "+", "\r\n", "<1>", "<1.e>", "<e.1>"),
        *("--b", "--b--", '\r\nContent-Disposition: form-data; name="aicc_data"\r\n\r\n', "<L.x>"),
        *("2026/03/02", "09:01:12", "00:00:07", "9999:59:59", "80,100,0", ",suspend", '"', '""'),
        *KINDS[2:4],
    ],
    "courses": [
        *(f"%%{name}\n" for name in ("crs", "au", "des", "cst", "ort", "pre", "cmp")),
        *(column for layout in (AU, DES, CST, ORT, PRE, CMP) for column in layout.columns),
        *("[Course]\n", "[Course_Behavior]\n", "[Course_Description]\n", "Max_Normal=", "root"),
        *(
            "Course_ID=",
            "Course_Title=",
            "A1",
            "A2",
            "B1",
            "J1",
            "passed",
            "2*{A1,A2}",
            "start.html",
        ),
        *('"', '""', ",", "\r\n", "<CR>", "9999:59:59", "C,N", "../", "http://", "&", "|", "~"),
    ],
    "scripts": [
        *("&", "|", "~", "(", ")", "{", "}", ",", "=", "<>", "2*{", "&amp;", "&lt;&gt;", "A1"),
        *("passed", "failed", "completed", "incomplete", "not attempted", "browsed", '"', "'"),
    ],
}


def write_corpus(target: str, folder: Path) -> None:
    """Put the corpus of a target into a folder; what fuzzing has added there stays."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(CORPORA[target]()):
        (folder / f"seed-{number:04d}").write_bytes(data[:MOST])


def write_vocabulary(target: str, path: Path) -> None:
    """Write the vocabulary as libFuzzer reads it."""
    words = ("".join(f"\\x{byte:02x}" for byte in word.encode()) for word in VOCABULARY[target])
    lines = [f'"{word}"' for word in words]
    path.write_text("\n".join(lines) + "\n", encoding="ascii")
