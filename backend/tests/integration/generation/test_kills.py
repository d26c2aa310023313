"""Kill -9 at any moment, start again: it goes on, and nothing is made twice."""

import asyncio
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest

from coursewright.database import embedded
from support.workshop import primer

SEED = 20261123
KILLS = 20
COURSES = 8


class Service:
    """`coursewright serve` in a process of its own."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self.address = ""
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(data_dir),
            "COURSEWRIGHT_DATA_DIR": str(data_dir),
            "COURSEWRIGHT_CONCURRENCY": "3",
        }
        self._log = (data_dir / "serve.log").open("ab")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "coursewright", "serve", "--port", "0"],
            env=environment,
            cwd=data_dir,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )

    def wait_until_it_serves(self) -> None:
        stderr = self._process.stderr
        assert stderr is not None
        for line in stderr:
            self._log.write(line)
            if found := re.search(rb"http://127\.0\.0\.1:\d+", line):
                self.address = found.group().decode()
                return
        self._log.flush()
        pytest.fail((self._data_dir / "serve.log").read_text())

    def order(self, topic: str) -> str:
        body = json.dumps({"topic": topic, "chapters": 3}).encode()
        request = urllib.request.Request(
            f"{self.address}/api/courses", body, {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)["id"]

    def get(self, path: str) -> Any:
        with urllib.request.urlopen(self.address + path) as answer:
            return json.load(answer)

    def kill(self) -> None:
        """As the system does when memory runs out, or a person does who has lost patience."""
        self._process.kill()
        self._process.wait()
        if self._process.stderr is not None:
            self._process.stderr.close()
        self._log.close()

    def stop(self) -> None:
        """As Ctrl-C does."""
        self._process.send_signal(signal.SIGINT)
        self._process.wait(timeout=30)
        self.kill()


def kill_postgres(data_dir: Path) -> None:
    with suppress(FileNotFoundError, ProcessLookupError, IndexError, ValueError):
        pid = int((data_dir / "postgres" / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGKILL)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_twenty_kills_lose_nothing_and_make_nothing_twice(data_dir: Path) -> None:
    chance = random.Random(SEED)
    topic = primer()[0].source.title
    courses: list[str] = []
    interrupted = 0

    for number in range(KILLS):
        service = Service(data_dir)
        if number and chance.random() < 0.2:
            time.sleep(chance.uniform(0.1, 2.5))  # in the middle of starting
        else:
            service.wait_until_it_serves()
            if len(courses) < COURSES:
                courses.append(service.order(topic))
            time.sleep(chance.uniform(0.0, 1.2))
            states = [service.get(f"/api/courses/{course}")["status"] for course in courses]
            interrupted += "generating" in states
        service.kill()
        # Half of the time Postgres dies with it, as when a machine loses its power.
        if chance.random() < 0.5:
            kill_postgres(data_dir)

    service = Service(data_dir)
    service.wait_until_it_serves()
    assert service.get("/health")["database"] == "up"
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline:
        states = [service.get(f"/api/courses/{course}")["status"] for course in courses]
        if set(states) == {"completed"}:
            break
        time.sleep(0.5)
    whole = [service.get(f"/api/courses/{course}") for course in courses]
    service.stop()

    assert len(courses) == COURSES
    assert interrupted >= KILLS // 4, "hardly a kill came in the middle of the work"
    assert [course["status"] for course in whole] == ["completed"] * COURSES
    assert len({json.dumps(_made_of(course), sort_keys=True) for course in whole}) == 1
    made = read_made(data_dir)
    assert {course for course, _ in made} == set(courses)
    assert {pair: count for pair, count in made.items() if count != 1} == {}


def _made_of(course: dict[str, Any]) -> dict[str, int]:
    """How much of everything: the same order gives the same course, killed or not."""
    names = ("chapters", "flashcards", "mcqs", "glossary", "articles", "word_games")
    return {name: len(course[name]) for name in (*names, "audio_scripts", "suggestions")}


def read_made(data_dir: Path) -> Counter[tuple[str, str]]:
    """How often each piece of each course was made."""

    server = asyncio.run(embedded.start(data_dir))
    try:
        with psycopg.connect(server.admin_url()) as admin:
            rows = admin.execute(
                "select course_id::text, piece_key from course_events where event = 'piece_done'"
            )
            return Counter((str(course), str(key)) for course, key in rows.fetchall())
    finally:
        asyncio.run(server.stop())
