"""How academies are connected with providers: settings, secrets as ciphertext or hash, what is due.

Serves the settings page, the commands, the webhook and the tasks. Calls nobody and decrypts
nothing; takes a connection, returns values, never commits.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, exists, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from catalog.errors import CiidTaken, NotConnected
from catalog.supply import runs
from catalog.supply.model import (
    OPENSESAME,
    Branding,
    ConnectionState,
    DeliveryState,
    Due,
    DuplicatePolicy,
    ProviderConnection,
    RunKind,
    RunState,
)
from catalog.supply.schema import ConnectionTable, DeliveryTable, RunTable

# A quarter past two: the day before is over and nobody sits at a course yet.
DAILY_AT = 2 * 60 + 15
POLL_MINUTES = 10
# 256 random bits; what is as random as that needs no slow hash.
_SECRET_BYTES = 32


def connection_of(
    connection: Connection, academy_id: int, *, provider: str = OPENSESAME
) -> ProviderConnection | None:
    """Return how the academy is connected, or None where nobody ever activated the provider."""
    query = select(ConnectionTable).where(
        ConnectionTable.academy_id == academy_id, ConnectionTable.provider == provider
    )
    found = connection.execute(query).one_or_none()
    return None if found is None else _value(found)


def connections(connection: Connection, *, provider: str = OPENSESAME) -> list[ProviderConnection]:
    """Return every academy's connection, by academy: for the operator."""
    query = (
        select(ConnectionTable)
        .where(ConnectionTable.provider == provider)
        .order_by(ConnectionTable.academy_id)
    )
    return [_value(found) for found in connection.execute(query)]


def activate(
    connection: Connection,
    academy_id: int,
    *,
    activated: bool,
    now: datetime,
    provider: str = OPENSESAME,
) -> None:
    """Offer the provider to an academy, or take it back; the admins' settings stay."""
    if _change(connection, academy_id, provider, activated=activated, changed_at=now):
        return
    connection.execute(
        insert(ConnectionTable).values(
            academy_id=academy_id,
            provider=provider,
            activated=activated,
            branding=Branding.DEFAULT.value,
            policy=DuplicatePolicy.ASK.value,
            daily_at=DAILY_AT,
            poll_minutes=POLL_MINUTES,
            state=ConnectionState.NEVER.value,
            changed_at=now,
        )
    )


def save_settings(
    connection: Connection,
    academy_id: int,
    *,
    enabled: bool,
    ciid: str,
    branding: Branding,
    client_id: str,
    client_secret: bytes | None,
    policy: DuplicatePolicy,
    daily_at: int,
    poll_minutes: int,
    now: datetime,
    provider: str = OPENSESAME,
) -> None:
    """Keep what an admin chose; `client_secret` None keeps the one that is there.

    Raises `CiidTaken` where another academy has the CIID and no operator let this one share it, and
    `NotConnected` where the provider was never activated. A change makes the next run due at once.
    """
    before = _locked(connection, academy_id, provider)
    ciid = ciid.strip()
    key = _ciid_key(ciid)
    shared = before.ciid_shared and key == before.ciid_key
    if key is not None and not shared:
        _refuse_taken(connection, academy_id, provider, key)
    values: dict[str, Any] = {
        "enabled": enabled,
        "ciid": ciid,
        "ciid_key": key,
        "ciid_shared": shared,
        "branding": branding.value,
        "client_id": client_id,
        "policy": policy.value,
        "daily_at": daily_at,
        "poll_minutes": poll_minutes,
        "next_daily_at": None,
        "next_poll_at": None,
        "changed_at": now,
    }
    if client_secret is not None:
        values["client_secret"] = client_secret
    try:
        with connection.begin_nested():
            _change(connection, academy_id, provider, **values)
    except IntegrityError:
        # Another academy saved the same CIID at this very moment.
        raise CiidTaken(ciid) from None


def share_ciid(
    connection: Connection,
    academy_id: int,
    *,
    ciid: str,
    now: datetime,
    provider: str = OPENSESAME,
) -> None:
    """Let an academy use a CIID that another one has: the operator's word. Sets the CIID.

    `sharers` tells both of it for as long as it lasts; another CIID ends it.
    """
    changed = _change(
        connection,
        academy_id,
        provider,
        ciid=ciid.strip(),
        ciid_key=_ciid_key(ciid),
        ciid_shared=True,
        changed_at=now,
    )
    if not changed:
        raise NotConnected(academy_id)


def sharers(connection: Connection, academy_id: int, *, provider: str = OPENSESAME) -> list[int]:
    """Return the other academies that have the same CIID: deliveries may reach the wrong one."""
    own = select(ConnectionTable.ciid_key).where(
        ConnectionTable.academy_id == academy_id, ConnectionTable.provider == provider
    )
    return _owners(
        connection, provider, ConnectionTable.ciid_key == own.scalar_subquery(), academy_id
    )


def new_push_secret(
    connection: Connection, academy_id: int, *, now: datetime, provider: str = OPENSESAME
) -> str:
    """Make the secret by which the provider's pushes are known, and return it this once.

    The one before is worth nothing from now on. Raises `NotConnected`.
    """
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    changed = _change(
        connection, academy_id, provider, push_secret_hash=hash_secret(secret), changed_at=now
    )
    if not changed:
        raise NotConnected(academy_id)
    return secret


def connection_by_secret(connection: Connection, *, secret: str) -> ProviderConnection | None:
    """Return whose push secret this is, or None. Looks for its hash, compares in constant time."""
    hashed = hash_secret(secret)
    query = select(ConnectionTable).where(ConnectionTable.push_secret_hash == hashed)
    found = connection.execute(query).one_or_none()
    if found is None or not hmac.compare_digest(found.push_secret_hash, hashed):
        return None
    return _value(found)


def hash_secret(secret: str) -> str:
    """Return what is stored of a push secret."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def same_ciid(one: str, other: str) -> bool:
    """Whether two CIIDs are one, whatever their case and the blanks around them."""
    return _ciid_key(one) is not None and _ciid_key(one) == _ciid_key(other)


def replace_client_secret(
    connection: Connection,
    academy_id: int,
    *,
    before: bytes,
    after: bytes,
    provider: str = OPENSESAME,
) -> bool:
    """Keep the same secret under another key; False where it was replaced meanwhile."""
    statement = (
        update(ConnectionTable)
        .where(
            ConnectionTable.academy_id == academy_id,
            ConnectionTable.provider == provider,
            ConnectionTable.client_secret == before,
        )
        .values(client_secret=after)
    )
    return connection.execute(statement).rowcount > 0


def note_result(
    connection: Connection,
    academy_id: int,
    *,
    failure: str | None,
    now: datetime,
    provider: str = OPENSESAME,
) -> int:
    """Note how a try to reach the provider went; return how many failed in a row.

    `failure` is a sentence for the admin, None where it went well.
    """
    before = _locked(connection, academy_id, provider)
    failures = 0 if failure is None else before.failures + 1
    values: dict[str, Any] = {"tried_at": now, "failures": failures, "sentence": failure or ""}
    if failure is None:
        values |= {"succeeded_at": now, "state": ConnectionState.WELL.value}
    else:
        values["state"] = ConnectionState.FAILING.value
    _change(connection, academy_id, provider, **values)
    return failures


def schedule(
    connection: Connection,
    academy_id: int,
    *,
    next_daily_at: datetime | None = None,
    next_poll_at: datetime | None = None,
    provider: str = OPENSESAME,
) -> None:
    """Say when the academy is due again; None leaves what was said before."""
    values = {"next_daily_at": next_daily_at, "next_poll_at": next_poll_at}
    said = {name: moment for name, moment in values.items() if moment is not None}
    if said:
        _change(connection, academy_id, provider, **said)


def due(connection: Connection, *, now: datetime, provider: str = OPENSESAME) -> list[Due]:
    """Return the academies for which a run is due, each once: deliveries first, the poll last.

    What was never scheduled is due. So is *everything again* that broke off: an ordinary run takes
    for unchanged what it was to do anew. A listing that an admin confirmed is read with the next
    poll. Whether a run is under way is for `runs.claim` to say.
    """
    delivered = exists().where(
        DeliveryTable.academy_id == ConnectionTable.academy_id,
        DeliveryTable.provider == ConnectionTable.provider,
        DeliveryTable.state == DeliveryState.RECEIVED.value,
    )
    confirmed = exists().where(
        RunTable.academy_id == ConnectionTable.academy_id,
        RunTable.provider == ConnectionTable.provider,
        RunTable.state == RunState.CONFIRMED.value,
    )
    everything = runs.lost(ConnectionTable.academy_id, ConnectionTable.provider, RunKind.EVERYTHING)
    daily = or_(ConnectionTable.next_daily_at.is_(None), ConnectionTable.next_daily_at <= now)
    poll = or_(ConnectionTable.next_poll_at.is_(None), ConnectionTable.next_poll_at <= now)
    query = (
        select(
            ConnectionTable.academy_id,
            delivered.label("delivered"),
            confirmed.label("confirmed"),
            everything.label("everything"),
            daily.label("daily"),
        )
        .where(
            ConnectionTable.provider == provider,
            ConnectionTable.activated,
            ConnectionTable.enabled,
            ConnectionTable.ciid_key.is_not(None),
            or_(delivered, everything, daily, poll),
        )
        .order_by(delivered.desc(), ConnectionTable.academy_id)
    )
    return [Due(found.academy_id, _kind_of(found)) for found in connection.execute(query)]


def _kind_of(found: Any) -> RunKind:
    """Name what is due after what matters most about it."""
    if found.delivered:
        return RunKind.DELIVERY
    if found.confirmed:
        return RunKind.CONFIRMED
    if found.everything:
        return RunKind.EVERYTHING
    return RunKind.DAILY if found.daily else RunKind.POLL


def _ciid_key(ciid: str) -> str | None:
    return ciid.strip().casefold() or None


def _refuse_taken(connection: Connection, academy_id: int, provider: str, key: str) -> None:
    if _owners(connection, provider, ConnectionTable.ciid_key == key, academy_id):
        raise CiidTaken(key)


def _owners(connection: Connection, provider: str, has: Any, academy_id: int) -> list[int]:
    query = (
        select(ConnectionTable.academy_id)
        .where(
            and_(ConnectionTable.provider == provider, has),
            ConnectionTable.academy_id != academy_id,
        )
        .order_by(ConnectionTable.academy_id)
    )
    return list(connection.execute(query).scalars())


def _locked(connection: Connection, academy_id: int, provider: str) -> Row[Any]:
    query = (
        select(ConnectionTable)
        .where(ConnectionTable.academy_id == academy_id, ConnectionTable.provider == provider)
        .with_for_update()
    )
    found = connection.execute(query).one_or_none()
    if found is None:
        raise NotConnected(academy_id)
    return found


def _change(connection: Connection, academy_id: int, provider: str, **values: Any) -> bool:
    statement = (
        update(ConnectionTable)
        .where(ConnectionTable.academy_id == academy_id, ConnectionTable.provider == provider)
        .values(**values)
    )
    return connection.execute(statement).rowcount > 0


def _value(found: Row[Any]) -> ProviderConnection:
    return ProviderConnection(
        academy_id=found.academy_id,
        provider=found.provider,
        activated=found.activated,
        enabled=found.enabled,
        ciid=found.ciid,
        ciid_shared=found.ciid_shared,
        branding=Branding(found.branding),
        client_id=found.client_id,
        client_secret=found.client_secret,
        has_push_secret=found.push_secret_hash is not None,
        policy=DuplicatePolicy(found.policy),
        daily_at=found.daily_at,
        poll_minutes=found.poll_minutes,
        state=ConnectionState(found.state),
        sentence=found.sentence,
        failures=found.failures,
        tried_at=found.tried_at,
        succeeded_at=found.succeeded_at,
        next_daily_at=found.next_daily_at,
        next_poll_at=found.next_poll_at,
    )
