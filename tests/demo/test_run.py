"""`make run` as a newcomer meets it: real processes, real ports, a real browser."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from demo.seeding import Hacp

ROOT = Path(__file__).parents[2]
START_SECONDS = 90
LEARNER = "learner@example.org"
# The right answers of the fire safety quiz, in the order of its questions.
ANSWERS = (
    "Press the red call point",
    "Carbon dioxide",
    "The stairs",
    "Low, near the floor",
    "To the assembly point",
)


def _four_free_ports() -> int:
    """Return the first of four ports in a row that nobody uses."""
    for _ in range(50):
        with socket.socket() as first:
            first.bind(("127.0.0.1", 0))
            port = int(first.getsockname()[1])
            try:
                for following in (port + 1, port + 2, port + 3):
                    with socket.socket() as probe:
                        probe.bind(("127.0.0.1", following))
            except (OSError, OverflowError):
                continue
        return port
    raise AssertionError("no four free ports in a row")


class Run:
    """One `make run`, with what it said so far."""

    def __init__(self, instance: Path, port: int | str) -> None:
        self.environ = {**os.environ, "HACP_INSTANCE": str(instance)}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "demo"],
            cwd=ROOT,
            env={**self.environ, "PORT": str(port), "HOST": ""},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.said = ""
        self._ready = threading.Event()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said += line
            if "Ctrl-C stops the server; all data stays." in line:
                self._ready.set()
        self.process.stdout.close()
        self._ready.set()

    def await_ready(self) -> None:
        assert self._ready.wait(START_SECONDS), self.said
        assert self.process.poll() is None, self.said

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.end()

    def end(self) -> int:
        status = self.process.wait(30)
        self._reader.join()
        return status

    def password(self, email: str) -> str:
        found = re.search(rf"{re.escape(email)}  (\S+)", self.said)
        assert found, self.said
        return found[1]


@pytest.fixture
def start() -> Iterator[Callable[..., Run]]:
    running: list[Run] = []

    def _start(instance: Path, port: int | str) -> Run:
        running.append(Run(instance, port))
        return running[-1]

    yield _start
    for run in running:
        if run.process.poll() is None:
            run.stop()


def _sign_in(page: Page, address: str, email: str, password: str) -> None:
    page.goto(address)
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()


def _launch(page: Page, course: str, unit: int) -> Page:
    """Open a course from the learner's home and launch one of its units; return the new window."""
    page.get_by_role("link", name="My courses").first.click()
    page.get_by_role("link", name=course, exact=True).click()
    with page.expect_popup() as opened:
        page.get_by_role("button", name="Launch").nth(unit).click()
    return opened.value


def _read_the_lesson(lesson: Page) -> None:
    expect(lesson.get_by_role("heading", name="Three things make a fire")).to_be_visible()
    for _ in range(4):
        lesson.get_by_role("button", name="Next").click()
    expect(lesson.get_by_text("Car park, north side")).to_be_visible()
    with lesson.expect_event("close"):
        lesson.get_by_role("button", name="Finish").click()


def _answer_the_quiz(quiz: Page) -> None:
    for text in ANSWERS:
        quiz.get_by_text(text, exact=True).click()
        quiz.locator("#next").click()
    expect(quiz.get_by_role("heading", name="You know your way out.")).to_be_visible()
    with quiz.expect_event("close"):
        quiz.get_by_role("button", name="Finish").click()


def _read_about_phishing(lesson: Page) -> None:
    expect(lesson.get_by_role("heading", name="Somebody is fishing")).to_be_visible()
    for _ in range(2):
        lesson.get_by_role("button", name="Next").click()
    lesson.get_by_role("button", name="Finish").click()
    expect(lesson.get_by_role("heading", name="Your progress is saved")).to_be_visible()


def test_a_newcomer_takes_every_demo_course_and_a_second_start_keeps_the_records(
    page: Page, start: Callable[..., Run], tmp_path: Path
) -> None:
    port = _four_free_ports()
    run = start(tmp_path, port)
    run.await_ready()
    _sign_in(page, f"http://127.0.0.1:{port}/", LEARNER, run.password(LEARNER))

    lesson = _launch(page, "Fire safety at work", 0)
    lesson.wait_for_url(f"http://localhost:{port + 2}/fire-safety/lesson.html*AICC_SID=*")
    _read_the_lesson(lesson)
    quiz = _launch(page, "Fire safety at work (hosted here)", 1)
    quiz.wait_for_url(f"http://localhost:{port + 1}/**")
    _answer_the_quiz(quiz)
    fishing = _launch(page, "Phishing basics", 0)
    fishing.wait_for_url(f"http://localhost:{port + 2}/phishing/*unit=lesson&AICC_SID=*")
    _read_about_phishing(fishing)

    _deliver(page, f"http://localhost:{port + 3}/", "HIPAA in Everyday Work")
    _await_course(run, "HIPAA in Everyday Work")
    before = _transcript(run)
    assert [row["status"] for row in before] == ["incomplete"] * 3
    assert [row["percent"] for row in before if row["percent"] is not None] == [100]
    assert run.stop(signal.SIGINT) == 0
    assert run.said.endswith("Stopped.\n")
    assert "Traceback" not in run.said

    again = start(tmp_path, port)
    again.await_ready()

    assert again.password(LEARNER) == run.password(LEARNER)
    assert "Making the demo academy" not in again.said
    assert _transcript(again) == before
    assert f"OpenSesame  http://localhost:{port + 3}/ " in again.said
    with urllib.request.urlopen(f"http://localhost:{port + 2}/") as answer:
        assert answer.status == 200
    page.goto(f"http://localhost:{port + 3}/")
    page.get_by_role("link", name="View Status").click()
    expect(page.get_by_text("The integration answered 202. It was accepted.")).to_be_visible()
    assert again.stop() == 0


def _deliver(page: Page, opensesame: str, title: str) -> None:
    """Deliver one course from the pretend OpenSesame."""
    page.goto(opensesame)
    page.get_by_label(title, exact=True).check()
    page.get_by_role("button", name="Deliver Courses").click()
    page.get_by_role("button", name="Send to Integration").click()
    expect(page.get_by_role("status")).to_contain_text("answered 202")


def _await_course(run: Run, title: str) -> None:
    """Look at the courses until it is there: a worker fetches it after the answer."""
    for _ in range(START_SECONDS):
        if title in {row["title"] for row in Hacp(run.environ).rows("courses")}:
            return
        time.sleep(1)
    raise AssertionError(f"{title} did not arrive")


def _transcript(run: Run) -> list[dict[str, object]]:
    return Hacp(run.environ).rows("transcript", "--learner", LEARNER)


def test_a_port_in_use_is_told_in_one_sentence(start: Callable[..., Run], tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        run = start(tmp_path, taken.getsockname()[1])
        assert run.end() == 1

    said = run.said.splitlines()[-1]
    assert "cannot be used (Address already in use): choose others with 'make run PORT=" in said
    assert "Traceback" not in run.said


@pytest.mark.parametrize("port", ["http", "0", "65533"])
def test_a_port_that_cannot_be_is_told(
    start: Callable[..., Run], tmp_path: Path, port: str
) -> None:
    run = start(tmp_path, port)

    assert run.end() == 1
    assert run.said == f"PORT is '{port}': expected a number, 1 to 65532.\n"


def test_stopping_in_the_middle_of_the_seeding_leaves_no_traceback(
    start: Callable[..., Run], tmp_path: Path
) -> None:
    run = start(tmp_path, _four_free_ports())
    while "Making the demo academy" not in run.said:
        assert run.process.poll() is None, run.said

    assert run.stop(signal.SIGINT) == 0
    assert "Traceback" not in run.said
    assert run.said.endswith("Stopped.\n")
    assert not json.loads((tmp_path / "demo.json").read_text())["finished"]
