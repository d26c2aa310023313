"""How far the making of a course has come, as one row for whoever only wants a progress bar."""

from datetime import datetime
from uuid import UUID

from psycopg import sql

from coursewright.course.base import Value
from coursewright.course.course import CourseStatus
from coursewright.database.pool import Connection
from coursewright.database.values import columns_of


class GenerationJob(Value):
    """A row of `course_generation_jobs`."""

    course_id: UUID
    status: CourseStatus
    progress_percentage: int
    """0 to 100."""
    current_step: str | None
    error_message: str | None
    started_at: datetime
    finished_at: datetime | None


_COLUMNS = columns_of(GenerationJob)


async def update(
    conn: Connection,
    course_id: UUID,
    *,
    status: CourseStatus,
    progress_percentage: int,
    current_step: str | None,
    error_message: str | None,
) -> None:
    """Stores how it stands. `finished_at` is set when nothing is under way any more."""
    await conn.execute(
        """
        insert into course_generation_jobs as job
          (course_id, status, progress_percentage, current_step, error_message, finished_at)
        values
          (%(course_id)s, %(status)s, %(progress)s, %(step)s, %(error)s,
           case when %(status)s <> 'generating' then now() end)
        on conflict (course_id) do update
        set status = excluded.status,
            progress_percentage = excluded.progress_percentage,
            current_step = excluded.current_step,
            error_message = excluded.error_message,
            started_at = case
              when job.finished_at is not null and excluded.finished_at is null then now()
              else job.started_at
            end,
            finished_at = case
              when excluded.finished_at is not null
              then coalesce(job.finished_at, excluded.finished_at)
            end
        """,
        {
            "course_id": course_id,
            "status": str(status),
            "progress": progress_percentage,
            "step": current_step,
            "error": error_message,
        },
    )


async def get(conn: Connection, course_id: UUID) -> GenerationJob | None:
    """How it stands; None before the first piece was planned."""
    rows = await conn.execute(
        sql.SQL("select {} from course_generation_jobs where course_id = %s").format(_COLUMNS),
        (course_id,),
    )
    row = await rows.fetchone()
    return None if row is None else GenerationJob.model_validate(row)
