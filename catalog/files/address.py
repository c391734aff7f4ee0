"""File_Name: where an assignable unit is launched, on another host or in the package.

Serves `course` (checks and normalises at import), `store` (makes the launch address) and what
providers list. Relative addresses are URL references below the set's folder. Fetches nothing.
"""

from __future__ import annotations

import posixpath
import re
import unicodedata
from collections.abc import Iterable, Iterator
from urllib.parse import quote, unquote, urlsplit

from catalog.errors import quote_value
from catalog.files.decoding import CONTROL

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")
_BEHIND_PATH = re.compile(r"[?#]")

# What a URL may hold unquoted (RFC 3986), and the percent sign of what is quoted already.
_URL_CHARACTERS = "%:/?#[]@!$&'()*+,;=~"
_PATH_CHARACTERS = "/@!$&'()*+,;=~"
# Nothing to mend: what most addresses are, and four times as fast.
_PLAIN = re.compile(r"https?://[A-Za-z0-9.\-]+(?:[/?#][A-Za-z0-9._\-%:/?#\[\]@!$&'()*+,;=~]*)?")
# What no host name holds.
_NOT_IN_HOST = frozenset(' "<>\\^`{|}%')

_PORTS = {"http": ":80", "https": ":443"}
# What is in a query for one call only: session, signature, time, and what keeps caches away. The
# last lines are signed addresses of CloudFront and Azure; those of Amazon and Google have prefixes.
_VOLATILE_WORDS = """
    session sessionid session_id sid jsessionid phpsessid ticket token access_token auth_token
    id_token jwt nonce state sig signature expires expiry exp ts time timestamp
    _ _t cb rnd rand random cachebuster nocache
    policy key-pair-id
    se sp spr sr st sv ske skoid sks skt sktid skv
"""
_VOLATILE = frozenset(_VOLATILE_WORDS.split())
_VOLATILE_PREFIXES = ("aicc_", "utm_", "x-amz-", "x-goog-")


class BadAddress(ValueError):
    """A File_Name that cannot be launched: what is wrong with it, and what to do."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message, remedy)
        self.message = message
        self.remedy = remedy


def fold_path(path: str) -> str:
    """Make paths comparable that differ in case or in how accents are composed (macOS)."""
    return unicodedata.normalize("NFC", path).casefold()


class Contents:
    """The content files of a package, to be found by their exact name or one that only looks it."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._exact = frozenset(paths)
        self._folded = {fold_path(path): path for path in self._exact}

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._exact))

    def find(self, path: str) -> str | None:
        """Return the path as it stands in the package, or None."""
        return path if path in self._exact else self._folded.get(fold_path(path))


NO_CONTENTS = Contents(())


def is_absolute(file_name: str) -> bool:
    """Whether a normalised File_Name names another host."""
    return bool(_SCHEME.match(file_name))


def parse_file_name(text: str, *, folder: str, contents: Contents) -> tuple[str, str | None]:
    """Normalise a File_Name; return it with the warning it deserves, or None.

    Absolute ones must be http or https with a host. `//host/path` is refused: it would take the
    scheme of whatever page launches it, and a Windows share looks the same. A relative one must
    name a file of the package: as seen from `folder`, or, failing that, from the package's root.
    Its query string and fragment are kept and play no part in that check. Raises `BadAddress`.
    """
    if not text:
        raise BadAddress("File_Name is empty.", "Name the file that starts the unit.")
    if CONTROL.search(text):
        raise BadAddress(
            f"File_Name {quote_value(text)} holds a control character.", "Take it out."
        )
    end = _BEHIND_PATH.search(text)
    cut = end.start() if end else len(text)
    path, behind = text[:cut].replace("\\", "/"), text[cut:]
    scheme = _SCHEME.match(path)
    if scheme:
        return _absolute(path + behind, scheme.group()), None
    if path.startswith("//"):
        raise BadAddress(
            f"File_Name {quote_value(text)} names a host without http or https.",
            "Write the whole address, beginning with https://.",
        )
    return _relative(path.lstrip("/"), behind, folder=folder, contents=contents)


def launch_path(file_name: str, *, folder: str) -> str:
    """Return the path, quoted, with query and fragment, of a relative File_Name in its package."""
    end = _BEHIND_PATH.search(file_name)
    cut = end.start() if end else len(file_name)
    above = quote(f"{folder}/", safe=_PATH_CHARACTERS) if folder else ""
    return posixpath.normpath(above + file_name[:cut]) + file_name[cut:]


def sound_address(address: str) -> str | None:
    """Return an http or https URL with what is behind its host quoted; None for what is none."""
    if _PLAIN.fullmatch(address):
        return address
    try:
        parts = urlsplit(address)
        # Reading the port raises ValueError where it is no number.
        sound = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return None
    if not sound or parts.scheme not in ("http", "https") or _NOT_IN_HOST & set(parts.netloc):
        return None
    rest = address.partition("//")[2].removeprefix(parts.netloc)
    return f"{parts.scheme}://{parts.netloc}{quote(rest, safe=_URL_CHARACTERS)}"


def steady_address(address: str) -> str:
    """Return an address without what is made anew for each call: to compare with, not to call.

    Query parts are put in order, signatures, times and session ids among them left out; so is the
    fragment. Scheme and host are in lower case, without the port that goes without saying.
    """
    scheme, _, rest = address.partition("#")[0].partition("://")
    place, _, query = rest.partition("?")
    host, slash, path = place.partition("/")
    scheme, host = scheme.lower(), host.lower().removesuffix(_PORTS.get(scheme.lower(), ":"))
    steady = f"{scheme}://{host}{slash}{path}"
    if not query:
        return steady
    parts = query.split("&")
    kept = "&".join(sorted(part for part in parts if part and not _is_volatile(part)))
    return f"{steady}?{kept}" if kept else steady


def _is_volatile(part: str) -> bool:
    name = part.partition("=")[0].lower()
    if "%" in name:
        name = unquote(name).lower()
    return name in _VOLATILE or name.startswith(_VOLATILE_PREFIXES)


def _absolute(address: str, scheme: str) -> str:
    if scheme.lower() not in ("http:", "https:"):
        raise BadAddress(
            f"File_Name {quote_value(address)} begins with {quote_value(scheme)}.",
            "Only http and https addresses and files of the package can be launched.",
        )
    sound = sound_address(address)
    if sound is None:
        raise BadAddress(
            f"File_Name {quote_value(address)} names no host.",
            "Write the whole address, such as https://content.example.org/start.html.",
        )
    return sound


def _relative(path: str, behind: str, *, folder: str, contents: Contents) -> tuple[str, str | None]:
    wanted = [posixpath.normpath(posixpath.join(folder, unquote(path))), posixpath.normpath(path)]
    if folder:
        wanted[1:1] = [posixpath.normpath(posixpath.join(folder, path))]
        wanted.append(posixpath.normpath(unquote(path)))
    for candidate in wanted:
        found = contents.find(candidate)
        if found is None:
            continue
        reference = quote(posixpath.relpath(found, folder or "."), safe=_PATH_CHARACTERS)
        warning = None
        if unicodedata.normalize("NFC", found) != unicodedata.normalize("NFC", candidate):
            warning = f"{quote_value(path)} is written {quote_value(found)} in the package."
        return reference + quote(behind, safe=_URL_CHARACTERS), warning
    if wanted[0] == ".." or wanted[0].startswith("../"):
        raise BadAddress(
            f"File_Name {quote_value(path)} leads out of the package.",
            "Keep all files of the course in one package.",
        )
    raise BadAddress(
        f"File_Name {quote_value(path)} is not in the package.",
        "Add the file to the package, or write a whole address, beginning with https://.",
    )
