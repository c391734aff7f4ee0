"""What can be set: the table of settings, each with what it takes, its default and its meaning.

Serves `config`, which reads them, and the README's table, which a test keeps equal to `SETTINGS`.
Reads nothing itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

# What the key signs is as safe as the key is long: 32 characters are 128 bits in hexadecimal.
SECRET_KEY_MIN_LENGTH = 32
DATABASE_NAME = "hacp.sqlite3"
# The queue of background tasks has a file of its own, so that it never waits for the records.
QUEUE_NAME = "tasks.sqlite3"


def _text(value: str) -> str:
    return value


def _secret(value: str) -> str:
    if len(value) < SECRET_KEY_MIN_LENGTH:
        raise ValueError
    return value


def _path(value: str) -> Path:
    return Path(value).expanduser().resolve()


def _between(low: int, high: int) -> Callable[[str], int]:
    def parse(value: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", value) or not low <= int(value) <= high:
            raise ValueError
        return int(value)

    return parse


def _one_of(*words: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if value.lower() not in words:
            raise ValueError
        return value.lower()

    return parse


def _base_url(value: str) -> str:
    """Accept `https://host[:port]` with nothing behind it: cookies and launches count on that."""
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
        raise ValueError
    if parts.path not in ("", "/") or parts.query or parts.fragment or re.search(r"\s", value):
        raise ValueError
    _ = parts.port  # A port that is no number raises here.
    return f"{parts.scheme}://{parts.netloc.lower()}"


def _database_url(value: str) -> str:
    """Name the drivers that are installed, whichever way the address was written."""
    try:
        url = make_url(value)
    except (ArgumentError, ValueError):
        raise ValueError from None
    if url.drivername in ("postgres", "postgresql", "postgresql+psycopg"):
        return url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    # A database in memory would be gone, with every record, when the server stops.
    if url.drivername == "sqlite" and url.database and ":memory:" not in url.database:
        return value
    raise ValueError


def _hosts(value: str) -> tuple[str, ...]:
    return tuple(host.strip().lower() for host in value.split(",") if host.strip())


def _service_url(value: str) -> str:
    """Accept the address of a service, with a path or without one."""
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
        raise ValueError
    if parts.query or parts.fragment or re.search(r"\s", value):
        raise ValueError
    _ = parts.port  # A port that is no number raises here.
    return value.rstrip("/")


def _yes_or_no(value: str) -> bool:
    return _one_of("yes", "no")(value) == "yes"


def _keys(value: str) -> tuple[str, ...]:
    """Accept keys of Fernet: 32 bytes each, in the base64 that may stand in addresses."""
    keys = tuple(key.strip() for key in value.split(","))
    for key in keys:
        if not re.fullmatch(r"[A-Za-z0-9_-]{43}=", key):
            raise ValueError
    return keys


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the table: the name in the environment, what it takes, and what it is for.

    `default` is written as it would be in the environment; None means that it must be given, and
    `derived` says in words what an empty default becomes.
    """

    name: str
    parse: Callable[[str], object]
    expects: str
    default: str | None
    help: str
    derived: str = ""
    secret: bool = False

    @property
    def field(self) -> str:
        """The name of this setting as a field of `Settings`."""
        return self.name.removeprefix("HACP_").lower()


_POSITIVE = _between(1, 100_000)
_PORT = _between(1, 65535)

SETTINGS = (
    Setting(
        "HACP_SECRET_KEY",
        _secret,
        f"at least {SECRET_KEY_MIN_LENGTH} characters",
        None,
        "Signs the sign-in cookies. Make one with: "
        'python3 -c "import secrets; print(secrets.token_hex(32))"',
        secret=True,
    ),
    Setting(
        "HACP_ENCRYPTION_KEYS",
        _keys,
        "keys with commas between, the newest first",
        "",
        "Encrypt the secrets of providers in the database. `hacp vault key` makes one.",
        derived="one key, derived from HACP_SECRET_KEY",
        secret=True,
    ),
    Setting(
        "HACP_INSTANCE",
        _path,
        "a folder",
        "instance",
        "Folder for the embedded database, stored content and the settings file.",
    ),
    Setting(
        "HACP_DATABASE_URL",
        _database_url,
        "sqlite:////path/file or postgresql://user:password@host/name",
        "",
        "Where the records are kept.",
        derived=f"SQLite, {DATABASE_NAME} in the instance folder",
        secret=True,
    ),
    Setting(
        "HACP_DATABASE_POOLED",
        _yes_or_no,
        "yes or no",
        "no",
        "Whether PgBouncer or its like stands in front of PostgreSQL and hands out connections by "
        "transaction: no statement is kept prepared then.",
    ),
    Setting(
        "HACP_PUBLIC_URL",
        _base_url,
        "http(s)://host or http(s)://host:port, without a path",
        "",
        "Address under which people and content reach the server; part of every launch.",
        derived="http://127.0.0.1 and the port",
    ),
    Setting(
        "HACP_CONTENT_URL",
        _base_url,
        "http(s)://host or http(s)://host:port, without a path",
        "",
        "Address of stored course content. Its host must differ from the one of HACP_PUBLIC_URL.",
        derived="http://localhost and the content port",
    ),
    Setting("HACP_HOST", _text, "an address", "127.0.0.1", "Address that the server listens on."),
    Setting("HACP_PORT", _PORT, "a port, 1 to 65535", "8080", "Port of the pages."),
    Setting("HACP_CONTENT_PORT", _PORT, "a port, 1 to 65535", "8081", "Port of stored content."),
    Setting(
        "HACP_THREADS",
        _between(1, 256),
        "a number, 1 to 256",
        "8",
        "Requests that are answered at the same time, and connections kept to the database.",
    ),
    Setting(
        "HACP_WORKERS",
        _between(0, 64),
        "a number, 0 to 64",
        "2",
        "Background tasks that `hacp serve` works on at the same time. 0 leaves them all to "
        "`hacp worker`.",
    ),
    Setting(
        "HACP_QUEUE_URL",
        _database_url,
        "sqlite:////path/file or postgresql://user:password@host/name",
        "",
        "Where background tasks wait. PostgreSQL must be reached directly, not through PgBouncer.",
        derived=f"the PostgreSQL of HACP_DATABASE_URL, or else {QUEUE_NAME} in the instance folder",
        secret=True,
    ),
    Setting(
        "HACP_TRUSTED_PROXIES",
        _between(0, 10),
        "a number, 0 to 10",
        "0",
        "How many proxies in front set X-Forwarded-For, -Proto and -Host. 0 ignores those headers.",
    ),
    Setting(
        "HACP_TRUSTED_HOSTS",
        _hosts,
        "host names with commas between",
        "",
        "Host names that are answered besides the one of HACP_PUBLIC_URL, for health checks.",
    ),
    Setting(
        "HACP_MAX_UPLOAD_MIB",
        _between(1, 4096),
        "a number, 1 to 4096",
        "128",
        "The largest package that the upload page takes, in MiB.",
    ),
    Setting(
        "HACP_SESSION_SILENCE_HOURS",
        _POSITIVE,
        "a number of hours, at least 1",
        "24",
        "A launch ends when its content has been silent for so long.",
    ),
    Setting(
        "HACP_SESSION_LIFETIME_DAYS",
        _between(1, 3650),
        "a number of days, 1 to 3650",
        "7",
        "A launch ends so long after it began, whatever its content says.",
    ),
    Setting(
        "HACP_SESSION_GRACE_MINUTES",
        _between(0, 1440),
        "a number of minutes, 0 to 1440",
        "10",
        "So long after ExitAU what a session sends still counts, for messages that come late.",
    ),
    Setting(
        "HACP_SIGN_IN_HOURS",
        _between(1, 8760),
        "a number of hours, 1 to 8760",
        "12",
        "A person who does nothing for so long has to sign in again.",
    ),
    Setting(
        "HACP_OPERATOR",
        _text,
        "a name and a way to reach them",
        "",
        "Who runs this server; told to admins where only the operator can help.",
    ),
    Setting(
        "HACP_OPENSESAME_API_URL",
        _service_url,
        "https://host or https://host/path",
        "",
        "Address of OpenSesame's content-delivery API; what it serves stands under /v1/content.",
        derived="none: then no academy can connect OpenSesame",
    ),
    Setting(
        "HACP_OPENSESAME_TOKEN_URL",
        _service_url,
        "https://host or https://host/path",
        "",
        "Address where OpenSesame hands out access tokens (OAuth 2 client credentials).",
        derived="none: then no academy can connect OpenSesame",
    ),
    Setting(
        "HACP_OPENSESAME_CLIENT_ID",
        _text,
        "a client id",
        "",
        "The installation's own client at OpenSesame, for academies with default branding.",
    ),
    Setting(
        "HACP_OPENSESAME_CLIENT_SECRET",
        _text,
        "a client secret",
        "",
        "The secret of that client.",
        secret=True,
    ),
    Setting(
        "HACP_ALLOW_LOOPBACK",
        _yes_or_no,
        "yes or no",
        "no",
        "Lets a provider be on this machine and without TLS, to try things out. "
        "Leave it off where people work.",
    ),
    Setting(
        "HACP_EXCHANGES_PACK_MONTHS",
        _between(0, 1200),
        "a number of months, 0 to 1200",
        "2",
        "So many whole months raw exchanges are kept as they came; older ones are packed to a "
        "fraction of their size and read as before. 0 packs none.",
    ),
    Setting(
        "HACP_EXCHANGES_KEEP_MONTHS",
        _between(0, 1200),
        "a number of months, 0 to 1200",
        "0",
        "So many whole months raw exchanges are kept at all; results and records are always kept. "
        "0 drops none.",
    ),
    Setting(
        "HACP_LOG_FORMAT",
        _one_of("text", "json"),
        "text or json",
        "text",
        "How log lines are written to standard error.",
    ),
    Setting(
        "HACP_LOG_LEVEL",
        _one_of("debug", "info", "warning", "error"),
        "debug, info, warning or error",
        "info",
        "The least important log line that is written.",
    ),
)
