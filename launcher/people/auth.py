"""Signing in, and who may see what: Flask-Security over the hall's own accounts, and the guards.

Serves every page. Accounts are read and written in units of work like everything else, so no
database session stays open behind a page. Draws no page and decides nothing about courses.
"""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, cast
from weakref import WeakSet

from flask import (
    Blueprint,
    Flask,
    abort,
    g,
    redirect,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_limiter import Limiter
from flask_login import current_user
from flask_security import RoleMixin, Security, UserDatastore, UserMixin, user_authenticated
from flask_security.forms import Form, LoginForm
from sqlalchemy import Connection
from werkzeug.wrappers import Response
from wtforms import EmailField, PasswordField
from wtforms.validators import InputRequired, Length

from launcher.config import Settings
from launcher.db import read, transact
from launcher.people import academies, accounts, passwords
from launcher.people.identities import EMAIL_MAX_LENGTH
from launcher.schema import Role
from launcher.turns import pausing

# Wrong passwords for one address, whoever tries: enough for a forgetful person, and at this pace
# even a weak password of eight letters outlasts its owner.
TRIES_BY_EMAIL = "10 per 15 minutes"
# All wrong passwords from one network address. Loose, because whole offices share one.
TRIES_BY_ADDRESS = "200 per 15 minutes"
# How old the mark of the last visit may grow before the cookie is written anew.
SEEN_EVERY_SECONDS = 300
# What a sign-in keeps of the session that was there before it.
_KEPT_AT_SIGN_IN = ("_user_id", "_fresh", "_id", "fs_cc", "fs_paa")

_guarded: WeakSet[Blueprint] = WeakSet()


@dataclass(eq=False)
class SignedIn(UserMixin):
    """The signed-in account as Flask-Security sees it: a value, bound to no database session."""

    id: int
    email: str
    password: str | None
    active: bool
    # Flask-Security looks for this name on the class.
    fs_uniquifier: str = ""
    roles: list[RoleMixin] = field(default_factory=list)

    def verify_and_update_password(self, password: str) -> bool:
        """Tell whether the password is right. Signing in writes nothing."""
        with pausing:
            return passwords.matches(self.password, password)


class NoRole(RoleMixin):
    """Flask-Security wants a role model; what a person may do stands in their memberships."""


class AccountStore(UserDatastore):
    """What Flask-Security asks of a store, answered from the accounts table."""

    def __init__(self) -> None:
        super().__init__(SignedIn, NoRole)

    def find_user(
        self,
        case_insensitive: bool = True,  # noqa: ARG002 -- addresses are stored in lower case
        **kwargs: Any,
    ) -> SignedIn | None:
        """Return the account by `email` or `fs_uniquifier`, or None."""

        def unit(connection: Connection) -> accounts.AccountRow | None:
            if "email" in kwargs:
                return accounts.account_by_email(connection, email=str(kwargs["email"]))
            return accounts.account_by_uniquifier(
                connection, fs_uniquifier=str(kwargs["fs_uniquifier"])
            )

        row = read(unit)
        if row is None:
            return None
        return SignedIn(row.id, row.email, row.password, row.active, row.fs_uniquifier)

    def put(self, model: SignedIn) -> SignedIn:
        """Store a changed password and what the sign-in cookies are known by."""
        transact(
            lambda connection: accounts.keep_credentials(
                connection,
                account_id=model.id,
                hashed=model.password,
                fs_uniquifier=model.fs_uniquifier,
            )
        )
        return model

    def commit(self) -> None:
        """Do nothing: `put` has committed."""

    def set_uniquifier(self, user: UserMixin, uniquifier: str | None = None) -> None:
        """Give the account a new mark; its cookies elsewhere stop working once it is put."""
        user.fs_uniquifier = uniquifier or uuid.uuid4().hex


class SignInForm(LoginForm):
    """E-mail and password; one answer for an unknown address and a wrong password."""

    email = EmailField(
        _("E-mail address"),
        validators=[InputRequired(_("Type your address.")), Length(max=EMAIL_MAX_LENGTH)],
    )
    password = PasswordField(_("Password"), validators=[InputRequired(_("Type your password."))])
    # A sign-in ends with the browser or after the set silence; it is not remembered beyond that.
    remember = None  # type: ignore[assignment]

    def validate(self, **kwargs: Any) -> bool:
        """Check fields, then the password. The account is found in `user` when this is true."""
        if not Form.validate(self, **kwargs):
            return False
        self.user = AccountStore().find_user(email=self.email.data)
        hashed = self.user.password if self.user is not None else None
        with pausing:
            right = passwords.matches(hashed, str(self.password.data))
        if not right:
            self.form_errors.append(gettext("The e-mail address or the password is wrong."))
            return False
        if self.user is None or not self.user.active:
            self.form_errors.append(
                gettext("This account is switched off. Ask the administrator of your academy.")
            )
            return False
        return True


def init_auth(app: Flask, settings: Settings, *, limiter: Limiter) -> None:
    """Set up signing in, signing out and changing one's password, with their throttle."""
    app.config.update(_security_config(settings))
    security = Security(app, AccountStore(), login_form=SignInForm)
    # No page of ours speaks JSON, and a second way in is a second way to get it wrong.
    security.want_json(lambda _request: False)
    security.login_manager.request_loader(lambda _request: None)
    # Principal would look up the account on every request, static files and HACP included, for
    # roles that we do not have; Flask-Login would open the cookie on each to remember somebody.
    app.before_request_funcs[None].remove(security.principal._on_before_request)
    app.after_request_funcs[None].remove(security.login_manager._update_remember_cookie)
    app.before_request(_refuse_json)
    user_authenticated.connect(_renew_session, app)
    for endpoint in ("security.login", "security.change_password"):
        _throttle(app, limiter, endpoint)


def _security_config(settings: Settings) -> dict[str, Any]:
    hasher = passwords.HASHER
    return {
        "SECURITY_LOGIN_URL": "/sign-in",
        "SECURITY_LOGOUT_URL": "/sign-out",
        "SECURITY_LOGOUT_METHODS": ["POST"],
        "SECURITY_CHANGE_URL": "/password",
        "SECURITY_CHANGEABLE": True,
        "SECURITY_SEND_PASSWORD_CHANGE_EMAIL": False,
        "SECURITY_POST_LOGIN_VIEW": "/",
        "SECURITY_POST_LOGOUT_VIEW": "/sign-in",
        "SECURITY_POST_CHANGE_VIEW": "/",
        "SECURITY_STATIC_FOLDER": None,
        "SECURITY_STATIC_FOLDER_URL": None,
        "SECURITY_API_ENABLED_METHODS": ["session"],
        # Freshness has a page of its own that we do not offer; changing a password asks for the
        # old one instead.
        "SECURITY_FRESHNESS": timedelta(seconds=-1),
        "SECURITY_RETURN_GENERIC_RESPONSES": True,
        "SECURITY_PASSWORD_HASH": "argon2",
        "SECURITY_PASSWORD_SCHEMES": ["argon2"],
        # The same hash as `launcher.people.passwords`, without a second key to lose.
        "SECURITY_PASSWORD_SINGLE_HASH": ["argon2"],
        "SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS": {
            "argon2__time_cost": hasher.time_cost,
            "argon2__memory_cost": hasher.memory_cost,
            "argon2__parallelism": hasher.parallelism,
        },
        "SECURITY_PASSWORD_LENGTH_MIN": passwords.MIN_LENGTH,
        # Ours is `no-store` on every page; theirs is spelt in a way that no browser reads.
        "SECURITY_CACHE_CONTROL": None,
        "SECURITY_CLI_USERS_NAME": None,
        "SECURITY_CLI_ROLES_NAME": None,
        "SESSION_COOKIE_NAME": "__Host-hacp" if settings.secure else "hacp",
        "SESSION_COOKIE_SECURE": settings.secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_PATH": "/",
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=settings.sign_in_hours),
    }


def _refuse_json() -> None:
    if request.blueprint == "security" and request.is_json:
        abort(415)


def _renew_session(_app: Flask, **_extra: Any) -> None:
    """Start a new session at sign-in, so that one planted before it is worth nothing after it."""
    kept = {name: session[name] for name in _KEPT_AT_SIGN_IN if name in session}
    session.clear()
    session.update(kept)
    g.pop("csrf_token", None)


def _throttle(app: Flask, limiter: Limiter, endpoint: str) -> None:
    """Count wrong passwords at a page: those that end on the page again instead of moving on."""
    for tries, key in ((TRIES_BY_EMAIL, _who_tries), (TRIES_BY_ADDRESS, _address)):
        limit = limiter.limit(tries, key_func=key, methods=["POST"], deduct_when=_came_back)
        view: Any = limit(app.view_functions[endpoint])
        app.view_functions[endpoint] = view


def _came_back(response: Response) -> bool:
    return response.status_code == 200


def _who_tries() -> str:
    if current_user.is_authenticated:
        return f"account {current_user.id}"
    # Hashed, since anything may be typed there, and it is kept for a quarter of an hour.
    typed = request.form.get("email", "").strip().lower()
    return f"email {hashlib.sha256(typed.encode()).hexdigest()}"


def _address() -> str:
    return f"address {request.remote_addr}"


def guard_member(blueprint: Blueprint) -> None:
    """Open a blueprint under `/a/<slug>` to the members of that academy.

    Its views find `g.academy` and `g.member`; they neither take `slug` nor give it to `url_for`.
    """
    _guard(blueprint, _require_member)


def guard_admin(blueprint: Blueprint) -> None:
    """Open a blueprint under `/a/<slug>` to the admins of that academy; like `guard_member`."""
    _guard(blueprint, _require_admin)


def _guard(blueprint: Blueprint, check: Callable[[], ResponseReturnValue | None]) -> None:
    # A blueprint is made once and registered in every application of the process.
    if blueprint not in _guarded:
        _guarded.add(blueprint)
        _bind_academy(blueprint)
        blueprint.before_request(check)


def _bind_academy(blueprint: Blueprint) -> None:
    """Take the slug out of the views' arguments, and put it back into addresses."""

    def take_slug(_endpoint: str | None, values: dict[str, Any] | None) -> None:
        g.academy_slug = (values or {}).pop("slug", "")

    def give_slug(_endpoint: str, values: dict[str, Any]) -> None:
        if "academy" in g:
            values.setdefault("slug", g.academy.slug)

    blueprint.url_value_preprocessor(take_slug)
    blueprint.url_defaults(give_slug)


def _require_member() -> ResponseReturnValue | None:
    """Send nobody to the sign-in page, and a stranger away as if there were no such academy."""
    if not current_user.is_authenticated:
        # Only a page that can be asked for again is worth coming back to.
        here = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("security.login", next=here))
    found = read(_membership(g.academy_slug, account_id=current_user.id))
    if found is None:
        abort(404)
    g.academy, g.member = found
    _mark_seen()
    return None


def _require_admin() -> ResponseReturnValue | None:
    answer = _require_member()
    if answer is None and g.member.role is not Role.ADMIN:
        abort(403)
    return answer


def _membership(
    slug: str, *, account_id: int
) -> Callable[[Connection], tuple[academies.AcademyRow, accounts.Member] | None]:
    def unit(connection: Connection) -> tuple[academies.AcademyRow, accounts.Member] | None:
        academy = academies.academy_by_slug(connection, slug=slug)
        if academy is None:
            return None
        own = accounts.memberships_of_account(connection, account_id)
        member = next((one for one in own if one.academy_id == academy.id), None)
        return (academy, member) if member is not None else None

    return unit


def _mark_seen() -> None:
    """Write the cookie anew now and then, so that its age is the time since the last visit."""
    now = int(time.time())
    if now - cast(int, session.get("seen", 0)) >= SEEN_EVERY_SECONDS:
        session["seen"] = now
