"""The demo's packages hold what an academy needs to import, and the same bytes each time."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path

import pytest

from demo import packages


def test_each_course_becomes_one_package_with_four_structure_files(tmp_path: Path) -> None:
    paths = packages.write_packages(tmp_path, content_url="http://localhost:9002")

    assert [path.name for path in paths] == [
        "fire-safety.zip",
        "phishing-basics.zip",
        "fire-safety-hosted.zip",
    ]
    for path in paths:
        endings = {
            Path(name).suffix for name in zipfile.ZipFile(path).namelist() if "/" not in name
        }
        assert endings == {".crs", ".des", ".au", ".cst"}


def test_units_point_to_the_content_server_given(tmp_path: Path) -> None:
    fire, phishing, hosted = packages.write_packages(tmp_path, content_url="http://localhost:9002")

    assert _units(fire)[0]["File_Name"] == "http://localhost:9002/fire-safety/lesson.html"
    assert {row["File_Name"] for row in _units(phishing)} == {"http://localhost:9002/phishing/"}
    assert [row["Web_Launch"] for row in _units(phishing)] == ["unit=lesson", "unit=inbox"]
    assert [row["File_Name"] for row in _units(hosted)] == [
        "content/lesson.html",
        "content/quiz.html",
    ]


def test_quizzes_have_a_mastery_score_and_lessons_do_not(tmp_path: Path) -> None:
    for path in packages.write_packages(tmp_path):
        lesson, quiz = _units(path)
        assert lesson["Mastery_Score"] == ""
        assert 0 < int(quiz["Mastery_Score"]) <= 100


def test_the_hosted_package_brings_every_file_that_its_units_start(tmp_path: Path) -> None:
    hosted = packages.write_packages(tmp_path)[2]

    names = set(zipfile.ZipFile(hosted).namelist())
    assert {row["File_Name"] for row in _units(hosted)} <= names
    assert {"content/hacp.js", "content/style.css", "content/flame.svg"} <= names


def test_equal_packages_are_equal_bytes(tmp_path: Path) -> None:
    first = [path.read_bytes() for path in packages.write_packages(tmp_path / "a")]
    second = [path.read_bytes() for path in packages.write_packages(tmp_path / "b")]

    assert first == second


def test_the_command_writes_into_a_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert packages.main([str(tmp_path)]) == 0

    assert capsys.readouterr().out.splitlines()[0] == str(tmp_path / "fire-safety.zip")
    assert packages.main([]) == 2


def _units(package: Path) -> list[dict[str, str]]:
    with zipfile.ZipFile(package) as opened:
        name = next(name for name in opened.namelist() if name.endswith(".au"))
        return list(csv.DictReader(io.StringIO(opened.read(name).decode())))
