"""The templates as text: every word goes through gettext, nothing is inline, nothing is fetched."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir

LAUNCHER = Path(__file__).parents[2] / "launcher"
TEMPLATES = sorted((LAUNCHER / "templates").rglob("*.html"))
STATIC = sorted((LAUNCHER / "static").iterdir())

each_template = pytest.mark.parametrize(
    "template", TEMPLATES, ids=lambda path: str(path.relative_to(LAUNCHER / "templates"))
)


@each_template
def test_every_word_that_people_read_goes_through_gettext(template):
    text = template.read_text("utf-8")
    # The sample of a CSV file is the same in every language.
    text = re.sub(r"<pre class=\"wire\">.*?</pre>", "", text, flags=re.DOTALL)
    for markup in (r"\{#.*?#\}", r"\{%.*?%\}", r"\{\{.*?\}\}", r"<[^>]*>"):
        text = re.sub(markup, " ", text, flags=re.DOTALL)

    assert re.findall(r"[^\W\d_]{2,}", text) == []


@each_template
def test_no_attribute_that_people_read_is_plain_english(template):
    text = template.read_text("utf-8")

    said = re.findall(r'(?:aria-label|placeholder|alt|title|data-label)="([^"]*)"', text)

    assert [words for words in said if words and not words.startswith("{{")] == []


@each_template
def test_nothing_is_inline_that_the_policy_forbids(template):
    text = template.read_text("utf-8")

    assert not re.search(r"\sstyle=|\son[a-z]+=\"|<style|javascript:", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert not re.search(r"\|\s*safe\b", text)


@each_template
def test_every_form_that_posts_carries_its_token(template):
    text = template.read_text("utf-8")

    for form in re.findall(r"<form\b.*?</form>", text, flags=re.DOTALL):
        if re.search(r'method="post"', form):
            assert re.search(r"csrf\(\)|csrf_token\(\)|hidden_tag\(\)", form), form[:120]


@pytest.mark.parametrize("path", [*STATIC, *TEMPLATES], ids=lambda path: path.name)
def test_nothing_is_fetched_from_elsewhere(path):
    text = path.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")

    assert not re.search(r"https?://|@import|url\(\s*['\"]?//", text)


@pytest.mark.conforms(
    "Launch",
    "iSpring",
    "No script of ours has an object `API` or `API_1484_11`: content that finds one on a page "
    "around it speaks SCORM to it instead of HACP.",
    grade="C",
)
def test_no_page_pretends_to_speak_scorm():
    scripts = [path for path in STATIC if path.suffix == ".js"]

    assert scripts
    for path in scripts:
        assert not re.search(r"\bAPI(?:_1484_11)?\b", path.read_text("utf-8")), path.name


def test_the_words_can_be_extracted_for_translators():
    methods = [("**.py", "python"), ("templates/**.html", "jinja2")]
    keywords = {"_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}

    found = {entry[2] for entry in extract_from_dir(LAUNCHER, methods, keywords=keywords)}

    assert {"My courses", "In progress", "Type the person's name."} <= found
    assert ("%(num)d attempt", "%(num)d attempts") in found
