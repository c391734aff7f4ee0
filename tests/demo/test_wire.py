"""HACP as the demo's content server speaks it."""

from __future__ import annotations

from typing import Any

import pytest

from demo import wire
from demo.wire import Launch, NotHeard


def test_launch_parameters_are_found_in_any_case() -> None:
    found = wire.launch_parameters([("unit", "x"), ("aicc_SID", "s"), ("Aicc_Url", "http://h/")])

    assert found == Launch("s", "http://h/")


@pytest.mark.parametrize("values", [[], [("AICC_SID", "s")], [("AICC_SID", ""), ("AICC_URL", "u")]])
def test_half_a_launch_is_none(values: list[tuple[str, str]]) -> None:
    assert wire.launch_parameters(values) is None


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8080/hacp/1", "https://localhost/hacp", "http://[::1]:1/"]
)
def test_this_machine_may_be_called(url: str) -> None:
    assert wire.may_call(url)


def test_a_host_may_be_allowed_by_name() -> None:
    assert wire.may_call("http://192.0.2.7/hacp/1", hosts=frozenset({"192.0.2.7"}))
    assert not wire.may_call("http://192.0.2.8/hacp/1", hosts=frozenset({"192.0.2.7"}))


def test_a_conversation_brings_back_what_was_put(learning_server: Any) -> None:
    launch = Launch(learning_server.sid, learning_server.url)
    state = wire.dump_state(
        location="signs", status="incomplete,suspend", seconds=3725, suspend_data="a=1", score=50
    )
    wire.call(launch, "PutParam", aicc_data=state)

    answer = wire.call(launch, "GetParam")

    assert "time=0001:02:05" in learning_server.posts[0][1]
    assert answer.core["lesson_location"] == "signs"
    assert answer.core["score"] == "50,100,0"
    assert answer.suspend_data == "a=1"


def test_a_refusal_raises_with_its_number(learning_server: Any) -> None:
    with pytest.raises(NotHeard, match="error 3: Invalid Session ID") as caught:
        wire.call(Launch("another", learning_server.url), "GetParam")

    assert caught.value.number == 3


def test_a_server_that_is_not_there_raises() -> None:
    with pytest.raises(NotHeard, match="cannot be reached"):
        wire.call(Launch("s", "http://127.0.0.1:9/hacp/1"), "GetParam")


def test_a_page_that_is_not_hacp_raises(serve: Any) -> None:
    def page(_environ: Any, start_response: Any) -> list[bytes]:
        start_response("302 Found", [("Location", "http://192.0.2.1/")])
        return [b"<html>moved</html>"]

    with pytest.raises(NotHeard, match="not HACP"):
        wire.call(Launch("s", serve(page)), "GetParam")


def test_only_known_free_forms_swallow_equal_signs() -> None:
    _, groups = wire.parse_reply(
        "error=0\r\naicc_data=[core]\r\nA=1\r\n[core_lesson]\r\nb=2\r\nc\r\n[student_data]\r\nd=3"
    )

    assert groups == {
        "core": {"a": "1"},
        "core_lesson": {"": "b=2\r\nc"},
        "student_data": {"d": "3"},
    }
