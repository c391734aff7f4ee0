"""What a WSGI server is pointed at: `wsgi:app` for pages and HACP, `wsgi:content` for packages.

Serves `hacp serve`, gunicorn and their like. The two belong on two hosts; see `launcher.config`.
"""

from __future__ import annotations

from launcher.app import create_app
from launcher.config import from_environment
from launcher.content import create_content
from launcher.heap import keep_for_good
from launcher.logs import init_logging
from launcher.upgrades import refuse_older

_settings = from_environment()
init_logging(_settings)

app = create_app(_settings)
content = create_content(_settings)

with app.app_context():
    refuse_older()

keep_for_good()
