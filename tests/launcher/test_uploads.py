"""Files that a browser uploads, on their way to the catalog."""

from __future__ import annotations

import io
import zipfile

import pytest
from werkzeug.datastructures import FileStorage

from catalog.shelf import Shelf
from catalog.store import count_courses
from launcher.db import read, transact
from launcher.uploads import NAME_BYTES, safe_name, take_in

SET = {
    "a.crs": "[Course]\r\nCourse_ID=C-1\r\nCourse_Title=Ladders\r\n",
    "a.au": '"system_id","file_name"\r\n"A1","https://content.example.org/"\r\n',
    "a.des": '"system_id","title"\r\n"A1","Ladders"\r\n',
    "a.cst": '"block","member"\r\n"ROOT","A1"\r\n',
}


def loose(name: str, text: str) -> FileStorage:
    return FileStorage(io.BytesIO(text.encode()), filename=name)


def zipped(name: str, files: dict[str, str]) -> FileStorage:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as package:
        for member, text in files.items():
            package.writestr(member, text)
    stream.seek(0)
    return FileStorage(stream, filename=name)


@pytest.fixture
def upload(app, people, settings, now):
    def _upload(*files: FileStorage):
        with app.app_context():
            return take_in(
                files,
                academy_id=people.academy_id,
                transact=transact,
                shelf=Shelf(settings.content_root),
                hosts=(),
                now=now,
            )

    return _upload


def test_each_zip_is_a_package_and_loose_files_are_one_more(upload):
    other = {
        name: text.replace("C-1", "C-2").replace("Ladders", "Ropes") for name, text in SET.items()
    }

    delivered = upload(
        zipped("first.ZIP", SET), *(loose(name, text) for name, text in other.items())
    )

    assert [package.names for package in delivered] == [("first.ZIP",), tuple(SET)]
    assert [len(package.courses) for package in delivered] == [1, 1]


def test_one_refused_package_does_not_stop_the_others(upload, app, people):
    delivered = upload(loose("a.au", SET["a.au"]), zipped("good.zip", SET))

    refused = [package for package in delivered if package.faults]
    assert [package.names for package in refused] == [("a.au",)]
    assert not refused[0].courses
    with app.app_context():
        assert read(lambda connection: count_courses(connection, people.academy_id)) == 1


def test_the_same_package_again_is_noticed(upload):
    upload(zipped("a.zip", SET))

    (again,) = upload(zipped("a.zip", SET))

    assert again.courses[0].duplicate
    assert again.courses[0].title == "Ladders"


def test_a_file_that_is_no_zip_is_told_by_its_own_name(upload):
    (refused,) = upload(loose("holiday.zip", "no zip at all"))

    assert refused.faults
    assert any("holiday.zip" in f"{fault.file} {fault.message}" for fault in refused.faults)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("course.zip", "course.zip"),
        ("Grüße & Co.crs", "Grüße & Co.crs"),
        ("C:\\Users\\kim\\course.zip", "course.zip"),
        ("sub/folder/course.au", "course.au"),
        ("../../etc/passwd", "passwd"),
        ("..", "upload"),
        ("", "upload"),
        ("a\0b\nc.zip", "a_b_c.zip"),
        ("...hidden", "hidden"),
    ],
)
def test_a_file_name_leads_nowhere_else(name, kept):
    assert safe_name(name) == kept


def test_a_file_name_is_never_longer_than_a_file_system_takes():
    for name in ("ü" * 5000 + ".zip", "x" * 5000, "x." + "y" * 5000, "." * 5000):
        assert 0 < len(safe_name(name).encode()) <= NAME_BYTES


def test_two_files_of_one_name_do_not_overwrite_each_other(upload):
    (refused,) = upload(loose("a.crs", SET["a.crs"]), loose("a.crs", SET["a.crs"]))

    assert refused.names == ("a.crs", "a-2.crs")
