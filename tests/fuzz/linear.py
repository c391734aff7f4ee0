"""Does reading take a time in proportion to what is read? Floods of every sign, doubled.

Serves `make fuzz`. Reports ratios for people to judge; the test suite asserts no time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from catalog.script import ScriptFault, parse_script
from hacp.model import Command
from hacp.recording import RecordingRefused, parse_recording
from hacp.replies import parse_response
from tests.catalog.conftest import PLAIN
from tests.fuzz.targets import COMMANDS, KINDS, read_course, read_request

SMALLEST = 64 * 1024
# A single line of ten megabytes is the longest that is tried; requests end at one.
LARGEST = 10 * 1024 * 1024
LARGEST_REQUEST = 1024 * 1024
# Twice as much may take twice as long; three times as long begins to look like a square.
SUSPICIOUS = 3.0
# Below this a clock tells little, and above it there is no need to go on.
TOO_SHORT, LONG_ENOUGH = 0.05, 4.0
# How often what looks bad is measured again.
AGAIN = 3

UNITS = {
    "[": b"[",
    "]": b"]",
    "%": b"%",
    "%25": b"%25",
    "%5B": b"%5B",
    "%u0041": b"%u0041",
    "&": b"&",
    "&a=": b"&a=",
    "&aicc_data=": b"&aicc_data=",
    "=": b"=",
    "quote": b'"',
    "quote comma": b'",',
    "quote blank": b'" ',
    "quote line": b'"\r\n',
    "apostrophe": b"'",
    "comma": b",",
    "columns": b"abc,",
    "semicolon": b";",
    "line": b"\r\n",
    "lf": b"\n",
    "blank": b" ",
    "tab": b"\t",
    "nul": b"\0",
    "letter": b"x",
    "byte": b"\xe9",
    "plus": b"+",
    "<": b"<",
    "<1>": b"<1>",
    "<1>a": b"<1>a",
    "<L.": b"<L.",
    "group": b"[core]\r\n",
    "pair": b"a=b\r\n",
    "word": b"a\r\n",
    "row": b"A1,A2\r\n",
    "quoted row": b'"A1","A2"\r\n',
    "dash": b"-",
    "part": b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n',
    "(": b"(",
    "~": b"~",
    "1*{": b"1*{",
    "A1&": b"A1&",
    "{x × 1}": "{x × 1}".encode(),
    "{sid}": b"{sid}",
    "record": b">>> POST  a=b\n<<< error=0\n",
}


@dataclass(frozen=True)
class Reader:
    """What reads a flood: what stands before it, and how large it may become."""

    name: str
    read: Callable[[bytes], object]
    before: bytes = b""
    largest: int = LARGEST


def _script(data: bytes) -> object:
    try:
        return parse_script(data.decode("utf-8", "replace"))
    except ScriptFault as fault:
        return fault


def _recording(data: bytes) -> object:
    try:
        return parse_recording(data.decode("utf-8", "replace"))
    except RecordingRefused as refused:
        return refused


def _course(extension: str, before: bytes = b"") -> Reader:
    others = b"".join(
        b"%%" + name.encode() + b"\n" + data for name, data in PLAIN.items() if name != extension
    )
    return Reader(
        f"a .{extension} file", read_course, others + b"%%" + extension.encode() + b"\n" + before
    )


def _request(
    name: str, before: bytes, *, command: Command = Command.PUT_PARAM, kind: int = 1
) -> Reader:
    first = bytes([kind + len(KINDS) * COMMANDS.index(command)])
    return Reader(name, read_request, first + before, LARGEST_REQUEST)


PUT = b"command=PutParam&session_id=1&aicc_data="
COLUMNS = b"interaction_id,comment,objective_id\r\n"
READERS = [
    _request("a request", b""),
    _request("multipart", b"--b\r\n", kind=2),
    _request("aicc_data", PUT),
    _request("suspend data", PUT + b"[core_lesson]\r\n"),
    _request("comments", PUT + b"[comments]\r\n"),
    _request("objectives", PUT + b"[objectives_status]\r\nj_id.1="),
    _request("answers", PUT + COLUMNS, command=Command.PUT_INTERACTIONS),
    _request("a header", PUT, command=Command.PUT_PERFORMANCE),
    _course("crs", b"[Course]\nCourse_ID=C\nCourse_Title="),
    _course("au", b"system_id,file_name,core_vendor\n"),
    _course("des", b"system_id,title,description\n"),
    _course("cst", b"block,member\nroot,"),
    _course("pre", b"structure_element,prerequisite\nA1,"),
    _course("cmp", b"structure_element,requirement,result\nA1,"),
    Reader("a script", _script),
    Reader("somebody's reply", parse_response, b"error=0\r\naicc_data=[core]\r\n"),
    Reader("a recording", _recording, b"launch\n>>> POST  a=b\n", LARGEST_REQUEST),
]


@dataclass(frozen=True)
class Measured:
    """A flood, how long it was at last, how long that took, and how much longer than half of it."""

    reader: str
    flood: str
    size: int
    seconds: float
    ratio: float

    @property
    def is_suspicious(self) -> bool:
        """Tell whether it looks worse than linear."""
        return self.ratio > SUSPICIOUS and self.seconds > TOO_SHORT


Clock = Callable[[], float]


def measure(reader: Reader, flood: str, *, clock: Clock = time.process_time) -> Measured:
    """Double a flood until it is as long as it may be, or takes long enough to tell.

    What looks bad is measured again, since a busy machine can make anything look so.
    """
    unit, size, half = UNITS[flood], SMALLEST, 0.0
    while True:
        seconds = _seconds(reader, unit, size, clock=clock)
        if size * 2 > reader.largest or seconds > LONG_ENOUGH:
            break
        size, half = size * 2, seconds
    measured = Measured(reader.name, flood, size, seconds, _ratio(seconds, half))
    for _ in range(AGAIN if measured.is_suspicious else 0):
        half = min(half, _seconds(reader, unit, size // 2, clock=clock))
        seconds = min(seconds, _seconds(reader, unit, size, clock=clock))
    return Measured(reader.name, flood, size, seconds, _ratio(seconds, half))


def _ratio(seconds: float, half: float) -> float:
    """Return how much longer it took; nothing where the clock cannot tell."""
    return seconds / half if half > TOO_SHORT / 4 else 0.0


def measure_all() -> Iterator[Measured]:
    """Yield every flood of every reader."""
    for reader in READERS:
        yield from (measure(reader, flood) for flood in UNITS)


def _seconds(reader: Reader, unit: bytes, size: int, *, clock: Clock) -> float:
    data = reader.before + unit * (size // len(unit))
    start = clock()
    reader.read(data)
    return clock() - start
