"""`hacp opensesame`: an operator offers the provider, connects academies and sees how they are."""

from __future__ import annotations

import json

import pytest

from demo.opensesame.app import create_app
from demo.opensesame.pretend import Pretend

CLIENT = {"HACP_OPENSESAME_CLIENT_ID": "ours", "HACP_OPENSESAME_CLIENT_SECRET": "geheim"}


@pytest.fixture
def two(hacp):
    """`hacp` on an installation with a client of its own and two academies."""
    hacp("academy", "add", "Night School", "--slug", "night")
    hacp("academy", "add", "Day School", "--slug", "day")

    def _hacp(*words, **more):
        return hacp("opensesame", *words, **{**CLIENT, **more})

    return _hacp


def status(two, slug):
    return next(
        row for row in json.loads("\n".join(two("status", "--json").out)) if row["academy"] == slug
    )


def test_an_academy_is_connected_from_nothing(two):
    assert two("status").err == "Nothing there.\n"
    activated = two("activate", "--academy", "night")
    assert "activated for night" in activated.err
    assert "HACP_OPENSESAME_API_URL" in activated.err

    said = two("connect", "--ciid", "C-1", "--daily-at", "3:05", "--academy", "night")

    assert "connected with OpenSesame, CIID C-1" in said.err
    row = status(two, "night")
    assert (row["enabled"], row["ciid"], row["daily_at"]) == ("yes", "C-1", "03:05")
    assert two("status").out[1].split()[:4] == ["night", "yes", "yes", "C-1"]


def test_what_is_left_out_stays_and_off_turns_it_off(two):
    two("activate", "--academy", "night")
    two("connect", "--ciid", "C-1", "--on-duplicate", "update", "--academy", "night")

    said = two("connect", "--off", "--academy", "night")

    assert "turned off" in said.err
    row = status(two, "night")
    assert (row["enabled"], row["ciid"], row["on_duplicate"]) == ("no", "C-1", "update")


def test_a_client_of_the_academys_own_is_read_from_standard_input(two):
    two("activate", "--academy", "night")

    said = two(
        *("connect", "--ciid", "C-1", "--branding", "custom", "--client-id", "theirs"),
        *("--client-secret-stdin", "--academy", "night"),
        stdin="top secret\n",
    )

    assert said.status == 0
    row = status(two, "night")
    assert (row["branding"], row["client_id"]) == ("custom", "theirs")
    assert "top secret" not in str(row)


def test_without_the_operators_word_nothing_is_connected(two):
    said = two("connect", "--ciid", "C-1", "--academy", "night")

    assert said.status == 1
    assert "hacp opensesame activate --academy night" in said.err


def test_taking_it_back_leaves_what_was_chosen(two):
    two("activate", "--academy", "night")
    two("connect", "--ciid", "C-1", "--academy", "night")

    two("deactivate", "--academy", "night")

    row = status(two, "night")
    assert (row["activated"], row["enabled"], row["ciid"]) == ("no", "yes", "C-1")


def test_a_time_that_no_clock_shows_is_told(two):
    two("activate", "--academy", "night")

    said = two("connect", "--ciid", "C-1", "--daily-at", "25:00", "--academy", "night")

    assert said.status == 2
    assert "02:15 would be one" in said.err


def test_a_push_secret_is_printed_alone(two):
    two("activate", "--academy", "night")

    said = two("push-secret", "--academy", "night")

    (secret,) = said.out
    assert len(secret) >= 40
    assert status(two, "night")["has_push_secret"]
    assert two("push-secret", "--academy", "night").out != [secret]


def test_a_ciid_is_shared_by_the_operators_word_alone(two):
    for slug in ("night", "day"):
        two("activate", "--academy", slug)
    two("connect", "--ciid", "C-1", "--academy", "night")
    refused = two("connect", "--ciid", "c-1", "--academy", "day")
    assert refused.status == 1
    assert "Another academy" in refused.err

    said = two("allow-shared-ciid", "c-1", "--academy", "day")

    assert "Others that have it: night." in said.err
    assert two("connect", "--ciid", "c-1", "--academy", "day").status == 0


def test_the_connection_is_tested_over_the_wire(two, serve):
    pretend = Pretend()
    pretend.send()
    url = serve(create_app(pretend), host="localhost")
    client = {
        "HACP_OPENSESAME_API_URL": url,
        "HACP_OPENSESAME_TOKEN_URL": f"{url}/oauth/token",
        "HACP_OPENSESAME_CLIENT_ID": pretend.client.id,
        "HACP_OPENSESAME_CLIENT_SECRET": pretend.client.secret,
        "HACP_ALLOW_LOOPBACK": "yes",
    }
    two("activate", "--academy", "night")
    early = two("test", "--academy", "night", **client)
    two("connect", "--ciid", "nobody's", "--academy", "night", **client)
    wrong = two("test", "--academy", "night", **client)
    two("connect", "--ciid", pretend.ciid, "--academy", "night", **client)
    right = two("test", "--academy", "night", **client)

    assert (early.status, wrong.status, right.status) == (1, 1, 0)
    assert "No CIID is set" in early.err
    assert "does not know the Customer Integration ID “nobody's”" in wrong.err
    assert right.err.startswith("The connection works.")
