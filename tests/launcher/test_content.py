"""Stored content on the web: right types, parts and tags; nothing beside the package."""

from __future__ import annotations

import pytest
from werkzeug.test import Client

from launcher.content import content_type, create_content

KEY = "0123456789abcdef" * 2


@pytest.fixture
def package(settings):
    folder = settings.content_root / KEY
    (folder / "media").mkdir(parents=True)
    (folder / "index.html").write_bytes(b"<meta charset=latin-1>caf\xe9")
    (folder / "media" / "clip one.mp4").write_bytes(bytes(range(100)))
    (folder / "media" / "ü.svg").write_text("<svg/>")
    return folder


@pytest.fixture
def client(settings, package):
    return Client(on_its_host(create_content(settings)))


def on_its_host(content):
    """Ask under the host of HACP_CONTENT_URL, as browsers do."""
    return lambda environ, start: content({**environ, "HTTP_HOST": "127.0.0.1:8081"}, start)


@pytest.mark.parametrize("host", ["localhost", "localhost:8081", "content.example.org", "", "["])
def test_under_any_other_name_nothing_is_served(settings, package, host):
    content = Client(create_content(settings))
    answer = content.get(f"/{KEY}/index.html", headers={"Host": host})
    assert answer.status_code in {400, 404}
    assert b"caf" not in answer.data


def test_a_file_is_served_with_its_type_and_without_a_cookie(client):
    answer = client.get(f"/{KEY}/index.html?AICC_SID=x&AICC_URL=y")
    assert answer.status_code == 200
    assert answer.data == b"<meta charset=latin-1>caf\xe9"
    # No charset: it would win over the one that the content names itself.
    assert answer.headers["Content-Type"] == "text/html"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in answer.headers
    answer.close()


def test_names_with_blanks_and_umlauts_are_found(client):
    answer = client.get(f"/{KEY}/media/%C3%BC.svg")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/svg+xml")
    answer.close()


def test_a_part_of_a_film_can_be_asked_for(client):
    path = f"/{KEY}/media/clip%20one.mp4"
    answer = client.get(path, headers={"Range": "bytes=10-19"})
    assert answer.status_code == 206
    assert answer.data == bytes(range(10, 20))
    assert answer.headers["Content-Range"] == "bytes 10-19/100"
    answer.close()
    assert client.get(path, headers={"Range": "bytes=500-"}).status_code == 416


def test_what_the_browser_has_is_not_sent_again(client):
    first = client.get(f"/{KEY}/index.html")
    etag = first.headers["ETag"]
    first.close()
    again = client.get(f"/{KEY}/index.html", headers={"If-None-Match": etag})
    assert (again.status_code, again.data) == (304, b"")
    again.close()


def test_the_head_of_a_file_has_no_body(client):
    answer = client.head(f"/{KEY}/index.html")
    assert (answer.status_code, answer.data) == (200, b"")
    assert answer.headers["Content-Length"] == "26"
    answer.close()


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_content_is_only_read(client, method):
    answer = client.open(f"/{KEY}/index.html", method=method)
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, HEAD"


@pytest.mark.parametrize(
    "path",
    [
        "/",
        f"/{KEY}",
        f"/{KEY}/",
        f"/{KEY}/media",
        f"/{KEY}/media/",
        f"/{KEY}/nowhere.html",
        f"/{KEY}/../secret.txt",
        f"/{KEY}/%2e%2e/secret.txt",
        f"/{KEY}/..%5csecret.txt",
        f"/{KEY}/media/../../secret.txt",
        f"/{KEY}//etc/passwd",
        f"/{KEY}/%00index.html",
        f"/{KEY}/{'a' * 5000}",
        f"/{KEY}/linked.txt",
        f"/{KEY.upper()}/index.html",
        f"/{KEY[:31]}/index.html",
        "/../secret.txt",
        "/index.html",
        f"/{KEY}/%ff%fe",
    ],
)
def test_everything_else_is_not_found(client, settings, package, path):
    (settings.content_root / "secret.txt").write_text("secret")
    (package / "linked.txt").symlink_to(settings.content_root / "secret.txt")
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.text == "Not Found\n"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_without_any_package_nothing_is_found(settings):
    assert (
        Client(on_its_host(create_content(settings))).get(f"/{KEY}/index.html").status_code == 404
    )


@pytest.mark.parametrize(
    ("name", "type_"),
    [
        ("a.JS", "text/javascript"),
        ("a.mjs", "text/javascript"),
        ("a.css", "text/css"),
        ("a.wasm", "application/wasm"),
        ("a.woff2", "font/woff2"),
        ("a.swf", "application/x-shockwave-flash"),
        ("a.vtt", "text/vtt"),
        ("a.mpg", "video/mpeg"),
        ("a.unheard-of", "application/octet-stream"),
        ("Makefile", "application/octet-stream"),
    ],
)
def test_types_do_not_hang_on_the_machine(name, type_):
    assert content_type(name) == type_
