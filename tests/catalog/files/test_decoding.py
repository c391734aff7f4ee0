"""Course files come in the encodings of thirty years."""

from __future__ import annotations

import codecs

import pytest

from catalog.errors import Findings
from catalog.files.decoding import decode, position, single_line, split_lines

CASES = [
    # realistic
    (b"abc", "abc", 0),
    ("Größe".encode(), "Größe", 0),
    (codecs.BOM_UTF8 + "Größe".encode(), "Größe", 0),
    ("Größe".encode("cp1252"), "Größe", 1),
    ("it\u2019s".encode("cp1252"), "it\u2019s", 1),
    # sloppy
    (codecs.BOM_UTF16_LE + "Größe".encode("utf-16-le"), "Größe", 0),
    (codecs.BOM_UTF16_BE + "Größe".encode("utf-16-be"), "Größe", 0),
    (codecs.BOM_UTF8 + codecs.BOM_UTF8 + b"a", "a", 0),
    (b"abc\r\n\x1a", "abc\r\n", 0),
    (b"", "", 0),
    # hostile
    (b"a\x81b", "a\ufffdb", 1),
    (codecs.BOM_UTF16_LE + b"a\0b", "a\ufffd", 1),
    (codecs.BOM_UTF16_LE + b"\0\xd8a\0", "\ufffda", 1),
]


@pytest.mark.conforms(
    "Course files",
    "LifeSpeak, others",
    "Files are UTF-8, with or without a mark, UTF-16 with a mark, or else Windows-1252.",
    grade="B",
)
@pytest.mark.parametrize(("data", "text", "warnings"), CASES)
def test_bytes_become_text(data: bytes, text: str, warnings: int) -> None:
    findings = Findings()
    assert decode(data, file="a", findings=findings) == text
    assert len(findings.warnings()) == warnings
    assert not findings.refused


def test_a_nul_is_refused_with_its_place() -> None:
    findings = Findings()
    decode(b"ab\r\nc\0d", file="a.au", findings=findings)
    (fault,) = findings.errors()
    assert (fault.file, fault.line, fault.column) == ("a.au", 2, 2)


def test_lines_end_at_crlf_lf_and_cr_mixed_and_at_nothing_else() -> None:
    assert split_lines("a\r\nb\nc\rd\x0be\x85f\u2028g") == ["a", "b", "c", "d\x0be\x85f\u2028g"]


def test_a_position_counts_from_one() -> None:
    assert position("ab", 0) == (1, 1)
    assert position("a\r\nb\rc\nde", 8) == (4, 2)


def test_a_single_line_has_no_breaks_and_no_controls() -> None:
    assert single_line(" a\r\n\tb\x00\x85c\N{NO-BREAK SPACE}d ") == "a b c d"
