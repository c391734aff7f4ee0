"""What a WSGI server is pointed at is made from the environment."""

from __future__ import annotations

import importlib
import logging
import sys

import pytest
import structlog
from werkzeug.test import Client

from launcher.config import SettingsRefused
from launcher.db import db


@pytest.fixture(autouse=True)
def _leave_no_trace():
    handlers, level = list(logging.getLogger().handlers), logging.getLogger().level
    sys.modules.pop("wsgi", None)
    yield
    sys.modules.pop("wsgi", None)
    logging.getLogger().handlers[:] = handlers
    logging.getLogger().setLevel(level)
    structlog.reset_defaults()


def test_both_applications_answer(tmp_path, monkeypatch):
    monkeypatch.setenv("HACP_SECRET_KEY", "for tests only, for tests only, for tests only")
    monkeypatch.setenv("HACP_INSTANCE", str(tmp_path))
    wsgi = importlib.import_module("wsgi")
    health = wsgi.app.test_client().get("/health", base_url="http://127.0.0.1:8080")
    assert health.text == "ok\n"
    assert Client(wsgi.content).get("/nowhere").status_code == 404
    with wsgi.app.app_context():
        db.engine.dispose()


def test_without_settings_it_says_what_is_missing():
    with pytest.raises(SettingsRefused, match="HACP_SECRET_KEY is missing"):
        importlib.import_module("wsgi")
