"""One course as its publisher and its customer can change it: title, categories, retired, removed.

Serves a person. Each change is seen by an integration when it reads the listing the next time.
"""

from __future__ import annotations

from flask import Blueprint, Response, abort, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from demo.opensesame import frame
from demo.opensesame.customers import NoSuchCourse
from demo.opensesame.model import Entry, Opening
from demo.opensesame.parcels import aicc_package
from demo.opensesame.pretend import Pretend

LONGEST_TITLE = 300
MOST_SEATS = 100_000

OPENINGS = {
    Opening.OPEN: "Open the course",
    Opening.NO_SEAT: "Refuse: no free seat",
    Opening.EXPIRED: "Refuse: licence expired",
}

Page = str | AnyResponse | tuple[str, int]


def create_blueprint(pretend: Pretend) -> Blueprint:
    """Make the page of a course and what it posts to."""
    pages = frame.create_blueprint("editing", pretend)

    def found(course_id: str) -> Entry:
        try:
            return pretend.entry(course_id, ciid=g.ciid)
        except NoSuchCourse:
            abort(404)

    def shown(entry: Entry, **more: str) -> str:
        return render_template(
            "pages/course.html",
            entry=entry,
            today=pretend.today,
            openings=OPENINGS,
            seats=pretend.seats(entry.course.id, ciid=g.ciid),
            **more,
        )

    def done(course_id: str, text: str) -> AnyResponse:
        flash(text)
        return redirect(url_for(".course", course_id=course_id))

    @pages.get("/courses/<course_id>")
    def course(course_id: str) -> str:
        entry = found(course_id)
        return shown(entry)

    @pages.post("/courses/<course_id>")
    def change(course_id: str) -> Page:
        entry = found(course_id)
        title = request.form.get("title", "").strip()
        if not 1 <= len(title) <= LONGEST_TITLE:
            problem = f"The title has 1 to {LONGEST_TITLE} characters; this one has {len(title)}."
            return shown(entry, problem=problem), 400
        lines = request.form.get("categories", "").splitlines()
        pretend.change(
            course_id,
            ciid=g.ciid,
            title=title,
            description=request.form.get("description", "").strip(),
            categories=tuple(line.strip() for line in lines if line.strip()),
        )
        return done(course_id, "Changed. The integration reads it with the next listing.")

    @pages.post("/courses/<course_id>/retire")
    def retire(course_id: str) -> Page:
        found(course_id)
        pretend.retire(course_id, ciid=g.ciid)
        return done(course_id, "Retired: the listing says that it is not active.")

    @pages.post("/courses/<course_id>/reactivate")
    def reactivate(course_id: str) -> Page:
        found(course_id)
        pretend.reactivate(course_id, ciid=g.ciid)
        return done(course_id, "Offered again: the listing says that it is active.")

    @pages.post("/courses/<course_id>/remove")
    def remove(course_id: str) -> Page:
        found(course_id)
        pretend.remove(course_id, ciid=g.ciid)
        return done(course_id, "Removed: the listing does not have it any more.")

    @pages.post("/courses/<course_id>/launches")
    def launches(course_id: str) -> Page:
        entry = found(course_id)
        opening = request.form.get("opening", "")
        if opening not in set(Opening):
            abort(400)
        number = request.form.get("seats", "").strip()
        if number and not (number.isdecimal() and 1 <= int(number) <= MOST_SEATS):
            problem = f"A licence has 1 to {MOST_SEATS} seats, or any number: leave it empty."
            return shown(entry, problem=problem), 400
        pretend.open_launches(course_id, Opening(opening), ciid=g.ciid)
        if "seats" in request.form:
            pretend.set_seats(course_id, int(number) if number else None, ciid=g.ciid)
        return done(course_id, "Launches from now on meet what you chose.")

    @pages.get("/courses/<course_id>/package")
    def package(course_id: str) -> Response:
        base_url = request.host_url.rstrip("/")
        zipped = aicc_package(found(course_id), g.ciid, base_url=base_url)
        answer = Response(zipped, mimetype="application/zip")
        answer.headers["Content-Disposition"] = f'attachment; filename="{course_id.lower()}.zip"'
        return answer

    return pages
