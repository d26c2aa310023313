"""Our way, as a user runs it: the program on its embedded database."""

import asyncio
import os
import resource
import tempfile
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from coursewright.bootstrap import Application, open_application
from coursewright.course.brief import Brief
from coursewright.course.pieces import PieceState
from coursewright.settings import load_settings
from generation.bound import Made
from generation.scene import KEYS, LIMITS, brief, environment

LOOK = 0.2


async def make(url: str, numbers: Sequence[int]) -> dict[str, Any]:
    """Makes the courses with those numbers at once; returns what `run` puts into its table."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        os.chmod(folder, 0o711)  # noqa: PTH101, S103 - Postgres does not run as root
        with environment({"COURSEWRIGHT_DATA_DIR": folder, **settings_of(url)}):
            async with open_application(
                load_settings(), working="always", command="benchmark"
            ) as app:
                if app.providers is not None:
                    await asyncio.to_thread(app.providers.models.preload)
                return await measure(app, [brief(number) for number in numbers])


def limits_said(times: int = 1) -> str:
    """So many times those of the free tiers, as the program is told them."""
    return "; ".join(
        f"{provider}:{model} rpm={times * limits['rpm']} tpm={times * limits['tpm']}"
        for provider in ("gemini", "groq")
        for model, limits in LIMITS[f"{provider}_models"].items()
    )


def settings_of(url: str, *, times: int = 1) -> dict[str, str]:
    """Keys, their limits (`times` those of the free tiers), and where the emulator is."""
    return {
        "COURSEWRIGHT_GEMINI_URL": url,
        "COURSEWRIGHT_GROQ_URL": f"{url}/openai/v1",
        "COURSEWRIGHT_LIMITS": limits_said(times),
        **KEYS,
        **{f"{name}_PROJECT": f"project-{secret}" for name, secret in KEYS.items()},
    }


async def measure(
    app: Application, briefs: Sequence[Brief], *, look: float = LOOK
) -> dict[str, Any]:
    """Orders courses at once and waits until they are made, by whomever; `look`: seconds between
    two looks. Where no model writes, out of the primers.
    """
    documents = [
        [] if app.providers is not None else await app.gatherer.gather(each, []) for each in briefs
    ]
    before = resource.getrusage(resource.RUSAGE_SELF)
    began = time.time()
    ids = [
        await app.commands.create(app.owner, each, sources)
        for each, sources in zip(briefs, documents, strict=True)
    ]
    rows = await asyncio.gather(*(_course(app, each, began, look) for each in ids))
    after = resource.getrusage(resource.RUSAGE_SELF)
    await asyncio.sleep(1)  # the ledger is written behind the calls' backs
    calls, refused, requests = await _calls(app)
    return {
        "rows": rows,
        "calls": calls,
        "refused": refused,
        "requests": requests,
        "cpu": (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / len(briefs),
    }


async def _course(app: Application, course_id: UUID, began: float, look: float) -> dict[str, Any]:
    while True:
        await asyncio.sleep(look)
        pieces = await app.reading.pieces(app.owner, course_id)
        if len(pieces) > 1 and not any(piece.state.is_open for piece in pieces):
            break
        if len(pieces) == 1 and not pieces[0].state.is_open:
            break

    def at(moment: datetime | None) -> float:
        return 0.0 if moment is None else moment.timestamp() - began

    done = [piece for piece in pieces if piece.state is PieceState.DONE]
    chapters = [at(piece.finished_at) for piece in done if piece.key.startswith("chapter/")]
    return {
        "outline": at(pieces[0].finished_at),
        "first_chapter": min(chapters, default=0.0),
        "seconds": max(at(piece.finished_at) for piece in pieces),
        "complete": len(done) == len(pieces),
        "failed": {piece.key: piece.reason for piece in pieces if piece.state is PieceState.FAILED},
    }


async def _calls(app: Application) -> tuple[list[Made], int, int]:
    async with app.database.as_service(app.owner) as conn:
        rows = await conn.execute(
            "select course_id::text as course, piece_key as piece, provider, model, outcome,"
            " latency_ms, tokens_in, tokens_out, status_code from model_calls order by created_at"
        )
        found = await rows.fetchall()
    made = [
        Made(
            course=row["course"],
            piece=row["piece"],
            provider=row["provider"],
            model=row["model"],
            seconds=row["latency_ms"] / 1000,
            tokens=row["tokens_in"] + (row["tokens_out"] if row["provider"] == "groq" else 0),
        )
        for row in found
        if row["outcome"] == "ok"
    ]
    return made, sum(row["status_code"] == 429 for row in found), len(found)  # noqa: PLR2004
