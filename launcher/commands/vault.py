"""`hacp vault`: the keys with which secrets in the database are encrypted.

Serves operators. How sealing works stands in `launcher.vault`.
"""

from __future__ import annotations

import click
from sqlalchemy import Connection

from catalog.supply import connections
from launcher import config
from launcher.commands.door import in_application, say
from launcher.db import transact
from launcher.people import academies
from launcher.vault import SealUnbroken, make_key, open_vault


@click.group()
def vault() -> None:
    """Look after the keys with which secrets in the database are encrypted."""


@vault.command("key")
def key() -> None:
    """Make a new key for HACP_ENCRYPTION_KEYS and print it; nothing is changed."""
    click.echo(make_key())


@vault.command("rotate")
@in_application
def rotate() -> None:
    """Encrypt every secret anew with the newest key; safe to run again."""
    renewed, unread = transact(_reseal)
    say(f"{renewed} secrets are encrypted with the newest key.")
    if unread:
        raise click.ClickException(
            "No key opens the secrets of these academies, which are left as they are: "
            f"{', '.join(unread)}. Add the key that they were stored with, or enter them again."
        )


def _reseal(connection: Connection) -> tuple[int, list[str]]:
    """Return how many secrets were renewed, and the academies whose secret no key opens."""
    opened = open_vault(config.current())
    slugs = {academy.id: academy.slug for academy in academies.academies(connection)}
    renewed, unread = 0, []
    for one in connections.connections(connection):
        if one.client_secret is None:
            continue
        try:
            after = opened.reseal(one.client_secret)
        except SealUnbroken:
            unread.append(slugs.get(one.academy_id, str(one.academy_id)))
            continue
        renewed += connections.replace_client_secret(
            connection, one.academy_id, before=one.client_secret, after=after
        )
    return renewed, unread
