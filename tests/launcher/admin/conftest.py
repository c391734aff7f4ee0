"""What the tests of the admin's pages share: an admin who is signed in, and courses.

Serves the tests beside it. Knows no page.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

import catalog.store
from catalog.model import AssignableUnit, Course
from launcher import config, launches
from launcher.db import transact
from launcher.people import enrolments

ADMIN = "/a/night/admin/"

SET = {
    "a.crs": "[Course]\r\nCourse_ID=C-1\r\nCourse_Title=Ladders\r\n",
    "a.au": '"system_id","file_name"\r\n"A1","https://content.example.org/"\r\n',
    "a.des": '"system_id","title"\r\n"A1","Ladders"\r\n',
    "a.cst": '"block","member"\r\n"ROOT","A1"\r\n',
}


@pytest.fixture
def admin(visitor, people):
    """Ada's browser, signed in, with `.open(path)` and `.send(path, **form)` below the admin's."""
    signed_in = visitor()
    signed_in.sign_in(people.admin.email)
    signed_in.open = lambda path="": signed_in.client.get(ADMIN + path)
    signed_in.send = lambda path, **form: signed_in.post(ADMIN + path, **form)
    return signed_in


@pytest.fixture
def zipped() -> Callable[..., tuple[io.BytesIO, str]]:
    """Return `zipped(name, files)`: a package as a form sends it."""

    def _zipped(name: str, files: dict[str, str] = SET) -> tuple[io.BytesIO, str]:
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as package:
            for member, text in files.items():
                package.writestr(member, text)
        stream.seek(0)
        return stream, name

    return _zipped


@pytest.fixture
def add_course(app, people, now):
    """Return `add_course(title, academy_id=...) -> id`."""

    def _add(title: str, *, academy_id: int | None = None, **unit_facts: object) -> int:
        facts = {"file_name": "https://content.example.org/start?<x>"} | unit_facts
        unit = AssignableUnit("A1", f"Unit of {title}", **facts)
        course = Course(title.upper(), title, units=(unit,), members=("A1",))

        def keep(connection):
            return catalog.store.add_course(
                connection,
                academy_id or people.academy_id,
                course=course,
                source="test.zip",
                fingerprint=title,
                content_key=None,
                folder="",
                now=now,
            )

        with app.app_context():
            return transact(keep)

    return _add


@pytest.fixture
def enrol(app, people, now):
    """Return `enrol(course_id)`: Jane may take the course from now on."""

    def _enrol(course_id: int) -> None:
        with app.app_context():
            transact(
                lambda connection: enrolments.enrol(
                    connection,
                    academy_id=people.academy_id,
                    learner_id=people.learner.id,
                    course_id=course_id,
                    now=now,
                )
            )

    return _enrol


@pytest.fixture
def launch(app, people, add_course, enrol):
    """Return `launch(title)`: a session of Jane's in a course of her own."""

    def _launch(title: str, *, at: datetime | None = None, **unit_facts: object):
        course_id = add_course(title, **unit_facts)
        enrol(course_id)
        with app.app_context():
            return transact(
                lambda connection: launches.launch(
                    connection,
                    people.learner,
                    course_id=course_id,
                    au_id="A1",
                    settings=config.current(),
                    now=at or datetime.now(UTC),
                )
            )

    return _launch


@pytest.fixture
def say(app, people):
    client = app.test_client()

    def _say(launched, command: str, aicc_data: str = ""):
        form = {"command": command, "session_id": launched.session_id, "aicc_data": aicc_data}
        answer = client.post(f"/hacp/{people.academy_id}", data=form)
        # Whoever looks does so later than a question waits to be stored.
        app.extensions["content_door"].flush()
        return answer

    return _say


@pytest.fixture
def attempt_page(admin, people):
    """Return `attempt_page()`: the address of Jane's attempt, as her page links to it."""

    def _address() -> str:
        page = admin.open(f"learners/{people.learner.id}").text
        found = re.search(r'href="(/a/night/admin/attempts/\d+)"', page)
        assert found, "there is no attempt"
        return found.group(1)

    return _address
