"""One process at a time works on a data folder, and says so to the next."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from coursewright.course.errors import Conflict
from coursewright.database.embedded import acquire_service_lock

HOLDER = """
import sys, time
from pathlib import Path
from coursewright.database.embedded import acquire_service_lock
lock = acquire_service_lock(Path(sys.argv[1]), "serve", address="http://127.0.0.1:8008")
print("held", flush=True)
time.sleep(60)
"""


def test_the_second_is_told_who_holds_it_and_what_to_do(tmp_path: Path) -> None:
    since = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
    with acquire_service_lock(tmp_path, "serve", since=since) as lock:
        lock.announce("http://127.0.0.1:8009")
        with pytest.raises(Conflict) as caught:
            acquire_service_lock(tmp_path, "worker")
    message = caught.value.message
    assert "`coursewright serve`" in message
    assert f"process {os.getpid()}" in message
    assert "2026-11-23T09:30:00+00:00" in message
    assert "http://127.0.0.1:8009" in message
    assert str(tmp_path) in message
    assert f"kill {os.getpid()}" in caught.value.hint
    assert "COURSEWRIGHT_DATA_DIR" in caught.value.hint
    acquire_service_lock(tmp_path, "worker").release()


def test_a_killed_holder_holds_nothing(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(Conflict, match=f"process {holder.pid}"):
            acquire_service_lock(tmp_path, "create")
        os.kill(holder.pid, signal.SIGKILL)
    acquire_service_lock(tmp_path, "create").release()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": null}'])
def test_a_holder_that_has_not_written_yet(tmp_path: Path, text: str) -> None:
    with acquire_service_lock(tmp_path, "serve"):
        (tmp_path / "service.lock").write_text(text)
        with pytest.raises(Conflict, match="Another process already works on"):
            acquire_service_lock(tmp_path, "serve")


def test_two_folders_do_not_matter_to_each_other(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    with acquire_service_lock(tmp_path / "one", "serve"):
        acquire_service_lock(tmp_path / "two", "serve").release()
