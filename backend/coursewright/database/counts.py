"""How much is waiting and under way, over all users: numbers only."""

from coursewright.course.base import Value
from coursewright.database.pool import Database


class Counts(Value):
    """The load of the whole service."""

    jobs: dict[str, int]
    """Of the queue, by state: `todo`, `doing`."""
    oldest_job_seconds: float
    """How long the oldest job that could be begun has waited."""
    generating: int
    """Courses that are being made."""
    workers: int
    """Processes that make pieces and have given a sign of life lately."""


async def count(database: Database) -> Counts:
    """Asks the database. Raises `DatabaseGone`."""
    async with database.as_system() as conn:
        rows = await conn.execute(
            "select status::text, count(*) as jobs from procrastinate_jobs"
            " where status in ('todo', 'doing') group by 1"
        )
        jobs = {"todo": 0, "doing": 0} | {r["status"]: r["jobs"] for r in await rows.fetchall()}
        rows = await conn.execute(
            """
            select
              (
                select coalesce(extract(epoch from now() - min(e.at)), 0)::float8
                from procrastinate_jobs j join procrastinate_events e on e.job_id = j.id
                where j.status = 'todo' and e.type = 'deferred'
              ) as oldest,
              (
                select count(*) from procrastinate_workers
                where last_heartbeat > now() - interval '30 seconds'
              ) as workers
            """
        )
        now = await rows.fetchone() or {"oldest": 0, "workers": 0}
    async with database.as_keeper() as conn:
        rows = await conn.execute(
            "select count(*) as generating from public.courses where status = 'generating'"
        )
        courses = await rows.fetchone() or {"generating": 0}
    return Counts(
        jobs=jobs,
        oldest_job_seconds=now["oldest"],
        generating=courses["generating"],
        workers=now["workers"],
    )
