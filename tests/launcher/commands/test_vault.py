"""`hacp vault`: a key that the server takes."""

from __future__ import annotations


def test_a_new_key_is_one_that_the_settings_take(hacp):
    (key,) = hacp("vault", "key").out
    (other,) = hacp("vault", "key").out
    assert key != other
    assert hacp("academy", "list", HACP_ENCRYPTION_KEYS=f"{key},{other}").status == 0
