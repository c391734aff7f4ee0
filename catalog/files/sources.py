"""Where the files of a package lie: in a zip, in a folder, or loose.

Serves `package`. A source lists its files without opening them and gives their bytes in pieces;
what is unsafe becomes a fault. Knows nothing of courses.
"""

from __future__ import annotations

import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from catalog.errors import Findings, PackageRefused, quote_value
from catalog.files.members import Limits, Names, clean_path, is_ignored, unsafe_reason
from catalog.model import Fault

CHUNK = 64 * 1024

_ENCRYPTED = 0x1 | 0x40
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# No entry of the directory of a zip is shorter (APPNOTE 4.3.12), and few are this long.
_DIRECTORY_ENTRY = 46 + 512

_END = b"PK\x05\x06"
_END_SIZE = 22
_END64 = b"PK\x06\x06"
_END64_SIZE = 56
_END64_LOCATOR = b"PK\x06\x07"
_END64_LOCATOR_SIZE = 20
_MAX_COMMENT = 65535
_ZIP_MAGIC = (b"PK\x03\x04", _END)

# What zipfile raises for an archive that is broken; NotImplementedError means a compression method
# that it does not know.
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, struct.error)


@dataclass(frozen=True, slots=True)
class Entry:
    """One file: its path in the package, and the size it claims, or had when it was listed.

    `packed` is the size it takes in a zip.
    """

    path: str
    size: int
    packed: int | None = None


class Source(Protocol):
    """A place that holds files."""

    def entries(self, limits: Limits, findings: Findings) -> list[Entry]:
        """List the files; notes what is unsafe."""

    def chunks(self, entry: Entry) -> Iterator[bytes]:
        """Give the bytes of a file. Raises `PackageRefused` when it is damaged."""

    def close(self) -> None:
        """Let go of open files."""


def is_zip(path: Path) -> bool:
    """Whether a file is meant as a zip: by its name, or by its first bytes."""
    if path.suffix.lower() == ".zip":
        return True
    with path.open("rb") as file:
        return file.read(4) in _ZIP_MAGIC


class ZipSource:
    """The members of a zip. Their names, kinds and methods are checked before one is opened."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self._name = path.name
        self._infos: dict[str, zipfile.ZipInfo] = {}
        self._file = path.open("rb")
        try:
            _check_directory(self._file.fileno(), limits, self._name)
            self._zip = zipfile.ZipFile(self._file)
        except (*_UNREADABLE, UnicodeDecodeError, OSError, ValueError) as error:
            self._file.close()
            raise _damaged(self._name) from error
        except BaseException:
            self._file.close()
            raise

    def entries(self, limits: Limits, findings: Findings) -> list[Entry]:
        """List the members that are files, without what packers leave behind."""
        infos = self._zip.infolist()
        _check_count(len(infos), limits, self._name)
        names = Names()
        for info in infos:
            path = _taken_path(info.orig_filename, limits, findings)
            if not path or is_ignored(path):
                continue
            reason = _unfit(info)
            if reason:
                findings.error(f"The member {reason}.", _ZIP_REMEDY, file=path)
            elif not info.orig_filename.endswith(("/", "\\")) and names.take(
                path, findings=findings
            ):
                self._infos[path] = info
        return [
            Entry(path, info.file_size, info.compress_size) for path, info in self._infos.items()
        ]

    def chunks(self, entry: Entry) -> Iterator[bytes]:
        """Decompress a member. What the header claims is checked by zipfile against what comes."""
        try:
            with self._zip.open(self._infos[entry.path]) as member:
                while chunk := member.read(CHUNK):
                    yield chunk
        except (*_UNREADABLE, RuntimeError, OSError, ValueError) as error:
            raise _damaged(entry.path) from error

    def close(self) -> None:
        """Close the zip."""
        self._zip.close()
        self._file.close()


_ZIP_REMEDY = "Pack the plain files again, without encryption, in an ordinary zip."


class FileSource:
    """Files of the file system: a folder with all below it, or loose files taken together."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = paths
        self._found: dict[str, Path] = {}

    def entries(self, limits: Limits, findings: Findings) -> list[Entry]:
        """List the files below; a link or a device is a fault."""
        names = Names()
        count = 0
        found = []
        for name, path in self._walk():
            count += 1
            _check_count(count, limits, self._paths[0].name)
            taken = _taken_path(name, limits, findings)
            if taken is None or is_ignored(taken):
                continue
            status = path.lstat()
            if not stat.S_ISREG(status.st_mode):
                kind = "a symbolic link" if stat.S_ISLNK(status.st_mode) else "not a plain file"
                findings.error(f"This is {kind}.", "Put the file itself there.", file=taken)
            elif names.take(taken, findings=findings):
                self._found[taken] = path
                found.append(Entry(taken, status.st_size))
        return found

    def chunks(self, entry: Entry) -> Iterator[bytes]:
        """Read a file, which must not have become a link in the meantime."""
        path = self._found[entry.path]
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            with closing(os.fdopen(descriptor, "rb")) as file:
                while chunk := file.read(CHUNK):
                    yield chunk
        except OSError as error:
            _unreadable(error)

    def close(self) -> None:
        """Nothing stays open between two files."""

    def _walk(self) -> Iterator[tuple[str, Path]]:
        """Yield names in the package with their paths, in a stable order, links unfollowed."""
        for start in self._paths:
            if start.is_symlink() or not start.is_dir():
                yield start.name, start
                continue
            for folder, below, files in os.walk(start, onerror=_unreadable):
                below[:] = sorted(name for name in below if not is_ignored(name))
                links = [name for name in below if (Path(folder) / name).is_symlink()]
                for name in sorted([*files, *links]):
                    path = Path(folder) / name
                    yield path.relative_to(start).as_posix(), path


def _unreadable(error: OSError) -> None:
    name = Path(error.filename).name if error.filename else ""
    fault = Fault(name, f"This cannot be read ({error.strerror}).", "Check its rights.")
    raise PackageRefused([fault]) from error


def _taken_path(name: str, limits: Limits, findings: Findings) -> str | None:
    reason = unsafe_reason(name, limits=limits)
    if reason:
        findings.error(
            f"The name {quote_value(name)} {reason}.",
            "Pack the course's own folder again, with plain names.",
            file="",
        )
        return None
    return clean_path(name)


def _unfit(info: zipfile.ZipInfo) -> str | None:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind == stat.S_IFLNK:
        return "is a symbolic link"
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "is not a plain file"
    if info.flag_bits & _ENCRYPTED:
        return "is encrypted"
    if info.compress_type not in _METHODS:
        return "is compressed in a way that is not read here"
    return None


def _check_count(count: int, limits: Limits, name: str) -> None:
    if count > limits.max_members:
        raise PackageRefused(
            [
                Fault(
                    name,
                    f"The package holds more than {limits.max_members} files.",
                    "Split it into several packages.",
                )
            ]
        )


def _check_directory(descriptor: int, limits: Limits, name: str) -> None:
    """Refuse a zip whose directory is too large to be read into memory at all.

    `zipfile` reads the whole of it before it says how many members there are.
    """
    size = os.fstat(descriptor).st_size
    start = max(0, size - _MAX_COMMENT - _END_SIZE - _END64_LOCATOR_SIZE - _END64_SIZE)
    tail = os.pread(descriptor, size - start, start)
    at = len(tail) - _END_SIZE
    if not (tail.startswith(_END, max(at, 0)) and tail.endswith(b"\0\0")):
        at = tail.rfind(_END)
    if at < 0 or at + _END_SIZE > len(tail):
        raise zipfile.BadZipFile("no end of directory")
    (directory,) = struct.unpack_from("<L", tail, at + 12)
    locator = at - _END64_LOCATOR_SIZE
    if locator >= 0 and tail.startswith(_END64_LOCATOR, locator):
        # zipfile takes the record before the locator; others believe the offset in the locator.
        (offset,) = struct.unpack_from("<Q", tail, locator + 8)
        told = os.pread(descriptor, _END64_SIZE, min(offset, size))
        for record in (tail[max(0, locator - _END64_SIZE) : locator], told):
            if record.startswith(_END64) and len(record) == _END64_SIZE:
                directory = max(directory, *struct.unpack_from("<Q", record, 40))
    elif directory == 0xFFFFFFFF:
        raise zipfile.BadZipFile("no 64-bit end of directory")
    if min(directory, size) > limits.max_members * _DIRECTORY_ENTRY:
        _check_count(limits.max_members + 1, limits, name)


def _damaged(name: str) -> PackageRefused:
    remedy = "Pack it again, or fetch it once more: it may have been cut off on its way."
    return PackageRefused([Fault(name, "This is not a zip, or it is damaged.", remedy)])
