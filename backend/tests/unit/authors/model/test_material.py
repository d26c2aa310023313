from uuid import UUID

from coursewright.authors.prompting.blocks import blocks_of
from coursewright.authors.prompting.digest import digest, shares, whole
from coursewright.authors.prompting.material import (
    CHAPTER_WORDS,
    OUTLINE_WORDS,
    passages_for,
    sections_of,
    shown_passages,
    shown_sections,
)
from coursewright.course.sources import PassageKind
from unit.authors.model.pieces import TEXTS, chapter, material, passage, plan

PARAGRAPH = " ".join(f"word{number}" for number in range(50))


def test_a_book_of_three_hundred_pages_fits_into_the_prompt_of_an_outline() -> None:
    book = material(*(passage(n, PARAGRAPH, "Book", f"Section {n // 8}") for n in range(1, 2_400)))
    shown = shown_sections(sections_of(book))
    assert sum(len(each.text.split()) for each in shown) < 1.2 * OUTLINE_WORDS
    assert all(each.text for each in shown)


def test_a_heading_above_each_line_does_not_make_the_prompt_larger() -> None:
    book = material(*(passage(n, PARAGRAPH, f"Heading {n}") for n in range(1, 4_000)))
    sections = sections_of(book)
    assert len(sections) <= 400
    assert sum(len(each.text.split()) for each in shown_sections(sections)) < 1.2 * OUTLINE_WORDS


def test_every_passage_but_headings_belongs_to_one_section() -> None:
    heading = passage(1, "Yeast").model_copy(update={"kind": PassageKind.HEADING})
    parts = [passage(n, text, "Dough") for n, text in enumerate(TEXTS, start=2)]
    sections = sections_of(material(heading, *parts))
    assert [each.number for each in sections] == list(range(1, len(sections) + 1))
    assert [each.id for section in sections for each in section.passages] == [p.id for p in parts]
    assert sections_of(material()) == ()


def test_a_chapter_gets_what_its_plan_names_in_the_order_of_the_text() -> None:
    parts = [passage(n, text) for n, text in enumerate(TEXTS, start=1)]
    wanted = plan(passages=(parts[2].id, parts[0].id))
    assert passages_for(wanted, material(*parts)) == (parts[0], parts[2])


def test_where_the_plan_names_nothing_a_chapter_gets_what_speaks_of_the_same() -> None:
    about = passage(2, "Gluten is a network of proteins. Yeast makes gas.")
    parts = [passage(1, "Coins are struck in mints."), about, passage(3, "Ships sail.")]
    assert passages_for(plan(), material(*parts)) == (about,)
    unknown = plan(passages=(UUID(int=5),))
    assert passages_for(unknown, material(*parts)) == (about,)


def test_too_much_for_a_prompt_is_cut_to_what_fits_best() -> None:
    parts = [passage(n, f"{PARAGRAPH} yeast gluten {n}") for n in range(1, 400)]
    wanted = plan(passages=tuple(each.id for each in parts))
    found = passages_for(wanted, material(*parts))
    assert 0 < sum(len(each.text.split()) for each in found) <= CHAPTER_WORDS
    assert list(found) == sorted(found, key=lambda each: each.place.paragraph)


def test_one_endless_paragraph_is_shown_from_its_beginning() -> None:
    endless = passage(1, " ".join(["dough"] * 40_000))
    (shown,) = shown_passages([endless])
    assert len(shown.text.split()) <= CHAPTER_WORDS + 1
    assert shown.text.endswith("...")
    assert passages_for(plan(passages=(endless.id,)), material(endless))


def test_a_digest_holds_the_beginning_of_each_section_and_a_whole_chapter_all() -> None:
    long = chapter(1, tuple(" ".join([text] * 30) for text in TEXTS))
    short = digest(long, 200).text
    assert len(short.split()) < 400
    assert "## More" in short
    assert whole(long).text == long.markdown.strip()
    assert digest(chapter(), 5_000).text == chapter().markdown.strip()
    assert digest(long, 0).text


CHINESE = "酵母把糖变成气体和酒精，面筋把气体留在面团里。" * 20


def test_sources_and_chapters_without_spaces_between_words_fit_into_prompts_as_well() -> None:
    book = material(*(passage(n, CHINESE, f"Section {n // 8}") for n in range(1, 400)))
    shown = shown_sections(sections_of(book))
    assert sum(len(each.text) for each in shown) < 1.5 * OUTLINE_WORDS
    passages = passages_for(plan(passages=tuple(p.id for p in book.passages)), book)
    assert sum(len(each.text) for each in shown_passages(passages)) < 1.5 * CHAPTER_WORDS
    long = chapter(texts=(CHINESE,) * 3)
    assert len(digest(long, 300).text) < 600


def test_a_chapter_in_parts_loses_nothing() -> None:
    whole_one = chapter(texts=tuple(f"{PARAGRAPH} {number}" for number in range(9)))
    for count in (1, 2, 3, 40):
        parts = shares(whole_one, count)
        assert 1 <= len(parts) <= count
        assert [b for part in parts for b in part.blocks] == list(whole_one.blocks)
        assert max(part.words for part in parts) <= whole_one.words / count + 70
    assert shares(whole_one, 1)[0] == whole_one


def test_without_spaces_between_words_passages_are_found_and_cited_as_well() -> None:
    texts = (
        "酵母把糖变成气体和酒精，面团因此膨胀。",
        "盐减慢酵母的活动，并使面筋更加结实。",
        "烤箱里的蒸汽让面包皮保持柔软。",
    )
    sources = material(*(passage(n, text * 20) for n, text in enumerate(texts * 9, start=1)))
    planned = plan(title="盐", summary="盐和面筋", objectives=("说明盐的作用",))
    found = passages_for(planned, sources)
    assert len(found) >= 9
    assert {text for text in texts if text * 20 in {each.text for each in found}} >= {texts[1]}
    (cites,) = [block.citations for block in blocks_of("盐使面筋结实，减慢酵母。", (), found)]
    assert cites
    (cites,) = [block.citations for block in blocks_of("法国大革命始于一七八九年。", (), found)]
    assert not cites
