"""Servers that are wrong in one way each: our own endpoint with its answers bent on the way out.

Serves the tests of `hacp probe`, in process and over a real port. Each quirk names the row of the
table that has to notice it; those of known servers are named after them (protocol: who does what).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_from_bytes

from hacp.calls import Answer, Target
from hacp.probe import BOOKMARK, SUSPEND_DATA, Played, Result, Step, plan, play
from tests.hacp.server import ACADEMY, Server

Bend = Callable[[bytes, Step], bytes]

ADDRESS = f"https://academy.example.org/hacp/{ACADEMY}"
SUSPENDED = SUSPEND_DATA.encode()
HTML = b"<!DOCTYPE html><html><body><h1>Invalid session</h1></body></html>"


def _same(reply: bytes, _step: Step) -> bytes:
    return reply


@dataclass(frozen=True)
class Quirk:
    """One way to be wrong: how replies, status and headers are bent, and the row that notices."""

    name: str
    asks: str
    result: Result
    bend: Bend = _same
    status: str = "200 OK"
    headers: Mapping[str, str | None] = field(default_factory=dict)
    mode: str = "normal"


def every(pattern: bytes, replacement: bytes) -> Bend:
    """Bend every reply by a regular expression, line by line."""
    return lambda reply, _step: re.sub(pattern, replacement, reply, flags=re.MULTILINE)


def at(step: Step, new: bytes) -> Bend:
    """Answer something else at one step."""
    return lambda reply, came: new if came is step else reply


def again(old: bytes, new: bytes) -> Bend:
    """Bend what the second GetParam hands out."""
    return lambda reply, step: reply.replace(old, new) if step is Step.AGAIN else reply


def _error(number: int, text: str = "Failed") -> bytes:
    return f"error={number}\r\nerror_text={text}\r\nversion=4.0\r\n".encode()


BROKEN, WEAK = Result.BROKEN, Result.WEAK

OF_HTTP = [
    Quirk("an error 500", "the HTTP status is 200, for refusals too", BROKEN, status="500 Oh"),
    Quirk(
        "a redirect",
        "no redirect",
        BROKEN,
        bend=lambda _reply, _step: b"",
        status="302 Found",
        headers={"Location": "https://elsewhere.example.org/"},
    ),
    Quirk("HTML type", "not sent as HTML", BROKEN, headers={"Content-Type": "text/html"}),
    Quirk("a form's type", "sent as text/plain", WEAK, headers={"Content-Type": "text/x-aicc"}),
    Quirk("no type", "sent as text/plain", WEAK, headers={"Content-Type": None}),
    Quirk(
        "another charset",
        "in UTF-8",
        WEAK,
        headers={"Content-Type": 'text/plain; charset="ISO-8859-1"'},
    ),
    Quirk(
        "cached",
        "nothing may be cached",
        WEAK,
        headers={"Cache-Control": None, "Pragma": None, "Expires": None},
    ),
    Quirk(
        "no CORS",
        "any origin may read it (Access-Control-Allow-Origin)",
        BROKEN,
        headers={"Access-Control-Allow-Origin": None},
    ),
    Quirk(
        "CORS for somebody else",
        "any origin may read it (Access-Control-Allow-Origin)",
        BROKEN,
        headers={"Access-Control-Allow-Origin": "https://other.example.org"},
    ),
    Quirk(
        "Moodle's page for a wrong session",
        "the body is a reply with error=, for refusals too",
        BROKEN,
        bend=at(Step.NO_SESSION, HTML),
    ),
    Quirk(
        "an empty answer",
        "the body is a reply with error=, for refusals too",
        BROKEN,
        bend=at(Step.PUT, b""),
    ),
]

OF_LAYOUT = [
    Quirk("Moodle's blanks", "no blanks around =", BROKEN, every(rb"^([a-z_]+)=", rb"\1 = ")),
    Quirk("a blank behind =", "no blanks around =", BROKEN, every(rb"^([a-z_]+)=", rb"\1= ")),
    Quirk("Dokeos' tabs", "names stand at the margin", BROKEN, every(rb"^(?=[a-z_]+=)", b"\t")),
    Quirk("tabs before groups", "names stand at the margin", BROKEN, every(rb"^(?=\[)", b"\t")),
    Quirk("SAP's capitals", "names in lower case", BROKEN, every(rb"^student_id", b"Student_ID")),
    Quirk("capitals in groups", "names in lower case", BROKEN, every(rb"^\[core_l", b"[Core_L")),
    Quirk("capitals in [core]", "names in lower case", BROKEN, every(rb"=\[core\]", b"=[Core]")),
    Quirk("LF alone", "lines end in CRLF: not in LF alone", BROKEN, every(rb"\r\n", b"\n")),
    Quirk("CR alone", "lines end in CRLF: not in CR alone", BROKEN, every(rb"\r\n", b"\r")),
    Quirk(
        "PeopleSoft's end",
        "a line end stands behind the last line",
        BROKEN,
        lambda reply, _step: reply.rstrip(),
    ),
    Quirk("a mark in front", "no byte order mark", WEAK, every(rb"\Aerror", b"\xef\xbb\xbferror")),
    Quirk(
        "Latin-1",
        "the bytes are UTF-8",
        WEAK,
        lambda reply, _step: reply.decode().encode("latin-1", "replace"),
    ),
    Quirk(
        "ULearning's encoding",
        "not percent-encoded as a whole",
        BROKEN,
        lambda reply, _step: quote_from_bytes(reply).encode(),
    ),
    Quirk("version first", "begins with error=", WEAK, every(rb"\A", b"version=4.0\r\n")),
    Quirk(
        "[core] below",
        "aicc_data=[core] on one line",
        BROKEN,
        every(rb"=\[core\]", b"=\r\n[core]"),
    ),
    Quirk(
        "groups without a name",
        "aicc_data= stands before the groups",
        BROKEN,
        every(rb"aicc_data=", b""),
    ),
    Quirk(
        "another group first",
        "[core] is the first group",
        BROKEN,
        every(rb"=\[core\]", b"=[evaluation]\r\ncourse_id=1\r\n[core]"),
    ),
    Quirk(
        "another group first, below",
        "[core] is the first group",
        BROKEN,
        every(rb"=\[core\]", b"=\r\n[evaluation]\r\ncourse_id=1\r\n[core]"),
    ),
    Quirk(
        "words before the groups",
        "[core] is the first group",
        BROKEN,
        every(rb"=\[core\]", b"=some words\r\n[core]"),
    ),
    Quirk(
        "one line for two",
        "a group's name is alone on its line",
        BROKEN,
        every(rb"\[core\]\r\n", b"[core] "),
    ),
    Quirk(
        "a name over two lines",
        "every line is name=value",
        WEAK,
        every(rb"^student_name=.*\r", b"student_name=Doe,\r\nJane\r"),
    ),
    Quirk(
        "a name twice",
        "each name comes once",
        WEAK,
        every(rb"^(student_id=.*\r\n)", rb"\1\1"),
    ),
]

OF_ELEMENTS = [
    Quirk("an error for PutParam", "error=0 where all is well", BROKEN, at(Step.PUT, _error(1))),
    Quirk("a text of its own", "error_text is Successful, or left out", BROKEN,
          every(rb"Successful", b"OK")),
    Quirk("no version", "version is a number", WEAK, every(rb"^version=.*\r\n", b"")),
    Quirk("a word for a version", "version is a number", WEAK, every(rb"version=", b"version=v")),
    Quirk("version 2.2", "version is 3 or more", WEAK, every(rb"version=4.0", b"version=2.2")),
    Quirk("nothing for GetParam", "GetParam hands out aicc_data", BROKEN,
          at(Step.GET, _error(0, "Successful"))),
    Quirk("no [core]", "[core] is there", BROKEN, every(rb"=\[core\]", b"=[kernel]")),
    Quirk("no [core_lesson]", "[core_lesson] is there, even if empty", BROKEN,
          every(rb"^\[core_lesson\]\r\n", b"")),
    Quirk("no [core_vendor]", "[core_vendor] is there, even if empty", BROKEN,
          every(rb"^\[core_vendor\]\r\n", b"")),
    Quirk("no status", "lesson_location and lesson_status are there", BROKEN,
          every(rb"^lesson_status=.*\r\n", b"")),
    Quirk("no time", "student_id, student_name and time are there", BROKEN,
          every(rb"^time=.*\r\n", b"")),
    Quirk("no credit", "credit and lesson_mode are there", WEAK, every(rb"^credit=.*\r\n", b"")),
    Quirk("an address for an id", "student_id is letters, digits, `-`, `_` and `:`", BROKEN,
          every(rb"^student_id=", b"student_id=a@")),
    Quirk("first name first", "student_name is `Last, First`", WEAK,
          every(rb"^student_name=.*\r", b"student_name=Jane Doe\r")),
    Quirk("iSpring's unknown", "lesson_status is readable", BROKEN,
          every(rb"^lesson_status=.*\r", b"lesson_status=unknown\r")),
    Quirk("letters for a status", "lesson_status is a full word in lower case", WEAK,
          every(rb"^lesson_status=not attempted", b"lesson_status=N")),
    Quirk("no entry flag", "an entry flag stands behind the status", BROKEN,
          every(rb"^(lesson_status=[a-z ]+),.*\r", rb"\1\r")),
    Quirk("Moodle's blank", "the entry flag is ab-initio or resume, without a blank", BROKEN,
          every(rb"^(lesson_status=[a-z ]+),", rb"\1, ")),
    Quirk("a blank before", "the entry flag is ab-initio or resume, without a blank", BROKEN,
          every(rb"^(lesson_status=[a-z ]+),", rb"\1 ,")),
    Quirk("a flag of its own", "the entry flag is ab-initio or resume, without a blank", BROKEN,
          every(rb"^(lesson_status=[a-z ]+),.*\r", rb"\1,suspend\r")),
    Quirk("yes for credit", "credit is readable", WEAK, every(rb"^credit=.*\r", b"credit=yes\r")),
    Quirk("PeopleSoft's mode", "lesson_mode is readable", WEAK,
          every(rb"^lesson_mode=.*\r", b"lesson_mode=sequential\r")),
    Quirk("seconds for a time", "time is HHHH:MM:SS", BROKEN, every(rb"^time=.*\r", b"time=750\r")),
    Quirk("a word for a score", "score is a number", WEAK, every(rb"^time=", b"score=x\r\ntime=")),
    Quirk("Moodle's empty score", "score is left out while there is none, and has no blanks", WEAK,
          every(rb"^time=", b"score=\r\ntime=")),
    Quirk("empty options", "optional elements are left out while they are empty", WEAK,
          every(rb"^attempt_number=", b"max_time_allowed=\r\nattempt_number=")),
    Quirk("Dokeos' braces", "course_id has no braces", WEAK,
          every(rb"^course_id=(.*)\r", rb"course_id={\1}\r")),
]  # fmt: skip

_BOOKMARK = BOOKMARK.encode()
_TEXT = "the suspend data comes back byte for byte"
OF_SESSIONS = [
    Quirk("ILIAS drops the bookmark", "the bookmark comes back byte for byte", BROKEN,
          again(_BOOKMARK, b"")),
    Quirk("a cut bookmark", "the bookmark comes back byte for byte", BROKEN,
          again(_BOOKMARK, b"probe/page-7")),
    Quirk("no suspend data", _TEXT, BROKEN, again(SUSPENDED, b"")),
    Quirk("ILIAS keeps the last line", _TEXT, BROKEN, again(SUSPENDED, b"the last line")),
    Quirk("Moodle's header in it", _TEXT, BROKEN,
          again(SUSPENDED, b"[Core_Lesson] was here\r\n" + SUSPENDED)),
    Quirk("decoded twice", _TEXT, BROKEN, again(b"100%41 1+1", b"100A 1 1")),
    Quirk("LF in it", _TEXT, BROKEN, again(SUSPENDED, SUSPENDED.replace(b"\r\n", b"\n"))),
    Quirk("another status", "a late GetParam has the status of the launch, or the one sent", WEAK,
          again(b"lesson_status=not attempted", b"lesson_status=failed")),
    Quirk("another score", "a late GetParam has the score of the launch, or the one sent", WEAK,
          again(b"time=", b"score=3\r\ntime=")),
    Quirk("time counted twice", "time is the total: of the launch, or that and what was sent", WEAK,
          again(b"time=00:00:00", b"time=00:00:10")),
    Quirk("Moodle's error 101", "ExitAU twice is no failure", WEAK,
          at(Step.EXIT_AGAIN, _error(101, "Terminated"))),
    Quirk("any session will do", "a wrong session id is refused", BROKEN,
          at(Step.NO_SESSION, _error(0, "Successful"))),
    Quirk("error 1 for a session", "with error=3", WEAK, at(Step.NO_SESSION, _error(1))),
    Quirk("any command will do", "an unknown command is refused", WEAK,
          at(Step.NO_COMMAND, _error(0, "Successful"))),
    Quirk("error 9 for a command", "with error=1, or 3 since the session is over", WEAK,
          at(Step.NO_COMMAND, _error(9))),
]  # fmt: skip

QUIRKS = [*OF_HTTP, *OF_LAYOUT, *OF_ELEMENTS, *OF_SESSIONS]

StartResponse = Callable[..., Any]


class Bent:
    """A WSGI application in front of the endpoint, which bends each answer of a session in turn."""

    def __init__(self, app: Any, quirk: Quirk) -> None:
        self._app = app
        self._quirk = quirk
        self._steps = iter(Step)

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        kept: dict[str, str] = {}

        def start(_status: str, headers: list[tuple[str, str]], *_more: Any) -> None:
            kept.update(headers)

        body = b"".join(self._app(environ, start))
        body = self._quirk.bend(body, next(self._steps))
        kept.update({name: value for name, value in self._quirk.headers.items() if value})
        for name in [name for name, value in self._quirk.headers.items() if value is None]:
            kept.pop(name)
        kept["Content-Length"] = str(len(body))
        start_response(self._quirk.status, [*kept.items()])
        return [body]


def bent_session(server: Server, quirk: Quirk) -> Played:
    """Play a standard session in process against the endpoint with this quirk."""
    launched = server.launch(student_name="Doe, Zoë", mode=quirk.mode)
    app = server.app()
    app.wsgi_app = Bent(app.wsgi_app, quirk)  # type: ignore[method-assign]
    return in_process(app, launched)


def in_process(app: Any, session_id: str) -> Played:
    """Play a standard session without a network."""
    target = Target(ADDRESS, session_id, ADDRESS, ("AICC_SID", "AICC_URL"))
    client = app.test_client(use_cookies=False)
    answers = []
    for step, call in plan(target).items():
        came = client.post(f"/hacp/{ACADEMY}", data=call.body, content_type=call.content_type)
        headers = {name.lower(): value for name, value in came.headers.items()}
        answers.append((step, Answer(came.status_code, headers, came.data, 0.01)))
    return play(target, answers)
