"""What a package may hold: the limits, and which names of files are safe to take.

Serves `sources` and `package`. Pure: opens nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from catalog.errors import Findings, quote_value
from catalog.files.address import fold_path
from catalog.files.decoding import CONTROL

_DRIVE = re.compile(r"[A-Za-z]:")

# What file systems take (NAME_MAX), and as much as any course has needed of a whole path.
MAX_NAME_BYTES = 255
MAX_PATH_LENGTH = 1000

_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a package may unpack to. Sizes are in bytes, counted as they come out.

    The defaults are several times what the largest public courses need: some thousand files, one
    film of some hundred MiB. A ratio above `max_ratio` is looked at only in members that come out
    larger than `ratio_from`, since small files of blanks shrink a thousandfold in good faith.
    """

    max_members: int = 20_000
    max_member_size: int = 1024 * _MIB
    max_total_size: int = 2048 * _MIB
    max_ratio: int = 200
    ratio_from: int = 10 * _MIB
    max_depth: int = 32
    max_course_file_size: int = 16 * _MIB
    max_sets: int = 500


DEFAULT_LIMITS = Limits()


def clean_path(name: str) -> str:
    """Turn slashes forward and take out empty and `.` steps. Says nothing about safety."""
    return "/".join(step for step in name.replace("\\", "/").split("/") if step not in ("", "."))


def unsafe_reason(name: str, *, limits: Limits) -> str | None:
    """Return why a name must not become a path here, or None when it may."""
    turned = name.replace("\\", "/")
    steps = clean_path(name).split("/")
    checks = (
        (CONTROL.search(name), "holds a control character"),
        (turned.startswith("/"), "is an absolute path"),
        (_DRIVE.match(turned), "names a drive"),
        (".." in steps, "leads out of the package"),
        (len(steps) - 1 > limits.max_depth, f"lies more than {limits.max_depth} folders deep"),
        (any("\ud800" <= c <= "\udfff" for c in name), "is not written in UTF-8"),
        (len(name) > MAX_PATH_LENGTH or _too_long(steps), "is too long"),
    )
    return next((reason for bad, reason in checks if bad), None)


def _too_long(steps: list[str]) -> bool:
    return any(len(step.encode("utf-8", "surrogatepass")) > MAX_NAME_BYTES for step in steps)


def is_ignored(path: str) -> bool:
    """Whether a file is a leftover of the packer's system: `__MACOSX`, `.DS_Store`, `.git`, ..."""
    return any(step.startswith(".") or step == "__MACOSX" for step in path.split("/"))


class Names:
    """The paths taken so far; finds names that collide where case does not count."""

    def __init__(self) -> None:
        self._files: dict[str, str] = {}
        self._folders: dict[str, str] = {}

    def take(self, path: str, *, findings: Findings) -> bool:
        """Take a path, or note why two files cannot both be kept."""
        folded = fold_path(path)
        steps = folded.split("/")
        above = ["/".join(steps[:count]) for count in range(1, len(steps))]
        rival = self._files.get(folded) or self._folders.get(folded)
        rival = rival or next((self._files[one] for one in above if one in self._files), None)
        if rival is not None:
            findings.error(
                f"The names {quote_value(rival)} and {quote_value(path)} collide.",
                "Keep one of them; on many systems case does not count.",
                file=path,
            )
            return False
        self._files[folded] = path
        for one in above:
            self._folders.setdefault(one, path)
        return True
