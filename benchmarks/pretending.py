"""A pretend OpenSesame in a process of its own, so that its work is not counted as ours.

Serves `benchmarks.sync`. Run as a module it says on its standard output where it is, and grows its
List as the lines on its standard input say: a number of courses and the share that is revised. Its
one argument is how many milliseconds a page of the listing takes longer, as if it came from afar.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from types import TracebackType
from typing import TYPE_CHECKING

from waitress import create_server

from demo.opensesame.app import create_app
from demo.opensesame.pretend import Pretend

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class Provider:
    """The process, as seen from outside."""

    def __init__(self, page_ms: int = 0) -> None:
        command = [sys.executable, "-m", "benchmarks.pretending", str(page_ms)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        told = json.loads(self._line())
        self.url: str = told["url"]
        self.ciid: str = told["ciid"]
        self.client_id: str = told["client_id"]
        self.client_secret: str = told["client_secret"]

    def grow(self, count: int, revised: float = 0.0) -> None:
        """List so many made-up courses, a share of them revised."""
        if self._process.stdin is None:
            raise RuntimeError("the provider has no standard input")
        self._process.stdin.write(f"{count} {revised}\n")
        self._process.stdin.flush()
        self._line()

    def __enter__(self) -> Provider:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._process.terminate()
        self._process.wait()

    def _line(self) -> str:
        if self._process.stdout is None:
            raise RuntimeError("the provider has no standard output")
        return self._process.stdout.readline()


def from_afar(app: WSGIApplication, seconds: float) -> WSGIApplication:
    """Let each page of the listing wait before it comes."""

    def _app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/v1/content":
            time.sleep(seconds)
        return app(environ, start_response)

    return _app


def main() -> None:
    """Serve until the standard input ends."""
    pretend = Pretend(courses=())
    app = from_afar(create_app(pretend), int(sys.argv[1]) / 1000)
    server = create_server(app, host="127.0.0.1", port=0, threads=4)
    threading.Thread(target=server.run, daemon=True).start()
    told = {
        "url": f"http://localhost:{server.effective_port}",
        "ciid": pretend.ciid,
        "client_id": pretend.client.id,
        "client_secret": pretend.client.secret,
    }
    print(json.dumps(told), flush=True)
    for line in sys.stdin:
        count, revised = line.split()
        pretend.grow(int(count), revised=float(revised))
        print("grown", flush=True)


if __name__ == "__main__":
    main()
