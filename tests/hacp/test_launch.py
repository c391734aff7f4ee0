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


@pytest.mark.conforms(
    "Launch",
    "CMI001 v4, section 6",
    "AICC_SID and AICC_URL are appended to the unit's address and percent-encoded; web_launch "
    "stands before them.",
    grade="B",
)
@pytest.mark.conforms(
    "Launch",
    "SkillSoft",
    "A web_launch of `HACP=0` or `CMI=HACP` is appended as it is, behind a query string that is "
    "there already.",
    grade="C",
    case="given_address3",
)
@pytest.mark.parametrize(("given_address", "wanted"), ADDRESSES.items())
def test_our_parameters_are_joined_to_any_address(given_address, wanted):
    address, web_launch = given_address
    assert launch_url(address, web_launch=web_launch, session_id=SID, aicc_url=HACP) == wanted


@pytest.mark.conforms(
    "Launch",
    "Inspired, Profiscience, ScoXAPI",
    "The two names stand in upper case, the one spelling that everybody reads.",
    grade="B",
)
def test_the_names_are_in_upper_case_since_three_libraries_read_no_other():
    url = launch_url("https://c.example/", web_launch="", session_id=SID, aicc_url=HACP)
    assert dict(parse_qsl(urlsplit(url).query)) == {"AICC_SID": SID, "AICC_URL": HACP}


@pytest.mark.conforms(
    "Launch",
    "e-LfH, iSpring, CourseLab",
    "Each parameter falls into two parts at its `=`, because a third part makes these drop it.",
    grade="B",
)
def test_a_naive_split_at_the_equals_sign_finds_two_parts():
    url = launch_url("https://c.example/", web_launch="", session_id=SID, aicc_url=HACP)
    for parameter in urlsplit(url).query.split("&"):
        assert len(parameter.split("=")) == 2


@pytest.mark.conforms(
    "Launch",
    "VistA, CourseLab, Xyleme, SAP",
    "AICC_URL has no query string, no `&`, no `=` and no `#`, which these cut it at once it is "
    "decoded.",
    grade="B",
    case="https://lms.example.org/hacp?a=1",
)
@pytest.mark.conforms(
    "Launch",
    "CMI001 v4, chapter 9 (CMIurl)",
    "AICC_URL is fully qualified: an address without its scheme is refused.",
    grade="A",
    case="lms.example.org/hacp/1",
)
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


@pytest.mark.conforms(
    "Launch",
    "Rustici",
    "Whatever the address and web_launch hold (a double `?` too), both parameters stand at the "
    "end of the query, whole.",
    grade="C",
)
@given(st.text(), st.text(st.characters(exclude_characters="#")))
def test_whatever_stands_before_our_parameters_stand_there_whole(address, web_launch):
    url = launch_url(address, web_launch=web_launch, session_id=SID, aicc_url=HACP)
    base = url.partition("#")[0]
    assert base.endswith((f"?{OURS}", f"&{OURS}"))
