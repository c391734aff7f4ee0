"""The address that starts content: its own URL with the session id and our return address appended.

Serves the hall at launch. Opens no session and knows no course.
"""

from __future__ import annotations

from urllib.parse import quote


def launch_url(address: str, *, web_launch: str, session_id: str, aicc_url: str) -> str:
    """Return `address` with web_launch, AICC_SID and AICC_URL in its query string.

    The two names are in upper case because the Inspired eLearning, Profiscience and ScoXAPI
    libraries read no other. `aicc_url` must be absolute and without a query string: e-LfH, iSpring
    and CourseLab drop a parameter that holds a second `=`. `web_launch` (the .au column, CMI001
    section 6) goes before ours; a leading `?` or `&` of it is dropped. A fragment stays at the end.

    Raises ValueError where `aicc_url` breaks that promise, since no content would ever answer.
    """
    if "://" not in aicc_url or any(sign in aicc_url for sign in "?&=#"):
        raise ValueError(f"AICC_URL must be absolute and without a query string: {aicc_url!r}")
    base, hash_sign, fragment = address.partition("#")
    ours = f"AICC_SID={quote(session_id, safe='')}&AICC_URL={quote(aicc_url, safe='')}"
    extra = web_launch.strip().strip("?&")
    query = f"{extra}&{ours}" if extra else ours
    return f"{_joined(base, query)}{hash_sign}{fragment}"


def _joined(base: str, query: str) -> str:
    if "?" not in base:
        return f"{base}?{query}"
    return f"{base}{query}" if base.endswith(("?", "&")) else f"{base}&{query}"
