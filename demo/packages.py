"""The demo courses as an academy gets them: AICC course structure files, zipped.

Serves `seeding` and anyone who wants files to import (`python -m demo.packages FOLDER`). Writes the
files from plain values; it does not read any.
"""

from __future__ import annotations

import csv
import io
import sys
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from demo.content import FIRE_SAFETY

DEFAULT_CONTENT_URL = "http://localhost:8082"
# A fixed date makes equal packages equal bytes.
DATE = (2025, 1, 1, 0, 0, 0)
_AU_COLUMNS = (
    "System_ID",
    "Type",
    "Command_Line",
    "File_Name",
    "Max_Score",
    "Mastery_Score",
    "Max_Time_Allowed",
    "Time_Limit_Action",
    "System_Vendor",
    "Core_Vendor",
    "Web_Launch",
    "AU_Password",
)


@dataclass(frozen=True, slots=True)
class Unit:
    """One assignable unit."""

    title: str
    description: str
    file_name: str
    mastery_score: str = ""
    web_launch: str = ""
    core_vendor: str = ""


@dataclass(frozen=True, slots=True)
class Course:
    """One course: a block that holds all its units. `name` is the files' base name."""

    name: str
    course_id: str
    title: str
    description: str
    units: tuple[Unit, ...]
    content: Path | None = None


def courses(content_url: str) -> tuple[Course, ...]:
    """Return the three demo courses, with addresses at that content server."""
    fire = Course(
        name="fire-safety",
        course_id="FIRE-SAFETY",
        title="Fire safety at work",
        description="What makes a fire, what you do when you see one, and how you get out.",
        units=(
            Unit(
                "Get out alive",
                "Five short pages",
                f"{content_url}/fire-safety/lesson.html",
                core_vendor="assembly_point=Car park, north side",
            ),
            Unit(
                "Quiz",
                "Five questions; 80 points are needed",
                f"{content_url}/fire-safety/quiz.html",
                mastery_score="80",
            ),
        ),
    )
    phishing = Course(
        name="phishing-basics",
        course_id="PHISHING-BASICS",
        title="Phishing basics",
        description="How to tell a fake message from a real one. This course's server reports the "
        "results, not the browser.",
        units=(
            Unit(
                "Spot the fake",
                "Three short pages",
                f"{content_url}/phishing/",
                web_launch="unit=lesson",
            ),
            Unit(
                "Inbox test",
                "Four messages; 75 points are needed",
                f"{content_url}/phishing/",
                mastery_score="75",
                web_launch="unit=inbox",
            ),
        ),
    )
    hosted = replace(
        fire,
        name="fire-safety-hosted",
        course_id="FIRE-SAFETY-HOSTED",
        title="Fire safety at work (hosted here)",
        description="The same course, with its content in the package.",
        units=tuple(
            replace(unit, file_name=f"content/{unit.file_name.rpartition('/')[2]}")
            for unit in fire.units
        ),
        content=FIRE_SAFETY,
    )
    return fire, phishing, hosted


def write_packages(folder: Path, *, content_url: str = DEFAULT_CONTENT_URL) -> list[Path]:
    """Write one zip per demo course into the folder; return their paths in the courses' order."""
    folder.mkdir(parents=True, exist_ok=True)
    return [_write_package(folder, course) for course in courses(content_url)]


def _write_package(folder: Path, course: Course) -> Path:
    path = folder / f"{course.name}.zip"
    members = {
        f"{course.name}.{ending}": text.encode() for ending, text in structure_files(course).items()
    }
    if course.content is not None:
        for file in sorted(course.content.iterdir()):
            members[f"content/{file.name}"] = file.read_bytes()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in members.items():
            package.writestr(zipfile.ZipInfo(name, DATE), content, zipfile.ZIP_DEFLATED)
    return path


def structure_files(course: Course) -> dict[str, str]:
    """Return the four course structure files by ending (CMI001 v4, the level 1 set)."""
    ids = [f"A{number}" for number, _ in enumerate(course.units, start=1)]
    return {
        "crs": _crs(course),
        "des": _table(
            ("System_ID", "Developer_ID", "Title", "Description"),
            [("B1", course.course_id, course.title, course.description)]
            + [
                (id_, f"{course.course_id}-{id_}", unit.title, unit.description)
                for id_, unit in zip(ids, course.units, strict=True)
            ],
        ),
        "au": _table(
            _AU_COLUMNS,
            [_au_row(id_, unit) for id_, unit in zip(ids, course.units, strict=True)],
        ),
        "cst": _table(
            ("Block", "Member", *["Member"] * (len(ids) - 1)), [("ROOT", "B1"), ("B1", *ids)]
        ),
    }


def _crs(course: Course) -> str:
    lines = [
        "[Course]",
        "Course_Creator=Demo",
        f"Course_ID={course.course_id}",
        "Course_System=HTML",
        f"Course_Title={course.title}",
        "Level=1",
        f"Max_Fields_CST={len(course.units) + 1}",
        f"Total_AUs={len(course.units)}",
        "Total_Blocks=1",
        "Version=4.0",
        "[Course_Behavior]",
        "Max_Normal=1",
        "[Course_Description]",
        course.description,
    ]
    return "".join(f"{line}\r\n" for line in lines)


def _au_row(system_id: str, unit: Unit) -> tuple[str, ...]:
    return (
        system_id,
        "Unit",
        "",
        unit.file_name,
        "100" if unit.mastery_score else "",
        unit.mastery_score,
        "",
        "",
        "",
        unit.core_vendor,
        unit.web_launch,
        "",
    )


def _table(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue()


def main(arguments: list[str]) -> int:
    """Write the packages into the folder given, and print their paths."""
    if not 1 <= len(arguments) <= 2:
        sys.stderr.write("Usage: python -m demo.packages FOLDER [CONTENT_URL]\n")
        return 2
    content_url = arguments[1] if len(arguments) == 2 else DEFAULT_CONTENT_URL
    for path in write_packages(Path(arguments[0]), content_url=content_url.rstrip("/")):
        sys.stdout.write(f"{path}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
