"""The admin's pages of courses: the list, one course, uploading packages, enrolling a learner.

Serves admins. Views only: what a package is and what is wrong with it is the catalog's knowledge.
"""

from __future__ import annotations

from datetime import UTC, datetime

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import Connection
from werkzeug.datastructures import FileStorage

from catalog import marks, tags
from catalog import store as catalog_store
from catalog.archive import archived_among
from catalog.model import AssignableUnit
from catalog.shelf import Shelf
from catalog.store import StoredCourse
from catalog.structure import outline_rows
from catalog.supply import decisions, entries, items, runs
from catalog.supply.model import Entry, Run
from hacp import gates
from launcher import config, paging
from launcher.db import read, transact
from launcher.explaining import conditions
from launcher.forms import EnrolForm, UploadForm
from launcher.opensesame.clients import launch_hosts
from launcher.opensesame.standing import standing
from launcher.people import accounts, enrolments
from launcher.people.enrolments import EnrolmentRefused
from launcher.records import overview, transcripts, versions
from launcher.records.mastery import mastery_set
from launcher.uploads import Delivered, take_in


def courses() -> str:
    """List the courses by page and search: all, the active or the archived ones, one tag's."""
    search = paging.search()
    tag = request.args.get("tag", "")[: paging.SEARCH_LENGTH]
    state = request.args.get("state", "")
    archived = {"active": False, "archived": True}.get(state)

    def unit(connection: Connection) -> dict[str, object]:
        total = catalog_store.count_courses(
            connection, g.academy.id, search=search, archived=archived, tag=tag
        )
        page = paging.page(total)
        rows = catalog_store.courses(
            connection,
            g.academy.id,
            search=search,
            archived=archived,
            tag=tag,
            limit=page.size,
            offset=page.offset,
        )
        enrolled = overview.learners_by_course(
            connection, g.academy.id, course_ids=[row.id for row in rows]
        )
        return {
            "page": page,
            "courses": rows,
            "tags": tags.used(connection, g.academy.id),
            "tags_of": tags.of_courses(connection, g.academy.id, [row.id for row in rows]),
            "enrolled": enrolled,
            "twins": marks.with_twins(connection, g.academy.id, [row.id for row in rows]),
            "standing": standing(connection, g.academy.id),
        }

    return render_template(
        "admin/courses.html",
        search=search,
        state="" if archived is None else state,
        tag=tag,
        filtered=bool(search or tag) or archived is not None,
        **read(unit),
    )


def course(course_id: int) -> str:
    """Show one course: what its files say, its units, and how its learners stand."""
    return _course_page(course_id, EnrolForm(formdata=None))


def enrol_learner(course_id: int) -> ResponseReturnValue:
    """Enrol one learner in this course, by e-mail address or student id."""
    form = EnrolForm()
    if not form.validate_on_submit():
        return _course_page(course_id, form), 422
    wanted = str(form.who.data)

    def unit(connection: Connection) -> tuple[accounts.Member, bool] | None:
        if catalog_store.course(connection, g.academy.id, course_id=course_id) is None:
            abort(404)
        member = accounts.find_member(connection, g.academy.id, text=wanted)
        if member is None:
            return None
        new = enrolments.enrol(
            connection,
            academy_id=g.academy.id,
            learner_id=member.id,
            course_id=course_id,
            now=datetime.now(UTC),
        )
        return member, new

    try:
        enrolled = transact(unit)
    except EnrolmentRefused:
        form.who.errors = [_("This course is archived: nobody can begin it. Reactivate it first.")]
        return _course_page(course_id, form), 422
    if enrolled is None:
        form.who.errors = [_("Nobody in this academy has this address or student id.")]
        return _course_page(course_id, form), 422
    member, new = enrolled
    if new:
        flash(_("%(name)s is enrolled.", name=member.name), "success")
    else:
        flash(_("%(name)s was enrolled already.", name=member.name), "info")
    return redirect(url_for("admin.course", course_id=course_id))


def upload() -> ResponseReturnValue:
    """Take course packages in and say, package by package, what became of them."""
    form = UploadForm()
    limit = config.current().max_upload_mib
    if not form.validate_on_submit():
        page = render_template("admin/upload.html", form=form, limit=limit)
        return page, 422 if form.is_submitted() else 200
    delivered = take_in(
        _sent(),
        academy_id=g.academy.id,
        transact=transact,
        shelf=Shelf(config.current().content_root),
        hosts=launch_hosts(config.current()),
        now=datetime.now(UTC),
    )
    page = render_template("admin/uploaded.html", delivered=delivered, form=form, limit=limit)
    return page, _status(delivered)


def _sent() -> list[FileStorage]:
    """Return the files of the request; a browser sends an empty one where none was chosen."""
    return [file for file in request.files.getlist("files") if file.filename]


def _status(delivered: list[Delivered]) -> int:
    return 422 if all(package.faults for package in delivered) else 200


def _course_page(course_id: int, form: EnrolForm) -> str:
    def unit(connection: Connection) -> dict[str, object]:
        stored = catalog_store.course(connection, g.academy.id, course_id=course_id)
        if stored is None:
            abort(404)
        twins = marks.twins_of(connection, g.academy.id, course_id=course_id)
        addresses = {au.system_id: _address(stored, au) for au in stored.course.units}
        page = paging.page(enrolments.count_enrolled(connection, g.academy.id, course_id=course_id))
        learners = enrolments.enrolled_learners(
            connection, g.academy.id, course_id=course_id, limit=page.size, offset=page.offset
        )
        rows = transcripts.each(
            connection,
            g.academy.id,
            course_id=course_id,
            learner_ids=[person.id for person in learners],
        )
        return {
            "stored": stored,
            "archived_by": _archived_by(connection, stored),
            "waiting": gates.count(connection, g.academy.id, course_id=course_id),
            "held": gates.counts(
                connection,
                g.academy.id,
                course_id=course_id,
                learner_ids=[person.id for person in learners],
            ),
            "rows": outline_rows(stored.course),
            "rules": conditions.rules(stored.course),
            "addresses": addresses,
            "mastery": mastery_set(connection, g.academy.id, course_id=course_id),
            "page": page,
            "learners": learners,
            "recorded": {row.learner_id: row for row in rows},
            "twins": twins,
            "archived": archived_among(connection, g.academy.id, [one.course_id for one in twins]),
            "in_earlier": versions.count_earlier(connection, stored),
            "earlier": versions.earlier(
                connection, stored, learner_ids=[person.id for person in learners]
            ),
            "provided": items.provided(connection, g.academy.id, course_id=course_id),
            "history": _history(connection, course_id),
            "decided": decisions.trail(connection, g.academy.id, course_id=course_id),
            "standing": standing(connection, g.academy.id),
        }

    return render_template("admin/course.html", form=form, **read(unit))


def _history(connection: Connection, course_id: int) -> list[tuple[Run, Entry]]:
    """Return what the latest runs did with the course, each with its run."""
    told = entries.of_course(connection, g.academy.id, course_id=course_id, limit=5)
    found = [(runs.run(connection, g.academy.id, run_id=number), entry) for number, entry in told]
    return [(run, entry) for run, entry in found if run is not None]


def _archived_by(connection: Connection, stored: StoredCourse) -> str:
    """Return the name of the admin who archived the course; "" where nobody by name did."""
    by = stored.archived.by if stored.archived else None
    admin = accounts.member(connection, g.academy.id, learner_id=by) if by is not None else None
    return admin.name if admin is not None else ""


def _address(stored: StoredCourse, au: AssignableUnit) -> str:
    """Return where the unit is launched; as it stands in the file where that leads nowhere."""
    content_url = config.current().content_url
    try:
        return catalog_store.launch_address(stored, au, content_url=content_url)
    except LookupError:
        return au.file_name
