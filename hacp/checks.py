"""What is asked of any HACP server, as one table; each row names the content that breaks by it.

Serves `hacp probe`. Address, HTTP and the layout of replies stand here; the elements of a reply
come from `checks_elements`, the course of a session from `checks_session`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from hacp.checks_elements import ELEMENTS, NEEDED, WANTED, Judge
from hacp.checks_session import SESSION
from hacp.probe import ORIGIN, Check, Fault, Heard, Played, Weight
from hacp.replies import Oddity

# A learner waits no longer before the window is closed, and what is on its way then is lost.
PATIENCE = 5.0
_UNTOUCHED = re.compile(r"[A-Za-z0-9._~-]{1,255}")


def _target(saw: Callable[[Played], str]) -> Judge:
    """Judge what was there before the first call."""

    def judge(played: Played) -> list[Fault]:
        seen = saw(played)
        return [Fault(None, played.target.redact(seen))] if seen else []

    return judge


def _query(played: Played) -> str:
    aicc_url = played.target.aicc_url
    return f"AICC_URL={aicc_url}" if any(sign in aicc_url for sign in "?&=#") else ""


def _relative(played: Played) -> str:
    aicc_url = played.target.aicc_url
    return "" if "://" in aicc_url else f"AICC_URL={aicc_url}"


def _open_line(played: Played) -> str:
    parts = urlsplit(played.target.address)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme == "http" and not _here(parts) else ""


def _here(parts: SplitResult) -> bool:
    """Tell a server on this machine, which a browser trusts without TLS."""
    host = parts.hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _session_id(played: Played) -> str:
    session_id = played.target.session_id
    if _UNTOUCHED.fullmatch(session_id):
        return ""
    odd = sorted({sign for sign in session_id if not _UNTOUCHED.fullmatch(sign)})
    return f"{len(session_id)} signs, among them {' '.join(map(repr, odd)) or 'nothing odd'}"


def _spelling(played: Played) -> list[Fault] | None:
    names = played.target.names
    if not names:
        return None
    return [Fault(None, name) for name in names if name != name.upper()]


def _each(saw: Callable[[Heard], str]) -> Judge:
    """Judge every HTTP answer that came."""

    def judge(played: Played) -> list[Fault] | None:
        came = [heard for heard in played.heard.values() if not heard.answer.failure]
        return [Fault(heard.step, seen) for heard in came if (seen := saw(heard))] if came else None

    return judge


def _silence(played: Played) -> list[Fault]:
    every = played.heard.values()
    return [Fault(heard.step, heard.answer.failure) for heard in every if heard.answer.failure]


def _slow(heard: Heard) -> str:
    seconds = heard.answer.seconds
    return f"{seconds:.1f} s" if seconds > PATIENCE else ""


def _redirect(heard: Heard) -> str:
    status = heard.answer.status
    where = heard.answer.headers.get("location", "")
    return f"HTTP {status} to {where}" if 300 <= status < 400 else ""


def _status(heard: Heard) -> str:
    status = heard.answer.status
    return "" if status == 200 or 300 <= status < 400 else f"HTTP {status}"


def _type(heard: Heard) -> str:
    return heard.answer.headers.get("content-type", "").partition(";")[0].strip().lower()


def _html(heard: Heard) -> str:
    return _type(heard) if "html" in _type(heard) else ""


def _other_type(heard: Heard) -> str:
    kind = _type(heard)
    return "" if kind == "text/plain" or "html" in kind else kind or "no content type"


def _charset(heard: Heard) -> str:
    charset = re.search(
        r"charset=\"?([^\s;\"]+)", heard.answer.headers.get("content-type", ""), re.IGNORECASE
    )
    return charset[1] if charset and charset[1].lower() not in {"utf-8", "utf8"} else ""


def _cached(heard: Heard) -> str:
    headers = heard.answer.headers
    said = f"{headers.get('cache-control', '')} {headers.get('pragma', '')}".lower()
    if any(word in said for word in ("no-store", "no-cache", "max-age=0")):
        return ""
    return headers.get("cache-control") or "no Cache-Control"


def _cors(heard: Heard) -> str:
    allowed = heard.answer.headers.get("access-control-allow-origin", "")
    if allowed.strip() in {"*", ORIGIN}:
        return ""
    return f"only {allowed}" if allowed else "no Access-Control-Allow-Origin"


def _not_a_reply(heard: Heard) -> str:
    if heard.is_reply:
        return ""
    first = " ".join(heard.answer.body[:60].decode("latin-1").split())
    return f"`{first}`" if first else "an empty body"


def _layout(*oddities: Oddity) -> Judge:
    """Judge the layout of every reply that is one."""

    def judge(played: Played) -> list[Fault] | None:
        replies = [heard for heard in played.heard.values() if heard.is_reply]
        faults = [
            Fault(heard.step, f"{departure.oddity}: `{departure.text}`", departure.line)
            for heard in replies
            for departure in heard.response.departures
            if departure.oddity in oddities
        ]
        return faults if replies else None

    return judge


TARGET = [
    Check(
        "AICC_URL has no query string and no fragment",
        NEEDED,
        "e-LfH (Adapt), iSpring and CourseLab drop the parameter; South River and Xyleme cut it",
        _target(_query),
    ),
    Check(
        "AICC_URL is absolute",
        NEEDED,
        "only the Rustici driver (Storyline, Rise) puts a scheme before it",
        _target(_relative),
    ),
    Check(
        "AICC_URL is https",
        WANTED,
        "browsers forbid content that is on https itself to call it; Skillsoft asks for port 443",
        _target(_open_line),
    ),
    Check(
        "the session id needs no encoding",
        NEEDED,
        "Inspired, UGS, VA, South River and Percipio send it back unencoded",
        _target(_session_id),
    ),
    Check(
        "AICC_SID and AICC_URL are in upper case",
        NEEDED,
        "Inspired, Profiscience and ScoXAPI read no other",
        _spelling,
    ),
]

HTTP = [
    Check("an answer comes", NEEDED, "all content", _silence),
    Check(
        f"within {PATIENCE:.0f} seconds",
        WANTED,
        "older Rustici drivers ask synchronously: the learner's window stands still meanwhile",
        _each(_slow),
    ),
    Check(
        "no redirect",
        NEEDED,
        "a browser follows with GET and without the body: all content loses what it sent",
        _each(_redirect),
    ),
    Check(
        "the HTTP status is 200, for refusals too",
        NEEDED,
        "Profiscience and jQuery clients (ScoXAPI) give up on any other; Inspired shows it",
        _each(_status),
    ),
    Check(
        "not sent as HTML",
        NEEDED,
        "it broke content on Moodle (MDL-14455)",
        _each(_html),
    ),
    Check("sent as text/plain", WANTED, "the standard's own type", _each(_other_type)),
    Check("in UTF-8", WANTED, "names and bookmarks come out garbled", _each(_charset)),
    Check(
        "nothing may be cached",
        WANTED,
        "ScoXAPI and Authorware ask by GET and would see the first answer for ever",
        _each(_cached),
    ),
    Check(
        "any origin may read it (Access-Control-Allow-Origin)",
        NEEDED,
        "Storyline, Rise, iSpring and all content in the browser on another host than the server",
        _each(_cors),
    ),
    Check(
        "the body is a reply with error=, for refusals too",
        NEEDED,
        "all content; Inspired shows error pages to the learner",
        _each(_not_a_reply),
    ),
]

# Who breaks by each departure from the layout: what is asked, the weight, who.
ODDITIES: Mapping[tuple[Oddity, ...], tuple[str, Weight, str]] = {
    (Oddity.ENCODED,): (
        "not percent-encoded as a whole",
        NEEDED,
        "Profiscience, iSpring, Inspired, ScoXAPI and South River do not decode it",
    ),
    (Oddity.BYTE_ORDER_MARK,): (
        "no byte order mark",
        WANTED,
        "UGS wants names at the margin; only browsers take the mark away",
    ),
    (Oddity.NOT_UTF_8,): ("the bytes are UTF-8", WANTED, "names and bookmarks come out garbled"),
    (Oddity.FIRST_LINE,): (
        "begins with error=",
        WANTED,
        "the order of the standard; MDL-14455",
    ),
    (Oddity.LF,): (
        "lines end in CRLF: not in LF alone",
        NEEDED,
        "CourseLab splits [core] at CRLF only; most others take LF",
    ),
    (Oddity.CR,): ("lines end in CRLF: not in CR alone", NEEDED, "e-LfH (Adapt) and CourseLab"),
    (Oddity.UNENDED,): (
        "a line end stands behind the last line",
        NEEDED,
        "iSpring never reads the last line",
    ),
    (Oddity.INDENTED,): (
        "names stand at the margin",
        NEEDED,
        "e-LfH (Adapt) and South River lose every field; UGS too",
    ),
    (Oddity.BLANKS,): (
        "no blanks around =",
        NEEDED,
        "e-LfH (Adapt) and South River lose every field; CourseLab and UGS look for `error=0`",
    ),
    (Oddity.CAPITALS,): (
        "names in lower case",
        NEEDED,
        "iSpring, Profiscience, South River and UGS lose every field",
    ),
    (Oddity.CORE_BELOW,): (
        "aicc_data=[core] on one line",
        NEEDED,
        "e-LfH of 2020 (Adapt) loses student id, location and score; South River the student id",
    ),
    (Oddity.NO_AICC_DATA,): (
        "aicc_data= stands before the groups",
        NEEDED,
        "the standard's form; content that looks for the name finds nothing",
    ),
    (Oddity.CORE_NOT_FIRST,): (
        "[core] is the first group",
        NEEDED,
        "Rustici's driver takes the first line of a name, in whatever group it stands",
    ),
    (Oddity.NOT_ALONE,): (
        "a group's name is alone on its line",
        NEEDED,
        "content that reads lines loses what stands behind it",
    ),
    (Oddity.NO_EQUALS,): (
        "every line is name=value",
        WANTED,
        "a line end in a name or a title: the value is cut there",
    ),
    (Oddity.REPEATED,): (
        "each name comes once",
        WANTED,
        "Rustici's driver takes the first, Xyleme the last",
    ),
}

LAYOUT = [
    Check(asks, weight, breaks, _layout(*oddities))
    for oddities, (asks, weight, breaks) in ODDITIES.items()
]

CHECKS = (*TARGET, *HTTP, *LAYOUT, *ELEMENTS, *SESSION)
