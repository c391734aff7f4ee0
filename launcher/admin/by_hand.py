"""The admin's page of statuses set by hand: of one learner in one course.

Serves admins. Views only: what may be set, and what follows, is for `launcher.records.set_by_hand`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import Connection
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from catalog.files.tree import ROOT
from catalog.model import Result
from catalog.store import StoredCourse
from launcher import words
from launcher.db import read, transact
from launcher.forms import HandStatusForm, WithdrawForm
from launcher.numbers import parse_wide_id
from launcher.people import accounts
from launcher.people.accounts import Member
from launcher.records import by_hand as kept
from launcher.records import set_by_hand as deciding
from launcher.records.by_hand import HandStatus
from launcher.records.reckoning import Reckoning, reckon, weigh
from launcher.records.set_by_hand import SETTABLE, HandRefused
from launcher.records.versions import course_for


@dataclass(frozen=True, slots=True)
class Element:
    """The course or one of its units: what content came to, what counts, what was set by hand."""

    id: str
    title: str
    said: Result
    counts: Result
    hand: HandStatus | None


@dataclass(frozen=True, slots=True)
class Facts:
    """What the page shows."""

    person: Member
    stored: StoredCourse
    elements: tuple[Element, ...]
    history: tuple[HandStatus, ...]


def by_hand(learner_id: int, course_id: int) -> str:
    """Show what counts of a learner in a course, by whose word, and all that was ever set."""
    return _page(learner_id, course_id, HandStatusForm(formdata=None))


def set_by_hand(learner_id: int, course_id: int) -> ResponseReturnValue:
    """Set a status for a unit or the course."""
    form = HandStatusForm()
    _offer(form, read(lambda connection: _stored(connection, learner_id, course_id)))
    if form.validate_on_submit():
        score = str(form.score.data or "").replace(",", ".")

        def unit(connection: Connection) -> None:
            deciding.set_status(
                connection,
                _stored(connection, learner_id, course_id),
                learner_id=_person(connection, learner_id).id,
                element=form.element.data,
                status=form.status.data,
                percent=float(score) if score else None,
                reason=str(form.reason.data),
                by=g.member.name,
                now=datetime.now(UTC),
            )

        if _done(unit, form):
            flash(_("The status is set."), "success")
            return redirect(_here(learner_id, course_id))
    return _page(learner_id, course_id, form), 422


def withdraw_by_hand(learner_id: int, course_id: int) -> ResponseReturnValue:
    """Withdraw a status, so that what content said counts again."""
    form = WithdrawForm()
    element = request.form.get("element", "")
    if form.validate_on_submit():

        def unit(connection: Connection) -> None:
            deciding.withdraw(
                connection,
                _stored(connection, learner_id, course_id),
                learner_id=_person(connection, learner_id).id,
                element=element,
                reason=str(form.reason.data),
                by=g.member.name,
                now=datetime.now(UTC),
                seen=request.form.get("record", type=parse_wide_id),
            )

        if _done(unit, form):
            flash(_("The status is withdrawn. What the content said counts again."), "success")
            return redirect(_here(learner_id, course_id))
    page = _page(
        learner_id, course_id, HandStatusForm(formdata=None), withdraw=form, withdrawing=element
    )
    return page, 422


def _done(unit: Callable[[Connection], None], form: HandStatusForm | WithdrawForm) -> bool:
    """Do it, or put the reason against it beside its field."""
    try:
        transact(unit)
    except HandRefused as refused:
        wrong = {field.name: field for field in form}.get(refused.field, form.reason)
        wrong.errors = [refused.reason]
        return False
    return True


def _page(
    learner_id: int,
    course_id: int,
    form: HandStatusForm,
    *,
    withdraw: WithdrawForm | None = None,
    withdrawing: str = "",
) -> str:
    facts = read(lambda connection: _facts(connection, learner_id, course_id))
    _offer(form, facts.stored)
    return render_template(
        "admin/by_hand.html",
        facts=facts,
        form=form,
        withdraw_form=withdraw or WithdrawForm(formdata=None),
        withdrawing=withdrawing,
        titles={one.id: one.title for one in facts.elements},
    )


def _offer(form: HandStatusForm, stored: StoredCourse) -> None:
    """Say what may be chosen."""
    units = [SelectChoice(unit.system_id, unit.title) for unit in stored.course.units]
    form.element.choices = [*units, SelectChoice(ROOT, _("The whole course"))]
    form.status.choices = [SelectChoice(str(one), words.status_words(one)) for one in SETTABLE]


def _facts(connection: Connection, learner_id: int, course_id: int) -> Facts:
    stored = _stored(connection, learner_id, course_id)
    person = _person(connection, learner_id)
    found = reckon(connection, stored, learner_id=person.id)
    history = kept.history(connection, g.academy.id, learner_id=person.id, course_id=stored.id)
    return Facts(person, stored, tuple(_elements(stored, found)), tuple(history))


def _elements(stored: StoredCourse, found: Reckoning) -> list[Element]:
    said = weigh(stored.course, found.attempts, rules=found.rules)
    units = [
        Element(
            unit.system_id,
            unit.title,
            said.results.get(unit.system_id, Result()),
            found.results.get(unit.system_id, Result()),
            found.by_hand.get(unit.system_id),
        )
        for unit in stored.course.units
    ]
    whole = Element(
        ROOT,
        _("The whole course"),
        said.whole(stored.course),
        found.whole(stored.course),
        found.by_hand.get(ROOT),
    )
    return [*units, whole]


def _stored(connection: Connection, learner_id: int, course_id: int) -> StoredCourse:
    """Return the course as this learner takes it."""
    stored = course_for(connection, g.academy.id, learner_id=learner_id, course_id=course_id)
    if stored is None:
        abort(404)
    return stored


def _person(connection: Connection, learner_id: int) -> Member:
    person = accounts.member(connection, g.academy.id, learner_id=learner_id)
    if person is None:
        abort(404)
    return person


def _here(learner_id: int, course_id: int) -> str:
    return url_for("admin.by_hand", learner_id=learner_id, course_id=course_id)
