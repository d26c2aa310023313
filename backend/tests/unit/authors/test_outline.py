import pytest

from coursewright.authors.extraction import outline
from coursewright.authors.extraction.analysis import Analyses
from coursewright.authors.extraction.languages import language_of
from coursewright.course.brief import Brief
from coursewright.course.errors import BadRequest, TooLittle
from coursewright.course.outline import Outline
from coursewright.course.sources import Material, PassageKind
from unit.authors.samples import GERMAN, MONEY, material, of_passages, passage

FLAT = "\n".join(line for line in MONEY.split("\n") if not line.startswith("#"))
FRENCH = "La cellule est une unité de la vie, et elle se trouve dans tous les êtres vivants. " * 30
RUSSIAN = "Клетка есть основа жизни, и она находится во всех живых существах на земле. " * 30


def plan(sources: Material, topic: str = "Money", **order: object) -> Outline:
    brief = Brief.model_validate({"topic": topic, **order})
    language = language_of(brief.language)
    return outline.write(brief, sources, Analyses().of_material(sources, language))


def test_headings_of_the_source_are_the_chapters() -> None:
    found = plan(material(MONEY))
    assert [chapter.title for chapter in found.chapters] == [
        "Money and prices",
        "Saving and lending",
        "Bonds and shares",
        "Insurance and tax",
    ]
    assert found.title == "Money"


def test_every_chapter_has_passages_objectives_and_a_summary_of_its_own() -> None:
    sources = material(MONEY)
    texts = {item.id: item for item in sources.passages}
    seen: set[object] = set()
    for chapter in plan(sources).chapters:
        assert chapter.passages
        assert not seen & set(chapter.passages)
        seen |= set(chapter.passages)
        assert any(chapter.summary in texts[item].text for item in chapter.passages)
        assert 2 <= len(chapter.objectives) <= 4
        assert len(set(chapter.objectives)) == len(chapter.objectives)
    prose = {item.id for item in sources.passages if item.kind.is_prose}
    assert seen == prose


def test_terms_of_the_same_head_are_told_apart() -> None:
    objectives = plan(material(MONEY)).chapters[3].objectives
    assert objectives[0] == "Distinguish progressive tax from flat tax"


@pytest.mark.parametrize("wanted", [1, 3, 4])
def test_as_many_chapters_as_were_asked_for(wanted: int) -> None:
    found = plan(material(MONEY), chapters=wanted)
    assert len(found.chapters) == wanted
    assert [chapter.number for chapter in found.chapters] == list(range(1, wanted + 1))


def test_a_short_text_does_not_carry_twenty_chapters() -> None:
    found = plan(material(MONEY), chapters=20)
    assert 4 <= len(found.chapters) <= 6


def test_text_without_headings_gets_titles_from_what_it_speaks_of() -> None:
    found = plan(material(FLAT), chapters=4)
    titles = [chapter.title for chapter in found.chapters]
    assert len(set(titles)) == len(titles) >= 3
    words = FLAT.lower()
    for title in titles:
        assert title.lower().split(" and ")[0] in words


def test_a_thin_chapter_is_joined_to_another() -> None:
    thin = MONEY + "\n## Thanks\nThanks go to all. And to you. This was it.\n"
    assert len(plan(material(thin)).chapters) == 4


def test_the_name_of_a_file_is_no_title() -> None:
    sources = material(MONEY, titles=("A short book",), origin="my-notes.md")
    assert plan(sources, topic="my notes").title == "A short book"
    assert plan(sources, topic="Coins").title == "Coins"


@pytest.mark.parametrize("title", ["word " * 60, "w" * 300, "# ", "¶", "   ", "😀"])
def test_a_strange_heading_or_topic_does_no_harm(title: str) -> None:
    text = MONEY.replace("## Money and prices", f"## {title}")
    found = plan(material(text), topic=f"x{title}"[:300])
    assert all(1 <= len(chapter.title) <= 200 for chapter in found.chapters)
    assert 1 <= len(found.title) <= 200
    assert not any("“”" in each for chapter in found.chapters for each in chapter.objectives)


def test_a_title_that_is_cut_is_cut_between_words() -> None:
    found = plan(material(MONEY), topic=" ".join(["banana"] * 40))
    assert found.title.endswith("banana…")


def test_chapters_with_the_same_heading_are_told_apart() -> None:
    text = MONEY.replace("## Insurance and tax", "## Money and prices")
    titles = [chapter.title for chapter in plan(material(text)).chapters]
    assert titles[0] == "Money and prices"
    assert titles[3] == "Money and prices (2)"


def test_several_sources_become_one_course() -> None:
    half = MONEY.index("## Bonds")
    found = plan(material(MONEY[:half], MONEY[half:], titles=("Banks", "Markets")))
    assert len(found.chapters) >= 3
    assert {title for chapter in found.chapters for title in chapter.title.split(" and ")}


@pytest.mark.parametrize(
    "sources",
    [
        Material(),
        material("## One\nA bond is a loan."),
        material("word " * 199),
        of_passages(passage("x = 1\n" * 500, PassageKind.CODE)),
        of_passages(passage("| a | b |\n" * 500, PassageKind.TABLE)),
    ],
    ids=["nothing", "a line", "199 words", "code", "a table"],
)
def test_too_little_text_is_refused_with_a_hint(sources: Material) -> None:
    with pytest.raises(TooLittle, match="at least 200") as caught:
        plan(sources)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("text", "asked", "name"),
    [
        (GERMAN * 6, "en", "German"),
        (FRENCH, "en", "French"),
        (MONEY, "de", "English"),
        (MONEY, "es-MX", "English"),
    ],
)
def test_a_source_in_another_language_is_refused_by_its_name(
    text: str, asked: str, name: str
) -> None:
    with pytest.raises(BadRequest, match=name) as caught:
        plan(material(text), language=asked)
    assert "--language" in caught.value.hint


def test_a_source_in_a_language_that_is_not_known_is_refused() -> None:
    with pytest.raises(BadRequest, match="do not seem to be in English") as caught:
        plan(material(RUSSIAN))
    assert caught.value.hint


def test_an_order_in_a_language_that_is_not_known_is_refused() -> None:
    with pytest.raises(BadRequest, match=r"'ja'.*English, German, French, Spanish") as caught:
        language_of("ja")
    assert caught.value.hint


def test_a_german_source_becomes_a_german_course() -> None:
    found = plan(material(GERMAN * 6), topic="Zellen", language="de")
    assert any("Osmose" in item for item in found.chapters[0].objectives)
