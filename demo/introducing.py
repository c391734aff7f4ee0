"""Introduces the demo academy and the pretend OpenSesame to one another, by the command line.

Serves `run`. Each start looks first whether it was done, and does it again where one side has lost
what it knew. Leaves an installation alone that has a provider of its own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from demo import seeding
from demo.files import write_private
from demo.opensesame.pretend import Pretend
from demo.seeding import SLUG, Hacp, Say

PRETEND_STATE = "demo-opensesame.json"
DELIVERIES = "/deliveries/opensesame"


def open_pretend(instance: Path, *, public_url: str) -> Pretend:
    """Open the pretend OpenSesame with the state it had; it may call the server at `public_url`."""
    host = urlsplit(public_url).hostname or ""
    return Pretend(file=instance / PRETEND_STATE, hosts=frozenset({host}))


def introduce(
    hacp: Hacp,
    pretend: Pretend,
    instance: Path,
    *,
    settings_file: Path,
    port: int,
    public_url: str,
    say: Say,
) -> int | None:
    """Connect both, where they are not; return the port that the server will look for it at.

    None means that the installation has settings for another OpenSesame. Raises CommandFailed.
    """
    state = seeding.read_state(instance)
    port = int(state.get("opensesame_port", port))
    known = json.loads(hacp.run("settings", "--json"))["HACP_OPENSESAME_API_URL"]
    if known not in ("", _address(port)):
        return None
    deliveries = f"{public_url}{DELIVERIES}"
    pushed_to, secret = pretend.connection()
    if not (known and secret and state.get("introduced")):
        say("Connecting the demo academy with the pretend OpenSesame ...")
        seeding.keep_state(instance, opensesame_port=port, introduced=False)
        set_settings(settings_file, settings_for(pretend, port))
        hacp.run("opensesame", "activate", "--academy", SLUG)
        hacp.run("opensesame", "connect", "--ciid", pretend.ciid, "--academy", SLUG)
        secret = hacp.run("opensesame", "push-secret", "--academy", SLUG).strip()
    elif pushed_to == deliveries or pushed_to != state.get("pushed_to"):
        # As it should be, or as a person has set it since.
        return port
    pretend.connect(deliveries, secret)
    seeding.keep_state(instance, introduced=True, pushed_to=deliveries)
    return port


def settings_for(pretend: Pretend, port: int) -> dict[str, str]:
    """Return the server's settings that lead to this pretend OpenSesame."""
    return {
        "HACP_OPENSESAME_API_URL": _address(port),
        "HACP_OPENSESAME_TOKEN_URL": f"{_address(port)}/oauth/token",
        "HACP_OPENSESAME_CLIENT_ID": pretend.client.id,
        "HACP_OPENSESAME_CLIENT_SECRET": pretend.client.secret,
        "HACP_ALLOW_LOOPBACK": "yes",
    }


def set_settings(path: Path, values: Mapping[str, str]) -> None:
    """Set these in a settings file, each in place of its old line; keep every other line."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    lines, left = text.splitlines(), dict(values)
    for number, line in enumerate(lines):
        name = line.partition("=")[0].strip()
        if name in left:
            lines[number] = f"{name}={left.pop(name)}"
    if left:
        lines.append("# Where the demo's pretend OpenSesame is.")
        lines += [f"{name}={value}" for name, value in left.items()]
    write_private(path, "".join(f"{line}\n" for line in lines))


def _address(port: int) -> str:
    return f"http://localhost:{port}"
