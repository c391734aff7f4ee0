"""The form by which an admin connects the academy with OpenSesame.

Serves the settings page. What may be chosen together is `connecting`'s to say; a secret that is
stored is never put into a field.
"""

from __future__ import annotations

from typing import Any, Self

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, PasswordField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, ValidationError

from catalog.supply.model import Branding, DuplicatePolicy, ProviderConnection
from launcher.opensesame.connecting import Wanted
from launcher.opensesame.words import POLICY_WORDS
from launcher.wall_clock import dump_time, parse_time


def _stripped(value: str | None) -> str | None:
    return value.strip() if value else value


class ProviderForm(FlaskForm):  # type: ignore[misc]
    """Connect the academy with OpenSesame."""

    enabled = BooleanField(_("Use OpenSesame"))
    ciid = StringField(_("Customer Integration ID (CIID)"), filters=[_stripped])
    branding = RadioField(
        _("Branding"),
        choices=[
            SelectChoice(Branding.DEFAULT.value, _("Default")),
            SelectChoice(
                Branding.CUSTOM.value, _("Custom: our own logo in our OpenSesame account")
            ),
        ],
    )
    client_id = StringField(_("Client ID"), filters=[_stripped])
    client_secret = PasswordField(_("Client Secret"), filters=[_stripped])
    policy = SelectField(
        _("When a delivered course is here already"),
        choices=[SelectChoice(policy.value, POLICY_WORDS[policy]) for policy in DuplicatePolicy],
    )
    daily_at = StringField(_("Daily comparison at"), filters=[_stripped])
    poll_minutes = IntegerField(
        _("Check for news every (minutes)"),
        validators=[InputRequired(_("Enter a number of minutes."))],
    )

    @classmethod
    def of(cls, present: ProviderConnection, **more: Any) -> Self:
        """Return the form as what is chosen now fills it, or as it was sent.

        With `formdata=None` nothing that was sent is looked at.
        """
        return cls(
            **more,
            enabled=present.enabled,
            ciid=present.ciid,
            branding=present.branding.value,
            client_id=present.client_id,
            policy=present.policy.value,
            daily_at=dump_time(present.daily_at),
            poll_minutes=present.poll_minutes,
        )

    def validate_daily_at(self, entry: StringField) -> None:
        """Refuse what no clock shows."""
        try:
            parse_time(entry.data or "")
        except ValueError:
            raise ValidationError(_("Enter a time of the day, such as 02:15.")) from None

    def wanted(self) -> Wanted:
        """Return what was chosen, of a form that is valid."""
        return Wanted(
            enabled=bool(self.enabled.data),
            ciid=self.ciid.data or "",
            branding=Branding(self.branding.data),
            client_id=self.client_id.data or "",
            client_secret=self.client_secret.data or None,
            policy=DuplicatePolicy(self.policy.data),
            daily_at=parse_time(self.daily_at.data or ""),
            poll_minutes=self.poll_minutes.data or 0,
        )
