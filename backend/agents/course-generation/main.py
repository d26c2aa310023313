"""Starts the service on port 8008; `backend/.env` is read. The same as `coursewright serve`.

Works with any Python of the machine once `make run` or `make test` has set up `.venv`.
"""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PYTHON = ROOT / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

try:
    from coursewright.cli import main
except ModuleNotFoundError as error:
    if PYTHON.exists() and Path(sys.prefix).resolve() != (ROOT / ".venv").resolve():
        os.execv(PYTHON, [str(PYTHON), *sys.argv])  # noqa: S606 - the project's own Python
    sys.exit(
        f"error: {error.name} is not installed for {sys.executable}\n"
        f"hint: set the project up once with: make -C {ROOT} run"
    )

if __name__ == "__main__":
    main(["serve", "--port", "8008", *sys.argv[1:]])
