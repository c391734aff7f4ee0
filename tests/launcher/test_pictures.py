"""A picture for every course."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from launcher.pictures import COLUMNS, PALETTES, ROWS, SIDE, picture

STYLE = Path(__file__).parents[2] / "launcher" / "static" / "style.css"


def test_a_course_has_the_same_picture_every_time():
    assert picture(7) == picture(7)


def test_neighbours_do_not_look_alike():
    pictures = [picture(course_id) for course_id in range(1, 51)]

    assert len({drawn.tiles for drawn in pictures}) == 50
    assert all(a.palette != b.palette for a, b in pairwise(pictures))


def test_every_tile_stands_inside_the_picture():
    for course_id in (1, 2, 999_999):
        drawn = picture(course_id)
        assert 0 < len(drawn.tiles) <= COLUMNS * ROWS
        for tile in drawn.tiles:
            assert 0 <= tile.x <= drawn.width - SIDE
            assert 0 <= tile.y <= drawn.height - SIDE


def test_the_style_sheet_has_every_palette():
    style = STYLE.read_text("utf-8")

    assert all(f".palette-{number} " in style for number in range(PALETTES))
