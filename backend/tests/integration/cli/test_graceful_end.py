"""Told to end, a process hands back what it has not finished; killed, others take it over."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen
from uuid import UUID

import psycopg
import pytest

from support.emulate_process import emulating

LIMITS = "gemini:* rpm=600 tpm=10000000 rpd=10000"
Rows = Callable[[str], list[Any]]


class Process:
    """`coursewright ARGUMENTS` on a database of its own, its models on an emulator."""

    def __init__(self, folder: Path, database_url: str, emulator: str, *arguments: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "coursewright", *arguments],
            env={
                **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
                "DATABASE_URL": database_url,
                "COURSEWRIGHT_DATA_DIR": str(folder),
                "GEMINI_API_KEY": "planted-common-key",
                "COURSEWRIGHT_MODEL": "google:gemini-3.8-flash",
                "COURSEWRIGHT_LIMITS": LIMITS,
                "COURSEWRIGHT_GEMINI_URL": emulator,
                "COLUMNS": "200",
            },
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def says(self, pattern: str) -> str:
        stderr = self._process.stderr
        assert stderr is not None
        for line in stderr:
            if found := re.search(pattern, line):
                return found[1]
        pytest.fail("it ended before it said so")

    def told(self, number: int) -> tuple[int, float, str]:
        """Exit code, seconds that the end took, and what was said."""
        began = time.monotonic()
        self._process.send_signal(number)
        _, said = self._process.communicate(timeout=30)
        return self._process.returncode, time.monotonic() - began, said

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        if self._process.stderr is not None:
            self._process.stderr.close()


@pytest.fixture
def rows(admin_url: str) -> Rows:
    def ask(query: str) -> list[Any]:
        with psycopg.connect(admin_url) as admin:
            return admin.execute(query.encode()).fetchall()

    return ask


def until(rows: Rows, query: str, wanted: Callable[[list[Any]], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not wanted(rows(query)):
        assert time.monotonic() < deadline, rows(query)
        time.sleep(0.1)


def ordered(address: str) -> UUID:
    request = Request(
        f"{address}/api/courses",
        b'{"topic": "Bread", "chapters": 2}',
        {"Content-Type": "application/json"},
    )
    with urlopen(request) as answer:
        found = re.search(rb'"id":"([^"]+)"', answer.read())
    assert found
    return UUID(found[1].decode())


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_what_is_under_way_is_handed_back(
    number: int, database_url: str, tmp_path: Path, rows: Rows
) -> None:
    jobs = "select status::text from procrastinate.procrastinate_jobs"
    with emulating(tmp_path, "--latency", "50", "--limits", LIMITS) as (slow, _):
        service = Process(tmp_path, database_url, slow, "serve", "--port", "0")
        try:
            address = service.says(r"Serving (http://[^/\s]+)")
            course = ordered(address)
            until(rows, jobs, lambda found: found == [("doing",)], 30)
            with urlopen(f"{address}/api/courses/{course}/events") as watched:
                assert watched.readline()
                code, seconds, said = service.told(number)  # whoever watches does not hold it up
        finally:
            service.kill()
    assert code == 128 + number
    assert seconds < 10
    assert "Traceback" not in said, said
    assert rows(jobs) == [("todo",)]
    assert rows("select id from procrastinate.procrastinate_workers") == []

    with emulating(tmp_path, "--latency", "0", "--limits", LIMITS) as (quick, _):
        worker = Process(tmp_path, database_url, quick, "worker")
        try:
            worker.says("(Working)")
            until(rows, "select status from courses", lambda found: found == [("completed",)], 60)
            code, seconds, _ = worker.told(number)
        finally:
            worker.kill()
    assert code == 128 + number
    assert seconds < 10
    assert rows("select course_id, max(attempts) from course_pieces group by 1") == [(course, 2)]


@pytest.mark.slow
def test_the_work_of_a_worker_that_was_killed_is_taken_over(
    database_url: str, tmp_path: Path, rows: Rows
) -> None:
    jobs = "select status::text from procrastinate.procrastinate_jobs"
    with (
        emulating(tmp_path, "--latency", "50", "--limits", LIMITS) as (slow, _),
        emulating(tmp_path, "--latency", "0", "--limits", LIMITS) as (quick, _),
    ):
        first = Process(tmp_path, database_url, slow, "serve", "--port", "0")
        second = None
        try:
            course = ordered(first.says(r"Serving (http://[^/\s]+)"))
            until(rows, jobs, lambda found: found == [("doing",)], 30)
            second = Process(tmp_path, database_url, quick, "worker")
            second.says("(Working)")
            time.sleep(2)
            assert rows(jobs) == [("doing",)], "it is left to whoever is alive"
            first.kill()
            began = time.monotonic()
            until(rows, "select status from courses", lambda found: found == [("completed",)], 90)
            seconds = time.monotonic() - began
            second.told(signal.SIGTERM)
        finally:
            first.kill()
            if second is not None:
                second.kill()
    # 30 s without a sign of life, up to 15 s until somebody looks, and the course itself.
    assert 15 < seconds < 90
    [(outline,)] = rows("select attempts from course_pieces where key = 'outline'")
    assert outline == 2
    assert rows("select course_id, max(attempts) from course_pieces group by 1") == [(course, 2)]
