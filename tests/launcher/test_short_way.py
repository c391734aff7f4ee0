"""The short way answers what the long way would, with the same headers, and takes nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from werkzeug.test import Client

from launcher.config import Settings
from launcher.short_way import ShortWay

FORM = "application/x-www-form-urlencoded"
MESSAGES = {
    "a question": ("POST", "/hacp/1", "command=GetParam&session_id=" + "0" * 40),
    "by GET": ("GET", "/hacp/1?command=GetParam", ""),
    "with a slash": ("POST", "/hacp/7/", "command=nonsense"),
    "without anything": ("POST", "/hacp/1", ""),
    "too large": ("POST", "/hacp/1", "command=PutParam&aicc_data=" + "x" * 2**20),
}
ELSEWHERE = {
    "a page": ("GET", "/sign-in", {}),
    "another host": ("POST", "/hacp/1", {"base_url": "http://elsewhere.example"}),
    "a preflight": ("OPTIONS", "/hacp/1", {}),
    "a head": ("HEAD", "/hacp/1", {}),
    "no number": ("POST", "/hacp/first", {}),
    "a long number": ("POST", "/hacp/99999999999", {}),
    "below": ("POST", "/hacp/1/2", {}),
}


class Noted:
    """An application that notes whether it was asked."""

    def __init__(self, app: Flask) -> None:
        assert isinstance(app.wsgi_app, ShortWay)
        self.short = app.wsgi_app
        self.long = self.short._long_way
        self.asked = 0
        self.short._long_way = self

    def __call__(self, environ, start_response):
        self.asked += 1
        return self.long(environ, start_response)


@pytest.mark.parametrize("secure", [False, True])
@pytest.mark.parametrize(("method", "path", "body"), MESSAGES.values(), ids=MESSAGES)
def test_both_ways_answer_alike(
    make_app: Callable[[Settings], Flask], settings: Settings, method, path, body, secure
) -> None:
    url = "https://localhost" if secure else "http://localhost"
    app = make_app(replace(settings, public_url=url))
    noted = Noted(app)
    answers = [
        Client(way).open(path, method=method, data=body, content_type=FORM)
        for way in (noted.short, noted.long)
    ]
    assert noted.asked == 0
    short, long = answers
    assert (short.status, short.data) == (long.status, long.data)
    assert sorted(short.headers) == sorted(long.headers)


@pytest.mark.parametrize(("method", "path", "more"), ELSEWHERE.values(), ids=ELSEWHERE)
def test_everything_else_goes_the_long_way(app: Flask, method, path, more) -> None:
    noted = Noted(app)
    Client(noted.short).open(path, method=method, **more)
    assert noted.asked == 1
