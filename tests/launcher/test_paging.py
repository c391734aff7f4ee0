"""Lists by pages and by columns."""

from __future__ import annotations

import pytest
from flask import Flask

from launcher import paging


@pytest.fixture
def app():
    app = Flask(__name__)
    app.add_url_rule("/list", "list", lambda: "")
    app.add_url_rule("/file", "file", lambda: "")
    return app


@pytest.mark.parametrize(
    ("asked", "number"),
    [("", 1), ("1", 1), ("3", 3), ("4", 3), ("0", 1), ("-2", 1), ("9" * 30, 3), ("two", 1)],
)
def test_a_page_out_of_range_is_the_nearest_one(app, asked, number):
    with app.test_request_context(f"/list?page={asked}"):
        page = paging.page(25, size=10)

    assert page.number == number


def test_the_last_page_ends_with_the_last_entry(app):
    with app.test_request_context("/list?page=3&q=a%26b"):
        page = paging.page(25, size=10)

        assert (page.first, page.last, page.offset) == (21, 25, 20)
        assert page.before == "/list?page=2&q=a%26b"
        assert page.after is None


def test_a_long_list_is_counted_to_the_page_and_no_further(app, monkeypatch):
    monkeypatch.setattr(paging, "COUNTED", 20)
    with app.test_request_context("/list?page=2"):
        assert paging.most(size=10) == 21
        page = paging.page(21, size=10, counted=21)
        assert (page.total, page.is_open, page.last) == (20, True, 20)
        assert page.after == "/list?page=3"

    with app.test_request_context("/list?page=3"):
        assert paging.most(size=10) == 31
        page = paging.page(25, size=10, counted=31)
        assert (page.number, page.total, page.is_open, page.after) == (3, 25, False, None)


def test_a_page_behind_every_list_is_counted_by_a_number_that_databases_take(app):
    with app.test_request_context(f"/list?page={'9' * 30}"):
        assert paging.most() < 2**31


def test_an_empty_list_is_one_page(app):
    with app.test_request_context("/list"):
        page = paging.page(0)

        assert (page.number, page.before, page.after) == (1, None, None)


def test_a_column_sorts_and_then_turns_around(app):
    with app.test_request_context("/list?sort=score&page=2"):
        assert paging.sort_address("learner", "score") == "/list?sort=learner"
        assert paging.sort_address("score", "score") == "/list?sort=-score"
        assert paging.sort_address("score", "-score") == "/list?sort=score"


@pytest.mark.parametrize("name", ["endpoint", "_external", "_anchor", "self"])
def test_a_query_cannot_reach_into_how_addresses_are_made(app, name):
    with app.test_request_context(f"/list?{name}=1"):
        assert paging.here(page=2) == f"/list?{name}=1&page=2"


def test_the_same_filters_lead_to_another_view(app):
    with app.test_request_context("/list?q=kim&status=&page=4"):
        assert paging.query_of("file") == "/file?q=kim"
    with app.test_request_context("/list"):
        assert paging.query_of("file") == "/file"


def test_a_search_is_trimmed_and_not_endless(app):
    with app.test_request_context(f"/list?q=%20{'x' * 5000}"):
        assert paging.search() == "x" * paging.SEARCH_LENGTH
