"""Who a transaction runs as, and what happens when the database goes away."""

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql

from coursewright.course.errors import NotConfigured, Unavailable
from coursewright.database import embedded
from coursewright.database.embedded import EmbeddedPostgres
from coursewright.database.outage import (
    Crowded,
    DatabaseFull,
    DatabaseGone,
    Waiting,
    retrying,
    translate,
    wait_until_up,
)
from coursewright.database.pool import Connection, Database

WHO = "select current_user::text, auth.uid()"
NOBODY = "select current_user::text, current_setting('request.jwt.claims', true) claims"


async def one(connection: Connection, query: str) -> dict[str, object]:
    row = await (await connection.execute(query.encode())).fetchone()
    assert row is not None
    return row


async def test_a_user_acts_as_authenticated_and_auth_uid_is_theirs(database: Database) -> None:
    user = uuid4()
    async with database.as_user(user) as connection:
        row = await one(connection, WHO)
    assert (row["current_user"], row["uid"]) == ("authenticated", user)


async def test_the_service_acts_for_a_user(database: Database) -> None:
    user = uuid4()
    async with database.as_service(user) as connection:
        row = await one(connection, WHO)
    assert (row["current_user"], row["uid"]) == ("coursewright_service", user)


async def test_the_user_ends_with_the_transaction(database_url: str) -> None:
    async with await Database.open(database_url, max_size=1) as database:
        async with database.as_user(uuid4()) as connection:
            first = await one(connection, "select pg_backend_pid()")
        async with database.as_system() as connection:
            row = await one(connection, NOBODY)
            assert await one(connection, "select pg_backend_pid()") == first, "the same connection"
    assert row["current_user"] == "coursewright_app"
    assert not row["claims"]


async def test_the_user_ends_with_a_failed_transaction_too(database_url: str) -> None:
    async with await Database.open(database_url, max_size=1) as database:
        with pytest.raises(psycopg.errors.DivisionByZero):
            async with database.as_user(uuid4()) as connection:
                await connection.execute("select 1/0")
        async with database.as_system() as connection:
            row = await one(connection, NOBODY)
    assert row["current_user"] == "coursewright_app"
    assert not row["claims"]


async def test_nobody_signed_in_sees_no_course(
    database: Database, make_user: Callable[[], Awaitable[UUID]]
) -> None:
    async with database.as_user(await make_user()) as connection:
        assert await one(connection, "select count(*) from courses") == {"count": 0}
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        async with database.as_system() as connection:
            await connection.execute("select * from courses")


async def test_a_block_is_one_transaction(database: Database, admin_url: str) -> None:
    async with await psycopg.AsyncConnection.connect(admin_url) as admin:
        await admin.execute("create table public.trial (number int)")
        await admin.execute("grant all on public.trial to coursewright_service")
    with pytest.raises(ValueError, match="middle"):  # noqa: PT012 - the block is the transaction
        async with database.as_service(uuid4()) as connection:
            await connection.execute("insert into trial values (1)")
            raise ValueError("in the middle")
    async with database.as_service(uuid4()) as connection:
        await connection.execute("insert into trial values (2)")
    async with database.as_service(uuid4()) as connection:
        rows = await (await connection.execute("select number from trial")).fetchall()
    assert rows == [{"number": 2}]


async def test_claims_cannot_be_injected(database: Database) -> None:
    sneaky = UUID(int=1)
    async with database.as_user(sneaky) as connection:
        row = await one(connection, "select auth.jwt() as jwt")
    assert row["jwt"] == {"sub": str(sneaky), "role": "authenticated"}


async def test_every_connection_is_set_up(database: Database) -> None:
    async with database.as_system() as connection:
        row = await one(
            connection,
            "select current_setting('search_path') path, current_setting('timezone') zone, "
            "current_setting('application_name') name",
        )
    assert row == {"path": "public, procrastinate", "zone": "UTC", "name": "coursewright"}


async def test_a_login_that_owns_everything_is_made_small(admin_url: str) -> None:
    async with await Database.open(admin_url) as database, database.as_system() as connection:
        row = await one(
            connection,
            "select session_user::text, current_user::text, rolsuper from pg_roles "
            "where rolname = current_user",
        )
    assert row == {
        "session_user": "postgres",
        "current_user": "coursewright_app",
        "rolsuper": False,
    }


async def test_the_app_role_owns_nothing_and_bypasses_nothing(database: Database) -> None:
    async with database.as_system() as connection:
        row = await one(
            connection,
            "select rolsuper or rolbypassrls or rolcreaterole or rolcreatedb as mighty, "
            "exists (select from pg_class where relowner = pg_roles.oid) as owns "
            "from pg_roles where rolname = 'coursewright_app'",
        )
    assert row == {"mighty": False, "owns": False}


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://host/name", "not the address of a Postgres"),
        ("postgresql://host:port/name", "does not answer|not the address"),
        ("no address with secret-word", "not the address of a Postgres"),
    ],
)
async def test_a_bad_address(url: str, said: str) -> None:
    with pytest.raises((NotConfigured, DatabaseGone), match=said) as caught:
        await Database.open(url)
    assert "secret-word" not in str(caught.value) + caught.value.hint


async def test_nobody_there() -> None:
    with pytest.raises(DatabaseGone, match="does not answer") as caught:
        await Database.open("postgresql://someone@/name?host=/nowhere")
    assert caught.value.hint


async def test_a_login_or_database_that_does_not_exist(postgres: EmbeddedPostgres) -> None:
    for url in (postgres.url("postgres", user="stranger"), postgres.admin_url("nowhere")):
        with pytest.raises(NotConfigured, match="does not exist") as caught:
            await Database.open(url)
        assert "DATABASE_URL" in caught.value.hint


async def test_a_login_that_may_not_act_as_the_app(admin_url: str) -> None:
    name = f"stranger_{uuid4().hex[:8]}"
    async with await psycopg.AsyncConnection.connect(admin_url, autocommit=True) as admin:
        await admin.execute(sql.SQL("create role {} login").format(sql.Identifier(name)))
        with pytest.raises(NotConfigured, match="may not act as coursewright_app"):
            await Database.open(admin_url.replace("postgres@", f"{name}@"))
        await admin.execute(sql.SQL("drop role {}").format(sql.Identifier(name)))


async def test_more_at_once_than_connections_wait_for_their_turn(database_url: str) -> None:
    async with await Database.open(database_url, max_size=2) as database:

        async def ask(number: int) -> object:
            async with database.as_user(UUID(int=number)) as connection:
                row = await one(connection, "select auth.uid() as id from pg_sleep(0.01)")
            return row["id"]

        answers = await asyncio.gather(*(ask(number) for number in range(30)))
        async with database.as_system() as connection:
            used = await one(
                connection,
                "select count(*) from pg_stat_activity where datname = current_database()",
            )
    assert answers == [UUID(int=number) for number in range(30)]
    assert used == {"count": 2}


async def test_no_connection_in_time(database_url: str) -> None:
    async with await Database.open(database_url, max_size=1, wait=0.2) as database:
        async with database.as_system():
            with pytest.raises(Crowded, match="too busy"):
                async with database.as_system():
                    pass
        async with database.as_system() as connection:
            await connection.execute("select 1")


async def test_whoever_comes_after_a_vain_wait_is_not_made_impatient_by_it(
    database_url: str,
) -> None:
    # A second and a half is more than is waited for a database that is known to be gone.
    async with await Database.open(database_url, max_size=1, wait=1.7) as database:

        async def ask() -> int:
            async with database.as_system() as connection:
                return int(str((await one(connection, "select 1 as n"))["n"]))

        async with database.as_system():
            with pytest.raises(Crowded):
                await ask()
            waiting = asyncio.create_task(ask())
            await asyncio.sleep(1.4)
        assert await waiting == 1


async def test_one_that_has_long_answered_nobody_is_gone(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coursewright.database.pool._ALIVE_SECONDS", 0.1)
    async with await Database.open(database_url, max_size=1, wait=0.3) as database:
        async with database.as_system():
            with pytest.raises(DatabaseGone, match="does not answer") as caught:
                async with database.as_system():
                    pass
        assert not isinstance(caught.value, Crowded)


async def test_one_that_broke_off_and_answered_nobody_since_is_not_called_busy(
    database_url: str,
) -> None:
    async with await Database.open(database_url, max_size=1, wait=0.3) as database:
        with pytest.raises(DatabaseGone):
            async with database.as_system():
                raise psycopg.errors.AdminShutdown
        async with database.pool.connection():  # nothing of ours is answered meanwhile
            with pytest.raises(DatabaseGone) as caught:
                async with database.as_system():
                    pass
    assert not isinstance(caught.value, Crowded)


def test_errors_that_are_no_outage_are_left_alone() -> None:
    for error in (
        psycopg.errors.UniqueViolation(),
        psycopg.errors.SerializationFailure(),
        psycopg.errors.QueryCanceled(),
        NotConfigured("something else"),
        ValueError(),
    ):
        assert translate(error) is None


def test_a_full_disk_is_told_apart_and_waited_for() -> None:
    """Whoever makes pieces keeps what is written until there is room, rather than lose it."""
    error = translate(psycopg.errors.DiskFull("could not extend file"))
    assert isinstance(error, DatabaseFull)
    assert isinstance(error, DatabaseGone)
    assert "cannot store" in error.message
    assert "Free some space" in error.hint


async def test_killed_connections_are_replaced(database: Database, admin_url: str) -> None:
    async def killed_in_the_middle() -> None:
        async with database.as_system() as connection:
            async with await psycopg.AsyncConnection.connect(admin_url) as admin:
                await admin.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity "
                    "where usename = 'coursewright_app' and datname = current_database()"
                )
            await connection.execute("select 1")

    with pytest.raises(DatabaseGone):
        await killed_in_the_middle()
    async with database.as_system() as connection:
        assert await one(connection, "select 1 as one") == {"one": 1}


async def test_postgres_gone_in_the_middle_is_waited_for_and_work_goes_on(data_dir: Path) -> None:
    server = await embedded.start(data_dir)
    with psycopg.connect(server.admin_url()) as admin:
        admin.execute("create role coursewright_app login")
        admin.execute("create table trial (number int)")
        admin.execute("grant all on trial to coursewright_app")
    database = await Database.open(server.url(), wait=1.0)
    told: list[Waiting] = []

    async def work(number: int) -> None:
        async with database.as_system() as connection:
            await connection.execute("insert into trial values (%s)", (number,))

    await work(1)
    os.kill(server.pid, signal.SIGKILL)
    await asyncio.sleep(0.2)
    with pytest.raises(DatabaseGone):
        await work(99)
    await retrying(
        lambda: work(2), on_wait=told.append, revive=server.ensure_running, give_up_after=30
    )
    async with database.as_system() as connection:
        rows = await (await connection.execute("select number from trial order by 1")).fetchall()
    assert [row["number"] for row in rows] == [1, 2]
    assert [each.attempt for each in told] == list(range(1, len(told) + 1))
    assert told
    assert "does not answer" in told[0].reason
    await database.close()
    await server.stop()


async def test_waiting_until_a_database_is_up(data_dir: Path) -> None:
    server = await embedded.start(data_dir)
    url = server.admin_url()
    await server.stop()
    told: list[Waiting] = []
    waiting = asyncio.create_task(wait_until_up(url, on_wait=told.append, give_up_after=30))
    await asyncio.sleep(0.3)
    assert told
    server = await embedded.start(data_dir)
    await waiting
    await server.stop()


async def test_waiting_grows_and_gives_up() -> None:
    told: list[Waiting] = []

    async def fail() -> None:
        raise DatabaseGone("gone")

    with pytest.raises(DatabaseGone, match="gone"):
        await retrying(fail, on_wait=told.append, pauses=(0.001, 0.002, 0.01), give_up_after=0.05)
    assert [each.pause for each in told[:4]] == [0.001, 0.002, 0.01, 0.01]


async def test_other_errors_are_not_waited_for() -> None:
    calls = 0

    async def fail() -> None:
        nonlocal calls
        calls += 1
        raise Unavailable("the service is closed")

    with pytest.raises(Unavailable, match="closed"):
        await retrying(fail)
    assert calls == 1


def test_an_outage_is_seen_through_the_errors_of_others() -> None:
    error = RuntimeError("the queue failed")
    error.__cause__ = psycopg.errors.AdminShutdown("terminating connection")
    assert isinstance(translate(error), DatabaseGone)


async def test_a_cancelled_wait_ends_even_when_the_cancellation_comes_as_an_outage() -> None:
    """As when a query is cancelled: its connection is closed, and that is the error."""
    begun = asyncio.Event()

    async def cancelled_query() -> None:
        begun.set()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError as error:
            raise DatabaseGone("the connection is closed") from error

    waiting = asyncio.create_task(retrying(cancelled_query))
    await begun.wait()
    waiting.cancel()
    done, _ = await asyncio.wait([waiting], timeout=5)
    assert done
    assert waiting.cancelled()


async def test_a_connection_of_a_cancelled_task_is_safe_for_the_next(database: Database) -> None:
    """In whatever turn of the loop it is cancelled: also while the pool checks the connection."""
    user = uuid4()

    async def ask() -> None:
        async with database.as_user(user) as conn:
            await conn.execute("select 1")

    for turns in range(20):
        asking = asyncio.create_task(ask())
        for _ in range(turns):
            # So each answer is there in the next turn, and psycopg finds that the loop was busy.
            time.sleep(0.02)  # noqa: ASYNC251
            await asyncio.sleep(0)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)

        async with database.as_user(user) as conn:
            await one(conn, WHO)
            row = await one(conn, WHO)
        assert (row["current_user"], row["uid"]) == ("authenticated", user), turns
