"""People: accounts, memberships and passwords, on both databases."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from launcher.people import academies, accounts, passwords
from launcher.people.identities import MemberRefused
from launcher.schema import Account, Role


@pytest.fixture
def school(connection, now):
    return academies.add_academy(connection, name="School", now=now).id


@pytest.fixture
def other(connection, now):
    return academies.add_academy(connection, name="Other", now=now).id


@pytest.fixture
def add(connection, school, now):
    def _add(email="jane@example.org", name="Doe, Jane", role=Role.LEARNER, academy=None, **more):
        return accounts.add_member(
            connection,
            academy_id=academy or school,
            email=email,
            name=name,
            role=role,
            now=now,
            **more,
        )

    return _add


@pytest.mark.conforms(
    "Launch",
    "SAP, wizBank",
    "Who is given no student id gets a random one that says nothing of the person.",
    grade="C",
)
def test_a_new_person_gets_an_account_a_password_and_an_opaque_student_id(connection, school, add):
    member, password = add(" Jane@Example.ORG ", "  Doe,   Jane ")
    assert (member.email, member.name) == ("jane@example.org", "Doe, Jane")
    assert re.fullmatch(r"[a-z0-9]{12}", member.student_id)
    account = accounts.account_by_email(connection, email="JANE@example.org")
    assert account is not None
    assert passwords.matches(account.password, str(password))
    assert accounts.member(connection, school, learner_id=member.id) == member


def test_a_student_id_from_another_system_is_kept(add):
    member, _ = add(student_id="Emp_00-17")
    assert member.student_id == "Emp_00-17"


def test_a_student_id_belongs_to_one_person_of_an_academy(add, other):
    add("a@example.org", student_id="one")
    with pytest.raises(MemberRefused, match="somebody else"):
        add("b@example.org", student_id="one")
    member, _ = add("a@example.org", academy=other, student_id="one")
    assert member.student_id == "one"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"email": "a@b@c"}, "email"),
        ({"name": "a\0b"}, "name"),
        ({"student_id": "a b"}, "student_id"),
    ],
)
def test_what_a_person_cannot_be_known_by_is_refused_and_adds_nobody(
    connection, school, add, wrong, field
):
    with pytest.raises(MemberRefused) as refusal:
        add(**wrong)
    assert refusal.value.field == field
    assert accounts.count_members(connection, school) == 0


def test_an_account_joins_another_academy_and_keeps_its_password(connection, add, other):
    first, _ = add(password="my own words")
    second, made = add(academy=other, role=Role.ADMIN)
    assert made is None
    assert second.account_id == first.account_id
    account = accounts.account_by_email(connection, email=first.email)
    assert account is not None
    assert passwords.matches(account.password, "my own words")
    roles = [one.role for one in accounts.memberships_of_account(connection, first.account_id)]
    assert roles == [Role.LEARNER, Role.ADMIN]


@pytest.mark.parametrize("role", list(Role))
def test_an_account_whose_password_another_academy_chose_does_not_come_in(add, other, role):
    add(password="known to another admin")
    with pytest.raises(MemberRefused, match="Only its operator can add it") as refused:
        add(academy=other, role=role, may_join=False)
    assert refused.value.field == "email"
    member, made = add(email="new@example.org", academy=other, may_join=False)
    assert (member.academy_id, bool(made)) == (other, True)


def test_a_member_is_not_added_twice(add):
    add()
    with pytest.raises(MemberRefused, match="already"):
        add()


def test_a_learner_becomes_an_admin_and_an_admin_no_learner(add):
    learner, _ = add()
    admin, made = add(role=Role.ADMIN)
    assert (admin.id, admin.role, made) == (learner.id, Role.ADMIN, None)
    with pytest.raises(MemberRefused):
        add(role=Role.LEARNER)


def test_a_short_password_is_refused_and_leaves_nobody(connection, add):
    with pytest.raises(MemberRefused) as refusal:
        add(password="short")
    assert refusal.value.field == "password"
    assert connection.execute(select(Account.id)).all() == []


def test_people_are_found_within_their_academy_only(connection, school, other, add):
    member, _ = add(student_id="one")
    for text in ("jane@example.org", " JANE@example.org", "one"):
        assert accounts.find_member(connection, school, text=text) == member
        assert accounts.find_member(connection, other, text=text) is None
    assert accounts.find_member(connection, school, text="nobody@example.org") is None
    assert accounts.find_member(connection, school, text="a\0@b") is None
    assert accounts.member(connection, other, learner_id=member.id) is None


def test_members_are_listed_searched_and_counted(connection, school, other, add):
    add("c@example.org", "zed, C")
    add("a@example.org", "Beta, A", student_id="100_x")
    add("b@example.org", "alpha, B", role=Role.ADMIN)
    add("d@example.org", "Elsewhere, D", academy=other)

    def names(**wanted):
        count = accounts.count_members(
            connection,
            school,
            **{name: value for name, value in wanted.items() if name in ("search", "role")},
        )
        found = accounts.members(connection, school, **wanted)
        return [member.name for member in found], count

    assert names() == (["alpha, B", "Beta, A", "zed, C"], 3)
    assert names(limit=1, offset=1) == (["Beta, A"], 3)
    assert names(role=Role.ADMIN) == (["alpha, B"], 1)
    assert names(search="BETA example") == (["Beta, A"], 1)
    assert names(search="100_x") == (["Beta, A"], 1)
    assert names(search="%") == ([], 0)
    assert names(search="alpha\0") == (["alpha, B"], 1)


def test_a_new_password_ends_the_sign_ins(connection, school, add):
    member, _ = add()
    before = accounts.account_by_email(connection, email=member.email)
    new = accounts.set_password(connection, school, learner_id=member.id)
    after = accounts.account_by_email(connection, email=member.email)
    assert before is not None
    assert after is not None
    assert passwords.matches(after.password, new)
    assert after.fs_uniquifier != before.fs_uniquifier
    assert accounts.account_by_uniquifier(connection, fs_uniquifier=before.fs_uniquifier) is None
    assert accounts.account_by_uniquifier(connection, fs_uniquifier=after.fs_uniquifier) == after


def test_an_admin_cannot_take_over_an_account_that_others_trust(connection, school, other, add):
    member, _ = add(password="my own words")
    add(academy=other)
    with pytest.raises(MemberRefused, match="other academies"):
        accounts.set_password(connection, school, learner_id=member.id, password="stolen words")
    with pytest.raises(MemberRefused):
        accounts.set_password(connection, other, learner_id=member.id)
    account = accounts.account_by_email(connection, email=member.email)
    assert account is not None
    assert passwords.matches(account.password, "my own words")


def test_the_operator_can_set_any_password(connection, add, other):
    member, _ = add()
    add(academy=other)
    accounts.set_account_password(connection, email="JANE@example.org", password="chosen words")
    account = accounts.account_by_email(connection, email=member.email)
    assert account is not None
    assert passwords.matches(account.password, "chosen words")
    with pytest.raises(MemberRefused, match="no account"):
        accounts.set_account_password(connection, email="nobody@example.org")
