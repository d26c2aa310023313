"""Resources: the sources that can be read on at an address, with credit."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from coursewright.course.base import Value
from coursewright.course.sources import Source
from coursewright.database.pool import Connection


class Resource(Value):
    """Something to read on."""

    title: str
    url: str
    kind: str
    """What kind of source it is, e.g. `url`."""
    description: str = ""
    """Who is to be credited, and under which licence."""


def resources_of(sources: Iterable[Source]) -> list[Resource]:
    """The sources that have an address on the web."""
    return [
        Resource(
            title=source.title,
            url=source.origin,
            kind=str(source.kind),
            description=", ".join(part for part in (source.attribution, source.licence) if part),
        )
        for source in sources
        if source.origin.lower().startswith(("http://", "https://"))
    ]


async def replace(conn: Connection, course_id: UUID, items: Sequence[Resource]) -> None:
    """Stores the resources of a course instead of those that it had."""
    await conn.execute("delete from course_resources where course_id = %s", (course_id,))
    async with conn.cursor() as cursor:
        await cursor.executemany(
            "insert into course_resources (course_id, position, title, url, kind, description)"
            " values (%s, %s, %s, %s, %s, %s)",
            [
                (course_id, position, item.title, item.url, item.kind, item.description)
                for position, item in enumerate(items)
            ],
        )


async def list_all(conn: Connection, course_id: UUID) -> list[Resource]:
    """The resources, in the order given."""
    rows = await conn.execute(
        "select title, url, kind, description from course_resources"
        " where course_id = %s order by position",
        (course_id,),
    )
    return [Resource.model_validate(row) for row in await rows.fetchall()]
