"""Pictures lie under names that are what is in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog.picture_shelf import PictureShelf
from catalog.provider.pictures import Picture

PNG = Picture("image/png", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")


@pytest.mark.parametrize(
    ("content_type", "ending"),
    [("image/png", "png"), ("image/jpeg", "jpg"), ("image/gif", "gif"), ("image/webp", "webp")],
)
def test_a_picture_is_kept_under_its_contents(
    tmp_path: Path, content_type: str, ending: str
) -> None:
    shelf = PictureShelf(tmp_path / "pictures")
    name = shelf.keep(Picture(content_type, b"pixels"))
    assert name.endswith(f".{ending}")
    assert shelf.path_of(name).read_bytes() == b"pixels"
    assert shelf.content_type_of(name) == content_type


def test_the_same_picture_is_one_file(tmp_path: Path) -> None:
    shelf = PictureShelf(tmp_path)
    assert shelf.keep(PNG) == shelf.keep(PNG)
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


@pytest.mark.parametrize(
    "name", ["", "../secret", "a.png", f"{'0' * 64}.svg", f"{'0' * 64}.png\n", f"/{'0' * 63}.png"]
)
def test_what_is_no_name_leads_nowhere(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="not a name"):
        PictureShelf(tmp_path).path_of(name)
