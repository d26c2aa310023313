"""Sources: the documents of a course and their passages, searchable."""

from collections.abc import Sequence
from uuid import UUID

from coursewright.course.sources import Material, Passage, Source
from coursewright.database.pool import Connection

_SOURCE = (
    "kind",
    "title",
    "origin",
    "media_type",
    "language",
    "licence",
    "attribution",
    "pages",
    "sha256",
)
_PASSAGE = "passage_id as id, source_id, ordinal, kind, text, place, level"

Document = tuple[Source, Sequence[Passage]]


async def insert(conn: Connection, course_id: UUID, documents: Sequence[Document]) -> None:
    """Adds documents to a course, in the order given."""
    async with conn.cursor() as cursor:
        await cursor.executemany(
            f"""
            insert into course_sources (course_id, source_id, position, {", ".join(_SOURCE)})
            values (%(course_id)s, %(id)s,
                    (select count(*) from course_sources where course_id = %(course_id)s),
                    {", ".join(f"%({name})s" for name in _SOURCE)})
            """,  # noqa: S608 - the names of our own fields
            [source.model_dump(mode="json") | {"course_id": course_id} for source, _ in documents],
        )
    for source, passages in documents:
        await _insert_passages(conn, course_id, source, passages)


async def _insert_passages(
    conn: Connection, course_id: UUID, source: Source, passages: Sequence[Passage]
) -> None:
    # One statement with arrays: COPY is refused where row-level security applies.
    await conn.execute(
        """
        insert into source_passages
          (course_id, source_id, passage_id, ordinal, kind, text, place, level, language)
        select %(course)s, %(source)s, p.id, p.ordinal, p.kind, p.text, p.place::jsonb, p.level,
          coalesce(%(language)s, (select language from courses where id = %(course)s), '')
        from unnest(
          %(ids)s::uuid[], %(ordinals)s::int[], %(kinds)s::text[], %(texts)s::text[],
          %(places)s::text[], %(levels)s::int[]
        ) as p (id, ordinal, kind, text, place, level)
        """,
        {
            "course": course_id,
            "source": source.id,
            "language": source.language,
            "ids": [passage.id for passage in passages],
            "ordinals": [passage.ordinal for passage in passages],
            "kinds": [str(passage.kind) for passage in passages],
            "texts": [passage.text for passage in passages],
            "places": [passage.place.model_dump_json() for passage in passages],
            "levels": [passage.level for passage in passages],
        },
    )


async def list_all(conn: Connection, course_id: UUID) -> list[Source]:
    """The sources of a course, without their text."""
    rows = await conn.execute(
        f"select source_id as id, {', '.join(_SOURCE)} from course_sources"  # noqa: S608 - the names of our own fields
        " where course_id = %s order by position",
        (course_id,),
    )
    return [Source.model_validate(row) for row in await rows.fetchall()]


async def material(conn: Connection, course_id: UUID) -> Material:
    """Everything that a course may draw on."""
    rows = await conn.execute(
        """
        select p.passage_id as id, p.source_id, p.ordinal, p.kind, p.text, p.place, p.level
        from source_passages p join course_sources s using (course_id, source_id)
        where p.course_id = %s
        order by s.position, p.ordinal
        """,
        (course_id,),
    )
    passages = tuple(Passage.model_validate(row) for row in await rows.fetchall())
    return Material(sources=tuple(await list_all(conn, course_id)), passages=passages)


async def search(
    conn: Connection, course_id: UUID, query: str, *, limit: int = 20
) -> list[Passage]:
    """The passages that hold words of `query`, in any form, the best first.

    A passage need not hold all of the words. Empty when there are no words in `query`.
    """
    # plainto_tsquery quotes whatever it is given; only its own "and" becomes "or".
    rows = await conn.execute(
        f"""
        with queries as (
          select language, replace(
            plainto_tsquery(coursewright_meta.text_config(language), %(query)s)::text, ' & ', ' | '
          )::tsquery as query
          from (select distinct language from source_passages where course_id = %(course)s) found
        )
        select {_PASSAGE}
        from source_passages p join queries q using (language)
        where p.course_id = %(course)s and p.search @@ q.query
        order by ts_rank_cd(p.search, q.query, 1) desc, source_id, ordinal
        limit %(limit)s
        """,  # noqa: S608 - the names of our own fields
        {"course": course_id, "query": query, "limit": limit},
    )
    return [Passage.model_validate(row) for row in await rows.fetchall()]
