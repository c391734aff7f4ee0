"""The customer's pages: the List, *Deliver Courses*, *View Status* and the activity report.

Serves a person. What can be sent, and with which licence, is decided by `customers`.
"""

from __future__ import annotations

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from demo.opensesame import frame
from demo.opensesame.activity import report
from demo.opensesame.customers import CannotSend, NoSuchCourse
from demo.opensesame.model import Answered, Entry
from demo.opensesame.pretend import Pretend

# What the design of the push says about each answer; see docs/opensesame.md.
_ANSWERS = {
    200: "It knew this delivery already.",
    202: "It was accepted.",
    400: "It could not be read.",
    401: "The secret or the Customer Integration ID is wrong.",
    404: "There is no such address.",
    409: "It is switched off over there.",
    413: "It was too large.",
    429: "Too many came in a minute.",
}

Page = str | Response | tuple[str, int]


def create_blueprint(pretend: Pretend) -> Blueprint:
    """Make the pages."""
    pages = frame.create_blueprint("listing", pretend)

    @pages.get("/")
    def courses() -> str:
        return render_template(
            "pages/courses.html",
            entries=pretend.entries(ciid=g.ciid),
            grown=pretend.grown(ciid=g.ciid),
            today=pretend.today,
            all_chosen="all" in request.args,
        )

    @pages.get("/deliver")
    def choose() -> Page:
        chosen = _chosen(pretend, request.args.getlist("course"))
        if not chosen:
            flash("Choose at least one course.")
            return redirect(url_for(".courses"))
        return render_template("pages/deliver.html", entries=chosen, today=pretend.today)

    @pages.post("/deliver")
    def deliver() -> Page:
        chosen = _chosen(pretend, request.form.getlist("course"))
        ids = [entry.course.id for entry in chosen]
        licences = {id_: request.form.get(f"licence-{id_}", "") for id_ in ids}
        try:
            delivery = pretend.deliver(*ids, licences=licences, ciid=g.ciid)
        except CannotSend as error:
            return render_template(
                "pages/deliver.html", entries=chosen, today=pretend.today, problem=error
            ), 400
        flash(f"Delivered: {_explain(delivery.answers[-1])}")
        return redirect(url_for(".status"))

    @pages.get("/status")
    def status() -> str:
        return render_template(
            "pages/status.html",
            deliveries=pretend.deliveries(ciid=g.ciid),
            explain=_explain,
            title_of=lambda course_id: _title(pretend, course_id),
        )

    @pages.post("/status/<delivery_id>")
    def send_again(delivery_id: str) -> Page:
        if delivery_id not in {one.id for one in pretend.deliveries(ciid=g.ciid)}:
            abort(404)
        delivery = pretend.push(delivery_id)
        flash(f"Sent again: {_explain(delivery.answers[-1])}")
        return redirect(url_for(".status"))

    @pages.get("/activity")
    def activity() -> str:
        return render_template(
            "pages/activity.html",
            rows=report(pretend.launches(ciid=g.ciid)),
            title_of=lambda course_id: _title(pretend, course_id),
        )

    return pages


def _chosen(pretend: Pretend, course_ids: list[str]) -> list[Entry]:
    try:
        return [pretend.entry(id_, ciid=g.ciid) for id_ in dict.fromkeys(course_ids)]
    except NoSuchCourse:
        abort(404)


def _title(pretend: Pretend, course_id: str) -> str:
    try:
        return pretend.entry(course_id, ciid=g.ciid).course.title
    except NoSuchCourse:
        return course_id


def _explain(answered: Answered) -> str:
    """Say in words what a push was answered."""
    if answered.status is None:
        return answered.text
    words = _ANSWERS.get(answered.status)
    if words is None:
        words = "It was redirected, which is not followed." if 300 <= answered.status < 400 else ""
    return f"The integration answered {answered.status}. {words}".strip()
