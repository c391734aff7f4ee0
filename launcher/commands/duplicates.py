"""`hacp duplicates`: courses that are in a catalog twice, and how one knows.

Serves operators and scripts. What makes two courses one is the catalog's knowledge.
"""

from __future__ import annotations

import click
from sqlalchemy import Connection

from catalog import marks
from catalog.marks import Pair
from launcher import config
from launcher.commands.door import (
    academy_option,
    in_application,
    json_option,
    the_academy,
    write_json,
    write_table,
)
from launcher.db import read
from launcher.opensesame.clients import launch_hosts


@click.command("duplicates")
@click.option("--all", "every", is_flag=True, help="Those too that are kept side by side.")
@json_option
@academy_option
@in_application
def duplicates(every: bool, as_json: bool, academy_slug: str | None) -> None:
    """List pairs of courses in the catalog that seem to be the same, each with the reason."""
    hosts = launch_hosts(config.current())

    def unit(connection: Connection) -> list[tuple[Pair, str, str]]:
        academy = the_academy(connection, academy_slug)
        return [
            (
                pair,
                marks.names_of(connection, academy.id, [pair.other_id]),
                marks.names_of(connection, academy.id, [pair.course_id]),
            )
            for pair in marks.pairs(connection, academy.id, hosts=hosts)
            if every or not pair.twins
        ]

    found = read(unit)
    if as_json:
        write_json([_json(pair) for pair, _, _ in found])
        return
    rows = [(earlier, later, _surely(pair), pair.verdict.reason) for pair, earlier, later in found]
    write_table(("COURSE", "LATER COURSE", "SAME", "WHY"), rows)


def _surely(pair: Pair) -> str:
    if pair.twins:
        return "kept as two"
    return "certainly" if pair.verdict.certain else "possibly"


def _json(pair: Pair) -> dict[str, object]:
    return {
        "course": pair.other_id,
        "later": pair.course_id,
        "kind": pair.verdict.kind.value,
        "certain": pair.verdict.certain,
        "kept_as_two": pair.twins,
        "reason": pair.verdict.reason,
    }
