"""Connecting an academy: what is chosen is kept, what cannot be is refused beside its field."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from catalog.supply import connections
from catalog.supply.model import Branding, DuplicatePolicy
from launcher.opensesame import connecting
from launcher.opensesame.connecting import ConnectionRefused, Wanted
from launcher.vault import open_vault

CUSTOM = Wanted(
    enabled=True,
    ciid="ciid-1",
    branding=Branding.CUSTOM,
    client_id="ours",
    client_secret="geheim",
    policy=DuplicatePolicy.UPDATE,
    daily_at=135,
    poll_minutes=5,
)
OURS, OTHERS = 1, 2


@pytest.fixture
def settings(settings):
    return replace(settings, opensesame_client_id="the server", opensesame_client_secret="its own")


@pytest.fixture
def connect(app, connection, settings, now):
    """Return `connect(**changes)`: as two academies for which OpenSesame is activated."""
    for academy_id in (OURS, OTHERS):
        connections.activate(connection, academy_id, activated=True, now=now)

    def _connect(academy_id: int = OURS, **changes: Any):
        wanted = replace(CUSTOM, **changes)
        return connecting.connect(connection, academy_id, wanted, settings=settings, now=now)

    with app.app_context():
        yield _connect


def test_what_is_chosen_is_kept_and_the_secret_is_sealed(connect, settings):
    saved = connect()

    assert saved.ready
    assert Wanted.like(saved) == replace(CUSTOM, client_secret=None)
    assert b"geheim" not in saved.client_secret
    assert open_vault(settings).unseal(saved.client_secret) == "geheim"


def test_a_secret_that_is_left_out_stays(connect, settings):
    connect()

    saved = connect(client_secret=None, client_id="another")

    assert open_vault(settings).unseal(saved.client_secret) == "geheim"


def test_turning_it_off_keeps_what_was_chosen(connect):
    connect()

    saved = connect(enabled=False)

    assert not saved.ready
    assert saved.ciid == "ciid-1"


def test_default_branding_uses_the_servers_client(connect):
    saved = connect(branding=Branding.DEFAULT, client_id="", client_secret=None)

    assert saved.ready


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("ciid", {"ciid": "  "}),
        ("ciid", {"ciid": "x" * 256}),
        ("ciid", {"ciid": "a\x1b[31mb"}),
        ("client_id", {"client_id": " "}),
        ("client_id", {"client_id": "x" * 2001}),
        ("client_secret", {"client_secret": None}),
        ("client_secret", {"client_secret": "x" * 2001}),
        ("daily_at", {"daily_at": 1440}),
        ("daily_at", {"daily_at": -1}),
        ("poll_minutes", {"poll_minutes": 0}),
        ("poll_minutes", {"poll_minutes": 1441}),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(connect, connection, field, changes):
    before = connections.connection_of(connection, OURS)

    with pytest.raises(ConnectionRefused) as refusal:
        connect(**changes)

    assert refusal.value.field == field
    assert connections.connection_of(connection, OURS) == before


def test_default_branding_needs_a_client_of_the_server(connect, settings, connection, now):
    bare = replace(settings, opensesame_client_id="", opensesame_client_secret="")
    wanted = replace(CUSTOM, branding=Branding.DEFAULT)

    with pytest.raises(ConnectionRefused, match="Ask its operator") as refusal:
        connecting.connect(connection, OURS, wanted, settings=bare, now=now)

    assert refusal.value.field == "branding"


@pytest.mark.parametrize("ciid", ["ciid-1", " CIID-1 "])
def test_a_ciid_of_another_academy_is_refused_without_saying_whose(connect, ciid):
    connect(OTHERS)

    with pytest.raises(ConnectionRefused, match="Another academy") as refusal:
        connect(OURS, ciid=ciid)

    assert refusal.value.field == "ciid"


def test_an_operator_lets_it_be_shared(connect, connection, now):
    connect(OTHERS)
    connecting.share_ciid(connection, OURS, ciid="ciid-1", now=now)

    assert connect(OURS).ready
    assert connections.sharers(connection, OTHERS) == [OURS]
    with pytest.raises(ConnectionRefused):
        connecting.share_ciid(connection, OURS, ciid=" ", now=now)


def test_what_is_not_activated_cannot_be_connected(connect, connection, settings, now):
    connections.activate(connection, OURS, activated=False, now=now)
    stranger = 3

    for academy_id in (OURS, stranger):
        with pytest.raises(ConnectionRefused, match="not activated"):
            connect(academy_id)
    with pytest.raises(ConnectionRefused, match="not activated"):
        connecting.share_ciid(connection, stranger, ciid="x", now=now)
    with pytest.raises(ConnectionRefused, match="not activated"):
        connecting.new_push_secret(connection, stranger, now=now)


def test_a_push_secret_is_shown_once_and_ends_the_one_before(connect, connection, now):
    first = connecting.new_push_secret(connection, OURS, now=now)
    second = connecting.new_push_secret(connection, OURS, now=now)

    assert connections.connection_by_secret(connection, secret=first) is None
    found = connections.connection_by_secret(connection, secret=second)
    assert found is not None
    assert found.academy_id == OURS
