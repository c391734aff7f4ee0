"""The words of a text: without case and accents, in scripts with blanks and without."""

from __future__ import annotations

import pytest

from catalog.words import MAX_WORD, asked_words, fold, words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        # realistic
        ("Safety at Work", ["safety", "at", "work"]),
        ("Größe: GROẞ, Ångström", ["grosse", "gross", "angstrom"]),
        ("Łódź Øre İstanbul ısı", ["lodz", "ore", "istanbul", "isi"]),
        ("Cœur & Æsir", ["coeur", "aesir"]),
        ("e-mail 3.5 mm ISO27001", ["e", "mail", "3", "5", "mm", "iso27001"]),
        ("한국어 교육", ["한국어", "교육"]),
        ("हिन्दी में", ["हिनदी", "में"]),
        ("العَرَبِيَّة", ["العربية"]),
        # without blanks: pairs, and the last one alone
        ("合同法 2", ["合同", "同法", "法", "2"]),
        ("ガス", ["ガス", "ス"]),
        ("งาน", ["งา", "าน", "น"]),
        # sloppy and hostile
        ("", []),
        ("  \t\n ", []),
        ("a\0b", ["a", "b"]),
        ("'; DROP TABLE x; --", ["drop", "table", "x"]),
        ('"a" NEAR(b) *', ["a", "near", "b"]),
        ("x" * 5000, ["x" * MAX_WORD]),
        ("snake_case", ["snake", "case"]),
    ],
)
def test_a_text_is_taken_apart_into_words(text: str, found: list[str]) -> None:
    assert list(words(text)) == found


@pytest.mark.parametrize(
    ("text", "whole", "begun"),
    [
        ("safety wor", ["safety"], "wor"),
        ("Safe", [], "safe"),
        ("合同法", ["合同", "同法"], ""),
        ("合", [], "合"),
        ("合同 la", ["合同"], "la"),
        ("", [], ""),
        ("...", [], ""),
    ],
)
def test_the_last_word_that_is_asked_for_may_be_begun(
    text: str, whole: list[str], begun: str
) -> None:
    assert asked_words(text) == (whole, begun)


def test_composed_and_decomposed_letters_are_one() -> None:
    assert fold("e\u0301t\u00e9") == fold("\u00e9te\u0301") == "ete"


def test_a_voiced_kana_is_another_letter() -> None:
    assert fold("ガ") != fold("カ")
