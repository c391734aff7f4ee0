"""`hacp settings`, `hacp migrate` and `hacp sweep`: the installation itself.

Serves operators. What the settings mean stands in `launcher.settings`.
"""

from __future__ import annotations

from datetime import UTC, datetime

import click

from launcher import config, previews, sweeps, upgrades
from launcher.commands.door import (
    application,
    in_application,
    json_option,
    plain_failures,
    say,
    write_json,
    write_table,
)
from launcher.records import recounts


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
@in_application
def sweep() -> None:
    """Close the sessions whose content fell silent, and finish what was begun.

    Safe to run at any time, also twice at once. Finishes counting records anew where a course's
    rules were changed, and removes previews that nobody has launched for a week.
    """
    with application():
        closed = sweeps.close_silent_sessions(now=datetime.now(UTC))
        previews.sweep(now=datetime.now(UTC))
        sweeps.let_go_of_content(now=datetime.now(UTC))
        counted = recounts.recount_all()
    say("1 session was closed." if closed == 1 else f"{closed} sessions were closed.")
    if counted:
        say(f"The records of {counted} courses were counted anew.")
