"""Requests and replies as bytes: every dialect in, one strict form out.

Serves the endpoint. Reads what stands there; what it means for a record is for `rules`.
"""

from __future__ import annotations

import re
from binascii import a2b_qp
from dataclasses import dataclass
from enum import Enum, auto
from urllib.parse import unquote_to_bytes

from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

from hacp.fields import (
    dump_score,
    dump_status,
    dump_timespan,
    parse_score,
    parse_status,
    parse_timespan,
)
from hacp.groups import OUTER, Groups, dump_groups, parse_groups
from hacp.model import Command, Param, Reply, Report, Request
from hacp.remarks import dump_objectives

# Every reply says it; clients send it back in later requests (Rustici), and read it as a number.
VERSION = "4.0"

# A parameter begins behind a separator. Values may hold a raw `&` or `;`, so only the five names of
# CMI001 section 6 end one. It begins with signs without case, so that the search skips the rest.
_NAME = re.compile(
    rb"[&;\r\n](command|version|session(?:_|%5f)id|au(?:_|%5f)password|aicc(?:_|%5f)data)=",
    re.IGNORECASE,
)
# What some clients put behind an encoded aicc_data: a trailing `&` (LmsComAICC), parameters of
# their own such as `&course_id=` or `&onLoad=` (Authorware, Flash).
_EXTRA = re.compile(rb"&(?=[A-Za-z][A-Za-z0-9_.-]{0,31}=|\Z)")
_UNICODE_ESCAPE = re.compile(rb"%u([0-9a-fA-F]{4})")
_BYTE_ESCAPE = re.compile(rb"%([0-9a-fA-F]{2})")
# Quoted-printable is form encoding with another sign, and Python reads it at the speed of memory.
# An equals sign of the value itself stands aside as a NUL meanwhile.
_TO_QUOTED = bytes.maketrans(b"%=", b"=\0")
_FROM_QUOTED = bytes.maketrans(b"\0", b"=")
# What would mean something else there: a line end behind the sign, and a NUL of the value's own.
_NOT_QUOTED = (b"\0", b"%00", b"%\r", b"%\n")
_ENCODED_GROUP = re.compile(r"\s{0,64}%5[Bb]")
_ENCODED_LINE_END = re.compile(rb"%0[aAdD]")
# RFC 2046: "no longer than 70 characters". A longer one makes the search for it slow.
_LONGEST_BOUNDARY = 70
# Five are known; reading thousands takes a time that grows with their square.
_MOST_PARTS = 50
# How much of aicc_data is looked at to tell whether it was encoded at all.
_OPENING = 256
_COMMANDS = {str(command).lower(): str(command) for command in Command}


def parse_request(
    body: bytes, *, query: bytes = b"", content_type: str = "", method: str = "POST"
) -> Request:
    """Read one request, whatever wrote it; what is not there is None. Never raises.

    Parameters of the body win over those of the query string (ScoXAPI and Authorware send GetParam
    by GET). Names and the command count in any case and order.
    """
    notes: list[str] = ["sent by GET"] if method == "GET" else []
    parameters = _body_parameters(body, content_type, notes=notes)
    if query:
        for name, value in _parameters(query).items():
            parameters.setdefault(name, value)
    texts = {name: _text(value, notes=notes) for name, value in parameters.items()}
    command, session_id = texts.get("command"), texts.get("session_id")
    raw_session_id = parameters.get("session_id")
    return Request(
        command=_known(command) if command is not None else None,
        session_id=session_id.strip().lower() if session_id is not None else None,
        version=texts.get("version"),
        au_password=texts.get("au_password"),
        aicc_data=texts.get("aicc_data"),
        raw_session_id=raw_session_id.value if raw_session_id is not None else None,
        tolerated=tuple(dict.fromkeys(notes)),
    )


def parse_report(aicc_data: str) -> Report:
    """Read what PutParam reports; see `report_of`."""
    return report_of(parse_groups(aicc_data))


def report_of(groups: Groups) -> Report:
    """Return what the groups of a PutParam report; an absent or empty element that carries nothing
    is None.

    ScoXAPI sends suspend data as the keyword `core_lesson` inside [core].
    """
    core = groups.keywords.get("core", {})
    notes = list(groups.tolerated)
    status = parse_status(core["lesson_status"]) if core.get("lesson_status") else None
    score = parse_score(core["score"]) if core.get("score") else None
    seconds = parse_timespan(core["time"]) if core.get("time") else None
    if status is not None and status.tolerated:
        notes.append(status.tolerated)
    for name, value in (
        ("lesson_status", status and status.status),
        ("score", score),
        ("time", seconds),
    ):
        if core.get(name) and value is None:
            notes.append(f"`{name}={core[name][:64]}` cannot be read and was passed over")
    suspend_data = groups.texts.get("core_lesson")
    if suspend_data is None:
        suspend_data = core.get("core_lesson", core.get("suspend_data"))
    return Report(
        status=status.status if status is not None else None,
        exit=status.exit if status is not None else None,
        score=score,
        seconds=seconds,
        location=core.get("lesson_location"),
        suspend_data=suspend_data,
        tolerated=tuple(notes),
    )


@dataclass(frozen=True, slots=True)
class Dumped:
    """A reply as bytes, in three pieces so that a log need not keep the suspend data again."""

    before: bytes
    suspend_data: bytes = b""
    after: bytes = b""

    @property
    def body(self) -> bytes:
        """The whole reply."""
        return self.before + self.suspend_data + self.after


def dump_response(reply: Reply) -> Dumped:
    """Write a reply (CMI001 section 6) in the one form that every known client reads.

    All names lower case and without blanks around `=`, `aicc_data=[core]` on one line, CRLF behind
    every line. Profiscience, South River, iSpring and e-LfH each lose fields to any other layout.
    """
    head = f"error={reply.error}\r\nerror_text={reply.text}\r\nversion={VERSION}\r\n"
    if reply.param is None:
        return Dumped(head.encode())
    param = reply.param
    core = dump_groups([("core", _core(param))])
    # Few clients read on from here, so what is only sometimes there stands last.
    optional = [
        ("objectives_status", dump_objectives(param.objectives, integer=param.integer_score)),
        ("student_preferences", dict(param.preferences)),
    ]
    after = dump_groups(
        [
            ("core_vendor", param.vendor_data.strip(OUTER)),
            ("evaluation", {"course_id": param.course_id}),
            ("student_data", _student_data(param)),
            *((name, body) for name, body in optional if body),
        ]
    )
    return Dumped(
        f"{head}aicc_data={core}[core_lesson]\r\n".encode(),
        f"{param.suspend_data}\r\n".encode() if param.suspend_data else b"",
        after.encode(),
    )


def _core(param: Param) -> dict[str, str]:
    """The [core] group in the order of the standard's table; what is absent leaves its name out."""
    core = {
        "student_id": param.student_id,
        "student_name": param.student_name,
        "lesson_location": param.lesson_location,
        "credit": str(param.credit),
        "lesson_status": dump_status(param.status, param.entry),
    }
    if param.score is not None:
        # An empty `score=` sets an error number in the Rustici driver.
        core["score"] = dump_score(param.score, integer=param.integer_score)
    core["time"] = dump_timespan(param.seconds)
    core["lesson_mode"] = str(param.mode)
    return core


def _student_data(param: Param) -> dict[str, str]:
    optional = {
        "mastery_score": None if param.mastery_score is None else f"{param.mastery_score:f}",
        "max_time_allowed": param.max_time_allowed,
        "time_limit_action": param.time_limit_action,
    }
    data = {"attempt_number": str(param.attempt_number)}
    data |= {name: value for name, value in optional.items() if value is not None}
    for number, standing in param.earlier:
        data[f"lesson_status.{number}"] = str(standing.status)
        if standing.score is not None:
            data[f"score.{number}"] = dump_score(standing.score, integer=param.integer_score)
    return data


class _Wrap(Enum):
    """How a value was put on the wire."""

    FORM = auto()
    """Form-encoded, as it should be."""
    LOOSE = auto()
    """Line ends and brackets stand raw (VA); values inside may be percent-encoded (Halyard)."""
    VERBATIM = auto()
    """As it is (multipart)."""


@dataclass(frozen=True, slots=True)
class _Raw:
    """One parameter's bytes."""

    value: bytes
    wrap: _Wrap


def _body_parameters(body: bytes, content_type: str, *, notes: list[str]) -> dict[str, _Raw]:
    body = _as_utf8(body, notes=notes)
    if not body.startswith(b"--") and "multipart" not in content_type.lower():
        return _parameters(body)
    kind, options = parse_options_header(content_type)
    boundary = options.get("boundary", "").encode()
    if not boundary and body.startswith(b"--"):
        boundary = body[2:_OPENING].split(b"\n", 1)[0].strip()
    if 0 < len(boundary) <= _LONGEST_BOUNDARY and (
        kind == "multipart/form-data" or body.startswith(b"--")
    ):
        notes.append("sent as multipart/form-data")
        return _multipart(body, boundary)
    return _parameters(body)


def _as_utf8(body: bytes, *, notes: list[str]) -> bytes:
    """Drop a byte order mark; turn UTF-16 around (marked, or with a NUL in every other byte)."""
    if body.startswith(b"\xef\xbb\xbf"):
        notes.append("a byte order mark stands before the request")
        return body[3:]
    opening = body[: _OPENING - _OPENING % 2]
    if body[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        codec = "utf-16"
    elif len(opening) > 3 and not any(opening[1::2]):
        codec = "utf-16-le"
    elif len(opening) > 3 and not any(opening[0::2]):
        codec = "utf-16-be"
    else:
        return body
    notes.append("sent in UTF-16")
    return body.decode(codec, "replace").encode()


# What may stand between an aicc_data and the next parameter. In one that was not encoded, a `;` is
# data.
_ENDS = {_Wrap.FORM: {b"&", b";"}, _Wrap.LOOSE: {b"&"}}


def _parameters(raw: bytes) -> dict[str, _Raw]:
    """Find the five known parameters; the first of each name counts."""
    found: dict[str, _Raw] = {}
    name, start, wrap = "", 0, _Wrap.FORM
    raw = b"&" + raw
    for match in _NAME.finditer(raw):
        if name == "aicc_data" and match[0][:1] not in _ENDS[wrap]:
            continue
        if name:
            found.setdefault(name, _cut(raw[start : match.start()], wrap, name=name))
        name = match[1].decode().lower().replace("%5f", "_")
        start = match.end()
        loose = name == "aicc_data" and _is_loose(raw[start : start + _OPENING])
        wrap = _Wrap.LOOSE if loose else _Wrap.FORM
    if name:
        found.setdefault(name, _cut(raw[start:], wrap, name=name))
    return found


def _is_loose(opening: bytes) -> bool:
    """Tell whether aicc_data was put on the wire as it is; a raw bracket alone does not say so."""
    if b"\r" in opening or b"\n" in opening:
        return True
    return b"[" in opening and not _ENCODED_LINE_END.search(opening)


def _cut(value: bytes, wrap: _Wrap, *, name: str) -> _Raw:
    """End a value where a parameter that we do not know begins, as far as that can be told."""
    if name != "aicc_data":
        value = re.split(rb"[&;\r\n]", value, maxsplit=1)[0]
    elif wrap is _Wrap.FORM and (extra := _EXTRA.search(value)):
        value = value[: extra.start()]
    return _Raw(value, wrap)


def _multipart(body: bytes, boundary: bytes) -> dict[str, _Raw]:
    """Read form parts (e-LfH and AICCAdapter beacons); what came before a cut still counts."""
    decoder = MultipartDecoder(boundary, max_parts=_MOST_PARTS)
    decoder.receive_data(body)
    found: dict[str, bytes] = {}
    name = ""
    try:
        while not isinstance(event := decoder.next_event(), NeedData | Epilogue):
            if isinstance(event, Field | File):
                # A part without a name has None, whatever the annotation says.
                name = (event.name or "").lower()
            elif isinstance(event, Data):
                # The body is there whole, so a part comes whole; of two of a name the first counts.
                found.setdefault(name, event.data)
    except (ValueError, RequestEntityTooLarge):
        # Not multipart after all, or far too many parts: what was read before stands.
        pass
    return {name: _Raw(value, _Wrap.VERBATIM) for name, value in found.items()}


def _text(raw: _Raw, *, notes: list[str]) -> str:
    text = _unwrapped(raw, notes=notes)
    if "[" not in text and _ENCODED_GROUP.match(text):
        # Rustici's form posts encode the value themselves and the browser encodes it again.
        notes.append("aicc_data is encoded twice")
        text = _decoded(text.encode(), notes=notes)
    if "\0" in text:
        notes.append("a NUL was dropped")
        text = text.replace("\0", "")
    return text


def _unwrapped(raw: _Raw, *, notes: list[str]) -> str:
    if raw.wrap is _Wrap.FORM:
        return _decoded(raw.value, notes=notes)
    if raw.wrap is _Wrap.VERBATIM:
        return _charset(raw.value)
    notes.append("aicc_data is not encoded")
    return _charset(_unescaped(raw.value))


def _decoded(value: bytes, *, notes: list[str]) -> str:
    """Undo form encoding as JavaScript's `escape`, `encodeURIComponent` and browsers write it.

    A writer that spells a blank `%20` means a plus by `+`. One that writes `%uXXXX` used `escape`,
    whose other escapes are Latin-1.
    """
    if b"%20" not in value:
        value = value.replace(b"+", b" ")
    if b"%u" not in value or not _UNICODE_ESCAPE.search(value):
        return _charset(_unescaped(value))
    notes.append("encoded with JavaScript's escape()")
    pieces = _UNICODE_ESCAPE.split(value)
    units = [
        chr(int(piece, 16)) if place % 2 else _escaped(piece) for place, piece in enumerate(pieces)
    ]
    return "".join(units).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _escaped(piece: bytes) -> str:
    """Read a piece between `%uXXXX`: raw bytes are the page's charset, escaped ones Latin-1."""
    return _BYTE_ESCAPE.sub(lambda match: chr(int(match[1], 16)).encode(), piece).decode(
        "utf-8", "replace"
    )


def _unescaped(value: bytes) -> bytes:
    """Undo `%XX`; what looks like one and is none stays."""
    escapes = value.count(b"%")
    if not escapes:
        return value
    if not any(one in value for one in _NOT_QUOTED):
        decoded = a2b_qp(value.translate(_TO_QUOTED))
        # Each that is one is two signs shorter; where any is none, it is read the long way.
        if len(decoded) == len(value) - 2 * escapes:
            return decoded.translate(_FROM_QUOTED)
    return unquote_to_bytes(value)


def _charset(value: bytes) -> str:
    """Read UTF-8, else Windows-1252, else (five bytes that it lacks) Latin-1."""
    for codec in ("utf-8", "cp1252"):
        try:
            return value.decode(codec)
        except UnicodeDecodeError:
            continue
    return value.decode("latin-1")


def _known(command: str) -> str:
    command = command.strip()
    return _COMMANDS.get(command.lower(), command[:32])
