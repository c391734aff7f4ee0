"""The table of settings: what each one takes, and that its own default is among it."""

from __future__ import annotations

from dataclasses import fields

import pytest

from launcher.config import Settings
from launcher.settings import SETTINGS

BY_NAME = {setting.name: setting for setting in SETTINGS}


def test_the_table_and_the_settings_have_the_same_names():
    assert {setting.field for setting in SETTINGS} == {field.name for field in fields(Settings)}


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_a_setting_takes_its_own_default(setting):
    if setting.default is not None and not setting.derived:
        setting.parse(setting.default)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HACP_PUBLIC_URL", "example.org"),
        ("HACP_PUBLIC_URL", "https://example.org/aicc"),
        ("HACP_PUBLIC_URL", "https://example.org?x=1"),
        ("HACP_PUBLIC_URL", "https://user@example.org"),
        ("HACP_PUBLIC_URL", "https://example.org:port"),
        ("HACP_PUBLIC_URL", "ftp://example.org"),
        ("HACP_DATABASE_URL", "mysql://host/name"),
        ("HACP_DATABASE_URL", "sqlite://"),
        ("HACP_DATABASE_URL", "sqlite:///:memory:"),
        ("HACP_DATABASE_URL", "nonsense"),
        ("HACP_SECRET_KEY", "short"),
        ("HACP_LOG_FORMAT", "xml"),
        ("HACP_PORT", "65536"),
        ("HACP_PORT", "８０８０"),
        ("HACP_SESSION_SILENCE_HOURS", "-1"),
        ("HACP_ALLOW_LOOPBACK", "true"),
        ("HACP_OPENSESAME_API_URL", "provider.example"),
        ("HACP_OPENSESAME_API_URL", "https://user:password@provider.example"),
        ("HACP_OPENSESAME_API_URL", "https://provider.example/?tenant=1"),
        ("HACP_ENCRYPTION_KEYS", "a password"),
        ("HACP_ENCRYPTION_KEYS", f"{'k' * 43}=,"),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused(name, value):
    with pytest.raises(ValueError):
        BY_NAME[name].parse(value)
