"""`hacp settings`, `hacp migrate` and `hacp serve`: the installation itself.

Serves operators. What the settings mean stands in `launcher.settings`, how serving works in
`launcher.server`.
"""

from __future__ import annotations

from datetime import UTC, datetime

import click

from launcher import config, server, sweeps, upgrades
from launcher.app import create_app
from launcher.commands.door import (
    application,
    json_option,
    plain_failures,
    say,
    write_json,
    write_table,
)
from launcher.content import create_content
from launcher.logs import init_logging


@click.command("settings")
@json_option
def settings(as_json: bool) -> None:
    """Show every setting with its value; secrets are hidden."""
    with plain_failures():
        rows = config.shown(config.from_environment())
    if as_json:
        write_json({setting.name: value for setting, value in rows})
    else:
        table = [(setting.name, value, setting.help) for setting, value in rows]
        write_table(("SETTING", "VALUE", "MEANING"), table)


@click.command("migrate")
def migrate() -> None:
    """Make the database's tables, or bring them up to date; harmless when they are."""
    with application():
        changed = upgrades.upgrade()
    say("The database is brought up to date." if changed else "The database was up to date.")


@click.command("sweep")
def sweep() -> None:
    """Close the sessions whose content fell silent; safe to run at any time, also twice at once."""
    with application():
        closed = sweeps.close_silent_sessions(now=datetime.now(UTC))
    say(f"{closed} sessions were closed.")


@click.command("serve")
def serve() -> None:
    """Run the server until Ctrl-C or SIGTERM: pages and HACP, and stored content beside them."""
    with plain_failures():
        chosen = config.from_environment()
        init_logging(chosen)
        app = create_app(chosen)
        with app.app_context():
            if not upgrades.is_current():
                raise click.ClickException("The database is not up to date: run 'hacp migrate'.")
        try:
            servers = server.open_servers(app, create_content(chosen), settings=chosen)
        except (OSError, ValueError) as error:
            # waitress says ValueError where a host name means nothing.
            reason = getattr(error, "strerror", None) or str(error)
            raise click.ClickException(f"The server cannot start: {reason}.") from error
        say(f"Serving {chosen.public_url}, content at {chosen.content_url}. Ctrl-C stops.")
        servers.run()
