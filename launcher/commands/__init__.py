"""The command line `hacp`: one table of commands, each imported when it is called.

Serves support and scripts. Nothing of the application is loaded here, so that `hacp --help` answers
at once and with nothing configured.
"""

from __future__ import annotations

import importlib

import click

# name: module, attribute, the line in `hacp --help`
COMMANDS = {
    "academy": ("academies", "academy", "Add and list academies."),
    "admin": ("people", "admin", "Add and list the people who run an academy."),
    "learner": ("people", "learner", "Add, import and list learners."),
    "account": ("people", "account", "Switch accounts off and on."),
    "password": ("people", "password", "Give somebody a new password."),
    "import": ("courses", "import_courses", "Import AICC courses from zips, folders or files."),
    "courses": ("courses", "courses", "List the courses of an academy."),
    "course": ("course_rules", "course", "Show and set what counts in a course."),
    "duplicates": ("duplicates", "duplicates", "List courses that are there twice."),
    "archive": ("archiving", "archive", "Put a course out of everybody's reach; all is kept."),
    "reactivate": ("archiving", "reactivate", "Take an archived course back."),
    "enrol": ("enrolments", "enrol", "Let a learner take a course."),
    "withdraw": ("enrolments", "withdraw", "Take a learner out of a course."),
    "launch": ("launches", "launch", "Open a session and print the content's address."),
    "transcript": ("transcripts", "transcript", "Show what is recorded, as a table, JSON or CSV."),
    "status": ("by_hand", "status", "Set a status by hand, withdraw it, list them."),
    "explain": ("explain", "explain", "Say why a course is not complete."),
    "record": ("replay", "record", "Write a recorded session as text."),
    "probe": ("probe", "probe", "Say what content would miss on a HACP server."),
    "replay": ("replay", "replay", "Send a recorded session again, to any HACP server."),
    "opensesame": ("opensesame", "opensesame", "Connect academies with OpenSesame."),
    "sync": ("sync", "sync", "Compare an academy with OpenSesame now."),
    "vault": ("vault", "vault", "Look after the keys of secrets in the database."),
    "settings": ("installation", "settings", "Show every setting and its value."),
    "migrate": ("installation", "migrate", "Bring the database's tables up to date."),
    "exchanges": ("exchanges", "exchanges", "Look after the log of raw exchanges."),
    "sweep": ("installation", "sweep", "Close the sessions whose content fell silent."),
    "serve": ("serving", "serve", "Run the server."),
    "worker": ("serving", "worker", "Work on background tasks."),
}


class Table(click.Group):
    """A group whose commands stand in `COMMANDS`."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the names in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import the command of that name."""
        if cmd_name not in COMMANDS:
            return None
        module, attribute, _help = COMMANDS[cmd_name]
        command = getattr(importlib.import_module(f"{__name__}.{module}"), attribute)
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the table without importing anything."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, row[2]) for name, row in COMMANDS.items()])


@click.group(cls=Table, context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Run and look after an AICC/HACP server.

    Settings come from the environment (HACP_...) and the file hacp.env in the instance folder;
    `hacp settings` lists them. What a command makes, it names on standard output; everything else
    it has to say goes to standard error.
    """


def main() -> None:
    """Start the command line."""
    cli(prog_name="hacp")
