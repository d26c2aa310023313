"""`coursewright emulate` as a process."""

import os
import re
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def emulating(folder: Path, *arguments: str) -> Generator[tuple[str, "subprocess.Popen[str]"]]:
    """A running emulator: its address, and the process."""
    process = subprocess.Popen(
        [sys.executable, "-m", "coursewright", "emulate", "--port", "0", *arguments],
        env={
            **{
                name: os.environ[name]
                for name in ("PATH", "HOME", "PYTHONPATH")
                if name in os.environ
            },
            "COLUMNS": "200",
        },
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    try:
        address = ""
        for line in process.stderr:
            if found := re.search(r"COURSEWRIGHT_GEMINI_URL=(http://\S+)", line):
                address = found[1]
            if "GROQ_API_KEY" in line:
                break
        yield address, process
    finally:
        process.kill()
        process.communicate()
