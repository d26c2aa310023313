"""The examples of docs/guides/client.md, run one after the other against a real service."""

import asyncio
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

from support.service import Service

GUIDE = Path(__file__).resolve().parents[4] / "docs" / "guides" / "client.md"


def examples() -> list[str]:
    return re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)


async def test_every_example_of_the_guide_runs(service: Service, tmp_path: Path) -> None:
    printed: list[str] = []
    for example in examples():
        assert "http://127.0.0.1:8008" in example
        program = example.replace("http://127.0.0.1:8008", service.address)
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            program,
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        out, err = await asyncio.wait_for(process.communicate(), 120)
        assert process.returncode == 0, err.decode()
        printed.append(out.decode())

    assert len(printed) == 5
    assert "Photosynthesis" in printed[0]
    assert "completed" in printed[0]
    assert "missing" not in printed[0]
    assert printed[1].rstrip().splitlines()[-1].split()[1] == "course_completed"
    assert "the course has no chapter 99 Its chapters are 1 to 2." in printed[2]
    (saved,) = os.listdir(tmp_path)  # noqa: PTH208 - nothing else waits here
    assert zipfile.is_zipfile(tmp_path / saved)
    assert re.search(r"\d+ of \d+", printed[3])
    assert printed[3].rstrip().splitlines()[-1] == "50 1"
    assert "made chapter/2" in printed[4]
