"""The page for what did not work: plain words, nothing of the inside, never a second failure."""

from __future__ import annotations

import pytest
from flask import abort


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (400, "not understood"),
        (403, "not for you"),
        (404, "Page not found"),
        (405, "cannot be done here"),
        (413, "At most 128 MiB"),
        (415, "not understood"),
        (429, "Something went wrong"),
        (503, "Something went wrong"),
    ],
)
def test_every_kind_of_failure_has_a_page(app, code, words):
    app.add_url_rule("/fail", view_func=lambda: abort(code))
    answer = app.test_client().get("/fail")
    assert answer.status_code == code
    assert words in answer.text
    assert "<h1" in answer.text


def test_an_unforeseen_failure_tells_nothing_of_the_inside(app):
    def fail():
        raise RuntimeError("the inside")

    app.add_url_rule("/fail", view_func=fail)
    answer = app.test_client().get("/fail")
    assert answer.status_code == 500
    assert "Nothing you sent was half stored" in answer.text
    assert "the inside" not in answer.text
    assert "Traceback" not in answer.text


def test_a_failing_error_page_still_answers(app):
    @app.context_processor
    def fail():
        raise RuntimeError("the template's inside")

    answer = app.test_client().get("/nowhere")
    assert answer.status_code == 404
    assert answer.content_type == "text/plain"
    assert "Page not found" in answer.text


def test_what_the_protocol_wants_told_is_kept(app):
    answer = app.test_client().get("/sign-out")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]
