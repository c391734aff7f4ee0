"""The assembly: hosts, proxies, odd ids and NULs, and that an application can be made twice."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from flask import request

from launcher.app import create_app
from launcher.db import db, read, transact
from launcher.records import transcripts


def test_only_the_public_host_is_answered(app, settings, make_app):
    client = app.test_client()
    answer = client.get("/sign-in", headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert answer.content_type == "text/plain"
    assert client.get("/sign-in", headers={"Host": "localhost:8080"}).status_code == 200
    watched = make_app(replace(settings, trusted_hosts=("10.0.0.7",))).test_client()
    assert watched.get("/health", headers={"Host": "10.0.0.7:8080"}).status_code == 200


FORWARDED = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}


def test_a_proxys_word_counts_only_where_the_settings_say_so(settings, make_app):
    def seen(proxies):
        app = make_app(replace(settings, trusted_proxies=proxies))
        with app.test_client() as client:
            client.get("/health", headers=FORWARDED)
            return request.remote_addr, request.scheme

    assert seen(0) == ("127.0.0.1", "http")
    assert seen(1) == ("203.0.113.9", "https")


@pytest.mark.parametrize(
    "path",
    [
        "/a/night/courses/99999999999",
        f"/a/night/courses/{2**64}",
        f"/a/night/admin/learners/{2**31}",
        f"/a/night/admin/attempts/{2**64}",
        "/a/night/courses/%EF%BC%91",
        "/a/night/courses/-1",
    ],
)
def test_a_number_that_is_no_id_is_not_found(either_app, add_people, visitor_at, path):
    with either_app.app_context():
        transact(add_people)
    ada = visitor_at(either_app)
    ada.sign_in("admin@example.org")
    assert ada.client.get(path).status_code == 404


def test_a_nul_never_reaches_the_database(either_app, add_people, visitor_at):
    with either_app.app_context():
        transact(add_people)
    ada = visitor_at(either_app)
    ada.sign_in("admin@example.org")
    for path in ("/a/ni%00ght/", "/a/night/admin/learners?search=%00", "/?%00=1"):
        assert ada.client.get(path).status_code == 400
    answer = ada.post("/a/night/admin/settings", name="a\0b", launch_window="new")
    assert answer.status_code == 400


def test_an_upload_over_the_limit_is_told_so(settings, make_app, add_people, visitor_at):
    app = make_app(replace(settings, max_upload_mib=1))
    with app.app_context():
        transact(add_people)
    ada = visitor_at(app)
    ada.sign_in("admin@example.org")
    token = ada.token("/password")
    answer = ada.client.post(
        "/a/night/admin/courses/upload",
        input_stream=io.BytesIO(b"x" * 2_000_000),
        content_type="multipart/form-data; boundary=x",
        headers={"X-CSRFToken": token},
    )
    assert answer.status_code == 413
    assert "1 MiB" in answer.text


def test_two_applications_live_in_one_process(settings, tmp_path, make_app):
    one = make_app(settings)
    two = make_app(replace(settings, database_url=f"sqlite:///{tmp_path / 'two.sqlite3'}"))
    assert {rule.rule for rule in one.url_map.iter_rules()} == {
        rule.rule for rule in two.url_map.iter_rules()
    }
    for app in (one, two):
        assert app.test_client().get("/a/x/").location.startswith("/sign-in")


def test_the_database_is_durable_and_its_pool_fits_the_threads(app, settings):
    with app.app_context():
        with db.engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert db.engine.pool.size() > settings.threads
        assert db.engine.hide_parameters


def test_making_an_application_opens_no_database(settings):
    create_app(settings)
    assert not (settings.instance / "hacp.sqlite3").exists()


def test_what_content_posts_moves_the_learners_progress(app, people, visitor, add_course):
    course_id, _key = add_course(people.academy_id, people.learner.id)
    jane = visitor()
    jane.sign_in("learner@example.org")
    page = jane.post(f"/a/night/courses/{course_id}/launch", au="A1").text
    sid = page.partition("AICC_SID=")[2][:40]
    body = f"command=PutParam&version=4.0&session_id={sid}&aicc_data=[core]%0D%0Alesson_status=c"
    form = "application/x-www-form-urlencoded"
    answer = app.test_client().post("/hacp/1", data=body, content_type=form)
    assert answer.text.startswith("error=0\r\n")
    with app.app_context():
        rows = read(lambda c: transcripts.rows(c, people.academy_id, learner_id=people.learner.id))
    assert [(row.status, row.attempts) for row in rows] == [("completed", 1)]
