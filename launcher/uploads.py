"""Files that a browser uploads, on their way to the catalog: sorted into packages, one by one.

Serves the upload page. Writes each file to a folder that is gone afterwards; what a package holds
is the catalog's knowledge.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from sqlalchemy import Connection
from werkzeug.datastructures import FileStorage

from catalog import intake
from catalog.errors import PackageRefused
from catalog.intake import Accepted, DuplicateFound
from catalog.model import Fault
from catalog.shelf import Shelf
from catalog.store import Transact
from catalog.sync.recognising import link_accepted
from launcher import duplicates

# The longest file name that common file systems take, in bytes.
NAME_BYTES = 255
# What is longer behind the last dot is no ending that means anything.
SUFFIX_LENGTH = 16
# Room for the number that tells two files of one name apart.
SPARE_BYTES = 8
# Everything that could lead out of the folder or that a file system refuses.
_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]')


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of one package: its courses, or its faults, or a question and nothing else.

    `question` is the decision that waits for somebody, where it is a duplicate.
    """

    names: tuple[str, ...]
    courses: tuple[Accepted, ...] = ()
    faults: tuple[Fault, ...] = ()
    question: int | None = None


def take_in(
    files: Sequence[FileStorage],
    *,
    academy_id: int,
    transact: Transact,
    shelf: Shelf,
    hosts: Sequence[str],
    now: datetime,
) -> list[Delivered]:
    """Hand the uploaded files to the catalog; one refused package does not stop the others.

    What seems to be here already waits on the shelf until somebody decides (`duplicates`).

    Every zip file is a package; all other files together are one more, for course structure files
    that were chosen loose.
    """
    delivered = []
    for package in _packages(files):
        with tempfile.TemporaryDirectory(prefix="hacp-upload-") as folder:
            paths = [_saved(file, Path(folder)) for file in package]
            names = tuple(path.name for path in paths)
            try:
                courses = intake.accept(
                    paths,
                    academy_id=academy_id,
                    transact=transact,
                    shelf=shelf,
                    now=now,
                    ask=hosts,
                    also=partial(_link, academy_id=academy_id, now=now),
                )
            except DuplicateFound as found:
                asked = duplicates.ask(
                    paths, found, academy_id=academy_id, transact=transact, shelf=shelf, now=now
                )
                delivered.append(Delivered(names, question=asked))
            except PackageRefused as refused:
                delivered.append(Delivered(names, faults=tuple(refused.faults)))
            else:
                delivered.append(Delivered(names, courses=tuple(courses)))
    return delivered


def _link(
    connection: Connection, accepted: Sequence[Accepted], *, academy_id: int, now: datetime
) -> None:
    link_accepted(connection, academy_id, accepted, now=now)


def _packages(files: Sequence[FileStorage]) -> list[list[FileStorage]]:
    zipped = [file for file in files if _is_zip(file)]
    loose = [file for file in files if not _is_zip(file)]
    return [[file] for file in zipped] + ([loose] if loose else [])


def _is_zip(file: FileStorage) -> bool:
    return (file.filename or "").lower().endswith(".zip")


def _saved(file: FileStorage, folder: Path) -> Path:
    """Write the file under its own name, as far as that is safe: faults are told by it."""
    path = folder / safe_name(file.filename or "")
    number = 1
    while path.exists():
        number += 1
        path = path.with_stem(f"{path.stem}-{number}")
    file.save(path)
    return path


def safe_name(name: str) -> str:
    """Return the last part of a file name, without what could lead elsewhere."""
    last = _UNSAFE.sub("_", re.split(r"[/\\]", name)[-1]).strip(". ")
    stem, dot, suffix = last.rpartition(".")
    if not stem or len(suffix) > SUFFIX_LENGTH:
        stem, dot, suffix = last, "", ""
    room = NAME_BYTES - len(f"{dot}{suffix}".encode()) - SPARE_BYTES
    return f"{stem.encode()[:room].decode('utf-8', 'ignore')}{dot}{suffix}" if stem else "upload"
