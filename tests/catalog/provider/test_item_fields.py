"""The fields of a listed course: what feeds write, what it means, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from catalog.errors import ItemRefused
from catalog.provider import item_fields

KEY = "0f8fad5b-d9cb-469f-a165-70867728950e"


def hours(hours: int, minutes: int = 0, seconds: int = 0) -> timedelta:
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)


@pytest.mark.parametrize(
    "written",
    [
        KEY,
        KEY.upper(),
        f"{{{KEY.upper()}}}",
        f" {KEY}\n",
        KEY.replace("-", ""),
    ],
)
def test_a_guid_has_one_form_however_it_was_written(written: str) -> None:
    assert item_fields.guid("id", written) == KEY


@pytest.mark.parametrize(
    ("written", "came"),
    [
        (None, "nothing"),
        ("", "empty"),
        ("12", '"12"'),
        (12, '"12"'),
        (f"{{{KEY}", f'"{{{KEY}"'),
        (KEY.replace("-", "", 1), '"0f8fad5bd9cb-469f-a165-70867728950e"'),
        (f"{KEY}0", f'"{KEY}0"'),
        ([KEY], "a list of 1"),
        ({"id": KEY}, "an object"),
        ("٠" * 32, '"' + "٠" * 32 + '"'),
    ],
)
def test_what_is_no_guid_is_refused(written: object, came: str) -> None:
    with pytest.raises(ItemRefused) as caught:
        item_fields.guid("id", written)

    assert (caught.value.field, caught.value.came) == ("id", came)
    assert "a GUID such as" in str(caught.value)


@pytest.mark.parametrize("written", [True, 1, "1", "true", "TRUE", " Yes ", "active"])
def test_a_flag_is_set(written: object) -> None:
    assert item_fields.flag("active", written) is True


@pytest.mark.parametrize("written", [False, 0, "0", "false", "False", "no", "Inactive", "retired"])
def test_a_flag_is_not_set(written: object) -> None:
    assert item_fields.flag("active", written) is False


@pytest.mark.parametrize("written", [None, "", "maybe", 2, 1.0, -1, [], [True], {}])
def test_a_flag_that_says_neither_is_refused(written: object) -> None:
    with pytest.raises(ItemRefused, match="true or false was expected"):
        item_fields.flag("active", written)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        # realistic
        ("01:30:00", hours(1, 30)),
        ("00:00:45", hours(0, 0, 45)),
        ("120:00:00", hours(120)),
        # sloppy
        ("1:05", hours(1, 5)),
        (" 00:90:00 ", hours(1, 30)),
        ("99:58", hours(99, 58)),
        ("100:00:00", hours(100)),
        # unknown
        ("99:59", None),
        ("99:59:00", None),
        ("99:59:59", None),
        ("00:00:00", None),
        ("", None),
        (None, None),
        # hostile
        ("an hour", None),
        ("-1:00:00", None),
        ("99999999999:00:00", None),
        ("1:2:3:4", None),
        (90, None),
        (["01:00:00"], None),
    ],
)
def test_a_duration_is_hours_minutes_seconds_or_unknown(
    written: object, read: timedelta | None
) -> None:
    assert item_fields.duration(written) == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2024-03-01T12:00:00Z", datetime(2024, 3, 1, 12, tzinfo=UTC)),
        ("2024-03-01T12:00:00+02:00", datetime(2024, 3, 1, 10, tzinfo=UTC)),
        ("2024-03-01 12:00:00", datetime(2024, 3, 1, 12, tzinfo=UTC)),
        ("2024-03-01", datetime(2024, 3, 1, tzinfo=UTC)),
        ("0001-01-01T00:00:00+14:00", None),
        ("yesterday", None),
        ("", None),
        (None, None),
        (1709290800, None),
    ],
)
def test_a_moment_is_in_utc(written: object, read: datetime | None) -> None:
    assert item_fields.moment(written) == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (["en", "English", "es-MX"], ("en", "es-MX")),
        (["en", " ", None], ("en",)),
        ("English, French", ("en", "fr")),
        ("de", ("de",)),
        ([], ()),
        (None, ()),
    ],
)
def test_all_languages_are_kept_once(written: object, read: tuple[str, ...]) -> None:
    assert item_fields.languages("languages", written) == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        # realistic
        (["|Compliance|HIPAA"], (("Compliance", "HIPAA"),)),
        (["|Safety", "|Safety|Fire"], (("Safety",), ("Safety", "Fire"))),
        # Commas are part of a name; equal leaf names are told apart by their parents.
        (["|Law, Tax|Basics", "|IT|Basics"], (("Law, Tax", "Basics"), ("IT", "Basics"))),
        # sloppy
        (["Compliance | HIPAA |"], (("Compliance", "HIPAA"),)),
        (["|A", "|A|", "||A"], (("A",),)),
        ("|A|B", (("A", "B"),)),
        (["", "|", None], ()),
        (["|A\tB\n|C"], (("A B", "C"),)),
        (None, ()),
    ],
)
def test_categories_are_paths(written: object, read: tuple[tuple[str, ...], ...]) -> None:
    assert item_fields.categories("categories", written) == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("https://a.example/x?y=1#z", "https://a.example/x?y=1#z"),
        (" HTTPS://a.example/a b?c d ", "https://a.example/a%20b?c%20d"),
        ("http://127.0.0.1:8000/launch", "http://127.0.0.1:8000/launch"),
        ("https://bücher.example/ü", "https://bücher.example/%C3%BC"),
        ("https://a.example/100%", "https://a.example/100%"),
        ("", ""),
        ("  ", ""),
        (None, ""),
    ],
)
def test_an_address_is_absolute(written: object, read: str) -> None:
    assert item_fields.address("aiccLaunchUrl", written) == read


BAD_ADDRESSES = [
    "start.html",
    "//a.example/x",
    "javascript:alert(1)",
    "file:///etc/passwd",
    "ftp://a.example/x",
    "https://",
    "https://user:secret@a.example/",
    "https://a.example\\@b.example/",
    "https://a.example:0/",
    "https://a.example:99999/",
    "https://[::1/",
    "https://a.example/\r\nHost: b.example",
    "https://a\0.example/",
    "https://a.example/\ud800",
    5,
    ["https://a.example/"],
    "https://a.example/" + "x" * item_fields.MAX_URL,
]


@pytest.mark.parametrize("written", BAD_ADDRESSES)
def test_what_is_no_address_is_refused(written: object) -> None:
    with pytest.raises(ItemRefused) as caught:
        item_fields.address("aiccLaunchUrl", written)

    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("written", BAD_ADDRESSES)
def test_a_picture_without_a_sound_address_is_none(written: object) -> None:
    assert item_fields.picture_address(written) == ""
    assert item_fields.picture_address(written, "https://a.example/b.png") == (
        "https://a.example/b.png"
    )


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        # realistic
        ("<p>Stay <b>safe</b></p>", "<p>Stay <b>safe</b></p>"),
        ("Fish &amp; chips", "Fish &amp; chips"),
        ("no markup", "no markup"),
        # sloppy
        ("<p>One<p>Two", "<p>One</p><p>Two</p>"),
        ("<h1>Big</h1><font color=red>red</font>", "Bigred"),
        ('<p style="x" class="y" id="z" onclick="w()">a</p>', "<p>a</p>"),
        (
            '<a href="https://a.example/" target="_top">a</a>',
            '<a href="https://a.example/" rel="noopener noreferrer nofollow">a</a>',
        ),
        # hostile
        ("<script>alert(1)</script>a", "a"),
        ('<img src="https://spy.example/1.gif" onerror="x()">a', "a"),
        (
            '<a href="javascript:alert(1)">a</a>',
            '<a rel="noopener noreferrer nofollow">a</a>',
        ),
        ('<a href="/logout">a</a>', '<a rel="noopener noreferrer nofollow">a</a>'),
        ("<style>*{display:none}</style>a<!-- b -->", "a"),
        ("<iframe src='https://a.example'></iframe>a", "a"),
        ("a\0b", "ab"),
        (None, ""),
    ],
)
def test_html_keeps_text_and_structure(written: object, kept: str) -> None:
    assert item_fields.clean_html("descriptionHtml", written) == kept


def test_html_is_read_as_text_by_paragraphs() -> None:
    markup = "<p>Fish &amp; <b>chips</b></p>\n\n\n<ul><li>one</li><li>two</li></ul>"

    assert item_fields.text_of_html(markup) == "Fish & chips\n\none\ntwo"


def test_a_text_has_no_controls_and_its_lines_end_alike() -> None:
    assert item_fields.text("x", " a\r\nb\rc\0\x07\ud800 ", limit=99) == "a\nb\nc"
    assert item_fields.line("x", " a \r\n\tb ", limit=99) == "a b"


Read = Callable[..., object]


@pytest.mark.parametrize(
    ("reader", "most", "more"),
    [
        (
            lambda value: item_fields.text("f", value, limit=5),
            "x" * 5,
            "x" * 6,
        ),
        (
            lambda value: item_fields.clean_html("f", value),
            "<p>" * item_fields.MAX_TAGS,
            "<p>" * (item_fields.MAX_TAGS + 1),
        ),
        (
            lambda value: item_fields.clean_html("f", value),
            "x" * item_fields.MAX_DESCRIPTION,
            "x" * (item_fields.MAX_DESCRIPTION + 1),
        ),
        (
            lambda value: item_fields.languages("f", value),
            ["en"] * item_fields.MAX_LANGUAGES,
            ["en"] * (item_fields.MAX_LANGUAGES + 1),
        ),
        (
            lambda value: item_fields.categories("f", value),
            ["|A"] * item_fields.MAX_CATEGORIES,
            ["|A"] * (item_fields.MAX_CATEGORIES + 1),
        ),
        (
            lambda value: item_fields.categories("f", value),
            ["|A" * item_fields.MAX_DEPTH],
            ["|A" * (item_fields.MAX_DEPTH + 1)],
        ),
        (
            lambda value: item_fields.categories("f", value),
            ["x" * item_fields.MAX_NAME],
            ["x" * (item_fields.MAX_NAME + 1)],
        ),
    ],
)
def test_what_is_too_much_is_refused_with_the_limit(reader: Read, most: Any, more: Any) -> None:
    reader(most)

    with pytest.raises(ItemRefused, match=r"at most [0-9]+"):
        reader(more)


@pytest.mark.parametrize(
    "reader",
    [
        lambda value: item_fields.text("f", value, limit=9),
        lambda value: item_fields.languages("f", value),
        lambda value: item_fields.categories("f", value),
        lambda value: item_fields.languages("f", [value]),
        lambda value: item_fields.categories("f", [value]),
    ],
)
@pytest.mark.parametrize("value", [7, True, {"a": 1}])
def test_another_type_is_refused(reader: Read, value: object) -> None:
    with pytest.raises(ItemRefused, match=r"^f is .*; a .* was expected"):
        reader(value)
