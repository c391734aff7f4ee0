"""Connecting an academy with OpenSesame: what an admin may choose, and why a choice is refused.

Serves the settings page and `hacp opensesame`. Seals the academy's own client secret; calls nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from flask_babel import gettext as _
from sqlalchemy import Connection

from catalog.errors import CiidTaken, NotConnected
from catalog.supply import connections, runs
from catalog.supply.model import Branding, DuplicatePolicy, ProviderConnection
from catalog.supply.schema import CIID_LENGTH
from launcher.config import Settings
from launcher.vault import Vault, open_vault
from launcher.wall_clock import DAY_MINUTES

POLL_LEAST = 1
# Beside the daily comparison a longer poll finds nothing that is not found anyway.
POLL_MOST = DAY_MINUTES
# OAuth 2 gives no length; the longest secrets that are seen are tokens of a few hundred characters.
CLIENT_LENGTH = 2000


class ConnectionRefused(Exception):
    """A connection that cannot be made so. `field` is what is wrong, `reason` why, for people."""

    def __init__(self, reason: str, *, field: str) -> None:
        self.reason = reason
        self.field = field
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an admin chose. `client_secret` None keeps the one that is there.

    `daily_at` counts minutes from midnight by the academy's clock.
    """

    enabled: bool
    ciid: str
    branding: Branding
    client_id: str
    client_secret: str | None
    policy: DuplicatePolicy
    daily_at: int
    poll_minutes: int

    @classmethod
    def like(cls, present: ProviderConnection) -> Self:
        """Return what is chosen now, to change some of it."""
        return cls(
            enabled=present.enabled,
            ciid=present.ciid,
            branding=present.branding,
            client_id=present.client_id,
            client_secret=None,
            policy=present.policy,
            daily_at=present.daily_at,
            poll_minutes=present.poll_minutes,
        )


def connect(
    connection: Connection, academy_id: int, wanted: Wanted, *, settings: Settings, now: datetime
) -> ProviderConnection:
    """Keep what an admin chose and return how the academy is connected now.

    Raises `ConnectionRefused`; then nothing has changed.
    """
    present = connections.connection_of(connection, academy_id)
    if present is None or not present.activated:
        raise _not_activated()
    _check(wanted, present, settings=settings)
    try:
        connections.save_settings(
            connection,
            academy_id,
            enabled=wanted.enabled,
            ciid=wanted.ciid,
            branding=wanted.branding,
            client_id=wanted.client_id.strip(),
            client_secret=_sealed(wanted.client_secret, open_vault(settings)),
            policy=wanted.policy,
            daily_at=wanted.daily_at,
            poll_minutes=wanted.poll_minutes,
            now=now,
        )
    except CiidTaken:
        raise _ciid_taken() from None
    # A run that is under way goes by the old settings: the next one begins at once.
    changed = _("The settings of the connection were changed meanwhile.")
    runs.abandon(connection, academy_id, sentence=changed, now=now)
    saved = connections.connection_of(connection, academy_id)
    if saved is None:
        raise _not_activated()
    return saved


def share_ciid(connection: Connection, academy_id: int, *, ciid: str, now: datetime) -> None:
    """Let an academy have a CIID that another one has: the operator's word.

    Raises `ConnectionRefused`.
    """
    if not ciid.strip():
        raise _refused("ciid", _("Say which Customer Integration ID is to be shared."))
    try:
        connections.share_ciid(connection, academy_id, ciid=ciid, now=now)
    except NotConnected:
        raise _not_activated() from None


def new_push_secret(connection: Connection, academy_id: int, *, now: datetime) -> str:
    """Make a push secret and return it, this once. Raises `ConnectionRefused`."""
    try:
        return connections.new_push_secret(connection, academy_id, now=now)
    except NotConnected:
        raise _not_activated() from None


def _check(wanted: Wanted, present: ProviderConnection, *, settings: Settings) -> None:
    if len(wanted.ciid) > CIID_LENGTH or not wanted.ciid.isprintable():
        raise _refused("ciid", _("This is no Customer Integration ID: it is a short text."))
    if wanted.enabled and not wanted.ciid.strip():
        raise _refused("ciid", _("Enter the Customer Integration ID that OpenSesame gave you."))
    if not 0 <= wanted.daily_at < DAY_MINUTES:
        raise _refused("daily_at", _("Enter a time of the day, such as 02:15."))
    if not POLL_LEAST <= wanted.poll_minutes <= POLL_MOST:
        raise _refused(
            "poll_minutes",
            _("Between %(least)d and %(most)d minutes.", least=POLL_LEAST, most=POLL_MOST),
        )
    if wanted.branding is Branding.CUSTOM:
        _check_client(wanted, present)
    elif wanted.enabled and not settings.opensesame_client_id:
        raise _refused(
            "branding",
            _("This server has no client of its own at OpenSesame. Ask its operator."),
        )


def _check_client(wanted: Wanted, present: ProviderConnection) -> None:
    """Custom branding needs a whole client of the academy's own."""
    if not wanted.client_id.strip() or len(wanted.client_id) > CLIENT_LENGTH:
        raise _refused("client_id", _("Enter the Client ID of your own OpenSesame account."))
    if len(wanted.client_secret or "") > CLIENT_LENGTH:
        raise _refused("client_secret", _("This Client Secret is too long."))
    if not wanted.client_secret and present.client_secret is None:
        raise _refused("client_secret", _("Enter the Client Secret that belongs to it."))


def _sealed(secret: str | None, vault: Vault) -> bytes | None:
    return vault.seal(secret) if secret else None


def _refused(field: str, reason: str) -> ConnectionRefused:
    return ConnectionRefused(reason, field=field)


def _not_activated() -> ConnectionRefused:
    return _refused(
        "enabled",
        _("OpenSesame is not activated for this academy. The operator of the server can do that."),
    )


def _ciid_taken() -> ConnectionRefused:
    return _refused(
        "ciid",
        _(
            "Another academy on this server uses this Customer Integration ID. Deliveries for one "
            "would reach the other, so each needs an ID of its own. If sharing it is meant, the "
            "operator of the server can allow it."
        ),
    )
