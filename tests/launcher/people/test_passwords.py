"""Passwords: made up, judged, hashed and checked."""

from __future__ import annotations

import re

import pytest

from launcher.people import passwords
from launcher.people.passwords import PasswordRefused


def test_a_made_up_password_can_be_read_aloud_and_is_another_each_time():
    made = {passwords.generate() for _ in range(50)}
    assert len(made) == 50
    assert all(re.fullmatch(r"([a-hjkmnp-z2-9]{4}-){3}[a-hjkmnp-z2-9]{4}", one) for one in made)


def test_a_made_up_password_matches_its_quick_hash():
    hashed = passwords.hash_generated("abcd-efgh")
    assert hashed.startswith("$argon2id$")
    assert passwords.matches(hashed, "abcd-efgh")
    assert not passwords.matches(hashed, "abcd-efgi")


def test_a_chosen_password_matches_however_its_letters_were_composed():
    hashed = passwords.hash_chosen("u\u0308ber alles")
    assert passwords.matches(hashed, "über alles")
    assert not passwords.matches(hashed, "uber alles")


@pytest.mark.parametrize("password", ["", "seven77", "x" * 1025])
def test_a_password_has_a_least_and_a_greatest_length(password):
    with pytest.raises(PasswordRefused):
        passwords.hash_chosen(password)


@pytest.mark.parametrize("hashed", [None, "", "not a hash"])
def test_nothing_matches_where_there_is_no_hash(hashed):
    assert not passwords.matches(hashed, "")
    assert not passwords.matches(hashed, "something")


def test_a_password_of_megabytes_is_not_even_hashed():
    assert not passwords.matches(passwords.hash_generated("a"), "a" * 2_000_000)
