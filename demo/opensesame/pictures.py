"""A picture for each course, drawn from its id: no two alike, always the same, no library needed.

Serves `api`. Writes PNG by hand: rows of palette numbers, which is all that circles need.
"""

from __future__ import annotations

import hashlib
import math
import struct
import zlib
from functools import lru_cache

SIZES = {"thumbnail": (240, 135), "image": (480, 270)}
# Ground and three circles: dark to light, so that white text on them could be read.
_PALETTES = (
    ((24, 48, 89), (38, 80, 132), (64, 121, 168), (143, 188, 206)),
    ((61, 32, 74), (104, 52, 102), (158, 78, 110), (226, 145, 120)),
    ((18, 62, 58), (30, 96, 84), (71, 140, 105), (170, 200, 130)),
    ((84, 36, 27), (132, 60, 38), (188, 98, 52), (235, 172, 96)),
    ((36, 40, 52), (62, 70, 92), (98, 112, 140), (166, 180, 198)),
)


@lru_cache(maxsize=256)
def draw(course_id: str, size: str) -> bytes:
    """Return the PNG of a course; `size` is one of SIZES."""
    width, height = SIZES[size]
    drawn = hashlib.sha256(course_id.lower().encode()).digest()
    rows = [bytearray(width) for _ in range(height)]
    for number in (1, 2, 3):
        x, y, radius = drawn[number * 3 : number * 3 + 3]
        _circle(
            rows,
            number,
            (x * width // 255, y * height // 255),
            height * (60 + radius // 2) // (170 + 60 * number),
        )
    return _png(rows, _PALETTES[drawn[0] % len(_PALETTES)])


def _circle(rows: list[bytearray], colour: int, centre: tuple[int, int], radius: int) -> None:
    x, y = centre
    for line in range(max(0, y - radius), min(len(rows), y + radius)):
        half = math.isqrt(radius**2 - (line - y) ** 2)
        left, right = max(0, x - half), min(len(rows[line]), x + half)
        rows[line][left:right] = bytes([colour]) * max(0, right - left)


def _png(rows: list[bytearray], palette: tuple[tuple[int, int, int], ...]) -> bytes:
    head = struct.pack(">IIBBBBB", len(rows[0]), len(rows), 8, 3, 0, 0, 0)
    colours = bytes(part for colour in palette for part in colour)
    body = zlib.compress(b"".join(b"\0" + row for row in rows), 9)
    chunks = ((b"IHDR", head), (b"PLTE", colours), (b"IDAT", body), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in chunks)


def _chunk(kind: bytes, content: bytes) -> bytes:
    checked = kind + content
    return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))
