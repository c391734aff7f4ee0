"""Languages: from whatever a provider writes to a BCP 47 tag.

Serves `item_fields`. Knows codes (`en_us`, `eng`), English names with or without a place behind
them, and names in the language itself. Guesses nothing: what is not recognised stays as written.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from babel import Locale, localedata
from babel.core import get_global

_CODE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")
# "Portuguese (Brazil)", "Portuguese - Brazil".
_PLACED = re.compile(r"([^()]+?)\s*(?:\(([^()]+)\)|\s[-–—]\s*(.+))")

# What people write where CLDR has another name.
_PLACES = {
    "simplified": "Hans",
    "traditional": "Hant",
    "uk": "GB",
    "usa": "US",
    "latam": "419",
}

# A feed has a few hundred spellings; more of them are not worth the memory.
_REMEMBERED = 2048


@lru_cache(maxsize=_REMEMBERED)
def parse_language(text: str) -> str:
    """Return the tag of a language given by code or name (`English` -> `en`), else the text."""
    word = text.strip()
    return _by_code(word) or _by_name(word) or word


def _by_code(word: str) -> str | None:
    if not _CODE.fullmatch(word):
        return None
    language, *rest = re.split("[-_]", word)
    language = get_global("language_aliases").get(language.lower(), language.lower())
    # An alias may bring its own script (sh is sr-Latn); what was written goes before it.
    language = language.partition("_")[0]
    if language not in _languages():
        return None
    return "-".join([language, *map(_subtag, rest)])


@cache
def _languages() -> frozenset[str]:
    return frozenset(Locale("en").languages)


def _subtag(text: str) -> str:
    if len(text) == 4 and text.isalpha():
        return text.title()
    return text.upper() if len(text) == 2 else text.lower()


def _by_name(word: str) -> str | None:
    name = word.casefold()
    code = _english().get(name)
    if code is None and (placed := _PLACED.fullmatch(name)):
        code = _placed(placed[1], placed[2] or placed[3])
    return code or _native().get(name)


def _placed(name: str, place: str) -> str | None:
    language = _english().get(name)
    where = _places().get(place.strip())
    return f"{language}-{where}" if language and where else None


@cache
def _english() -> dict[str, str]:
    names: dict[str, str] = dict(Locale("en").languages)
    return {name.casefold(): code.replace("_", "-") for code, name in names.items()}


@cache
def _places() -> dict[str, str]:
    territories: dict[str, str] = dict(Locale("en").territories)
    by_name = {name.casefold(): code for code, name in territories.items()}
    by_code = {code.casefold(): code for code in territories}
    return by_name | by_code | _PLACES


@cache
def _native() -> dict[str, str]:
    """Names of languages in themselves. Reads some 200 files, and so only when a name is unknown to
    all else.
    """
    codes = [code for code in localedata.locale_identifiers() if "_" not in code]
    names = ((str(Locale(code).languages.get(code, "")), code) for code in codes)
    return {name.casefold(): code for name, code in names if name}
