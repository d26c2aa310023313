"""Audio scripts: what will be spoken, a short podcast and a full lecture."""

from collections.abc import Sequence

from coursewright.authors.author import Author
from coursewright.course.article import AudioScript, AudioType
from coursewright.course.brief import Brief
from coursewright.course.chapter import Chapter
from coursewright.course.outline import Outline
from coursewright.database import audio, chapters
from coursewright.database.pieces import Outcome
from coursewright.database.pool import Connection
from coursewright.generation.chapters import outline_of
from coursewright.generation.made import Made, Order, Store


async def generate_audio_scripts(
    author: Author,
    brief: Brief,
    outline: Outline,
    chapters_made: Sequence[Chapter],
    *,
    audio_type: AudioType,
) -> Made[AudioScript]:
    """The script of that type, from the chapters that are there."""
    written = await author.audio_script(brief, audio_type, outline, tuple(chapters_made))
    return Made(value=written.value, usage=written.usage)


async def make(order: Order) -> Store:
    """Makes one script."""
    async with order.read() as conn:
        outline = await outline_of(order, conn)
        chapters_made = await chapters.list_all(conn, order.course_id)
    made = await generate_audio_scripts(
        order.author,
        order.brief,
        outline,
        chapters_made,
        audio_type=AudioType(order.piece.variant or ""),
    )

    async def store(conn: Connection) -> Outcome:
        await audio.put_script(conn, order.course_id, made.value)
        return made.outcome(order.author.name)

    return store
