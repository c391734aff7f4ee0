"""`hacp vault`: keys that the server takes, and secrets that move from one to the next."""

from __future__ import annotations


def test_a_new_key_is_one_that_the_settings_take(hacp):
    (key,) = hacp("vault", "key").out
    (other,) = hacp("vault", "key").out
    assert key != other
    assert hacp("academy", "list", HACP_ENCRYPTION_KEYS=f"{key},{other}").status == 0


def connect(hacp, slug, **keys):
    hacp("academy", "add", slug, "--slug", slug)
    hacp("opensesame", "activate", "--academy", slug)
    said = hacp(
        *("opensesame", "connect", "--ciid", slug, "--branding", "custom", "--client-id", "own"),
        *("--client-secret-stdin", "--academy", slug),
        stdin="geheim\n",
        **keys,
    )
    assert said.status == 0, said.err


def test_secrets_move_to_the_newest_key_and_the_old_ones_may_go(hacp):
    (old,), (new,) = hacp("vault", "key").out, hacp("vault", "key").out
    connect(hacp, "derived")
    connect(hacp, "older", HACP_ENCRYPTION_KEYS=old)

    said = hacp("vault", "rotate", HACP_ENCRYPTION_KEYS=f"{new},{old}")

    assert (said.status, said.err) == (0, "2 secrets are encrypted with the newest key.\n")
    other = {"HACP_SECRET_KEY": "another key, another key, another key"}
    again = hacp("vault", "rotate", HACP_ENCRYPTION_KEYS=new, **other)
    assert (again.status, again.err) == (0, "2 secrets are encrypted with the newest key.\n")


def test_what_no_key_opens_is_named_and_left_as_it_is(hacp):
    (old,), (new,) = hacp("vault", "key").out, hacp("vault", "key").out
    connect(hacp, "night", HACP_ENCRYPTION_KEYS=old)
    connect(hacp, "day", HACP_ENCRYPTION_KEYS=new)

    said = hacp("vault", "rotate", HACP_ENCRYPTION_KEYS=new)

    assert said.status == 1
    assert "1 secrets are encrypted" in said.err
    assert "left as they are: night." in said.err
    assert hacp("vault", "rotate", HACP_ENCRYPTION_KEYS=f"{new},{old}").status == 0
