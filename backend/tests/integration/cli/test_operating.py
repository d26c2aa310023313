"""`backup`, `restore` and `sweep` as processes, on the embedded database."""

import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

TOPIC = "Machine Learning Basics"


@pytest.fixture
def other_dir() -> Iterator[Path]:
    """A second empty data folder, as on another machine."""
    with tempfile.TemporaryDirectory(prefix="coursewright-test-") as name:
        folder = Path(name).resolve()
        folder.chmod(0o711)
        yield folder


def environment(data_dir: Path) -> dict[str, str]:
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": str(data_dir),
        "COURSEWRIGHT_DATA_DIR": str(data_dir),
        "COLUMNS": "200",
    }


def run(
    data_dir: Path, *arguments: str, code: int = 0, typed: str = ""
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "coursewright", *arguments],
        env=environment(data_dir),
        cwd=data_dir,
        input=typed,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == code, done.stderr
    return done


def exported(data_dir: Path, course: str) -> bytes:
    path = run(data_dir, "export", course, "--format", "json").stdout.strip()
    return (data_dir / path).read_bytes()


def studied(data_dir: Path) -> dict[str, Any]:
    """What is due, the streak, how courses stand; without the time that goes by."""
    summary = json.loads(run(data_dir, "due", "--json").stdout)
    assert summary["streak"]["current"] == 1
    return summary


@pytest.mark.slow
def test_course_and_reviews_are_the_same_on_another_machine(
    data_dir: Path, other_dir: Path
) -> None:
    course = json.loads(run(data_dir, "create", TOPIC, "--chapters", "2", "--json").stdout)["id"]
    assert "3 cards reviewed" in run(data_dir, "review", typed="\n4\n\n3\n\n4\n\ns\n").stderr
    (data_dir / "files").mkdir()
    (data_dir / "files" / "lecture.mp3").write_bytes(b"sound")
    file = str(data_dir / "all.tar.gz")
    with subprocess.Popen(
        [sys.executable, "-m", "coursewright", "serve", "--port", "0"],
        env=environment(data_dir),
        cwd=data_dir,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as serving:
        assert serving.stderr is not None
        next(line for line in serving.stderr if "Serving http://" in line)
        said = run(data_dir, "backup", file).stderr
        assert "1 files" in said
        refused = run(data_dir, "restore", file, "--replace", code=2)
        assert "serve" in refused.stderr, "somebody works on it"
        serving.send_signal(signal.SIGTERM)
        serving.communicate(timeout=30)

    run(other_dir, "restore", file)
    assert run(other_dir, "list", "--json").stdout == run(data_dir, "list", "--json").stdout
    assert exported(other_dir, course) == exported(data_dir, course)
    assert studied(other_dir) == studied(data_dir)
    # And one goes on where one was: the next card is the same, and what is due after it.
    for each in (data_dir, other_dir):
        assert "1 card reviewed" in run(each, "review", typed="\n4\n").stderr
    assert studied(other_dir) == studied(data_dir)
    assert (other_dir / "files" / "lecture.mp3").read_bytes() == b"sound"
    again = run(other_dir, "restore", file, code=2)
    assert "not empty" in again.stderr
    assert "--replace" in again.stderr
    run(other_dir, "restore", file, "--replace")

    swept = json.loads(run(other_dir, "sweep", "--dry-run", "--json").stdout)
    assert swept == {"events": 0, "calls": 0, "courses": 0}


def test_a_backup_that_is_broken_off_leaves_nothing(data_dir: Path) -> None:
    run(data_dir, "list")
    (data_dir / "files").mkdir()
    with (data_dir / "files" / "large").open("wb") as large:
        large.truncate(4_000_000_000)  # takes no room, and a while to read
    with subprocess.Popen(
        [sys.executable, "-m", "coursewright", "backup", "all.tar.gz"],
        env=environment(data_dir),
        cwd=data_dir,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        deadline = time.monotonic() + 60
        while not list(data_dir.glob(".all.tar.gz.*")):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
    assert process.returncode == 130, said
    assert "Traceback" not in said, said[:600]
    assert list(data_dir.glob("*all.tar.gz*")) == []


def test_what_is_no_backup_is_refused(data_dir: Path) -> None:
    (data_dir / "x.tar").write_bytes(b"nothing of ours")
    assert "no usable backup" in run(data_dir, "restore", "x.tar", code=2).stderr
    assert "cannot be read" in run(data_dir, "restore", "missing.tar", code=2).stderr
