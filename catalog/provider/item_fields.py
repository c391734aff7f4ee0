"""The fields of a course in a provider's listing: each from JSON to the value that it means.

Serves `provided`. Takes what feeds are known to write. What decides what a course is and whether it
can be launched must be right, else `ItemRefused`; what only adorns it may be missing.
"""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import nh3

from catalog.errors import ItemRefused, quote_value
from catalog.files.address import sound_address
from catalog.provider.languages import parse_language

# A heading in a list; the longest titles of real catalogues have about 250.
MAX_TITLE = 1_000

# PostgreSQL's full text search takes one MiB of words; a description stays far below.
MAX_DESCRIPTION = 100_000

# Nesting costs the square of its depth; real descriptions have some hundred tags.
MAX_TAGS = 5_000

# A name, as our other columns of names.
MAX_NAME = 255

# What servers take as the first line of a request (nginx, Apache), and so what a URL can have.
MAX_URL = 8_190

# A course in every language of CLDR has fewer, and no tree of categories is as wide or as deep.
MAX_LANGUAGES = 500
MAX_CATEGORIES = 200
MAX_DEPTH = 20

_GUID = re.compile(r"[0-9a-f]{8}(-?)[0-9a-f]{4}(?:\1[0-9a-f]{4}){2}\1[0-9a-f]{12}")
_DURATION = re.compile(r"([0-9]{1,4}):([0-9]{1,2})(?::([0-9]{1,2}))?")
_UNKNOWN_DURATION = timedelta(hours=99, minutes=59)
# What no text of ours holds: controls but tab and line end, and halves of surrogate pairs, which
# neither UTF-8 nor a database takes.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_NOT_IN_URL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_LINE_ENDS = re.compile("\r\n?")
_BREAK = re.compile(r"<(?:br|/p|/li|/div|/h[1-6]|/tr)\b[^>]*>", re.IGNORECASE)
_BLANK_LINES = re.compile(r"\s*\n\s*\n\s*")
_SEVERAL = re.compile(r"[,;|]")

_YES = frozenset({"true", "1", "yes", "y", "on", "t", "active", "enabled"})
_NO = frozenset({"false", "0", "no", "n", "off", "f", "inactive", "disabled", "retired"})

# No pictures: they would tell a foreign host who reads the page. No ids, classes or styles: they
# would mix with ours.
_TAGS = """
    a b blockquote br code dd div dl dt em h3 h4 h5 h6 hr i li ol p pre s small span strong sub sup
    table tbody td th thead tr u ul
"""
_CLEANER = nh3.Cleaner(
    tags=set(_TAGS.split()),
    attributes={"a": {"href"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}},
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
    link_rel="noopener noreferrer nofollow",
)
_STRIPPER = nh3.Cleaner(tags=set(), attributes={})


def words(value: object) -> str:
    """Say what came, as a message repeats it."""
    if value is None:
        return "nothing"
    if isinstance(value, str):
        return quote_value(value) if value else "empty"
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    return quote_value(str(value).lower())


def guid(name: str, value: object) -> str:
    """Read a GUID in any case, with or without braces and hyphens; return it lower-case, hyphened.

    The one form makes it the key by which a course is found again.
    """
    text = value.strip().lower() if isinstance(value, str) else ""
    if text.startswith("{") and text.endswith("}"):
        text = text[1:-1]
    if not _GUID.fullmatch(text):
        expected = "a GUID such as 0f8fad5b-d9cb-469f-a165-70867728950e"
        raise ItemRefused(name, came=words(value), expected=expected)
    digits = text.replace("-", "")
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def flag(name: str, value: object) -> bool:
    """Read a flag: true or false, 1 or 0, or a word. A missing one is refused.

    Taking it for either would archive or reactivate everything when a feed renames the field.
    """
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower() if isinstance(value, str | int) else ""
    if word in _YES or word in _NO:
        return word in _YES
    raise ItemRefused(name, came=words(value), expected="true or false")


def line(name: str, value: object, *, limit: int) -> str:
    """Read a text of one line: blanks and line ends are one blank each."""
    return " ".join(text(name, value, limit=limit).split())


def text(name: str, value: object, *, limit: int) -> str:
    """Read a text without what cannot be printed; null is empty. Lines end with LF."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ItemRefused(name, came=words(value), expected="a text")
    if len(value) > limit:
        came = f"a text of {len(value)} characters"
        raise ItemRefused(name, came=came, expected=f"at most {limit}")
    if value.isprintable():
        return value.strip()
    return _UNPRINTABLE.sub("", _LINE_ENDS.sub("\n", value)).strip()


def clean_html(name: str, value: object) -> str:
    """Read foreign HTML, sanitised: text and its structure, links to elsewhere, nothing else."""
    given = text(name, value, limit=MAX_DESCRIPTION)
    if "<" not in given and "&" not in given:
        return given
    if (tags := given.count("<")) > MAX_TAGS:
        raise ItemRefused(name, came=f"a text of {tags} tags", expected=f"at most {MAX_TAGS}")
    return _CLEANER.clean(given).strip()


def text_of_html(markup: str) -> str:
    """Return what sanitised HTML says, for where only a text is shown or searched."""
    if "<" not in markup and "&" not in markup:
        return markup
    bare = _STRIPPER.clean(_BREAK.sub("\n", markup))
    return _BLANK_LINES.sub("\n\n", html.unescape(bare)).strip()


def address(name: str, value: object) -> str:
    """Read an absolute http or https URL; null and blanks are none, "". Blanks in it are quoted."""
    came = value.strip() if isinstance(value, str) else value
    if came is None or came == "":
        return ""
    expected = "an address that begins with https:// or http://"
    if not isinstance(came, str):
        raise ItemRefused(name, came=words(value), expected=expected)
    if len(came) > MAX_URL:
        much = f"an address of {len(came)} characters"
        raise ItemRefused(name, came=much, expected=f"at most {MAX_URL}")
    # A name and password in front of the host are no part of any address that a listing has.
    sound = None if _NOT_IN_URL.search(came) else sound_address(came)
    if sound is None or ("@" in sound and "@" in urlsplit(sound).netloc):
        raise ItemRefused(name, came=words(value), expected=expected)
    return sound


def picture_address(*values: object) -> str:
    """Return the first that is a URL, "" where none is: a picture only adorns."""
    for value in values:
        try:
            if found := address("", value):
                return found
        except ItemRefused:
            continue
    return ""


def duration(value: object) -> timedelta | None:
    """Read `hh:mm:ss` or `hh:mm`; None for zero, for `99:59` (an older feed's "unknown"), and for
    what is no time: it only adorns.
    """
    match = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        return None
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    read = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    # It came with and without seconds.
    unknown = not read or timedelta() <= read - _UNKNOWN_DURATION < timedelta(minutes=1)
    return None if unknown else read


def moment(value: object) -> datetime | None:
    """Read a date of ISO 8601 as UTC; None for what is none: it only adorns."""
    if not isinstance(value, str):
        return None
    try:
        read = datetime.fromisoformat(value.strip())
        return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def languages(name: str, value: object) -> tuple[str, ...]:
    """Read a list of languages by code or name, as BCP 47 tags, each once, in the order given.

    A text stands for a list with commas.
    """
    given = _SEVERAL.split(value) if isinstance(value, str) else value
    entries = _list(name, given, most=MAX_LANGUAGES)
    read = (parse_language(line(name, entry, limit=MAX_NAME)) for entry in entries)
    return tuple(dict.fromkeys(tag for tag in read if tag))


def categories(name: str, value: object) -> tuple[tuple[str, ...], ...]:
    """Read a list of pipe paths, each once, in the order given: `|Compliance|HIPAA`.

    A name may hold a comma; a path is all names from the outermost, so that equal names under
    different parents stay apart. A text stands for a list of one.
    """
    given = [value] if isinstance(value, str) else value
    entries = _list(name, given, most=MAX_CATEGORIES)
    return tuple(dict.fromkeys(path for entry in entries if (path := _path(name, entry))))


def _path(name: str, value: object) -> tuple[str, ...]:
    parts = line(name, value, limit=MAX_DEPTH * (MAX_NAME + 1)).split("|")
    path = tuple(part for part in map(str.strip, parts) if part)
    if len(path) > MAX_DEPTH or any(len(part) > MAX_NAME for part in path):
        expected = f"at most {MAX_DEPTH} names of at most {MAX_NAME} characters"
        raise ItemRefused(name, came=words(value), expected=expected)
    return path


def _list(name: str, value: object, *, most: int) -> list[object]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise ItemRefused(name, came=words(value), expected="a list of texts")
    if len(value) > most:
        raise ItemRefused(name, came=words(value), expected=f"at most {most}")
    return value
