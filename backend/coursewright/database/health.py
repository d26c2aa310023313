"""Whether the database answers, and as whom we are there."""

from coursewright.course.base import Value
from coursewright.database.pool import Database


class DatabaseFacts(Value):
    """What `doctor` and `/health` say of the database."""

    version: str
    login: str
    bypasses_rls: bool
    """Whether the login itself is above row-level security. Requests run as roles that are not."""


async def describe(database: Database) -> DatabaseFacts:
    """Asks the database. Raises `DatabaseGone` when it does not answer."""
    async with database.as_system() as conn:
        rows = await conn.execute(
            """
            select current_setting('server_version') as version, session_user::text as login,
                   rolsuper or rolbypassrls as bypasses_rls
            from pg_catalog.pg_roles where rolname = session_user
            """
        )
        return DatabaseFacts.model_validate(await rows.fetchone())
