"""Restarts and reloads under load: not one connection is refused, reset or answered with a failure.

Some content stops reporting for good after one refused connection.
"""

from __future__ import annotations

import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.deploy.conftest import Installation
from tests.deploy.installed import Started, free_port, gunicorn, listen_at, nginx, program, until
from tests.deploy.load import Load

pytestmark = pytest.mark.postgresql

RATE = 300
HOST = "academy.example.org"
CONTENT_HOST = "content.example.org"


@dataclass
class Site:
    """nginx before gunicorn, the pages' socket held by us; `port` is plain, `tls_port` is not."""

    installation: Installation
    started: Started
    listening: socket.socket
    serving: subprocess.Popen[bytes]
    port: int
    tls_port: int
    proxy: subprocess.Popen[bytes]

    def serve(self) -> None:
        """Start gunicorn on the socket that outlives it."""
        self.serving = gunicorn(
            self.started,
            "wsgi:app",
            settings_file=self.installation.settings_file,
            listening=self.listening,
        )

    def workers(self) -> set[str]:
        """The process ids of gunicorn's workers."""
        told = Path(f"/proc/{self.serving.pid}/task/{self.serving.pid}/children").read_text()
        return set(told.split())

    def health(self, host: str) -> bytes:
        """Ask the server behind nginx how it is, under some name."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as wire:
            wire.sendall(
                f"GET /health HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode()
            )
            return b"".join(iter(lambda: wire.recv(4096), b""))


@pytest.fixture
def site(installation: Installation, started: Started) -> Iterator[Site]:
    folder = started.folder
    certificate(folder)
    port, tls_port = free_port(), free_port()
    with (
        closing(listen_at(folder / "pages.sock")) as pages,
        closing(listen_at(folder / "content.sock")) as content,
    ):
        replaced = {
            "/run/hacp/": f"{folder}/",
            "listen 443 ssl;": f"listen 127.0.0.1:{tls_port} ssl; listen 127.0.0.1:{port};",
            "/etc/ssl/hacp/": f"{folder}/",
            "/var/log/nginx/": f"{folder}/",
        }
        file = installation.settings_file
        serving = gunicorn(started, "wsgi:app", settings_file=file, listening=pages)
        gunicorn(started, "wsgi:content", settings_file=file, listening=content, workers=1)
        proxy = nginx(started, replaced)
        until(lambda: answers(port), what="nginx")
        yield Site(installation, started, pages, serving, port, tls_port, proxy)
        started.end_all()


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def certificate(folder: Path) -> None:
    """Write one certificate for both host names, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.DNSName(HOST), x509.DNSName(CONTENT_HOST)])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    for site in ("academy", "content"):
        (folder / f"{site}.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
        (folder / f"{site}.key").write_bytes(private)


def load_at(site: Site) -> Load:
    return Load(("127.0.0.1", site.port), HOST, "/hacp/1", site.installation.session_ids, RATE)


def test_a_reload_and_a_restart_under_load_lose_no_connection(site: Site) -> None:
    load = load_at(site)
    load.start()
    try:
        until(lambda: load.answered > RATE, what="the load")
        before = site.workers()
        site.installation.change(HACP_TRUSTED_HOSTS="monitor.example.org")
        site.serving.send_signal(signal.SIGHUP)
        until(lambda: not before & site.workers(), what="the end of the old workers")
        reloaded, answered = site.health("monitor.example.org"), load.answered
        until(lambda: load.answered > answered + RATE, what="the load after the reload")

        # What `systemctl restart` does: the service ends, the socket stays, the service starts.
        status = site.started.end(site.serving)
        site.serve()
        answered = load.answered
        until(lambda: load.answered > answered + 2 * RATE, what="the load after the restart")
    finally:
        load.stop()

    assert load.faults == []
    assert status == 0
    assert reloaded.startswith(b"HTTP/1.1 200 ")
    assert site.installation.locations() == {one: str(page) for one, page in load.last.items()}


def test_a_reload_of_the_proxy_under_load_loses_no_connection(site: Site) -> None:
    load = load_at(site)
    load.start()
    try:
        until(lambda: load.answered > RATE, what="the load")
        site.proxy.send_signal(signal.SIGHUP)
        answered = load.answered
        until(lambda: load.answered > answered + RATE, what="the load after the reload")
    finally:
        load.stop()

    assert load.faults == []


def test_the_load_notices_a_server_that_is_away(site: Site) -> None:
    load = load_at(site)
    site.started.end(site.serving)
    site.listening.close()
    load.start()
    time.sleep(0.5)
    load.stop()

    assert load.faults


def test_the_two_names_lead_to_pages_and_to_content_by_tls(site: Site) -> None:
    trusted = ssl.create_default_context(cafile=str(site.started.folder / "academy.pem"))

    def ask(host: str, path: str) -> bytes:
        with (
            socket.create_connection(("127.0.0.1", site.tls_port), timeout=60) as plain,
            trusted.wrap_socket(plain, server_hostname=host) as wire,
        ):
            wire.sendall(
                f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode()
            )
            return b"".join(iter(lambda: wire.recv(4096), b""))

    sign_in = ask(HOST, "/sign-in?next=/private-query")
    assert sign_in.startswith(b"HTTP/1.1 200 ")
    assert b"; Secure" in sign_in
    assert ask(CONTENT_HOST, "/sign-in").startswith(b"HTTP/1.1 404 ")
    assert ask(HOST, "/health").startswith(b"HTTP/1.1 200 ")
    until(lambda: "/health" in (site.started.folder / "hacp.log").read_text(), what="the log line")
    assert "private-query" not in (site.started.folder / "hacp.log").read_text()


def test_pgbouncer_may_stand_between_by_transaction(
    installation: Installation, started: Started, postgresql_server: object
) -> None:
    folder, port = started.folder, free_port()
    socket_dir = Path(postgresql_server.get_postmaster_info().socket_dir)  # type: ignore[attr-defined]
    (folder / "pgbouncer.ini").write_text(
        f"[databases]\npostgres = host={socket_dir} user=postgres\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n"
        "auth_type = any\npool_mode = transaction\ndefault_pool_size = 2\n"
    )
    # Root may not run it; whoever it becomes must read this and walk to PostgreSQL's socket.
    folder.chmod(0o755)
    path, environment = program("pgbouncer")
    as_somebody = ("-u", socket_dir.owner()) if os.getuid() == 0 else ()
    started.start(
        "pgbouncer", path, *as_somebody, str(folder / "pgbouncer.ini"), environment=environment
    )
    until(lambda: answers(port), what="PgBouncer")
    installation.change(
        HACP_DATABASE_URL=f"postgresql://postgres@127.0.0.1:{port}/postgres",
        HACP_DATABASE_POOLED="yes",
        HACP_PORT=str(free_port()),
        HACP_CONTENT_PORT=str(free_port()),
        HACP_TRUSTED_PROXIES="0",
        HACP_QUEUE_URL=installation.settings["HACP_DATABASE_URL"],
    )
    started.start(
        "hacp",
        sys.executable,
        "-c",
        "from launcher.commands import main; main()",
        "serve",
        environment={"HACP_CONFIG": str(installation.settings_file)},
    )
    address = ("127.0.0.1", int(installation.settings["HACP_PORT"]))
    until(lambda: answers(address[1]), what="the server")
    load = Load(address, HOST, "/hacp/1", installation.session_ids, RATE)
    load.start()
    # Two connections for thirty sessions: every transaction meets whichever is free.
    until(lambda: load.answered > 3 * RATE or bool(load.faults), what="the load")
    load.stop()

    assert load.faults == []
    assert installation.locations() == {one: str(page) for one, page in load.last.items()}
    assert "prepared statement" not in started.said("hacp")
