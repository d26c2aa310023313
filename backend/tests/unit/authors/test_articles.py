import re

import pytest

from coursewright.authors.extraction import articles, chapters, outline, scripts, study, suggestions
from coursewright.authors.extraction.analysis import Analyses
from coursewright.authors.extraction.text import plain, stems
from coursewright.course.article import ArticleType, AudioType
from coursewright.course.brief import Brief
from coursewright.course.chapter import Block, Chapter, Section
from coursewright.course.errors import TooLittle
from coursewright.course.outline import Outline, OutlineChapter
from unit.authors.samples import ENGLISH, MONEY, material

SOURCES, ANALYSES = material(MONEY), Analyses()
PLAN = outline.write(Brief(topic="Money"), SOURCES, ANALYSES.of_material(SOURCES, ENGLISH))
CHAPTERS = tuple(
    chapters.write(Brief(topic="Money"), PLAN, planned.number, SOURCES, ENGLISH)
    for planned in PLAN.chapters
)
COURSE = ANALYSES.of_chapters(CHAPTERS, ENGLISH)
SENTENCES = {sentence.text for sentence in COURSE.sentences}
_MARKDOWN = re.compile(r"[*`$#\\|<>{}\[\]]|^- |^\d+\. ", re.MULTILINE)


def chapter_of(*blocks: str, title: str = "Only one", number: int = 1) -> Chapter:
    section = Section(blocks=tuple(Block(markdown=text) for text in blocks))
    return Chapter(number=number, title=title, sections=(section,))


def plan_of(title: str) -> Outline:
    return Outline(title=title, chapters=(OutlineChapter(number=1, title="x"),))


@pytest.mark.parametrize("kind", ArticleType)
def test_an_article_says_only_what_the_chapters_say_and_cites_it(kind: ArticleType) -> None:
    article = articles.write(kind, CHAPTERS, ANALYSES, ENGLISH)
    assert article.article_type is kind
    said = " ".join(sorted(SENTENCES))
    for section in article.sections:
        assert section.heading
        for block in section.blocks:
            assert block.citations
            for line in block.markdown.split("\n"):
                text = plain(line)
                for sentence in re.split(r"(?<=\.) (?=[A-Z])", text):
                    assert sentence in said


def test_takeaways_are_a_few_sentences_of_each_chapter() -> None:
    article = articles.write(ArticleType.KEY_TAKEAWAYS, CHAPTERS, ANALYSES, ENGLISH)
    assert [section.heading for section in article.sections] == [each.title for each in CHAPTERS]
    for section in article.sections:
        lines = section.blocks[0].markdown.split("\n")
        assert 1 <= len(lines) <= 4
        assert len(set(lines)) == len(lines)


def test_questions_are_asked_once_and_are_questions() -> None:
    article = articles.write(ArticleType.FAQ, CHAPTERS, ANALYSES, ENGLISH)
    headings = [section.heading for section in article.sections]
    assert 3 <= len(headings) <= 12
    assert len(set(headings)) == len(headings)
    assert all(heading.endswith("?") for heading in headings)


def test_a_deep_dive_follows_terms_through_the_course() -> None:
    article = articles.write(ArticleType.DEEP_DIVE, CHAPTERS, ANALYSES, ENGLISH)
    blocks = [block for section in article.sections for block in section.blocks]
    assert len(blocks) == len(set(blocks))
    for section in article.sections:
        assert len(section.blocks) >= 2
        for block in section.blocks:
            assert stems(section.heading)[-1] in stems(plain(block.markdown))


@pytest.mark.parametrize("kind", ArticleType)
def test_chapters_without_sentences_carry_no_article(kind: ArticleType) -> None:
    with pytest.raises(TooLittle) as caught:
        articles.write(kind, (chapter_of("```\nx = 1\n```"),), Analyses(), ENGLISH)
    assert caught.value.hint


@pytest.mark.parametrize("kind", AudioType)
def test_a_script_is_plain_speech_out_of_the_chapters(kind: AudioType) -> None:
    script = scripts.write(kind, PLAN, CHAPTERS, ANALYSES, ENGLISH)
    assert not _MARKDOWN.search(script.text)
    spoken = [block for block in script.paragraphs if block.citations]
    said = " ".join(sorted(SENTENCES))
    for block in spoken:
        for sentence in re.split(r"(?<=\.) (?=[A-Z])", block.markdown):
            assert sentence in said
    for chapter in CHAPTERS:
        assert any(chapter.title in block.markdown for block in script.paragraphs)


def test_a_short_podcast_is_shorter_than_a_lecture_and_keeps_to_its_minutes() -> None:
    many = tuple(
        chapter_of(
            *(
                f"The number {number} of part {part} is a figure that merchants of town {n} know."
                for n in range(60)
            ),
            number=number,
            title=f"Part {number}",
        )
        for number in range(1, 9)
        for part in [number]
    )
    short = scripts.write(AudioType.SHORT_PODCAST, plan_of("T"), many, ANALYSES, ENGLISH)
    long = scripts.write(AudioType.FULL_LECTURE, plan_of("T"), many, ANALYSES, ENGLISH)
    assert 600 <= len(short.text.split()) <= 900
    assert 2400 <= len(long.text.split()) <= 3300


def test_code_formulas_and_tables_are_not_read_out() -> None:
    chapter = chapter_of(
        "Money goes from hand to hand in the town. The sum is $a + b$ for each of them.",
        "```\nprint(1)\n```",
        "| a | b |\n| --- | --- |\n| 1 | 2 |",
        "$$\na^2\n$$",
        "Call \\`map\\` on the list of all names. It costs 3 coins for every single buyer.",
    )
    script = scripts.write(AudioType.FULL_LECTURE, plan_of("Money"), (chapter,), ANALYSES, ENGLISH)
    assert "hand to hand" in script.text
    assert "3 coins" in script.text
    assert not _MARKDOWN.search(script.text)
    assert "print" not in script.text
    assert "map" not in script.text


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("What is money?", "First: What is money?"),
        ("Stop!", "First: Stop!"),
        ("Money", "First: Money."),
        ("The `map` of **C#**", "First: The map of C#."),
        ("The length $|x|$", "First: The length x."),
    ],
)
def test_a_title_is_spoken_as_one_would_say_it(title: str, expected: str) -> None:
    chapter = chapter_of("Money goes from hand to hand in the town.", title=title)
    script = scripts.write(AudioType.SHORT_PODCAST, plan_of(title), (chapter,), Analyses(), ENGLISH)
    assert script.paragraphs[1].markdown == expected
    assert not _MARKDOWN.search(script.text.replace("C#", ""))


def test_what_cannot_be_read_aloud_is_no_script() -> None:
    with pytest.raises(TooLittle, match="read aloud") as caught:
        scripts.write(
            AudioType.SHORT_PODCAST,
            plan_of("x"),
            (chapter_of("```\nx = 1\n```"),),
            Analyses(),
            ENGLISH,
        )
    assert caught.value.hint


def test_suggestions_are_three_to_six_topics_that_the_course_does_not_explain() -> None:
    terms = study.glossary(CHAPTERS[0], COURSE, COURSE)
    found = suggestions.write(PLAN, terms, COURSE)
    assert 3 <= len(found) <= 6
    assert len({item.topic for item in found}) == len(found)
    explained = {item.term.lower() for item in terms}
    for item in found:
        assert item.reason
        assert item.topic.lower() not in explained


def test_a_poor_course_still_suggests_its_own_chapters() -> None:
    empty = ANALYSES.of_chapters((chapter_of("Money."),), ENGLISH)
    found = suggestions.write(PLAN, (), empty)
    assert [item.topic for item in found] == [
        f"{each.title} in depth" for each in sorted(PLAN.chapters, key=lambda c: -len(c.passages))
    ][:3]
