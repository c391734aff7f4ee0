"""Where the pictures of courses lie: files that are named after what is in them.

Serves `illustrating`, which fetches them, and the hall, which shows them. Equal pictures are one
file; a name never comes to mean another picture, so it may be cached for ever.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from pathlib import Path

from catalog.provider.pictures import Picture

_ENDINGS = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
    "image/webp": "webp",
}
_NAME = re.compile(r"[0-9a-f]{64}\.(?:png|jpg|gif|webp)")


class PictureShelf:
    """Pictures under one root, in a folder for each of the first two digits."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def keep(self, picture: Picture) -> str:
        """Store a picture and return its name. Two processes that store the same do no harm."""
        name = f"{hashlib.sha256(picture.content).hexdigest()}.{_ENDINGS[picture.content_type]}"
        place = self.path_of(name)
        if not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            beside = place.with_name(f".{secrets.token_hex(8)}")
            with beside.open("xb") as file:
                file.write(picture.content)
                file.flush()
                os.fsync(file.fileno())
            beside.rename(place)
        return name

    def path_of(self, name: str) -> Path:
        """Return where a picture lies. Raises `ValueError` for what is no name of one."""
        if not _NAME.fullmatch(name):
            raise ValueError("not a name of a picture")
        return self._root / name[:2] / name

    def content_type_of(self, name: str) -> str:
        """Return the type of a picture by its name."""
        ending = name.rpartition(".")[2]
        return next(kind for kind, one in _ENDINGS.items() if one == ending)
