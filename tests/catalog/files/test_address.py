"""File_Name: what may be launched, and where it then is."""

from __future__ import annotations

import unicodedata
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.files.address import (
    BadAddress,
    Contents,
    fold_path,
    is_absolute,
    launch_path,
    parse_file_name,
    sound_address,
    steady_address,
)

CONTENTS = Contents(
    [
        "index.html",
        "My File.html",
        "100%.html",
        "odd%20name.html",
        "a/start.html",
        "a/b/deep.html",
        "shared/player.html",
        "x:y.html",
        "hash#tag.html",
        unicodedata.normalize("NFD", "Grüße.html"),
    ]
)


@pytest.mark.conforms(
    "Course files",
    "common",
    "Backslashes and a leading `/` in File_Name are put right.",
    grade="B",
    case="start.html-a/start.html",
)
@pytest.mark.parametrize(
    ("text", "folder", "address", "path"),
    [
        # realistic
        ("index.html", "", "index.html", "index.html"),
        ("start.html", "a", "start.html", "a/start.html"),
        ("b/deep.html?x=1&y=2#frag", "a", "b/deep.html?x=1&y=2#frag", "a/b/deep.html?x=1&y=2#frag"),
        ("My File.html", "", "My%20File.html", "My%20File.html"),
        ("My%20File.html", "", "My%20File.html", "My%20File.html"),
        ("../shared/player.html", "a", "../shared/player.html", "shared/player.html"),
        # sloppy
        ("\\a\\start.html", "", "a/start.html", "a/start.html"),
        ("/index.html", "", "index.html", "index.html"),
        ("./a/./../index.html", "", "index.html", "index.html"),
        ("/shared/player.html", "a", "../shared/player.html", "shared/player.html"),
        ("a/start.html", "a", "start.html", "a/start.html"),
        ("index.html?back=c:\\x y", "", "index.html?back=c:%5Cx%20y", "index.html?back=c:%5Cx%20y"),
        ("100%.html", "", "100%25.html", "100%25.html"),
        ("odd%20name.html", "", "odd%2520name.html", "odd%2520name.html"),
        ("./x:y.html", "", "x%3Ay.html", "x%3Ay.html"),
        ("hash%23tag.html", "", "hash%23tag.html", "hash%23tag.html"),
    ],
)
def test_a_relative_address_is_a_file_of_the_package(
    text: str, folder: str, address: str, path: str
) -> None:
    assert parse_file_name(text, folder=folder, contents=CONTENTS) == (address, None)
    assert not is_absolute(address)
    assert launch_path(address, folder=folder) == path


def test_a_folder_with_blanks_is_quoted_in_the_launch_path() -> None:
    assert launch_path("a%20b.html?c d", folder="my set") == "my%20set/a%20b.html?c d"


def test_composed_and_decomposed_accents_are_the_same_name() -> None:
    address, warning = parse_file_name("Grüße.html", folder="", contents=CONTENTS)
    assert address == "Gru%CC%88%C3%9Fe.html"
    assert warning is None
    assert fold_path("GRÜSSE") == fold_path(unicodedata.normalize("NFD", "grüße"))


def test_another_case_is_mended_and_warned_of() -> None:
    address, warning = parse_file_name("INDEX.HTML", folder="", contents=CONTENTS)
    assert address == "index.html"
    assert warning == '"INDEX.HTML" is written "index.html" in the package.'


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://content.example.org/a?b=c#d", "https://content.example.org/a?b=c#d"),
        ("http://content.example.org", "http://content.example.org"),
        ("HTTPS://content.example.org:8443/", "https://content.example.org:8443/"),
        ("http:\\\\content.example.org\\a b", "http://content.example.org/a%20b"),
        ("https://content.example.org/ä?q=%20x", "https://content.example.org/%C3%A4?q=%20x"),
        ("https://content.example.org//a//b", "https://content.example.org//a//b"),
        ("https://content.example.org/?u=https://x.example", None),
        ("http://[::1]/a", "http://[::1]/a"),
    ],
)
def test_an_absolute_address_is_kept(text: str, address: str | None) -> None:
    found, warning = parse_file_name(text, folder="a", contents=CONTENTS)
    assert found == (address or text)
    assert warning is None
    assert is_absolute(found)


@pytest.mark.conforms(
    "Security",
    "packages",
    "File_Name is http, https or a file of the package; nothing else is ever launched.",
    grade="D",
)
@pytest.mark.parametrize(
    ("text", "part"),
    [
        # sloppy
        ("", "is empty"),
        ("missing.html", "not in the package"),
        ("www.example.org/course", "not in the package"),
        ("a", "not in the package"),
        ("a/", "not in the package"),
        ("/", "not in the package"),
        ("?x=1", "not in the package"),
        ("http:index.html", "names no host"),
        ("http://", "names no host"),
        ("https:///a", "names no host"),
        ("C:\\course\\index.html", "begins with"),
        # hostile
        ("javascript:alert(1)", "begins with"),
        ("JavaScript:alert(1)", "begins with"),
        ("data:text/html,x", "begins with"),
        ("file:///etc/passwd", "begins with"),
        ("vbscript:x", "begins with"),
        ("java\tscript:alert(1)", "control character"),
        ("\x01javascript:alert(1)", "control character"),
        ("//evil.example.org/x", "without http or https"),
        ("\\\\server\\share", "without http or https"),
        ("../secret", "leads out"),
        ("a/../../secret", "leads out"),
        ("%2e%2e/secret", "leads out"),
        ("..", "leads out"),
        ("http://exa mple.org/", "names no host"),
        ('http://example.org"onload=x/', "names no host"),
        ("http://example.org:port/", "names no host"),
        ("http://example.org:0/", "names no host"),
        ("http://[::1/", "names no host"),
    ],
)
def test_an_address_that_cannot_be_launched_is_refused(text: str, part: str) -> None:
    with pytest.raises(BadAddress) as caught:
        parse_file_name(text, folder="", contents=CONTENTS)
    assert part in caught.value.message
    assert caught.value.remedy


def test_leading_out_is_judged_from_the_folder_of_the_set() -> None:
    with pytest.raises(BadAddress, match="leads out"):
        parse_file_name("../../secret", folder="a", contents=CONTENTS)


def test_contents_are_listed_in_order() -> None:
    assert list(Contents(["b", "a"])) == ["a", "b"]


@pytest.mark.parametrize(
    ("address", "steady"),
    [
        # realistic
        ("https://a.example/l?course=1", "https://a.example/l?course=1"),
        ("https://a.example/l?AICC_SID=x&course=1&aicc_url=y", "https://a.example/l?course=1"),
        ("https://a.example/l?token=x&Expires=1&Signature=z", "https://a.example/l"),
        ("https://a.example/p?X-Amz-Date=1&id=2&X-Amz-Signature=s", "https://a.example/p?id=2"),
        # sloppy
        ("HTTPS://A.Example:443/L?b=2&a=1#part", "https://a.example/L?a=1&b=2"),
        ("http://a.example:80", "http://a.example"),
        ("http://a.example:8000/?", "http://a.example:8000/"),
        ("https://a.example/?&a=1&&", "https://a.example/?a=1"),
        ("https://a.example/?%74oken=1", "https://a.example/"),
        ("https://a.example/?a=https://b.example/?c", "https://a.example/?a=https://b.example/?c"),
    ],
)
def test_a_steady_address_is_without_what_is_made_anew_for_each_call(
    address: str, steady: str
) -> None:
    assert steady_address(address) == steady
    assert steady_address(steady) == steady


@given(st.text(st.sampled_from("hHtps:/aZ9.-@[]?#=&% \\é\0_"), max_size=30))
def test_a_sound_address_stays_as_it_is(text: str) -> None:
    for address in (text, f"https://{text}", f"https://a.example/{text}"):
        if (sound := sound_address(address)) is not None:
            assert sound_address(sound) == sound
            assert urlsplit(sound).hostname == urlsplit(address).hostname
