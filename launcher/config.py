"""What can be set: one table of settings, read from the environment and one file.

Serves the assembly, the commands and the README's table, which a test keeps equal to `SETTINGS`.
The only module that reads the environment; opens no database and starts nothing.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from flask import current_app
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from hacp.model import Policy

# What the key signs is as safe as the key is long: 32 characters are 128 bits in hexadecimal.
SECRET_KEY_MIN_LENGTH = 32
FILE_NAME = "hacp.env"
DATABASE_NAME = "hacp.sqlite3"


class SettingsRefused(Exception):
    """Settings that cannot be used. `faults` holds one sentence each, all of them at once."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(faults))


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every setting, typed; the field names are those of `SETTINGS` without `HACP_`."""

    instance: Path
    secret_key: str = field(repr=False)
    database_url: str = field(repr=False)
    public_url: str
    content_url: str
    host: str
    port: int
    content_port: int
    threads: int
    trusted_proxies: int
    trusted_hosts: tuple[str, ...]
    max_upload_mib: int
    session_silence_hours: int
    session_lifetime_days: int
    session_grace_minutes: int
    sign_in_hours: int
    log_format: str
    log_level: str

    @property
    def max_upload_bytes(self) -> int:
        """The upload limit in bytes."""
        return self.max_upload_mib * 1024 * 1024

    @property
    def session_policy(self) -> Policy:
        """How long a session of running content lives."""
        return Policy(
            silence=timedelta(hours=self.session_silence_hours),
            lifetime=timedelta(days=self.session_lifetime_days),
            grace=timedelta(minutes=self.session_grace_minutes),
        )

    @property
    def content_root(self) -> Path:
        """The folder in which packages are stored."""
        return self.instance / "content"

    @property
    def secure(self) -> bool:
        """Whether people reach the server by TLS only, so that cookies may insist on it."""
        return self.public_url.startswith("https://")

    @property
    def public_host(self) -> str:
        """The host name of the public address, without its port."""
        return urlsplit(self.public_url).hostname or ""


def current() -> Settings:
    """Return the settings of the running application."""
    settings: Settings = current_app.extensions["settings"]
    return settings


def from_environment() -> Settings:
    """Load the settings of this process; raises `SettingsRefused`."""
    return load(os.environ)


def load(environ: Mapping[str, str], file: Path | None = None) -> Settings:
    """Read every setting; what stands in the environment wins over what stands in the file.

    The file is `file`, or the one that HACP_CONFIG names, or `hacp.env` in the instance folder when
    it is there. Raises `SettingsRefused` with all faults at once.
    """
    faults: list[str] = []
    given = {name: value for name, value in environ.items() if value != ""}
    path = file or (Path(given["HACP_CONFIG"]) if "HACP_CONFIG" in given else None)
    if (
        path is None
        and (usual := Path(given.get("HACP_INSTANCE", "instance")) / FILE_NAME).exists()
    ):
        path = usual
    written = _read_file(path, faults=faults) if path is not None else {}
    values = _parse({**written, **given}, faults=faults)
    if not faults:
        _derive(values, faults=faults)
    if faults:
        raise SettingsRefused(faults)
    return Settings(**values)  # type: ignore[arg-type]


def shown(settings: Settings) -> list[tuple[Setting, str]]:
    """Return every setting with its value as people may read it: secrets are hidden."""
    rows = []
    for setting in SETTINGS:
        value = getattr(settings, setting.field)
        if setting.name == "HACP_DATABASE_URL":
            text = make_url(value).render_as_string(hide_password=True)
        elif setting.secret:
            text = "(hidden)"
        else:
            text = ", ".join(value) if isinstance(value, tuple) else str(value)
        rows.append((setting, text))
    return rows


def _read_file(path: Path, *, faults: list[str]) -> dict[str, str]:
    """Read `NAME=VALUE` lines; `#` begins a comment line, quotes around a value are dropped."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        faults.append(f"The settings file {path} cannot be read: {reason}.")
        return {}
    names = {setting.name for setting in SETTINGS}
    values: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip().removeprefix("export ").strip()
        if not stripped or stripped.startswith("#"):
            continue
        name, equals, value = (part.strip() for part in stripped.partition("="))
        if not equals:
            faults.append(f"{path}, line {number}: expected NAME=VALUE.")
        elif name not in names:
            faults.append(f"{path}, line {number}: there is no setting {name}.")
        else:
            values[name] = _unquoted(value)
    return values


def _unquoted(value: str) -> str:
    if len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1]
    return value


def _parse(given: Mapping[str, str], *, faults: list[str]) -> dict[str, object]:
    values: dict[str, object] = {}
    for setting in SETTINGS:
        text = given.get(setting.name, setting.default)
        if text is None:
            faults.append(f"{setting.name} is missing: expected {setting.expects}. {setting.help}")
            continue
        if text == "" and setting.derived:
            values[setting.field] = ""
            continue
        try:
            values[setting.field] = setting.parse(text)
        except ValueError:
            came = "a value that is not shown" if setting.secret else repr(text)
            faults.append(f"{setting.name} is {came}: expected {setting.expects}.")
    return values


def _derive(values: dict[str, object], *, faults: list[str]) -> None:
    """Fill in what follows from other settings, and check what two settings say together."""
    values["database_url"] = (
        values["database_url"] or f"sqlite:///{Path(str(values['instance'])) / DATABASE_NAME}"
    )
    values["public_url"] = values["public_url"] or f"http://127.0.0.1:{values['port']}"
    values["content_url"] = values["content_url"] or f"http://localhost:{values['content_port']}"
    # Browsers send cookies to every port of a host, so only another host keeps content away.
    if (
        urlsplit(str(values["public_url"])).hostname
        == urlsplit(str(values["content_url"])).hostname
    ):
        faults.append(
            f"HACP_CONTENT_URL is {values['content_url']!r}: expected another host than the one of "
            f"HACP_PUBLIC_URL ({values['public_url']!r}); another port is not enough, "
            "because uploaded content must never act as the person who signed in."
        )
