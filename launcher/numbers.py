"""Numbers that came in an address or a form: how large an id can be at all.

Serves the pages. A larger number names nothing, and the database would refuse to look for it.
"""

from __future__ import annotations

# The widths of the ids' columns.
LARGEST_ID = 2**31 - 1
LARGEST_WIDE_ID = 2**63 - 1


def parse_id(text: str) -> int:
    """Read an id, for `request.args.get(type=...)`. Raises `ValueError` for what can be none."""
    return _up_to(LARGEST_ID, text)


def parse_wide_id(text: str) -> int:
    """Do the same for ids that are made from the time: of attempts, exchanges and records."""
    return _up_to(LARGEST_WIDE_ID, text)


def parse_capped(text: str) -> int:
    """Read what may be an id; what is too large or too small for one names nothing either.

    Raises `ValueError` for what is no number.
    """
    return min(max(0, int(text)), LARGEST_ID)


def _up_to(largest: int, text: str) -> int:
    number = int(text)
    if not 0 <= number <= largest:
        raise ValueError("no id is as large, or below zero")
    return number
