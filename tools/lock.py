"""Writes the hashed lock files, without a word on where the packages were found."""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUILD = "hatchling>=1.27\neditables>=0.5\n"


def main() -> None:
    """Resolves `requirements.lock` (to run) and `requirements-dev.lock` (to work on it)."""
    uv = shutil.which("uv") or str(Path(sys.executable).with_name("uv"))
    command = [uv, "pip", "compile", "--universal", "--generate-hashes", "--no-header"]
    command += ["--no-annotate", "--quiet", "--upgrade", "pyproject.toml", "-"]
    dev = ["--group", "dev", "--all-extras", "-c", "requirements.lock"]
    for name, options in (("requirements.lock", []), ("requirements-dev.lock", dev)):
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
