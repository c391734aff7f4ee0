"""A server to be killed: what `hacp serve` runs, in a child of a process that has loaded it before.

Serves `killing`. Started with `python serving.py`; each line `serve` on standard input starts one
server and answers with its process id, so that a round costs no second import of everything.
"""

from __future__ import annotations

import os
import sys

from launcher import config, server
from launcher.app import create_app
from launcher.content import create_content
from launcher.logs import init_logging


def main() -> None:
    """Start servers until standard input ends."""
    settings = config.from_environment()
    for _line in sys.stdin:
        child = os.fork()
        if child == 0:
            init_logging(settings)
            app, content = create_app(settings), create_content(settings)
            server.open_servers(app, content, settings=settings).run(on_stop=lambda: None)
            os._exit(0)
        print(child, flush=True)
        os.waitpid(child, 0)
        print("gone", flush=True)


if __name__ == "__main__":
    main()
