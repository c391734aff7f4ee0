"""The learner's pages: courses, one course, launch, transcript.

Serves a member of an academy (`g.academy`, `g.member`, set by `launcher.people.auth`). Views only:
what is recorded comes from read models, what a launch needs is `launcher.launches`' knowledge.
"""

from __future__ import annotations

from datetime import UTC, datetime

from flask import (
    Blueprint,
    Response,
    abort,
    g,
    make_response,
    render_template,
    request,
    send_file,
)
from sqlalchemy import Connection

import catalog.store
from catalog.availability import may_be_launched
from catalog.picture_shelf import PictureShelf
from hacp import gates
from launcher import config, launches, learner_catalog, paging, words
from launcher.db import read, transact
from launcher.explaining import conditions
from launcher.launches import Launched, LaunchRefused
from launcher.people import enrolments
from launcher.records import standing, transcripts
from launcher.records.standing import Action, CourseStanding
from launcher.records.transcripts import TranscriptRow

COURSE = "/courses/<int:course_id>"
# Rows of three and of two come out even.
CARDS = 24

# A picture's name changes with what is in it, so a browser never asks again. It stays out of shared
# caches: who may see it is known by the cookie.
PICTURE_CACHED = "private, max-age=31536000, immutable"
# A file from elsewhere that somebody opens by its own address is a picture and nothing more.
PICTURE_POLICY = "default-src 'none'; sandbox"

# What needs the learner stands first, what is done stands last.
_ORDER = {Action.RESUME: 0, Action.LAUNCH: 1, Action.WAIT: 2, Action.REVIEW: 3}

blueprint = Blueprint("learner", __name__, url_prefix="/a/<slug>")


blueprint.add_url_rule("/catalog", view_func=learner_catalog.find)
blueprint.add_url_rule(f"{COURSE}/enrol", view_func=learner_catalog.enrol, methods=["POST"])
blueprint.record_once(
    lambda state: state.app.add_template_filter(learner_catalog.language_name, "language_name")
)
blueprint.record_once(lambda state: words.teach(state.app))
blueprint.record_once(lambda state: conditions.teach(state.app))


@blueprint.get("/")
def home() -> str:
    """Show the courses that the learner may take; of archived ones only how many there are."""
    enrolled = read(_enrolled)
    courses = [course for course in enrolled if may_be_launched(course.stored.archived)]
    courses.sort(key=lambda course: _ORDER[course.action])
    page = paging.page(len(courses), size=CARDS)
    return render_template(
        "learner/home.html",
        courses=courses[page.offset : page.offset + page.size],
        page=page,
        archived=len(enrolled) - len(courses),
    )


@blueprint.get(COURSE)
def course(course_id: int) -> str:
    """Show one course with its units, in order; an archived one without any way in."""

    def unit(connection: Connection) -> tuple[CourseStanding | None, int]:
        waiting = gates.counts(
            connection, g.academy.id, course_id=course_id, learner_ids=[g.member.id]
        )
        return _course(connection, course_id), waiting.get(g.member.id, 0)

    shown, held = read(unit)
    if shown is None:
        abort(404)
    return render_template("learner/course.html", course=shown, held=held)


@blueprint.get(f"{COURSE}/picture/<name>")
def picture(course_id: int, name: str) -> Response:
    """Send the picture of a course, as it was fetched once from whoever provides the course."""

    def unit(connection: Connection) -> str:
        found = catalog.store.courses_by_ids(connection, g.academy.id, ids=[course_id])
        return found[course_id].picture if course_id in found else ""

    if not name or read(unit) != name:
        abort(404)
    shelf = PictureShelf(config.current().picture_root)
    try:
        response = send_file(
            shelf.path_of(name), mimetype=shelf.content_type_of(name), etag=name.partition(".")[0]
        )
    except FileNotFoundError:
        abort(404)
    response.headers["Cache-Control"] = PICTURE_CACHED
    response.headers["Content-Security-Policy"] = PICTURE_POLICY
    return response


@blueprint.post(f"{COURSE}/launch")
def launch(course_id: int) -> Response:
    """Open a session for a unit and leave for its content, or say why not."""
    au_id = request.form.get("au") or None
    retake, browse = bool(request.form.get("retake")), bool(request.form.get("browse"))

    def unit(connection: Connection) -> Launched:
        return launches.launch(
            connection,
            g.member,
            course_id=course_id,
            au_id=au_id,
            settings=config.current(),
            now=datetime.now(UTC),
            retake=retake,
            browse=browse,
        )

    try:
        launched = transact(unit)
    except LaunchRefused as refused:
        page = render_template("learner/refused.html", refused=refused, course_id=course_id)
        return make_response(page, refused.status)
    response = make_response(render_template("learner/launch.html", url=launched.url))
    # The address holds the session id: it stays out of caches, and this page's own out of logs.
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@blueprint.get("/transcript")
def transcript() -> str:
    """Show all that is recorded of the learner."""

    def unit(connection: Connection) -> list[tuple[TranscriptRow, CourseStanding | None]]:
        rows = transcripts.rows(connection, g.academy.id, learner_id=g.member.id)
        return [(row, _stand(connection, row.course_id)) for row in rows]

    return render_template("learner/transcript.html", courses=read(unit))


def _enrolled(connection: Connection) -> list[CourseStanding]:
    ids = enrolments.enrolled_courses(connection, g.academy.id, learner_id=g.member.id)
    found = (_stand(connection, course_id) for course_id in ids)
    return [course for course in found if course is not None]


def _course(connection: Connection, course_id: int) -> CourseStanding | None:
    """Return the course where the learner may take it, else None."""
    if not enrolments.is_enrolled(
        connection, g.academy.id, learner_id=g.member.id, course_id=course_id
    ):
        return None
    return _stand(connection, course_id)


def _stand(connection: Connection, course_id: int) -> CourseStanding | None:
    return standing.stand(connection, g.academy.id, learner_id=g.member.id, course_id=course_id)
