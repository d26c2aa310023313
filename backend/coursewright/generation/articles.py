"""Articles about the whole course: a deep dive, the key takeaways, frequent questions."""

from collections.abc import Sequence

from coursewright.authors.author import Author
from coursewright.course.article import Article, ArticleType
from coursewright.course.brief import Brief
from coursewright.course.chapter import Chapter
from coursewright.course.outline import Outline
from coursewright.course.study import GlossaryTerm
from coursewright.database import articles, chapters, study_items
from coursewright.database.pieces import Outcome
from coursewright.database.pool import Connection
from coursewright.generation.chapters import outline_of
from coursewright.generation.made import Made, Order, Store


async def generate_articles(
    author: Author,
    brief: Brief,
    outline: Outline,
    chapters_made: Sequence[Chapter],
    glossary: Sequence[GlossaryTerm],
    *,
    article_type: ArticleType,
) -> Made[Article]:
    """The article of that type, from the chapters that are there."""
    written = await author.article(
        brief, article_type, outline, tuple(chapters_made), tuple(glossary)
    )
    return Made(value=written.value, usage=written.usage)


async def make(order: Order) -> Store:
    """Makes one article."""
    async with order.read() as conn:
        outline = await outline_of(order, conn)
        chapters_made = await chapters.list_all(conn, order.course_id)
        glossary = await study_items.list_glossary(conn, order.course_id)
    made = await generate_articles(
        order.author,
        order.brief,
        outline,
        chapters_made,
        glossary,
        article_type=ArticleType(order.piece.variant or ""),
    )

    async def store(conn: Connection) -> Outcome:
        await articles.put(conn, order.course_id, made.value)
        return made.outcome(order.author.name)

    return store
