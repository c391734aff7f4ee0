"""`hacp sync`: what would be done, what was done, one course, and what stands against it."""

from __future__ import annotations

import json

import pytest

from demo.opensesame.app import create_app
from demo.opensesame.faults import Fault
from demo.opensesame.pretend import Pretend

HIPAA = "5d2c7b14-9a0e-4f5b-8c61-2f7a90c1e301"


@pytest.fixture
def pretend() -> Pretend:
    pretend = Pretend()
    pretend.send(HIPAA, "0b3f58c2-6d1a-4c0e-9b7d-7a41d5c9f302")
    return pretend


@pytest.fixture
def connected(school, pretend, serve):
    """`hacp` on an academy that is connected with the pretend OpenSesame."""
    url = serve(create_app(pretend), host="localhost")
    client = {
        "HACP_OPENSESAME_API_URL": url,
        "HACP_OPENSESAME_TOKEN_URL": f"{url}/oauth/token",
        "HACP_OPENSESAME_CLIENT_ID": pretend.client.id,
        "HACP_OPENSESAME_CLIENT_SECRET": pretend.client.secret,
        "HACP_ALLOW_LOOPBACK": "yes",
    }

    def _hacp(*words, **more):
        return school(*words, **{**client, **more})

    _hacp("opensesame", "activate")
    assert _hacp("opensesame", "connect", "--ciid", pretend.ciid).status == 0
    return _hacp


def ids(connected) -> list[str]:
    return [line.split()[0] for line in connected("courses").out[1:]]


def test_a_dry_run_shows_the_plan_and_changes_nothing(connected):
    said = connected("sync", "--dry-run")

    assert said.status == 0
    assert [line.split()[0] for line in said.out[1:]] == ["new", "new"]
    assert said.err == "It would come to: 2 new.\n"
    assert len(ids(connected)) == 1


def test_a_sync_tells_what_became_of_each_course(connected, pretend):
    first = connected("sync")
    pretend.change(HIPAA, title="HIPAA, Revised")
    second = connected("sync")
    third = connected("sync")

    assert first.err == "It came to: 2 new.\n"
    assert len(ids(connected)) == 3
    assert second.out[1].split()[0] == "updated"
    assert "HIPAA, Revised" in second.out[1]
    assert "Changed: title." in second.out[1]
    assert third.out == []
    assert third.err == "It came to: 2 unchanged.\n"


def test_one_course_alone_is_compared(connected, pretend):
    connected("sync")
    pretend.change(HIPAA, title="HIPAA, Revised")
    pretend.change("0b3f58c2-6d1a-4c0e-9b7d-7a41d5c9f302", title="Other")

    said = connected("sync", "--course", HIPAA)

    assert said.err == "It came to: 1 updated.\n"
    assert "does not come from OpenSesame" in connected("sync", "--course", "C1").err


def test_a_script_reads_it_as_json(connected):
    told = json.loads("\n".join(connected("sync", "--json").out))

    assert (told["state"], told["counts"]) == ("done", {"new": 2})
    assert told["courses"][0]["key"] in (HIPAA, "0b3f58c2-6d1a-4c0e-9b7d-7a41d5c9f302")


def test_a_listing_that_breaks_off_is_told_with_exit_status_1(connected, pretend):
    pretend.faults.switch_on(Fault.NEXT_ELSEWHERE)
    pretend.grow(60)

    said = connected("sync")

    assert said.status == 1
    assert "broke off" in said.err
    assert "not one of its hosts" in said.err


def test_what_is_not_turned_on_is_not_synced(connected):
    connected("opensesame", "connect", "--off")

    said = connected("sync")

    assert said.status == 1
    assert "not turned on" in said.err


def test_everything_again_and_one_course_exclude_each_other(connected):
    said = connected("sync", "--course", HIPAA, "--everything")

    assert said.status == 2
    assert connected("sync", "--everything").status == 0
