"""Courses that speak HACP from here: the browser only sends forms, and never meets the server.

Serves `launching`. Keeps nothing between two requests but the count of the launch: what has to be
remembered goes with the form, and what has to last goes to the learning server.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import time

from flask import Blueprint, abort, render_template, request

from demo import wire
from demo.opensesame.customers import NoSuchCourse
from demo.opensesame.lessons import Lesson, lesson_of
from demo.opensesame.model import Course
from demo.opensesame.pretend import NoSuchCustomer, Pretend
from demo.wire import NotHeard

INCOMPLETE, COMPLETED = "incomplete", "completed"

Page = str | tuple[str, int]


@dataclass(frozen=True, slots=True)
class Visit:
    """Where one browser stands: `at` is the number of the page, `opened` seconds since 1970."""

    lesson: Lesson
    talk: wire.Launch
    launch_id: str
    opened: int
    at: int = 0
    reviewing: bool = False

    @property
    def is_done(self) -> bool:
        """Tell whether this is the last page."""
        return self.at == len(self.lesson.pages) - 1


def create_blueprint(pretend: Pretend) -> Blueprint:
    """Make the address that the forms of these courses post to."""
    pages = Blueprint("speaking", __name__)

    @pages.post("/lesson")
    def step() -> Page:
        visit = _carried(pretend)
        return _heard(pretend, visit.talk, lambda: _move(pretend, visit))

    return pages


def begin(pretend: Pretend, course: Course, talk: wire.Launch, *, launch_id: str) -> Page:
    """Ask the learning server who this is and how far they are, and show that page."""
    lesson = lesson_of(course)

    def resume() -> str:
        told = wire.call(talk, "GetParam")
        pretend.note_learner(launch_id, told.core.get("student_id"))
        reviewing = told.core.get("lesson_mode", "").strip().lower().startswith("r")
        at = 0 if reviewing else lesson.number_of(told.core.get("lesson_location", ""))
        return _show(Visit(lesson, talk, launch_id, int(time()), at, reviewing))

    return _heard(pretend, talk, resume)


def ask_learner(pretend: Pretend, talk: wire.Launch) -> str | None:
    """Ask the learning server whom a launch is for; None where it cannot be asked or heard."""
    if not wire.may_call(talk.url, hosts=pretend.hosts):
        return None
    try:
        return wire.call(talk, "GetParam").core.get("student_id")
    except NotHeard:
        return None


def _heard(pretend: Pretend, talk: wire.Launch, work: Callable[[], str]) -> Page:
    """Do what needs the learning server, or say why it cannot be done."""
    if not wire.may_call(talk.url, hosts=pretend.hosts):
        return _message(
            "This learning server is not allowed",
            "The demo talks only to a learning server on the same machine.",
            400,
        )
    try:
        return work()
    except NotHeard as error:
        return _message(
            "Your progress is not being saved",
            f"The learning server did not take it: {error}. Close this window and launch the "
            "course again.",
            502,
        )


def _message(title: str, text: str, status: int) -> tuple[str, int]:
    return render_template("launch/base.html", title=title, text=text), status


def _carried(pretend: Pretend) -> Visit:
    """Read back what the last page carried in its form."""
    form = request.form
    talk = wire.launch_parameters(form.items(multi=True))
    opened, at = form.get("opened", ""), form.get("at", "")
    try:
        launch = pretend.launch(form.get("launch", ""))
        lesson = lesson_of(pretend.entry(launch.course_id, ciid=launch.ciid).course)
    except (KeyError, NoSuchCourse, NoSuchCustomer):
        abort(400)
    if talk is None or not opened.isdecimal() or not at.isdecimal():
        abort(400)
    # The course may have got shorter meanwhile.
    place = min(int(at), len(lesson.pages) - 1)
    reviewing = form.get("reviewing") == "yes"
    return Visit(lesson, talk, launch.id, int(opened), place, reviewing)


def _move(pretend: Pretend, visit: Visit) -> str:
    """Turn the page, tell the learning server, and show what comes then."""
    move = request.form.get("move", "")
    if move == "exit":
        _put(pretend, visit, leaving=True)
        wire.call(visit.talk, "ExitAU")
        return render_template(
            "launch/base.html",
            title="Your progress is saved",
            text="You can close this window and go back to your courses.",
        )
    step = {"next": 1, "back": -1}.get(move, 0)
    at = max(0, min(visit.at + step, len(visit.lesson.pages) - 1))
    visit = Visit(visit.lesson, visit.talk, visit.launch_id, visit.opened, at, visit.reviewing)
    _put(pretend, visit)
    return _show(visit)


def _put(pretend: Pretend, visit: Visit, *, leaving: bool = False) -> None:
    if visit.reviewing:
        return
    status = COMPLETED if visit.is_done else INCOMPLETE
    state = wire.dump_state(
        location=visit.lesson.pages[visit.at].id,
        status=f"{status},suspend" if leaving and not visit.is_done else status,
        seconds=max(0, int(time()) - visit.opened),
        suspend_data="",
    )
    wire.call(visit.talk, "PutParam", aicc_data=state)
    pretend.note_learner(visit.launch_id, completed=visit.is_done)


def _show(visit: Visit) -> str:
    return render_template(
        "launch/server.html", visit=visit, lesson=visit.lesson, page=visit.lesson.pages[visit.at]
    )
