"""The forms of the pages: which fields they have and what is wrong with what was typed.

Serves the learner's and the admin's views. Every form carries a CSRF token (Flask-WTF); what the
database has to say to the values is said by the view.
"""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired, MultipleFileField
from wtforms import BooleanField, EmailField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import DataRequired, Email, Length, Optional, Regexp

from catalog.tags import NOTE_LENGTH
from launcher.schema import Counts, LaunchWindow, Role
from launcher.wall_clock import time_zones

# Flask-Security's own least length, so that a password set here passes there (NIST SP 800-63B).
PASSWORD_LEAST = 8
PASSWORD_MOST = 128
# What `student_id` may be: SkillSoft content accepts no other characters (MDL-46805).
STUDENT_ID = r"^[A-Za-z0-9_-]{1,64}\Z"


def _stripped(value: str | None) -> str | None:
    return value.strip() if value else value


def _password_length() -> Length:
    return Length(
        min=PASSWORD_LEAST,
        max=PASSWORD_MOST,
        message=_("A password has between %(min)d and %(max)d characters."),
    )


class LearnerForm(FlaskForm):  # type: ignore[misc]
    """Add a person to the academy."""

    email = EmailField(
        _("E-mail address"),
        filters=[_stripped],
        validators=[
            DataRequired(_("Type the e-mail address with which the person signs in.")),
            Length(max=255),
            Email(_("This is not an e-mail address.")),
        ],
    )
    name = StringField(
        _("Name"),
        filters=[_stripped],
        validators=[DataRequired(_("Type the person's name.")), Length(max=255)],
    )
    role = SelectField(
        _("Role"),
        choices=[
            SelectChoice(Role.LEARNER.value, _("Learner")),
            SelectChoice(Role.ADMIN.value, _("Administrator")),
        ],
    )
    student_id = StringField(
        _("Student id"),
        filters=[_stripped],
        validators=[
            Optional(),
            Regexp(STUDENT_ID, message=_("Only letters, digits, _ and -, at most 64.")),
        ],
    )
    password = StringField(_("Password"), validators=[Optional(), _password_length()])


class PasswordForm(FlaskForm):  # type: ignore[misc]
    """Set a new password for somebody; left empty, one is made."""

    password = StringField(_("New password"), validators=[Optional(), _password_length()])


class UploadForm(FlaskForm):  # type: ignore[misc]
    """Hand in course packages."""

    files = MultipleFileField(
        _("Course packages"), validators=[FileRequired(_("Choose at least one file."))]
    )


class ImportForm(FlaskForm):  # type: ignore[misc]
    """Hand in a list of enrolments."""

    file = FileField(_("CSV file"), validators=[FileRequired(_("Choose a CSV file."))])


class EnrolForm(FlaskForm):  # type: ignore[misc]
    """Enrol: which learner (on a course's page) or which course (on a learner's page)."""

    who = StringField(
        _("E-mail address or student id"),
        filters=[_stripped],
        validators=[DataRequired(_("Type an e-mail address or a student id."))],
    )


class EnrolInForm(FlaskForm):  # type: ignore[misc]
    """Enrol a given learner in a chosen course."""

    course = SelectField(_("Course"), coerce=int)


class CourseRulesForm(FlaskForm):  # type: ignore[misc]
    """What an academy decides about the records of one course."""

    retakes = SelectField(
        _("Retakes"),
        choices=[
            SelectChoice("allowed", _("allowed: a unit that is over may be begun anew")),
            SelectChoice("forbidden", _("not allowed")),
        ],
    )
    counts = SelectField(
        _("Of several attempts at a unit"),
        choices=[
            SelectChoice(Counts.BEST.value, _("the best one counts")),
            SelectChoice(Counts.LAST.value, _("the last one counts")),
            SelectChoice(Counts.FIRST.value, _("the first one counts")),
        ],
    )


class HandStatusForm(FlaskForm):  # type: ignore[misc]
    """Set a status by hand."""

    element = SelectField(_("Unit or course"))
    status = SelectField(_("Status"))
    score = StringField(
        _("Score"),
        filters=[_stripped],
        validators=[
            Optional(),
            Regexp(
                r"^[0-9]{1,3}([.,][0-9]{1,2})?\Z", message=_("A score is a number from 0 to 100.")
            ),
        ],
    )
    reason = TextAreaField(
        _("Reason"),
        filters=[_stripped],
        validators=[DataRequired(_("Say why; it is kept with the record.")), Length(max=1000)],
    )


class WithdrawForm(FlaskForm):  # type: ignore[misc]
    """Withdraw a status that was set by hand."""

    reason = StringField(
        _("Reason"),
        filters=[_stripped],
        validators=[DataRequired(_("Say why; it is kept with the record.")), Length(max=1000)],
    )


class SettingsForm(FlaskForm):  # type: ignore[misc]
    """What an academy decides for itself."""

    name = StringField(
        _("Name of the academy"),
        filters=[_stripped],
        validators=[DataRequired(_("An academy has a name.")), Length(max=255)],
    )
    launch_window = SelectField(
        _("Units open in"),
        choices=[
            SelectChoice(LaunchWindow.NEW.value, _("a new window")),
            SelectChoice(LaunchWindow.SAME.value, _("the same window")),
        ],
    )
    time_zone = SelectField(
        _("Time zone"),
        choices=[
            # Names of places, as everybody's computer has them: not translated.
            SelectChoice(zone, zone.replace("_", " "), optgroup=zone.partition("/")[0])
            for zone in time_zones()
        ],
    )
    self_enrolment = BooleanField(_("Learners may enrol themselves in any course that is open"))


class NotesForm(FlaskForm):  # type: ignore[misc]
    """What admins note of a course."""

    tags = StringField(_("Tags"), filters=[_stripped], validators=[Optional(), Length(max=2000)])
    note = TextAreaField(
        _("Note"), filters=[_stripped], validators=[Optional(), Length(max=NOTE_LENGTH)]
    )
