"""A unit that waits for another (.pre) is closed on every road until what it waits for is done.

A real package is imported, and its content talks HACP; on SQLite and on PostgreSQL.
"""

from __future__ import annotations

import logging
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import structlog
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from catalog.intake import accept
from catalog.shelf import Shelf
from hacp.schema import SessionRow
from launcher.commands import cli
from launcher.db import read, transact
from launcher.people import enrolments
from launcher.records import transcripts

# Part two waits for both lessons, the exam in it for its own quiz as well; the quiz alone passes
# the course; the pre-test is open before the first lesson only. Written as tools do: columns the
# other way round, single quotes, ids in another case.
PACKAGE = {
    "safety.crs": "[Course]\r\nCourse_ID=SAFETY\r\nCourse_Title=Safety\r\nLevel=2\r\n"
    "[Course_Behavior]\r\nMax_Normal=1\r\n",
    "safety.au": '"system_id","file_name"\r\n"A1","one.html"\r\n"A2","two.html"\r\n'
    '"A3","quiz.html"\r\n"A4","exam.html"\r\n"A0","pretest.html"\r\n',
    "safety.des": '"system_id","title"\r\n"A1","Lesson 1"\r\n"A2","Lesson 2"\r\n"A3","Quiz"\r\n'
    '"A4","Exam"\r\n"A0","Pre-test"\r\n"B1","Part two"\r\n',
    "safety.cst": '"block","member"\r\n"ROOT","A0","A1","A2","B1"\r\n"B1","A3","A4"\r\n',
    "safety.pre": "'prerequisite','structure_element'\r\n'A1','a2'\r\n'A1 & A2','B1'\r\n"
    "'A3=passed','A4'\r\n'~A1','A0'\r\n",
    "safety.cmp": '"structure_element","requirement","result"\r\n"root","A3=p","passed"\r\n',
    "one.html": "<p>one",
    "two.html": "<p>two",
    "quiz.html": "<p>quiz",
    "exam.html": "<p>exam",
    "pretest.html": "<p>pre-test",
}


@dataclass
class Desk:
    """A learner in two windows of a browser, a shell, and the content that she launches."""

    app: Flask
    browser: Any
    course_id: int
    people: Any
    environment: dict[str, str]

    @property
    def window(self) -> FlaskClient:
        return self.browser.client

    def press(self, au_id: str, **more: str):
        """Post what the button of a unit posts."""
        return self.browser.post(f"/a/night/courses/{self.course_id}/launch", au=au_id, **more)

    def shell(self, au_id: str, *more: str):
        """Run `hacp launch` on the same installation."""
        words = ["launch", "SAFETY", self.people.learner.email, "--au", au_id, "--academy", "night"]
        return CliRunner().invoke(cli, [*words, *more], env=self.environment)

    def opened(self) -> int:
        """Count the sessions there are."""
        with self.app.app_context():
            return read(
                lambda connection: connection.execute(
                    select(func.count()).select_from(SessionRow)
                ).scalar_one()
            )

    def row(self):
        """Return what the transcript says."""
        with self.app.app_context():
            return read(
                lambda connection: transcripts.rows(
                    connection, self.people.academy_id, learner_id=self.people.learner.id
                )
            )[0]

    def finish(self, au_id: str, status: str = "completed") -> None:
        """Launch a unit and let its content say how it ended."""
        answer = self.press(au_id)
        found = re.search(r'http-equiv="refresh" content="0; url=([^"]*)"', answer.text)
        assert found, answer.text
        self.tell(unescape(found.group(1)), status)

    def tell(self, address: str, status: str) -> None:
        """Say a status as content does."""
        query = parse_qs(urlsplit(address).query)
        answer = self.app.test_client().post(
            urlsplit(query["AICC_URL"][0]).path,
            data={
                "command": "PutParam",
                "version": "4.0",
                "session_id": query["AICC_SID"][0],
                "aicc_data": f"[core]\r\nlesson_status={status}\r\n",
            },
        )
        assert answer.text.startswith("error=0")


@pytest.fixture
def environment(settings, database_url: str) -> Iterator[dict[str, str]]:
    """What tells `hacp` of the installation; its database has been made by `hacp migrate`."""
    root = logging.getLogger()
    handlers, level, alembic = list(root.handlers), root.level, logging.getLogger("alembic").level
    found = {
        "HACP_SECRET_KEY": settings.secret_key,
        "HACP_INSTANCE": str(settings.instance),
        "HACP_PUBLIC_URL": settings.public_url,
        "HACP_CONTENT_URL": settings.content_url,
        "HACP_DATABASE_URL": database_url,
    }
    assert CliRunner().invoke(cli, ["migrate"], env=found).exit_code == 0
    yield found
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.getLogger("alembic").setLevel(alembic)
    structlog.reset_defaults()


@pytest.fixture
def desk(
    environment: dict[str, str], either_app: Flask, visitor_at, add_people, settings, tmp_path: Path
) -> Desk:
    zipped = tmp_path / "safety.zip"
    with zipfile.ZipFile(zipped, "w") as archive:
        for name, text in PACKAGE.items():
            archive.writestr(name, text)
    now = datetime.now(UTC)
    with either_app.app_context():
        people = transact(add_people)
        (accepted,) = accept(
            [zipped],
            academy_id=people.academy_id,
            transact=transact,
            shelf=Shelf(settings.content_root),
            now=now,
        )
        transact(
            lambda connection: enrolments.enrol(
                connection,
                academy_id=people.academy_id,
                learner_id=people.learner.id,
                course_id=accepted.course_id,
                now=now,
            )
        )
    browser = visitor_at(either_app)
    browser.sign_in(people.learner.email)
    return Desk(either_app, browser, accepted.course_id, people, environment)


def test_a_locked_unit_is_refused_with_what_unlocks_it(desk: Desk) -> None:
    answer = desk.press("A2")
    assert answer.status_code == 409
    assert "“Lesson 2” is locked until “Lesson 1” is completed." in unescape(answer.text)
    assert desk.opened() == 0


@pytest.mark.conforms(
    "Rules of a course",
    "CMI001 v4, prerequisites",
    "A locked unit opens by no other way: not by a typed address.",
    grade="D",
)
def test_a_typed_address_opens_nothing_either(desk: Desk) -> None:
    path = f"/a/night/courses/{desk.course_id}/launch"
    assert desk.window.get(f"{path}?au=A2").status_code == 405
    inside = desk.press("A4")
    assert inside.status_code == 409
    said = (
        "“Exam” is locked, with all of “Part two”, until “Lesson 1” and “Lesson 2” are completed."
    )
    assert said in unescape(inside.text)
    assert desk.press("B1").status_code == 404
    assert desk.opened() == 0


def test_the_command_line_refuses_it_too(desk: Desk) -> None:
    said = desk.shell("A2")
    assert (said.exit_code, said.stdout) == (1, "")
    assert "“Lesson 2” is locked until “Lesson 1” is completed." in said.stderr
    assert desk.opened() == 0
    desk.tell(desk.shell("A1").stdout.strip(), "completed")
    said = desk.shell("A2")
    assert (said.exit_code, said.stderr) == (0, "")


def test_a_second_window_opens_nothing_while_the_first_is_at_work(desk: Desk) -> None:
    desk.finish("A1", "incomplete")
    other = Desk(desk.app, type(desk.browser)(desk.app), desk.course_id, desk.people, {})
    other.browser.sign_in(desk.people.learner.email)
    assert other.press("A2").status_code == 409
    desk.finish("A1", "failed")
    assert other.press("A2").status_code == 409
    # The page in the other window is as old as it was; what is recorded decides.
    desk.finish("A1", "passed")
    assert other.press("A2").status_code == 200


def test_the_course_opens_step_by_step_and_its_rule_completes_it(desk: Desk) -> None:
    desk.finish("A1")
    assert desk.press("A3").status_code == 409
    desk.finish("A2")
    desk.finish("A3", "failed")
    assert "“Exam” is locked until “Quiz” is passed." in unescape(desk.press("A4").text)
    assert (desk.row().status, desk.row().completed_at) == ("incomplete", None)
    desk.finish("A3", "passed")
    assert desk.row().status == "passed"
    completed_at = desk.row().completed_at
    assert completed_at is not None
    desk.finish("A4")
    assert desk.row().completed_at == completed_at


def test_a_unit_that_is_done_opens_for_review_whatever_it_waits_for(desk: Desk) -> None:
    desk.finish("A0")
    desk.finish("A1")
    assert desk.press("A0").status_code == 200


def test_a_unit_that_is_done_and_locked_is_not_taken_again_on_any_road(desk: Desk) -> None:
    desk.finish("A0")
    assert 'name="retake"' in desk.window.get(f"/a/night/courses/{desk.course_id}").text
    desk.finish("A1", "incomplete")
    desk.finish("A1")
    opened = desk.opened()
    said = "“Pre-test” is locked: it was open only while “Lesson 1” is not completed."

    page = desk.window.get(f"/a/night/courses/{desk.course_id}").text
    pressed = desk.press("A0", retake="1")
    typed = desk.shell("A0", "--retake")

    # Lesson 1 is open and done, so its own button is the only one.
    assert page.count('name="retake"') == 1
    assert (pressed.status_code, typed.exit_code) == (409, 1)
    assert said in unescape(pressed.text)
    assert said in typed.stderr
    assert desk.opened() == opened


def test_a_unit_that_was_not_done_in_time_stays_closed(desk: Desk) -> None:
    desk.finish("A0", "incomplete")
    desk.finish("A1")
    answer = desk.press("A0")
    assert answer.status_code == 409
    said = "“Pre-test” is locked: it was open only while “Lesson 1” is not completed."
    assert said in unescape(answer.text)
