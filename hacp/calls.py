"""The other side of the wire: whom to call, what to send there, and what came back.

Serves `probe`, `recording` and the client that plays them. Opens no connection.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

FORM_TYPE = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Target:
    """One session of one server.

    `aicc_url` is the return address as it was given, `address` where it leads. `names` are the
    parameters of the launch URL as they were spelt; without a launch URL there are none.
    """

    address: str
    session_id: str
    aicc_url: str
    names: tuple[str, ...] = ()

    def redact(self, text: str) -> str:
        """Replace the session id, so that a report can be handed on."""
        return text.replace(self.session_id, "{sid}") if self.session_id else text


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP request as it goes out; without a body the content type is empty."""

    method: str
    url: str
    body: bytes = b""
    content_type: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: `headers` by lower-case name, or a `failure` in place of all of it."""

    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    seconds: float = 0.0
    failure: str = ""


def parse_target(url: str, session_id: str | None = None) -> Target:
    """Read a server's address, or take AICC_URL and AICC_SID out of a launch URL.

    The counterpart of `launch.launch_url`; the names count in any case. A session id that is given
    wins. Raises ValueError, with a sentence for people, where one is missing or the address is not
    one of HTTP.
    """
    pairs = parse_qsl(urlsplit(url).query, keep_blank_values=True)
    found = {name.upper(): (name, value) for name, value in pairs if "AICC_" in name.upper()}
    launched = [found[name] for name in ("AICC_SID", "AICC_URL") if name in found]
    _, aicc_url = found.get("AICC_URL", ("", url))
    given = session_id if session_id is not None else found.get("AICC_SID", ("", ""))[1]
    address = _absolute(aicc_url.strip())
    if not given:
        raise ValueError("There is no session id: give --sid, or a launch URL with AICC_SID in it.")
    if not _leads_somewhere(address):
        raise ValueError(f"{aicc_url!r} is no address that starts with http:// or https://.")
    return Target(address, given, aicc_url, tuple(name for name, _ in launched))


def _absolute(aicc_url: str) -> str:
    """Do what the more patient clients do to reach a server whose AICC_URL is not as it should be.

    NetDimensions encodes it twice (Xyleme decodes twice for that); others leave out the scheme,
    which Rustici's driver puts back.
    """
    if "://" not in aicc_url and "%3a%2f%2f" in aicc_url.lower():
        aicc_url = unquote(aicc_url)
    return aicc_url if "://" in aicc_url else f"http://{aicc_url}"


def _leads_somewhere(address: str) -> bool:
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and address.isprintable()
