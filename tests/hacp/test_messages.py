"""Requests as bytes: every dialect that content speaks, and what nobody should send."""

from __future__ import annotations

import codecs
import re
from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from hacp.messages import parse_report, parse_request
from hacp.redaction import redactor
from tests.hacp.transcript import encode_uri_component, escape, form

SID = "0123456789abcdef0123456789abcdef01234567"
DATA = "[Core]\r\nLesson_Location=a b+c\r\n[Core_Lesson]\r\n[1] %41 é & x=y"
BOUNDARY = "----WebKitFormBoundaryAbC123"


def request(aicc_data: str, rest: str = "") -> bytes:
    return f"command=PutParam&version=4.0&session_id={SID}&aicc_data={aicc_data}{rest}".encode()


def part(name: str, value: str) -> str:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"'
    return f"{head}\r\n\r\n{value}\r\n"


MULTIPART = (
    part("command", "ExitParam")
    + part("session_id", SID)
    + part("AICC_Data", DATA)
    + f"--{BOUNDARY}--\r\n"
).encode()

# Body, content type -> aicc_data.
DIALECTS = {
    # realistic
    "form": (request(form(DATA)), DATA),
    "encodeURIComponent": (request(encode_uri_component(DATA)), DATA),
    "escape": (request(escape(DATA)), DATA),
    "escape with %u": (request(escape(f"{DATA} – 概 😀")), f"{DATA} – 概 😀"),
    "encoded twice": (request(form(escape(DATA))), DATA),
    "multipart": (MULTIPART, DATA),
    "nothing encoded": (request("[core]\r\nlesson_location=1&2"), "[core]\r\nlesson_location=1&2"),
    "nothing encoded, LF": (request("[core]\nscore=1"), "[core]\nscore=1"),
    "nothing encoded, CR": (request("[core]\rscore=1"), "[core]\rscore=1"),
    "values encoded": (
        request("[Core]\r\nLesson_Location=%2fstart\r\nScore=72%2c100"),
        "[Core]\r\nLesson_Location=/start\r\nScore=72,100",
    ),
    "nothing encoded and no group, CRLF": (request("score=1&q=2\r\n"), "score=1&q=2\r\n"),
    "nothing encoded and no group, LF": (request("score=1&q=2\na=3"), "score=1&q=2\na=3"),
    "nothing encoded and no group, CR": (request("score=1&q=2\ra=3"), "score=1&q=2\ra=3"),
    "nothing encoded on one line": (request("[1] a=1&q=2"), "[1] a=1&q=2"),
    # sloppy
    "brackets raw, line ends encoded": (
        request("[core]%0D%0Alesson_location=a+b&c=1"),
        "[core]\r\nlesson_location=a b",
    ),
    "a trailing ampersand": (request("%5Bcore%5D", "&"), "[core]"),
    "a parameter of their own behind": (request("%5Bcore%5D", "&course_id=17"), "[core]"),
    "something that is no parameter behind": (request("%5Bcore%5D", "&&17"), "[core]&&17"),
    "separated by semicolons": (
        f"command=PutParam;session_id={SID};aicc_data=%5Bcore%5D;version=4.0".encode(),
        "[core]",
    ),
    "a line for each": (
        f"command=PutParam\r\nsession_id={SID}\r\naicc_data=%5Bcore%5D".encode(),
        "[core]",
    ),
    "names encoded": (f"session%5Fid={SID}&AICC%5fData=%5Bcore%5D".encode(), "[core]"),
    "Windows-1252": (request("") + b"%5Bcore%5D%0Aa%3D%93caf%E9%94", "[core]\na=“café”"),
    "Windows-1252, raw": (request("") + b"[core]\r\na=\x93caf\xe9\x94", "[core]\r\na=“café”"),
    "Latin-1 where Windows-1252 has nothing": (request("%81"), "\x81"),
    "a byte order mark": (b"\xef\xbb\xbf" + request("%5Bcore%5D"), "[core]"),
    "UTF-16 with a mark": (request("%5Bcore%5D").decode().encode("utf-16"), "[core]"),
    "UTF-16 big-endian with a mark": (
        codecs.BOM_UTF16_BE + request("%5Bcore%5D").decode().encode("utf-16-be"),
        "[core]",
    ),
    "UTF-16 little-endian": (request("%5Bcore%5D").decode().encode("utf-16-le"), "[core]"),
    "UTF-16 big-endian": (request("%5Bcore%5D").decode().encode("utf-16-be"), "[core]"),
    "a semicolon is data where nothing is encoded": (
        request("[core_lesson]\r\na;version=2;b"),
        "[core_lesson]\r\na;version=2;b",
    ),
    "a plus where blanks are %20": (request("%5Bcore%5D%20+"), "[core] +"),
    "a plus where they are not": (request("%5Bcore%5D+x"), "[core] x"),
    "a plus of a form that was encoded twice": (request("%255Bcore%255D%2Bx"), "[core] x"),
    "empty": (request(""), ""),
    # hostile
    "a broken escape": (request("%5Bcore%5D%zz%4"), "[core]%zz%4"),
    "a %u that is none": (request("%5Bcore%5D%20%uXY%C3%A9"), "[core] %uXYé"),
    "half of a surrogate pair": (request("%uD83D"), "\ufffd"),
    "bytes beside %u that are no UTF-8": (request("") + b"%u0041\xff", "A\ufffd"),
    "a NUL": (request("%5Bco%00re%5D"), "[core]"),
    "text that looks encoded before a group that is not": (
        request("%255Bpage%255D%0D%0A%5Bcore_lesson%5D%0D%0A%2541"),
        "%5Bpage%5D\r\n[core_lesson]\r\n%41",
    ),
    "three times encoded": (request("%25255Bcore%25255D"), "%255Bcore%255D"),
}


@pytest.mark.conforms(
    "Requests",
    "Rustici, e-LfH, Inspired, CourseLab, UGS",
    "JavaScript's `escape()` is understood: `%uXXXX`, single bytes of Latin-1, a raw `+`.",
    grade="B",
    case="escape with %u",
)
@pytest.mark.conforms(
    "Requests",
    "iSpring, Profiscience, Xyleme, South River",
    "`encodeURIComponent` is understood: UTF-8, a blank as `%20`.",
    grade="B",
    case="encodeURIComponent",
)
@pytest.mark.conforms(
    "Requests",
    "Rustici (form posts), ULearning",
    "aicc_data that was encoded twice is decoded twice, and only where it begins like an encoded "
    "group.",
    grade="B",
    case="encoded twice",
)
@pytest.mark.conforms(
    "Requests",
    "Rustici",
    "Nothing is decoded more often than that: suspend data may hold `%41`.",
    grade="D",
    case="three times encoded",
)
@pytest.mark.conforms(
    "Requests",
    "VistA, AICCAdapter",
    "aicc_data that was not encoded at all is read as it stands.",
    grade="B",
    case="nothing encoded, LF",
)
@pytest.mark.conforms(
    "Requests",
    "Halyard",
    "Values that are encoded one by one inside plain aicc_data are decoded.",
    grade="C",
    case="values encoded",
)
@pytest.mark.conforms(
    "Requests",
    "LmsComAICC",
    "A trailing `&` is no part of aicc_data.",
    grade="C",
    case="a trailing ampersand",
)
@pytest.mark.conforms(
    "Requests",
    "W3C form encoding",
    "`;` separates parameters as `&` does.",
    grade="D",
    case="separated by semicolons",
)
@pytest.mark.conforms(
    "Requests",
    "Storyline 2, tools on Windows",
    "Bytes that are no UTF-8 are read as Windows-1252.",
    grade="D",
    case="Windows-1252",
)
@pytest.mark.conforms(
    "Requests",
    "tools on Windows",
    "A byte order mark before the request is dropped.",
    grade="D",
    case="a byte order mark",
)
@pytest.mark.conforms(
    "Requests",
    "tools on Windows",
    "A request in UTF-16, marked or not, is turned around.",
    grade="D",
    case="UTF-16 little-endian",
)
@pytest.mark.conforms(
    "Requests",
    "clients with base64 in suspend data",
    "Where a blank is written `%20`, a plus is a plus.",
    grade="D",
    case="a plus where blanks are %20",
)
@pytest.mark.parametrize(("body", "aicc_data"), DIALECTS.values(), ids=DIALECTS)
def test_aicc_data_is_the_same_text_in_every_dialect(body, aicc_data):
    kind = "multipart/form-data; boundary=" + BOUNDARY if body is MULTIPART else ""
    read = parse_request(body, content_type=kind)
    assert read.aicc_data == aicc_data
    assert read.session_id in {SID, None}


@pytest.mark.conforms(
    "Requests",
    "CMI001 v4, section 6",
    "command, version, session_id, AU_password and AICC_Data are read.",
    grade="B",
)
def test_all_five_parameters_are_read():
    read = parse_request(b"command=GetParam&version=3.5&session_id=ab&au_password=pw&aicc_data=x")
    assert (read.command, read.version, read.session_id) == ("GetParam", "3.5", "ab")
    assert (read.au_password, read.aicc_data) == ("pw", "x")
    assert read.raw_session_id == b"ab"


def test_what_was_not_said_is_none_and_what_was_said_empty_is_empty():
    nothing, empty = parse_request(b""), parse_request(b"command=&version=&session_id=&aicc_data=")
    assert (nothing.command, nothing.version, nothing.session_id, nothing.aicc_data) == (None,) * 4
    assert (empty.command, empty.version, empty.session_id, empty.aicc_data) == ("",) * 4


KINDS = [
    "",
    "application/x-www-form-urlencoded",
    "application/x-www-form-urlencoded; charset=UTF-8",
    "text/plain;charset=UTF-8",
    "application/json",
    "multipart/form-data",
    "nonsense",
]


@pytest.mark.conforms(
    "Requests",
    "beacons of browsers, South River",
    "A form is read whatever its content type says: text/plain, none at all, or any other.",
    grade="B",
)
@pytest.mark.parametrize("kind", KINDS)
def test_a_form_is_read_whatever_its_content_type_says(kind):
    read = parse_request(request(form(DATA)), content_type=kind)
    assert (read.command, read.session_id, read.aicc_data) == ("PutParam", SID, DATA)


COMMANDS = {
    # realistic
    "GetParam": "GetParam",
    "getParam": "GetParam",
    "GETPARAM": "GetParam",
    "putparam": "PutParam",
    "exitau": "ExitAU",
    "ExitParam": "ExitParam",
    "PutInteractions": "PutInteractions",
    # sloppy
    "+ExitAU+": "ExitAU",
    "%45xitAU": "ExitAU",
    "Put%00Param": "PutParam",
    # hostile
    "Drop": "Drop",
    "x" * 5000: "x" * 32,
}


@pytest.mark.conforms(
    "Requests",
    "SkillSoft, Moodle, Dokeos, wizBank",
    "A command counts in any case, with blanks around it, and encoded.",
    grade="B",
)
@pytest.mark.parametrize(("sent", "command"), COMMANDS.items(), ids=lambda text: text[:16])
def test_a_command_counts_in_any_case(sent, command):
    assert parse_request(f"command={sent}".encode()).command == command


ORDERS = {
    "command last": "session_id=ab&aicc_data=%5Bcore%5D&command=PutParam",
    "aicc_data first": "aicc_data=%5Bcore%5D&command=PutParam&session_id=ab",
    "aicc_data first and raw": "aicc_data=[core]\r\n&command=PutParam&session_id=ab",
    "others between": "a=1&command=PutParam&url=http://x/&session_id=ab&b=2&aicc_data=%5Bcore%5D",
    "upper case": "COMMAND=PutParam&SESSION_ID=AB&AICC_DATA=%5Bcore%5D",
    "named twice": "command=PutParam&command=ExitAU&session_id=ab&session_id=cd&aicc_data=[core]%0D"
    "&aicc_data=x",
}


@pytest.mark.conforms(
    "Requests",
    "SkillSoft, SAP, Moodle",
    "Names of parameters count in any case.",
    grade="B",
    case="upper case",
)
@pytest.mark.conforms(
    "Requests",
    "SkillSoft",
    "Parameters come in any order: Skillport fails where the command is last.",
    grade="B",
    case="command last",
)
@pytest.mark.conforms(
    "Requests",
    "Authorware, Flash, UGS",
    "Parameters that nobody knows (`url=`, `course_id=`) are passed over.",
    grade="B",
    case="others between",
)
@pytest.mark.conforms(
    "Requests",
    "CMI001 v4, section 6",
    "Of a parameter that comes twice the first counts.",
    grade="D",
    case="named twice",
)
@pytest.mark.parametrize("body", ORDERS.values(), ids=ORDERS)
def test_parameters_are_found_in_any_order_and_the_first_of_a_name_counts(body):
    read = parse_request(body.encode())
    assert (read.command, read.session_id) == ("PutParam", "ab")
    assert read.aicc_data.strip() == "[core]"


def test_what_stands_behind_an_aicc_data_that_nobody_encoded_is_read():
    data = "[core_lesson]\r\na;version=2;b\r\nc"
    read = parse_request(f"aicc_data={data}&command=ExitAU&session_id=ab".encode())
    assert (read.aicc_data, read.command, read.session_id) == (data, "ExitAU", "ab")


def test_behind_a_byte_order_mark_nothing_is_lost():
    assert parse_request(codecs.BOM_UTF8 + b"command=GetParam").command == "GetParam"


@pytest.mark.parametrize(
    ("body", "wide"), [(b"c\0m\0", True), (b"\0c\0m", True), (b"c\0m", False), (b"\0c\0", False)]
)
def test_four_bytes_are_enough_to_tell_utf_16(body, wide):
    assert ("sent in UTF-16" in parse_request(body).tolerated) is wide


@pytest.mark.conforms(
    "Requests",
    "ScoXAPI, Authorware",
    "Parameters in the query string count where the body has none of their name.",
    grade="B",
)
def test_a_query_string_is_read_and_the_body_wins():
    read = parse_request(b"command=PutParam", query=b"command=GetParam&session_id=AB")
    assert (read.command, read.session_id) == ("PutParam", "ab")


def test_a_get_is_noted():
    assert parse_request(b"", query=b"command=getParam", method="GET").tolerated == ("sent by GET",)


NOTES = {
    "aicc_data is not encoded": request("[core]\r\n"),
    "aicc_data is encoded twice": request("%255Bcore%255D"),
    "encoded with JavaScript's escape()": request("%u0041"),
    "sent in UTF-16": b"\xff\xfec\0",
    "a byte order mark stands before the request": b"\xef\xbb\xbf",
    "a NUL was dropped": request("%00"),
    "sent as multipart/form-data": MULTIPART,
}


@pytest.mark.parametrize(("note", "body"), NOTES.items())
def test_what_is_tolerated_is_noted_once(note, body):
    assert parse_request(body + b"&au_password=%u0041%00").tolerated.count(note) == 1


def test_a_well_formed_request_leaves_no_note():
    assert parse_request(request(encode_uri_component(DATA))).tolerated == ()


# What a multipart body may lack and still be read, with the session id in front.
BROKEN_MULTIPART = {
    "no content type": (MULTIPART, ""),
    "another content type": (MULTIPART, "text/plain;charset=UTF-8"),
    "no boundary in it": (MULTIPART, "multipart/form-data"),
    "its end is missing": (MULTIPART[:-40], f"multipart/form-data; boundary={BOUNDARY}"),
    "a part without a name": (
        f"--{BOUNDARY}\r\nContent-Disposition: form-data\r\n\r\nx\r\n".encode() + MULTIPART,
        "",
    ),
    "a part without a disposition behind": (
        MULTIPART.replace(f"--{BOUNDARY}--".encode(), f"--{BOUNDARY}\r\nA: b\r\n\r\nx".encode()),
        "",
    ),
    "a line before": (b"\r\n" + MULTIPART, f"multipart/form-data; boundary={BOUNDARY}"),
    "dashes before": (b"--\r\n" + MULTIPART, f"multipart/form-data; boundary={BOUNDARY}"),
    "a boundary of one sign": (
        b"\r\n" + MULTIPART.replace(BOUNDARY.encode(), b"b"),
        "multipart/form-data; boundary=b",
    ),
    "the longest boundary": (
        MULTIPART.replace(BOUNDARY.encode(), b"b" * 70),
        f"multipart/form-data; boundary={'b' * 70}",
    ),
    "a file": (MULTIPART.replace(b'name="command"', b'name="command"; filename="a"'), ""),
    "a name twice": (MULTIPART.removesuffix(b"--\r\n") + b"\r\n" + MULTIPART[-200:], ""),
}


@pytest.mark.conforms(
    "Requests",
    "e-LfH, AICCAdapter",
    "A multipart body that was cut off counts as far as it came.",
    grade="C",
    case="its end is missing",
)
@pytest.mark.parametrize(("body", "kind"), BROKEN_MULTIPART.values(), ids=BROKEN_MULTIPART)
def test_of_a_broken_multipart_body_is_read_what_is_there(body, kind):
    read = parse_request(body, content_type=kind)
    assert (read.command, read.session_id) == ("ExitParam", SID)


def test_of_two_parts_with_one_name_the_first_counts():
    parts = [part("aicc_data", "first\r\nof two"), part("AICC_Data", "second"), part("x", "y")]
    body = "".join(parts) + f"--{BOUNDARY}--\r\n"
    assert parse_request(body.encode()).aicc_data == "first\r\nof two"


def test_of_very_many_parts_the_first_are_read():
    body = part("session_id", SID) + part("x", "") * 1000 + part("command", "ExitAU")
    read = parse_request(body.encode(), content_type=f"multipart/form-data; boundary={BOUNDARY}")
    assert (read.session_id, read.command) == (SID, None)


NO_MULTIPART = {
    "no line behind the boundary": (b"--", ""),
    "dashes without an end": (b"-" * 5000, ""),
    "a boundary longer than any": (
        f"--{'b' * 71}\r\n\r\n".encode(),
        f"multipart/form-data; boundary={'b' * 71}",
    ),
    "no parts": (b"", f"multipart/form-data; boundary={BOUNDARY}"),
}


@pytest.mark.parametrize(("body", "kind"), NO_MULTIPART.values(), ids=NO_MULTIPART)
def test_what_is_not_multipart_after_all_is_a_request_of_nothing(body, kind):
    assert parse_request(body, content_type=kind).command is None


# Signs of which escapes are made, and what comes close to them.
ALMOST_ESCAPES = st.binary(max_size=40).map(
    lambda raw: bytes(b"%%%%==014adfADF \0~"[sign % 18] for sign in raw)
)


@given(ALMOST_ESCAPES)
@example(b"%3D=%253D%00")
@example(b"%%414")
@example(b"=%41=")
@example(b"a%")
def test_an_escape_is_undone_and_what_looks_like_one_stays(raw):
    # Python's own way, one escape after the other.
    expected = unquote_to_bytes(raw)
    assume(expected.isascii())
    assert parse_request(b"version=" + raw).version == expected.decode().replace("\0", "")


# A quarter of what the endpoint takes; what takes longer than in proportion is felt here already.
FLOOD = 256 * 1024
FLOODS = {
    "brackets": b"[",
    "ampersands": b"&a=",
    "names": b"&command=",
    "data": b"&aicc_data=",
    "line ends": b"\r\n",
    "escapes": b"%25",
    "unicode escapes": b"%u0041",
    "dashes": b"-",
    "boundaries": f"\r\n--{BOUNDARY}".encode(),
    "parts": part("aicc_data", "x").encode(),
    "NULs": b"\0",
    "groups": b"[core]\r\n",
    "lines without equals": b"a\n",
    "session ids": b"&session_id=0123456789abcdef",
    "hexadecimal digits": b"f",
    "almost a parameter": b"&aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
}


@pytest.mark.conforms(
    "Requests",
    "anybody",
    "No flood of any sign takes more than linear time or fills the trace.",
    grade="D",
)
@pytest.mark.parametrize("unit", FLOODS.values(), ids=FLOODS)
@pytest.mark.parametrize("start", [b"", request("")], ids=["alone", "in aicc_data"])
def test_a_flood_of_anything_is_read_and_noted_in_a_few_words(unit, start):
    body = (start + unit * (FLOOD // len(unit)))[:FLOOD]
    for kind in ("", f"multipart/form-data; boundary={BOUNDARY}"):
        read = parse_request(body, content_type=kind)
        report = parse_report(read.aicc_data or "")
        assert sum(len(note) for note in read.tolerated + report.tolerated) < 2000
        assert len(redactor(read)(body)) <= len(body)


@pytest.mark.conforms(
    "Requests",
    "anybody",
    "No bytes, as body, query or content type, make the reader fail.",
    grade="D",
)
@given(st.binary(), st.binary(max_size=64), st.text(max_size=64))
@example(
    b"--b\r\nContent-Disposition: form-data; name=\"x\"; filename*=a''%ff\r\n\r\n\r\n--b", b"", ""
)
@example(b"--b\r\n\r\n\r\n", b"", "multipart/form-data; boundary=b")
@example(b"x", b"", "multipart/form-data; boundary=\ud800")
@example(b"\xff\xfe\x00", b"", "")
def test_no_bytes_make_the_reader_raise(body, query, content_type):
    read = parse_request(body, query=query, content_type=content_type)
    parse_report(read.aicc_data or "").tolerated  # noqa: B018
    redactor(read)(body)


ESCAPES = st.lists(
    st.sampled_from(
        [b"%", b"%%", b"%2", b"2C", b"c", b"%2C", b"%2c", b"%25", b"%41", b"%7B", b"+x"]
    )
).map(b"".join)


@given(ESCAPES)
def test_an_escape_is_undone_once_wherever_it_stands(value):
    read = parse_request(b"session_id=1&au_password=" + value)
    undone = re.sub(rb"%([0-9a-fA-F]{2})", lambda one: bytes.fromhex(one[1].decode()), value)
    assert read.au_password == undone.replace(b"+", b" ").decode("latin-1")


PIECES = st.lists(
    st.sampled_from(
        [
            *(b"command=", b"session_id=", b"&aicc_data=", b"%5B", b"%u00", b"%", b"=", b"\r\n"),
            *(b"[core]", b"--b", b'\r\nContent-Disposition: form-data; name="aicc_data"'),
            *(b"\0", b"\xff"),
        ]
    )
).map(b"".join)


@given(PIECES, PIECES)
def test_no_heap_of_familiar_pieces_makes_the_reader_raise(body, query):
    read = parse_request(body, query=query, content_type="multipart/form-data; boundary=b")
    parse_report(read.aicc_data or "")
    parse_report(parse_request(body).aicc_data or "")
    assert "\0" not in (read.aicc_data or "")


TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))


@pytest.mark.conforms(
    "Requests",
    "all clients",
    "Whatever the text is, each proper encoding of it arrives as the same text.",
    grade="B",
)
@given(TEXTS.map(lambda text: f"[core_lesson]\r\n{text} end"))
def test_any_text_comes_through_every_proper_encoding(data):
    for encode in (encode_uri_component, escape, form):
        if encode is escape and "%u" not in escape(data):
            continue  # Latin-1 alone is told from UTF-8 by trying, and a few texts are both.
        assert parse_request(request(encode(data))).aicc_data == data
