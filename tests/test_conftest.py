"""The ground under the tests holds: databases are empty, servers answer, the network is shut.

Serves whoever trusts `tests/conftest.py`. It tests nothing of the product.
"""

from __future__ import annotations

import socket
import urllib.error
import urllib.request
import warnings
from collections.abc import Callable, Iterable
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_socket import SocketConnectBlockedError
from sqlalchemy import Engine, inspect, text


def _hello(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/html; charset=utf-8")])
    return [b"<!doctype html><title>Hello</title><h1>", environ["PATH_INFO"].encode(), b"</h1>"]


@pytest.mark.parametrize("once", [1, 2])
def test_every_test_gets_an_empty_database(engine: Engine, once: int) -> None:
    with engine.begin() as connection:
        before = inspect(connection).get_table_names()
        connection.execute(text("CREATE TABLE leftover (id integer)"))

    assert before == []
    assert inspect(engine).get_table_names() == ["leftover"]


def test_sqlite_is_opened_as_the_product_opens_it(engine: Engine) -> None:
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            journal = connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()
            assert journal == "wal"
        else:
            version = connection.exec_driver_sql("SHOW server_version_num").scalar_one()
            assert int(version) >= 160000


def test_a_served_application_answers_and_stops_while_a_connection_is_open(
    serve: Callable[..., str],
) -> None:
    url = serve(_hello)

    with urllib.request.urlopen(f"{url}/there") as answer:
        assert b"/there" in answer.read()
    host, port = url.removeprefix("http://").split(":")
    lingering = socket.create_connection((host, int(port)))

    lingering.close()


def test_the_browser_reaches_a_served_application_as_localhost_too(
    serve: Callable[..., str], page: Page
) -> None:
    page.goto(serve(_hello, host="localhost") + "/shown")

    expect(page.get_by_role("heading")).to_have_text("/shown")


def test_a_test_cannot_reach_the_network() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(SocketConnectBlockedError), socket.socket() as outside:
            outside.connect(("192.0.2.1", 80))


@pytest.fixture
def completeness(pytestconfig: pytest.Config) -> Callable[[bool], Any]:
    return type(pytestconfig.pluginmanager.get_plugin("completeness"))


def _report(nodeid: str, *, outcome: str = "passed", keywords: tuple[str, ...] = ()) -> Any:
    return SimpleNamespace(
        nodeid=nodeid,
        when="call",
        passed=outcome == "passed",
        skipped=outcome == "skipped",
        keywords=dict.fromkeys(keywords, 1),
    )


def test_a_skipped_test_makes_any_run_fail(completeness: Callable[[bool], Any]) -> None:
    tally = completeness(False)
    tally.pytest_runtest_logreport(_report("tests/test_x.py::test_y", outcome="skipped"))
    session = SimpleNamespace(
        exitstatus=pytest.ExitCode.OK, config=SimpleNamespace(option=SimpleNamespace(collectonly=0))
    )

    tally.pytest_sessionfinish(session)

    assert session.exitstatus == pytest.ExitCode.TESTS_FAILED
    assert "test_y was skipped" in tally.complaints()[0]


def test_a_complete_run_wants_browser_and_postgresql_tests_to_have_passed(
    completeness: Callable[[bool], Any],
) -> None:
    tally = completeness(True)
    tally.pytest_runtest_logreport(_report("a", keywords=("browser",)))
    tally.pytest_runtest_logreport(_report("b", outcome="failed", keywords=("postgresql",)))

    assert tally.complaints() == ["no postgresql test passed"]


def test_a_complete_run_leaves_nothing_out(completeness: Callable[[bool], Any]) -> None:
    tally = completeness(True)
    tally.pytest_runtest_logreport(_report("a", keywords=("browser", "postgresql")))
    tally.pytest_deselected([None, None])

    assert tally.complaints() == ["2 tests were deselected in a complete run"]


def test_a_partial_run_may_choose_its_tests(completeness: Callable[[bool], Any]) -> None:
    tally = completeness(False)
    tally.pytest_deselected([None])

    assert tally.complaints() == []


def test_what_a_worker_leaves_out_is_told_to_its_controller(
    completeness: Callable[[bool], Any],
) -> None:
    worker, controller = completeness(False), completeness(True)
    worker.pytest_deselected([None])
    told: dict[str, int] = {}
    config = SimpleNamespace(workeroutput=told, option=SimpleNamespace(collectonly=0))
    worker.pytest_sessionfinish(SimpleNamespace(exitstatus=pytest.ExitCode.OK, config=config))
    for _worker in range(2):
        controller.pytest_testnodedown(SimpleNamespace(workeroutput=told))

    assert controller.complaints()[0] == "1 tests were deselected in a complete run"
