"""What a measured conversation says: requests as content in a browser sends them, replies checked.

Serves the client. Speaks bytes only, made once, so that the client costs little.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from itertools import cycle
from urllib.parse import quote

# One request out, its reply back: what runs on one connection.
Script = Generator[bytes, bytes, None]

SUSPEND_BYTES = 1024
# How the numbers of a Rise course look, whose suspend data is compressed to an array; a third of
# it has to be percent-encoded.
_STATE = '{"v":2,"d":[123,34,112,114,111,103,58,256,108,263,115,111,110,265,267,34,48,264]}'
# What Chromium says beside the form itself.
_HEADERS = (
    b"User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)"
    b" Chrome/130.0.0.0 Safari/537.36\r\n"
    b"Accept: */*\r\n"
    b"Accept-Encoding: gzip, deflate, br, zstd\r\n"
    b"Accept-Language: en-GB,en;q=0.9\r\n"
    b"Origin: https://content.example\r\n"
    b"Referer: https://content.example/\r\n"
    b"Sec-Fetch-Mode: cors\r\n"
    b"Sec-Fetch-Site: cross-site\r\n"
    b"Connection: keep-alive\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\n"
)
_FIRST, _LAST = "@FIRST@", "@LAST@"


def http_post(port: int, body: bytes) -> bytes:
    """Wrap a form in an HTTP request."""
    return b"POST /hacp/1 HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n%bContent-Length: %d\r\n\r\n%b" % (
        port,
        _HEADERS,
        len(body),
        body,
    )


def get_param(sid: str) -> bytes:
    """Ask for everything."""
    return f"command=GetParam&version=4.0&session_id={sid}&aicc_data=".encode()


def exit_au(sid: str) -> bytes:
    """Say goodbye."""
    return f"command=ExitAU&version=4.0&session_id={sid}&aicc_data=".encode()


def put_param(sid: str, mark: bytes, *, seconds: float = 1.0, status: str = "incomplete") -> bytes:
    """Report a bookmark and 1 KiB of suspend data that begins and ends with it.

    `mark` needs no encoding. A status other than incomplete comes with a score.
    """
    before, between, after = _TEMPLATES[status]
    whole = int(seconds)
    time = b"%02d%%3A%02d%%3A%02d" % (whole // 3600, whole // 60 % 60, whole % 60)
    return b"".join(
        (
            b"command=PutParam&version=4.0&session_id=",
            sid.encode(),
            before,
            mark,
            between[0],
            time,
            between[1],
            mark,
            after,
            mark,
        )
    )


def _template(status: str) -> tuple[bytes, tuple[bytes, bytes], bytes]:
    """Cut an encoded PutParam into the pieces between what changes."""
    score = "" if status == "incomplete" else "90,100,0"
    state = (_STATE * 20)[:SUSPEND_BYTES]
    aicc_data = (
        f"[core]\r\nlesson_location=@1@\r\nlesson_status={status}\r\nscore={score}\r\n"
        f"time=@2@\r\n[core_lesson]\r\n@3@{state}@4@"
    )
    encoded = f"&aicc_data={quote(aicc_data, safe='')}"
    pieces = [encoded]
    for number in range(1, 5):
        head, _, tail = pieces.pop().partition(f"%40{number}%40")
        pieces += [head, tail]
    first, second, third, fourth, _ = (piece.encode() for piece in pieces)
    return first, (second, third), fourth


_TEMPLATES = {status: _template(status) for status in ("incomplete", "completed")}


def asks(sids: Iterable[str]) -> Script:
    """Say GetParam in one session after another, for ever."""
    for sid in cycle(sids):
        check(sid, (yield get_param(sid)))


def reports(sids: Iterable[str], last: dict[str, bytes], *, marks: Iterator[bytes]) -> Script:
    """Say PutParam in one session after another, for ever; note what was acknowledged."""
    for sid in cycle(sids):
        mark = next(marks)
        check(sid, (yield put_param(sid, mark)))
        last[sid] = mark


def farewells(sids: Iterable[str]) -> Script:
    """Say ExitAU once in each session."""
    for sid in sids:
        check(sid, (yield exit_au(sid)))


def whole_sessions(
    sids: Iterable[str], last: dict[str, bytes], *, marks: Iterator[bytes]
) -> Script:
    """Play each session from its first question to its end: five requests."""
    for sid in sids:
        check(sid, (yield get_param(sid)))
        for status in ("incomplete", "incomplete", "completed"):
            mark = next(marks)
            check(sid, (yield put_param(sid, mark, status=status)))
            last[sid] = mark
        check(sid, (yield exit_au(sid)))


def comparison(last: dict[str, bytes]) -> Script:
    """Read back what was acknowledged last; raises where anything else is stored."""
    for sid, mark in last.items():
        reply = yield get_param(sid)
        check(sid, reply)
        # The floor keeps no location.
        located = b"lesson_location=" not in reply or b"lesson_location=%b\r\n" % mark in reply
        if not located or b"%b\r\n[core_vendor]" % mark not in reply:
            raise RuntimeError(f"{mark!r} was acknowledged, but {reply!r} is stored")


def check(sid: str, reply: bytes) -> None:
    """Raise where a reply is not one of success."""
    if not reply.startswith(b"error=0\r\n"):
        raise RuntimeError(f"session {sid[:4]}... was answered {reply[:200]!r}")
