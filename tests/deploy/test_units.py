"""The units of systemd that come with the server say what a restart needs."""

from __future__ import annotations

from configparser import ConfigParser
from pathlib import Path

DEPLOY = Path(__file__).parents[2] / "deploy"


def test_workers_are_started_again_until_the_server_has_migrated_the_database():
    worker = ConfigParser(strict=False, interpolation=None)
    worker.read(DEPLOY / "hacp-worker.service")

    assert "hacp.service" in worker["Unit"]["After"].split()
    assert worker["Unit"]["StartLimitIntervalSec"] == "0"
    assert worker["Service"]["Restart"] == "on-failure"
    assert int(worker["Service"]["RestartSec"]) >= 1
