"""Stored packages on the web: a second WSGI application, on a host of its own, without cookies.

Serves browsers that run uploaded content, at addresses nobody can guess. Knows no person, no
database and no course; it only opens files under one folder.
"""

from __future__ import annotations

import mimetypes
import re
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import structlog
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.security import safe_join
from werkzeug.utils import send_file
from werkzeug.wrappers import Request, Response

from launcher.config import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

# At least 128 random bits in hexadecimal, as `catalog.shelf` makes them.
_KEY = re.compile(r"[0-9a-f]{32,128}")
# Content at a key never changes: a package that is imported anew gets a new one.
MAX_AGE_SECONDS = 3600

# With nosniff a wrong type breaks content, so the types that courses use are said here and do not
# hang on what the machine has in /etc/mime.types.
CONTENT_TYPES = {
    ".aac": "audio/aac",
    ".avif": "image/avif",
    ".bmp": "image/bmp",
    ".css": "text/css",
    ".csv": "text/csv",
    ".dcr": "application/x-director",
    ".doc": "application/msword",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".dtd": "application/xml-dtd",
    ".eot": "application/vnd.ms-fontobject",
    ".flv": "video/x-flv",
    ".gif": "image/gif",
    ".htm": "text/html",
    ".html": "text/html",
    ".ico": "image/x-icon",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".js": "text/javascript",
    ".json": "application/json",
    ".m4a": "audio/mp4",
    ".m4v": "video/mp4",
    ".map": "application/json",
    ".mjs": "text/javascript",
    ".mov": "video/quicktime",
    ".mp3": "audio/mpeg",
    ".mp4": "video/mp4",
    ".oga": "audio/ogg",
    ".ogg": "audio/ogg",
    ".ogv": "video/ogg",
    ".otf": "font/otf",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".ppt": "application/vnd.ms-powerpoint",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".svg": "image/svg+xml",
    ".swf": "application/x-shockwave-flash",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".ttf": "font/ttf",
    ".txt": "text/plain",
    ".vtt": "text/vtt",
    ".wasm": "application/wasm",
    ".wav": "audio/wav",
    ".webm": "video/webm",
    ".webp": "image/webp",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
    ".xht": "application/xhtml+xml",
    ".xhtml": "application/xhtml+xml",
    ".xls": "application/vnd.ms-excel",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".xml": "application/xml",
    ".zip": "application/zip",
}
_OTHERS = mimetypes.MimeTypes(filenames=())
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    # The launch address holds the session id; what content loads from elsewhere must not get it.
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Robots-Tag": "noindex",
}

_log = structlog.get_logger("content")


def create_content(
    settings: Settings,
) -> Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]]:
    """Return the WSGI application that serves the packages under `settings.content_root`."""
    root = settings.content_root
    own_host = urlsplit(settings.content_url).hostname

    def content(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        started = time.perf_counter()
        request = Request(environ)
        try:
            # Under the application's own name, content would be on the host of its cookies.
            if urlsplit(f"//{request.host}").hostname != own_host:
                raise NotFound
            response = _answer(request, root)
        except HTTPException as error:
            response = Response(f"{error.name}\n", error.code, content_type="text/plain")
            response.headers.extend(
                [(name, value) for name, value in error.get_headers() if name == "Allow"]
            )
        for name, value in _HEADERS.items():
            response.headers[name] = value
        _log.info(
            "content",
            method=request.method,
            # Neither the key, which opens the package, nor the query, which holds a session id.
            path=ascii(request.path.partition("/")[2].partition("/")[2]),
            status=response.status_code,
            milliseconds=round((time.perf_counter() - started) * 1e3),
        )
        return response(environ, start_response)

    return content


def content_type(name: str) -> str:
    """Return the type of a file by its name; no charset, so that content's own word counts."""
    suffix = Path(name).suffix.lower()
    return CONTENT_TYPES.get(suffix) or _OTHERS.guess_type(name)[0] or "application/octet-stream"


def _answer(request: Request, root: Path) -> Response:
    if request.method not in ("GET", "HEAD"):
        raise MethodNotAllowed(["GET", "HEAD"])
    file = _file(root, request.path)
    response = send_file(
        file,
        request.environ,
        mimetype="application/octet-stream",
        conditional=True,
        etag=True,
        max_age=MAX_AGE_SECONDS,
    )
    response.headers["Content-Type"] = content_type(file.name)
    response.headers["Cache-Control"] = f"private, max-age={MAX_AGE_SECONDS}"
    return response


def _file(root: Path, path: str) -> Path:
    """Return the file behind `/<key>/<path>`; raises `NotFound` for everything that is none."""
    key, _slash, inside = path.removeprefix("/").partition("/")
    if not _KEY.fullmatch(key) or not inside or "\0" in inside:
        raise NotFound
    joined = safe_join(str(root / key), inside)
    if joined is None:
        raise NotFound
    try:
        file = Path(joined).resolve(strict=True)
        # A link inside of a package must not lead out of it, whoever put it there.
        if not file.is_relative_to((root / key).resolve(strict=True)) or not file.is_file():
            raise NotFound
    except OSError:
        raise NotFound from None
    return file
