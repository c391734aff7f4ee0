"""The words of a text as searches know them: without case and accents, in any script.

Serves `search`, which stores and asks with them. Pure. The same words go to both databases, so that
neither's own idea of letters decides what is found.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

# Longer ones are addresses and accidents; PostgreSQL takes no lexeme above 2046 bytes.
MAX_WORD = 64

# Letters that Unicode does not take apart into a plain one and an accent.
_PLAIN = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"}
)
# The marks that make another kana of one are no accents.
_VOICED = ("\u3099", "\u309a")

# Scripts that are written without blanks: Thai, Lao, Burmese, Khmer, kana, Chinese characters.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf"
    "\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_SCRIPTS = re.compile(rf"[{_UNSPACED}]+|[^{_UNSPACED}]+")
_IS_UNSPACED = re.compile(f"[{_UNSPACED}]").match
_ASCII = re.compile(r"[a-z0-9]+")
# What a word may hold beyond letters and digits: vowel signs of Indian scripts are marks.
_MARKS = ("Mn", "Mc")


def words(text: str) -> Iterator[str]:
    """Yield the words of a text in order, those of unspaced scripts as pairs of characters.

    The last character of such a run stands alone too, so that every one of them begins a word.
    """
    if text.isascii():
        yield from (run[:MAX_WORD] for run in _ASCII.findall(fold(text)))
        return
    for run in _runs(text):
        if _IS_UNSPACED(run):
            yield from (run[at : at + 2] for at in range(len(run) - 1))
            yield run[-1]
        else:
            yield run[:MAX_WORD]


def asked_words(text: str) -> tuple[list[str], str]:
    """Return the words that must be there, and the beginning of one more, "" where there is none.

    The last word may not have been typed to its end.
    """
    whole: list[str] = []
    begun = ""
    for run in _runs(text):
        if begun:
            whole.append(begun)
        begun = ""
        if _IS_UNSPACED(run) and len(run) > 1:
            whole += (run[at : at + 2] for at in range(len(run) - 1))
        else:
            begun = run[:MAX_WORD]
    return whole, begun


def fold(text: str) -> str:
    """Return a text without case, accents and NUL, in composed form."""
    if text.isascii():
        return text.lower().replace("\0", " ")
    apart = unicodedata.normalize("NFKD", text.casefold().replace("\0", " "))
    kept = (c for c in apart if not unicodedata.combining(c) or c in _VOICED)
    return unicodedata.normalize("NFC", "".join(kept)).casefold().translate(_PLAIN)


def _runs(text: str) -> Iterator[str]:
    folded = fold(text)
    if folded.isascii():
        yield from _ASCII.findall(folded)
        return
    # A mark that is no accent joins the letters around it.
    joined = "".join(" " if _parts(c) else c for c in folded)
    for chunk in joined.split():
        yield from _SCRIPTS.findall(chunk)


def _parts(character: str) -> bool:
    """Whether a character stands between words."""
    return not (character.isalnum() or unicodedata.category(character) in _MARKS)
