"""The settings page of OpenSesame: offered or not, connected, and no secret ever shown again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from catalog.supply.model import Branding, RunState
from launcher import config
from launcher.db import transact
from launcher.opensesame import connecting
from launcher.vault import make_key, open_vault
from tests.launcher.opensesame.supplied import CIID, Supplied

SENT = {
    "enabled": "y",
    "ciid": "C-1",
    "branding": "custom",
    "client_id": "ours",
    "client_secret": "geheim",
    "policy": "update",
    "daily_at": "03:30",
    "poll_minutes": "5",
}


@pytest.fixture
def settings(settings):
    client = {"opensesame_client_id": "the server", "opensesame_client_secret": "its own"}
    return replace(settings, operator="Service desk, it@example.org", **client)


@pytest.fixture
def supplied(app, people, now):
    def within(unit):
        with app.app_context():
            return transact(unit)

    return Supplied(within, people.academy_id, now)


def test_where_it_is_not_activated_the_page_says_whom_to_ask(admin):
    page = admin.open("settings/opensesame").text

    assert "not activated for this academy" in page
    assert "Ask the operator of this server: Service desk, it@example.org." in page
    assert "Use OpenSesame" not in page
    assert "Ask the operator" in admin.open("settings").text
    assert admin.send("settings/opensesame", **SENT).status_code == 200
    assert admin.send("settings/opensesame/push-secret").status_code == 404


def test_what_an_admin_chooses_is_kept(admin, supplied):
    supplied.activate()
    assert "Use OpenSesame" in admin.open("settings/opensesame").text

    answer = admin.send("settings/opensesame", **SENT)

    page = admin.client.get(answer.location).text
    assert "The settings are saved." in page
    assert 'value="C-1"' in page
    assert 'value="03:30"' in page
    assert '<option selected value="update">' in page
    assert "Not compared yet" in page


def test_a_secret_is_never_shown_again_and_can_be_replaced(admin, supplied, settings):
    supplied.activate()
    admin.send("settings/opensesame", **SENT)
    page = admin.open("settings/opensesame").text
    assert "geheim" not in page
    assert "A secret is stored and never shown again." in page

    kept = admin.send("settings/opensesame", **{**SENT, "client_secret": "", "ciid": "C-2"})
    assert kept.status_code == 302
    assert unsealed(supplied, settings) == "geheim"

    admin.send("settings/opensesame", **{**SENT, "client_secret": "another"})
    assert unsealed(supplied, settings) == "another"


def unsealed(supplied, settings):
    found = supplied.transact(
        lambda c: connecting.connections.connection_of(c, supplied.academy_id)
    )
    return open_vault(settings).unseal(found.client_secret)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"ciid": ""}, "Enter the Customer Integration ID"),
        ({"client_id": ""}, "Enter the Client ID"),
        ({"client_secret": ""}, "Enter the Client Secret"),
        ({"daily_at": "26:00"}, "Enter a time of the day"),
        ({"poll_minutes": "0"}, "Between 1 and 1440 minutes."),
        ({"poll_minutes": "soon"}, "Not a valid integer value."),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(admin, supplied, changes, says):
    supplied.activate()

    answer = admin.send("settings/opensesame", **{**SENT, **changes})

    assert answer.status_code == 422
    assert says in answer.text
    assert "geheim" not in answer.text


def test_a_ciid_of_another_academy_is_refused(admin, supplied, people):
    supplied.activate()
    Supplied(supplied.transact, people.other_academy_id, supplied.now).connect(ciid="C-1")

    answer = admin.send("settings/opensesame", **SENT)

    assert answer.status_code == 422
    assert "Another academy on this server uses this Customer Integration ID." in answer.text
    assert "Other School" not in answer.text


def test_a_shared_ciid_is_warned_of_for_as_long_as_it_lasts(admin, supplied, people):
    supplied.connect()
    other = Supplied(supplied.transact, people.other_academy_id, supplied.now)
    other.activate()
    other.transact(lambda c: connecting.share_ciid(c, other.academy_id, ciid=CIID, now=other.now))

    assert "also used by Other School" in admin.open("settings/opensesame").text
    other.connect(ciid="C-9")
    assert "also used by" not in admin.open("settings/opensesame").text


def test_a_push_secret_is_shown_on_the_answer_and_never_again(admin, supplied):
    supplied.connect()
    assert "Not made yet." in admin.open("settings/opensesame").text

    page = admin.send("settings/opensesame/push-secret").text

    secret = page.partition("<code>")[2].partition("</code>")[0]
    assert len(secret) >= 40
    again = admin.open("settings/opensesame").text
    assert secret not in again
    assert "Replace the secret" in again
    assert "http://localhost/deliveries/opensesame" in again


def test_a_secret_that_no_key_opens_is_a_sentence(admin, supplied, app, settings):
    other = replace(settings, encryption_keys=(make_key(),))
    sealed = open_vault(other).seal("geheim")
    supplied.connect(branding=Branding.CUSTOM, client_id="ours", client_secret=sealed)

    page = admin.open("settings/opensesame")

    assert page.status_code == 200
    assert "The stored Client Secret cannot be read any more" in page.text
    with app.app_context():
        assert config.current().encryption_keys == ()


def test_the_tile_tells_how_it_stands_and_the_home_page_only_what_is_wrong(admin, supplied):
    supplied.connect()
    supplied.note()
    assert "Connected" in admin.open("settings").text
    assert "OpenSesame" not in admin.open("").text

    supplied.note("OpenSesame does not answer at api.example.", times=3)
    for page in (admin.open("settings").text, admin.open("").text):
        assert "Not working" in page
        assert "OpenSesame does not answer at api.example." in page
        assert "It failed 3 times in a row." in page
        assert "Next try:" in page

    waiting = supplied.ran(state=RunState.WAITING, sentence="It would archive 30 of 100 courses.")
    home = admin.open("").text
    assert "It would archive 30 of 100 courses." in home
    assert f"/a/night/admin/runs/{waiting}" in home


def test_the_first_steps_lead_to_opensesame_where_it_is_offered_and_not_connected(admin, supplied):
    words = "Or connect OpenSesame"
    assert words not in admin.open("").text
    supplied.activate()
    assert words in admin.open("").text

    supplied.connect()

    assert words not in admin.open("").text


def test_a_question_is_told_on_the_home_page(admin, supplied):
    supplied.connect()
    supplied.note()
    supplied.ask()
    assert "A course that arrived seems to be here already" in admin.open("").text


def test_a_connection_that_was_never_entered_is_not_tested(admin, supplied):
    supplied.activate()

    answer = admin.send("settings/opensesame/test")

    assert "Save a Customer Integration ID first." in admin.client.get(answer.location).text


def test_a_test_of_the_connection_says_in_words_what_is_wrong(admin, supplied):
    supplied.connect()

    page = admin.send("settings/opensesame/test").text

    assert "This server does not know where OpenSesame is." in page
    assert f'value="{CIID}"' in page
