"""`hacp import` and `hacp courses`."""

from __future__ import annotations

import errno
import json
import os
import pty
import select
import subprocess
import sys
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from launcher.commands.courses import Bar

# Seconds until a process that says nothing more is taken for stuck.
PATIENCE = 60


@pytest.fixture
def academy(hacp):
    hacp("academy", "add", "Night School")
    return hacp


def test_zips_and_folders_are_packages_of_their_own(academy, course_folder, course_zip):
    said = academy("import", course_zip("Z1"), course_folder("F1"), course_zip("Z2"))
    assert (said.out, said.status) == (["1", "2", "3"], 0)
    assert "Imported Z1 title." in said.err


def test_loose_files_are_one_package(academy, course_folder):
    said = academy("import", *sorted(course_folder("C1").iterdir()))
    assert (said.out, said.status) == (["1"], 0)


def test_content_is_stored_beside_the_database(academy, course_folder, environment):
    folder = course_folder("C1", start="index.html")
    (folder / "index.html").write_text("<p>hello</p>")
    assert academy("import", folder).out == ["1"]
    academy("learner", "add", "jane@example.org", "--name", "Doe, Jane")
    academy("enrol", "C1", "jane@example.org")
    (url,) = academy("launch", "C1", "jane@example.org").out
    assert url.startswith("http://localhost:8081/")


def test_a_duplicate_is_refused_and_the_option_named(academy, course_zip):
    file = course_zip("C1")
    academy("import", file)
    said = academy("import", file)
    assert (said.out, said.status) == ([], 1)
    assert "C1 title is there already, as course 1" in said.err
    assert "--on-duplicate skip" in said.err
    assert len(academy("courses").out) == 2


def test_a_duplicate_that_is_skipped_prints_the_course_that_is_there(academy, course_zip):
    file = course_zip("C1")
    academy("import", file)
    said = academy("import", "--on-duplicate", "skip", file)
    assert (said.out, said.status) == (["1"], 0)
    assert "left as it is" in said.err


@pytest.mark.parametrize(
    ("choice", "printed", "courses"),
    [
        ("skip", ["1"], ["C1 title"]),
        ("keep", ["2"], ["C1 title", "Newer"]),
        ("update", ["1"], ["Newer"]),
    ],
)
def test_another_edition_becomes_what_was_chosen(academy, course_folder, choice, printed, courses):
    folder = course_folder("C1")
    academy("import", folder)
    (crs,) = folder.glob("*.crs")
    crs.write_text(crs.read_text().replace("C1 title", "Newer"))

    unsaid = academy("import", folder)
    assert (unsaid.out, unsaid.status) == ([], 1)
    assert "Give '--on-duplicate update', 'keep' or 'skip'." in unsaid.err
    said = academy("import", "--on-duplicate", choice, folder)
    assert (said.out, said.status) == (printed, 0)
    listed = json.loads("\n".join(academy("courses", "--json").out))
    assert sorted(row["title"] for row in listed) == courses


class Terminal:
    """`hacp` as a process of its own, with a terminal before it and its output in a file."""

    def __init__(self, words: Sequence[object], environment: Mapping[str, str], out: Path) -> None:
        self._here, there = pty.openpty()
        self._out = out
        with out.open("w") as stream:
            self._process = subprocess.Popen(
                [sys.executable, "-c", "from launcher.commands import main; main()"]
                + [str(word) for word in words],
                env={**os.environ, **environment},
                stdin=there,
                stdout=stream,
                stderr=there,
            )
        os.close(there)
        self.shown = ""

    def until(self, words: str) -> None:
        """Read until the terminal shows these words behind what was read before."""
        seen = len(self.shown)
        while words not in self.shown[seen:]:
            ready, _, _ = select.select([self._here], [], [], PATIENCE)
            assert ready, f"nothing more after {self.shown!r}"
            self.shown += os.read(self._here, 4096).decode()

    def type(self, text: str) -> None:
        os.write(self._here, text.encode())

    def ended(self) -> tuple[list[str], int]:
        """Read to the end; return what it printed, line by line, and its status."""
        try:
            while more := os.read(self._here, 4096):
                self.shown += more.decode()
        except OSError as error:
            # What Linux says at the end of a terminal that nobody has open any more.
            assert error.errno == errno.EIO
        os.close(self._here)
        return self._out.read_text().split(), self._process.wait(timeout=PATIENCE)


@pytest.fixture
def at_a_terminal(environment, tmp_path):
    return lambda *words: Terminal(words, environment, tmp_path / "printed")


@pytest.mark.parametrize("option", [(), ("--on-duplicate", "ask")])
def test_somebody_at_a_terminal_is_asked_until_the_answer_is_one(
    academy, course_folder, at_a_terminal, option
):
    folder = course_folder("C1")
    academy("import", folder)
    (crs,) = folder.glob("*.crs")
    crs.write_text(crs.read_text().replace("C1 title", "Newer"))
    terminal = at_a_terminal("import", *option, folder)

    terminal.until("What to do? (update, keep, skip): ")
    assert "Newer: Its Course_ID" in terminal.shown
    terminal.type("perhaps\n")
    terminal.until("What to do? (update, keep, skip): ")
    terminal.type("keep\n")

    assert terminal.ended() == (["2"], 0)
    assert "Imported as course 2." in terminal.shown
    assert len(academy("courses").out) == 3


def test_who_goes_away_without_an_answer_has_done_nothing(academy, course_folder, at_a_terminal):
    folder = course_folder("C1")
    academy("import", folder)
    (crs,) = folder.glob("*.crs")
    crs.write_text(crs.read_text().replace("C1 title", "Newer"))
    terminal = at_a_terminal("import", "--on-duplicate", "ask", folder)

    terminal.until("What to do?")
    terminal.type("\x04")

    assert terminal.ended() == ([], 1)
    assert "Aborted" in terminal.shown
    assert len(academy("courses").out) == 2


def test_the_very_same_files_are_let_pass_by_return(academy, course_zip, at_a_terminal):
    file = course_zip("C1")
    academy("import", file)
    terminal = at_a_terminal("import", "--on-duplicate", "ask", file)

    terminal.until("Leave it as it is and go on? [Y/n]: ")
    terminal.type("\n")

    assert terminal.ended() == (["1"], 0)


def test_a_wrong_package_is_told_and_the_others_are_imported(academy, course_zip, tmp_path):
    wrong = tmp_path / "wrong.zip"
    with zipfile.ZipFile(wrong, "w") as archive:
        archive.writestr("readme.txt", "no course")
    said = academy("import", wrong, course_zip("C1"))
    assert (said.out, said.status) == (["1"], 1)
    assert "wrong.zip was not imported" in said.err
    assert "Traceback" not in said.err


def test_a_path_that_is_not_there_is_told_before_anything_is_done(academy, course_zip, tmp_path):
    said = academy("import", course_zip("C1"), tmp_path / "nowhere.zip")
    assert (said.out, said.status) == ([], 1)
    assert "nowhere.zip" in said.err
    assert academy("courses").out == []


def test_courses_are_listed_and_searched(academy, course_folder):
    academy("import", course_folder("SAFETY"), course_folder("OTHER"))
    listed = json.loads("\n".join(academy("courses", "--search", "safe", "--json").out))
    assert [(row["aicc_id"], row["title"]) for row in listed] == [("SAFETY", "SAFETY title")]
    assert len(academy("courses").out) == 3


def test_the_bar_is_drawn_over_itself_and_taken_away(capsys):
    bar = Bar("course.zip")
    bar.show("Unpacking", 0, 0)
    bar.show("Unpacking", 1, 2)
    bar.show("Unpacking", 1, 2)
    bar.clear()
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("50%") == 1
    assert "\n" not in told.err
    assert told.err.endswith("\x1b[2K\r")
    Bar("nothing").clear()
    assert capsys.readouterr().err == ""
