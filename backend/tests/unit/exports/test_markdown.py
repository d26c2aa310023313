import io
import re
import zipfile

import pytest
import yaml
from markdown_it import MarkdownIt

from coursewright.course.article import Suggestion
from coursewright.course.brief import Brief
from coursewright.course.chapter import Block, Chapter, Section
from coursewright.course.course import Course, CourseStatus, MissingPiece
from coursewright.course.sources import Source, SourceKind
from coursewright.exports import FORMATS
from coursewright.exports.markdown import files
from unit.course.samples import card, mcq, term
from unit.exports.samples import SOURCE, course, outline_only

EXPORT = FORMATS["markdown"].export
EVIL = "a | b < c > d & \"e\" 'f' \\ [g](javascript:h) *i* `j`\nk <script>alert(1)</script>"
_RENDERER = MarkdownIt("commonmark", {"html": True}).enable("table")


def opened(made: Course) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(EXPORT(made)))


def rows(page: str) -> list[list[str]]:
    """The cells of the page's table, as a reader sees them."""
    found: list[list[str]] = []
    within = False
    for token in _RENDERER.parse(page):
        if token.type == "tr_open":
            found.append([])
        elif token.type in {"td_open", "th_open"}:
            within = True
        elif token.type in {"td_close", "th_close"}:
            within = False
        elif within:
            found[-1].append("".join(child.content for child in token.children or ()))
    return found


def front_matter(page: str) -> dict[str, str]:
    match = re.match(r"---\n(.*?)\n---\n\n# ", page, re.DOTALL)
    assert match is not None
    return yaml.safe_load(match[1])


def test_the_zip_opens_tests_clean_and_is_compressed() -> None:
    archive = opened(course())
    assert archive.testzip() is None
    assert archive.namelist() == [
        "the-cell/README.md",
        "the-cell/chapter-01-the-cell.md",
        "the-cell/chapter-02-water.md",
        "the-cell/glossary.md",
        "the-cell/flashcards.md",
        "the-cell/quiz.md",
        "the-cell/article-deep_dive.md",
        "the-cell/article-key_takeaways.md",
        "the-cell/article-faq.md",
        "the-cell/script-short_podcast.md",
        "the-cell/script-full_lecture.md",
    ]
    for member in archive.infolist():
        assert member.compress_type == zipfile.ZIP_DEFLATED
        assert member.external_attr >> 16 == 0o644
        archive.read(member).decode("utf-8")


def test_the_same_course_gives_the_same_bytes() -> None:
    assert EXPORT(course()) == EXPORT(course())


@pytest.mark.parametrize(
    "title",
    [
        "../../etc/passwd",
        "a/b\\c",
        "😀",
        "x" * 300,
        "שלום עולם",
        "CON",
        "NUL",
        "a\nb",
        "\u202eevil",
    ],
)
def test_no_title_leads_out_of_the_folder_or_breaks_a_name(title: str) -> None:
    section = Section(blocks=(Block(markdown="Text."),))
    archive = opened(
        course(title=title, chapters=(Chapter(number=1, title=title, sections=(section,)),))
    )
    names = archive.namelist()
    assert len(set(names)) == len(names)
    assert len({name.partition("/")[0] for name in names}) == 1
    for name in names:
        assert re.fullmatch(r"[^/\\:*?\"<>|\x00-\x1f]+/[^/\\:*?\"<>|\x00-\x1f]+\.md", name)
        assert ".." not in name
        assert max(len(part.encode()) for part in name.split("/")) <= 120
    assert archive.testzip() is None


@pytest.mark.parametrize(
    "title", ["The cell", EVIL, '---\nevil: "yes"\n---', "# x: {y}", "\x85\u2028"]
)
def test_front_matter_is_yaml_whatever_the_title_is(title: str) -> None:
    made = course(title=title, brief=Brief(topic="Zellen", language="de"))
    for page in files(made).values():
        fields = front_matter(page)
        assert list(fields) == ["title", "course", "lang", "author"]
        assert fields["course"] == title
        assert fields["lang"] == "de"


def test_front_matter_is_followed_by_the_title_on_one_line() -> None:
    page = files(course(title="Cells\n*and* <b>"))["README.md"]
    assert "\n# Cells \\*and\\* \\<b>\n" in page


def test_links_of_the_contents_lead_to_files_that_are_there() -> None:
    found = files(course())
    links = re.findall(r"\]\(([^)]+)\)", found["README.md"])
    assert len(links) == 2
    assert set(links) <= set(found)


def test_terms_with_any_signs_do_not_break_the_table() -> None:
    made = course(glossary=(term(EVIL, EVIL), term("zygote", "one cell")))
    table = rows(files(made)["glossary.md"])
    assert [len(row) for row in table] == [2, 2, 2]
    assert table[0] == ["Term", "Meaning"]
    assert table[1][0] == EVIL.replace("\n", " ")
    assert table[2] == ["zygote", "one cell"]


def test_cards_keep_their_formulas() -> None:
    made = course(flashcards=(card(front="What is $|x|$?", back="The size of $\\alpha$"),))
    page = files(made)["flashcards.md"]
    assert "| What is $\\vert x\\vert $? | The size of $\\alpha$ |" in page


def test_no_page_has_html_that_a_browser_would_run() -> None:
    section = Section(heading=EVIL, blocks=(Block(markdown=EVIL),))
    options = tuple(f"{letter} {EVIL}" for letter in "wxyz")
    made = course(
        title=EVIL,
        chapters=(Chapter(number=1, title=EVIL, objectives=(EVIL,), sections=(section,)),),
        glossary=(term(EVIL, EVIL),),
        flashcards=(card(front=EVIL, back=EVIL),),
        mcqs=(mcq(stem=EVIL, options=options, explanation=EVIL),),
        suggestions=(Suggestion(topic=EVIL, reason=EVIL),),
        sources=(SOURCE.model_copy(update={"title": EVIL, "licence": EVIL}),),
        missing=(MissingPiece(key="word_games", reason=EVIL),),
    )
    for name, page in files(made).items():
        kinds = {
            each.type
            for token in _RENDERER.parse(page.partition("\n---\n")[2])
            for each in (token, *(token.children or ()))
        }
        assert not kinds & {"html_inline", "html_block"}, name


def test_each_question_has_its_options_in_a_list_and_its_answer_below() -> None:
    page = files(course())["quiz.md"]
    questions, _, answers = page.partition("## Answers")
    assert "1. Where does a cell keep its DNA?" in questions
    assert "    - A: Nucleus\n    - B: Vacuole\n    - C: Membrane\n    - D: Wall" in questions
    assert "1. **A**. The nucleus keeps the DNA." in answers
    html = str(_RENDERER.render(page.partition("\n---\n")[2]))
    assert html.count("<ol") == 2
    assert html.count("<li>") == 3 * 5 + 3


@pytest.mark.parametrize("key", [0, 1, 2, 3])
def test_the_right_answer_is_marked_by_its_letter(key: int) -> None:
    page = files(course(mcqs=(mcq(key=key),)))["quiz.md"]
    letter = "ABCD"[key]
    assert f"1. **{letter}**." in page.partition("## Answers")[2]
    assert f"- {letter}: {mcq(key=key).answer}" in page


def test_sources_are_credited_with_their_licence() -> None:
    page = files(course())["README.md"]
    assert (
        "- The cell in brief, <https://example.org/cell_book>, A. N. Author, CC BY-SA 4.0" in page
    )


def test_a_source_without_a_licence_is_named_all_the_same() -> None:
    bare = Source(id=SOURCE.id, kind=SourceKind.FILE, title="my_notes_.md", origin="my_notes_.md")
    page = files(course(sources=(bare,)))["README.md"]
    assert "- my_notes\\_.md\n" in page
    assert "The author's own knowledge" in files(outline_only())["README.md"]


def test_every_cited_paragraph_says_where_it_comes_from() -> None:
    page = files(course())["chapter-02-water.md"]
    assert "1. The cell in brief, Parts > paragraph 3" in page.replace(
        ", paragraph", " > paragraph"
    )
    assert "- Explain what osmosis is" in page
    gone = files(course(sources=()))["chapter-02-water.md"]
    assert "1. a source, Parts, paragraph 3" in gone


def test_a_course_with_missing_pieces_says_so() -> None:
    made = course(
        status=CourseStatus.INCOMPLETE,
        chapters=course().chapters[:1],
        mcqs=(),
        missing=(
            MissingPiece(key="chapter/2", reason="the model\ndid not answer"),
            MissingPiece(key="mcqs/1", reason="too few questions"),
        ),
    )
    found = files(made)
    assert "quiz.md" not in found
    assert (
        "## Missing\n\n- `chapter/2`: the model did not answer\n- `mcqs/1`: too few questions"
        in found["README.md"]
    )
    assert "1. [The cell](chapter-01-the-cell.md)\n2. Water\n" in found["README.md"]


def test_a_course_with_nothing_but_an_outline_is_one_page() -> None:
    found = files(outline_only())
    assert list(found) == ["README.md"]
    assert "What cells are." in found["README.md"]
    assert "1. The cell\n2. Water\n" in found["README.md"]
    assert opened(outline_only()).testzip() is None


def test_a_course_with_nothing_at_all_is_one_page() -> None:
    found = files(outline_only(outline=None, status=CourseStatus.FAILED))
    assert list(found) == ["README.md"]
    assert "No chapter is written yet." in found["README.md"]


def test_what_a_script_says_is_text() -> None:
    (script, *_) = course().audio_scripts
    spoken = script.model_copy(
        update={"paragraphs": (Block(markdown="1. One"), Block(markdown="# Two *three*"))}
    )
    page = files(course(audio_scripts=(spoken,)))["script-short_podcast.md"]
    assert page.endswith("\n\n1\\. One\n\n\\# Two \\*three\\*\n")
