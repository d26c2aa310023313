"""All rows of all our tables, out of a database and into one: for backups.

The structure is not part of it: tables, roles and policies come from the migrations, so they are
right wherever the rows are put back. Rows travel in the text format of COPY, which every version of
Postgres reads.
"""

from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager

import psycopg
from psycopg import Connection, sql
from psycopg.rows import DictRow, dict_row

from coursewright.course.base import Value
from coursewright.course.errors import BadRequest, Conflict, Defect, NotConfigured
from coursewright.database.outage import translate

_SCHEMAS = ("public", "coursewright_meta", "procrastinate")
_OURS = "Coursewright:%"
"""How the comment on `auth` begins where it is ours and not Supabase's."""
_STATE = ("coursewright_migrations", "queue_migrations")
"""They say how the tables are built, which a backup does not change."""
_LET_IN = frozenset(
    {
        "coursewright_meta.sessions",
        "coursewright_meta.sign_in_attempts",
        "coursewright_meta.file_keys",
    }
)
"""What lets somebody in at this moment, or keeps them out. It is in no backup, and none where one
is restored: a session that has ended since would be open again."""
_LOCK_SECONDS = 10
"""How long a restoration waits for whoever uses a table at this moment."""


class Table(Value):
    """A table whose rows are kept."""

    schema_name: str
    name: str
    columns: tuple[str, ...]
    """Without those that are computed."""

    @property
    def title(self) -> str:
        """For people, and as a folder's name."""
        return f"{self.schema_name}.{self.name}"

    @property
    def is_kept(self) -> bool:
        """Whether its rows are in a backup; where one is restored, it is emptied in any case."""
        return self.title not in _LET_IN

    @property
    def identifier(self) -> sql.Identifier:
        """For statements."""
        return sql.Identifier(self.schema_name, self.name)


class Structure(Value):
    """How a database is built: what a backup must find again where it is restored."""

    migrations: tuple[str, ...]
    """Names and checksums of what was applied, the queue's own included."""
    tables: tuple[Table, ...]
    """Those that others refer to come first."""


@contextmanager
def connected(admin_url: str) -> Generator[Connection[DictRow]]:
    """A connection that sees all rows. Raises `NotConfigured` where the login may not."""
    try:
        with Connection[DictRow].connect(
            admin_url,
            autocommit=True,
            row_factory=dict_row,
            connect_timeout=5,
            application_name="coursewright backup",
        ) as connection:
            # Where a policy would hide rows from this login, that is an error and not a gap.
            connection.execute("set row_security = off")
            connection.execute("set timezone = 'UTC'")
            yield connection
    except psycopg.errors.InsufficientPrivilege as error:
        raise NotConfigured(
            f"the login may not read or write everything: {str(error).splitlines()[0]}",
            hint="Set COURSEWRIGHT_ADMIN_DATABASE_URL to a login that owns the tables and has"
            " BYPASSRLS, or is a superuser.",
        ) from error
    except psycopg.Error as error:
        raise translate(error) or error from error


def structure(connection: Connection[DictRow]) -> Structure:
    """How the database is built. Raises `NotConfigured` where there is nothing of ours."""
    try:
        migrations = connection.execute(
            """
            select name || ' ' || sha256 as text from coursewright_meta.coursewright_migrations
            union all select name from coursewright_meta.queue_migrations order by 1
            """
        ).fetchall()
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName) as error:
        raise NotConfigured(
            "the database has not been set up", hint="Run `coursewright migrate` first."
        ) from error
    found = connection.execute(
        """
        select n.nspname as schema_name, c.relname as name,
          array(
            select a.attname::text from pg_attribute a
            where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
              and a.attgenerated = ''
            order by a.attnum
          ) as columns,
          array(
            select distinct rn.nspname || '.' || rc.relname
            from pg_constraint f
            join pg_class rc on rc.oid = f.confrelid
            join pg_namespace rn on rn.oid = rc.relnamespace
            where f.conrelid = c.oid and f.contype = 'f' and f.confrelid <> c.oid
          ) as needs
        from pg_class c
        join pg_namespace n on n.oid = c.relnamespace
        where c.relkind = 'r' and not c.relispartition and c.relname <> all (%s)
          and (
            n.nspname = any (%s)
            or (n.nspname = 'auth' and obj_description(n.oid, 'pg_namespace') like %s)
          )
        order by 1, 2
        """,
        (list(_STATE), list(_SCHEMAS), _OURS),
    ).fetchall()
    needs = {f"{row['schema_name']}.{row['name']}": set(row.pop("needs")) for row in found}
    tables = {
        table.title: table
        for row in found
        for table in [Table.model_validate({**row, "columns": tuple(row["columns"])})]
    }
    return Structure(
        migrations=tuple(row["text"] for row in migrations),
        tables=tuple(tables[title] for title in in_order(needs)),
    )


def in_order(needs: dict[str, set[str]]) -> list[str]:
    """Each name after all that it needs. Names that are needed and not there are left out."""
    left = {name: needed & set(needs) for name, needed in needs.items()}
    ordered: list[str] = []
    while left:
        free = sorted(name for name, needed in left.items() if not needed & set(left))
        if not free:
            raise Defect(f"tables refer to each other in a circle: {', '.join(sorted(left))}")
        ordered += free
        for name in free:
            del left[name]
    return ordered


@contextmanager
def snapshot(connection: Connection[DictRow]) -> Generator[None]:
    """What is read in this block is all of the same moment, whatever others write meanwhile."""
    connection.execute("begin transaction isolation level repeatable read, read only")
    try:
        yield
    finally:
        connection.execute("rollback")


def copy_out(connection: Connection[DictRow], table: Table) -> Generator[bytes]:
    """The rows of a table, in pieces of any size."""
    statement = sql.SQL("copy (select {} from only {}) to stdout").format(
        _columns(table), table.identifier
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for data in copy:
            yield bytes(data)


def copy_in(connection: Connection[DictRow], table: Table, rows: Iterable[bytes]) -> int:
    """Puts rows into a table; returns how many. Raises `BadRequest` where they do not fit."""
    statement = sql.SQL("copy {} ({}) from stdin").format(table.identifier, _columns(table))
    try:
        with connection.cursor() as cursor:
            with cursor.copy(statement) as copy:
                for data in rows:
                    copy.write(data)
            return cursor.rowcount
    except (psycopg.DataError, psycopg.IntegrityError) as error:
        raise BadRequest(
            f"the rows of {table.title} do not fit: {str(error).splitlines()[0]}",
            hint="Nothing was changed. With Supabase, its users must be there before.",
        ) from error


def sequences(connection: Connection[DictRow]) -> dict[str, int]:
    """The last number that each sequence has given out; those that gave none are left out."""
    found = connection.execute(
        "select schemaname || '.' || sequencename as name, last_value from pg_sequences"
        " where schemaname = any (%s) and last_value is not null order by 1",
        (list(_SCHEMAS),),
    ).fetchall()
    return {row["name"]: row["last_value"] for row in found}


def set_sequences(connection: Connection[DictRow], values: dict[str, int]) -> None:
    """Lets the sequences that there are go on after these numbers."""
    for name, value in values.items():
        connection.execute(
            """
            select setval(format('%%I.%%I', schemaname, sequencename)::regclass, %s)
            from pg_sequences where schemaname || '.' || sequencename = %s
            """,
            (value, name),
        )


def forget_workers(connection: Connection[DictRow]) -> None:
    """Those that were at work when the backup was made are not at work here: what they had begun
    is taken back at once, instead of when they have been silent for long enough.
    """
    connection.execute("delete from procrastinate.procrastinate_workers")


def require_nobody(connection: Connection[DictRow]) -> None:
    """Raises `Conflict` while a worker is at work on the database."""
    row = connection.execute(
        "select count(*) as alive from procrastinate.procrastinate_workers"
        " where last_heartbeat > now() - interval '30 seconds'"
    ).fetchone()
    if row and row["alive"]:
        raise Conflict(
            f"{row['alive']} workers make courses in this database at this moment",
            hint="Stop all `coursewright worker` and `serve`, wait for half a minute, try again.",
        )


def require_empty(
    connection: Connection[DictRow], tables: Sequence[Table], *, but_for: object
) -> None:
    """Raises `Conflict` where somebody has anything in it. `but_for`: a user who may be there."""
    for table in tables:
        if table.schema_name not in {"public", "auth"}:
            continue
        condition = sql.SQL("where id <> {}").format(but_for)
        query = sql.SQL("select exists (select from {} {}) as is_so").format(
            table.identifier, condition if table.title == "auth.users" else sql.SQL("")
        )
        row = connection.execute(query).fetchone()
        if row and row["is_so"]:
            raise Conflict(
                f"the database is not empty: there are rows in {table.title}",
                hint="Restore into an empty database, or give --replace to throw away all that"
                " is in this one.",
            )


@contextmanager
def replacing(connection: Connection[DictRow], tables: Sequence[Table]) -> Generator[None]:
    """Empties the tables and lets them be filled, in one transaction: all or nothing.

    Triggers of the queue, which would tell of each job as a new one, are silent meanwhile;
    references are checked. Raises `Conflict` where somebody else uses them for too long.
    """
    with connection.transaction():
        every = sql.SQL(", ").join(table.identifier for table in tables)
        connection.execute(
            sql.SQL("set local lock_timeout = {}").format(sql.Literal(f"{_LOCK_SECONDS}s"))
        )
        try:
            connection.execute(sql.SQL("truncate {}").format(every))
        except psycopg.errors.LockNotAvailable as error:
            raise Conflict(
                "somebody uses the database at this moment",
                hint="Stop all `coursewright worker` and `serve`, and try again.",
            ) from error
        for table in tables:
            connection.execute(
                sql.SQL("alter table {} disable trigger user").format(table.identifier)
            )
        yield
        connection.execute("set constraints all immediate")
        for table in tables:
            connection.execute(
                sql.SQL("alter table {} enable trigger user").format(table.identifier)
            )


def _columns(table: Table) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, table.columns))
