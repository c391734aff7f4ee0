"""Where courses are launched: counts the launch, and refuses it by name or opens the course.

Serves learners, without any cookie. A refused launch never asks the learning server anything.
Where a licence's seats are all taken, a browser that has launched before is asked whose it is, and
any other one is refused. What speaks HACP from the browser runs in the demo's own player.
"""

from __future__ import annotations

from flask import (
    Blueprint,
    Response,
    abort,
    make_response,
    render_template,
    request,
    send_from_directory,
)

from demo import wire
from demo.content import FIRE_SAFETY
from demo.opensesame import speaking
from demo.opensesame.customers import NoSuchCourse
from demo.opensesame.items import customer_of
from demo.opensesame.journal import Call, Place
from demo.opensesame.lessons import lesson_of
from demo.opensesame.model import Entry, Opening, Variant
from demo.opensesame.pretend import NoSuchCustomer, Pretend

PLAYER_FILES = frozenset({"hacp.js", "lesson.js", "player.js", "style.css"})
# Longer than any learning server's: the report shows it to a person.
LONGEST_ID = 255
# Holds the id of the first launch by which this browser was let into a course.
PASS = "seat"
REFUSALS = {
    Opening.NO_SEAT: (
        "There is no free seat",
        "Your organisation has a licence for this course, but all its seats are taken. Ask your "
        "training department.",
    ),
    Opening.EXPIRED: (
        "The licence has expired",
        "Your organisation's licence for this course has ended. Ask your training department.",
    ),
}

Page = str | tuple[str, int]


def create_blueprint(pretend: Pretend) -> Blueprint:
    """Make the launch pages of all customers."""
    pages = Blueprint("launching", __name__)

    @pages.get("/launch/<course_id>")
    def launch(course_id: str) -> Page | Response:
        ciid = customer_of(request.args.get("licenseId", ""))
        entry = _found(pretend, course_id, ciid)
        if entry is None:
            return _message("This course is not known", "Check the address, or its licence.", 404)
        talk = wire.launch_parameters(request.args.items(multi=True))
        if talk is None:
            return _preview(entry)
        opening = _opening(pretend, entry, talk, ciid=ciid)
        counted = pretend.note_launch(entry.course.id, opening, ciid=ciid)
        if opening in REFUSALS:
            return _message(*REFUSALS[opening], 403)
        if entry.course.variant is Variant.SERVER:
            page = speaking.begin(pretend, entry.course, talk, launch_id=counted.id)
        else:
            lesson = lesson_of(entry.course)
            page = render_template("launch/browser.html", lesson=lesson, launch=counted)
        response = make_response(page)
        if _known_by_pass(pretend) is None:
            # Only this course's launches see it.
            response.set_cookie(PASS, counted.id, path=request.path, httponly=True, samesite="Lax")
        return response

    @pages.post("/launch/<launch_id>/learner")
    def note_learner(launch_id: str) -> tuple[str, int]:
        student_id = request.form.get("student_id", "")[:LONGEST_ID]
        completed = request.form.get("completed") == "yes"
        try:
            pretend.note_learner(launch_id, student_id or None, completed=completed)
        except KeyError:
            abort(404)
        return "", 204

    @pages.get("/player/<name>")
    def player(name: str) -> Response:
        if name not in PLAYER_FILES:
            abort(404)
        return send_from_directory(FIRE_SAFETY, name)

    @pages.after_request
    def note(response: Response) -> Response:
        if request.endpoint == f"{pages.name}.launch":
            pretend.journal.note(_call(pretend, response))
        # What was launched may stand in a frame of the learning server, and talks to it.
        response.headers["Content-Security-Policy"] = "default-src 'self'; connect-src *"
        return response

    return pages


def _found(pretend: Pretend, course_id: str, ciid: str) -> Entry | None:
    try:
        return pretend.entry(course_id, ciid=ciid)
    except (NoSuchCourse, NoSuchCustomer):
        return None


def _opening(pretend: Pretend, entry: Entry, talk: wire.Launch, *, ciid: str) -> Opening:
    """Say what a launch meets: what was chosen, or what the licence says of it."""
    if not entry.licences(pretend.today):
        return Opening.EXPIRED
    if entry.opening is not Opening.OPEN:
        return entry.opening
    seats = pretend.seats(entry.course.id, ciid=ciid)
    if not seats.is_full:
        return Opening.OPEN
    # A browser without a pass is somebody new, and is refused before anybody is asked anything.
    if not seats.holds(_known_by_pass(pretend)):
        return Opening.NO_SEAT
    return Opening.OPEN if seats.holds(speaking.ask_learner(pretend, talk)) else Opening.NO_SEAT


def _known_by_pass(pretend: Pretend) -> str | None:
    try:
        return pretend.launch(request.cookies.get(PASS, "")).student_id
    except KeyError:
        return None


def _message(title: str, text: str, status: int) -> tuple[str, int]:
    return render_template("launch/base.html", title=title, text=text), status


def _preview(entry: Entry) -> Page:
    """Show a course that was opened without a learning server, as far as it can be shown."""
    if entry.course.variant is Variant.BROWSER:
        return render_template("launch/browser.html", lesson=lesson_of(entry.course), launch=None)
    return _message(
        "This course was opened without a learning server",
        "There is no AICC_SID and AICC_URL in its address. Launch it from your list of courses.",
        400,
    )


def _call(pretend: Pretend, response: Response) -> Call:
    return Call(
        at=pretend.clock(),
        place=Place.LAUNCH,
        method=request.method,
        host=request.host,
        path=request.path,
        # The session id stays out: whoever has it can write into the attempt.
        query={"licenseId": request.args.get("licenseId", "")},
        authorization="",
        status=response.status_code,
    )
