"""The users that are known to the database."""

from uuid import UUID

from coursewright.database.pool import Database


async def ensure(database: Database, user_id: UUID, *, email: str | None = None) -> None:
    """Sees to it that the user exists, so that courses can belong to it."""
    async with database.as_system() as conn:
        await conn.execute("select coursewright_meta.ensure_user(%s, %s)", (user_id, email))
