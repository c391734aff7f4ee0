"""What kind of picture some bytes are, told by the bytes alone.

Serves the client. Believes no name and no header; opens no picture.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that was fetched; `content_type` is what its bytes are."""

    content_type: str
    content: bytes


# How each begins. PNG and WebP are checked up to their first block, so that not just any text
# behind a magic number passes.
_BEGINNINGS: Mapping[str, re.Pattern[bytes]] = {
    "image/png": re.compile(rb"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR", re.DOTALL),
    "image/jpeg": re.compile(rb"\xff\xd8\xff[\xc0-\xfe]", re.DOTALL),
    "image/gif": re.compile(rb"GIF8[79]a.{6}", re.DOTALL),
    "image/webp": re.compile(rb"RIFF.{4}WEBPVP8[ LX]", re.DOTALL),
}


def content_type_of(content: bytes) -> str | None:
    """Return the media type of PNG, JPEG, GIF or WebP; None for everything else."""
    return next((name for name, begins in _BEGINNINGS.items() if begins.match(content)), None)
