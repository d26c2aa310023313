"""Attempts to sign in, counted for all processes together."""

from datetime import datetime

from coursewright.course.base import Value
from coursewright.database.pool import Connection


class Attempts(Value):
    """What is counted of an account or of a network."""

    failures: int
    last_at: datetime


async def lock(conn: Connection, subject: bytes, *, at: datetime) -> Attempts:
    """What is counted; nobody else reads or changes it until the transaction ends.

    Of several subjects the lesser bytes come first, so that nobody waits for whoever waits for
    them.
    """
    row = None
    while row is None:  # what was waited for may have been forgiven, and with that deleted
        rows = await conn.execute(
            "select * from coursewright_meta.lock_attempts(%s, %s)", (subject, at)
        )
        row = await rows.fetchone()
    return Attempts.model_validate(row)


async def put(conn: Connection, subject: bytes, failures: int, *, at: datetime) -> None:
    """Writes what is counted now."""
    await conn.execute("select coursewright_meta.set_attempts(%s, %s, %s)", (subject, failures, at))


async def forgive(conn: Connection, account: bytes, network: bytes, *, at: datetime) -> None:
    """After a success: the account's are forgotten, and this one of the network's."""
    for subject in sorted((account, network)):
        await lock(conn, subject, at=at)
    await conn.execute("select coursewright_meta.forgive_attempts(%s, %s)", (account, network))


async def tidy(conn: Connection, *, before: datetime) -> None:
    """Forgets what has not been counted up since."""
    await conn.execute("select coursewright_meta.tidy_attempts(%s)", (before,))
