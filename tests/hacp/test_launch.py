"""The launch address, for every way in which content reads it."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hacp.launch import launch_url

SID = "0123456789abcdef0123456789abcdef01234567"
HACP = "https://lms.example.org/hacp/1"
OURS = f"AICC_SID={SID}&AICC_URL=https%3A%2F%2Flms.example.org%2Fhacp%2F1"

ADDRESSES = {
    # realistic
    ("https://c.example/index.html", ""): f"https://c.example/index.html?{OURS}",
    ("https://c.example/a.html?x=1", ""): f"https://c.example/a.html?x=1&{OURS}",
    ("https://c.example/", "CMI=HACP&content=/a"): f"https://c.example/?CMI=HACP&content=/a&{OURS}",
    ("https://c.example/a?x=1", "HACP=0"): f"https://c.example/a?x=1&HACP=0&{OURS}",
    # sloppy
    ("https://c.example/a?", ""): f"https://c.example/a?{OURS}",
    ("https://c.example/a?x=1&", "y=2"): f"https://c.example/a?x=1&y=2&{OURS}",
    ("https://c.example/a", "?y=2"): f"https://c.example/a?y=2&{OURS}",
    ("https://c.example/a", " &y=2& "): f"https://c.example/a?y=2&{OURS}",
    ("https://c.example/a#page1", ""): f"https://c.example/a?{OURS}#page1",
    ("https://c.example/a?x=1#/route?y=2", "z=3"): (
        f"https://c.example/a?x=1&z=3&{OURS}#/route?y=2"
    ),
    # hostile
    ("https://c.example/a?AICC_SID=mine", ""): f"https://c.example/a?AICC_SID=mine&{OURS}",
    ("", ""): f"?{OURS}",
}


@pytest.mark.parametrize(("given_address", "wanted"), ADDRESSES.items())
def test_our_parameters_are_joined_to_any_address(given_address, wanted):
    address, web_launch = given_address
    assert launch_url(address, web_launch=web_launch, session_id=SID, aicc_url=HACP) == wanted


def test_the_names_are_in_upper_case_since_three_libraries_read_no_other():
    url = launch_url("https://c.example/", web_launch="", session_id=SID, aicc_url=HACP)
    assert dict(parse_qsl(urlsplit(url).query)) == {"AICC_SID": SID, "AICC_URL": HACP}


def test_a_naive_split_at_the_equals_sign_finds_two_parts():
    url = launch_url("https://c.example/", web_launch="", session_id=SID, aicc_url=HACP)
    for parameter in urlsplit(url).query.split("&"):
        assert len(parameter.split("=")) == 2


@pytest.mark.parametrize(
    "address",
    [
        "/hacp/1",
        "lms.example.org/hacp/1",
        "https://lms.example.org/hacp?a=1",
        "https://lms.example.org/hacp&1",
        "https://lms.example.org/hacp=1",
        "https://lms.example.org/hacp#1",
        "",
    ],
)
def test_a_return_address_that_content_would_cut_is_refused(address):
    with pytest.raises(ValueError, match="AICC_URL must be absolute"):
        launch_url("https://c.example/", web_launch="", session_id=SID, aicc_url=address)


@given(st.text(), st.text(st.characters(exclude_characters="#")))
def test_whatever_stands_before_our_parameters_stand_there_whole(address, web_launch):
    url = launch_url(address, web_launch=web_launch, session_id=SID, aicc_url=HACP)
    base = url.partition("#")[0]
    assert base.endswith((f"?{OURS}", f"&{OURS}"))
