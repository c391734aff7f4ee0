"""Private files are their owner's alone, whole or as they were."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from demo.files import write_private


def test_a_file_is_written_privately_and_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "kept.txt"
    path.write_text("before")
    path.chmod(0o644)

    write_private(path, "nachhér")

    assert path.read_text(encoding="utf-8") == "nachhér"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_write_that_was_interrupted_leaves_the_file_and_is_mended_by_the_next(
    tmp_path: Path,
) -> None:
    path = tmp_path / "kept.txt"
    write_private(path, "first")
    (tmp_path / ".kept.txt.new").write_text("half of the sec")

    assert path.read_text() == "first"
    write_private(path, "second")
    assert path.read_text() == "second"


def test_text_that_cannot_be_written_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "kept.txt"
    write_private(path, "first")

    with pytest.raises(UnicodeEncodeError):
        write_private(path, "\ud800")
    assert path.read_text() == "first"
