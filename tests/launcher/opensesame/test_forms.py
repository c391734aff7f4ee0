"""The form of a connection: filled with what is chosen, never with a secret."""

from __future__ import annotations

import pytest
from werkzeug.datastructures import MultiDict

from catalog.supply.model import Branding, DuplicatePolicy
from launcher.opensesame.connecting import Wanted
from launcher.opensesame.forms import ProviderForm

SENT = {
    "enabled": "y",
    "ciid": " C-1 ",
    "branding": "custom",
    "client_id": "ours",
    "client_secret": "geheim",
    "policy": "update",
    "daily_at": "02:15",
    "poll_minutes": "5",
}


@pytest.fixture(autouse=True)
def _request(app):
    app.config["WTF_CSRF_ENABLED"] = False
    with app.test_request_context("/"):
        yield


def form(**changes: str | None) -> ProviderForm:
    sent = {name: value for name, value in {**SENT, **changes}.items() if value is not None}
    return ProviderForm(MultiDict(sent))


def test_what_was_sent_is_what_is_wanted():
    filled = form()
    assert filled.validate(), filled.errors
    assert filled.wanted() == Wanted(
        enabled=True,
        ciid="C-1",
        branding=Branding.CUSTOM,
        client_id="ours",
        client_secret="geheim",
        policy=DuplicatePolicy.UPDATE,
        daily_at=135,
        poll_minutes=5,
    )


def test_an_unchecked_toggle_is_off_and_an_empty_secret_says_nothing():
    filled = form(enabled=None, client_secret="")
    assert filled.validate()
    assert not filled.wanted().enabled
    assert filled.wanted().client_secret is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("branding", "none of these"),
        ("branding", None),
        ("policy", "never"),
        ("daily_at", "25:00"),
        ("daily_at", ""),
        ("poll_minutes", "often"),
        ("poll_minutes", ""),
        ("poll_minutes", None),
    ],
)
def test_what_cannot_be_read_is_a_fault_of_its_field(field, value):
    filled = form(**{field: value})
    assert not filled.validate()
    assert set(filled.errors) == {field}
