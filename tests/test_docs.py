"""The documents are true: settings, commands and links are those that the sources have.

Serves readers. A failure prints the table as it should stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from launcher.commands import COMMANDS, cli
from launcher.settings import SETTINGS

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
DOCUMENTS = [README, ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]


def table_under(heading: str) -> str:
    """Return the first table of a section of the README."""
    section = re.split(r"^## ", README.read_text(encoding="utf-8"), flags=re.MULTILINE)
    text = next(part for part in section if part.startswith(f"{heading}\n"))
    found = re.search(r"(?:^\|.*\n)+", text, re.MULTILINE)
    return found[0] if found else ""


def table(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [header, tuple("---" for _ in header), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', '/') for cell in row)} |\n" for row in lines)


def commands(
    group: click.Group, path: tuple[str, ...], context: click.Context
) -> Iterator[tuple[str, click.Command]]:
    """Yield every command that does something, with the words that call it."""
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None, name
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name), context)
        else:
            yield " ".join([*path, name]), command


def every_command() -> list[tuple[str, click.Command]]:
    return list(commands(cli, ("hacp",), click.Context(cli)))


def usage(words: str, command: click.Command) -> str:
    """Return the words, the arguments and the options that must be given."""
    arguments = [
        parameter.make_metavar(click.Context(command))
        for parameter in command.params
        if isinstance(parameter, click.Argument)
    ]
    needed = [
        f"{parameter.opts[0]} {parameter.make_metavar(click.Context(command))}"
        for parameter in command.params
        if isinstance(parameter, click.Option) and parameter.required
    ]
    return " ".join([words, *arguments, *needed])


def first_sentence(command: click.Command) -> str:
    paragraph = (command.help or "").strip().partition("\n\n")[0]
    return " ".join(paragraph.split())


def test_the_readme_lists_every_setting() -> None:
    rows = []
    for setting in SETTINGS:
        default = f"`{setting.default}`" if setting.default else setting.derived
        if setting.default is None:
            default = "must be given"
        rows.append((f"`{setting.name}`", default, f"{setting.help} Takes {setting.expects}."))

    wanted = table(("setting", "default", "meaning"), rows)
    assert table_under("Settings") == wanted, f"README.md, Settings should have:\n{wanted}"


def test_the_readme_lists_every_command() -> None:
    rows = [(f"`{usage(words, one)}`", first_sentence(one)) for words, one in every_command()]

    wanted = table(("command", "what it does"), rows)
    assert table_under("Commands") == wanted, f"README.md, Commands should have:\n{wanted}"


@pytest.mark.parametrize("name", COMMANDS)
def test_the_short_list_of_commands_knows_what_each_one_is(name: str) -> None:
    command = cli.get_command(click.Context(cli), name)

    assert command is not None
    assert command.name == name


@pytest.mark.parametrize(("words", "command"), every_command(), ids=lambda value: str(value))
def test_every_command_and_option_explains_itself(words: str, command: click.Command) -> None:
    assert first_sentence(command), words
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{words} {parameter.opts[0]}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    targets = re.findall(r"\]\((?!https?:|mailto:)([^)#\s]+)", text)

    missing = [target for target in targets if not (document.parent / target).exists()]
    assert not missing


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_settings_and_targets_named_in_a_document_exist(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    known = {setting.name for setting in SETTINGS} | {"HACP_CONFIG"}
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")

    assert set(re.findall(r"\bHACP_[A-Z_]+[A-Z]\b", text)) <= known
    for target in re.findall(r"(?:^|`)make ([a-z]+)", text, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"make {target}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_commands_named_in_a_document_exist(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    known = [words for words, _ in every_command()]
    groups = {" ".join(words.split()[:2]) for words in known}

    for named in re.findall(r"(?:^|`|bin/)hacp ([a-z]+(?: [a-z-]+)?)", text, re.MULTILINE):
        call = f"hacp {named}"
        first = " ".join(call.split()[:2])
        assert call in known or first in known or call in groups, call
