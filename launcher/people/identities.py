"""What a person is known by: e-mail address, name and student id, and what each of them may be.

Serves accounts, enrolments and forms. Knows no table and nobody in particular.
"""

from __future__ import annotations

import re
import secrets
import unicodedata

# The widths of the columns.
EMAIL_MAX_LENGTH = 255
NAME_MAX_LENGTH = 255
# Random, so that it says nothing of the person and cannot be counted through: 31 to the 12th.
STUDENT_ID_LENGTH = 12
_STUDENT_ID_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
# Protocol digest 4.2: strict content takes no other characters.
_STUDENT_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


class MemberRefused(Exception):
    """A person who cannot be added or changed so. `field` is what is wrong, `reason` why."""

    def __init__(self, reason: str, *, field: str) -> None:
        self.reason = reason
        self.field = field
        super().__init__(reason)


def new_student_id() -> str:
    """Return a new random student id."""
    return "".join(secrets.choice(_STUDENT_ID_ALPHABET) for _ in range(STUDENT_ID_LENGTH))


def clean_email(email: str) -> str:
    """Return the address as it is stored. Raises `MemberRefused`."""
    address = unicodedata.normalize("NFC", email).strip().lower()
    if (
        not _EMAIL.fullmatch(address)
        or len(address) > EMAIL_MAX_LENGTH
        or not address.isprintable()
    ):
        raise MemberRefused(
            f"{email!r} is not an e-mail address: expected name@host.", field="email"
        )
    return address


def clean_name(name: str) -> str:
    """Return the name as it is stored and sent to content. Raises `MemberRefused`."""
    full_name = " ".join(unicodedata.normalize("NFC", name).split())
    # A line end or other control character would break the lines of a HACP reply.
    if not full_name or len(full_name) > NAME_MAX_LENGTH or not full_name.isprintable():
        raise MemberRefused(
            f"A name of 1 to {NAME_MAX_LENGTH} visible characters is needed, as 'Last, First'.",
            field="name",
        )
    return full_name


def check_student_id(student_id: str) -> None:
    """Raise `MemberRefused` for a student id that content would not take."""
    if not _STUDENT_ID.fullmatch(student_id):
        raise MemberRefused(
            f"{student_id!r} cannot be a student id: expected 1 to 64 of A-Z, a-z, 0-9, _ and -.",
            field="student_id",
        )
