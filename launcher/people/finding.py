"""People are found by words of their name, e-mail address and student id, each of them begun.

Serves the lists of members and of transcripts; whoever adds a member notes the words in the same
transaction. Knows no course.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    SQLColumnExpression,
    and_,
    exists,
    false,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.orm import aliased

from catalog.words import fold, words
from launcher.schema import Academy, Account, Membership, MemberWord

# So many people are named one by one in a question. Where more fit, a list is walked in its own
# order and each of its rows is looked at: one in some hundred will do.
FEW = 2000
# More than anybody types; each word more is one more look at every person.
MOST_ASKED = 8
# Members of an older release whose words are made in one transaction.
AT_ONCE = 500
# Behind every word that begins alike.
_LAST = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Named:
    """A member with all that has words."""

    member_id: int
    name: str
    email: str
    student_id: str


def name_key(name: str) -> str:
    """Return what lists of people sort a name by: without case and accents."""
    return fold(name)


def note(connection: Connection, academy_id: int, members: Iterable[Named]) -> None:
    """Let new members be found."""
    rows = [
        {"academy_id": academy_id, "member_id": one.member_id, "word": word}
        for one in members
        for word in {*words(one.name), *words(one.email), *words(one.student_id)}
    ]
    if rows:
        connection.execute(insert(MemberWord), rows)


def refresh(connection: Connection) -> int:
    """Make keys and words of some members whom an older release has added; return how many.

    Call it until it returns 0. Two at once take turns, and whoever comes second passes over what
    the first has done.
    """
    query = (
        select(
            Membership.id,
            Membership.academy_id,
            Membership.name,
            Membership.student_id,
            Account.email,
        )
        # Academy by academy, as the index has them: without it, everybody would be looked at.
        .select_from(Academy)
        .join(Membership, Membership.academy_id == Academy.id)
        .join(Account, Account.id == Membership.account_id)
        .where(Membership.name_key.is_(None))
        .limit(AT_ONCE)
        .with_for_update(of=Membership)
    )
    rows = connection.execute(query).all()
    for row in rows:
        keyed = update(Membership).where(Membership.id == row.id)
        connection.execute(keyed.values(name_key=name_key(row.name)))
        named = Named(row.id, row.name, row.email, row.student_id)
        note(connection, row.academy_id, [named])
    return len(rows)


def tokens(search: str) -> list[str]:
    """Return the pieces of what is searched for; each of them has to fit."""
    return search.replace("\0", "").split()[:MOST_ASKED]


def fits(
    academy_id: int, asked: Sequence[str], member_id: SQLColumnExpression[int]
) -> ColumnElement[bool]:
    """Ask of each member whether all tokens fit: for a walk in the order of a list."""
    begun = _begun(asked)
    if begun is None:
        return false()
    return and_(*(_has(academy_id, word, member_id) for word in begun))


def few(connection: Connection, academy_id: int, asked: Sequence[str]) -> list[int] | None:
    """Return the members whom all tokens fit, or None where it is about more than `FEW`."""
    begun = _begun(asked)
    if not begun:
        return []
    rarest = min(begun, key=lambda word: _count(connection, academy_id, word))
    found = _leading(academy_id, rarest, begun).limit(FEW + 1)
    ids = [row.member_id for row in connection.execute(found)]
    # Somebody with two words that begin so is found twice; DISTINCT would lead SQLite astray.
    return sorted(set(ids)) if len(ids) <= FEW else None


def all_of(academy_id: int, asked: Sequence[str]) -> Select[int]:
    """Ask for the members whom all tokens fit: where they lead to what is asked for."""
    begun = _begun(asked)
    if not begun:
        return select(MemberWord.member_id).where(false())
    return _leading(academy_id, begun[0], begun)


def _leading(academy_id: int, first: str, begun: Sequence[str]) -> Select[int]:
    own = aliased(MemberWord)
    return (
        select(own.member_id)
        .where(own.academy_id == academy_id, own.word >= first, own.word < first + _LAST)
        .where(*(_has(academy_id, word, own.member_id) for word in begun if word != first))
    )


def _begun(asked: Sequence[str]) -> list[str] | None:
    """Return the words of the tokens, or None where one has no word, as `%` has none."""
    each = [list(words(token)) for token in asked]
    return list(dict.fromkeys(chain.from_iterable(each))) if all(each) else None


def _has(academy_id: int, word: str, member_id: SQLColumnExpression[int]) -> ColumnElement[bool]:
    return exists().where(
        MemberWord.academy_id == academy_id,
        MemberWord.member_id == member_id,
        MemberWord.word >= word,
        MemberWord.word < word + _LAST,
    )


def _count(connection: Connection, academy_id: int, word: str) -> int:
    """Count the uses of a word, as far as it matters."""
    begins = (
        select(MemberWord.member_id)
        .where(
            MemberWord.academy_id == academy_id,
            MemberWord.word >= word,
            MemberWord.word < word + _LAST,
        )
        .limit(FEW + 1)
    )
    return connection.execute(select(func.count()).select_from(begins.subquery())).scalar_one()
