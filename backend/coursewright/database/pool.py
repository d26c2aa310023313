"""Connections to Postgres, each transaction bound to who asks.

Row-level security does the guarding: a transaction runs under a role that sees only the rows of
the user named in its claims. Nothing is ever asked for as a superuser or as the tables' owner.
"""

import json
import logging
import math
import time
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Self
from uuid import UUID

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from coursewright.course.errors import NotConfigured
from coursewright.database.listener import Listener, Notices
from coursewright.database.outage import Crowded, DatabaseGone, translate

Connection = AsyncConnection[DictRow]
"""A connection inside one transaction; its rows are dictionaries."""

APP_ROLE = "coursewright_app"
USER_ROLE = "authenticated"
SERVICE_ROLE = "coursewright_service"
KEEPER_ROLE = "coursewright_keeper"
READER_ROLE = "coursewright_reader"
SEARCH_PATH = "public, procrastinate"
OLDEST_POSTGRES = 15

_WAIT_SECONDS = 5.0
_DOWN_SECONDS = 1.0
_ALIVE_SECONDS = 2.0
"""A database that has answered somebody of us so lately is there, and only too much in use."""
_CONNECT_SECONDS = 5
# The pool's own attempts grow apart without limit; a short span makes it begin anew, and quickly.
_RECONNECT_SECONDS = 5.0

# Outages are told by our errors and by `retrying`; the pool would tell them a second time.
logging.getLogger("psycopg.pool").setLevel(logging.ERROR)


class Database:
    """A pool of connections. Open it with `await Database.open(url)`; close it at the end."""

    def __init__(self, url: str, pool: AsyncConnectionPool[Connection]) -> None:
        self.url = url
        self._pool = pool
        self._listeners: dict[str, Listener] = {}
        self._down = False
        self._answered = -math.inf

    @classmethod
    async def open(
        cls, url: str, *, min_size: int = 1, max_size: int = 10, wait: float = _WAIT_SECONDS
    ) -> Self:
        """Opens the pool.

        Args:
            url: a libpq address (`postgresql://...`).
            min_size: connections that are kept open.
            max_size: connections at most.
            wait: seconds that a transaction waits for a connection.

        Raises:
            NotConfigured: the address, the server's version, or the roles are not usable.
            DatabaseGone: nobody answers.
        """
        await _try_out(url)
        pool = AsyncConnectionPool[Connection](
            url,
            connection_class=AsyncConnection[DictRow],
            kwargs=connection_arguments(),
            min_size=min_size,
            max_size=max_size,
            open=False,
            configure=configure,
            check=_check,
            name="coursewright",
            timeout=wait,
            reconnect_timeout=_RECONNECT_SECONDS,
        )
        try:
            await pool.open(wait=True, timeout=wait)
        except PoolTimeout as error:
            raise translate(error) or error from error
        return cls(url, pool)

    @property
    def pool(self) -> AsyncConnectionPool[Connection]:
        """For the queue, which brings its own queries: `App.open_async(database.pool)`."""
        return self._pool

    async def close(self) -> None:
        """Closes all connections. Harmless when repeated."""
        for listener in self._listeners.values():
            await listener.close()
        self._listeners.clear()
        await self._pool.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def as_user(self, user_id: UUID) -> AbstractAsyncContextManager[Connection]:
        """One transaction of a signed-in user, who sees and changes only what is theirs.

        It is committed at the end of the block, and rolled back when the block raises.

        Raises:
            DatabaseGone: the database does not answer; nothing was changed, unless the very last
                answer was lost.
            Crowded: it does, and others have all connections for longer than one can wait.
        """
        return self._transaction(USER_ROLE, _claims(user_id))

    def as_service(self, user_id: UUID) -> AbstractAsyncContextManager[Connection]:
        """One transaction of the worker, for the user whose course it makes.

        It may write what is generated, and is held to that user's rows all the same. Errors as in
        `as_user`.
        """
        return self._transaction(SERVICE_ROLE, _claims(user_id))

    def as_reader(self, token_sha256: bytes) -> AbstractAsyncContextManager[Connection]:
        """One transaction of somebody who has nothing but a link to a course (`shares.py`).

        It sees what may be read of that one course and changes nothing; where the link opens
        nothing, it sees nothing. Errors as in `as_user`.
        """
        return self._transaction(READER_ROLE, {"share": token_sha256.hex(), "role": READER_ROLE})

    def as_system(self) -> AbstractAsyncContextManager[Connection]:
        """One transaction of nobody: health and the queue; no user's row is seen.

        Errors as in `as_user`.
        """
        return self._transaction(APP_ROLE, None)

    def as_keeper(self) -> AbstractAsyncContextManager[Connection]:
        """One transaction of the keeper, who counts and sweeps over all users and reads no word.

        Errors as in `as_user`.
        """
        return self._transaction(KEEPER_ROLE, None)

    def listen(self, channel: str) -> AbstractAsyncContextManager[Notices]:
        """Subscribes to what is notified on a channel; see `Listener.subscribe`.

        One connection for each channel, however many subscribe.
        """
        if channel not in self._listeners:
            self._listeners[channel] = Listener(self.url, channel)
        return self._listeners[channel].subscribe()

    async def end_listening(self, channel: str) -> None:
        """Ends the iterators of all who listen on a channel."""
        if listener := self._listeners.pop(channel, None):
            await listener.close()

    @asynccontextmanager
    async def _transaction(
        self, role: str, claims: dict[str, str] | None
    ) -> AsyncGenerator[Connection]:
        try:
            # Once it is known to be gone, nobody is kept waiting for long.
            patience = _DOWN_SECONDS if self._down else None
            async with (
                self._pool.connection(patience) as connection,
                connection.transaction(),
            ):
                self._down = False
                self._answered = time.monotonic()
                if role == KEEPER_ROLE:
                    await connection.execute("select set_config('role', %s, true)", (role,))
                elif claims is not None:
                    # One round trip; `true` is what SET LOCAL does: gone with the transaction.
                    await connection.execute(
                        "select set_config('role', %s, true), "
                        "set_config('request.jwt.claims', %s, true)",
                        (role, json.dumps(claims)),
                    )
                yield connection
        except Exception as error:
            outage = self._crowded(error) or translate(error)
            if outage is None:
                raise
            # Who waits for others to be done is not to be made impatient by it: all would fail.
            self._down = isinstance(outage, DatabaseGone) and not isinstance(outage, Crowded)
            raise outage from error

    def _crowded(self, error: Exception) -> Crowded | None:
        """What a vain wait means while others are answered. Each connection is tried when it is
        handed out, so that whoever got one is a sign of life.
        """
        if not isinstance(error, PoolTimeout):
            return None
        if self._down:  # and nobody was answered since: each answer takes that back
            return None
        if time.monotonic() - self._answered > _ALIVE_SECONDS:
            return None
        return Crowded(
            "The service is too busy: all its connections to the database are in use.",
            hint="Try again in a few seconds. If it stays like that, more processes help:"
            " `coursewright serve --no-worker` on a DATABASE_URL.",
        )


def _claims(user_id: UUID) -> dict[str, str]:
    return {"sub": str(user_id), "role": USER_ROLE}


def connection_arguments() -> dict[str, Any]:
    """What every connection of ours is opened with."""
    return {
        "row_factory": dict_row,
        "application_name": "coursewright",
        "connect_timeout": _CONNECT_SECONDS,
        "keepalives_idle": 30,
        "keepalives_interval": 10,
        "keepalives_count": 3,
    }


async def configure(connection: AsyncConnection[Any]) -> None:
    """Prepares a new connection: the program's role, search path, UTC; transactions only by name.

    A connection that begins transactions by itself would be switched to autocommit and back each
    time the pool checks it. A task that is cancelled in between leaves it switched over, and then
    the role of whoever has it next lasts for one statement only.

    The role is set even where the login is another one, such as the owner of an external database:
    then the program has no more rights there than here.
    """
    await connection.set_autocommit(True)
    await connection.execute(
        "select set_config('role', %s, false), set_config('search_path', %s, false), "
        "set_config('timezone', 'UTC', false)",
        (APP_ROLE, SEARCH_PATH),
    )


async def _check(connection: AsyncConnection[Any]) -> None:
    await AsyncConnectionPool.check_connection(connection)


async def _try_out(url: str) -> None:
    """Connects once, since the pool would only tell that it waited in vain."""
    try:
        async with await AsyncConnection.connect(url, connect_timeout=_CONNECT_SECONDS) as tried:
            if tried.info.server_version < OLDEST_POSTGRES * 10_000:
                raise NotConfigured(
                    f"The database is a Postgres {tried.info.server_version // 10_000}.",
                    hint=f"Coursewright needs Postgres {OLDEST_POSTGRES} or newer.",
                )
            await configure(tried)
    except psycopg.ProgrammingError as error:
        raise _not_usable(error) from error
    except psycopg.OperationalError as error:
        if any(word in str(error) for word in _REFUSED):
            raise NotConfigured(
                f"The database lets nobody in like that: {str(error).strip()}.",
                hint="Check the user, the password and the database's name in DATABASE_URL.",
            ) from error
        raise translate(error) or error from error


_REFUSED = ("authentication failed", "does not exist", "no pg_hba.conf entry", "no password")
"""libpq gives no code for what happens while connecting, only text
(and a role or database that is not there is a FATAL while connecting)."""


def _not_usable(error: psycopg.ProgrammingError) -> NotConfigured:
    if isinstance(error, psycopg.errors.InvalidParameterValue | psycopg.errors.UndefinedObject):
        return NotConfigured(
            f"The database has no role {APP_ROLE} yet.", hint="Apply the migrations first."
        )
    if isinstance(error, psycopg.errors.InsufficientPrivilege):
        return NotConfigured(
            f"The login of DATABASE_URL may not act as {APP_ROLE}.",
            hint=f"As the database's owner: grant {APP_ROLE} to the login of DATABASE_URL.",
        )
    if error.sqlstate is None:  # the text could repeat a password
        return NotConfigured(
            "DATABASE_URL is not the address of a Postgres.",
            hint="It looks like postgresql://user:password@host:5432/database.",
        )
    return NotConfigured(f"The database is not usable: {error}.", hint="See `coursewright doctor`.")
