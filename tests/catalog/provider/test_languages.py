"""Languages: what feeds write for them, and the tag it becomes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.provider.languages import parse_language


@pytest.mark.parametrize(
    ("written", "tag"),
    [
        # realistic
        ("en", "en"),
        ("en-US", "en-US"),
        ("English", "en"),
        ("es-419", "es-419"),
        ("zh-Hans", "zh-Hans"),
        ("Portuguese (Brazil)", "pt-BR"),
        ("Brazilian Portuguese", "pt-BR"),
        ("Chinese (Simplified)", "zh-Hans"),
        ("Chinese (Traditional)", "zh-Hant"),
        ("Spanish (Latin America)", "es-419"),
        ("Norwegian", "no"),
        # sloppy
        (" EN_us ", "en-US"),
        ("english (uk)", "en-GB"),
        ("English (US)", "en-US"),
        ("English - United States", "en-US"),
        ("ZH_HANS_cn", "zh-Hans-CN"),
        ("eng", "en"),
        ("ger", "de"),
        ("iw", "he"),
        ("de-de-1996", "de-DE-1996"),
        ("Deutsch", "de"),
        ("français", "fr"),
        ("日本語", "ja"),
        # hostile
        ("", ""),
        ("Elvish", "Elvish"),
        ("English (Atlantis)", "English (Atlantis)"),
        ("q9", "q9"),
        ("qqq-QQ", "qqq-QQ"),
        ("en--US", "en--US"),
        ("((((((((", "(((((((("),
    ],
)
def test_a_language_is_known_by_code_and_by_name(written: str, tag: str) -> None:
    assert parse_language(written) == tag


@given(st.text(max_size=40))
def test_a_tag_is_its_own_tag(text: str) -> None:
    tag = parse_language(text)

    assert parse_language(tag) == tag
