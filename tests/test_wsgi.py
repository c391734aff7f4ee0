"""What a WSGI server is pointed at is made from the environment."""

from __future__ import annotations

import importlib
import logging
import sys

import pytest
import structlog
from sqlalchemy import text
from werkzeug.test import Client

from launcher import upgrades
from launcher.app import create_app
from launcher.config import SettingsRefused, from_environment
from launcher.db import db, transact


@pytest.fixture(autouse=True)
def _leave_no_trace():
    handlers, level = list(logging.getLogger().handlers), logging.getLogger().level
    sys.modules.pop("wsgi", None)
    yield
    sys.modules.pop("wsgi", None)
    logging.getLogger().handlers[:] = handlers
    logging.getLogger().setLevel(level)
    structlog.reset_defaults()


@pytest.fixture
def migrated(tmp_path, monkeypatch):
    """An installation in the environment whose database is up to date; return how to alter that."""
    monkeypatch.setenv("HACP_SECRET_KEY", "for tests only, for tests only, for tests only")
    monkeypatch.setenv("HACP_INSTANCE", str(tmp_path))
    app = create_app(from_environment())

    def stamp(revision):
        with app.app_context():
            transact(
                lambda c: c.execute(text(f"UPDATE alembic_version SET version_num = '{revision}'"))
            )

    with app.app_context():
        upgrades.upgrade()
    yield stamp
    with app.app_context():
        db.engine.dispose()


def test_a_database_of_an_older_release_is_refused_with_what_to_do(migrated):
    migrated("0016")
    with pytest.raises(upgrades.NotUpToDate, match="not up to date: run 'hacp migrate'"):
        importlib.import_module("wsgi")


def test_an_empty_database_is_refused_too(migrated, tmp_path, monkeypatch):
    monkeypatch.setenv("HACP_INSTANCE", str(tmp_path / "other"))
    with pytest.raises(upgrades.NotUpToDate):
        importlib.import_module("wsgi")


def test_a_database_of_a_newer_release_is_served_while_servers_restart_one_by_one(migrated):
    migrated("9999")
    wsgi = importlib.import_module("wsgi")
    assert (
        wsgi.app.test_client().get("/health", base_url="http://127.0.0.1:8080").status_code == 200
    )
    with wsgi.app.app_context():
        db.engine.dispose()


def test_a_database_that_does_not_answer_is_for_health_to_tell(migrated, monkeypatch):
    monkeypatch.setenv("HACP_DATABASE_URL", "postgresql+psycopg://hacp@127.0.0.1:1/hacp")
    wsgi = importlib.import_module("wsgi")
    assert (
        wsgi.app.test_client().get("/health", base_url="http://127.0.0.1:8080").status_code == 503
    )


def test_both_applications_answer(migrated):
    wsgi = importlib.import_module("wsgi")
    health = wsgi.app.test_client().get("/health", base_url="http://127.0.0.1:8080")
    assert health.text == "ok\n"
    assert Client(wsgi.content).get("/nowhere").status_code == 404
    with wsgi.app.app_context():
        db.engine.dispose()


def test_without_settings_it_says_what_is_missing():
    with pytest.raises(SettingsRefused, match="HACP_SECRET_KEY is missing"):
        importlib.import_module("wsgi")
