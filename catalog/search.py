"""The learners' search: title, description, categories and publisher, over courses that are open.

Serves the learner catalog; whoever changes a course puts its words here in the same transaction.
Which courses a learner may take is told by the caller. FTS5 on SQLite, tsvector on PostgreSQL.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain, islice
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    bindparam,
    cast,
    column,
    delete,
    exists,
    func,
    literal_column,
    select,
    table,
    text,
)
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR

from catalog.bulk import NewRows
from catalog.categories import below
from catalog.schema import CourseCategoryTable, CourseTable, LanguageTable
from catalog.store import MAX_ID
from catalog.words import asked_words, words

# Nobody turns so many pages; counting on would cost as much as the search.
MOST_COUNTED = 1000
# More than anybody types; each word more is one more list to walk through.
MOST_ASKED = 16
# Of a description; a book in it would fill the index and find nothing better.
MOST_WORDS = 5000
# PostgreSQL keeps positions up to here, and at most 256 of one word.
_MOST_POSITIONS = 16_000
_MOST_OF_ONE = 255

# What a hit in title, about and words is worth; the weights of PostgreSQL in its order D, C, B, A.
_SQLITE_WEIGHTS = (0.0, 10.0, 3.0, 1.0)
_POSTGRESQL_WEIGHTS = "{0, 0.1, 0.3, 1}"

_FTS = table(
    "catalog_search",
    column("rowid"),
    column("academy"),
    column("title"),
    column("about"),
    column("words"),
)
_VECTORS = table(
    "catalog_search",
    column("academy_id", Integer),
    column("course_id", Integer),
    column("words", TSVECTOR),
)
_NEW_TEXTS = NewRows(_FTS, "rowid", "academy", "title", "about", "words")
_NEW_VECTORS = NewRows(_VECTORS, "academy_id", "course_id", "words")


@dataclass(frozen=True, slots=True)
class Text:
    """What is searched of a course. `about` are names beside it: categories, publisher, its ids."""

    course_id: int
    title: str
    about: str
    description: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What a learner asks for. All words of `text` must be found, the last one may be begun.

    `category_id` takes in what is below it, `language` `en` takes in `en-US`. A course whose
    duration is not known is neither longer nor shorter than anything. `courses` are the ids among
    which is searched; None means all of the academy.
    """

    text: str = ""
    category_id: int | None = None
    language: str = ""
    at_least: timedelta | None = None
    at_most: timedelta | None = None
    provider: str | None = None
    courses: Collection[int] | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """A course that was found, as lists show it. `provider` is None for one that was uploaded."""

    id: int
    title: str
    description: str
    publisher: str
    languages: tuple[str, ...]
    duration: timedelta | None
    picture: str
    provider: str | None


@dataclass(frozen=True, slots=True)
class Found:
    """One page of hits, and how many there are in all; counting stops at `MOST_COUNTED`."""

    hits: tuple[Hit, ...]
    total: int


def put(connection: Connection, academy_id: int, texts: Sequence[Text], *, fresh: bool) -> None:
    """Index courses. `fresh` says that none of them was indexed before, which saves a look."""
    if not texts:
        return
    if not fresh:
        drop(connection, academy_id, [one.course_id for one in texts])
    if connection.dialect.name == "sqlite":
        _NEW_TEXTS.add(
            connection,
            (
                (
                    one.course_id,
                    _academy(academy_id),
                    " ".join(words(one.title)),
                    " ".join(words(one.about)),
                    " ".join(islice(words(one.description), MOST_WORDS)),
                )
                for one in texts
            ),
        )
        return
    _NEW_VECTORS.add(
        connection, ((academy_id, one.course_id, _vector(academy_id, one)) for one in texts)
    )


def drop(connection: Connection, academy_id: int, course_ids: Sequence[int]) -> None:
    """Take courses out of the index."""
    if connection.dialect.name == "sqlite":
        connection.execute(delete(_FTS).where(_FTS.c.rowid.in_(course_ids)))
        return
    connection.execute(
        delete(_VECTORS).where(
            _VECTORS.c.academy_id == academy_id, _VECTORS.c.course_id.in_(course_ids)
        )
    )


def take_stock(connection: Connection) -> None:
    """Tell PostgreSQL's planner of many new courses; SQLite's needs no telling.

    It looks by itself once a minute, and until then walks through the whole index for each search.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("ANALYZE catalog_search, catalog_courses"))


def search(
    connection: Connection, academy_id: int, asked: Asked, *, limit: int = 20, offset: int = 0
) -> Found:
    """Find open courses, the best match first; without words, all that fit, by title."""
    if asked.courses is not None and not asked.courses:
        return Found((), 0)
    fits = _fits(connection, academy_id, asked)
    ids, order = _matching(connection, academy_id, asked.text, fits)
    counted = select(func.count()).select_from(ids.limit(MOST_COUNTED).subquery())
    total = connection.execute(counted).scalar_one()
    page = connection.execute(ids.order_by(*order).limit(limit).offset(offset)).scalars()
    return Found(_hits(connection, academy_id, list(page)), total)


def languages(connection: Connection, academy_id: int) -> list[tuple[str, int]]:
    """Return the languages of open courses with their numbers, the commonest first."""
    query = (
        select(LanguageTable.language, func.count())
        .join(CourseTable, CourseTable.id == LanguageTable.course_id)
        .where(LanguageTable.academy_id == academy_id, CourseTable.archived_at.is_(None))
        .group_by(LanguageTable.language)
        .order_by(func.count().desc(), LanguageTable.language)
    )
    return [(language, number) for language, number in connection.execute(query)]


def providers(connection: Connection, academy_id: int) -> list[tuple[str | None, int]]:
    """Return where open courses come from, with their numbers; None are uploaded ones."""
    query = (
        select(CourseTable.provider, func.count())
        .where(CourseTable.academy_id == academy_id, CourseTable.archived_at.is_(None))
        .group_by(CourseTable.provider)
        .order_by(func.count().desc())
    )
    return [(provider, number) for provider, number in connection.execute(query)]


def _matching(
    connection: Connection, academy_id: int, said: str, fits: list[ColumnElement[bool]]
) -> tuple[Select[Any], list[Any]]:
    """Return the query for ids, and what it is ordered by.

    The courses are asked about with EXISTS, so that the index of words is walked first whatever
    the planner thinks: the other way round takes seconds.
    """
    whole, begun = asked_words(said)
    whole = list(dict.fromkeys(whole))[:MOST_ASKED]
    if not whole and not begun:
        query = select(CourseTable.id).where(*fits)
        return query, [CourseTable.title_key, CourseTable.id]
    if connection.dialect.name == "sqlite":
        name: ColumnElement[Any] = literal_column("catalog_search")
        query = select(_FTS.c.rowid).where(
            name.op("MATCH")(_fts_query(academy_id, whole, begun)),
            exists().where(CourseTable.id == _FTS.c.rowid, *fits),
        )
        return query, [func.bm25(name, *_SQLITE_WEIGHTS), _FTS.c.rowid]
    said_so = _tsquery(whole, begun)
    sought = cast(bindparam("sought", f"'@{academy_id}' & {said_so}"), TSQUERY)
    query = select(_VECTORS.c.course_id).where(
        _VECTORS.c.academy_id == academy_id,
        _VECTORS.c.words.op("@@")(sought),
        exists().where(CourseTable.id == _VECTORS.c.course_id, *fits),
    )
    # Without the academy's word, whose distance from the others would count.
    ranked = cast(bindparam("ranked", said_so), TSQUERY)
    rank = func.ts_rank(text(f"'{_POSTGRESQL_WEIGHTS}'::float4[]"), _VECTORS.c.words, ranked)
    return query, [rank.desc(), _VECTORS.c.course_id]


def _fits(connection: Connection, academy_id: int, asked: Asked) -> list[ColumnElement[bool]]:
    """Return what a course must be besides having the words."""
    wanted: list[ColumnElement[bool]] = [
        CourseTable.academy_id == academy_id,
        CourseTable.archived_at.is_(None),
    ]
    if asked.courses is not None:
        wanted.append(CourseTable.id.in_(_listed(connection, asked.courses)))
    if asked.provider is not None:
        uploaded = CourseTable.provider.is_(None)
        wanted.append(CourseTable.provider == asked.provider if asked.provider else uploaded)
    if asked.at_least is not None:
        wanted.append(CourseTable.duration >= int(asked.at_least.total_seconds()))
    if asked.at_most is not None:
        wanted.append(CourseTable.duration <= int(asked.at_most.total_seconds()))
    if asked.language:
        wanted.append(_speaks(academy_id, asked.language))
    if asked.category_id is not None:
        within = below(connection, academy_id, category_id=asked.category_id)
        wanted.append(
            CourseTable.id.in_(
                select(CourseCategoryTable.course_id).where(
                    CourseCategoryTable.academy_id == academy_id,
                    CourseCategoryTable.category_id.in_(within),
                )
            )
        )
    return wanted


def _speaks(academy_id: int, language: str) -> ColumnElement[bool]:
    folded = language.casefold()
    offered = LanguageTable.language
    return CourseTable.id.in_(
        select(LanguageTable.course_id).where(
            LanguageTable.academy_id == academy_id,
            (offered == folded) | offered.startswith(f"{folded}-", autoescape=True),
        )
    )


def _listed(connection: Connection, ids: Collection[int]) -> Any:
    """Pass any number of ids as one value: a statement takes only so many of them."""
    sound = sorted(one for one in ids if 0 < one <= MAX_ID)
    if connection.dialect.name == "sqlite":
        listed = func.json_each(json.dumps(sound)).table_valued("value")
        return select(listed.c.value)
    return select(func.unnest(sound))


def _hits(connection: Connection, academy_id: int, ids: Sequence[int]) -> tuple[Hit, ...]:
    query = select(
        CourseTable.id,
        CourseTable.title,
        CourseTable.description,
        CourseTable.publisher,
        CourseTable.languages,
        CourseTable.duration,
        CourseTable.picture,
        CourseTable.provider,
    ).where(CourseTable.academy_id == academy_id, CourseTable.id.in_(ids))
    rows = {found.id: found for found in connection.execute(query)}
    return tuple(_hit(rows[number]) for number in ids if number in rows)


def _hit(found: Any) -> Hit:
    return Hit(
        id=found.id,
        title=found.title,
        description=found.description,
        publisher=found.publisher,
        languages=tuple(json.loads(found.languages)),
        duration=None if found.duration is None else timedelta(seconds=found.duration),
        picture=found.picture,
        provider=found.provider,
    )


def _academy(academy_id: int) -> str:
    return f"a{academy_id}"


def _fts_query(academy_id: int, whole: Iterable[str], begun: str) -> str:
    asked = [f'"{word}"' for word in whole]
    if begun:
        asked.append(f'"{begun}"*')
    return f'academy:"{_academy(academy_id)}" AND {{title about words}}:({" AND ".join(asked)})'


def _tsquery(whole: Iterable[str], begun: str) -> str:
    asked = [f"'{word}'" for word in whole]
    if begun:
        asked.append(f"'{begun}':*")
    return " & ".join(asked)


def _vector(academy_id: int, one: Text) -> str:
    """Write a tsvector: words with their places and weights, and the academy as a word of its own.

    No word of a text begins with `@`.
    """
    places: dict[str, list[str]] = {}
    weighted = chain(
        ((word, "A") for word in words(one.title)),
        ((word, "B") for word in words(one.about)),
        ((word, "C") for word in islice(words(one.description), MOST_WORDS)),
    )
    for place, (word, weight) in enumerate(islice(weighted, _MOST_POSITIONS), 1):
        known = places.setdefault(word, [])
        if len(known) < _MOST_OF_ONE:
            known.append(f"{place}{weight}")
    lexemes = [f"'{word}':{','.join(at)}" for word, at in places.items()]
    return " ".join([f"'@{academy_id}'", *lexemes])
