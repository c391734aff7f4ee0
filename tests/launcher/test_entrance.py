"""The front door, and what it tells to those who watch."""

from __future__ import annotations

from dataclasses import replace

import pytest

from launcher.app import create_app
from launcher.db import db, transact


def test_nobody_is_sent_to_sign_in(app):
    assert app.test_client().get("/").location == "/sign-in"


@pytest.mark.parametrize(
    ("email", "home"),
    [("admin@example.org", "/a/night/admin/"), ("learner@example.org", "/a/night/")],
)
def test_everybody_lands_where_their_work_is(people, visitor, email, home):
    somebody = visitor()
    somebody.sign_in(email)
    assert somebody.client.get("/").location == home


def test_someone_without_an_academy_is_told_so(app, people, visitor):
    jane = visitor()
    jane.sign_in("learner@example.org")
    with app.app_context():
        transact(lambda connection: connection.exec_driver_sql("DELETE FROM memberships"))
    page = jane.client.get("/")
    assert page.status_code == 200
    assert "no academy" in page.text


def test_health_is_good_while_the_database_answers(either_app):
    answer = either_app.test_client().get("/health")
    assert (answer.status_code, answer.text) == (200, "ok\n")


def test_health_is_bad_when_it_does_not(settings):
    nowhere = "postgresql+psycopg://nobody@127.0.0.1:9/none?connect_timeout=2"
    app = create_app(replace(settings, database_url=nowhere))
    answer = app.test_client().get("/health")
    assert answer.status_code == 503
    with app.app_context():
        db.engine.dispose()
