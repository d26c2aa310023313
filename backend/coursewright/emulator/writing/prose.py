"""Further paragraphs on what a text defines: they speak to the reader and add no claims.

Each begins with one of `knowledge.OPENERS`, so that whoever learns from a text knows them.
"""

from collections.abc import Iterator, Sequence

from coursewright.emulator.chance import Dice
from coursewright.emulator.writing.knowledge import Definition, Knowledge
from coursewright.emulator.writing.phrases import unmarked

_ON_TERM = (
    (
        "Put in everyday words, the expression “{term}” points to {meaning}. Whoever works on "
        "{title} meets it again and again, and a person who cannot say what it stands for has "
        "to guess the rest of the argument."
    ),
    (
        "Suppose a learner has forgotten the expression and remembers only this much: "
        "{meaning}. From there the way back to “{term}” is short, and walking it twice is "
        "better practice than reading the line a third time."
    ),
    (
        "Think of a case from your own experience, and test it against the words {meaning}. "
        "Where they fit, “{term}” is the right name; where they do not, say in one sentence "
        "which part is missing."
    ),
    (
        "Ask yourself what {title} would look like if nobody spoke of “{term}”. Then the "
        "thought of {meaning} would need a long detour each time, and two people could talk "
        "past each other for an hour."
    ),
    (
        "Try to explain “{term}” to somebody who has no knowledge of {topic}. Start with an "
        "example, let the other person find the common feature, and give the definition last: "
        "{meaning}."
    ),
    (
        "Look at “{term}” from the side of its purpose. The words {meaning} tell what belongs "
        "to it; the examples in this chapter tell why anybody took the trouble to name it."
    ),
)
_ON_PAIR = (
    (
        "Keep “{term}” and “{other}” apart. The first stands for {meaning}. The second stands "
        "for {other_meaning}. A mix-up of the two is a typical mistake in {title}, and it is "
        "found quickly when both are written side by side."
    ),
    (
        "Recall “{other}” when you read about “{term}”. Here the talk is of {meaning}; there it"
        " was of {other_meaning}. Both belong to {topic}, and each is easier to remember beside"
        " the other."
    ),
    (
        "Imagine a test with the expressions “{term}” and “{other}” on one side and two "
        "descriptions on the other: {meaning}, and {other_meaning}. A second of doubt means "
        "that the section is worth another look."
    ),
)
_ON_STATEMENT = (
    (
        "Note what stands behind this point. {statement} Say in your own words what would be "
        "different in {title} if it were not so, and where in {topic} the same thought returns."
    ),
    (
        "Look once more at one detail. {statement} It is easily read over, although a good part"
        " of {title} leans on it, and it makes a fine question to ask a fellow learner."
    ),
)


class Prose:
    """Paragraphs for one chapter, none twice."""

    def __init__(self, knowledge: Knowledge, title: str, topic: str, dice: Dice) -> None:
        self._all = knowledge.definitions
        self._title = title
        self._topic = topic or title
        self._dice = dice
        self._told: set[str] = set()

    def about(self, definitions: Sequence[Definition], statements: Sequence[str]) -> Iterator[str]:
        """Paragraphs on some definitions, in turn, then on statements, then on all definitions."""
        every = (definitions, statements), (self._all, ())
        for chosen, said in every:
            for made in self._about(chosen, said):
                if made not in self._told:
                    self._told.add(made)
                    yield made

    def _about(self, definitions: Sequence[Definition], statements: Sequence[str]) -> Iterator[str]:
        forms = self._dice.shuffled((*_ON_TERM, *_ON_PAIR))
        for turn in range(len(forms)):
            for place, definition in enumerate(definitions):
                form = forms[(turn + place) % len(forms)]
                made = self._filled(form, definition, turn)
                if made is not None:
                    yield made
        for form in self._dice.shuffled(_ON_STATEMENT):
            for statement in statements:
                yield form.format(
                    statement=unmarked(statement), title=self._title, topic=self._topic
                )

    def _filled(self, form: str, definition: Definition, turn: int) -> str | None:
        others = [each for each in self._all if each.term != definition.term]
        if "{other}" in form and not others:
            return None
        at = self._all.index(definition) if definition in self._all else 0
        other = others[(at + turn) % len(others)] if others else definition
        return form.format(
            term=definition.term,
            meaning=definition.brief,
            other=other.term,
            other_meaning=other.brief,
            title=self._title,
            topic=self._topic,
        )
