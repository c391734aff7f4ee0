"""Academies: names, slugs and settings, on both databases."""

from __future__ import annotations

import pytest

from launcher.people import academies, accounts
from launcher.people.academies import AcademyRefused
from launcher.schema import LaunchWindow, Role


def test_a_slug_is_made_from_the_name(connection, now):
    added = academies.add_academy(connection, name="  Café  Zürich & Co ", now=now)
    assert (added.slug, added.name) == ("cafe-zurich-co", "Café Zürich & Co")
    assert (added.launch_window, added.time_zone) == (LaunchWindow.NEW, "UTC")
    assert academies.academy(connection, added.id) == added
    assert academies.academy_by_slug(connection, slug="cafe-zurich-co") == added


@pytest.mark.parametrize("slug", ["", "A", "a b", "-a", "a--b", "a/b", "a\n", "ä", "a" * 64])
def test_a_slug_that_cannot_stand_in_an_address_is_refused(connection, now, slug):
    with pytest.raises(AcademyRefused) as refusal:
        academies.add_academy(connection, name="Name", slug=slug, now=now)
    assert refusal.value.field == "slug"


@pytest.mark.parametrize("name", ["", "   ", "a\0b", "a\x1bb", "n" * 256])
def test_a_name_that_cannot_be_read_is_refused(connection, now, name):
    with pytest.raises(AcademyRefused) as refusal:
        academies.add_academy(connection, name=name, slug="x", now=now)
    assert refusal.value.field == "name"


def test_a_name_without_latin_letters_needs_a_slug(connection, now):
    with pytest.raises(AcademyRefused, match="say which one"):
        academies.add_academy(connection, name="学校", now=now)
    assert academies.add_academy(connection, name="学校", slug="xuexiao", now=now).name == "学校"


def test_a_slug_is_given_once_and_the_transaction_survives(connection, now):
    academies.add_academy(connection, name="One", slug="one", now=now)
    with pytest.raises(AcademyRefused, match="already"):
        academies.add_academy(connection, name="Two", slug="one", now=now)
    assert [one.name for one in academies.academies(connection)] == ["One"]


def test_settings_change_for_one_academy_alone(connection, now):
    one = academies.add_academy(connection, name="One", now=now)
    two = academies.add_academy(connection, name="Two", now=now)
    first = {"name": "First", "launch_window": LaunchWindow.SAME, "time_zone": "Asia/Tokyo"}
    academies.change_settings(connection, one.id, **first)
    changed = academies.academy(connection, one.id)
    assert changed is not None
    assert {name: getattr(changed, name) for name in first} == first
    assert academies.academy(connection, two.id) == two
    for fault in ({"name": " "}, {"time_zone": "Atlantis"}):
        with pytest.raises(AcademyRefused) as refusal:
            academies.change_settings(connection, one.id, **{**first, **fault})
        assert refusal.value.field in fault


def test_an_account_sees_the_academies_it_belongs_to(connection, now):
    one = academies.add_academy(connection, name="One", now=now)
    academies.add_academy(connection, name="Two", now=now)
    member, _ = accounts.add_member(
        connection, academy_id=one.id, email="a@example.org", name="A", role=Role.LEARNER, now=now
    )
    found = academies.academies_of_account(connection, account_id=member.account_id)
    assert [academy.slug for academy in found] == ["one"]
    assert academies.academies_of_account(connection, account_id=999) == []
    assert academies.academy(connection, 999) is None
    assert academies.academy_by_slug(connection, slug="nope") is None
