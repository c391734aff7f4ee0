"""Packages: the sets in them, what is content, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from catalog.files.course import parse_course
from catalog.files.members import DEFAULT_LIMITS, Limits
from catalog.files.package import open_package, packages_among
from catalog.model import Fault

MakeZip = Callable[..., Path]
MakeFolder = Callable[..., Path]
Refusal = Callable[[Callable[[], object]], tuple[Fault, ...]]
Members = dict[str, bytes]


def opened(*paths: Path, limits: Limits = DEFAULT_LIMITS) -> tuple[list[str], list[str]]:
    """Return the titles of the courses and the paths of the content."""
    with open_package(paths, limits=limits) as package:
        titles = [parse_course(files).course.title for files in package.sets]
        return titles, sorted(entry.path for entry in package.files)


def below(folder: str, members: Members) -> Members:
    return {f"{folder}/{path}": data for path, data in members.items()}


CONTENT = ["quiz.html", "start.html"]


def test_a_zip_a_folder_and_loose_files_are_the_same(
    make_zip: MakeZip, make_folder: MakeFolder, plain_members: Members
) -> None:
    folder = make_folder(plain_members)
    loose = [folder / name for name in plain_members]
    for paths in ([make_zip(plain_members)], [folder], loose):
        assert opened(*paths) == (["Safety at work"], CONTENT)


@pytest.mark.conforms("Course files", "ILIAS", "It may lie in a sub-folder.", grade="B")
def test_a_set_lies_in_a_sub_folder(make_zip: MakeZip, plain_members: Members) -> None:
    assert opened(make_zip(below("x/y", plain_members)))[1] == ["x/y/quiz.html", "x/y/start.html"]


@pytest.mark.conforms(
    "Course files",
    "Moodle",
    "Several sets in one package are several courses.",
    grade="B",
)
def test_several_sets_lie_in_one_package(make_zip: MakeZip, plain_members: Members) -> None:
    renamed = {path.replace("course.", "second."): data for path, data in plain_members.items()}
    path = make_zip({**plain_members, **renamed, **below("third", plain_members)})
    titles, content = opened(path)
    assert len(titles) == 3
    assert content == [*CONTENT, "third/quiz.html", "third/start.html"]


@pytest.mark.conforms(
    "Course files",
    "Moodle, ULearning",
    "A set is what has one base name in one folder, in any case.",
    grade="B",
)
def test_names_and_extensions_come_in_any_case(make_zip: MakeZip, plain_members: Members) -> None:
    members = {
        "COURSE.CRS": plain_members["course.crs"],
        "Course.Au": plain_members["course.au"],
        "course.DES": plain_members["course.des"],
        "cOURSE.cst": plain_members["course.cst"],
        "start.html": b"",
        "quiz.html": b"",
    }
    assert opened(make_zip(members)) == (["Safety at work"], CONTENT)


@pytest.mark.conforms("Course files", "Chamilo, Moodle", "`.ORE` is `.ort`.", grade="B")
def test_a_ore_file_is_read_as_ort(make_zip: MakeZip, plain_members: Members) -> None:
    path = make_zip({**plain_members, "course.ORE": b"course_element,member\nA1,J1\n"})
    with open_package([path]) as package:
        assert parse_course(package.sets[0]).course.objective_members == {"A1": ("J1",)}


def test_ore_and_ort_together_are_a_fault(
    make_zip: MakeZip, plain_members: Members, refusal: Refusal
) -> None:
    path = make_zip({**plain_members, "course.ort": b"x", "course.ore": b"x"})
    (fault,) = refusal(lambda: opened(path))
    assert '"course.ore" are the same file' in fault.message


def test_leftovers_of_macos_are_no_sets(make_zip: MakeZip, plain_members: Members) -> None:
    leftovers = {f"__MACOSX/._{path}": b"x" for path in plain_members}
    path = make_zip({**plain_members, **leftovers, ".DS_Store": b""})
    assert opened(path) == (["Safety at work"], CONTENT)


def test_a_sound_called_au_is_content(make_zip: MakeZip, plain_members: Members) -> None:
    path = make_zip({**plain_members, "sounds/click.au": b".snd", ".au": b"", "noext": b""})
    assert opened(path)[1] == ["noext", "quiz.html", "sounds/click.au", "start.html"]


def test_an_au_without_a_crs_misses_the_three_others(
    make_zip: MakeZip, plain_members: Members, refusal: Refusal
) -> None:
    path = make_zip({"course.au": plain_members["course.au"], "start.html": b"", "quiz.html": b""})
    faults = refusal(lambda: opened(path))
    assert [fault.file for fault in faults] == ["course.crs", "course.des", "course.cst"]


def test_a_file_of_another_base_name_is_hinted_at(
    make_zip: MakeZip, plain_members: Members, refusal: Refusal
) -> None:
    plain_members["structure.cst"] = plain_members.pop("course.cst")
    plain_members["elsewhere/other.cst"] = plain_members["sound.au"] = b""
    (fault,) = refusal(lambda: opened(make_zip(plain_members)))
    assert fault.file == "course.cst"
    assert '"structure.cst"' in fault.remedy


def test_two_files_that_may_be_meant_are_no_hint(
    make_zip: MakeZip, plain_members: Members, refusal: Refusal
) -> None:
    plain_members["one.cst"] = plain_members["two.cst"] = plain_members.pop("course.cst")
    (fault,) = refusal(lambda: opened(make_zip(plain_members)))
    assert fault.remedy.startswith("Add it")


MANIFEST = b"<manifest><metadata><schemaversion>1.2</schemaversion></metadata></manifest>"


@pytest.mark.parametrize("path", ["imsmanifest.xml", "course/IMSManifest.XML"])
def test_a_scorm_package_is_refused_by_name(make_zip: MakeZip, refusal: Refusal, path: str) -> None:
    members = {path: MANIFEST, "a/b/imsmanifest.xml": b"", "click.au": b".snd"}
    (fault,) = refusal(lambda: opened(make_zip(members)))
    assert fault.file == path
    assert fault.message == "This is a SCORM 1.2 package, not an AICC course."
    assert "AICC" in fault.remedy


def test_a_package_that_is_both_is_taken_as_aicc(make_zip: MakeZip, plain_members: Members) -> None:
    assert opened(make_zip({**plain_members, "imsmanifest.xml": MANIFEST}))[0]


def test_a_package_without_course_files_is_refused(make_zip: MakeZip, refusal: Refusal) -> None:
    (fault,) = refusal(lambda: opened(make_zip({"readme.txt": b""})))
    assert fault.message == "There are no course structure files in it."
    assert ".crs, .au, .des and .cst" in fault.remedy


def test_an_empty_package_is_refused(make_zip: MakeZip, refusal: Refusal, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    archive = make_zip({})
    faults = refusal(lambda: opened(archive)) + refusal(lambda: opened(tmp_path / "empty"))
    assert [fault.message for fault in faults] == ["It is empty."] * 2


def test_a_zip_of_zips_says_so(make_zip: MakeZip, refusal: Refusal) -> None:
    (fault,) = refusal(lambda: opened(make_zip({"inner.ZIP": b""})))
    assert 'It holds a zip, "inner.ZIP"' in fault.remedy


def test_nothing_and_what_is_not_there_are_refused(tmp_path: Path, refusal: Refusal) -> None:
    assert refusal(lambda: opened())[0].message == "Nothing was given."
    (fault,) = refusal(lambda: opened(tmp_path / "gone.zip"))
    assert fault.message == "There is no such file or folder."


def test_a_zip_beside_other_files_is_refused(
    make_zip: MakeZip, tmp_path: Path, refusal: Refusal
) -> None:
    (tmp_path / "a.crs").write_bytes(b"")
    (fault,) = refusal(lambda: opened(tmp_path / "a.crs", make_zip({})))
    assert fault.file == "package.zip"


def test_paths_are_sorted_into_packages(
    make_zip: MakeZip, make_folder: MakeFolder, plain_members: Members
) -> None:
    archive, folder = make_zip({}), make_folder(plain_members)
    crs, au = folder / "course.crs", folder / "course.au"
    assert packages_among([crs, archive, folder, au]) == [(archive,), (folder,), (crs, au)]
    assert packages_among([archive]) == [(archive,)]


def test_what_is_no_zip_is_refused(tmp_path: Path, refusal: Refusal) -> None:
    (tmp_path / "a.zip").write_bytes(b"<html>Not found</html>")
    (fault,) = refusal(lambda: opened(tmp_path / "a.zip"))
    assert (fault.file, "damaged" in fault.message) == ("a.zip", True)


@pytest.mark.parametrize(
    ("limits", "part"),
    [
        (Limits(max_course_file_size=300), "larger than 300 bytes"),
        (Limits(max_members=5), "more than 5 files"),
        (Limits(max_sets=0), "more than 0 courses"),
        (Limits(max_total_size=600), "more than 600 bytes"),
    ],
)
def test_limits_hold_for_course_files(
    make_zip: MakeZip, plain_members: Members, refusal: Refusal, limits: Limits, part: str
) -> None:
    faults = refusal(lambda: opened(make_zip(plain_members), limits=limits))
    assert part in faults[0].message


@pytest.mark.conforms(
    "Security",
    "packages",
    "A package that unpacks to too much is refused at the first byte too much.",
    grade="D",
)
@pytest.mark.parametrize(
    ("limits", "part"),
    [
        (Limits(max_member_size=9_000_000), "larger than 9000000 bytes"),
        (Limits(max_total_size=9_000_000), "more than 9000000 bytes"),
        (Limits(max_ratio=100, ratio_from=1_000_000), "more than 100 times"),
    ],
)
def test_a_bomb_is_refused_at_the_first_byte_too_much(
    make_zip: MakeZip, plain_members: Members, refusal: Refusal, limits: Limits, part: str
) -> None:
    path = make_zip({**plain_members, "bomb.bin": b"\0" * 10_000_000})
    with open_package([path], limits=limits) as package:
        bomb = next(entry for entry in package.files if entry.path == "bomb.bin")
        (fault,) = refusal(lambda: list(package.chunks(bomb)))
    assert part in fault.message


def test_small_files_may_shrink_as_they_like(make_zip: MakeZip, plain_members: Members) -> None:
    path = make_zip({**plain_members, "blank.bin": b"\0" * 5_000_000})
    with open_package([path]) as package:
        assert package.size == sum(entry.size for entry in package.files)
        for entry in package.files:
            assert sum(map(len, package.chunks(entry))) == entry.size
