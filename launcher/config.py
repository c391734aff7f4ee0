"""The settings as they are in force: read from the environment and one file.

Serves the assembly and the commands; what can be set stands in `settings`. The only module that
reads the environment; opens no database and starts nothing.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from flask import current_app
from sqlalchemy import make_url

from hacp.model import Policy
from launcher.settings import DATABASE_NAME, QUEUE_NAME, SETTINGS, Setting

FILE_NAME = "hacp.env"


class SettingsRefused(Exception):
    """Settings that cannot be used. `faults` holds one sentence each, all of them at once."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(faults))


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every setting, typed; the field names are those of `SETTINGS` without `HACP_`."""

    instance: Path
    secret_key: str = field(repr=False)
    encryption_keys: tuple[str, ...] = field(repr=False)
    database_url: str = field(repr=False)
    database_pooled: bool
    public_url: str
    content_url: str
    host: str
    port: int
    content_port: int
    threads: int
    workers: int
    queue_url: str = field(repr=False)
    trusted_proxies: int
    trusted_hosts: tuple[str, ...]
    max_upload_mib: int
    session_silence_hours: int
    session_lifetime_days: int
    session_grace_minutes: int
    sign_in_hours: int
    operator: str
    opensesame_api_url: str
    opensesame_token_url: str
    opensesame_client_id: str
    opensesame_client_secret: str = field(repr=False)
    allow_loopback: bool
    exchanges_pack_months: int
    exchanges_keep_months: int
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
    def picture_root(self) -> Path:
        """The folder in which pictures of courses are stored."""
        return self.instance / "pictures"

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
        if setting.name in ("HACP_DATABASE_URL", "HACP_QUEUE_URL"):
            text = make_url(value).render_as_string(hide_password=True)
        elif setting.secret:
            text = "(hidden)" if value else ""
        else:
            text = _text_of(value)
        rows.append((setting, text))
    return rows


def _text_of(value: object) -> str:
    """Write a value as it would stand in the environment."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ",".join(value) if isinstance(value, tuple) else str(value)


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
    values["queue_url"] = values["queue_url"] or (
        values["database_url"]
        if str(values["database_url"]).startswith("postgresql")
        else f"sqlite:///{Path(str(values['instance'])) / QUEUE_NAME}"
    )
    values["public_url"] = values["public_url"] or f"http://127.0.0.1:{values['port']}"
    values["content_url"] = values["content_url"] or f"http://localhost:{values['content_port']}"
    values["encryption_keys"] = values["encryption_keys"] or ()
    _check_hosts(values, faults=faults)
    _check_provider(values, faults=faults)


def _check_hosts(values: Mapping[str, object], *, faults: list[str]) -> None:
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


def _check_provider(values: Mapping[str, object], *, faults: list[str]) -> None:
    """Refuse half a provider, and one without TLS where that is not meant."""
    for one, other in (("api_url", "token_url"), ("client_id", "client_secret")):
        if bool(values[f"opensesame_{one}"]) != bool(values[f"opensesame_{other}"]):
            names = (f"HACP_OPENSESAME_{part.upper()}" for part in (one, other))
            faults.append(f"{' and '.join(names)} belong together: give both, or neither.")
    for name in ("api_url", "token_url"):
        url = str(values[f"opensesame_{name}"])
        if url.startswith("http://") and not values["allow_loopback"]:
            faults.append(
                f"HACP_OPENSESAME_{name.upper()} is {url!r}: expected https://, because passwords "
                "and tokens go there. To try things out, HACP_ALLOW_LOOPBACK=yes lets http pass."
            )
