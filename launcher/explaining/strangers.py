"""Requests that named no session of ours, from where a content is at home: perhaps a learner's.

Serves `cases`. Reads only; what such requests mean is for `explain`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection, select

import catalog.store
import hacp.store
from catalog.store import StoredCourse
from hacp.ids import first_id
from hacp.messages import parse_request
from hacp.model import Attempt, Session
from hacp.packing import unpack
from hacp.rows import moment
from hacp.schema import ExchangeRow
from launcher.explaining.facts import Stranger
from launcher.explaining.said import Said

# How long behind a launch a request without a session of ours may be its content's.
STRANGERS_FOR = timedelta(days=1)
# So many of an academy's requests without a session are looked at.
MOST_STRANGERS = 2000


def homes_of(
    stored: StoredCourse | None, attempt: Attempt, exchanges: Sequence[Said], *, content_url: str
) -> set[str]:
    """Return where the content is at home: its launch address, and where it has called from."""
    origins = {one.origin for one in exchanges if one.origin}
    unit = stored.course.unit(attempt.au_id) if stored else None
    if stored and unit:
        address = urlsplit(catalog.store.launch_address(stored, unit, content_url=content_url))
        origins.add(f"{address.scheme}://{address.netloc}")
    return origins


def stranger_after(
    connection: Connection, academy_id: int, session: Session, homes: Collection[str]
) -> Stranger | None:
    """Count requests from the content's home after a launch that named a session, but none of ours.

    What names no session at all is not content that got its session id wrong.
    """
    began: datetime = session.opened_at
    found = connection.execute(
        select(
            ExchangeRow.origin,
            ExchangeRow.at,
            ExchangeRow.method,
            ExchangeRow.content_type,
            ExchangeRow.query,
            ExchangeRow.request,
            ExchangeRow.packed,
        )
        .where(
            ExchangeRow.academy_id == academy_id,
            ExchangeRow.attempt_id == hacp.store.NO_ATTEMPT,
            ExchangeRow.id >= first_id(began),
        )
        .order_by(ExchangeRow.id)
        .limit(MOST_STRANGERS)
    )
    until = began + STRANGERS_FOR
    theirs = [
        row.origin
        for row in found
        if row.origin in homes and began <= moment(row.at) < until and _names_a_session(row)
    ]
    return Stranger(theirs[0], len(theirs)) if theirs else None


def _names_a_session(row: Any) -> bool:
    """Tell it of the raw request; the id itself has been taken out, its place is left."""
    request = parse_request(
        unpack(bytes(row.request or b""), row.packed),
        query=unpack(bytes(row.query or b""), row.packed),
        content_type=row.content_type,
        method=row.method,
    )
    return bool(request.session_id)
