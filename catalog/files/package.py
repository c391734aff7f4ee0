"""A package: a zip, a folder or loose files, with the sets of course files that lie in it.

Serves `intake`. Finds the sets, tells a SCORM package by its manifest, and counts every byte that
comes out against the limits. Does not read what stands in a course file.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from catalog.errors import Findings, PackageRefused, quote_value
from catalog.files.address import Contents, fold_path
from catalog.files.course import OPTIONAL, REQUIRED, CourseFiles
from catalog.files.members import DEFAULT_LIMITS, Limits
from catalog.files.scorm import MANIFEST, name_manifest
from catalog.files.sources import Entry, FileSource, Source, ZipSource, is_zip
from catalog.model import Fault

# Chamilo's and Moodle's documents call the objectives file .ore.
_EXTENSIONS = {extension: extension for extension in (*REQUIRED, *OPTIONAL)} | {"ore": "ort"}

_EXPECTED = (
    "A package holds a .crs, .au, .des and .cst file of one base name, for example course.crs."
)


@dataclass(frozen=True, slots=True)
class _Group:
    """Files of one base name in one folder, by extension."""

    folder: str
    base: str
    entries: dict[str, Entry] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        """Whether it is a set, if an unfinished one. A lone .au may well be a sound."""
        return "crs" in self.entries or sum(one in self.entries for one in REQUIRED) > 1


class Package:
    """An open package. `sets` in the order of their paths; `files` are all others, its content."""

    def __init__(self, name: str, source: Source, *, limits: Limits) -> None:
        self.name = name
        self._source = source
        self._limits = limits
        self._taken = 0
        findings = Findings()
        entries = source.entries(limits, findings)
        findings.raise_if_refused()
        groups = self._choose(_groups(entries, findings), entries)
        findings.raise_if_refused()
        used = {entry.path for group in groups for entry in group.entries.values()}
        self.files = tuple(entry for entry in entries if entry.path not in used)
        self.sets = tuple(self._read_sets(groups, findings))
        findings.raise_if_refused()

    @property
    def size(self) -> int:
        """How many bytes of content the package claims to hold; for progress only."""
        return sum(entry.size for entry in self.files)

    def chunks(self, entry: Entry) -> Iterator[bytes]:
        """Give a file's bytes, and refuse the package at the first byte past a limit."""
        return self._bounded(entry, self._limits.max_member_size)

    def _bounded(self, entry: Entry, most: int) -> Iterator[bytes]:
        limits, size = self._limits, 0
        packed = max(entry.packed, 1) if entry.packed is not None else None
        for chunk in self._source.chunks(entry):
            size += len(chunk)
            self._taken += len(chunk)
            if size > most:
                raise _too_large(entry.path, f"The file is larger than {most} bytes.")
            if self._taken > limits.max_total_size:
                raise _too_large(
                    entry.path, f"The package holds more than {limits.max_total_size} bytes."
                )
            if packed and size > max(limits.ratio_from, packed * limits.max_ratio):
                raise _too_large(
                    entry.path,
                    f"The file unpacks to more than {limits.max_ratio} times its packed size.",
                )
            yield chunk

    def _choose(self, groups: Sequence[_Group], entries: Sequence[Entry]) -> list[_Group]:
        """Return the groups that are sets; refuses a package without any."""
        sets = [group for group in groups if group.whole]
        if len(sets) > self._limits.max_sets:
            raise _too_large(self.name, f"It holds more than {self._limits.max_sets} courses.")
        if sets:
            return sets
        manifests = [e for e in entries if posixpath.basename(e.path).lower() == MANIFEST]
        if manifests:
            raise self._scorm(min(manifests, key=lambda entry: entry.path.count("/")))
        sets = [group for group in groups if any(one in group.entries for one in REQUIRED)]
        if not sets:
            raise self._nothing(entries)
        return sets

    def _scorm(self, manifest: Entry) -> PackageRefused:
        kind = name_manifest(self._whole(manifest))
        return PackageRefused(
            [
                Fault(
                    manifest.path,
                    f"This is a {kind} package, not an AICC course.",
                    "Export the course once more as AICC (HACP) from the tool that made it.",
                )
            ]
        )

    def _nothing(self, entries: Sequence[Entry]) -> PackageRefused:
        remedy = _EXPECTED
        inner = next((e.path for e in entries if e.path.lower().endswith(".zip")), None)
        if inner is not None:
            remedy += f" It holds a zip, {quote_value(inner)}: import that one by itself."
        message = "There are no course structure files in it." if entries else "It is empty."
        return PackageRefused([Fault(self.name, message, remedy)])

    def _read_sets(self, groups: Sequence[_Group], findings: Findings) -> Iterator[CourseFiles]:
        contents = Contents(entry.path for entry in self.files)
        strays = [
            entry.path
            for entry in self.files
            if entry.path.lower().endswith(tuple(f".{extension}" for extension in REQUIRED))
        ]
        for group in groups:
            read = {}
            for extension, entry in group.entries.items():
                try:
                    read[extension] = self._whole(entry)
                except PackageRefused as refused:
                    for fault in refused.faults:
                        findings.add(fault)
            yield CourseFiles(
                folder=group.folder,
                base=group.base,
                contents=read,
                names={extension: entry.path for extension, entry in group.entries.items()},
                members=contents,
                hints=_hints(group, strays),
            )

    def _whole(self, entry: Entry) -> bytes:
        return b"".join(self._bounded(entry, self._limits.max_course_file_size))


@contextmanager
def open_package(paths: Sequence[Path], *, limits: Limits = DEFAULT_LIMITS) -> Iterator[Package]:
    """Open one package: a zip, a folder, or loose files that belong together.

    Raises `PackageRefused` for what cannot be one; nothing is written anywhere.
    """
    source = _source(paths, limits)
    with closing(source):
        yield Package(paths[0].name or str(paths[0]), source, limits=limits)


def packages_among(paths: Sequence[Path]) -> list[tuple[Path, ...]]:
    """Sort paths into packages: every zip, every folder, and all loose files together."""
    alone = [path for path in paths if path.is_dir() or (path.is_file() and is_zip(path))]
    loose = tuple(path for path in paths if path not in alone)
    return [*((path,) for path in alone), *([loose] if loose else [])]


def _source(paths: Sequence[Path], limits: Limits) -> Source:
    findings = Findings()
    if not paths:
        findings.error("Nothing was given.", _EXPECTED, file="")
    for path in paths:
        if not path.exists() and not path.is_symlink():
            findings.error("There is no such file or folder.", "Check the path.", file=str(path))
        elif len(paths) > 1 and (path.is_dir() or is_zip(path)):
            findings.error(
                "This cannot be taken together with other files.",
                "Import each zip and each folder by itself.",
                file=path.name,
            )
    findings.raise_if_refused()
    if paths[0].is_file() and not paths[0].is_symlink() and is_zip(paths[0]):
        return ZipSource(paths[0], limits)
    return FileSource(paths)


def _groups(entries: Sequence[Entry], findings: Findings) -> list[_Group]:
    """Bring files of one base name together, in any case, folder by folder."""
    groups: dict[tuple[str, str], _Group] = {}
    for entry in sorted(entries, key=lambda one: one.path):
        folder, name = posixpath.split(entry.path)
        base, _dot, written = name.rpartition(".")
        extension = _EXTENSIONS.get(written.lower())
        if not base or extension is None:
            continue
        key = (fold_path(folder), fold_path(base))
        group = groups.setdefault(key, _Group(folder, base))
        if extension in group.entries:
            findings.error(
                f"This and {quote_value(group.entries[extension].path)} are the same file.",
                "Keep one of the two.",
                file=entry.path,
            )
        group.entries.setdefault(extension, entry)
    return list(groups.values())


def _hints(group: _Group, strays: Iterable[str]) -> dict[str, str]:
    """Look in the set's folder for single files that may be its missing ones under another name."""
    found: dict[str, list[str]] = {}
    if all(extension in group.entries for extension in REQUIRED):
        return {}
    for path in strays:
        folder, name = posixpath.split(path)
        extension = name.rpartition(".")[2].lower()
        if folder == group.folder and extension in REQUIRED and extension not in group.entries:
            found.setdefault(extension, []).append(path)
    return {extension: paths[0] for extension, paths in found.items() if len(paths) == 1}


def _too_large(name: str, message: str) -> PackageRefused:
    return PackageRefused(
        [Fault(name, message, "Split it into several, or ask the operator to raise the limit.")]
    )
