"""Whom to call: addresses, and what a launch URL says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hacp.calls import Target, parse_target
from hacp.launch import launch_url

ADDRESS = "https://academy.example.org/hacp/1"


def test_an_address_with_a_session_id_is_taken_as_it_is():
    assert parse_target(ADDRESS, "s1") == Target(ADDRESS, "s1", ADDRESS)


def test_a_launch_url_of_ours_is_taken_apart():
    url = launch_url(
        "https://content.example.org/a.html?x=1#top",
        web_launch="CMI=HACP",
        session_id="s1",
        aicc_url=ADDRESS,
    )
    assert parse_target(url) == Target(ADDRESS, "s1", ADDRESS, ("AICC_SID", "AICC_URL"))


@given(
    st.text("0123456789abcdef", min_size=1),
    st.text(st.characters(exclude_characters="?&=#", codec="ascii", categories=["L", "N", "P"])),
    st.text("abc=&;+%20/", max_size=20),
    st.sampled_from(["", "#top", "?x=1", "?", "?x=1&#/a?b=c"]),
)
def test_any_launch_url_of_ours_is_taken_apart(session_id, path, web_launch, behind):
    aicc_url = f"https://lms.example.org/{path}"
    url = launch_url(
        f"https://content.example.org/a.html{behind}",
        web_launch=web_launch,
        session_id=session_id,
        aicc_url=aicc_url,
    )
    assert parse_target(url) == Target(aicc_url, session_id, aicc_url, ("AICC_SID", "AICC_URL"))


def test_names_count_in_any_case_and_are_kept_as_they_were():
    url = f"https://content.example.org/?aicc_url={ADDRESS}&Aicc_Sid=4561237011%2D621"
    assert parse_target(url) == Target(ADDRESS, "4561237011-621", ADDRESS, ("Aicc_Sid", "aicc_url"))


def test_a_session_id_that_is_given_wins():
    url = f"https://content.example.org/?AICC_URL={ADDRESS}&AICC_SID=of-the-url"
    assert parse_target(url, "given").session_id == "given"


@pytest.mark.parametrize(
    ("aicc_url", "address"),
    [
        ("academy.example.org/hacp", "http://academy.example.org/hacp"),
        ("https%253A%252F%252Facademy.example.org%252Fhacp", "https://academy.example.org/hacp"),
    ],
    ids=["without a scheme", "encoded twice"],
)
def test_an_address_that_patient_clients_repair_is_repaired(aicc_url, address):
    target = parse_target(f"https://content.example.org/?AICC_SID=1&AICC_URL={aicc_url}")
    assert target.address == address
    assert "://" not in target.aicc_url


def test_without_a_session_id_it_says_what_to_give():
    with pytest.raises(ValueError, match="give --sid"):
        parse_target(ADDRESS)


@pytest.mark.parametrize(
    "address",
    ["ftp://h/x", "file:///etc/passwd", "http://", "https://h:port/", "http://h/\x1b[2J", "//[x"],
)
def test_what_is_no_address_of_http_is_refused(address):
    with pytest.raises(ValueError, match=r"no address|Invalid IPv6"):
        parse_target(address, "s1")


def test_a_session_id_can_be_taken_out_of_a_text():
    assert Target(ADDRESS, "s1", ADDRESS).redact("a s1 b") == "a {sid} b"
    assert Target(ADDRESS, "", ADDRESS).redact("a b") == "a b"
