"""What a text says: definitions, sentences that use a term, sentences that can lose a word."""

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache

from coursewright.emulator.writing.phrases import canonical, capital, shorten, unmarked, words

GAP = "____"
OPENERS = ("Put", "Think", "Suppose", "Keep", "Recall", "Imagine", "Look", "Ask", "Try", "Note")
"""Paragraphs that begin like this speak to the reader and state no fact of their own."""
_OPENINGS = tuple([word] for word in OPENERS)
_MOST_TERM_WORDS, _MOST_MEANING = 5, 26
_LEAST_SENTENCE, _MOST_SENTENCE = 7, 34
_LEAST_WORD = 7
_MARKING = 3
_NO_PROSE = re.compile(r"^\s*(?:[-*+|>](?!\*)|\d+[.)]\s|`{3}|~{3}|\$\$|#)")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-ZÀ-Þ0-9\"“*(])")
_MARKED = re.compile(
    r"^(?P<article>An? |The )?\*\*(?P<term>[^*]{1,80})\*\* (?P<verb>is|are|was|were) "
    r"(?P<meaning>.+)[.]$",
    re.DOTALL,
)
_PLAIN = re.compile(
    r"^(?P<article>An? |The )?(?P<term>[^\W\d_][\w'’-]*(?: [^\W\d_][\w'’-]*){0,4}?)"
    r" (?P<verb>is|are|was|were) (?P<meaning>(?:an?|the|any|one|every) .+)[.]$",
    re.DOTALL,
)
_NO_TERM = {
    "it", "this", "that", "these", "those", "they", "there", "he", "she", "which", "what", "and",
    "or", "in", "on", "at", "for", "with", "from", "by", "who", "when", "where", "whose", "between",
    "if", "as", "because", "its", "their", "his", "her", "some", "many", "most", "each", "both",
    "another", "other", "behind", "under", "over",
}  # fmt: skip
_AFTER_ARTICLE = re.compile(rf"\ban? {GAP}", re.IGNORECASE)
"""`a` or `an` would tell how the missing word begins."""
_CAUTION = re.compile(r"[$`|\\<>\[\]_“”\"]")
"""Sentences with such signs are left whole."""


@dataclass(frozen=True)
class Definition:
    """A sentence that says what something is."""

    article: str
    """Lower case, with the blank behind it; empty where there is none."""
    term: str
    verb: str
    meaning: str
    sentence: str
    """Word for word as it stands in the text, with its marks."""

    @property
    def named(self) -> str:
        """The term with its article."""
        return self.article + self.term

    @property
    def brief(self) -> str:
        """The meaning, not much longer than a line."""
        return shorten(self.meaning, _MOST_MEANING)


@dataclass(frozen=True)
class Cloze:
    """A sentence with a gap."""

    sentence: str
    gapped: str
    missing: str
    is_term: bool


@dataclass(frozen=True)
class Knowledge:
    """A text, understood as far as its sentences are simple."""

    text: str
    sentences: tuple[str, ...]
    """Of the running text, word for word."""

    @cached_property
    def canonical(self) -> str:
        """Its words, as wordings are compared."""
        return canonical(unmarked(self.text))

    @cached_property
    def definitions(self) -> tuple[Definition, ...]:
        """One for each term. A text that marks its terms marks all of them."""
        every = [each for each in map(_definition, self.sentences) if each is not None]
        marked = [each for each in every if "**" in each.sentence]
        found: dict[str, Definition] = {}
        for each in marked if len(marked) >= _MARKING else every:
            found.setdefault(each.term.lower(), each)
        return tuple(found.values())

    @cached_property
    def uses(self) -> tuple[Cloze, ...]:
        """Sentences that use a term and do not define it, each with a gap for that term."""
        defining = {each.sentence for each in self.definitions}
        terms = sorted((each.term for each in self.definitions), key=len, reverse=True)
        patterns = {
            term: re.compile(rf"(?<![\w-]){re.escape(term)}(?![\w-])", re.IGNORECASE)
            for term in terms
        }
        found: list[Cloze] = []
        for sentence in self._open:
            plain = unmarked(sentence)
            lower = plain.lower()
            for term in terms:
                if (
                    sentence in defining
                    or lower.count(term.lower()) != 1
                    or not patterns[term].search(plain)
                ):
                    continue
                gapped = patterns[term].sub(GAP, plain)
                if not _AFTER_ARTICLE.search(gapped):
                    found.append(Cloze(sentence, gapped, term, is_term=True))
                break
        return tuple(found)

    @cached_property
    def gaps(self) -> tuple[Cloze, ...]:
        """Sentences without a term, each with a gap for its longest word."""
        used = {each.sentence for each in self.uses}
        return tuple(each for each in self.words if each.sentence not in used)

    @cached_property
    def words(self) -> tuple[Cloze, ...]:
        """All sentences that can lose a long word, which is no term."""
        terms = {word for each in self.definitions for word in words(each.term)}
        found = (_without_word(sentence, terms) for sentence in self.statements)
        return tuple(each for each in found if each is not None)

    @cached_property
    def statements(self) -> tuple[str, ...]:
        """Sentences that can stand alone and define nothing."""
        defining = {each.sentence for each in self.definitions}
        return tuple(each for each in self._open if each not in defining)

    @cached_property
    def _open(self) -> tuple[str, ...]:
        return tuple(
            sentence
            for sentence in self.sentences
            if _LEAST_SENTENCE <= len(sentence.split()) <= _MOST_SENTENCE
            and sentence.split()[0] not in OPENERS
            and sentence.endswith(".")
            and not _CAUTION.search(sentence)
        )


def _without_word(sentence: str, terms: set[str]) -> Cloze | None:
    plain = unmarked(sentence)
    long = [word.strip(".,;:()") for word in plain.split()[1:] if len(word) >= _LEAST_WORD]
    long = [word for word in long if word.isalpha() and word.islower() and word not in terms]
    if not long or "chapter" in long:
        return None
    word = max(long, key=len)
    gapped = plain.replace(word, GAP)
    if plain.lower().count(word.removesuffix("s")) != 1 or _AFTER_ARTICLE.search(gapped):
        return None
    return Cloze(sentence, gapped, word, is_term=False)


@lru_cache(maxsize=256)
def learn(text: str) -> Knowledge:
    """Reads a text in Markdown, or plain. Any text will do; it may say nothing."""
    paragraphs = (
        block.strip()
        for block in re.split(r"\n\s*\n", text)
        if not _NO_PROSE.match(block) and block.split()[:1] not in _OPENINGS
    )
    return Knowledge(
        text,
        tuple(
            sentence.strip()
            for paragraph in paragraphs
            for sentence in _SENTENCE_END.split(paragraph)
            if sentence.strip()
        ),
    )


def _definition(sentence: str) -> Definition | None:
    found = _MARKED.match(sentence)
    if found is None:
        found = _PLAIN.match(unmarked(sentence))
        if found is None or _NO_TERM & set(found["term"].lower().split()):
            return None
    if len(found["term"].split()) > _MOST_TERM_WORDS or sentence.split(maxsplit=1)[0] in OPENERS:
        return None
    meaning = " ".join(unmarked(found["meaning"]).split())
    article = (found["article"] or "").lower()
    term = found["term"] if article else _lowered(found["term"])
    # Two sentences would be two ideas, and a meaning with its term in it goes round in a circle.
    if _SENTENCE_END.search(meaning) or set(words(term)) <= set(words(meaning)):
        return None
    return Definition(article, term, found["verb"], meaning, sentence)


def _lowered(term: str) -> str:
    """At the beginning of a sentence, where names and abbreviations keep their capitals."""
    first, _, rest = term.partition(" ")
    if not first[1:].islower() or any(word[:1].isupper() for word in rest.split()):
        return term
    return first[:1].lower() + term[1:]


def question_of(definition: Definition) -> str:
    """Asks for the meaning."""
    return f"What {definition.verb} {definition.named}?"


def told(definition: Definition) -> str:
    """The whole statement, as a sentence without marks."""
    return capital(f"{definition.named} {definition.verb} {definition.brief}.")
