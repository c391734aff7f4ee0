"""`hacp opensesame`: which academies may use OpenSesame, and how they are connected.

Serves operators and scripts. What may be chosen is for `launcher.opensesame.connecting` to say.
"""

from __future__ import annotations

import dataclasses
import sys
from datetime import UTC, datetime
from typing import Any

import click
from sqlalchemy import Connection

from catalog.supply import connections, runs
from catalog.supply.model import Branding, DuplicatePolicy, ProviderConnection
from launcher import config
from launcher.commands.door import (
    academy_option,
    in_application,
    json_option,
    say,
    the_academy,
    write_json,
    write_table,
)
from launcher.db import read, transact
from launcher.opensesame import clients, connecting
from launcher.opensesame.connecting import Wanted
from launcher.people import academies
from launcher.people.academies import AcademyRow
from launcher.wall_clock import dump_time, parse_time


def _time_of_day(_context: click.Context, _option: click.Parameter, text: str | None) -> int | None:
    """Read the option as minutes since midnight."""
    try:
        return None if text is None else parse_time(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


@click.group()
def opensesame() -> None:
    """Offer OpenSesame to academies, connect them, and see how they are."""


@opensesame.command("activate")
@academy_option
@in_application
def activate(academy_slug: str | None) -> None:
    """Offer OpenSesame to an academy: its admins find it on their settings page."""
    academy = _activate(academy_slug, activated=True)
    say(f"OpenSesame is activated for {academy.slug}.")
    if not config.current().opensesame_api_url:
        say("HACP_OPENSESAME_API_URL and HACP_OPENSESAME_TOKEN_URL are not set yet.")


@opensesame.command("deactivate")
@academy_option
@in_application
def deactivate(academy_slug: str | None) -> None:
    """Take OpenSesame back from an academy; its courses and what its admins chose stay."""
    academy = _activate(academy_slug, activated=False)
    say(f"OpenSesame is no longer activated for {academy.slug}.")


@opensesame.command("connect")
@click.option("--ciid", help="The Customer Integration ID of the academy.")
@click.option(
    "--branding",
    type=click.Choice([branding.value for branding in Branding]),
    help="Whose logo OpenSesame shows; custom needs a client of the academy's own.",
)
@click.option("--client-id", help="The academy's own Client ID, for custom branding.")
@click.option(
    "--client-secret-stdin",
    is_flag=True,
    help="Read the academy's own Client Secret from standard input.",
)
@click.option(
    "--on-duplicate",
    type=click.Choice([policy.value for policy in DuplicatePolicy]),
    help="What happens to a delivered course that is here already.",
)
@click.option(
    "--daily-at",
    metavar="HH:MM",
    callback=_time_of_day,
    help="When the daily comparison begins, by the academy's clock.",
)
@click.option("--poll-minutes", type=int, help="How often OpenSesame is asked for news.")
@click.option("--off", is_flag=True, help="Turn the provider off; no course changes.")
@academy_option
@in_application
def connect(
    ciid: str | None,
    branding: str | None,
    client_id: str | None,
    client_secret_stdin: bool,
    on_duplicate: str | None,
    daily_at: int | None,
    poll_minutes: int | None,
    off: bool,
    academy_slug: str | None,
) -> None:
    """Connect an academy, or change how it is connected; what is left out stays as it is."""
    secret = sys.stdin.readline().rstrip("\r\n") if client_secret_stdin else None
    chosen: dict[str, Any] = {
        "ciid": ciid,
        "branding": Branding(branding) if branding else None,
        "client_id": client_id,
        "client_secret": secret,
        "policy": DuplicatePolicy(on_duplicate) if on_duplicate else None,
        "daily_at": daily_at,
        "poll_minutes": poll_minutes,
    }
    changes = {name: value for name, value in chosen.items() if value is not None}

    def unit(connection: Connection) -> tuple[AcademyRow, ProviderConnection]:
        academy = the_academy(connection, academy_slug)
        present = _connection(connection, academy)
        wanted = dataclasses.replace(Wanted.like(present), enabled=not off, **changes)
        return academy, connecting.connect(
            connection, academy.id, wanted, settings=config.current(), now=datetime.now(UTC)
        )

    academy, saved = transact(unit)
    if saved.enabled:
        say(f"{academy.slug} is connected with OpenSesame, CIID {saved.ciid}.")
    else:
        say(f"OpenSesame is turned off for {academy.slug}.")


@opensesame.command("test")
@academy_option
@in_application
def test(academy_slug: str | None) -> None:
    """Ask OpenSesame with what is saved for an academy, and say how that went."""
    present = read(lambda c: _connection(c, the_academy(c, academy_slug)))
    if not present.ciid:
        raise click.ClickException("No CIID is set: run 'hacp opensesame connect --ciid ...'.")
    works, sentence = clients.check(present, settings=config.current())
    if not works:
        raise click.ClickException(sentence)
    say(sentence)


@opensesame.command("push-secret")
@academy_option
@in_application
def push_secret(academy_slug: str | None) -> None:
    """Make the secret for OpenSesame's pushes and print it, this once; the old one ends."""

    def unit(connection: Connection) -> str:
        academy = the_academy(connection, academy_slug)
        return connecting.new_push_secret(connection, academy.id, now=datetime.now(UTC))

    secret = transact(unit)
    say("Enter it at OpenSesame as the bearer token of the push. It is not shown again.")
    click.echo(secret)


@opensesame.command("allow-shared-ciid")
@click.argument("ciid")
@academy_option
@in_application
def allow_shared_ciid(ciid: str, academy_slug: str | None) -> None:
    """Let an academy use a CIID that another academy has; both pages warn of it from then on."""

    def unit(connection: Connection) -> tuple[AcademyRow, list[str]]:
        academy = the_academy(connection, academy_slug)
        connecting.share_ciid(connection, academy.id, ciid=ciid, now=datetime.now(UTC))
        others = connections.sharers(connection, academy.id)
        return academy, [one.slug for one in academies.academies(connection) if one.id in others]

    academy, others = transact(unit)
    say(f"{academy.slug} has the CIID {ciid}. Others that have it: {', '.join(others) or 'none'}.")


@opensesame.command("status")
@json_option
@in_application
def status(as_json: bool) -> None:
    """List the academies for which OpenSesame was ever activated, and how each is connected."""

    def unit(connection: Connection) -> list[tuple[str, ProviderConnection]]:
        slugs = {academy.id: academy.slug for academy in academies.academies(connection)}
        every = connections.connections(connection)
        return [(slugs.get(one.academy_id, str(one.academy_id)), one) for one in every]

    rows = [(slug, _shown(one)) for slug, one in read(unit)]
    if as_json:
        write_json([{"academy": slug, **shown} for slug, shown in rows])
    else:
        header = ("ACADEMY", "ACTIVATED", "ENABLED", "CIID", "STATE", "LAST SUCCESS", "SAYS")
        names = ("activated", "enabled", "ciid", "state", "succeeded_at", "sentence")
        write_table(header, [(slug, *(shown[name] for name in names)) for slug, shown in rows])


def _activate(academy_slug: str | None, *, activated: bool) -> AcademyRow:
    def unit(connection: Connection) -> AcademyRow:
        academy = the_academy(connection, academy_slug)
        now = datetime.now(UTC)
        connections.activate(connection, academy.id, activated=activated, now=now)
        if not activated:
            runs.abandon(connection, academy.id, sentence="OpenSesame was taken back.", now=now)
        return academy

    return transact(unit)


def _connection(connection: Connection, academy: AcademyRow) -> ProviderConnection:
    found = connections.connection_of(connection, academy.id)
    if found is None or not found.activated:
        raise click.ClickException(
            f"OpenSesame is not activated for {academy.slug}: run "
            f"'hacp opensesame activate --academy {academy.slug}'."
        )
    return found


def _shown(one: ProviderConnection) -> dict[str, object]:
    """Return what may be told of a connection: everything but what is secret."""
    return {
        "activated": "yes" if one.activated else "no",
        "enabled": "yes" if one.enabled else "no",
        "ciid": one.ciid,
        "ciid_shared": one.ciid_shared,
        "branding": one.branding.value,
        "client_id": one.client_id,
        "has_push_secret": one.has_push_secret,
        "on_duplicate": one.policy.value,
        "daily_at": dump_time(one.daily_at),
        "poll_minutes": one.poll_minutes,
        "state": one.state.value,
        "sentence": one.sentence,
        "failures": one.failures,
        "succeeded_at": one.succeeded_at,
    }
