"""Signing in and out, and what a stranger, a guesser and a former member get to see."""

from __future__ import annotations

import time
from urllib.parse import urljoin, urlsplit

import pytest
import time_machine
from flask import session
from sqlalchemy import insert, select, update

from launcher.db import db, transact
from launcher.headers import CONTENT_SECURITY_POLICY
from launcher.people import accounts
from launcher.schema import Academy, Account

WRONG = "The e-mail address or the password is wrong."


def test_a_member_comes_in_and_lands_in_their_academy(people, visitor):
    jane = visitor()
    answer = jane.sign_in("  Learner@Example.org")
    assert (answer.status_code, answer.location) == (302, "/")
    assert jane.client.get("/").location == "/a/night/"
    assert jane.client.get("/a/night/").status_code == 200


def test_signing_in_works_on_both_databases(either_app, add_people, visitor_at):
    with either_app.app_context():
        transact(add_people)
    jane = visitor_at(either_app)
    assert jane.sign_in("learner@example.org").status_code == 302
    assert jane.client.get("/").location == "/a/night/"


def test_an_unknown_address_and_a_wrong_password_get_the_same_answer(people, visitor):
    unknown = visitor().sign_in("stranger@example.org")
    wrong = visitor().sign_in("learner@example.org", "not that one")
    assert unknown.status_code == wrong.status_code == 200
    assert WRONG in unknown.text
    assert _without_input(unknown.text) == _without_input(wrong.text)


def _without_input(page):
    lines = page.replace("stranger@", "learner@").splitlines()
    return [line for line in lines if "csrf_token" not in line]


@pytest.mark.parametrize("email", ["", "nobody", "a@b", "x\0@example.org", "'; --", "ü" * 5000])
def test_whatever_is_typed_as_an_address_is_just_not_known(people, visitor, email):
    answer = visitor().sign_in(email)
    assert answer.status_code in (200, 400)
    assert "Sign out" not in answer.text


def test_an_account_that_is_switched_off_cannot_come_in_or_stay(app, people, visitor):
    jane = visitor()
    jane.sign_in("learner@example.org")
    with app.app_context():
        transact(lambda connection: connection.execute(update(Account).values(active=False)))
    assert jane.client.get("/a/night/").location.startswith("/sign-in")
    assert WRONG in visitor().sign_in("learner@example.org", "not that one").text
    assert "switched off" in visitor().sign_in("learner@example.org").text


def test_whatever_is_typed_as_an_address_the_count_of_it_is_small(app, people, visitor):
    visitor().sign_in("x" * 100_000, "wrong")

    (limiter,) = app.extensions["limiter"]
    kept = list(limiter.storage.storage)
    assert kept
    assert max(map(len, kept)) < 200


def test_wrong_passwords_for_one_address_are_counted_and_only_those(people, visitor):
    for _ in range(10):
        assert visitor().sign_in("learner@example.org", "wrong").status_code == 200
    stopped = visitor().sign_in("LEARNER@example.org ")
    assert stopped.status_code == 429
    # The moment at which the window ends is rounded up to the next second.
    assert 0 < int(stopped.headers["Retry-After"]) <= 901
    assert "Try again in 15 minutes" in stopped.text
    assert visitor().sign_in("admin@example.org").status_code == 302


def test_after_the_window_the_right_password_works_again(people, visitor):
    with time_machine.travel(time.time(), tick=False) as clock:
        for _ in range(11):
            stopped = visitor().sign_in("learner@example.org", "wrong")
        assert stopped.status_code == 429
        clock.shift(int(stopped.headers["Retry-After"]) + 1)
        assert visitor().sign_in("learner@example.org").status_code == 302


def test_right_passwords_are_not_counted(people, visitor):
    for _ in range(12):
        assert visitor().sign_in("learner@example.org").status_code == 302


def test_a_session_that_was_planted_before_is_worth_nothing_after(people, visitor):
    jane = visitor()
    planted = jane.token()
    jane.sign_in("learner@example.org")
    answer = jane.client.post("/sign-out", data={"csrf_token": planted})
    assert answer.status_code == 400
    assert jane.client.get("/a/night/").status_code == 200
    with jane.client:
        jane.client.get("/a/night/")
        assert "seen" in session


def test_a_form_without_its_token_is_refused_and_changes_nothing(app, people, visitor):
    jane = visitor()
    jane.sign_in("learner@example.org")
    form = {
        "password": "correct horse",
        "new_password": "another one",
        "new_password_confirm": "another one",
    }
    before = _hashes(app)
    for path in ("/password", "/sign-out", "/sign-in"):
        answer = jane.client.post(path, data=form)
        assert answer.status_code == 400
        assert "too old" in answer.text
    assert _hashes(app) == before
    assert jane.client.get("/a/night/").status_code == 200


def test_changing_the_password_ends_the_other_sign_ins(people, visitor):
    here, there = visitor(), visitor()
    here.sign_in("learner@example.org")
    there.sign_in("learner@example.org")
    answer = here.post(
        "/password",
        password="correct horse",
        new_password="battery staple",
        new_password_confirm="battery staple",
    )
    assert (answer.status_code, answer.location) == (302, "/")
    assert here.client.get("/a/night/").status_code == 200
    assert there.client.get("/a/night/").status_code == 302
    assert visitor().sign_in("learner@example.org").status_code == 200
    assert visitor().sign_in("learner@example.org", "battery staple").status_code == 302


def test_changing_the_password_asks_for_the_old_one_and_counts(app, people, visitor):
    jane = visitor()
    jane.sign_in("learner@example.org")
    before = _hashes(app)
    form = {"new_password": "battery staple", "new_password_confirm": "battery staple"}
    answers = [jane.post("/password", password="guess", **form).status_code for _ in range(11)]
    assert answers == [200] * 10 + [429]
    assert _hashes(app) == before


def test_signing_out_is_a_post_and_ends_it(people, visitor):
    jane = visitor()
    jane.sign_in("learner@example.org")
    assert jane.client.get("/sign-out").status_code == 405
    assert jane.client.get("/a/night/").status_code == 200
    assert jane.post("/sign-out").location == "/sign-in"
    assert jane.client.get("/a/night/").status_code == 302


def test_nobody_is_brought_back_to_the_page_they_asked_for(people, visitor):
    jane = visitor()
    sent = jane.client.get("/a/night/transcript?page=2")
    assert sent.location == "/sign-in?next=/a/night/transcript?page%3D2"
    answer = jane.sign_in("learner@example.org", path=sent.location)
    assert answer.location == "/a/night/transcript?page=2"


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "///evil.example",
        "https:evil.example",
        "javascript:alert(1)",
        "/a\r\nSet-Cookie: x=1",
    ],
)
def test_signing_in_never_leads_to_another_site(people, visitor, target):
    answer = visitor().client.get("/sign-in", query_string={"next": target})
    assert answer.status_code == 200
    jane = visitor()
    form = {"email": "learner@example.org", "password": "correct horse", "next": target}
    answer = jane.post("/sign-in", page="/sign-in", **form)
    leads_to = urlsplit(urljoin("http://localhost/sign-in", answer.headers.get("Location", "/")))
    assert (leads_to.scheme, leads_to.netloc) == ("http", "localhost")
    assert "\\" not in leads_to.path
    assert "x" not in [name for name, _value in answer.headers if name == "Set-Cookie"]


def test_a_body_in_json_is_not_a_way_in(people, visitor):
    jane = visitor()
    token = jane.token()
    for body in ([1], {"email": "learner@example.org", "password": "correct horse"}):
        answer = jane.client.post("/sign-in", json=body, headers={"X-CSRFToken": token})
        assert answer.status_code == 415


def test_a_token_in_the_address_is_not_a_way_in(app, people, visitor):
    with app.test_request_context():
        security = app.extensions["security"]
        jane = security.datastore.find_user(email="learner@example.org")
        token = jane.get_auth_token()
    for answer in (
        visitor().client.get("/a/night/", query_string={"auth_token": token}),
        visitor().client.get("/a/night/", headers={"Authentication-Token": token}),
    ):
        assert answer.location.startswith("/sign-in")


def test_a_stranger_learns_nothing_of_an_academy(people, visitor):
    jane = visitor()
    jane.sign_in("learner@example.org")
    other, missing = jane.client.get("/a/other/"), jane.client.get("/a/missing/")
    assert other.status_code == missing.status_code == 404
    assert other.text == missing.text


def test_a_learner_is_told_that_a_page_is_for_admins(people, visitor):
    jane = visitor()
    jane.sign_in("learner@example.org")
    answer = jane.client.get("/a/night/admin/")
    assert answer.status_code == 403
    assert "administrators" in answer.text
    assert answer.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY


def test_the_cookie_ends_after_the_set_silence_and_lives_on_with_visits(people, visitor):
    with time_machine.travel(time.time(), tick=False) as clock:
        jane, idle = visitor(), visitor()
        jane.sign_in("learner@example.org")
        idle.sign_in("learner@example.org")
        for _ in range(3):
            clock.shift(8 * 3600)
            assert jane.client.get("/a/night/").status_code == 200
        assert idle.client.get("/a/night/").status_code == 302


def test_someone_in_two_academies_chooses_one(app, people, visitor, now):
    with app.app_context():
        transact(
            lambda connection: accounts.add_member(
                connection,
                academy_id=people.other_academy_id,
                email="learner@example.org",
                name="Doe, Jane",
                role=accounts.Role.LEARNER,
                now=now,
            )
        )
    jane = visitor()
    jane.sign_in("learner@example.org")
    page = jane.client.get("/")
    assert page.status_code == 200
    assert "Night School" in page.text
    assert "Other School" in page.text


def test_signing_in_works_while_somebody_writes(app, people, visitor, now):
    """SQLite has one writer; reading an account must neither wait for it nor disturb it."""
    jane = visitor()
    token = jane.token()
    with app.app_context(), db.engine.connect() as connection:
        writer = connection.execution_options(sqlite_begin="IMMEDIATE")
        row = {"slug": "new", "name": "New", "launch_window": "new", "created_at": now}
        with writer.begin():
            writer.execute(insert(Academy).values(**row))
            form = {"email": "learner@example.org", "password": "correct horse"}
            answer = jane.client.post("/sign-in", data={"csrf_token": token, **form})
            assert answer.status_code == 302
            assert jane.client.get("/a/night/").status_code == 200


def test_no_connection_stays_out_after_a_request(app, people, visitor):
    jane = visitor()
    jane.sign_in("learner@example.org")
    for path in ("/", "/a/night/", "/a/night/admin/", "/a/nope/", "/health"):
        jane.client.get(path)
        with app.app_context():
            assert db.engine.pool.checkedout() == 0


def _hashes(app):
    with app.app_context(), db.engine.connect() as connection:
        return connection.execute(select(Account.email, Account.password)).all()
