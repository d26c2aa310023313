"""A course by a real model behind a real server: SmolLM2 (135 million parameters) and llama.cpp.

`make small-model` runs it; without its environment it says so. What so small a model cannot do well
is refused and named. Nothing crashes, and nothing is published that has not passed.
"""

import asyncio
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from coursewright.course.pieces import PieceState
from coursewright.course.review import broken_rules
from support.service import open_service, settings_for

ROOT = Path(__file__).resolve().parents[3]
PYTHON = ROOT / ".venv-small-model" / "bin" / "python"
SERVER = ROOT / "backend" / "tests" / "support" / "small_model_server.py"
LONGEST = 2400

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(LONGEST + 100),
    pytest.mark.skipif(not PYTHON.exists(), reason="`make small-model` installs the model"),
]


@pytest.fixture
async def address() -> AsyncIterator[str]:
    process = await asyncio.create_subprocess_exec(
        str(PYTHON), str(SERVER), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(120):
            while not (found := re.match(rb"address (\S+)", await process.stdout.readline())):
                assert process.returncode is None
        yield found[1].decode()
    finally:
        process.kill()
        await process.wait()


async def test_a_course_runs_to_its_end(address: str, database_url: str, data_dir: Path) -> None:
    settings = settings_for(
        database_url,
        data_dir,
        openai_url=f"{address}/v1",
        model="openai:smollm2",
        author="model",
        calls_at_once_chapter=2,
    )
    async with open_service(settings) as service:
        course_id = await service.order("SQL", chapters=1, length="short")
        async with asyncio.timeout(LONGEST):
            while True:
                course = (await service.client.get(f"/api/courses/{course_id}")).json()
                if course["status"] != "generating":
                    break
                await asyncio.sleep(1)
        app = service.application
        pieces = await app.reading.pieces(app.owner, UUID(course_id))
        made = await app.reading.course(app.owner, UUID(course_id))
    for piece in pieces:
        said = f"{piece.key} {piece.state} {piece.items} {len(piece.rejected)} {piece.reason or ''}"
        sys.stdout.write(f"{said}\n")
    assert {piece.state for piece in pieces} <= {PieceState.DONE, PieceState.FAILED}
    assert all(piece.reason and piece.hint for piece in pieces if piece.state is PieceState.FAILED)
    assert next(piece for piece in pieces if piece.key == "outline").state is PieceState.DONE
    for chapter in made.chapters:
        published = [item for item in made.mcqs if item.chapter == chapter.number]
        assert not any(broken_rules(item, chapter=chapter, language="en") for item in published)
