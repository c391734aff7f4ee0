"""The text export of recorded exchanges: what `recording` reads and a person can.

Serves whoever hands a session to somebody else. Session ids are those that the log left: stand-ins,
written as `{sid}`.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product

from hacp.calls import FORM_TYPE
from hacp.dialects import DIALECTS, LINE_ENDS
from hacp.model import Exchange
from hacp.recording import ANY_LINES, INDENT, STANDARD_TEXTS, UNTYPED, VERSION, Sent, compose
from hacp.signs import dump_signs, to_text

_STAND_IN = re.compile(r"sid-[0-9a-f]{8}")
_AICC_DATA = re.compile(r"(?:\A|(?<=&))aicc_data=([^&]*)", re.IGNORECASE)
# Where the export has to guess, it guesses in this order: what it takes must give the same bytes.
_READABLE = ("component", "form", "escape", "double")
# A line of a reply that is no sign for any lines.
ESCAPED = f"{{0x{ANY_LINES.encode().hex()}}}"
_TYPE = re.compile(r"[^/?][^/]*/.+")
_ANYWHERE = "http://localhost/"
_HEAD = """\
# A recorded session. `>>>` is what the content sent, `<<<` what the server answered; {sid} stands
# for the session id. What would not be seen is drawn, and {0x..} are bytes.
"""


def dump_recording(exchanges: Iterable[Exchange]) -> str:
    """Write exchanges, oldest first, so that `recording.parse_recording` reads them.

    Each session id becomes `{sid}`, or `{sid 2}` from the second session on. Requests are written
    decoded where that gives the same bytes again, else as they were.
    """
    export = _Export()
    return "\n".join([_HEAD, *(line for exchange in exchanges for line in export.steps(exchange))])


class _Export:
    """What has been written so far: the sessions, and when the last exchange was."""

    def __init__(self) -> None:
        self.stand_ins: dict[int, str] = {}
        self.last: datetime | None = None

    def steps(self, exchange: Exchange) -> Iterator[str]:
        """Yield the lines of one exchange."""
        yield from self._pause(exchange.at)
        yield f"# {exchange.at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
        request = list(_request(exchange))
        if exchange.session_id is not None and exchange.session_id not in self.stand_ins:
            found = _STAND_IN.search("\n".join(request))
            self.stand_ins[exchange.session_id] = found[0] if found else ""
            yield "launch"
        for line in (*request, *_reply(exchange.reply)):
            yield self._named(line)
        for note in exchange.tolerated:
            yield f"noted: {self._named(dump_signs(note))}"
        yield ""

    def _pause(self, at: datetime) -> Iterator[str]:
        seconds = round((at - self.last).total_seconds()) if self.last is not None else 0
        self.last = at
        if seconds > 0:
            yield f"wait {seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"

    def _named(self, line: str) -> str:
        """Write stand-ins as signs; one of an unknown session stays: it opens nothing elsewhere."""
        for number, stand_in in enumerate(self.stand_ins.values(), start=1):
            if stand_in:
                sign = "{sid}" if len(self.stand_ins) == 1 else f"{{sid {number}}}"
                line = line.replace(stand_in, sign)
        return line


def _request(exchange: Exchange) -> Iterator[str]:
    """Yield the lines of `>>>`: the first way of writing it that gives the same bytes again."""
    exact = _exact(exchange)
    wanted = compose(exact, address=_ANYWHERE, session_ids=())
    for sent in _guesses(exact, exchange):
        if compose(sent, address=_ANYWHERE, session_ids=()) == wanted:
            yield from _written(sent)
            return
    yield from _written(exact)


def _exact(exchange: Exchange) -> Sent:
    """Return a request as it was, on one line."""
    by_get = exchange.method == "GET" and not exchange.request
    beside = exchange.query or exchange.method == "GET"
    return Sent(
        line=0,
        method=exchange.method,
        template=dump_signs(to_text(exchange.query if by_get else exchange.request)),
        dialect="raw",
        query=_word(exchange.query) if beside and not by_get else None,
        content_type=None if by_get else _content_type(exchange.content_type),
    )


def _guesses(exact: Sent, exchange: Exchange) -> Iterator[Sent]:
    if exchange.request.startswith(codecs.BOM_UTF16_LE):
        text = exchange.request.decode("utf-16", "replace")
        yield replace(exact, template=dump_signs(text), dialect="utf-16")
    wire = to_text(exchange.request or exchange.query)
    found = _AICC_DATA.search(wire)
    if found is None or not found[1]:
        return
    before, after = wire[: found.start(1)], wire[found.end() :]
    template = dump_signs(before) + (f"{{data}}{dump_signs(after)}" if after else "")
    for dialect, line_end in product(_READABLE, LINE_ENDS):
        parse = DIALECTS[dialect].parse
        text = parse(found[1]) if parse else found[1]
        data = tuple(_lines(text.split(LINE_ENDS[line_end])))
        yield replace(exact, template=template, data=data, dialect=dialect, line_end=line_end)


def _word(raw: bytes) -> str:
    """Write what stands among the ways of sending, where a blank ends a word."""
    return dump_signs(to_text(raw)).replace(" ", "␠")


def _content_type(said: str) -> str | None:
    """Return the type as one word; None where it is the usual one."""
    word = re.sub(r"\s", "", said)
    if word.lower() == FORM_TYPE:
        return None
    return word if _TYPE.fullmatch(word) else ""


def _written(sent: Sent) -> Iterator[str]:
    line_end = "" if sent.line_end == "crlf" else sent.line_end
    kind = UNTYPED if sent.content_type == "" and sent.method != "GET" else sent.content_type
    query = None if sent.query is None else f"?{sent.query}"
    ways = filter(None, (sent.method, sent.dialect, line_end, query, kind))
    yield f">>> {' '.join(ways)}  {sent.template}"
    yield from _indented(sent.data or ())


def _reply(reply: bytes) -> Iterator[str]:
    first, *more = to_text(reply).removesuffix("\r\n").split("\r\n")
    number = first.removeprefix("error=")
    if more == [f"error_text={STANDARD_TEXTS.get(number)}", f"version={VERSION}"]:
        more = []
    elif not more:
        # One line alone would be read as the short form of three.
        more = [ANY_LINES]
    else:
        more = [ESCAPED if line == ANY_LINES else line for line in _lines(more)]
    yield f"<<< {dump_signs(first)}"
    yield from _indented(more)


def _lines(texts: Sequence[str]) -> Iterator[str]:
    """Write each text on a line; an empty one shows only at the end, where it would be dropped."""
    for number, text in enumerate(texts, start=1):
        yield dump_signs(text) if text or number == len(texts) else ""


def _indented(lines: Iterable[str]) -> Iterator[str]:
    return (f"{INDENT}{line}" if line else "" for line in lines)
