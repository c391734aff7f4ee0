"""The content API: tokens, the listing in pages, packages, pictures, and the faults that are on.

Serves integrations, under the names that OpenSesame's connectors use. Reads and never changes what
is offered; every call is noted in the journal.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import HTTPException

from demo.opensesame import spoiling
from demo.opensesame.customers import NoSuchCourse
from demo.opensesame.faults import Fault, Switched
from demo.opensesame.items import dump_item
from demo.opensesame.journal import Call, Place
from demo.opensesame.model import Client, Entry
from demo.opensesame.parcels import aicc_package, scorm_package
from demo.opensesame.pictures import SIZES, draw
from demo.opensesame.pretend import NoSuchCustomer, Pretend

SCOPE = "content"
MOST_ITEMS = 50
_PLACES = {
    "token": Place.TOKEN,
    "content": Place.CONTENT,
    "package": Place.PACKAGE,
    "picture": Place.PICTURE,
}
_PACKAGES: Mapping[str, Callable[..., bytes]] = {"aicc": aicc_package, "scorm": scorm_package}

Met = Mapping[Fault, Switched]


def create_blueprint(pretend: Pretend, *, sleep: Callable[[float], None] = time.sleep) -> Blueprint:
    """Make the API; `sleep` is what a slow answer waits with."""
    api = Blueprint("api", __name__)

    def meet(place: Place, *, page: int = 1) -> Met:
        """Count the faults of this request and commit those that need no answer to begin with."""
        met = pretend.faults.take(place, page=page)
        if Fault.SLOW in met:
            sleep(met[Fault.SLOW].seconds)
        if Fault.UNAUTHORIZED in met:
            pretend.tokens.revoke(_bearer())
        refusal = spoiling.refusal(met)
        if refusal is not None:
            abort(refusal)
        return met

    @api.post("/oauth/token")
    def token() -> Response:
        met = meet(Place.TOKEN)
        client = _basic(pretend)
        if request.form.get("grant_type") != "client_credentials":
            abort(_refused(400, "unsupported_grant_type", "grant_type must be client_credentials"))
        if request.form.get("scope") != SCOPE:
            abort(_refused(400, "invalid_scope", f"scope must be {SCOPE}"))
        answer = {
            "access_token": pretend.tokens.give(client),
            "token_type": "Bearer",
            "expires_in": pretend.tokens.seconds,
            "scope": SCOPE,
        }
        return spoiling.spoil(_json(answer), met)

    @api.get("/v1/content")
    def content() -> Response:
        page = _number("page", 1)
        limit = _number("limit", MOST_ITEMS, most=MOST_ITEMS)
        met = meet(Place.CONTENT, page=page)
        ciid = _customer(pretend)
        if Fault.REPEATED_PAGE in met:
            page = max(1, page - 1)
        if Fault.MOVING_ITEMS in met:
            pretend.turn(ciid=ciid)
        items, following = _page_of(pretend, ciid, page=page, limit=limit)
        listing = {
            "data": spoiling.spoil_items(items, met),
            "paging": {"next": spoiling.spoil_next(following, met)},
        }
        return spoiling.spoil(_json(listing), met)

    @api.get("/v1/content/<course_id>/package")
    def package(course_id: str) -> Response:
        met = meet(Place.PACKAGE)
        ciid = _customer(pretend)
        entry = _found(pretend, course_id, ciid)
        # Whoever does not ask for AICC gets what most of OpenSesame's customers use.
        kind = request.args.get("standard", "scorm")
        if kind not in _PACKAGES:
            abort(_refused(400, "bad_request", f"standard is aicc or scorm, not {kind}"))
        zipped = _PACKAGES[kind](entry, ciid, base_url=request.host_url.rstrip("/"))
        made = Response(zipped, mimetype="application/zip")
        made.headers["Content-Disposition"] = f'attachment; filename="{course_id}-{kind}.zip"'
        return spoiling.spoil(made, met)

    @api.get("/pictures/<course_id>/<size>.png")
    def picture(course_id: str, size: str) -> Response:
        met = meet(Place.PICTURE)
        if size not in SIZES:
            abort(404)
        return spoiling.spoil(Response(draw(course_id, size), mimetype="image/png"), met)

    @api.after_request
    def note(response: Response) -> Response:
        name = (request.endpoint or "").rpartition(".")[2]
        pretend.journal.note(
            Call(
                at=pretend.clock(),
                place=_PLACES[name],
                method=request.method,
                host=request.host,
                path=request.path,
                query=request.args.to_dict(),
                authorization=request.headers.get("Authorization", "").partition(" ")[0],
                status=response.status_code,
            )
        )
        return response

    @api.errorhandler(HTTPException)
    def explain(error: HTTPException) -> Response | HTTPException:
        if error.response is not None:
            return error
        return _refused(error.code or 500, error.name.lower(), error.description or "")

    return api


def _basic(pretend: Pretend) -> Client:
    given, found = request.authorization, None
    if given is not None and given.type == "basic":
        found = pretend.find_client(given.username or "", given.password or "")
    if found is None:
        refused = _refused(401, "invalid_client", "the client id or secret is wrong")
        refused.www_authenticate = WWWAuthenticate("basic", {"realm": "token"})
        abort(refused)
    return found


def _bearer() -> str:
    given = request.authorization
    return given.token or "" if given is not None and given.type == "bearer" else ""


def _customer(pretend: Pretend) -> str:
    """Return the customer that is asked for, if the token may read it."""
    client = pretend.tokens.client_of(_bearer())
    if client is None:
        refused = _refused(401, "invalid_token", "the token is unknown or has expired")
        refused.www_authenticate = WWWAuthenticate("bearer", {"error": "invalid_token"})
        abort(refused)
    ciid = request.args.get("customerIntegrationId", "")
    if not ciid:
        abort(_refused(400, "bad_request", "customerIntegrationId is missing"))
    if not client.may_read(ciid):
        abort(_refused(403, "forbidden", "this client is not of that customer"))
    if ciid not in pretend.ciids():
        abort(_refused(404, "not_found", "there is no such customer integration"))
    return ciid


def _page_of(pretend: Pretend, ciid: str, *, page: int, limit: int) -> tuple[list[object], str]:
    """Return the items of a page, and the address of the next one, "" where this is the last."""
    start = (page - 1) * limit
    found, count = pretend.listed(start, start + limit, ciid=ciid)
    base_url, today = request.host_url.rstrip("/"), pretend.today
    items = [
        dump_item(one, ciid=ciid, base_url=base_url, today=today)
        if isinstance(one, Entry)
        else one.value
        for one in found
    ]
    query = {"customerIntegrationId": ciid, "limit": limit, "page": page + 1}
    following = f"{base_url}/v1/content?{urlencode(query)}"
    return items, following if start + limit < count else ""


def _found(pretend: Pretend, course_id: str, ciid: str) -> Entry:
    try:
        entry = pretend.entry(course_id, ciid=ciid)
    except (NoSuchCourse, NoSuchCustomer):
        entry = None
    if entry is None or entry.sent_as is None:
        abort(_refused(404, "not_found", "there is no such course for this customer"))
    return entry


def _number(name: str, usual: int, *, most: int = 10**6) -> int:
    text = request.args.get(name, str(usual))
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= most):
        abort(_refused(400, "bad_request", f"{name} is a number from 1 to {most}, not {text}"))
    return int(text)


def _json(value: object) -> Response:
    return Response(json.dumps(value, ensure_ascii=False), mimetype="application/json")


def _refused(status: int, error: str, description: str) -> Response:
    response = _json({"error": error, "error_description": description})
    response.status_code = status
    return response
