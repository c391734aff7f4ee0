"""Names that are safe to take, names that are not, and names that collide."""

from __future__ import annotations

import pytest

from catalog.errors import Findings
from catalog.files.members import (
    DEFAULT_LIMITS,
    Limits,
    Names,
    clean_path,
    is_ignored,
    unsafe_reason,
)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("a/b.html", "a/b.html"),
        ("a\\b.html", "a/b.html"),
        ("./a//b.html", "a/b.html"),
        ("größe 1.html", "größe 1.html"),
        ("a..b/...", "a..b/..."),
    ],
)
def test_a_safe_name_becomes_a_clean_path(name: str, path: str) -> None:
    assert unsafe_reason(name, limits=DEFAULT_LIMITS) is None
    assert clean_path(name) == path


@pytest.mark.conforms(
    "Security",
    "packages",
    "Names in a package that lead out of it are refused.",
    grade="D",
)
@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../a", "leads out"),
        ("a/../../b", "leads out"),
        ("a\\..\\b", "leads out"),
        ("..", "leads out"),
        ("/etc/passwd", "absolute"),
        ("\\a", "absolute"),
        ("\\\\server\\share", "absolute"),
        ("C:\\a", "drive"),
        ("c:a", "drive"),
        ("a\0b", "control"),
        ("a\nb", "control"),
        ("a\x7f", "control"),
        ("a\x85", "control"),
        ("a\udc80", "not written in UTF-8"),
        ("x" * 256, "too long"),
        ("é" * 128, "too long"),
        (f"{'x' * 250}/" * 4, "too long"),
        ("x/" * 33 + "x", "32 folders deep"),
    ],
)
def test_an_unsafe_name_is_told_why(name: str, reason: str) -> None:
    assert reason in str(unsafe_reason(name, limits=DEFAULT_LIMITS))


def test_depth_is_a_limit() -> None:
    assert unsafe_reason("a/b", limits=Limits(max_depth=1)) is None
    assert unsafe_reason("a/b/c", limits=Limits(max_depth=1)) is not None


@pytest.mark.parametrize(
    ("path", "ignored"),
    [
        ("__MACOSX/a", True),
        ("a/__MACOSX/._b", True),
        (".DS_Store", True),
        ("a/.git/x", True),
        ("a/b.html", False),
        ("macosx/a.b", False),
    ],
)
def test_leftovers_of_the_packer_are_ignored(path: str, ignored: bool) -> None:
    assert is_ignored(path) is ignored


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("a.html", "a.html"),
        ("a.html", "A.HTML"),
        ("é", "e\u0301"),
        ("a", "A/b"),
        ("A/b/c", "a/B"),
        ("a/b/c", "a"),
    ],
)
def test_names_that_collide_where_case_does_not_count_are_a_fault(first: str, second: str) -> None:
    names, findings = Names(), Findings()
    assert names.take(first, findings=findings)
    assert not names.take(second, findings=findings)
    assert "collide" in findings.errors()[0].message


def test_folders_may_be_written_in_two_cases() -> None:
    names, findings = Names(), Findings()
    assert names.take("A/b", findings=findings)
    assert names.take("a/c", findings=findings)
    assert not findings.refused
