"""Who may come in no longer: accounts that are switched off, and admins who are learners again.

Serves pages and commands. What is recorded of a person stays as it is, and content that runs goes
on. Takes a connection, never commits.
"""

from __future__ import annotations

import uuid

from sqlalchemy import Connection, select, update

from launcher.people import accounts
from launcher.people.accounts import Member
from launcher.people.identities import MemberRefused
from launcher.schema import Account, Membership, Role


def is_active(connection: Connection, person: Member) -> bool:
    """Tell whether a member can sign in."""
    asked = select(Account.active).where(Account.id == person.account_id)
    return connection.execute(asked).scalar_one()


def switch_account(connection: Connection, *, email: str, active: bool) -> bool:
    """Switch an account on, or off with all its sign-ins; False where it was so already.

    Raises `MemberRefused`.
    """
    account = accounts.account_by_email(connection, email=email)
    if account is None:
        raise MemberRefused(f"There is no account with the address {email}.", field="email")
    switched = connection.execute(
        update(Account)
        .where(Account.id == account.id, Account.active.is_not(active))
        .values(active=active, fs_uniquifier=uuid.uuid4().hex)
    )
    return bool(switched.rowcount)


def switch_member(
    connection: Connection, academy_id: int, *, learner_id: int, active: bool, by: int
) -> bool:
    """Do the same for a member, as the admin whose member's id is `by` may do.

    Nobody switches off themselves, nor an account that other academies have too. Raises
    `MemberRefused`.
    """
    person = accounts.member(connection, academy_id, learner_id=learner_id)
    if person is None:
        raise MemberRefused("There is no such member in this academy.", field="learner_id")
    if person.id == by:
        raise MemberRefused("You cannot switch off your own account.", field="learner_id")
    if len(accounts.memberships_of_account(connection, person.account_id)) > 1:
        raise MemberRefused(
            f"{person.email} belongs to other academies too; only the operator of this "
            "installation can switch the account off and on.",
            field="learner_id",
        )
    return switch_account(connection, email=person.email, active=active)


def demote(connection: Connection, academy_id: int, *, email: str) -> Member:
    """Make an admin a learner again and return them. Raises `MemberRefused`.

    An academy keeps an admin: two who demote each other at once take turns.
    """
    admins = connection.scalars(
        select(Membership.id)
        .where(Membership.academy_id == academy_id, Membership.role == Role.ADMIN.value)
        .order_by(Membership.id)
        .with_for_update()
    ).all()
    person = accounts.find_member(connection, academy_id, text=email)
    if person is None or person.id not in admins:
        raise MemberRefused(f"{email} is no admin of this academy.", field="email")
    if len(admins) == 1:
        raise MemberRefused(
            f"{person.email} is the only admin of this academy. Make somebody else one first.",
            field="email",
        )
    connection.execute(
        update(Membership)
        .where(Membership.academy_id == academy_id, Membership.id == person.id)
        .values(role=Role.LEARNER.value)
    )
    return person
