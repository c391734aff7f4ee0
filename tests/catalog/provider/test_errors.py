"""What can go wrong with a provider: a sentence for each, and whether to try again."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from catalog.provider import errors as provider_errors
from catalog.provider.errors import ProviderError, TimedOut

VALUES = {
    "host": "api.example",
    "reason": "no route",
    "url": "https://api.example/x",
    "address": "10.0.0.1",
    "most": 5,
    "status": 403,
    "came": "a page of HTML",
    "expected": "JSON",
    "ciid": "C-1",
    "tries": 5,
}


def family(one: type[ProviderError] = ProviderError) -> Iterator[type[ProviderError]]:
    yield one
    for below in one.__subclasses__():
        yield from family(below)


@pytest.mark.parametrize("one", list(family()))
def test_every_error_has_its_sentence(one: type[ProviderError]) -> None:
    named = set(re.findall(r"%\((\w+)\)", one.sentence))

    assert named <= set(VALUES)
    assert str(one(**VALUES)).endswith((".", "HTML"))
    assert "%(" not in str(one(**VALUES))


def test_the_kinds_are_told_apart() -> None:
    kinds = [one.kind for one in family()]

    assert len(set(kinds)) == len(kinds)


def test_the_tree_in_the_docstring_is_the_family() -> None:
    drawn = dict(
        re.findall(
            r"^[ |]+(?:\+-- )?(\w+)( +again)?(?: |$)", provider_errors.__doc__ or "", re.MULTILINE
        )
    )

    assert {name: bool(again) for name, again in drawn.items()} == {
        one.__name__: one.again for one in family()
    }


def test_values_are_kept_for_translations() -> None:
    error = TimedOut(host="api.example")

    assert error.values == {"host": "api.example"}
    assert str(error) == "api.example took too long to answer."
