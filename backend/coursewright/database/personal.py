"""All that belongs to a user: to take away, and to delete. The tables are found in the catalog."""

import json
from collections.abc import AsyncIterator
from uuid import UUID

from psycopg import sql

from coursewright.database.pool import Connection, Database

_ROWS_AT_ONCE = 200


async def tables(conn: Connection) -> list[str]:
    """The tables of `public` that whoever asks may read, in the order of their names."""
    rows = await conn.execute(
        "select c.relname::text as name from pg_catalog.pg_class c"
        " where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace"
        " and c.relrowsecurity and has_table_privilege(c.oid, 'select') order by 1"
    )
    return [row["name"] for row in await rows.fetchall()]


async def rows_of(conn: Connection, table: str) -> AsyncIterator[str]:
    """The rows of a table that the user of `conn` may see, each as one line of JSON."""
    query = sql.SQL("select to_jsonb(t) as row from {} as t").format(
        sql.Identifier("public", table)
    )
    # A cursor of the server's: a large table is never in memory as a whole.
    async with conn.cursor(name="personal") as cursor:
        cursor.itersize = _ROWS_AT_ONCE
        await cursor.execute(query)
        async for row in cursor:
            yield json.dumps(row["row"], ensure_ascii=False)


async def delete(database: Database, user_id: UUID) -> bool:
    """Deletes the user with all that hangs on it.

    On Supabase all rows are deleted, and the user itself, who is Supabase's, is not: False.
    """
    async with database.as_service(user_id) as conn:
        for table, column in await _owned(conn):
            await conn.execute(
                sql.SQL("delete from {} where {} = %s").format(
                    sql.Identifier("public", table), sql.Identifier(column)
                ),
                (user_id,),
            )
    async with database.as_system() as conn:
        row = await (
            await conn.execute("select coursewright_meta.delete_user(%s) as gone", (user_id,))
        ).fetchone()
    return bool(row and row["gone"])


async def _owned(conn: Connection) -> list[tuple[str, str]]:
    """The tables whose rows name a user, with the column that does."""
    rows = await conn.execute(
        "select distinct c.relname::text as table, a.attname::text as column"
        " from pg_catalog.pg_constraint k join pg_catalog.pg_attribute a"
        " on a.attrelid = k.conrelid and a.attnum = k.conkey[1]"
        " join pg_catalog.pg_class c on c.oid = k.conrelid"
        " where k.contype = 'f' and k.confrelid = 'auth.users'::regclass"
        " and c.relnamespace = 'public'::regnamespace order by 1"
    )
    return [(row["table"], row["column"]) for row in await rows.fetchall()]
