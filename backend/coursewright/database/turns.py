"""Whose turn it is: the place of a job among those of all users (docs/decisions/0013).

Start-time fair queueing (Goyal, Vin and Cheng 1996) with jobs of equal cost: each job of a user
has a turn, one after that of the job before, and no earlier than the turn that is being served at
the moment. The queue serves the lowest turn first. So who has a thousand jobs waiting gets one
done for each one of whoever comes now.
"""

from coursewright.database.pool import Connection

RANKS = 4
"""How many kinds of jobs are told apart within a turn."""
_LATEST = 2**31 // RANKS - 1
"""A job's priority is an `integer`; later turns are all as late as this one."""


async def take(conn: Connection, how_many: int) -> int:
    """The first of `how_many` turns in a row for the signed-in user.

    It holds the user's row until the transaction ends: what the same user queues elsewhere at
    this moment comes after it. A user of whom nothing is open begins at the turn being served.
    """
    rows = await conn.execute(
        """
        with passed as (
          select coalesce(
            (
              select (-priority + %(ranks)s - 1) / %(ranks)s - 1
              from procrastinate.procrastinate_jobs
              where status = 'todo' and priority < 0
                and (scheduled_at is null or scheduled_at <= now())
              order by priority desc, id limit 1
            ),
            (select max(turn) from coursewright_meta.queue_turns),
            0
          )::bigint as turn
        ), busy as (
          select exists (
            select from public.courses c
            join public.course_pieces p on p.course_id = c.id and p.state in ('ready', 'running')
            where c.user_id = auth.uid() and c.status = 'generating'
          ) as is_so
        )
        insert into coursewright_meta.queue_turns as mine (user_id, turn)
        select auth.uid(), passed.turn + %(many)s from passed
        on conflict (user_id) do update
        set turn = %(many)s + case
          when (select is_so from busy)
          then greatest(mine.turn, (select turn from passed)) else (select turn from passed)
        end
        returning turn - %(many)s + 1 as first
        """,
        {"ranks": RANKS, "many": how_many},
    )
    row = await rows.fetchone()
    return 1 if row is None else int(row["first"])


def priority(turn: int, rank: int) -> int:
    """The priority of a job, as the queue understands it: higher is sooner.

    `rank` orders jobs of the same turn: 0 to `RANKS` - 1, higher is sooner.
    """
    return rank - RANKS * min(turn, _LATEST)
