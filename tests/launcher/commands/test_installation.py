"""`hacp settings`, `hacp migrate` and `hacp serve`."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request


def test_settings_are_shown_without_secrets(hacp, environment):
    said = hacp("settings")
    assert said.status == 0
    assert environment["HACP_SECRET_KEY"] not in "\n".join(said.out)
    shown = json.loads("\n".join(hacp("settings", "--json", HACP_PORT="9000").out))
    assert shown["HACP_PORT"] == "9000"
    assert shown["HACP_SECRET_KEY"] == "(hidden)"


def test_migrating_twice_is_harmless(hacp):
    said = hacp("migrate")
    assert (said.out, said.err, said.status) == ([], "The database was up to date.\n", 0)


def test_two_that_migrate_at_once_wait_for_each_other(environment, tmp_path):
    command = [sys.executable, "-c", "from launcher.commands import main; main()", "migrate"]
    env = {**os.environ, **environment, "HACP_INSTANCE": str(tmp_path / "new")}
    both = [subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    said = [one.communicate(timeout=60)[1] for one in both]
    assert [one.returncode for one in both] == [0, 0], said


def test_serving_needs_its_settings_and_its_tables(hacp, tmp_path):
    said = hacp("serve", HACP_SECRET_KEY="", HACP_THREADS="none")
    assert said.status == 1
    assert "HACP_SECRET_KEY" in said.err
    assert "HACP_THREADS" in said.err
    said = hacp("serve", HACP_INSTANCE=str(tmp_path / "new"))
    assert (said.status, said.err) == (
        1,
        "Error: The database is not up to date: run 'hacp migrate'.\n",
    )


def test_a_port_that_is_taken_is_told(hacp):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        said = hacp("serve", HACP_PORT=str(taken.getsockname()[1]))
    assert said.status == 1
    assert "cannot start" in said.err
    said = hacp("serve", HACP_HOST="no such host")
    assert said.status == 1
    assert "cannot start" in said.err


def test_the_server_serves_and_ends_cleanly(hacp, environment):
    ports = {"HACP_PORT": str(_free_port()), "HACP_CONTENT_PORT": str(_free_port())}
    for number in (signal.SIGINT, signal.SIGTERM):
        with subprocess.Popen(
            [sys.executable, "-c", "from launcher.commands import main; main()", "serve"],
            env={**os.environ, **environment, **ports},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            assert _get(f"http://127.0.0.1:{ports['HACP_PORT']}/health") == "ok\n"
            assert _get(f"http://127.0.0.1:{ports['HACP_CONTENT_PORT']}/x") == "Not Found\n"
            process.send_signal(number)
            out, err = process.communicate(timeout=15)
        assert (process.returncode, out) == (0, "")
        assert "Traceback" not in err
        assert f"Serving http://127.0.0.1:{ports['HACP_PORT']}" in err


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _get(url: str) -> str:
    for _ in range(100):
        try:
            with urllib.request.urlopen(url) as answer:
                return answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.read().decode()
        except urllib.error.URLError:
            time.sleep(0.1)
    raise AssertionError(f"{url} does not answer")


def test_an_instance_folder_that_cannot_be_made_is_told(hacp, tmp_path):
    (tmp_path / "file").write_text("no folder")
    said = hacp("migrate", HACP_INSTANCE=str(tmp_path / "file" / "instance"))
    assert said.status == 1
    assert said.err.startswith(f"Error: The folder {tmp_path / 'file' / 'instance'} cannot be made")
    assert "HACP_INSTANCE" in said.err


def test_a_sweep_needs_a_database_that_is_up_to_date(hacp, tmp_path):
    said = hacp("sweep", HACP_INSTANCE=str(tmp_path / "new"))
    assert (said.status, said.err) == (
        1,
        "Error: The database is not up to date: run 'hacp migrate'.\n",
    )


def test_an_argument_that_is_no_utf_8_is_told(hacp):
    hacp("academy", "add", "School")
    said = hacp("archive", "caf\udce9")
    assert said.status == 1
    assert said.err.startswith("Error: This is not written in UTF-8: 'caf\\udce9'")


def test_a_sweep_says_how_many_sessions_it_closed(hacp):
    said = hacp("sweep")
    assert (said.out, said.err, said.status) == ([], "0 sessions were closed.\n", 0)
