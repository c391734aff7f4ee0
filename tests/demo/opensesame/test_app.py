"""The application: the state it was given or made, whose names it answers, what it sends along."""

from __future__ import annotations

import pytest

from demo.opensesame.app import create_app
from demo.opensesame.pretend import Pretend


def test_it_has_the_state_it_was_given_or_makes_one() -> None:
    pretend = Pretend()

    assert create_app(pretend).extensions["pretend"] is pretend
    assert isinstance(create_app().extensions["pretend"], Pretend)


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:8083", 200),
        ("127.0.0.1", 200),
        ("lms.example.org", 200),
        ("evil.example.net", 400),
        ("localhost.example.net", 400),
    ],
)
def test_it_answers_to_the_names_of_this_machine_and_those_it_was_given(host, status) -> None:
    app = create_app(Pretend(hosts=frozenset({"lms.example.org"})))

    answer = app.test_client().get("/pictures/x/image.png", headers={"Host": host})

    assert answer.status_code == status


def test_every_answer_keeps_the_address_to_itself(http) -> None:
    answer = http.get("/pictures/x/image.png")

    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in answer.headers
