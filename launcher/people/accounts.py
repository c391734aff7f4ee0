"""People: accounts that sign in, and their memberships in academies.

Serves pages, commands and sign-in. Every look-up but that of an account is bound to an academy.
Sends no mail and knows no course.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVarTuple

from sqlalchemy import ColumnElement, Connection, Row, Select, func, insert, select, update

from launcher.once import insert_once
from launcher.people import finding, passwords
from launcher.people.identities import (
    MemberRefused,
    check_student_id,
    clean_email,
    clean_name,
    new_student_id,
)
from launcher.schema import Account, Membership, Role

Ts = TypeVarTuple("Ts")


@dataclass(frozen=True, slots=True)
class Member:
    """A person in an academy. `id` is the membership's, which records call `learner_id`."""

    id: int
    academy_id: int
    account_id: int
    email: str
    name: str
    student_id: str
    role: Role


@dataclass(frozen=True, slots=True)
class AccountRow:
    """Who signs in. `fs_uniquifier` stands in the sign-in cookie; a new one ends all sign-ins."""

    id: int
    email: str
    password: str | None
    active: bool
    fs_uniquifier: str


_MEMBER = (
    select(
        Membership.id,
        Membership.academy_id,
        Membership.account_id,
        Account.email,
        Membership.name,
        Membership.student_id,
        Membership.role,
    )
    .select_from(Membership)
    .join(Account, Account.id == Membership.account_id)
)
_ACCOUNT = select(
    Account.id, Account.email, Account.password, Account.active, Account.fs_uniquifier
)


def add_member(
    connection: Connection,
    *,
    academy_id: int,
    email: str,
    name: str,
    role: Role,
    student_id: str | None = None,
    password: str | None = None,
    may_join: bool = True,
    now: datetime,
) -> tuple[Member, str | None]:
    """Add a person to an academy; return the member, and the password where one was made up.

    Without `may_join`, an account that only another academy has is refused: that academy's admin
    may have chosen its password, and would come in here with it. Operators decide that.

    An account that is there already joins the academy and keeps its password; a learner who is
    added as an admin becomes one. Raises `MemberRefused`.
    """
    address, full_name = clean_email(email), clean_name(name)
    if student_id is not None:
        check_student_id(student_id)
    account = account_by_email(connection, email=address)
    generated = None
    is_new = account is None
    if account is None:
        generated = passwords.generate() if password is None else None
        account = _add_account(
            connection, email=address, hashed=_hashed(password, generated=generated), now=now
        )
    known = _member_of_account(connection, academy_id, account_id=account.id)
    if known is not None:
        return _promoted(connection, known, role=role), None
    if not may_join and not is_new:
        raise MemberRefused(
            f"{address} has an account in another academy of this installation. Only its operator "
            f"can add it here: hacp learner add {address}",
            field="email",
        )
    values = {
        "academy_id": academy_id,
        "account_id": account.id,
        "role": role.value,
        "name": full_name,
        "name_key": finding.name_key(full_name),
        "student_id": student_id or new_student_id(),
        "created_at": now,
    }
    if not insert_once(connection, insert(Membership).values(values)):
        raise MemberRefused(
            f"The student id {values['student_id']} belongs to somebody else in this academy.",
            field="student_id",
        )
    added = _member_of_account(connection, academy_id, account_id=account.id)
    if added is None:
        raise MemberRefused(f"{address} was removed at once.", field="email")
    named = finding.Named(added.id, full_name, address, added.student_id)
    finding.note(connection, academy_id, [named])
    return added, generated


def member(connection: Connection, academy_id: int, *, learner_id: int) -> Member | None:
    """Return the member of that id in that academy, or None."""
    statement = _MEMBER.where(Membership.academy_id == academy_id, Membership.id == learner_id)
    row = connection.execute(statement).one_or_none()
    return _member(row) if row else None


def find_member(connection: Connection, academy_id: int, *, text: str) -> Member | None:
    """Return the member with that e-mail address or student id, or None."""
    if "\0" in text:
        return None
    column = Account.email == text.strip().lower() if "@" in text else Membership.student_id == text
    row = connection.execute(_MEMBER.where(Membership.academy_id == academy_id, column))
    found = row.one_or_none()
    return _member(found) if found else None


def members(
    connection: Connection,
    academy_id: int,
    *,
    search: str = "",
    role: Role | None = None,
    limit: int | None = 50,
    offset: int = 0,
) -> list[Member]:
    """Return the members of an academy by name.

    Each piece of `search` has to begin words of name, e-mail address or student id.
    """
    which = _which(connection, academy_id, search=search, role=role, walking=True)
    return members_where(connection, academy_id, which, limit=limit, offset=offset)


@dataclass(frozen=True, slots=True)
class Which:
    """Which members are asked for; `are_few` where conditions name some, so that none is sought."""

    conditions: tuple[ColumnElement[bool], ...]
    are_few: bool = False

    def of(self, query: Select[*Ts], academy_id: int) -> Select[*Ts]:
        """Ask for them."""
        return query.where(Membership.academy_id == academy_id, *self.conditions)


def members_where(
    connection: Connection,
    academy_id: int,
    which: Which,
    *,
    limit: int | None = None,
    offset: int = 0,
) -> list[Member]:
    """Return some members of an academy by name."""
    by_name = (Membership.name_key, Membership.id)
    if limit is not None and not which.are_few:
        # Found in the index first, so that nothing is read of those on the pages before.
        page = which.of(select(Membership.id), academy_id).order_by(*by_name)
        ids = list(connection.execute(page.limit(limit).offset(offset)).scalars())
        which, offset = Which((Membership.id.in_(ids),), are_few=True), 0
    statement = which.of(_MEMBER, academy_id).order_by(*by_name).limit(limit).offset(offset)
    return [_member(row) for row in connection.execute(statement)]


def count_members(
    connection: Connection,
    academy_id: int,
    *,
    search: str = "",
    role: Role | None = None,
    most: int | None = None,
) -> int:
    """Return how many members `members` would find in all; counting stops at `most`."""
    which = _which(connection, academy_id, search=search, role=role)
    found = which.of(select(Membership.id), academy_id).limit(most)
    return connection.execute(select(func.count()).select_from(found.subquery())).scalar_one()


def memberships_of_account(connection: Connection, account_id: int) -> list[Member]:
    """Return what an account is in every academy it belongs to."""
    statement = _MEMBER.where(Membership.account_id == account_id).order_by(Membership.academy_id)
    return [_member(row) for row in connection.execute(statement)]


def set_password(
    connection: Connection, academy_id: int, *, learner_id: int, password: str | None = None
) -> str:
    """Give a member a new password, chosen or made up, and return it; ends all their sign-ins.

    Refused where the account belongs to other academies too: their records are not this admin's to
    open. Raises `MemberRefused`.
    """
    person = member(connection, academy_id, learner_id=learner_id)
    if person is None:
        raise MemberRefused("There is no such member in this academy.", field="learner_id")
    if len(memberships_of_account(connection, person.account_id)) > 1:
        raise MemberRefused(
            f"{person.email} belongs to other academies too; only they themselves or the operator "
            "of this installation can change the password.",
            field="password",
        )
    return set_account_password(connection, email=person.email, password=password)


def set_account_password(connection: Connection, *, email: str, password: str | None = None) -> str:
    """Give an account a new password, chosen or made up, and return it; ends all its sign-ins."""
    account = account_by_email(connection, email=email)
    if account is None:
        raise MemberRefused(f"There is no account with the address {email}.", field="email")
    generated = passwords.generate() if password is None else None
    keep_credentials(
        connection,
        account_id=account.id,
        hashed=_hashed(password, generated=generated),
        fs_uniquifier=uuid.uuid4().hex,
    )
    return password if password is not None else str(generated)


def keep_credentials(
    connection: Connection, *, account_id: int, hashed: str | None, fs_uniquifier: str
) -> None:
    """Store an account's password hash and what its sign-in cookies are known by."""
    connection.execute(
        update(Account)
        .where(Account.id == account_id)
        .values(password=hashed, fs_uniquifier=fs_uniquifier)
    )


def account_by_email(connection: Connection, *, email: str) -> AccountRow | None:
    """Return the account with that address, in whatever case it is written, or None."""
    address = email.strip().lower()
    if "\0" in address:
        return None
    return _account(connection, _ACCOUNT.where(Account.email == address))


def account_by_uniquifier(connection: Connection, *, fs_uniquifier: str) -> AccountRow | None:
    """Return the account that a sign-in cookie names, or None."""
    return _account(connection, _ACCOUNT.where(Account.fs_uniquifier == fs_uniquifier))


def _hashed(password: str | None, *, generated: str | None) -> str:
    if password is None:
        return passwords.hash_generated(str(generated))
    try:
        return passwords.hash_chosen(password)
    except passwords.PasswordRefused as refusal:
        raise MemberRefused(refusal.reason, field="password") from None


def _add_account(connection: Connection, *, email: str, hashed: str, now: datetime) -> AccountRow:
    statement = insert(Account).values(
        email=email, password=hashed, active=True, fs_uniquifier=uuid.uuid4().hex, created_at=now
    )
    insert_once(connection, statement)
    account = account_by_email(connection, email=email)
    if account is None or account.password != hashed:
        raise MemberRefused(f"{email} was added by somebody else just now.", field="email")
    return account


def _promoted(connection: Connection, known: Member, *, role: Role) -> Member:
    if known.role is role or role is Role.LEARNER:
        raise MemberRefused(f"{known.email} is already in this academy.", field="email")
    statement = update(Membership).where(
        Membership.academy_id == known.academy_id, Membership.id == known.id
    )
    connection.execute(statement.values(role=role.value))
    promoted = member(connection, known.academy_id, learner_id=known.id)
    return promoted or known


def _member_of_account(
    connection: Connection, academy_id: int, *, account_id: int
) -> Member | None:
    statement = _MEMBER.where(
        Membership.academy_id == academy_id, Membership.account_id == account_id
    )
    row = connection.execute(statement).one_or_none()
    return _member(row) if row else None


def _which(
    connection: Connection,
    academy_id: int,
    *,
    search: str,
    role: Role | None,
    walking: bool = False,
) -> Which:
    """Return which members are asked for; `walking` asks of each whether the search fits."""
    conditions = () if role is None else (Membership.role == role.value,)
    asked = finding.tokens(search)
    if not asked:
        return Which(conditions)
    ids = finding.few(connection, academy_id, asked)
    if ids is not None:
        return Which((*conditions, Membership.id.in_(ids)), are_few=True)
    if walking:
        return Which((*conditions, finding.fits(academy_id, asked, Membership.id)))
    return Which((*conditions, Membership.id.in_(finding.all_of(academy_id, asked))))


def _member(row: Row[*tuple[Any, ...]]) -> Member:
    return Member(
        row.id, row.academy_id, row.account_id, row.email, row.name, row.student_id, Role(row.role)
    )


def _account(connection: Connection, statement: Select[*tuple[Any, ...]]) -> AccountRow | None:
    row = connection.execute(statement).one_or_none()
    return AccountRow(*row) if row else None
