"""The assembly: settings in, one Flask application out, with both wings and every page in it.

Serves wsgi, the commands and the tests. Decides nothing: it only says what is plugged in where.
"""

from __future__ import annotations

import weakref
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask, abort, request
from flask_babel import Babel
from flask_bootstrap import Bootstrap5
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_migrate import Migrate
from flask_wtf import CSRFProtect
from sqlalchemy import Connection
from werkzeug.middleware.proxy_fix import ProxyFix

import migrations
from catalog import webhook
from catalog.supply.model import RunKind
from hacp import endpoint
from hacp.door import Door
from hacp.model import Attempt
from launcher import admin, archiving, entrance, learner, tasks
from launcher.config import Settings, SettingsRefused
from launcher.db import (
    MOST_KEPT,
    Transactions,
    db,
    prepare_postgresql,
    prepare_sqlite,
    read,
    transact,
)
from launcher.failures import init_failures
from launcher.headers import init_headers
from launcher.logs import init_request_log
from launcher.numbers import LARGEST_ID, LARGEST_WIDE_ID
from launcher.people.auth import guard_admin, guard_member, init_auth
from launcher.previews import is_preview
from launcher.records import progress
from launcher.short_way import ShortWay
from launcher.turns import Bell

# Connections beyond one per thread and worker: a page that reads while a unit of its own is open.
POOL_SPARE = 4
_WIDE_IDS = frozenset({"attempt_id", "exchange_id", "delivery_id", "run_id"})


def create_app(settings: Settings) -> Flask:
    """Put the application together. Opens no connection yet and leaves the database as it is.

    Raises `SettingsRefused` where the instance folder cannot be made.
    """
    _make_instance_folder(settings.instance)
    app = Flask("launcher", instance_path=str(settings.instance))
    app.extensions["settings"] = settings
    app.config.update(_flask_config(settings))
    app.url_value_preprocessor(_refuse_large_ids)
    init_request_log(app)
    app.before_request(_refuse_nul)
    init_headers(app, settings)
    init_failures(app)
    _init_database(app)
    csrf = CSRFProtect(app)
    Babel(app, default_locale="en", default_timezone="UTC")
    Bootstrap5(app)
    app.jinja_env.globals["operator"] = settings.operator
    limiter = Limiter(get_remote_address, app=app, storage_uri="memory://")
    init_auth(app, settings, limiter=limiter)
    _register_blueprints(app, settings, csrf=csrf)
    app.extensions["tasks"] = tasks.Tasks(app, settings)
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=count, x_proto=count, x_host=count, x_port=0, x_prefix=0
        )
    return app


def _make_instance_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsRefused(
            [
                f"The folder {folder} cannot be made: {error.strerror}. Name another one in"
                " HACP_INSTANCE, or let this user write there."
            ]
        ) from error


def _flask_config(settings: Settings) -> dict[str, object]:
    options: dict[str, object] = {
        "pool_size": settings.threads + settings.workers + POOL_SPARE + 2 * MOST_KEPT,
        "max_overflow": settings.threads,
        # A failing statement would put its values, session hashes among them, into the log.
        "hide_parameters": True,
    }
    if settings.database_url.startswith("postgresql"):
        options["pool_pre_ping"] = True
        if settings.database_pooled:
            # The next transaction may meet a connection that never saw the statement.
            options["connect_args"] = {"prepare_threshold": None}
    return {
        "SECRET_KEY": settings.secret_key,
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": options,
        "MAX_CONTENT_LENGTH": settings.max_upload_bytes,
        "TRUSTED_HOSTS": [settings.public_host, *settings.trusted_hosts],
        # The token lives as long as the sign-in: an hour at a page must not lose a launch.
        "WTF_CSRF_TIME_LIMIT": None,
        "BOOTSTRAP_SERVE_LOCAL": True,
        "PREFERRED_URL_SCHEME": urlsplit(settings.public_url).scheme,
    }


def _init_database(app: Flask) -> None:
    db.init_app(app)
    Migrate(app, db, directory=str(Path(migrations.__file__).parent))
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            prepare_sqlite(db.engine)
        else:
            prepare_postgresql(db.engine)
        archiving.listen(db.engine)


def _register_blueprints(app: Flask, settings: Settings, *, csrf: CSRFProtect) -> None:
    app.register_blueprint(entrance.blueprint)
    guard_member(learner.blueprint)
    guard_admin(admin.blueprint)
    app.register_blueprint(learner.blueprint)
    app.register_blueprint(admin.blueprint)
    _open_content_door(app, settings, csrf=csrf)
    provider_door = webhook.create_blueprint(
        read=read, transact=transact, clock=_now, announce=partial(_pull_soon, app)
    )
    csrf.exempt(provider_door)
    app.register_blueprint(provider_door)


def _open_content_door(app: Flask, settings: Settings, *, csrf: CSRFProtect) -> None:
    with app.app_context():
        database = Transactions(db.engine)
    door = Door(
        transact=database.transact,
        glance=database.glance,
        policy=settings.session_policy,
        bell=Bell,
    )
    blueprint = endpoint.create_blueprint(door, clock=_now)
    csrf.exempt(blueprint)
    app.register_blueprint(blueprint)
    endpoint.attempt_changed.connect(_refresh_progress, sender=door)
    app.extensions["content_door"] = door
    app.wsgi_app = ShortWay(  # type: ignore[method-assign]
        app.wsgi_app, door, settings=settings, clock=_now
    )
    # When the process ends in good order, what content asked last is stored too.
    weakref.finalize(app, door.flush)


def _pull_soon(app: Flask, academy_id: int) -> None:
    """Have a delivery that was announced pulled by the first worker that is free."""
    tasks.of(app).sync_soon(academy_id, RunKind.DELIVERY)


def _now() -> datetime:
    return datetime.now(UTC)


def _refresh_progress(
    _sender: object,
    *,
    connection: Connection,
    attempt: Attempt,
    only_time: bool = False,
    **_more: object,
) -> None:
    """Keep the learner's row of progress true, in the transaction that changed the attempt.

    A preview has no row.
    """
    if is_preview(attempt.learner_id):
        return
    progress.refresh(
        connection,
        academy_id=attempt.academy_id,
        learner_id=attempt.learner_id,
        course_id=attempt.course_id,
        only_time=only_time,
    )


def _refuse_large_ids(_endpoint: str | None, values: dict[str, object] | None) -> None:
    """Answer 404 for a number that the database would refuse to compare with an id."""
    for name, value in (values or {}).items():
        largest = LARGEST_WIDE_ID if name in _WIDE_IDS else LARGEST_ID
        if isinstance(value, int) and value > largest:
            abort(404)


def _refuse_nul() -> None:
    """Refuse a NUL in an address or a form: PostgreSQL cannot store it, so nothing may ask for it.

    HACP has its own way with it: content's bytes are kept as they came.
    """
    if request.blueprint == "hacp":
        return
    values = [request.path, *request.args.keys(), *request.args.values()]
    for _name, several in request.form.lists():
        values += several
    if any("\0" in value for value in values):
        abort(400)
