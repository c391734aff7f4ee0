"""Commits the faults that are on: refuses, cuts, turns round and adds nonsense.

Serves `api`. Takes a right answer and returns a wrong one; `faults` decides which ones are on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlsplit, urlunsplit

from flask import Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from demo.opensesame.faults import Fault, Switched

NONSENSE: tuple[object, ...] = (
    None,
    "not an object",
    {"title": "A course without an id", "active": True},
    {"id": 17, "title": ["no", "text"], "languages": "en", "categories": {"a": 1}, "active": "?"},
    {"id": "not-a-guid", "title": "", "duration": -5, "aiccLaunchUrl": "javascript:alert(1)"},
)
_HTML = "<!doctype html><html lang='en'><title>Down for maintenance</title><p>Back soon.</p></html>"
_OTHER_NAME = {"localhost": "127.0.0.1", "127.0.0.1": "localhost"}

Met = Mapping[Fault, Switched]


def refusal(met: Met) -> AnyResponse | None:
    """Return the answer that a fault gives in place of the right one, None where there is none."""
    if Fault.REDIRECT in met:
        return redirect(request.url)
    if Fault.REDIRECT_ELSEWHERE in met:
        return redirect(elsewhere(request.url, met[Fault.REDIRECT_ELSEWHERE].to))
    if Fault.UNAUTHORIZED in met:
        return _refused(401)
    if Fault.TOO_MANY_REQUESTS in met:
        wait = met[Fault.TOO_MANY_REQUESTS].seconds
        return _refused(429, {"Retry-After": f"{wait:g}"})
    if Fault.SERVER_ERROR in met:
        return _refused(500)
    return None


def _refused(status: int, headers: Mapping[str, str] | None = None) -> Response:
    return Response(
        '{"error": "switched on"}', status, mimetype="application/json", headers=dict(headers or {})
    )


def spoil_items(items: Sequence[object], met: Met) -> list[object]:
    """Return the items of a page as a fault has them."""
    if Fault.EMPTY in met:
        return []
    spoilt = list(items)
    if Fault.DUPLICATE_IDS in met and spoilt and isinstance(spoilt[0], dict):
        spoilt.append({**spoilt[0], "title": f"{spoilt[0].get('title')} (again)"})
    if Fault.NONSENSE_ITEMS in met:
        spoilt[1:1] = NONSENSE
    return spoilt


def spoil_next(following: str, met: Met) -> str:
    """Return the link to the next page as a fault has it."""
    if Fault.EMPTY in met:
        return ""
    if following and Fault.NEXT_ELSEWHERE in met:
        return elsewhere(following, met[Fault.NEXT_ELSEWHERE].to)
    return following


def spoil(response: Response, met: Met) -> Response:
    """Cut an answer off, or replace it."""
    if Fault.NOT_JSON in met:
        return Response(_HTML, mimetype="text/html")
    whole = response.get_data()
    if Fault.TRUNCATED in met:
        response.set_data(whole[: len(whole) // 2])
    if Fault.BROKEN_OFF in met:
        response.response = _half(whole)
        response.content_length = len(whole)
    return response


def _half(whole: bytes) -> Iterator[bytes]:
    yield whole[: len(whole) // 2]


def elsewhere(url: str, to: str) -> str:
    """Return the address at another host: at `to`, else at this machine's other name.

    The other name leads here too, so the journal shows who went there and with what.
    """
    parts = urlsplit(url)
    if to:
        there = urlsplit(to)
        return urlunsplit(parts._replace(scheme=there.scheme, netloc=there.netloc))
    name = _OTHER_NAME.get(parts.hostname or "", "localhost")
    return urlunsplit(parts._replace(netloc=f"{name}:{parts.port}" if parts.port else name))
