"""The command line as a person calls it, on an installation of its own."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog
from click.testing import CliRunner

from launcher.commands import cli

COURSE = {
    "crs": "[Course]\r\nCourse_ID={id}\r\nCourse_Title={id} title\r\nTotal_AUs=1\r\n",
    "au": 'system_id,file_name,type\r\n"A1","{start}","lesson"\r\n',
    "des": 'system_id,title,description\r\n"A1","Unit one","-"\r\n',
    "cst": 'block,member\r\n"root","A1"\r\n',
}


@dataclass(frozen=True)
class Said:
    """What a command said: lines on standard output, text on standard error, exit status."""

    out: list[str]
    err: str
    status: int


Hacp = Callable[..., Said]


def environment_of(instance: Path) -> dict[str, str]:
    return {
        "HACP_SECRET_KEY": "for tests only, for tests only, for tests only",
        "HACP_INSTANCE": str(instance),
    }


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return environment_of(tmp_path / "instance")


@contextmanager
def logs_as_before() -> Iterator[None]:
    """Undo what a command sets up for its process."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    alembic = logging.getLogger("alembic").level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.getLogger("alembic").setLevel(alembic)
    structlog.reset_defaults()


def call(words: Sequence[object], *, stdin: str = "", environment: Mapping[str, str]) -> Said:
    """Call `hacp` with these words, as a shell does."""
    said = CliRunner().invoke(cli, [str(word) for word in words], input=stdin, env=environment)
    if said.exception is not None and not isinstance(said.exception, SystemExit):
        raise said.exception
    return Said(said.stdout.splitlines(), said.stderr, said.exit_code)


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The instance folder that `hacp migrate` makes; each test gets a copy of it."""
    instance = tmp_path_factory.mktemp("migrated") / "instance"
    with logs_as_before():
        assert call(["migrate"], environment=environment_of(instance)).status == 0
    return instance


@pytest.fixture
def hacp(environment: dict[str, str], migrated: Path):
    """Return `hacp(*words, stdin="") -> Said`: on a database that has its tables."""
    shutil.copytree(migrated, environment["HACP_INSTANCE"])

    def _hacp(*words: object, stdin: str = "", **changed: str) -> Said:
        return call(words, stdin=stdin, environment={**environment, **changed})

    with logs_as_before():
        yield _hacp


@pytest.fixture
def course_folder(tmp_path: Path) -> Callable[..., Path]:
    """Return `course_folder(aicc_id, start=...) -> Path`: a folder with the files of a course."""

    def _make(aicc_id: str, start: str = "https://content.example/start.html") -> Path:
        folder = tmp_path / f"course-{aicc_id}"
        folder.mkdir()
        for suffix, text in COURSE.items():
            written = text.format(id=aicc_id, start=start)
            (folder / f"course.{suffix}").write_bytes(written.encode())
        return folder

    return _make


@pytest.fixture
def course_zip(course_folder: Callable[..., Path]) -> Callable[..., Path]:
    """Return `course_zip(aicc_id) -> Path`: the same, zipped."""

    def _make(aicc_id: str) -> Path:
        folder = course_folder(aicc_id)
        return Path(shutil.make_archive(str(folder), "zip", folder))

    return _make


@pytest.fixture
def school(hacp: Hacp, course_folder: Callable[..., Path]) -> Hacp:
    """`hacp` on an installation with one academy, a learner (`s1`) and a course (`C1`, id 1)."""
    hacp("academy", "add", "Night School")
    hacp("learner", "add", "jane@example.org", "--name", "Doe, Jane", "--student-id", "s1")
    assert hacp("import", course_folder("C1")).out == ["1"]
    return hacp
