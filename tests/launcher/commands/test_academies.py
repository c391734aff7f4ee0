"""`hacp academy`."""

from __future__ import annotations

import json


def test_adding_an_academy_prints_its_id_and_nothing_else(hacp):
    said = hacp("academy", "add", "Night School")
    assert (said.out, said.status) == (["1"], 0)
    assert "/a/night-school/" in said.err
    assert hacp("academy", "add", "Other", "--slug", "o2").out == ["2"]


def test_a_slug_that_is_taken_is_told(hacp):
    hacp("academy", "add", "Night School")
    said = hacp("academy", "add", "Night School")
    assert (said.out, said.status) == ([], 1)
    assert "already" in said.err


def test_academies_are_listed(hacp):
    hacp("academy", "add", "Night School")
    assert hacp("academy", "list").out[1].split() == ["1", "night-school", "Night", "School"]
    listed = json.loads("\n".join(hacp("academy", "list", "--json").out))
    assert listed == [{"id": 1, "slug": "night-school", "name": "Night School"}]
