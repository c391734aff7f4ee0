"""Whoever is switched off comes in no more, and an academy keeps an admin, on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from launcher.people import access, accounts
from launcher.people.identities import MemberRefused
from launcher.schema import Membership, Role


@pytest.fixture
def people(connection, add_people):
    return add_people(connection)


def test_an_account_is_switched_off_with_its_sign_ins_and_on_again(connection, people):
    jane = people.learner
    before = accounts.account_by_email(connection, email=jane.email)

    assert access.switch_account(connection, email=jane.email.upper(), active=False)
    assert not access.switch_account(connection, email=jane.email, active=False)
    off = accounts.account_by_email(connection, email=jane.email)

    assert not off.active
    assert not access.is_active(connection, jane)
    assert off.fs_uniquifier != before.fs_uniquifier
    assert access.switch_account(connection, email=jane.email, active=True)
    assert access.is_active(connection, jane)
    with pytest.raises(MemberRefused, match="no account with the address"):
        access.switch_account(connection, email="nobody@example.org", active=False)


def test_an_admin_switches_off_neither_themselves_nor_who_is_elsewhere_too(connection, people, now):
    here, by = people.academy_id, people.admin.id

    def switch(learner_id: int) -> bool:
        return access.switch_member(connection, here, learner_id=learner_id, active=False, by=by)

    with pytest.raises(MemberRefused, match="your own"):
        switch(by)
    with pytest.raises(MemberRefused, match="no such member"):
        switch(people.other_admin.id)
    assert switch(people.learner.id)
    accounts.add_member(
        connection,
        academy_id=people.other_academy_id,
        email=people.learner.email,
        name="Doe, Jane",
        role=Role.LEARNER,
        now=now,
    )
    with pytest.raises(MemberRefused, match="other academies too"):
        switch(people.learner.id)


def test_an_admin_becomes_a_learner_but_for_the_last(connection, people):
    here, email = people.academy_id, people.admin.email
    with pytest.raises(MemberRefused, match="only admin"):
        access.demote(connection, here, email=email)
    with pytest.raises(MemberRefused, match="no admin of this academy"):
        access.demote(connection, here, email=people.learner.email)
    promoted = update(Membership).where(Membership.id == people.learner.id)
    connection.execute(promoted.values(role=Role.ADMIN.value))

    access.demote(connection, here, email=email)

    left = accounts.members(connection, here, role=Role.ADMIN)
    assert [one.id for one in left] == [people.learner.id]
