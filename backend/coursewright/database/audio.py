"""Audio: the scripts, and the table of the contract that holds their text and the recordings."""

from uuid import UUID

from coursewright.course.article import AudioScript, AudioType
from coursewright.database.pool import Connection
from coursewright.database.values import as_json

_ORDER = list(AudioType)


async def put_script(conn: Connection, course_id: UUID, script: AudioScript) -> None:
    """Stores a script instead of the one of that type.

    Where the text differs, a recording of the old one is let go of: its address, its transcript and
    its length no longer belong to what is written.
    """
    # This comes first: its unique constraint makes a second writer wait, and `course_audio`, whose
    # columns and indexes the contract fixes, has none.
    await conn.execute(
        """
        insert into course_audio_scripts (course_id, audio_type, title, body)
        values (%s, %s, %s, %s)
        on conflict (course_id, audio_type) do update
        set title = excluded.title, body = excluded.body
        """,
        (course_id, str(script.audio_type), script.title, as_json(script)),
    )
    values = {"course": course_id, "type": str(script.audio_type), "text": script.text}
    await conn.execute(
        """
        update course_audio
        set script_text = %(text)s, audio_url = null, transcript = null, duration_seconds = null
        where course_id = %(course)s and audio_type = %(type)s and script_text <> %(text)s
        """,
        values,
    )
    await conn.execute(
        """
        insert into course_audio (course_id, audio_type, script_text)
        select %(course)s, %(type)s, %(text)s
        where not exists (
          select from course_audio where course_id = %(course)s and audio_type = %(type)s
        )
        """,
        values,
    )


async def list_scripts(conn: Connection, course_id: UUID) -> list[AudioScript]:
    """The scripts that are written, the short one first."""
    rows = await conn.execute(
        "select body from course_audio_scripts where course_id = %s", (course_id,)
    )
    found = [AudioScript.model_validate(row["body"]) for row in await rows.fetchall()]
    return sorted(found, key=lambda script: _ORDER.index(script.audio_type))
