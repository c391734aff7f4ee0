"""Settings: where they come from, what is refused, and that every fault is named at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from launcher import config
from launcher.config import Settings, SettingsRefused
from launcher.vault import make_key

KEY = "k" * 40


def load(tmp_path: Path, file: Path | None = None, **given: str) -> Settings:
    base = {"HACP_SECRET_KEY": KEY, "HACP_INSTANCE": str(tmp_path)}
    return config.load({**base, **given}, file)


def test_a_secret_key_alone_is_enough(tmp_path):
    settings = load(tmp_path)
    assert settings.database_url == f"sqlite:///{tmp_path / 'hacp.sqlite3'}"
    assert settings.public_url == "http://127.0.0.1:8080"
    assert settings.content_url == "http://localhost:8081"
    assert not settings.secure


def test_addresses_follow_the_ports(tmp_path):
    settings = load(tmp_path, HACP_PORT="9000", HACP_CONTENT_PORT="9001")
    assert settings.public_url == "http://127.0.0.1:9000"
    assert settings.content_url == "http://localhost:9001"


def test_all_faults_are_named_at_once(tmp_path):
    with pytest.raises(SettingsRefused) as refusal:
        config.load({"HACP_INSTANCE": str(tmp_path), "HACP_PORT": "http", "HACP_THREADS": "0"})
    text = str(refusal.value)
    assert "HACP_SECRET_KEY is missing" in text
    assert "HACP_PORT is 'http': expected a port" in text
    assert "HACP_THREADS is '0'" in text


def test_a_value_of_the_wrong_kind_is_refused(tmp_path):
    with pytest.raises(SettingsRefused, match="HACP_PORT is '65536': expected a port, 1 to 65535"):
        load(tmp_path, HACP_PORT="65536")


@pytest.mark.parametrize("name", ["HACP_SECRET_KEY", "HACP_DATABASE_URL", "HACP_ENCRYPTION_KEYS"])
def test_a_refused_secret_is_not_repeated(tmp_path, name):
    with pytest.raises(SettingsRefused) as refusal:
        load(tmp_path, **{name: "sssecret"})
    assert "sssecret" not in str(refusal.value)


@pytest.mark.parametrize(
    ("public", "content"),
    [
        ("https://example.org", "https://example.org:8443"),
        ("https://example.org", "http://EXAMPLE.org"),
        ("http://localhost:8080", "http://localhost:8081"),
    ],
)
def test_content_on_the_same_host_is_refused_whatever_its_port(tmp_path, public, content):
    with pytest.raises(SettingsRefused, match="another port is not enough"):
        load(tmp_path, HACP_PUBLIC_URL=public, HACP_CONTENT_URL=content)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_postgresql_means_the_driver_that_is_installed(tmp_path, scheme):
    settings = load(tmp_path, HACP_DATABASE_URL=f"{scheme}://me:pass%2Fword@host/name")
    assert settings.database_url == "postgresql+psycopg://me:pass%2Fword@host/name"


def test_a_base_address_loses_its_slash_and_capitals(tmp_path):
    settings = load(tmp_path, HACP_PUBLIC_URL="https://Example.ORG:8443/")
    assert settings.public_url == "https://example.org:8443"
    assert settings.public_host == "example.org"
    assert settings.secure


def test_the_environment_wins_over_the_file(tmp_path):
    (tmp_path / "hacp.env").write_text('# ours\nexport HACP_PORT=9000\nHACP_THREADS = "3"\n\n')
    settings = load(tmp_path, HACP_PORT="9100")
    assert (settings.port, settings.threads) == (9100, 3)


def test_another_file_can_be_named(tmp_path):
    file = tmp_path / "elsewhere.env"
    file.write_text("HACP_PORT='9000'\r\n", encoding="utf-8-sig")
    assert load(tmp_path, HACP_CONFIG=str(file)).port == 9000
    assert load(tmp_path, file).port == 9000


def test_a_file_that_is_named_must_be_there(tmp_path):
    with pytest.raises(SettingsRefused, match="cannot be read"):
        load(tmp_path, HACP_CONFIG=str(tmp_path / "nowhere.env"))


def test_faults_of_the_file_are_named_by_line(tmp_path):
    (tmp_path / "hacp.env").write_text("HACP_PORT 9000\nHACP_PROT=1\n")
    with pytest.raises(SettingsRefused) as refusal:
        load(tmp_path)
    assert "line 1: expected NAME=VALUE" in str(refusal.value)
    assert "line 2: there is no setting HACP_PROT" in str(refusal.value)


def test_a_file_of_bytes_is_refused(tmp_path):
    (tmp_path / "hacp.env").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsRefused, match="not UTF-8"):
        load(tmp_path)


def test_an_empty_value_means_not_given(tmp_path):
    assert load(tmp_path, HACP_PORT="").port == 8080


def test_shown_settings_hide_secrets(tmp_path):
    settings = load(
        tmp_path,
        HACP_DATABASE_URL="postgresql://me:geheim@host/name",
        HACP_TRUSTED_HOSTS="one.example, Two.example",
    )
    shown = {setting.name: text for setting, text in config.shown(settings)}
    assert shown["HACP_DATABASE_URL"] == "postgresql+psycopg://me:***@host/name"
    assert shown["HACP_TRUSTED_HOSTS"] == "one.example,two.example"
    assert shown["HACP_ALLOW_LOOPBACK"] == "no"
    assert KEY not in str(shown)
    assert "geheim" not in repr(settings)
    assert KEY not in repr(settings)


def test_a_secret_that_is_not_set_is_not_called_hidden(tmp_path):
    shown = {setting.name: text for setting, text in config.shown(load(tmp_path))}
    assert shown["HACP_OPENSESAME_CLIENT_SECRET"] == ""
    assert shown["HACP_SECRET_KEY"] == "(hidden)"


API = "https://provider.example/api"
TOKEN = "https://provider.example/oauth/token"


def test_a_provider_has_both_addresses_and_a_whole_client(tmp_path):
    with pytest.raises(SettingsRefused) as refusal:
        load(tmp_path, HACP_OPENSESAME_API_URL=API, HACP_OPENSESAME_CLIENT_ID="ours")
    text = str(refusal.value)
    assert "HACP_OPENSESAME_API_URL and HACP_OPENSESAME_TOKEN_URL belong together" in text
    assert "HACP_OPENSESAME_CLIENT_ID and HACP_OPENSESAME_CLIENT_SECRET belong together" in text


def test_a_provider_without_tls_is_for_trying_things_out(tmp_path):
    plain = {
        "HACP_OPENSESAME_API_URL": "http://localhost:9000/api/",
        "HACP_OPENSESAME_TOKEN_URL": TOKEN,
    }
    with pytest.raises(SettingsRefused, match=r"HACP_OPENSESAME_API_URL is .*: expected https://"):
        load(tmp_path, **plain)
    settings = load(tmp_path, **plain, HACP_ALLOW_LOOPBACK="yes")
    assert settings.opensesame_api_url == "http://localhost:9000/api"
    assert settings.allow_loopback


def test_keys_are_several_with_the_newest_first(tmp_path):
    first, second = make_key(), make_key()
    settings = load(tmp_path, HACP_ENCRYPTION_KEYS=f"{first}, {second}")
    assert settings.encryption_keys == (first, second)
    assert first not in repr(settings)
    assert load(tmp_path).encryption_keys == ()


def test_the_process_environment_is_read(tmp_path, monkeypatch):
    monkeypatch.setenv("HACP_SECRET_KEY", KEY)
    monkeypatch.setenv("HACP_INSTANCE", str(tmp_path))
    assert config.from_environment().content_root == tmp_path / "content"


def test_the_running_application_knows_its_settings(app, settings):
    with app.app_context():
        assert config.current() is settings
        assert settings.max_upload_bytes == 128 * 1024 * 1024
