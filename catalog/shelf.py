"""Where the content files of packages lie: folders under keys that nobody can guess.

Serves `intake`, which puts content here, and the hall's content application, which serves it. Knows
no course and no database.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

# 160 random bits, as for session ids: whoever knows a key may read what lies under it.
_KEY_BYTES = 20
_KEY = re.compile(r"[0-9a-f]{40}")


class Staged:
    """Content on its way: files are written one by one and put in place together, or not at all."""

    def __init__(self, folder: Path, place: Path) -> None:
        self._folder = folder
        self._place = place

    @property
    def key(self) -> str:
        """The key under which the content will stand."""
        return self._place.name

    def write(self, path: str, chunks: Iterator[bytes]) -> None:
        """Write one file below the key. `path` is clean: `members.unsafe_reason` let it pass."""
        target = self._folder / path
        if not target.resolve().is_relative_to(self._folder.resolve()):
            raise ValueError(f"a path that leads out of the shelf: {path!r}")
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as file:
            for chunk in chunks:
                file.write(chunk)

    def put_in_place(self) -> str:
        """Move everything to its place in one step, safe from a power cut; return the key."""
        # One call for all files: thousands of single syncs would take minutes on slow disks.
        os.sync()
        self._folder.rename(self._place)
        _sync_folder(self._place.parent)
        return self.key


class Shelf:
    """Content under one root: a folder for each key, and `.staging`, where it is on its way.

    In `.waiting` lie packages about which somebody has to decide.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._staging_root = root / ".staging"
        self._waiting_root = root / ".waiting"

    @contextmanager
    def stage(self) -> Iterator[Staged]:
        """Begin new content; what was not put in place by the end of the block is removed."""
        self._staging_root.mkdir(parents=True, exist_ok=True)
        key = secrets.token_hex(_KEY_BYTES)
        folder = self._staging_root / key
        folder.mkdir()
        try:
            yield Staged(folder, self._root / key)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def path_of(self, key: str) -> Path:
        """Return the folder of a key. Raises `ValueError` for what is no key."""
        if not _KEY.fullmatch(key):
            raise ValueError("not a key of this shelf")
        return self._root / key

    def discard(self, key: str) -> None:
        """Remove what lies under a key: first the name, so that nobody sees half of it."""
        self._staging_root.mkdir(parents=True, exist_ok=True)
        away = self._staging_root / secrets.token_hex(_KEY_BYTES)
        try:
            self.path_of(key).rename(away)
        except FileNotFoundError:
            return
        shutil.rmtree(away, ignore_errors=True)

    def keep_waiting(self, paths: Sequence[Path]) -> str:
        """Keep files as they came until somebody decides about them; return the key to them.

        They lie on the shelf, so every process that has it can go on, and beside what is served.
        """
        key = secrets.token_hex(_KEY_BYTES)
        folder = self._waiting_root / f".{key}"
        folder.mkdir(parents=True)
        for path in paths:
            shutil.copy2(path, folder / path.name)
        os.sync()
        folder.rename(self._waiting_root / key)
        _sync_folder(self._waiting_root)
        return key

    def waiting(self, key: str) -> list[Path]:
        """Return the files that wait under a key; none where they are gone."""
        self.path_of(key)
        folder = self._waiting_root / key
        return sorted(folder.iterdir()) if folder.is_dir() else []

    def let_go(self, key: str) -> None:
        """Remove files that waited."""
        self.path_of(key)
        shutil.rmtree(self._waiting_root / key, ignore_errors=True)

    def sweep_waiting(self, *, before: datetime) -> None:
        """Remove what has waited since before a time."""
        _sweep(self._waiting_root, before)

    def sweep(self, *, before: datetime) -> None:
        """Remove staged content older than a time: what a process left that was killed."""
        _sweep(self._staging_root, before)


def _sweep(root: Path, before: datetime) -> None:
    if not root.is_dir():
        return
    for folder in root.iterdir():
        # Another import may take its own folder away while we look.
        with suppress(FileNotFoundError):
            if folder.stat().st_mtime < before.timestamp():
                shutil.rmtree(folder, ignore_errors=True)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
