"""`hacp vault`: the keys with which secrets in the database are encrypted.

Serves operators. How sealing works stands in `launcher.vault`.
"""

from __future__ import annotations

import click

from launcher.vault import make_key


@click.group()
def vault() -> None:
    """Look after the keys with which secrets in the database are encrypted."""


@vault.command("key")
def key() -> None:
    """Make a new key for HACP_ENCRYPTION_KEYS and print it; nothing is changed."""
    click.echo(make_key())
