"""`hacp academy`: add and list academies.

Serves operators. The rules of a name and a slug are `launcher.people.academies`' own.
"""

from __future__ import annotations

from datetime import UTC, datetime

import click

from launcher.commands.door import in_application, json_option, say, write_json, write_table
from launcher.db import read, transact
from launcher.people import academies


@click.group()
def academy() -> None:
    """Add and list academies.

    An academy is a tenant: its people, courses and records are its own.
    """


@academy.command("add")
@click.argument("name")
@click.option("--slug", help="Its short name in addresses; made from NAME when left out.")
@in_application
def add(name: str, slug: str | None) -> None:
    """Add an academy and print its id."""
    now = datetime.now(UTC)
    added = transact(lambda c: academies.add_academy(c, name=name, slug=slug, now=now))
    say(f"Added the academy {added.name}, at /a/{added.slug}/.")
    click.echo(added.id)


@academy.command("list")
@json_option
@in_application
def list_academies(as_json: bool) -> None:
    """List all academies."""
    rows = read(academies.academies)
    if as_json:
        write_json([{"id": row.id, "slug": row.slug, "name": row.name} for row in rows])
    else:
        write_table(("ID", "SLUG", "NAME"), [(row.id, row.slug, row.name) for row in rows])
