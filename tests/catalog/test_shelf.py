"""The shelf keeps content under unguessable keys, whole or not at all."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from catalog.shelf import Shelf


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "shelf")


def left(shelf: Shelf) -> list[Path]:
    return [path for path in shelf.path_of("0" * 40).parent.rglob("*") if len(path.name) == 40]


def test_content_is_put_in_place_under_a_long_key(shelf: Shelf) -> None:
    with shelf.stage() as staged:
        staged.write("a/b.html", iter([b"x", b"y"]))
        assert not shelf.path_of(staged.key).exists()
        key = staged.put_in_place()
    assert re.fullmatch("[0-9a-f]{40}", key)
    assert key == staged.key
    assert (shelf.path_of(key) / "a/b.html").read_bytes() == b"xy"
    assert left(shelf) == [shelf.path_of(key)]


def test_no_two_keys_are_alike(shelf: Shelf) -> None:
    with shelf.stage() as one, shelf.stage() as two:
        assert one.key != two.key


def test_what_is_not_put_in_place_is_removed(shelf: Shelf) -> None:
    with shelf.stage() as staged:
        staged.write("a", iter([b"x"]))
    assert left(shelf) == []


def test_an_exception_leaves_nothing_behind(shelf: Shelf) -> None:
    def interrupted() -> Iterator[bytes]:
        yield b"x"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), shelf.stage() as staged:
        staged.write("a", interrupted())
    assert left(shelf) == []


@pytest.mark.parametrize("path", ["../evil", "a/../../../evil", "/evil"])
def test_nothing_is_written_outside(shelf: Shelf, path: str) -> None:
    with shelf.stage() as staged, pytest.raises(ValueError, match="leads out"):
        staged.write(path, iter([b"x"]))


def test_no_file_is_written_twice(shelf: Shelf) -> None:
    with shelf.stage() as staged:
        staged.write("a", iter([b"x"]))
        with pytest.raises(FileExistsError):
            staged.write("a", iter([b"y"]))


def test_discarded_content_is_gone(shelf: Shelf) -> None:
    with shelf.stage() as staged:
        staged.write("a", iter([b"x"]))
        key = staged.put_in_place()
    shelf.discard(key)
    shelf.discard(key)
    assert left(shelf) == []


@pytest.mark.parametrize("key", ["", "..", "A" * 40, "a" * 39, "a" * 40 + "\n", "../" + "a" * 40])
def test_what_is_no_key_has_no_path(shelf: Shelf, key: str) -> None:
    with pytest.raises(ValueError, match="not a key"):
        shelf.path_of(key)


def test_a_sweep_removes_what_a_killed_process_left(shelf: Shelf) -> None:
    now = datetime.now(UTC)
    shelf.sweep(before=now)
    with shelf.stage() as young, shelf.stage() as old:
        yesterday = (now - timedelta(days=2)).timestamp()
        (folder,) = (path for path in left(shelf) if path.name == old.key)
        os.utime(folder, (yesterday, yesterday))
        shelf.sweep(before=now - timedelta(days=1))
        assert [path.name for path in left(shelf)] == [young.key]
