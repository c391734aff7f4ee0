"""Tokens hold as long as they say and not longer."""

from __future__ import annotations

from demo.opensesame.model import Client
from demo.opensesame.tokens import Tokens

CLIENT = Client("id", "secret")


def test_a_token_belongs_to_its_client_until_it_expires(clock) -> None:
    tokens = Tokens(clock)
    tokens.seconds = 10
    token = tokens.give(CLIENT)
    tokens.seconds = 60
    longer = tokens.give(CLIENT)

    assert tokens.client_of(token) == CLIENT
    clock.advance(seconds=10)
    assert tokens.client_of(token) is None
    assert tokens.client_of(longer) == CLIENT


def test_one_token_or_all_of_them_are_taken_back(clock) -> None:
    tokens = Tokens(clock)
    first, second, third = (tokens.give(CLIENT) for _ in range(3))

    tokens.revoke(first)
    tokens.revoke("never given")
    assert [tokens.client_of(one) for one in (first, second)] == [None, CLIENT]
    tokens.revoke()
    assert [tokens.client_of(one) for one in (second, third)] == [None, None]


def test_a_secret_does_not_show_in_what_is_printed() -> None:
    assert "secret" not in repr(CLIENT)
