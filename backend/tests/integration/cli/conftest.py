"""The command line, run in this process on a database of its own."""

import io
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from coursewright.cli import console, main


@dataclass
class Ran:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def coursewright(
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """`coursewright("list", "--json")`, with a text typed in as `typed=`."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("COURSEWRIGHT_DATA_DIR", str(tmp_path / "data"))
    for each in (console.out, console.err):
        monkeypatch.setattr(each, "_width", 200)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, typed: str = "") -> Ran:
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        printed = capsys.readouterr()
        code = ended.value.code
        return Ran(code if isinstance(code, int) else int(bool(code)), printed.out, printed.err)

    return run
