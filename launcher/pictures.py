"""A picture for every course: a quilt of simple tiles, the same each time for the same course.

Serves the templates, which draw it as inline SVG. Pure; knows no course but its number.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

COLUMNS, ROWS, SIDE = 7, 3, 48
PALETTES = 6  # as many as style.css has classes `palette-N`

# Path data of one tile, drawn in a square of SIDE with its upper left corner at 0,0. The empty one
# stands there twice: a quilt needs room to breathe.
_S, _H = SIDE, SIDE // 2
TILES = (
    f"M0 0h{_S}a{_S} {_S} 0 0 1 -{_S} {_S}z",
    f"M{_S} 0v{_S}a{_S} {_S} 0 0 1 -{_S} -{_S}z",
    f"M{_S} {_S}h-{_S}a{_S} {_S} 0 0 1 {_S} -{_S}z",
    f"M0 {_S}v-{_S}a{_S} {_S} 0 0 1 {_S} {_S}z",
    f"M0 {_H}a{_H} {_H} 0 0 1 {_S} 0a{_H} {_H} 0 0 1 -{_S} 0z",
    f"M0 0h{_S}a{_H} {_H} 0 0 1 -{_S} 0z",
    f"M0 {_S}a{_H} {_H} 0 0 1 {_S} 0z",
    f"M0 0h{_S}l-{_S} {_S}z",
    "",
    "",
)


@dataclass(frozen=True, slots=True)
class Tile:
    """One tile: where it stands, its outline, and which of the palette's colours fills it."""

    x: int
    y: int
    path: str
    colour: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture to be drawn in a view box of `width` by `height`."""

    palette: int
    tiles: tuple[Tile, ...]
    width: int = COLUMNS * SIDE
    height: int = ROWS * SIDE


def picture(course_id: int) -> Picture:
    """Return the picture of a course."""
    # Neighbouring numbers must not look alike, so the bytes of a hash choose tile and colour.
    seed = hashlib.sha256(f"course {course_id}".encode()).digest()
    tiles = []
    for place in range(COLUMNS * ROWS):
        path = TILES[seed[place] % len(TILES)]
        if path:
            row, column = divmod(place, COLUMNS)
            colour = "aabbc"[seed[place] // len(TILES) % 5]
            tiles.append(Tile(column * SIDE, row * SIDE, path, colour))
    return Picture(palette=course_id % PALETTES, tiles=tuple(tiles))
