"""The rules for flashcards and for glossary terms."""

from coursewright.course.review.asking import asks
from coursewright.course.review.rule import Context, Rule, content_stems
from coursewright.course.review.sameness import (
    gives_away,
    is_unspaced,
    say_the_same,
    stems_stand_in,
)
from coursewright.course.review.text_rules import quoted, unsafe
from coursewright.course.study import GAP, Flashcard, GlossaryTerm

MOST_BACK_WORDS = 60
_MOST_FRONT_WORDS, _TERM_WORDS, _MOST_SENTENCES = 60, 8, 3
_MOST_TERM_WORDS = 7
_DEFINITION_WORDS = (2, 80)
_TERM_CHARACTERS, _MOST_CHARACTERS, _MOST_DEFINITION = 80, 600, 800
"""A line; and 60 and 80 long words, for scripts without spaces and words without end."""
_LEAST_CHARACTERS, _LEAST_UNSPACED = 10, 4


def _front(card: Flashcard, context: Context) -> str | None:
    words = len(card.front.split())
    if not words:
        return "the front is empty"
    if words > _MOST_FRONT_WORDS or len(card.front) > _MOST_CHARACTERS:
        return f"the front has {words} words and {len(card.front)} characters"
    if asks(card.front, context.language) or GAP in card.front:
        return None
    if words <= _TERM_WORDS and len(card.front) <= _TERM_CHARACTERS:
        return None
    return "the front is neither a question nor a term nor a sentence with a gap"


def _back(card: Flashcard, _: Context) -> str | None:
    words = len(card.back.split())
    if not words:
        return "the back is empty"
    if words > MOST_BACK_WORDS or len(card.back) > _MOST_CHARACTERS:
        return f"the back has {words} words and {len(card.back)} characters"
    return None


def _one_idea(card: Flashcard, _: Context) -> str | None:
    sentences = 1 + sum(
        card.back.rstrip("。！？").count(mark)
        for mark in (". ", "? ", "! ", "; ", "\n", "。", "！", "？")
    )
    return "the back holds more than one idea" if sentences > _MOST_SENTENCES else None


def _gives_itself_away(card: Flashcard, context: Context) -> str | None:
    if gives_away(card.back, card.front) or say_the_same(card.front, card.back):
        return "the front says what the back says"
    content = content_stems(card.back, context)
    if len(content) > 2 and content <= content_stems(card.front, context):  # noqa: PLR2004 - two may meet by chance
        return "the front says what the back says"
    return None


def _card_plain(card: Flashcard, _: Context) -> str | None:
    return unsafe(card.front, card.back)


def _without_term(item: GlossaryTerm, _: Context) -> str | None:
    if stems_stand_in(item.term, item.definition):
        return "the definition uses the term itself"
    return None


def _term_bounds(item: GlossaryTerm, _: Context) -> str | None:
    if not any(char.isalpha() for char in item.term):
        return "the term has no letter"
    if len(item.term.split()) > _MOST_TERM_WORDS or len(item.term) > _TERM_CHARACTERS:
        return "the term is too long"
    least, most = _DEFINITION_WORDS
    words = len(item.definition.split())
    # Languages that write without spaces have no words to count.
    fewest = _LEAST_UNSPACED if is_unspaced(item.definition) else _LEAST_CHARACTERS
    if not words or (words < least and len(item.definition) < fewest):
        return f"the definition has {words} words"
    if words > most or len(item.definition) > _MOST_DEFINITION:
        return f"the definition has {words} words"
    return None


def _term_plain(item: GlossaryTerm, _: Context) -> str | None:
    return unsafe(item.term, item.definition)


CARD_RULES: tuple[Rule[Flashcard], ...] = (
    Rule(name="card-plain-text", title="Nothing hidden, nothing that runs", check=_card_plain,
         why="What a model or a document wrote is never trusted as markup."),
    Rule(name="card-front", title="The front is a question, a term or has a gap", check=_front,
         why="It has to be clear what is to be recalled."),
    Rule(name="card-back", title="The back has at most 60 words", check=_back,
         why="What is long is recognised, not recalled."),
    Rule(name="card-one-idea", title="One idea a card", check=_one_idea,
         why="A card that is half known is rated wrongly, and comes back at the wrong time."),
    Rule(name="card-gives-itself-away", title="The front does not say the back", check=_gives_itself_away,
         why="Then there is nothing to recall."),
    Rule(name="card-quotation", title="The words it rests on stand in the chapter", check=quoted,
         why="Nobody can learn what the chapter never said."),
)  # fmt: skip
TERM_RULES: tuple[Rule[GlossaryTerm], ...] = (
    Rule(name="term-plain-text", title="Nothing hidden, nothing that runs", check=_term_plain,
         why="What a model or a document wrote is never trusted as markup."),
    Rule(name="term-bounds", title="Term and definition have a sensible length", check=_term_bounds,
         why="They are read at a glance, and in the word games."),
    Rule(name="term-in-definition", title="The definition does without the term", check=_without_term,
         why="A circle explains nothing, and gives the games away."),
    Rule(name="term-quotation", title="The words it rests on stand in the chapter", check=quoted,
         why="Nobody can learn what the chapter never said."),
)  # fmt: skip
