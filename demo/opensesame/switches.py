"""The page of the faults: what the API does wrong from now on, and listings of any length.

Serves a person who wants to see what a learning server makes of it. Faults end with the process.
"""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.wrappers import Response

from demo.opensesame import frame
from demo.opensesame.faults import MEANING, Fault, places_of
from demo.opensesame.journal import Call, Place
from demo.opensesame.pretend import Pretend

# The largest catalogue that the server is built for, and some more.
MOST_COURSES = 100_000
MOST_TIMES = 10_000
MOST_SECONDS = 120
LAST_CALLS = 20

Form = ImmutableMultiDict[str, str]
Page = str | Response | tuple[str, int]


class _Unreadable(Exception):
    """Something in the form is not what it should be; the text says what was expected."""


def create_blueprint(pretend: Pretend) -> Blueprint:
    """Make the page and what it posts to."""
    pages = frame.create_blueprint("switches", pretend)

    def show(*, problem: str = "") -> str:
        return render_template(
            "pages/faults.html",
            switched=pretend.faults.switched(),
            meaning=MEANING,
            places=[Place.CONTENT, Place.TOKEN, Place.PACKAGE, Place.PICTURE],
            grown=pretend.grown(ciid=g.ciid),
            calls=_last_calls(pretend),
            problem=problem,
            form=request.form,
        )

    @pages.get("/faults")
    def faults() -> str:
        return show()

    @pages.post("/faults")
    def switch_on() -> Page:
        try:
            _switch_on(pretend, request.form)
        except _Unreadable as error:
            return show(problem=str(error)), 400
        flash("Switched on.")
        return redirect(url_for(".faults"))

    @pages.post("/faults/off")
    def switch_off() -> Page:
        named = request.form.get("fault", "")
        if named and named not in set(Fault):
            return show(problem=f"There is no fault {named!r}."), 400
        pretend.faults.switch_off(Fault(named) if named else None)
        flash("Switched off.")
        return redirect(url_for(".faults"))

    @pages.post("/faults/many")
    def grow() -> Page:
        try:
            count = _number(request.form, "count", 0, MOST_COURSES)
            retired = _number(request.form, "retired", 0, 100) / 100
            revised = _number(request.form, "revised", 0, 100) / 100
        except _Unreadable as error:
            return show(problem=str(error)), 400
        pretend.grow(count, retired=retired, revised=revised, ciid=g.ciid)
        flash(f"The listing has {count:,} made-up courses.")
        return redirect(url_for(".faults"))

    return pages


def _last_calls(pretend: Pretend) -> list[Call]:
    """Return the newest first; pictures would drown the rest."""
    asked = [call for call in pretend.calls() if call.place is not Place.PICTURE]
    return asked[: -LAST_CALLS - 1 : -1]


def _switch_on(pretend: Pretend, form: Form) -> None:
    fault, place = form.get("fault", ""), form.get("place", "")
    if fault not in set(Fault) or place not in set(Place):
        raise _Unreadable("Choose a fault and a place.")
    if Place(place) not in places_of(Fault(fault)):
        places = ", ".join(places_of(Fault(fault)))
        raise _Unreadable(f"This fault can happen only at: {places}.")
    to = form.get("to", "").strip()
    if to and not to.startswith(("http://", "https://")):
        raise _Unreadable("The other host is an address that begins with http:// or https://.")
    pretend.faults.switch_on(
        Fault(fault),
        place=Place(place),
        times=_number(form, "times", 1, MOST_TIMES) if form.get("times", "").strip() else None,
        from_page=_number(form, "from_page", 1, MOST_TIMES),
        seconds=_number(form, "seconds", 0, MOST_SECONDS),
        to=to,
    )


def _number(form: Form, name: str, least: int, most: int) -> int:
    text = form.get(name, "").strip()
    if not (text.isascii() and text.isdecimal() and least <= int(text) <= most):
        words = name.replace("_", " ")
        raise _Unreadable(f"{words}: expected a number from {least} to {most}, not {text!r}.")
    return int(text)
