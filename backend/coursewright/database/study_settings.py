"""How a person wants to study."""

from typing import Annotated
from uuid import UUID

from psycopg import sql
from pydantic import Field

from coursewright.course.base import Value
from coursewright.course.json import is_number
from coursewright.database.pool import Connection
from coursewright.database.values import columns_of


class StudySettings(Value):
    """A row of `study_settings`; without one, the defaults."""

    time_zone: Annotated[str, Field(max_length=80, examples=["Europe/Berlin"])] = "UTC"
    """A name of the IANA database."""
    day_starts_at: Annotated[int, Field(ge=0, le=12), is_number] = 4
    """The hour at which a new day of study begins."""
    new_per_day: Annotated[int, Field(ge=0, le=9999), is_number] = 20
    reviews_per_day: Annotated[int, Field(ge=0, le=9999), is_number] = 200
    desired_retention: Annotated[float, Field(ge=0.7, le=0.99), is_number] = 0.9
    """How likely a card is to be known when it falls due. Higher means more reviews."""


async def get(conn: Connection) -> StudySettings:
    """The settings of the signed-in user."""
    query = sql.SQL("select {} from study_settings").format(columns_of(StudySettings))
    rows = await conn.execute(query)
    row = await rows.fetchone()
    return StudySettings() if row is None else StudySettings.model_validate(row)


async def put(conn: Connection, user_id: UUID, settings: StudySettings) -> None:
    """Stores all of them."""
    await conn.execute(
        """
        insert into study_settings
          (user_id, time_zone, day_starts_at, new_per_day, reviews_per_day, desired_retention)
        values (%(user_id)s, %(time_zone)s, %(day_starts_at)s, %(new_per_day)s,
          %(reviews_per_day)s, %(desired_retention)s)
        on conflict (user_id) do update
        set time_zone = excluded.time_zone, day_starts_at = excluded.day_starts_at,
            new_per_day = excluded.new_per_day, reviews_per_day = excluded.reviews_per_day,
            desired_retention = excluded.desired_retention
        """,
        {"user_id": user_id, **settings.model_dump()},
    )
