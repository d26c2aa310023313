"""A course as Markdown files in a zip: one per chapter, the rest beside them."""

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from uuid import UUID

from coursewright.course.chapter import Chapter, Section
from coursewright.course.citation import Citation
from coursewright.course.course import Course
from coursewright.course.sources import Source
from coursewright.course.study import Mcq
from coursewright.exports import escape
from coursewright.exports.format import file_stem

_TIME = (1980, 1, 1, 0, 0, 0)
"""The oldest that a zip can hold: the same course gives the same bytes."""
_ADDRESS = re.compile(r"https?://[^\s<>\\]+")
_UNIX, _MODE = 3, 0o644
"""As if made on Unix, wherever it is made."""


def export(course: Course) -> bytes:
    """The zip. Every file begins with YAML front matter; links between files are relative."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files(course).items():
            member = zipfile.ZipInfo(f"{file_stem(course.title)}/{name}", _TIME)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.create_system, member.external_attr = _UNIX, _MODE << 16
            archive.writestr(member, text)
    return buffer.getvalue()


def files(course: Course) -> dict[str, str]:
    """The files by name. What the course does not have is left out and named in the README."""
    found = {
        "README.md": _readme(course),
        **{_chapter_name(chapter): _chapter(course, chapter) for chapter in course.chapters},
    }
    if course.glossary:
        found["glossary.md"] = _page(course, "Glossary", _glossary(course))
    if course.flashcards:
        found["flashcards.md"] = _page(course, "Flashcards", _flashcards(course))
    if course.mcqs:
        found["quiz.md"] = _page(course, "Quiz", _quiz(course.mcqs))
    for article in course.articles:
        body = _body(course, article.sections)
        found[f"article-{article.article_type}.md"] = _page(course, article.title, body)
    for script in course.audio_scripts:
        text = "\n\n".join(escape.paragraph(block.markdown) for block in script.paragraphs)
        found[f"script-{script.audio_type}.md"] = _page(course, script.title, text)
    return found


def _chapter_name(chapter: Chapter) -> str:
    return f"chapter-{chapter.number:02d}-{file_stem(chapter.title)}.md"


def _front_matter(course: Course, title: str) -> str:
    fields = {
        "title": title,
        "course": course.title,
        "lang": course.brief.language,
        "author": course.author,
    }
    lines = [f"{name}: {escape.yaml(value)}" for name, value in fields.items()]
    return "---\n" + "\n".join(lines) + "\n---\n\n"


def _page(course: Course, title: str, body: str) -> str:
    return f"{_front_matter(course, title)}# {escape.line(title)}\n\n{body.strip()}\n"


def _readme(course: Course) -> str:
    parts: list[str] = []
    if course.outline and course.outline.description:
        parts.append(escape.paragraph(course.outline.description))
    contents = _contents(course) or ["No chapter is written yet."]
    parts.append("\n".join(["## Contents", "", *contents]))
    if course.suggestions:
        ideas = [
            f"- **{escape.line(item.topic)}** {escape.line(item.reason)}".rstrip()
            for item in course.suggestions
        ]
        parts.append("\n".join(["## What to learn next", "", *ideas]))
    if course.missing:
        gaps = [f"- `{piece.key}`: {escape.line(piece.reason)}" for piece in course.missing]
        parts.append("\n".join(["## Missing", "", *gaps]))
    credited = [f"- {_credit(source)}" for source in course.sources]
    parts.append("\n".join(["## Sources", "", *(credited or ["The author's own knowledge."])]))
    return _page(course, course.title, "\n\n".join(parts))


def _contents(course: Course) -> list[str]:
    """All planned chapters; those that are written are linked."""
    titles = (
        {chapter.number: chapter.title for chapter in course.outline.chapters}
        if (course.outline)
        else {}
    )
    lines = {number: f"{number}. {escape.line(title)}" for number, title in titles.items()}
    for chapter in course.chapters:
        link = f"[{escape.line(chapter.title)}]({_chapter_name(chapter)})"
        lines[chapter.number] = f"{chapter.number}. {link}"
    return [line for _, line in sorted(lines.items())]


def _credit(source: Source) -> str:
    parts = [escape.line(source.title)]
    if source.origin != source.title:
        address = _ADDRESS.fullmatch(source.origin)
        parts.append(f"<{source.origin}>" if address else escape.line(source.origin))
    parts += [escape.line(text) for text in (source.attribution, source.licence) if text]
    return ", ".join(part for part in parts if part)


def _chapter(course: Course, chapter: Chapter) -> str:
    parts: list[str] = []
    if chapter.objectives:
        parts.append("\n".join(["After this chapter you can:", "", *_list(chapter.objectives)]))
    parts.append(_body(course, chapter.sections))
    return _page(course, f"{chapter.number}. {chapter.title}", "\n\n".join(parts))


def _body(course: Course, sections: Sequence[Section]) -> str:
    """The sections with a footnote per block: where it comes from."""
    titles = {source.id: source.title for source in course.sources}
    parts: list[str] = []
    places: list[str] = []
    for section in sections:
        if section.heading:
            parts.append(f"## {escape.line(section.heading)}")
        for block in section.blocks:
            parts.append(escape.without_html(block.markdown))
            if block.citations:
                places.append("; ".join(_place(titles, item) for item in block.citations))
    if places:
        parts += ["---", "Sources, paragraph by paragraph:"]
        parts.append("\n".join(f"{number}. {place}" for number, place in enumerate(places, 1)))
    return "\n\n".join(parts)


def _place(titles: dict[UUID, str], citation: Citation) -> str:
    title = titles.get(citation.source_id, "a source")
    return escape.line(f"{title}, {citation.place}")


def _list(items: Iterable[str]) -> list[str]:
    return [f"- {escape.line(item)}" for item in items]


def _table(header: tuple[str, str], rows: Iterable[tuple[str, str]]) -> str:
    lines = [f"| {header[0]} | {header[1]} |", "| --- | --- |"]
    lines += [f"| {left} | {right} |" for left, right in rows]
    return "\n".join(lines)


def _glossary(course: Course) -> str:
    terms = sorted(course.glossary, key=lambda item: item.term.casefold())
    rows = [(_term(item.term), escape.cell(item.explanation)) for item in terms]
    return _table(("Term", "Meaning"), rows)


def _term(text: str) -> str:
    return escape.cell(escape.line(text))


def _flashcards(course: Course) -> str:
    rows = [(escape.cell(card.front), escape.cell(card.back)) for card in course.flashcards]
    return _table(("Front", "Back"), rows)


def _quiz(questions: Sequence[Mcq]) -> str:
    asked: list[str] = []
    answers: list[str] = []
    for number, question in enumerate(questions, 1):
        letters = [
            f"    - {chr(ord('A') + index)}: {escape.inline(option)}"
            for index, option in enumerate(question.options)
        ]
        asked.append("\n".join([f"{number}. {escape.inline(question.stem)}", "", *letters]))
        letter = chr(ord("A") + question.key)
        answers.append(f"{number}. **{letter}**. {escape.inline(question.explanation)}".rstrip())
    return "\n\n".join([*asked, "## Answers", "\n".join(answers)])
