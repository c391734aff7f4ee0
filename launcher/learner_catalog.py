"""The learner's catalog: courses to find and, where the academy allows it, to take.

Serves a member of an academy. Views only: what is found is for `catalog.search`, who may take what
for the academy's setting and the enrolments.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

from babel import Locale, UnknownLocaleError
from flask import abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy import Connection

import catalog.store
from catalog import categories, search
from catalog.availability import may_be_launched
from catalog.search import Asked
from catalog.supply.model import Category
from launcher import paging
from launcher.db import read, transact
from launcher.numbers import parse_capped
from launcher.people import enrolments

HITS = 20  # what one looks through before the search is changed
# How long a course takes, as people choose it: at least, at most.
DURATIONS = {
    "short": (None, timedelta(minutes=15)),
    "medium": (timedelta(minutes=15), timedelta(hours=1)),
    "long": (timedelta(hours=1), None),
}
UPLOADED = "uploaded"


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be chosen beside words: categories in order, languages by code, providers."""

    categories: tuple[Category, ...]
    languages: tuple[tuple[str, str], ...]
    providers: tuple[str | None, ...]


def find() -> str:
    """Show the courses that the learner may take and that fit what is asked for."""
    said = request.args.get("duration", "")
    provider = request.args.get("provider", "")
    category_id = request.args.get("category", type=parse_capped)

    def unit(connection: Connection) -> dict[str, object]:
        enrolled = enrolments.enrolled_courses(connection, g.academy.id, learner_id=g.member.id)
        at_least, at_most = DURATIONS.get(said, (None, None))
        asked = Asked(
            text=paging.search(),
            category_id=category_id,
            language=request.args.get("language", "")[:16],
            at_least=at_least,
            at_most=at_most,
            # The search means uploaded courses by an empty name, and any course by None.
            provider="" if provider == UPLOADED else provider or None,
            courses=None if g.academy.self_enrolment else enrolled,
        )
        offset = (max(1, request.args.get("page", default=1, type=parse_capped)) - 1) * HITS
        offset = min(offset, search.MOST_COUNTED)
        found = search.search(connection, g.academy.id, asked, limit=HITS, offset=offset)
        return {
            "hits": found.hits,
            "page": paging.page(found.total, size=HITS),
            "enrolled": set(enrolled),
            "choices": _choices(connection),
            "filtered": asked != Asked(courses=asked.courses),
        }

    return render_template("learner/catalog.html", search=paging.search(), **read(unit))


def enrol(course_id: int) -> ResponseReturnValue:
    """Enrol the learner in a course by their own wish, where the academy allows that."""

    def unit(connection: Connection) -> bool | None:
        courses = catalog.store.courses_by_ids(connection, g.academy.id, ids=[course_id])
        if course_id not in courses:
            abort(HTTPStatus.NOT_FOUND)
        if not g.academy.self_enrolment:
            abort(HTTPStatus.FORBIDDEN)
        if not may_be_launched(courses[course_id].archived):
            return None
        return enrolments.enrol(
            connection,
            academy_id=g.academy.id,
            learner_id=g.member.id,
            course_id=course_id,
            now=datetime.now(UTC),
        )

    new = transact(unit)
    if new is None:
        flash(_("This course was archived a moment ago, so nobody can begin it."), "warning")
        return redirect(url_for("learner.find"))
    if new:
        flash(_("The course is among yours now."), "success")
    return redirect(url_for("learner.course", course_id=course_id))


def _choices(connection: Connection) -> Choices:
    tree = categories.tree(connection, g.academy.id)
    spoken = [
        (code, language_name(code)) for code, _number in search.languages(connection, g.academy.id)
    ]
    return Choices(
        categories=tuple(tree.values()),
        languages=tuple(sorted(spoken, key=lambda one: one[1])),
        providers=tuple(one for one, _number in search.providers(connection, g.academy.id)),
    )


def language_name(code: str) -> str:
    """Return the name of a language in the reader's own; the code where nobody knows it."""
    try:
        return Locale.parse(code, sep="-").get_display_name(get_locale()) or code
    except (UnknownLocaleError, ValueError):
        return code
