"""Articles about the whole course."""

from uuid import UUID

from coursewright.course.article import Article, ArticleType
from coursewright.database.pool import Connection
from coursewright.database.values import as_json

_ORDER = list(ArticleType)


async def put(conn: Connection, course_id: UUID, article: Article) -> None:
    """Stores an article instead of the one of that type."""
    await conn.execute(
        """
        insert into course_articles (course_id, article_type, title, content, body)
        values (%s, %s, %s, %s, %s)
        on conflict (course_id, article_type) do update
        set title = excluded.title, content = excluded.content, body = excluded.body
        """,
        (course_id, str(article.article_type), article.title, article.markdown, as_json(article)),
    )


async def list_all(conn: Connection, course_id: UUID) -> list[Article]:
    """The articles that are written, in the order of their types."""
    rows = await conn.execute("select body from course_articles where course_id = %s", (course_id,))
    found = [Article.model_validate(row["body"]) for row in await rows.fetchall()]
    return sorted(found, key=lambda article: _ORDER.index(article.article_type))
