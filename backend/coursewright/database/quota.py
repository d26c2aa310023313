"""The shared log of what was spent of the providers' limits; its rules are in 0013_quota.sql.

It has a connection of its own: a letter is one statement and one round trip, and a commit does not
wait for the disk. What a crash of the server can lose by that (some tenths of a second), the
processes that live on tell it again (docs/decisions/0008).
"""

import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import DictRow

from coursewright.course.errors import Defect
from coursewright.database.outage import DatabaseGone, stop_if_cancelled, translate
from coursewright.database.pool import Database, configure, connection_arguments
from coursewright.keys.domain import DomainName

CHANNEL = "quota_changed"
"""The payload is a domain's number and the id of the process that changed it; number 0 means that
the process has joined."""
_TIDY_EVERY = 1000
"""Letters."""


async def last_minute(database: Database) -> dict[DomainName, list[tuple[int, float | None]]]:
    """What counts in each domain's minute, by all processes: tokens, and seconds since each call
    was sent; None for those that were not sent yet.
    """
    async with database.pool.connection() as connection:
        rows = await connection.execute(
            "select d.provider, d.project, d.model, s.tokens,"
            " extract(epoch from clock_timestamp() - s.sent_at)::float8 as sent_ago"
            " from coursewright_meta.quota_spent s"
            " join coursewright_meta.quota_domains d on d.id = s.domain_id"
            " where s.expires_at is null or s.expires_at > clock_timestamp()"
        )
        found: dict[DomainName, list[tuple[int, float | None]]] = {}
        async for row in rows:
            name = DomainName(row["provider"], row["project"], row["model"])
            found.setdefault(name, []).append((row["tokens"], row["sent_ago"]))
    return found


class PostgresQuota:
    """What `coursewright.keys.shared.SharedState` asks for. One for each process."""

    gone = DatabaseGone

    def __init__(self, database: Database, *, worker: UUID) -> None:
        """`worker`: the id of this process, new at each start."""
        self._database = database
        self._worker = worker
        self._connection: AsyncConnection[DictRow] | None = None
        self._letters = 0

    async def exchange(self, letter: Mapping[str, Any]) -> dict[str, Any]:
        """One letter and its reply, in one transaction and one round trip.

        After an error, or cancelled, the next letter goes over a new connection.

        Raises:
            DatabaseGone: the database does not answer; the letter may have arrived.
        """
        try:
            connection = await self._connect()
            answer = await connection.execute(
                "select coursewright_meta.exchange_quota(said) as reply,"
                " coursewright_meta.quota_of_others(said) as others"
                " from (select %s::jsonb as said) as letter",
                (json.dumps({**letter, "worker": str(self._worker)}),),
            )
            found = await answer.fetchone()
            if self._letters % _TIDY_EVERY == 0:
                await connection.execute("call coursewright_meta.tidy_quota()")
        except BaseException as error:
            await self.close()
            if isinstance(error, Exception):
                stop_if_cancelled(error)
                outage = translate(error)
                if outage is not None:
                    raise outage from error
            raise
        self._letters += 1
        if found is None:
            raise Defect("exchange_quota() returned no row.")
        return {**found["reply"], "others": found["others"]}

    @asynccontextmanager
    async def changes(self) -> AsyncGenerator[AsyncIterator[int | None]]:
        """The domains that other processes changed, by number; 0 for a process that has
        joined, None where some may be missed.
        """
        async with self._database.listen(CHANNEL) as notices:

            async def theirs() -> AsyncIterator[int | None]:
                async for notice in notices:
                    if notice.payload is None:
                        yield None
                        continue
                    number, _, worker = notice.payload.partition(" ")
                    if worker != str(self._worker):
                        yield int(number)

            yield theirs()

    async def close(self) -> None:
        """Closes the connection; the next letter opens a new one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def _connect(self) -> AsyncConnection[DictRow]:
        if self._connection is None:
            connection = await AsyncConnection[DictRow].connect(
                self._database.url, **connection_arguments()
            )
            try:
                await configure(connection)
                await connection.execute("select set_config('synchronous_commit', 'off', false)")
            except BaseException:
                await connection.close()
                raise
            self._connection = connection
        return self._connection
