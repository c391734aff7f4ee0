"""`hacp admin`, `hacp learner`, `hacp account` and `hacp password`: people who sign in.

Serves operators and scripts. A password that was made up is told on standard error, once.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click
from sqlalchemy import Connection

from launcher.commands.door import (
    academy_option,
    in_application,
    json_option,
    password_option,
    read_password,
    say,
    the_academy,
    write_json,
    write_table,
)
from launcher.db import read, transact
from launcher.people import access, accounts, enrolments
from launcher.people.accounts import Member
from launcher.people.roster import decode_roster
from launcher.schema import Role


@click.group()
def admin() -> None:
    """Add, list and remove the people who run an academy."""


@click.group()
def learner() -> None:
    """Add, import and list learners."""


@admin.command("add")
@click.argument("email")
@click.option("--name", help='Their name, as "Last, First"; the address when left out.')
@password_option
@academy_option
@in_application
def add_admin(email: str, name: str | None, password_stdin: bool, academy_slug: str | None) -> None:
    """Make somebody an admin of an academy and print their id.

    Somebody who is a learner there becomes an admin; somebody who has an account already keeps
    their password.
    """
    _add(academy_slug, email, name=name or email, role=Role.ADMIN, password_stdin=password_stdin)


@learner.command("add")
@click.argument("email")
@click.option("--name", required=True, help='Their name, as "Last, First".')
@click.option(
    "--student-id",
    help="The id that content gets, when they bring one from another system: "
    "up to 64 of A-Z, a-z, 0-9, _ and -. A random one is made when left out.",
)
@password_option
@academy_option
@in_application
def add_learner(
    email: str,
    name: str,
    student_id: str | None,
    password_stdin: bool,
    academy_slug: str | None,
) -> None:
    """Add a learner to an academy and print their id."""
    _add(
        academy_slug,
        email,
        name=name,
        role=Role.LEARNER,
        student_id=student_id,
        password_stdin=password_stdin,
    )


@learner.command("import")
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE.csv")
@academy_option
@in_application
def import_learners(file: Path, academy_slug: str | None) -> None:
    """Add the learners of a CSV file and enrol them; print the ids of the new ones.

    The first line names the columns, in any order: email, name, student_id, course. Only email must
    be there; name is needed for people who are new; course is an id or an AICC course id, and one
    person may stand in several lines. Either all of the file is taken in, or nothing.
    """
    try:
        text = decode_roster(file.read_bytes())
    except OSError as error:
        raise click.ClickException(f"{file} cannot be read: {error.strerror}.") from error

    def unit(connection: Connection) -> enrolments.ImportReport:
        academy = the_academy(connection, academy_slug)
        return enrolments.import_csv(
            connection, academy_id=academy.id, text=text, now=datetime.now(UTC)
        )

    report = transact(unit)
    if report.faults:
        for fault in report.faults:
            where = f"{file}, line {fault.line}" + (f", {fault.column}" if fault.column else "")
            say(f"{where}: {fault.message}")
        raise click.ClickException(
            f"Nothing was taken in: {_counted(len(report.faults), 'fault')}."
        )
    for member, password in report.added:
        if password is not None:
            say(f"{member.email}  {password}")
        click.echo(member.id)
    say(
        f"{_counted(len(report.added), 'learner')} added, "
        f"{_counted(report.enrolled, 'enrolment')} made, "
        f"{_counted(report.unchanged, 'line')} asked for nothing new."
    )


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


@admin.command("list")
@click.option("--search", default="", help="Only those whose name, address or id holds this.")
@json_option
@academy_option
@in_application
def list_admins(search: str, as_json: bool, academy_slug: str | None) -> None:
    """List the admins of an academy."""
    _list(academy_slug, role=Role.ADMIN, search=search, as_json=as_json)


@learner.command("list")
@click.option("--search", default="", help="Only those whose name, address or id holds this.")
@json_option
@academy_option
@in_application
def list_learners(search: str, as_json: bool, academy_slug: str | None) -> None:
    """List the learners of an academy."""
    _list(academy_slug, role=Role.LEARNER, search=search, as_json=as_json)


@admin.command("remove")
@click.argument("email")
@academy_option
@in_application
def remove_admin(email: str, academy_slug: str | None) -> None:
    """Make an admin of an academy a learner again; what is recorded of them stays."""

    def unit(connection: Connection) -> Member:
        academy = the_academy(connection, academy_slug)
        return access.demote(connection, academy.id, email=email)

    say(f"{transact(unit).email} is a learner now.")


@click.group()
def account() -> None:
    """Switch accounts off and on."""


@account.command("off")
@click.argument("email")
@in_application
def switch_off(email: str) -> None:
    """Keep the account EMAIL from signing in and end all its sign-ins; what is recorded stays."""
    changed = transact(lambda c: access.switch_account(c, email=email, active=False))
    say(f"{email} is switched off." if changed else f"{email} was switched off already.")


@account.command("on")
@click.argument("email")
@in_application
def switch_on(email: str) -> None:
    """Let the account EMAIL sign in again."""
    changed = transact(lambda c: access.switch_account(c, email=email, active=True))
    say(f"{email} can sign in." if changed else f"{email} was not switched off.")


@click.command("password")
@click.argument("email")
@password_option
@in_application
def password(email: str, password_stdin: bool) -> None:
    """Give the account EMAIL a new password and end all its sign-ins.

    The new password is written on standard error, unless it came from standard input.
    """
    chosen = read_password(password_stdin)
    new = transact(lambda c: accounts.set_account_password(c, email=email, password=chosen))
    say(f"The password of {email} is changed." if chosen else f"New password of {email}: {new}")


def _add(
    academy_slug: str | None,
    email: str,
    *,
    name: str,
    role: Role,
    password_stdin: bool,
    student_id: str | None = None,
) -> None:
    chosen = read_password(password_stdin)

    def unit(connection: Connection) -> tuple[Member, str | None]:
        return accounts.add_member(
            connection,
            academy_id=the_academy(connection, academy_slug).id,
            email=email,
            name=name,
            role=role,
            student_id=student_id,
            password=chosen,
            now=datetime.now(UTC),
        )

    member, made = transact(unit)
    say(f"Added {member.name} <{member.email}> as {member.role}, student id {member.student_id}.")
    if made is not None:
        say(f"Password: {made}")
    click.echo(member.id)


def _list(academy_slug: str | None, *, role: Role, search: str, as_json: bool) -> None:
    def unit(connection: Connection) -> list[Member]:
        academy = the_academy(connection, academy_slug)
        return accounts.members(connection, academy.id, search=search, role=role, limit=None)

    people = read(unit)
    if as_json:
        write_json(
            [
                {"id": p.id, "email": p.email, "name": p.name, "student_id": p.student_id}
                for p in people
            ]
        )
    else:
        rows = [(p.id, p.email, p.name, p.student_id) for p in people]
        write_table(("ID", "E-MAIL", "NAME", "STUDENT ID"), rows)
