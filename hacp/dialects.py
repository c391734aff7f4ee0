"""How content puts its words on the wire: one function for each way of encoding that was seen.

Serves `probe` and `recording`. `messages.parse_request` reads all of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import quote, quote_plus, unquote, unquote_plus

# As Chromium writes one; a replayed request has this in place of the one that was recorded.
BOUNDARY = "----WebKitFormBoundaryq0bA7cEJ8mJzXw2d"
LINE_ENDS = {"crlf": "\r\n", "lf": "\n", "cr": "\r"}
_UNICODE_ESCAPE = re.compile(r"%u([0-9a-fA-F]{4})|%([0-9a-fA-F]{2})")
# What has no character stands as a surrogate and goes out as the byte that it was.
_BYTES = "surrogateescape"


@dataclass(frozen=True, slots=True)
class Dialect:
    """One way to encode aicc_data, and the way back, where one can be told."""

    dump: Callable[[str], str]
    parse: Callable[[str], str] | None = None


def dump_escape(text: str) -> str:
    """Encode as JavaScript's `escape` does: UTF-16 units, those below 256 as one byte."""
    units = text.encode("utf-16-be", "surrogatepass")
    pairs = (units[place] << 8 | units[place + 1] for place in range(0, len(units), 2))
    return "".join(_escaped(unit) for unit in pairs)


def parse_escape(text: str) -> str:
    """Undo `dump_escape`, as JavaScript's `unescape` does."""
    units = _UNICODE_ESCAPE.sub(lambda match: chr(int(match[1] or match[2], 16)), text)
    return units.encode("utf-16-be", "surrogatepass").decode("utf-16-be", "replace")


def dump_component(text: str) -> str:
    """Encode as JavaScript's `encodeURIComponent` does."""
    return quote(text, safe="!'()*-._~", errors=_BYTES)


def dump_form(text: str) -> str:
    """Encode as a browser's form or URLSearchParams does."""
    return quote_plus(text, safe="*-._", errors=_BYTES).replace("~", "%7E")


def dump_values(text: str) -> str:
    """Encode what stands behind each `=` and nothing else (Halyard)."""
    return re.sub(r"=([^\r\n]*)", lambda value: f"={_lower(quote(value[1], safe=''))}", text)


# By the word that a recording uses for it.
DIALECTS = {
    "form": Dialect(dump_form, unquote_plus),
    "component": Dialect(dump_component, unquote),
    "escape": Dialect(dump_escape, parse_escape),
    "double": Dialect(
        lambda text: dump_form(dump_escape(text)), lambda text: parse_escape(unquote_plus(text))
    ),
    "values": Dialect(dump_values),
    "raw": Dialect(str),
    "multipart": Dialect(str),
    "utf-16": Dialect(dump_form),
}


def dump_multipart(fields: Sequence[tuple[str, str]]) -> str:
    """Write fields as multipart/form-data with `BOUNDARY`."""
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields
    ]
    return "".join([*parts, f"--{BOUNDARY}--\r\n"])


def _escaped(unit: int) -> str:
    sign = chr(unit)
    if unit < 128 and (sign.isalnum() or sign in "@*_+-./"):
        return sign
    return f"%{unit:02X}" if unit < 256 else f"%u{unit:04X}"


def _lower(encoded: str) -> str:
    return re.sub("%..", lambda code: code[0].lower(), encoded)
