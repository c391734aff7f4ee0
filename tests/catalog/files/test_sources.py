"""Zips, folders and loose files: what is listed, what is refused, and what comes out."""

from __future__ import annotations

import io
import os
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from catalog.errors import Findings, PackageRefused
from catalog.files.members import DEFAULT_LIMITS, Limits
from catalog.files.sources import FileSource, ZipSource, is_zip
from catalog.model import Fault

MakeZip = Callable[..., Path]
MakeFolder = Callable[..., Path]


def listed(path: Path, limits: Limits = DEFAULT_LIMITS) -> dict[str, bytes]:
    source = ZipSource(path, limits) if path.is_file() else FileSource([path])
    findings = Findings()
    try:
        entries = source.entries(limits, findings)
        findings.raise_if_refused()
        return {entry.path: b"".join(source.chunks(entry)) for entry in entries}
    finally:
        source.close()


def refused(path: Path, limits: Limits = DEFAULT_LIMITS) -> tuple[Fault, ...]:
    with pytest.raises(PackageRefused) as caught:
        listed(path, limits)
    return caught.value.faults


FILES = {"a.html": b"a" * 200_000, "b/c.html": b"", "b/Größe.html": b"x"}


def test_a_zip_gives_its_files(make_zip: MakeZip) -> None:
    path = make_zip(
        {"b/": b"", "d\\": b"", **FILES, "__MACOSX/._a": b"", ".DS_Store": b"", "./": b""}
    )
    assert listed(path) == FILES


def test_a_folder_gives_its_files(make_folder: MakeFolder) -> None:
    folder = make_folder({**FILES, ".git/config": b"", ".x": b"", "__MACOSX/a": b""})
    assert listed(folder) == FILES


def test_loose_files_lie_side_by_side(make_folder: MakeFolder) -> None:
    folder = make_folder({"a/x.crs": b"1", "b/y.au": b"2"})
    source = FileSource([folder / "a/x.crs", folder / "b/y.au"])
    assert [entry.path for entry in source.entries(DEFAULT_LIMITS, Findings())] == ["x.crs", "y.au"]


def test_loose_files_of_one_name_collide(make_folder: MakeFolder) -> None:
    folder = make_folder({"a/x.crs": b"1", "b/X.CRS": b"2"})
    findings = Findings()
    FileSource([folder / "a/x.crs", folder / "b/X.CRS"]).entries(DEFAULT_LIMITS, findings)
    assert "collide" in findings.errors()[0].message


@pytest.mark.parametrize(
    ("data", "name", "zipped"),
    [
        (b"PK\x03\x04rest", "upload", True),
        (b"PK\x05\x06" + b"\0" * 18, "upload", True),
        (b"nothing", "a.ZIP", True),
        (b"PK", "a.crs", False),
        (b"", "a.crs", False),
    ],
)
def test_a_zip_is_known_by_name_or_first_bytes(
    tmp_path: Path, data: bytes, name: str, zipped: bool
) -> None:
    (tmp_path / name).write_bytes(data)
    assert is_zip(tmp_path / name) is zipped


@pytest.mark.parametrize(
    ("names", "part"),
    [
        (["../../evil"], "leads out"),
        (["/evil"], "absolute"),
        (["C:/evil"], "drive"),
        (["a\x01b"], "control"),
        (["a.html", "A.html"], "collide"),
        (["a", "a/b"], "collide"),
        (["a/" * 40 + "b"], "folders deep"),
    ],
)
def test_a_zip_with_unsafe_names_is_refused(make_zip: MakeZip, names: list[str], part: str) -> None:
    (fault,) = refused(make_zip(dict.fromkeys(names, b"")))
    assert part in fault.message


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_one_name_twice_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a", b"1")
        archive.writestr("a", b"2")
    assert "collide" in refused(tmp_path / "a.zip")[0].message


def test_a_nul_in_a_name_is_seen(make_zip: MakeZip) -> None:
    path = make_zip({"safe.htmlXevil": b""})
    path.write_bytes(path.read_bytes().replace(b"safe.htmlXevil", b"safe.html\0evil"))
    assert "control character" in refused(path)[0].message


def test_all_unsafe_names_are_told_at_once(make_zip: MakeZip) -> None:
    assert len(refused(make_zip({"../a": b"", "/b": b"", "c": b""}))) == 2


@pytest.mark.conforms(
    "Security",
    "packages",
    "Links and devices in a package are refused.",
    grade="D",
)
@pytest.mark.parametrize(
    ("kind", "part"), [(stat.S_IFLNK, "symbolic link"), (stat.S_IFIFO, "not a plain file")]
)
def test_links_and_devices_in_a_zip_are_refused(tmp_path: Path, kind: int, part: str) -> None:
    info = zipfile.ZipInfo("link")
    info.external_attr = (kind | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(info, b"/etc/passwd")
    assert part in refused(tmp_path / "a.zip")[0].message


def test_an_encrypted_member_is_refused(make_zip: MakeZip) -> None:
    path = make_zip({"a.html": b"x"})
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    assert "is encrypted" in refused(path)[0].message


def test_a_method_that_can_eat_memory_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a", b"x")
    assert "compressed in a way" in refused(tmp_path / "a.zip")[0].message


@pytest.mark.parametrize("cut", [0, 1, 20, 60, 100])
def test_a_zip_that_was_cut_off_is_refused(make_zip: MakeZip, cut: int) -> None:
    path = make_zip({"a.html": b"x" * 1000})
    path.write_bytes(path.read_bytes()[:cut])
    assert "damaged" in refused(path)[0].message


def test_a_member_that_was_altered_is_refused(make_zip: MakeZip) -> None:
    path = make_zip({"a.html": os.urandom(1000)})
    data = bytearray(path.read_bytes())
    data[200] ^= 0xFF
    path.write_bytes(data)
    (fault,) = refused(path)
    assert fault.file == "a.html"


def test_a_size_that_lies_is_refused(make_zip: MakeZip) -> None:
    path = make_zip({"a.html": b"x" * 5000})
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<L", 10)
    path.write_bytes(data)
    assert "damaged" in refused(path)[0].message


def test_too_many_members_are_refused(make_zip: MakeZip, make_folder: MakeFolder) -> None:
    files = {f"{number}": b"" for number in range(6)}
    for path in (make_zip(files), make_folder(files)):
        assert listed(path, Limits(max_members=6)) == files
        assert "more than 5 files" in refused(path, Limits(max_members=5))[0].message


def test_a_huge_directory_is_refused_before_it_is_read(tmp_path: Path) -> None:
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, 50_000_000, 0, 0)
    with (tmp_path / "a.zip").open("wb") as file:
        file.truncate(50_000_000)
        file.seek(0, io.SEEK_END)
        file.write(end)
    assert "more than 20000 files" in refused(tmp_path / "a.zip")[0].message


def zip64_end(directory: int, *, record: bytes = b"PK\x06\x06") -> bytes:
    return (
        struct.pack("<4sQ2H2L4Q", record, 44, 45, 45, 0, 0, 1, 1, directory, 0)
        + struct.pack("<4sLQL", b"PK\x06\x07", 0, 0, 1)
        + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, 0xFFFFFFFF, 0, 0)
    )


def test_a_huge_64_bit_directory_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with (tmp_path / "a.zip").open("wb") as file:
        file.truncate(50_000_000)
        file.seek(0, io.SEEK_END)
        file.write(zip64_end(49_000_000))
    assert "more than 20000 files" in refused(tmp_path / "a.zip")[0].message


@pytest.mark.parametrize(
    "data", [zip64_end(10, record=b"PKxx"), zip64_end(10)[-22:], zip64_end(10)[56:]]
)
def test_a_64_bit_end_that_is_not_there_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.zip").write_bytes(data)
    assert "damaged" in refused(tmp_path / "a.zip")[0].message


def test_a_zip_with_a_comment_is_read(make_zip: MakeZip) -> None:
    path = make_zip({"a": b"x"})
    with zipfile.ZipFile(path, "a") as archive:
        archive.comment = b"made by hand"
    assert listed(path) == {"a": b"x"}


def test_links_in_a_folder_are_refused(make_folder: MakeFolder) -> None:
    folder = make_folder({"a/b": b""})
    (folder / "file").symlink_to("/etc/passwd")
    (folder / "folder").symlink_to("/etc")
    os.mkfifo(folder / "pipe")
    assert [(fault.file, fault.message) for fault in refused(folder)] == [
        ("file", "This is a symbolic link."),
        ("folder", "This is a symbolic link."),
        ("pipe", "This is not a plain file."),
    ]


def test_a_loose_link_is_refused(make_folder: MakeFolder) -> None:
    folder = make_folder({"a": b""})
    for target in ("a", "."):
        (folder / f"link{target}").symlink_to(folder / target)
        findings = Findings()
        FileSource([folder / f"link{target}"]).entries(DEFAULT_LIMITS, findings)
        assert findings.errors()[0].message == "This is a symbolic link."


def test_a_file_that_becomes_a_link_is_refused(make_folder: MakeFolder) -> None:
    folder = make_folder({"a": b"", "b": b""})
    source = FileSource([folder])
    entry = source.entries(DEFAULT_LIMITS, Findings())[0]
    (folder / "a").unlink()
    (folder / "a").symlink_to(folder / "b")
    with pytest.raises(PackageRefused, match="cannot be read"):
        list(source.chunks(entry))
