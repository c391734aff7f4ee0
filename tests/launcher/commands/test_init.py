"""The table of commands: quick, complete, and true to the commands themselves."""

from __future__ import annotations

import os
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from launcher.commands import COMMANDS, cli, main


def test_help_needs_no_settings_and_loads_nothing():
    code = (
        "import sys; from launcher.commands import cli\n"
        "cli(['--help'], standalone_mode=False)\n"
        "assert 'flask' not in sys.modules and 'sqlalchemy' not in sys.modules\n"
    )
    environment = {name: value for name, value in os.environ.items() if "HACP" not in name}
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True
    )
    for name, (_module, _attribute, line) in COMMANDS.items():
        assert f"  {name} " in said.stdout
        assert line in said.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name):
    said = CliRunner().invoke(cli, [name, "--help"])
    assert said.exit_code == 0
    assert said.output.startswith("Usage: ")
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    assert command.name == name
    if isinstance(command, click.Group):
        for inner in command.commands:
            assert "Show this message" in CliRunner().invoke(cli, [name, inner, "--help"]).output


def test_an_unknown_command_is_told(capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["hacp", "frobnicate"])
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == 2
    assert "No such command 'frobnicate'" in capsys.readouterr().err
