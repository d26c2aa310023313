"""What is read: accounts, each with a course of the built-in author and a recording."""

import asyncio
import random
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

from api.people import Login
from api.streams import CHAPTERS, TOPICS
from coursewright.bootstrap import Application, open_application
from coursewright.course.brief import Brief
from coursewright.course.course import CourseStatus
from coursewright.database import embedded
from coursewright.database.embedded import EmbeddedPostgres
from coursewright.settings import load_settings
from generation.scene import environment

PASSWORD = "seven green umbrellas"  # noqa: S105 - of accounts that end with the measurement
RECORDING = 2_000_000
"""Bytes: two minutes of speech."""
_LOOK = 0.2


@asynccontextmanager
async def postgres(folder: Path) -> AsyncGenerator[EmbeddedPostgres]:
    """The embedded server of a folder, which notes when each transaction was committed. The
    service joins it.
    """
    server = await embedded.start(folder, settings={"track_commit_timestamp": "on"})
    try:
        yield server
    finally:
        await server.stop()


def settings_of(folder: Path) -> dict[str, str]:
    """What the service is started with: nothing but what makes it one for several people."""
    return {
        "COURSEWRIGHT_DATA_DIR": str(folder),
        "COURSEWRIGHT_AUTHOR": "builtin",
        "COURSEWRIGHT_AUTH": "accounts",
    }


async def furnish(folder: Path, accounts: int) -> list[Login]:
    """Makes so many accounts, with what they have; the same each time."""
    with environment(settings_of(folder)):
        async with open_application(
            load_settings(), working="always", command="benchmark"
        ) as application:
            made = [await _account(application, number) for number in range(accounts)]
            return [
                await _completed(application, number, *each) for number, each in enumerate(made)
            ]


async def _account(application: Application, number: int) -> tuple[UUID, UUID]:
    holder = await application.accounts.add(_email(number), PASSWORD)
    brief = Brief(topic=TOPICS[number % len(TOPICS)], chapters=CHAPTERS)
    documents = await application.gatherer.gather(brief, [])
    return holder.user_id, await application.commands.create(holder.user_id, brief, documents)


async def _completed(application: Application, number: int, user: UUID, course: UUID) -> Login:
    while True:
        (summary,) = await application.reading.summaries(user)
        if summary.status is CourseStatus.COMPLETED:
            break
        if summary.status is not CourseStatus.GENERATING:
            message = f"{summary.title} is {summary.status}"
            raise RuntimeError(message)
        await asyncio.sleep(_LOOK)
    row = await application.files.keep(
        user, course, purpose="audio", name="lecture.wav", chunks=_recording(number)
    )
    return Login(
        email=_email(number),
        password=PASSWORD,
        course=str(course),
        audio=str(row.id),
        audio_size=row.size,
    )


def _email(number: int) -> str:
    return f"reader{number}@example.org"


async def _recording(number: int) -> AsyncGenerator[bytes]:
    yield b"RIFF" + (RECORDING - 8).to_bytes(4, "little") + b"WAVE"
    yield random.Random(number).randbytes(RECORDING - 12)  # noqa: S311 - noise
