"""The admin's page of what is said of a course: whose each fact is, and what admins note beside it.

Serves admins. Views only: tags and notes are the academy's own; every other fact is shown with who
says it and where it is changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from flask import abort, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import Connection

import catalog.store
from catalog import categories, tags
from catalog.store import StoredCourse
from catalog.supply import items
from catalog.supply.items import Provided
from catalog.tags import Noted
from launcher.db import read, transact
from launcher.forms import NotesForm
from launcher.learner_catalog import language_name
from launcher.words import in_minutes


@dataclass(frozen=True, slots=True)
class Details:
    """What the page shows; `provided` is None for a course that was uploaded."""

    stored: StoredCourse
    provided: Provided | None
    noted: Noted
    paths: tuple[tuple[str, ...], ...]

    @property
    def facts(self) -> list[tuple[str, str]]:
        """The facts that cannot be changed here, by their names."""
        found = [
            (_("Title"), self.stored.title),
            (_("Description"), self.stored.course.description),
        ]
        if self.provided is None:
            return found
        item = self.provided.item
        spoken = ", ".join(language_name(code) for code in item.languages)
        return [
            *found,
            (_("Publisher"), item.publisher),
            (_("Languages"), spoken),
            (_("Duration"), in_minutes(item.duration)),
            (_("Categories"), "\n".join(" › ".join(path) for path in self.paths)),
        ]


def details(course_id: int) -> ResponseReturnValue:
    """Show what is said of a course, or keep its tags and note."""
    shown = read(partial(_details, course_id=course_id))
    form = NotesForm(tags=tags.dump_tags(shown.noted.tags), note=shown.noted.note)
    if form.validate_on_submit() and _kept(form, course_id):
        flash(_("The notes are saved."), "success")
        return redirect(url_for("admin.details", course_id=course_id))
    page = render_template("admin/details.html", form=form, shown=shown)
    return page, 422 if form.errors else 200


def _details(connection: Connection, *, course_id: int) -> Details:
    stored = catalog.store.course(connection, g.academy.id, course_id=course_id)
    if stored is None:
        abort(404)
    paths = categories.paths_of(connection, g.academy.id, course_ids=[course_id])
    return Details(
        stored=stored,
        provided=items.provided(connection, g.academy.id, course_id=course_id),
        noted=tags.noted(connection, g.academy.id, course_id=course_id),
        paths=paths.get(course_id, ()),
    )


def _kept(form: NotesForm, course_id: int) -> bool:
    """Keep what was typed, or put the reason against it beside the field."""
    try:
        said = Noted(tags.parse_tags(form.tags.data or ""), form.note.data or "")
    except ValueError as fault:
        form.tags.errors = [str(fault)]
        return False
    transact(partial(tags.keep, academy_id=g.academy.id, course_id=course_id, noted=said))
    return True
