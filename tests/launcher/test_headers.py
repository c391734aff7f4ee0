"""Headers: on pages, errors, files and HACP, with and without TLS."""

from __future__ import annotations

from dataclasses import replace

import pytest

from launcher.db import transact
from launcher.headers import CONTENT_SECURITY_POLICY


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/sign-in", 200),
        ("/", 302),
        ("/nowhere", 404),
        ("/sign-out", 405),
        ("/health", 200),
        ("/static/style.css", 200),
        ("/static/nowhere.css", 404),
        ("/bootstrap/static/css/bootstrap.min.css", 200),
    ],
)
def test_every_kind_of_answer_is_fenced_in(app, path, status):
    answer = app.test_client().get(path)
    assert answer.status_code == status
    assert answer.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    answer.close()


def test_the_policy_allows_nothing_inline_and_no_frame():
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    for part in ("frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"):
        assert part in CONTENT_SECURITY_POLICY


def test_pages_are_not_stored_but_files_may_be(app):
    client = app.test_client()
    assert client.get("/sign-in").headers["Cache-Control"] == "no-store"
    assert client.get("/nowhere").headers["Cache-Control"] == "no-store"
    file = client.get("/static/style.css")
    assert "no-store" not in file.headers["Cache-Control"]
    file.close()


@pytest.mark.conforms(
    "Security",
    "MDL-27036",
    "No cookie is read or set, so any origin may be let in.",
    grade="B",
)
def test_hacp_answers_keep_their_own_headers_and_see_no_cookie(app):
    answer = app.test_client().post("/hacp/1", data={"command": "GetParam"})
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    for name in ("X-Frame-Options", "Content-Security-Policy", "Vary", "Set-Cookie"):
        assert name not in answer.headers


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(people, visitor):
    cookie = visitor().sign_in("learner@example.org").headers["Set-Cookie"]
    assert cookie.startswith("hacp=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie


def test_behind_tls_the_cookie_is_bound_to_the_host_and_to_tls(settings, make_app):
    app = make_app(replace(settings, public_url="https://localhost"))
    answer = app.test_client().get("/sign-in", base_url="https://localhost")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-hacp=")
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")


def test_forms_work_behind_tls(settings, make_app, add_people, visitor_at):
    """Flask-WTF compares the referrer there, so ours must be sent to ourselves."""
    app = make_app(replace(settings, public_url="https://localhost"))
    with app.app_context():
        transact(add_people)
    jane = visitor_at(app)
    page = jane.client.get("/sign-in", base_url="https://localhost")
    token = page.text.partition('name="csrf_token" type="hidden" value="')[2].partition('"')[0]
    form = {"email": "learner@example.org", "password": "correct horse", "csrf_token": token}
    sent = {"data": form, "base_url": "https://localhost"}
    own = {"Referer": "https://localhost/sign-in"}
    foreign = {"Referer": "https://evil.example/"}
    assert jane.client.post("/sign-in", headers=foreign, **sent).status_code == 400
    assert jane.client.post("/sign-in", headers=own, **sent).status_code == 302
