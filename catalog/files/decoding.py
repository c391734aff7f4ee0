"""The text of course files: from bytes to characters, and from characters to lines.

Serves the readers of .crs and of the tables. Knows no syntax.
"""

from __future__ import annotations

import codecs
import re

from catalog.errors import Findings

# C0 and C1: what no name, address or path may hold.
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")

_LINE_END = re.compile(r"\r\n|\r|\n")

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def decode(data: bytes, *, file: str, findings: Findings) -> str:
    """Turn the bytes of a course file into text: byte order mark, else UTF-8, else Windows-1252.

    Whatever is not plain UTF-8 and not announced by a mark is warned of, since it is a guess. A NUL
    is an error: no course file holds one, and no database keeps one.
    """
    text = _decode_marked(data, file=file, findings=findings)
    # Old DOS editors end a text with Ctrl-Z.
    text = text.lstrip("\ufeff").rstrip("\x1a")
    nul = text.find("\0")
    if nul >= 0:
        line, column = position(text, nul)
        findings.error(
            "The file holds a NUL character.",
            "Save it as plain text in UTF-8.",
            file=file,
            line=line,
            column=column,
        )
    return text


def _decode_marked(data: bytes, *, file: str, findings: Findings) -> str:
    mark, encoding = next(
        ((mark, encoding) for mark, encoding in _MARKS if data.startswith(mark)), (b"", "utf-8")
    )
    body = data[len(mark) :]
    try:
        return body.decode(encoding)
    except UnicodeDecodeError:
        pass
    fallback = encoding if encoding != "utf-8" else "cp1252"
    name = "UTF-16" if encoding != "utf-8" else "Windows-1252"
    findings.warn(
        f"The file is not UTF-8 and was read as {name}.",
        "Check names with accents; save the file in UTF-8.",
        file=file,
    )
    return body.decode(fallback, errors="replace")


def split_lines(text: str) -> list[str]:
    """Split at CRLF, LF and CR, mixed as they come, and at nothing else."""
    return _LINE_END.split(text)


def position(text: str, offset: int) -> tuple[int, int]:
    """Return line and column, both from 1, of a character's offset."""
    line, start = 1, 0
    for end in _LINE_END.finditer(text, 0, offset):
        line, start = line + 1, end.end()
    return line, offset - start + 1


def single_line(text: str) -> str:
    """Turn every run of white space and control characters into one blank."""
    return " ".join(CONTROL.sub(" ", text).split())
