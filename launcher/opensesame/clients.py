"""The client with which an academy asks OpenSesame: addresses, whose client it is, its secret.

Serves the tasks, the test of the connection and the commands. Opens the vault; knows no wire.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from urllib.parse import urlsplit

from flask_babel import gettext as _

import catalog.provider.opensesame
from catalog.duplicates import PROVIDER_HOSTS
from catalog.provider.calls import Credentials, Endpoint
from catalog.provider.errors import ProviderError
from catalog.provider.opensesame import Checked, Client
from catalog.supply.model import Branding, ProviderConnection
from launcher.config import Settings
from launcher.vault import SealUnbroken, open_vault

Sleep = Callable[[float], None]


class NotEquipped(Exception):
    """OpenSesame cannot even be asked. The text is a sentence that says what is missing."""


@contextmanager
def open_client(
    present: ProviderConnection, *, settings: Settings, sleep: Sleep = time.sleep
) -> Iterator[Client]:
    """Give the academy's client. Raises `NotEquipped`; what it is asked raises `ProviderError`s.

    `sleep` waits between two tries; a caller that may be told to end gives one that raises then.
    """
    if not settings.opensesame_api_url:
        raise NotEquipped(
            _("This server does not know where OpenSesame is. Its operator has to set the address.")
        )
    client_id, secret = _client(present, settings)
    with catalog.provider.opensesame.connect(
        Endpoint(settings.opensesame_api_url, settings.opensesame_token_url),
        Credentials(client_id, secret, present.ciid),
        clock=_now,
        sleep=sleep,
        monotonic=time.monotonic,
        allow_loopback=settings.allow_loopback,
    ) as client:
        yield client


def check(present: ProviderConnection, *, settings: Settings) -> tuple[bool, str]:
    """Test the connection: whether it works, and a sentence that says how it stands."""
    try:
        with open_client(present, settings=settings) as client:
            checked = client.check()
    except NotEquipped as missing:
        return False, str(missing)
    return checked.error is None, _found(checked)


def launch_hosts(settings: Settings) -> tuple[str, ...]:
    """Return where OpenSesame launches courses: its own hosts, and the one that is set."""
    own = urlsplit(settings.opensesame_api_url).hostname
    return (*PROVIDER_HOSTS, own) if own else PROVIDER_HOSTS


def sentence_of(error: ProviderError) -> str:
    """Say what went wrong, in the reader's language."""
    return str(_(error.sentence)) % error.values


def _client(present: ProviderConnection, settings: Settings) -> tuple[str, str]:
    """Return the id and secret: the academy's own with custom branding, else the server's."""
    if present.branding is Branding.DEFAULT:
        if not settings.opensesame_client_id:
            raise NotEquipped(
                _("This server has no client of its own at OpenSesame. Ask its operator.")
            )
        return settings.opensesame_client_id, settings.opensesame_client_secret
    if present.client_secret is None:
        raise NotEquipped(_("The Client Secret of your own OpenSesame account is not set."))
    try:
        return present.client_id, open_vault(settings).unseal(present.client_secret)
    except SealUnbroken as broken:
        raise NotEquipped(str(broken)) from broken


def _found(checked: Checked) -> str:
    if checked.error is not None:
        return sentence_of(checked.error)
    return str(checked)


def _now() -> datetime:
    return datetime.now(UTC)
