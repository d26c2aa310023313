"""Commands as processes: two services, a port that is taken, Ctrl-C, the launcher."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[4]
TOPIC = "Machine Learning Basics"


def environment(data_dir: Path, **more: str) -> dict[str, str]:
    """Only what is given: no key and no setting of this machine comes in."""
    basis = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return {**basis, "COURSEWRIGHT_DATA_DIR": str(data_dir), "COLUMNS": "200", **more}


@contextmanager
def started(data_dir: Path, *arguments: str) -> Generator[tuple[subprocess.Popen[str], str]]:
    """A process that serves, and its address."""
    process = subprocess.Popen(
        [sys.executable, *arguments],
        env=environment(data_dir),
        cwd=data_dir,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        said = ""
        for line in process.stderr:
            said += line
            if found := re.search(r"Serving (http://\S+)", line):
                yield process, found.group(1)
                break
        else:
            raise AssertionError(said)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.communicate(timeout=30)
        finally:
            process.kill()
            process.wait()


def run(data_dir: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """`coursewright ARGUMENTS` to its end."""
    return subprocess.run(
        [sys.executable, "-m", "coursewright", *arguments],
        env={**environment(data_dir), **more},
        cwd=data_dir,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def get(address: str) -> bytes:
    with urllib.request.urlopen(address, timeout=20) as answer:
        return answer.read()


def test_run_ends_in_a_course_that_can_be_read_and_starts_again_quickly(data_dir: Path) -> None:
    arguments = ("-m", "coursewright", "run", TOPIC, "--chapters", "2", "--port", "0")
    with started(data_dir, *arguments) as (process, address):
        page = get(address).decode()
        assert TOPIC in page
        assert "/courses/" in address
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) in {0, 130}
    with started(data_dir, *arguments) as (_, again):
        assert again.rsplit("/", 1)[1] == address.rsplit("/", 1)[1]
    listed = json.loads(run(data_dir, "list", "--json").stdout)
    assert [course["status"] for course in listed] == ["completed"]


def test_a_second_service_is_told_of_the_first_and_others_use_it(data_dir: Path) -> None:
    with started(data_dir, "-m", "coursewright", "serve", "--port", "0") as (process, address):
        base = address.removesuffix("/course-generator")

        second = run(data_dir, "serve", "--port", "0")
        assert second.returncode == 2
        assert str(process.pid) in second.stderr
        assert base in second.stderr

        made = run(data_dir, "run", TOPIC, "--chapters", "2")
        assert made.returncode == 0
        assert f"{base}/courses/" in made.stderr
        health = json.loads(get(f"{base}/health"))
        assert health["status"] == "healthy"


def test_a_postgres_that_was_killed_comes_back_by_itself(data_dir: Path) -> None:
    with started(data_dir, "-m", "coursewright", "serve", "--port", "0") as (_, address):
        health = address.replace("/course-generator", "/health")
        pid_file = data_dir / "postgres" / "postmaster.pid"
        pid = int(pid_file.read_text().split()[0])
        os.kill(pid, signal.SIGKILL)

        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with suppress(urllib.error.HTTPError):
                if json.loads(get(health))["database"] == "up" and read(pid_file) != pid:
                    break
            time.sleep(0.2)
        assert read(pid_file) not in {None, pid}
        made = run(data_dir, "create", TOPIC, "--chapters", "2")
        assert made.returncode == 0, made.stderr


def read(pid_file: Path) -> int | None:
    """The process of the server; None while there is none."""
    with suppress(OSError, ValueError, IndexError):
        return int(pid_file.read_text().split()[0])
    return None


def test_a_port_that_is_taken_says_by_what_to_change_it(data_dir: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        refused = run(data_dir, "serve", "--port", port)

    assert refused.returncode == 1
    assert port in refused.stderr
    assert "--port" in refused.stderr
    assert "COURSEWRIGHT_PORT" in refused.stderr


@pytest.mark.parametrize("folder", ["/proc/coursewright", "/dev/null/below"])
def test_a_data_folder_that_cannot_be_made_is_named(data_dir: Path, folder: str) -> None:
    refused = run(data_dir, "list", COURSEWRIGHT_DATA_DIR=folder)

    assert refused.returncode == 1
    assert folder.split("/")[1] in refused.stderr
    assert "COURSEWRIGHT_DATA_DIR" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_the_launcher_of_the_contract_serves_and_reads_the_settings(data_dir: Path) -> None:
    launcher = REPOSITORY / "backend" / "agents" / "course-generation" / "main.py"
    with started(data_dir, str(launcher), "--port", "0") as (_, address):
        health = json.loads(get(address.replace("/course-generator", "/health")))
    assert health["status"] == "healthy"


def test_ctrl_c_in_the_middle_keeps_what_is_made(data_dir: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "coursewright", "create", TOPIC],
        env=environment(data_dir, COURSEWRIGHT_CONCURRENCY="1"),
        cwd=data_dir,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if "made chapter/1" in line:
            break
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)

    assert process.returncode == 130
    assert "kept" in said
    assert "Traceback" not in said
    course = json.loads(run(data_dir, "list", "--json").stdout)[0]
    resumed = run(data_dir, "resume", course["id"])
    assert resumed.returncode == 0
    assert json.loads(run(data_dir, "list", "--json").stdout)[0]["status"] == "completed"
