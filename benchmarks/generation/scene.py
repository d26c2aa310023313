"""What both ways are measured on: the contract's keys, the limits of free tiers, the topics."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from coursewright.course.brief import Brief

KEYS = {
    **{f"GEMINI_CHAPTER_KEY_{number}": f"test-key-chapter-{number}" for number in range(1, 5)},
    "GEMINI_QUIZ_KEY": "test-key-quiz",
    "GEMINI_FLASHCARD_KEY": "test-key-flashcard",
    "GEMINI_GAME_KEY": "test-key-game",
    "GEMINI_ARTICLE_KEY": "test-key-article",
    **{f"GROQ_API_KEY_{number}": f"test-key-groq-{number}" for number in range(1, 4)},
}
"""The contract's key set (S2). Each belongs to a project of its own."""
FLASH, LITE, GROQ = "gemini-3.8-flash", "gemini-3.5-flash-lite", "openai/gpt-oss-120b"
MANY = 100_000
LIMITS: dict[str, dict[str, dict[str, int]]] = {
    "gemini_models": {
        FLASH: {"rpm": 5, "tpm": 250_000, "rpd": MANY},
        LITE: {"rpm": 15, "tpm": 250_000, "rpd": MANY},
    },
    "groq_models": {
        GROQ: {"rpm": 30, "tpm": 8_000, "rpd": MANY},
        "openai/gpt-oss-20b": {"rpm": 30, "tpm": 8_000, "rpd": MANY},
    },
}
"""Free tiers as seen in November 2026, but for the day, which would end the measurement."""
FAULTS = {
    "overloaded": 0.02, "errors": 0.005, "stall": 0.0025, "reset": 0.005, "malformed": 0.01,
    "empty": 0.005, "blocked": 0.0025,
}  # fmt: skip
"""5 % of all kinds. A call that stalls is given up after 120 seconds."""
CHAPTERS = 6
TOPICS = (
    "Machine Learning Basics", "The French Revolution", "SQL", "Photosynthesis", "Music theory",
    "Personal finance", "How the internet works", "Statistics basics", "Beekeeping", "Origami",
    "Volcanoes", "Chess openings", "Roman law", "Baking bread", "Astronomy", "First aid",
    "Typography", "Sailing", "Game theory", "Composting",
)  # fmt: skip


def brief(number: int) -> Brief:
    """The order for the course with that number, from 0. Other topics have other latencies."""
    again, topic = divmod(number, len(TOPICS))
    return Brief(topic=TOPICS[topic] + (f" {again + 1}" if again else ""), chapters=CHAPTERS)


@dataclass
class Emulator:
    """One that runs in a process of its own."""

    url: str
    statuses: dict[str, int] = field(default_factory=dict[str, int])
    """How many calls it answered with each status; known when it has ended."""


def limits(times: int = 1) -> dict[str, dict[str, dict[str, int]]]:
    """So many times those of free tiers, as the emulator takes them; days stay as they are."""
    return {
        provider: {
            model: {"rpm": times * each["rpm"], "tpm": times * each["tpm"], "rpd": each["rpd"]}
            for model, each in models.items()
        }
        for provider, models in LIMITS.items()
    }


@asynccontextmanager
async def emulator(
    *, seed: int, latency: float, faults: bool, times: int = 1
) -> AsyncGenerator[Emulator]:
    """Serves until the block ends; `times`: the limits are so many times those of free tiers."""
    options: dict[str, Any] = {**limits(times), "seed": seed, "latency_scale": latency}
    options |= FAULTS if faults else {}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(Path(__file__).with_name("emulator.py")),
        json.dumps(options),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None  # noqa: S101 - asked for above
    found = Emulator((await process.stdout.readline()).decode().strip())
    try:
        yield found
    finally:
        said, _ = await process.communicate(b"")
        found.statuses |= json.loads(said or b"{}")


@contextmanager
def environment(values: dict[str, str]) -> Generator[None]:
    """Nothing of this machine's keys and settings, and `values` in their place."""
    before = dict(os.environ)
    ours = ("COURSEWRIGHT_", "GEMINI_", "GROQ_", "OPENAI_", "GOOGLE_API_KEY", "DATABASE_URL")
    for name in before:
        if name.startswith(ours):
            del os.environ[name]
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
