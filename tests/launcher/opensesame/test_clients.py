"""The client of an academy: whose credentials it uses, and what a test of the connection says."""

from __future__ import annotations

import socket
from dataclasses import replace

import pytest

from catalog.supply import connections
from catalog.supply.model import Branding
from demo.opensesame.faults import Fault
from demo.opensesame.journal import Place
from demo.opensesame.model import Client
from launcher.opensesame import clients
from launcher.opensesame.clients import NotEquipped
from launcher.vault import make_key, open_vault
from tests.launcher.opensesame.supplied import Supplied

OWN = Client("white-label", "a secret of their own")


@pytest.fixture
def settings(settings, provider):
    return provider.known_by(settings)


@pytest.fixture
def present(app, connection, provider, now):
    """Return `present(**changes)`: how an academy is connected."""

    def _present(**changes):
        supplied = Supplied(lambda unit: unit(connection), 1, now)
        supplied.connect(**{"ciid": provider.pretend.ciid, **changes})
        found = connections.connection_of(connection, 1)
        assert found is not None
        return found

    with app.test_request_context("/"):
        yield _present


def test_default_branding_asks_with_the_servers_client(present, settings, provider):
    provider.pretend.send()

    works, sentence = clients.check(present(), settings=settings)

    assert works
    assert sentence.startswith("The connection works. OpenSesame lists ")


def test_custom_branding_asks_with_the_academys_own_client(present, settings, provider):
    sealed = open_vault(settings).seal(OWN.secret)
    custom = present(branding=Branding.CUSTOM, client_id=OWN.id, client_secret=sealed)
    bare = replace(settings, opensesame_client_id="", opensesame_client_secret="")

    refused = clients.check(custom, settings=bare)
    provider.pretend.add_client(OWN)
    accepted = clients.check(custom, settings=bare)

    assert refused == (
        False,
        "OpenSesame does not accept the Client ID or Client Secret (it answered 401). Check both.",
    )
    assert accepted[0]


def test_a_wrong_ciid_is_said(present, settings):
    works, sentence = clients.check(present(ciid="nobody's"), settings=settings)

    assert not works
    assert "does not know the Customer Integration ID “nobody's”" in sentence


def test_an_answer_that_is_nonsense_is_said(present, settings, provider):
    provider.pretend.faults.switch_on(Fault.NOT_JSON, place=Place.TOKEN)

    works, sentence = clients.check(present(), settings=settings)

    assert not works
    assert "OpenSesame answered with" in sentence


def test_nobody_who_answers_is_said(present, settings, unused_port):
    nowhere = f"http://localhost:{unused_port}"
    away = replace(settings, opensesame_api_url=nowhere, opensesame_token_url=nowhere)

    works, sentence = clients.check(present(), settings=away)

    assert not works
    assert sentence.startswith("Nobody answers at localhost.")


@pytest.fixture
def unused_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def test_what_is_missing_before_anybody_can_be_asked_is_said(present, settings):
    other_key = replace(settings, encryption_keys=(make_key(),))
    sealed = open_vault(other_key).seal("geheim")
    custom = {"branding": Branding.CUSTOM, "client_id": "x"}
    cases = [
        ({}, replace(settings, opensesame_api_url=""), "does not know where OpenSesame is"),
        ({}, replace(settings, opensesame_client_id=""), "has no client of its own"),
        (custom, settings, "is not set"),
        ({**custom, "client_secret": sealed}, settings, "cannot be read with the keys"),
    ]
    for changes, chosen, says in cases:
        works, sentence = clients.check(present(**changes), settings=chosen)
        assert not works
        assert says in sentence
        with (
            pytest.raises(NotEquipped, match=says),
            clients.open_client(present(**changes), settings=chosen),
        ):
            raise AssertionError("there is nothing to ask with")


def test_courses_are_launched_at_opensesames_hosts_and_where_it_is_set_to_be(settings):
    assert clients.launch_hosts(settings) == ("opensesame.com", "localhost")
    nowhere = replace(settings, opensesame_api_url="")
    assert clients.launch_hosts(nowhere) == ("opensesame.com",)
