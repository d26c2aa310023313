"""Cards are judged in the language of their course."""

import pytest

from coursewright.authors.author import Written
from coursewright.course.brief import Brief
from coursewright.course.errors import TooLittle
from coursewright.course.sources import Material
from coursewright.course.study import Flashcard
from coursewright.generation.flashcards import generate_flashcards
from unit.course.samples import CHAPTER, card

GREEK = "Ποια είναι η ακριβής λειτουργία των μιτοχονδρίων μέσα στο ζωντανό κύτταρο;"
"""A question of ten words; the mark looks like a semicolon."""


class Author:
    """Writes one card."""

    async def flashcards(self, *_: object) -> Written[tuple[Flashcard, ...]]:
        return Written(value=(card(front=GREEK, back="Απελευθερώνουν την ενέργεια."),))


async def test_a_question_of_the_courses_language_is_a_question() -> None:
    author, material = Author(), Material(sources=(), passages=())
    greek = Brief(topic="The cell", language="el")
    made = await generate_flashcards(author, greek, CHAPTER, material)  # pyright: ignore[reportArgumentType] - all that is called
    assert [each.front for each in made.value] == [GREEK]
    with pytest.raises(TooLittle, match="card-front"):
        await generate_flashcards(author, Brief(topic="The cell"), CHAPTER, material)  # pyright: ignore[reportArgumentType] - as above
