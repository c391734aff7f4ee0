"""What `hacp probe` and `hacp replay` share."""

from __future__ import annotations

import click
import pytest

from launcher.commands.calling import drawn, the_target

ADDRESS = "https://academy.example.org/hacp/1"


def test_a_launch_url_or_an_address_with_a_session_id_is_taken():
    launched = the_target(f"https://content.example.org/?AICC_SID=s1&AICC_URL={ADDRESS}", None)
    given = the_target(ADDRESS, "s1")
    assert (launched.address, launched.session_id) == (given.address, given.session_id)


def test_what_is_missing_is_a_sentence():
    with pytest.raises(click.ClickException, match="give --sid"):
        the_target(ADDRESS, None)


def test_no_terminal_obeys_what_a_server_says():
    assert drawn("a\x1b[2J\r\n\x7f\x9b\udc80é") == "a␛[2J␍␊␡\ufffd?é"
