"""Both sides are connected once, by the command line, and again where one forgot the other."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from demo import introducing, seeding
from demo.introducing import set_settings
from demo.opensesame.pretend import Pretend
from demo.seeding import CommandFailed, Hacp

PUBLIC_URL = "http://127.0.0.1:9000"
Introduce = Callable[..., int | None]


@pytest.fixture
def hacp(within: type[Hacp], tmp_path: Path) -> Hacp:
    """An installation with a demo academy and nothing in it."""
    seeding.make_settings_file(tmp_path / "hacp.env")
    hacp = within({**os.environ, "HACP_INSTANCE": str(tmp_path)})
    hacp.run("migrate")
    hacp.run("academy", "add", "Demo academy", "--slug", "demo")
    return hacp


@pytest.fixture
def introduce(hacp: Hacp, tmp_path: Path) -> Introduce:
    """Return `introduce(...)` as `make run` calls it."""

    def _introduce(
        pretend: Pretend | None = None,
        *,
        port: int = 9003,
        public_url: str = PUBLIC_URL,
        by: Hacp = hacp,
        say: Callable[[str], None] = lambda _text: None,
    ) -> int | None:
        return introducing.introduce(
            by,
            pretend or introducing.open_pretend(tmp_path, public_url=public_url),
            tmp_path,
            settings_file=tmp_path / "hacp.env",
            port=port,
            public_url=public_url,
            say=say,
        )

    return _introduce


def settings(path: Path) -> dict[str, str]:
    lines = (line.partition("=") for line in (path / "hacp.env").read_text().splitlines())
    return {name: value for name, _, value in lines if not name.startswith("#")}


def test_each_side_knows_what_it_needs_of_the_other(
    hacp: Hacp, introduce: Introduce, tmp_path: Path
) -> None:
    assert introduce() == 9003

    pretend = introducing.open_pretend(tmp_path, public_url=PUBLIC_URL)
    (status,) = hacp.rows("opensesame", "status")
    assert (status["academy"], status["enabled"], status["ciid"]) == ("demo", "yes", pretend.ciid)
    assert status["has_push_secret"]
    kept = settings(tmp_path)
    assert kept["HACP_OPENSESAME_API_URL"] == "http://localhost:9003"
    assert kept["HACP_OPENSESAME_TOKEN_URL"] == "http://localhost:9003/oauth/token"
    assert kept["HACP_OPENSESAME_CLIENT_SECRET"] == pretend.client.secret
    url, secret = pretend.connection()
    assert url == f"{PUBLIC_URL}/deliveries/opensesame"
    assert len(secret) >= 32
    assert secret == secret.strip()
    assert pretend.hosts == frozenset({"127.0.0.1"})


def test_a_second_start_changes_nothing_and_keeps_the_port(
    introduce: Introduce, tmp_path: Path
) -> None:
    said: list[str] = []
    introduce(say=said.append)
    before = {
        path.name: path.read_bytes() for path in tmp_path.iterdir() if path.suffix != ".sqlite3"
    }

    assert introduce(port=9999, say=said.append) == 9003

    after = {
        path.name: path.read_bytes() for path in tmp_path.iterdir() if path.suffix != ".sqlite3"
    }
    assert after == before
    assert said == ["Connecting the demo academy with the pretend OpenSesame ..."]


def test_a_server_at_another_address_is_found_there_unless_a_person_said_otherwise(
    introduce: Introduce, tmp_path: Path
) -> None:
    introduce()
    introduce(public_url="http://127.0.0.1:9100")
    pretend = introducing.open_pretend(tmp_path, public_url=PUBLIC_URL)
    url, secret = pretend.connection()
    assert url == "http://127.0.0.1:9100/deliveries/opensesame"

    pretend.connect("http://127.0.0.1:1/by-hand", secret)
    introduce(pretend, public_url="http://127.0.0.1:9200")

    assert pretend.connection() == ("http://127.0.0.1:1/by-hand", secret)


def test_a_pretend_that_lost_its_state_is_introduced_anew(
    introduce: Introduce, tmp_path: Path
) -> None:
    introduce()
    secret = settings(tmp_path)["HACP_OPENSESAME_CLIENT_SECRET"]
    (tmp_path / introducing.PRETEND_STATE).unlink()

    introduce()

    pretend = introducing.open_pretend(tmp_path, public_url=PUBLIC_URL)
    assert settings(tmp_path)["HACP_OPENSESAME_CLIENT_SECRET"] == pretend.client.secret != secret
    assert pretend.connection()[1]
    assert (tmp_path / "hacp.env").read_text().count("HACP_OPENSESAME_CLIENT_SECRET") == 1


def test_an_introduction_that_was_interrupted_is_made_by_the_next_start(
    hacp: Hacp, introduce: Introduce, tmp_path: Path
) -> None:
    steps = iter(range(100))

    def before() -> None:
        if next(steps) == 3:
            raise CommandFailed("unplugged")

    with pytest.raises(CommandFailed, match="unplugged"):
        introduce(by=replace(hacp, before=before))
    assert introducing.open_pretend(tmp_path, public_url=PUBLIC_URL).connection() == ("", "")

    assert introduce(port=9999) == 9003

    assert introducing.open_pretend(tmp_path, public_url=PUBLIC_URL).connection()[1]


def test_an_installation_with_a_provider_of_its_own_is_left_alone(
    hacp: Hacp, introduce: Introduce, tmp_path: Path
) -> None:
    set_settings(
        tmp_path / "hacp.env",
        {
            "HACP_OPENSESAME_API_URL": "https://api.example.com",
            "HACP_OPENSESAME_TOKEN_URL": "https://api.example.com/token",
        },
    )
    before = (tmp_path / "hacp.env").read_bytes()

    assert introduce() is None

    assert (tmp_path / "hacp.env").read_bytes() == before
    assert hacp.rows("opensesame", "status") == []


def test_settings_are_set_in_their_place_or_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "hacp.env"
    path.write_text("# mine\nA=1\nB = 2\n\nC=3")

    set_settings(path, {"B": "20", "D": "4"})
    set_settings(path, {"D": "5"})

    assert path.read_text() == (
        "# mine\nA=1\nB=20\n\nC=3\n# Where the demo's pretend OpenSesame is.\nD=5\n"
    )
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_settings_file_is_made_where_there_is_none(tmp_path: Path) -> None:
    set_settings(tmp_path / "new.env", {"A": "1"})

    assert (tmp_path / "new.env").read_text().splitlines()[-1] == "A=1"
