"""The admin's pages of people: the list, one person, adding, importing, enrolling, passwords.

Serves admins. Views only: who may be added and what a list may say is the knowledge of
`launcher.people.accounts` and `launcher.people.enrolments`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import Connection
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from catalog import store as catalog_store
from launcher import paging
from launcher.db import read, transact
from launcher.explaining import explanations
from launcher.forms import EnrolInForm, ImportForm, LearnerForm, PasswordForm
from launcher.numbers import parse_id
from launcher.people import access, accounts, enrolments
from launcher.people.accounts import Member
from launcher.people.enrolments import EnrolmentRefused, ImportReport
from launcher.people.identities import MemberRefused
from launcher.people.passwords import PasswordRefused
from launcher.records import overview, standing, transcripts
from launcher.schema import Role

# A list of enrolments in memory: 10 MB are some hundred thousand lines.
LIST_BYTES = 10 * 1024 * 1024
# So many courses are offered to choose from on a learner's page; where more fit, one searches.
OFFERED_COURSES = 500


def learners() -> str:
    """List the people of the academy, by page and search."""
    search = paging.search()

    def unit(connection: Connection) -> dict[str, object]:
        most = paging.most()
        total = accounts.count_members(connection, g.academy.id, search=search, most=most)
        page = paging.page(total, counted=most)
        people = accounts.members(
            connection, g.academy.id, search=search, limit=page.size, offset=page.offset
        )
        enrolled = overview.courses_by_learner(
            connection, g.academy.id, learner_ids=[person.id for person in people]
        )
        return {"page": page, "people": people, "enrolled": enrolled}

    return render_template("admin/learners.html", search=search, **read(unit))


def learner(learner_id: int) -> str:
    """Show one person: who they are, their courses, and all that is recorded."""
    return _learner_page(learner_id)


def add() -> ResponseReturnValue:
    """Add one person; a password that was made up is shown once, on the answer."""
    form = LearnerForm()
    if form.validate_on_submit():
        added = _added(form)
        if added is not None:
            member, made = added
            return render_template("admin/learner_added.html", added=member, password=made)
    page = render_template("admin/learner_add.html", form=form)
    return page, 422 if form.is_submitted() else 200


def import_list() -> ResponseReturnValue:
    """Take in a CSV file of people and courses: all of it, or none and every fault by line."""
    form = ImportForm()
    report = None
    if form.validate_on_submit():
        text = _text_of(form)
        if text is not None:
            report = transact(lambda connection: _import(connection, text))
    refused = form.is_submitted() and (report is None or report.faults)
    page = render_template("admin/learners_import.html", form=form, report=report)
    return page, 422 if refused else 200


def password(learner_id: int) -> ResponseReturnValue:
    """Give somebody a new password, chosen or made up, and show it once."""
    form = PasswordForm()
    if not form.validate_on_submit():
        return _learner_page(learner_id, password_form=form), 422
    try:
        new = transact(
            lambda connection: accounts.set_password(
                connection,
                g.academy.id,
                learner_id=_member(connection, learner_id).id,
                password=form.password.data or None,
            )
        )
    except (MemberRefused, PasswordRefused) as refused:
        form.password.errors = [refused.reason]
        return _learner_page(learner_id, password_form=form), 422
    return _learner_page(learner_id, new_password=new)


def account(learner_id: int) -> ResponseReturnValue:
    """Switch somebody's account off, so that all their sign-ins end, or on again."""
    active = {"off": False, "on": True}.get(request.form.get("switch", ""))
    if active is None:
        abort(400)

    def unit(connection: Connection) -> None:
        access.switch_member(
            connection,
            g.academy.id,
            learner_id=_member(connection, learner_id).id,
            active=active,
            by=g.member.id,
        )

    try:
        transact(unit)
    except MemberRefused as refused:
        flash(refused.reason, "warning")
    else:
        flash(
            _("This person can sign in again.")
            if active
            else _("The account is switched off. All sign-ins of this person have ended."),
            "success",
        )
    return redirect(url_for("admin.learner", learner_id=learner_id))


def enrol(learner_id: int) -> ResponseReturnValue:
    """Enrol the learner in a course."""
    course_id = request.form.get("course", type=parse_id) or 0

    def unit(connection: Connection) -> bool:
        member = _member(connection, learner_id)
        if catalog_store.course(connection, g.academy.id, course_id=course_id) is None:
            abort(404)
        return enrolments.enrol(
            connection,
            academy_id=g.academy.id,
            learner_id=member.id,
            course_id=course_id,
            now=datetime.now(UTC),
        )

    try:
        new = transact(unit)
    except EnrolmentRefused:
        sentence = _("This course is archived: nobody can begin it. Reactivate it first.")
        flash(sentence, "warning")
        return redirect(url_for("admin.learner", learner_id=learner_id))
    if new:
        flash(_("The learner is enrolled."), "success")
    else:
        flash(_("The learner was enrolled already."), "info")
    return redirect(url_for("admin.learner", learner_id=learner_id))


def withdraw(learner_id: int) -> ResponseReturnValue:
    """Take the learner out of a course; what is recorded stays."""
    course_id = request.form.get("course", type=parse_id) or 0

    def unit(connection: Connection) -> None:
        member = _member(connection, learner_id)
        if catalog_store.course(connection, g.academy.id, course_id=course_id) is None:
            abort(404)
        enrolments.withdraw(
            connection, academy_id=g.academy.id, learner_id=member.id, course_id=course_id
        )

    transact(unit)
    flash(_("The learner is withdrawn. What was recorded is kept."), "success")
    if request.form.get("from") == "course":
        return redirect(url_for("admin.course", course_id=course_id))
    return redirect(url_for("admin.learner", learner_id=learner_id))


def _added(form: LearnerForm) -> tuple[Member, str | None] | None:
    """Add the person, or put the reason against it beside the field and return None."""

    def unit(connection: Connection) -> tuple[Member, str | None]:
        known = accounts.find_member(connection, g.academy.id, text=str(form.email.data))
        if known is not None:
            raise MemberRefused(
                _("%(name)s is in this academy already.", name=known.name), field="email"
            )
        return accounts.add_member(
            connection,
            academy_id=g.academy.id,
            email=str(form.email.data),
            name=str(form.name.data),
            role=Role(form.role.data),
            student_id=form.student_id.data or None,
            password=form.password.data or None,
            may_join=False,
            now=datetime.now(UTC),
        )

    try:
        return transact(unit)
    except MemberRefused as refused:
        wrong = {field.name: field for field in form}.get(refused.field, form.email)
        wrong.errors = [refused.reason]
    except PasswordRefused as refused:
        form.password.errors = [refused.reason]
    return None


def _text_of(form: ImportForm) -> str | None:
    """Read the file as UTF-8 (or as spreadsheets of Windows write it), or say why not."""
    raw = form.file.data.stream.read(LIST_BYTES + 1)
    if len(raw) > LIST_BYTES:
        form.file.errors = [_("This list is too long. Cut it into several files.")]
        return None
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return str(raw.decode(encoding))
        except UnicodeDecodeError:
            continue
    form.file.errors = [_("This file is no text. Save the list as CSV (UTF-8).")]
    return None


def _import(connection: Connection, text: str) -> ImportReport:
    return enrolments.import_csv(
        connection, academy_id=g.academy.id, text=text, may_join=False, now=datetime.now(UTC)
    )


def _member(connection: Connection, learner_id: int) -> Member:
    member = accounts.member(connection, g.academy.id, learner_id=learner_id)
    if member is None:
        abort(404)
    return member


def _learner_page(
    learner_id: int,
    *,
    password_form: PasswordForm | None = None,
    new_password: str | None = None,
) -> str:
    sought = request.args.get("course", "").strip()

    def unit(connection: Connection) -> dict[str, Any]:
        member = _member(connection, learner_id)
        enrolled = enrolments.enrolled_courses(connection, g.academy.id, learner_id=learner_id)
        rows = transcripts.rows(connection, g.academy.id, learner_id=learner_id)
        shown = list(dict.fromkeys([row.course_id for row in rows] + enrolled))
        stands = (
            standing.stand(connection, g.academy.id, learner_id=learner_id, course_id=course_id)
            for course_id in shown
        )
        offered = catalog_store.courses(
            connection,
            g.academy.id,
            search=sought,
            archived=False,
            without=enrolled,
            limit=OFFERED_COURSES + 1,
        )
        return {
            "person": member,
            "active": access.is_active(connection, member),
            "enrolled": set(enrolled),
            "courses": [course for course in stands if course is not None],
            "offered": offered[:OFFERED_COURSES],
            "sought": sought,
            "more": OFFERED_COURSES if len(offered) > OFFERED_COURSES else 0,
        }

    found = read(unit)
    enrol_form = EnrolInForm(formdata=None)
    enrol_form.course.choices = [SelectChoice(row.id, row.title) for row in found["offered"]]
    return render_template(
        "admin/learner.html",
        password_form=password_form or PasswordForm(formdata=None),
        enrol_form=enrol_form,
        new_password=new_password,
        hints=explanations.fresh_hints(
            g.academy.id, keys=[(learner_id, course.stored.id) for course in found["courses"]]
        ),
        **found,
    )
