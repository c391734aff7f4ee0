"""The demo academy is made once, by the real command line, and mended when that was interrupted."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from demo import seeding
from demo.seeding import CommandFailed, Hacp


@dataclass
class Plug:
    """Somebody who pulls the plug after so many commands."""

    budget: int
    commands: int = 0

    def __call__(self) -> None:
        if self.commands == self.budget:
            raise CommandFailed("unplugged")
        self.commands += 1


@pytest.fixture
def hacp(within: type[Hacp], tmp_path: Path) -> Hacp:
    seeding.make_settings_file(tmp_path / "hacp.env")
    hacp = within({**os.environ, "HACP_INSTANCE": str(tmp_path)})
    hacp.run("migrate")
    return hacp


def test_an_interrupted_seeding_is_mended_and_a_finished_one_is_left_alone(
    hacp: Hacp, tmp_path: Path
) -> None:
    for budget in (2, 3, 3):
        unplugged = replace(hacp, before=Plug(budget))
        with pytest.raises(CommandFailed, match="unplugged"):
            seeding.seed(unplugged, tmp_path, content_port=9002, say=lambda _: None)
    passwords = seeding.sign_ins(tmp_path)

    assert seeding.seed(hacp, tmp_path, content_port=9999, say=lambda _: None) == 9002

    assert seeding.sign_ins(tmp_path) == passwords
    assert set(passwords) == {"admin@example.org", "learner@example.org"}
    assert [row["slug"] for row in hacp.rows("academy", "list")] == ["demo"]
    assert [row["email"] for row in hacp.rows("admin", "list")] == ["admin@example.org"]
    assert [row["name"] for row in hacp.rows("learner", "list")] == ["Learner, Lee"]
    assert len(hacp.rows("courses")) == 3
    assert len(hacp.rows("transcript", "--learner", "learner@example.org")) == 3

    plug = Plug(budget=99)
    again = replace(hacp, before=plug)
    assert seeding.seed(again, tmp_path, content_port=9999, say=lambda _: None) == 9002
    assert plug.commands == 1


def test_an_installation_with_academies_of_its_own_is_left_alone(
    hacp: Hacp, tmp_path: Path
) -> None:
    hacp.run("academy", "add", "Our academy")

    assert seeding.seed(hacp, tmp_path, content_port=9002, say=lambda _: None) is None

    assert hacp.rows("courses") == []
    assert not (tmp_path / seeding.SIGN_INS).exists()


def test_a_command_that_fails_is_told_in_its_own_words(hacp: Hacp) -> None:
    with pytest.raises(CommandFailed, match="There is no academy"):
        Hacp(hacp.environ).run("courses", "--academy", "nowhere")


def test_the_settings_file_gets_a_random_key_once_and_is_private(tmp_path: Path) -> None:
    first, second = tmp_path / "a" / "hacp.env", tmp_path / "b" / "hacp.env"

    assert seeding.make_settings_file(first)
    assert seeding.make_settings_file(second)
    assert not seeding.make_settings_file(first)

    assert first.read_text() != second.read_text()
    assert stat.S_IMODE(first.stat().st_mode) == 0o600


@pytest.mark.parametrize("text", ["", "# only a comment\n", "no-address secret\n", "a@b\n"])
def test_sign_ins_that_are_not_there_are_not_invented(tmp_path: Path, text: str) -> None:
    (tmp_path / seeding.SIGN_INS).write_text(text)

    assert seeding.sign_ins(tmp_path) == {}
