"""The headers that every answer carries: what a browser may do with it.

Serves the assembly. The HACP endpoint writes its own; here it only gets what cannot hurt content.
"""

from __future__ import annotations

from flask import Flask, request
from werkzeug.wrappers import Response

from launcher.config import Settings

# No inline script and no inline style anywhere, no frame around us, forms only to ourselves.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data:",
        "style-src 'self'",
        "script-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "object-src 'none'",
    )
)
# Two years, as the preload list asks; the host's own subdomains are not ours to decide about.
STRICT_TRANSPORT_SECURITY = "max-age=63072000"

_EVERYWHERE = {"X-Content-Type-Options": "nosniff"}
_ON_PAGES = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Frame-Options": "DENY",
    # Our own forms need the origin behind TLS (Flask-WTF compares it); no other site learns
    # anything. The launch page, which leads away, says no-referrer itself.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
# Pages show one person's records: neither a proxy nor the back button after sign-out may keep them.
_NOT_STORED = {"Cache-Control": "no-store"}


def on_every_answer(settings: Settings) -> dict[str, str]:
    """Return the headers that nothing goes without, a reply to content included."""
    if settings.secure:
        return {**_EVERYWHERE, "Strict-Transport-Security": STRICT_TRANSPORT_SECURITY}
    return _EVERYWHERE


def init_headers(app: Flask, settings: Settings) -> None:
    """Put the headers on every answer; a view that has set one keeps its own."""
    everywhere = on_every_answer(settings)

    @app.after_request
    def _add(response: Response) -> Response:
        wanted = dict(everywhere)
        if request.blueprint != "hacp":
            wanted |= _ON_PAGES
            if not (request.endpoint or "").endswith("static"):
                wanted |= _NOT_STORED
        for name, value in wanted.items():
            response.headers.setdefault(name, value)
        return response
