"""HACP as a content server speaks it: reads launch parameters, posts, parses the answers.

Serves `phishing`. Knows no page, keeps nothing, and posts only to addresses that it was allowed:
whoever could choose the address freely would have an open relay here.
"""

from __future__ import annotations

import http.client
import ipaddress
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

SECONDS_TO_ANSWER = 10
# Far above any real answer: suspend data are a few KiB.
LARGEST_ANSWER = 1024 * 1024
FREE_FORM = frozenset({"core_lesson", "core_vendor"})

_OPENER = urllib.request.OpenerDirector()
# Neither proxies nor redirects: the address that was checked is the one that is called.
_OPENER.add_handler(urllib.request.HTTPHandler())
_OPENER.add_handler(urllib.request.HTTPSHandler())
_OPENER.add_handler(urllib.request.UnknownHandler())


class NotHeard(Exception):
    """The learning server did not answer `error=0`; `number` is None without a readable answer."""

    def __init__(self, text: str, *, number: int | None = None) -> None:
        super().__init__(text if number is None else f"error {number}: {text}")
        self.number = number


@dataclass(frozen=True, slots=True)
class Launch:
    """What the learning server put into the launch address."""

    sid: str
    url: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What GetParam told; a name that was not sent is not there."""

    core: Mapping[str, str] = field(default_factory=dict)
    student_data: Mapping[str, str] = field(default_factory=dict)
    suspend_data: str = ""


def launch_parameters(values: Iterable[tuple[str, str]]) -> Launch | None:
    """Find the two parameters, whatever the case of their names; None where one is missing."""
    found: dict[str, str] = {}
    for name, value in values:
        found.setdefault(name.lower(), value)
    sid, url = found.get("aicc_sid"), found.get("aicc_url")
    return Launch(sid, url) if sid and url else None


def may_call(url: str, *, hosts: frozenset[str] = frozenset()) -> bool:
    """Allow http(s) to this machine's loopback, and to the host names that are given."""
    try:
        parts = urllib.parse.urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or parts.username is not None:
        return False
    if host == "localhost" or host in hosts:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def call(launch: Launch, command: str, *, aicc_data: str | None = None) -> Answer:
    """Post one command and return what came back; raises NotHeard for anything but `error=0`.

    The caller has asked `may_call` before.
    """
    fields = {"command": command, "version": "4.0", "session_id": launch.sid}
    if aicc_data is not None:
        fields["AICC_Data"] = aicc_data
    request = urllib.request.Request(launch.url, data=urllib.parse.urlencode(fields).encode())
    request.add_header("Content-Type", "application/x-www-form-urlencoded")
    try:
        with _OPENER.open(request, timeout=SECONDS_TO_ANSWER) as response:
            text = response.read(LARGEST_ANSWER).decode("utf-8", "replace")
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise NotHeard("the learning server cannot be reached") from error
    return _read(text)


def _read(text: str) -> Answer:
    head, groups = parse_reply(text)
    if not head.get("error", "").isdigit():
        raise NotHeard("the answer was not HACP")
    if int(head["error"]):
        raise NotHeard(head.get("error_text", "no reason given"), number=int(head["error"]))
    core = groups.get("core", {})
    lesson = groups.get("core_lesson", {}).get("", "").strip()
    return Answer(core, groups.get("student_data", {}), lesson)


def parse_reply(text: str) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """Return the head's names and the groups; a free-form group's text stands under the name ""."""
    head: dict[str, str] = {}
    groups: dict[str, dict[str, str]] = {}
    current, name = head, ""
    for line in re.split("\r\n|\r|\n", text):
        bare = line.strip()
        if bare.lower().startswith("aicc_data="):
            bare = bare[len("aicc_data=") :].strip()
        if bare.startswith("[") and bare.endswith("]") and bare[1:-1].isidentifier():
            name = bare[1:-1].lower()
            current = groups.setdefault(name, {})
        elif name in FREE_FORM:
            current[""] = f"{current['']}\r\n{line}" if "" in current else line
        elif "=" in bare:
            key, _, value = bare.partition("=")
            current.setdefault(key.strip().lower(), value.strip())
    return head, groups


def dump_state(
    *, location: str, status: str, seconds: int, suspend_data: str, score: int | None = None
) -> str:
    """Write the aicc_data of a PutParam; `status` may carry an exit flag behind a comma."""
    lines = ["[core]", f"lesson_location={location}", f"lesson_status={status}"]
    if score is not None:
        lines.append(f"score={score},100,0")
    lines += [f"time={timespan(seconds)}", "[core_lesson]", suspend_data, ""]
    return "\r\n".join(lines)


def timespan(seconds: int) -> str:
    """Write `HHHH:MM:SS`."""
    minutes, rest = divmod(seconds, 60)
    return f"{minutes // 60:04}:{minutes % 60:02}:{rest:02}"
