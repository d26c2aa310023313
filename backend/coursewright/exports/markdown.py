"""A course as Markdown files in a zip: one per chapter, the rest beside them."""

import io
import json
import zipfile
from collections.abc import Iterable, Sequence
from uuid import UUID

from coursewright.course.chapter import Chapter, Section
from coursewright.course.citation import Citation
from coursewright.course.course import Course
from coursewright.course.sources import Source
from coursewright.course.study import Mcq
from coursewright.exports.format import file_stem

_TIME = (1980, 1, 1, 0, 0, 0)
"""The oldest that a zip can hold: the same course gives the same bytes."""


def export(course: Course) -> bytes:
    """The zip. Every file begins with YAML front matter; links between files are relative."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files(course).items():
            archive.writestr(zipfile.ZipInfo(f"{file_stem(course.title)}/{name}", _TIME), text)
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
        found[f"script-{script.audio_type}.md"] = _page(course, script.title, script.text)
    return found


def _chapter_name(chapter: Chapter) -> str:
    return f"chapter-{chapter.number:02d}-{file_stem(chapter.title)}.md"


def _front_matter(course: Course, title: str) -> str:
    # JSON strings are YAML strings: nothing in a title can break out of them.
    fields = {
        "title": title,
        "course": course.title,
        "lang": course.brief.language,
        "author": course.author,
    }
    lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in fields.items()]
    return "---\n" + "\n".join(lines) + "\n---\n\n"


def _page(course: Course, title: str, body: str) -> str:
    return f"{_front_matter(course, title)}# {title}\n\n{body.strip()}\n"


def _readme(course: Course) -> str:
    parts: list[str] = []
    if course.outline and course.outline.description:
        parts.append(course.outline.description)
    contents = [
        f"{chapter.number}. [{_cell(chapter.title)}]({_chapter_name(chapter)})"
        for chapter in course.chapters
    ]
    parts.append("\n".join(["## Contents", "", *contents]))
    if course.suggestions:
        ideas = [f"- **{_cell(item.topic)}** {item.reason}".rstrip() for item in course.suggestions]
        parts.append("\n".join(["## What to learn next", "", *ideas]))
    if course.missing:
        gaps = [f"- `{piece.key}`: {piece.reason}" for piece in course.missing]
        parts.append("\n".join(["## Missing", "", *gaps]))
    credited = [f"- {_credit(source)}" for source in course.sources]
    parts.append("\n".join(["## Sources", "", *(credited or ["The author's own knowledge."])]))
    return _page(course, course.title, "\n\n".join(parts))


def _credit(source: Source) -> str:
    parts = [source.title]
    if source.origin != source.title:
        parts.append(source.origin)
    parts += [text for text in (source.attribution, source.licence) if text]
    return ", ".join(parts)


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
            parts.append(f"## {section.heading}")
        for block in section.blocks:
            parts.append(block.markdown)
            if block.citations:
                places.append("; ".join(_place(titles, item) for item in block.citations))
    if places:
        parts += ["---", "Sources, paragraph by paragraph:"]
        parts.append("\n".join(f"{number}. {place}" for number, place in enumerate(places, 1)))
    return "\n\n".join(parts)


def _place(titles: dict[UUID, str], citation: Citation) -> str:
    return f"{titles.get(citation.source_id, 'a source')}, {citation.place}"


def _list(items: Iterable[str]) -> list[str]:
    return [f"- {item}" for item in items]


def _cell(text: str) -> str:
    """For a table's cell or a link's text: one line, no bar or bracket that would end it."""
    line = " ".join(text.split())
    return line.replace("\\", "\\\\").replace("|", "\\|").replace("[", "\\[").replace("]", "\\]")


def _table(header: tuple[str, str], rows: Iterable[tuple[str, str]]) -> str:
    lines = [f"| {header[0]} | {header[1]} |", "| --- | --- |"]
    lines += [f"| {_cell(left)} | {_cell(right)} |" for left, right in rows]
    return "\n".join(lines)


def _glossary(course: Course) -> str:
    terms = sorted(course.glossary, key=lambda item: item.term.casefold())
    return _table(("Term", "Meaning"), [(item.term, item.explanation) for item in terms])


def _flashcards(course: Course) -> str:
    return _table(("Front", "Back"), [(card.front, card.back) for card in course.flashcards])


def _quiz(questions: Sequence[Mcq]) -> str:
    asked: list[str] = []
    answers: list[str] = []
    for number, question in enumerate(questions, 1):
        letters = [
            f"   {chr(ord('A') + index)}. {_cell(option)}"
            for index, option in enumerate(question.options)
        ]
        asked.append("\n".join([f"{number}. {question.stem}", "", *letters]))
        letter = chr(ord("A") + question.key)
        answers.append(f"{number}. **{letter}**. {question.explanation}".rstrip())
    return "\n\n".join([*asked, "## Answers", "\n".join(answers)])
