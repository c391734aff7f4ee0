"""Passwords: how they are made, judged, hashed (argon2id) and checked.

Serves accounts, sign-in and the commands. Stores nothing and knows no account.
"""

from __future__ import annotations

import secrets
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# NIST SP 800-63B: at least 8 characters, no rules of composition.
MIN_LENGTH = 8
# Longer than any password manager makes; keeps a hash from being given megabytes.
MAX_LENGTH = 1024
# Without characters that are mistaken for each other on paper: 31 to the 16th are 79 bits.
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"

HASHER = PasswordHasher()
# Nobody guesses 79 random bits, so the hash of a generated password need not be slow, and a file
# of thousands of learners is imported in seconds.
_QUICK_HASHER = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)


class PasswordRefused(Exception):
    """A password that cannot be taken; `reason` is a sentence for the one who chose it."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def generate() -> str:
    """Return a new random password, in four groups that can be read aloud."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4))


def hash_generated(password: str) -> str:
    """Return the hash of a password that `generate` made."""
    return _QUICK_HASHER.hash(password)


def hash_chosen(password: str) -> str:
    """Return the hash of a password that a person chose. Raises `PasswordRefused`."""
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise PasswordRefused(f"A password needs {MIN_LENGTH} to {MAX_LENGTH} characters.")
    return HASHER.hash(normalise(password))


def matches(hashed: str | None, password: str) -> bool:
    """Tell whether the password is right; takes as long for no account as for a wrong password."""
    if hashed is None or len(password) > MAX_LENGTH:
        HASHER.hash("")
        return False
    try:
        if HASHER.check_needs_rehash(hashed):
            # A quick hash would otherwise tell by the clock that the account is there.
            HASHER.hash("")
        return HASHER.verify(hashed, normalise(password))
    except (VerificationError, InvalidHashError):
        return False


def normalise(password: str) -> str:
    """Make the same password of the same letters, whichever keyboard composed them."""
    return unicodedata.normalize("NFKD", password)
