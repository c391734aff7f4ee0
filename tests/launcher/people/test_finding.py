"""People are found by the beginnings of their words, on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import aliased

from launcher.people import accounts, finding
from launcher.people.finding import Named
from launcher.schema import Membership, MemberWord, Role


@pytest.fixture
def academy_id(connection, add_people) -> int:
    """An academy with three people in it beside its admin and learner; others have theirs."""
    people = add_people(connection)
    finding.note(
        connection,
        people.academy_id,
        [
            Named(101, "Ångström, Zoë", "zoe.a@example.org", "A-77"),
            Named(102, "Zimmer, Tom", "tom@example.org", "zoo_9"),
            Named(103, "王小明", "wang@example.org", "w1"),
        ],
    )
    finding.note(connection, people.other_academy_id, [Named(900, "Zoë", "z@example.org", "z1")])
    return people.academy_id


# What is searched for, and who fits, of the three.
SEARCHES = {
    "zoe": {101},
    "ZOË": {101},
    "zo": {101, 102},
    "angstrom zoe": {101},
    "zoe.a@example": {101},
    "tom@ zoo_9": {102},
    "a-77": {101},
    "小明": {103},
    "王": {103},
    "zoe tom": set(),
    "oe": set(),
    "%": set(),
    "zoe %": set(),
    "_": set(),
    "zo\0e": {101},
    "'; --": set(),
}


def ways(connection, academy_id: int, search: str) -> list[set[int]]:
    """Find those three by each of the ways: named, leading to what is asked for, looked at."""
    asked = finding.tokens(search)
    other = aliased(MemberWord)
    looked_at = select(other.member_id).where(
        other.academy_id == academy_id, finding.fits(academy_id, asked, other.member_id)
    )
    found = (
        finding.few(connection, academy_id, asked) or [],
        connection.execute(finding.all_of(academy_id, asked)).scalars(),
        connection.execute(looked_at).scalars(),
    )
    return [set(ids) & {101, 102, 103} for ids in found]


def test_each_piece_begins_words_of_somebody(connection, academy_id) -> None:
    found = {search: ways(connection, academy_id, search) for search in SEARCHES}
    assert found == {search: [ids] * 3 for search, ids in SEARCHES.items()}


def test_many_are_not_named_one_by_one(connection, academy_id, monkeypatch) -> None:
    monkeypatch.setattr(finding, "FEW", 1)
    assert finding.few(connection, academy_id, ["zo"]) is None
    assert finding.few(connection, academy_id, ["zo", "tom"]) == [102]


def test_whoever_searches_for_a_whole_text_asks_for_its_first_words() -> None:
    assert finding.tokens("a b " * 100) == ["a", "b"] * 4


def test_members_of_an_older_release_get_their_words(connection, add_people, monkeypatch) -> None:
    people = add_people(connection)
    connection.execute(delete(MemberWord))
    connection.execute(update(Membership).values(name_key=None))
    monkeypatch.setattr(finding, "AT_ONCE", 1)

    steps = 1
    while finding.refresh(connection):
        steps += 1

    assert steps > 3
    found = accounts.members(connection, people.academy_id, search=people.learner.email)
    assert [one.id for one in found] == [people.learner.id]


def test_a_member_is_found_once_added(connection, add_people, now) -> None:
    people = add_people(connection)
    added, _made = accounts.add_member(
        connection,
        academy_id=people.academy_id,
        email="Zoe@example.org",
        name="Adler, Zoë",
        role=Role.LEARNER,
        now=now,
    )
    assert finding.few(connection, people.academy_id, ["adl"]) == [added.id]
    assert finding.few(connection, people.other_academy_id, ["adl"]) == []
