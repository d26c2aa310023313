from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from coursewright.authors.prompting.blocks import split
from coursewright.course.chapter import Block
from coursewright.course.citation import Citation
from coursewright.course.rewriting import rewritten
from coursewright.course.sources import Place

LIST = "- one\n- two"
CODE = "```\nfirst\n\nlast\n```"
FORMULA = "$$\nx\n\ny\n$$"


def block(markdown: str, number: int) -> Block:
    citation = Citation(source_id=UUID(int=1), passage_id=UUID(int=number), place=Place())
    return Block(markdown=markdown, citations=(citation,))


def blocks(*texts: str) -> list[Block]:
    return [block(text, number) for number, text in enumerate(texts, start=1)]


def test_what_is_unchanged_is_what_it_was_wherever_it_stands() -> None:
    before = blocks("One.", LIST, "- three", CODE, FORMULA)
    text = "\n\n".join(each.markdown for each in before)

    assert rewritten(before, [text], split) == [tuple(before)]
    back = "\n\n".join(each.markdown for each in reversed(before))
    assert rewritten(before, [back], split) == [tuple(reversed(before))]
    assert rewritten(before, ["One.", f"{CODE}\n\n\n{LIST}\n"], split) == [
        (before[0],),
        (before[3], before[1]),
    ]


def test_what_is_new_says_so_and_cites_nothing() -> None:
    before = blocks("One.", "Two.")
    ((first, new, last),) = rewritten(before, ["One.\n\nOne and a half.\n\nTwo."], split)
    assert (first, last) == (before[0], before[1])
    assert new == Block(markdown="One and a half.", edited=True)


def test_a_block_that_is_copied_is_the_old_one_once() -> None:
    before = blocks("One.")
    ((first, second),) = rewritten(before, ["One.\n\nOne."], split)
    assert first == before[0]
    assert second == Block(markdown="One.", edited=True)


def test_text_in_a_fence_is_not_the_block_that_it_looks_like() -> None:
    before = blocks("One.")
    ((only,),) = rewritten(before, ["```\n\nOne.\n\n```"], split)
    assert only.edited
    assert only.markdown == "```\n\nOne.\n\n```"


def test_what_cutting_would_lose_stays_in_one_block() -> None:
    text = "See [here].\n\n[here]: https://example.org"
    assert rewritten([], [text], split) == [(Block(markdown=text, edited=True),)]


def test_a_heading_in_a_section_is_moved_down() -> None:
    ((heading, text),) = rewritten([], ["# Big\n\nText."], split)
    assert heading.markdown == "### Big"
    assert text.markdown == "Text."


PARTS = st.sampled_from(
    ["One.", "Two words.", LIST, "1. a\n2. b", CODE, FORMULA, "> said", "| a |\n|---|\n| b |"]
)


@given(st.lists(PARTS, min_size=1, max_size=6), st.lists(PARTS, max_size=4))
def test_no_word_is_lost_and_no_block_is_kept_twice(old: list[str], new: list[str]) -> None:
    before = blocks(*old)
    text = "\n\n".join([*old, *new])
    (after,) = rewritten(before, [text], split)

    said = "".join("".join(each.markdown.split()) for each in after)
    assert said == "".join(text.split())
    kept = [each.citations for each in after if not each.edited]
    assert len(set(kept)) == len(kept)
    assert all(not each.citations for each in after if each.edited)
