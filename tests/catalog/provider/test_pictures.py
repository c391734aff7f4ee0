"""What kind of picture some bytes are."""

from __future__ import annotations

import pytest

from catalog.provider.pictures import content_type_of


@pytest.mark.parametrize(
    ("begins", "content_type"),
    [
        # realistic
        (b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x01", "image/png"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "image/jpeg"),
        (b"\xff\xd8\xff\xe1\0\x10Exif", "image/jpeg"),
        (b"\xff\xd8\xff\xdb\0\x43", "image/jpeg"),
        (b"GIF89a\x01\0\x01\0\x80\0\0", "image/gif"),
        (b"GIF87a\n\0\n\0\0\0", "image/gif"),
        (b"RIFF\x0a\n\0\0WEBPVP8 \0", "image/webp"),
        (b"RIFF\x10\0\0\0WEBPVP8L\0", "image/webp"),
        (b"RIFF\x10\0\0\0WEBPVP8X\0", "image/webp"),
        # not taken
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", None),
        (b"BM\x36\0\0\0", None),
        (b"\0\0\0\x20ftypavif", None),
        # hostile
        (b"", None),
        (b"<html>\x89PNG", None),
        (b"\x89PNG\r\n\x1a\n<script>", None),
        (b"\xff\xd8\xff<script>", None),
        (b"GIF89a", None),
        (b"RIFF\x10\0\0\0WAVEfmt ", None),
        (b"RIFF\x10\0\0\0WEBP<script>", None),
        (b" GIF89a\x01\0\x01\0\x80\0\0", None),
    ],
)
def test_a_picture_is_told_by_its_bytes(begins: bytes, content_type: str | None) -> None:
    assert content_type_of(begins) == content_type
