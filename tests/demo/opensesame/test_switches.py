"""The page of the faults: switched on as asked, or refused with what was expected."""

from __future__ import annotations

import pytest

from demo.opensesame.faults import MEANING, Fault, Switched
from demo.opensesame.journal import Place

FORM = {"fault": "slow", "place": "content", "times": "", "from_page": "1", "seconds": "1"}


def test_a_fault_is_switched_on_as_it_was_described(desk) -> None:
    desk.post(
        "/faults",
        fault="redirect-elsewhere",
        place="package",
        times="3",
        from_page="2",
        seconds="0",
        to="https://elsewhere.example.net",
    )
    desk.post("/faults", **FORM)

    assert desk.pretend.faults.switched() == (
        Switched(Fault.REDIRECT_ELSEWHERE, Place.PACKAGE, 3, 2, 0, "https://elsewhere.example.net"),
        Switched(Fault.SLOW),
    )
    text = desk.get("/faults").text
    assert "3 more" in text
    assert "package, from page 2" in text


def test_one_fault_or_all_of_them_are_switched_off(desk) -> None:
    for fault in (Fault.SLOW, Fault.EMPTY, Fault.REDIRECT):
        desk.pretend.faults.switch_on(fault)

    assert desk.post("/faults/off", fault="nothing").status_code == 400
    desk.post("/faults/off", fault="empty")
    assert [one.fault for one in desk.pretend.faults.switched()] == [Fault.SLOW, Fault.REDIRECT]
    desk.post("/faults/off")
    assert desk.pretend.faults.switched() == ()


@pytest.mark.parametrize(
    ("spoilt", "words"),
    [
        ({"fault": "flood"}, "Choose a fault and a place."),
        ({"place": "launch"}, "This fault can happen only at: content, token, package, picture."),
        ({"fault": "empty", "place": "token"}, "This fault can happen only at: content."),
        ({"times": "0"}, "times: expected a number from 1 to 10000"),
        ({"times": "often"}, "times: expected a number from 1 to 10000"),
        ({"from_page": ""}, "from page: expected a number from 1 to 10000"),
        ({"seconds": "-1"}, "seconds: expected a number from 0 to 120"),
        ({"to": "elsewhere"}, "begins with http:// or https://"),
    ],
)
def test_what_cannot_be_is_told_and_what_was_typed_is_kept(desk, spoilt, words) -> None:
    answer = desk.post("/faults", **{**FORM, "seconds": "7", **spoilt})

    assert answer.status_code == 400
    assert words in answer.text
    assert desk.pretend.faults.switched() == ()
    if "seconds" not in spoilt:
        assert 'name="seconds" min="0" value="7"' in answer.text


def test_a_long_listing_is_made_up_with_shares(desk) -> None:
    desk.post("/faults/many", count="40000", retired="5", revised="1")

    grown = desk.pretend.grown()
    assert (grown.count, grown.retired, grown.revised) == (40_000, 0.05, 0.01)
    assert 'value="40000"' in desk.get("/faults").text


@pytest.mark.parametrize(
    "spoilt", [{"count": "100001"}, {"retired": "101"}, {"revised": "x"}, {"count": ""}]
)
def test_a_listing_that_cannot_be_is_told(desk, spoilt) -> None:
    answer = desk.post("/faults/many", **{"count": "1", "retired": "0", "revised": "0", **spoilt})

    assert answer.status_code == 400
    assert "expected a number from 0" in answer.text
    assert desk.pretend.grown().count == 0


def test_every_fault_can_be_chosen_and_the_last_calls_are_shown(desk, reader) -> None:
    reader.ask_token()
    reader.page(7)
    reader.http.get("/pictures/x/image.png")

    text = desk.get("/faults").text

    assert all(f'<option value="{fault}">{MEANING[fault]}</option>' in text for fault in Fault)
    assert text.index("GET content") < text.index("POST token")
    assert "<td>7</td>" in text
    assert "GET picture" not in text
