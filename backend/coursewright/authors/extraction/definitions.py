"""Finding sentences that say what a term means."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import takewhile

from coursewright.authors.extraction.languages import Language, words_of
from coursewright.authors.extraction.sentences import Sentence
from coursewright.authors.extraction.text import capitalised, ended, normal, stems
from coursewright.course.sources import PassageKind

MOST_TERM_WORDS = 5
LEAST_WORDS, MOST_WORDS = 4, 45
"""Of a definition: shorter ones say nothing, longer ones are not learnt."""

_GENERIC = frozenset(
    [
        "advantage", "aim", "alternative", "answer", "approach", "aspect", "assumption",
        "author", "basis", "benefit", "case", "cause", "challenge", "chapter", "choice",
        "consequence", "core", "cost", "danger", "difference", "difficulty", "disadvantage",
        "drawback", "effect", "end", "example", "exception", "fact", "feature", "figure",
        "first", "focus", "following", "form", "function", "goal", "hint", "idea",
        "importance", "input", "intention", "issue", "key", "lesson", "limitation", "main",
        "mistake", "moment", "name", "need", "note", "number", "objective", "one", "option",
        "order", "outcome", "output", "part", "people", "person", "point", "possibility",
        "problem", "purpose", "quantity", "question", "reason", "remedy", "rest", "result",
        "risk", "role", "rule", "second", "secret", "section", "sequence", "side",
        "situation", "solution", "start", "step", "strength", "table", "task", "tendency",
        "thing", "time", "tip", "topic", "trick", "truth", "type", "value", "version",
        "way", "weakness", "word", "work", "world", "year",
    ]
)  # fmt: skip
"""Nouns that stand for something else in their sentence: `the result is ...` defines nothing."""
_DEFINABLE = frozenset(
    [
        "cost", "effect", "feature", "function", "input", "key", "order", "output", "quantity",
        "risk", "rule", "sequence", "table", "type", "value", "version", "word",
    ]
)  # fmt: skip
"""Of these, those that are terms in some field: `a feature is ...` defines it."""
_VAGUE = frozenset(
    [
        "actual", "best", "big", "biggest", "central", "chief", "common", "easiest", "first",
        "general", "good", "great", "important", "key", "last", "main", "major", "most", "next",
        "normal", "obvious", "only", "other", "possible", "real", "second", "simple", "third",
        "typical", "usual", "whole",
    ]
)  # fmt: skip
"""Words that make no term of a generic noun: `the main reason is ...`."""
_HARMLESS = frozenset(
    [
        "back", "best", "down", "first", "good", "hundred", "five", "large", "last", "least",
        "like", "long", "mean", "near", "new", "off", "own", "part", "second", "small", "third",
        "three", "time", "two", "up", "use", "way",
    ]
)  # fmt: skip
"""Stop words that stand in terms: `down payment`, `Third Estate`, `arithmetic mean`."""
_NO_DEFINITION = re.compile(
    r"^(?:an?|the|one of the|some|any)\s+(?:same|next|last|only|best|better|good|bad|big|great|major|"
    r"important|main|key|common|popular|famous|typical|classic|useful|powerful|natural|lot|few|bit|"
    r"reason|result|problem|question|example|matter|case|most|more|least|very|other|opposite|"
    r"following|right|wrong|foundation|heart|backbone|basis|key to|easiest|simplest|latter|former|way to go)\b",
    re.IGNORECASE,
)
_PARTICIPLE = re.compile(
    r"^(?:\w+ly\s+)?(?:\w+(?:ed|ing|en|wn|ght)|paid|made|found|held|built|sold|kept|left|lost|sent|"
    r"spent|told|meant|set|put|cut|read|done|gone|laid|led|fed|met|won|hidden|begun|run|sung)\b"
)
_LABEL = re.compile(r"^(?P<term>[^\s:–—.][^:–—.!?]{1,58}?)\s*(?::|\s[–—-])\s+(?P<body>\S.{15,})$")
_NAMED = re.compile(
    r"^(?:(?:the|le|la|el|der) )?(?:term|word|terme|mots?|begriff|término|palabra)\s+(?=\S)",
    re.IGNORECASE,
)
"""`The term osmosis refers to` speaks of osmosis."""
_SPLIT_OFF = ("refer", "mean", "denot", "dés", "bezeichn", "bedeut", "signifi", "design", "se refi")
"""Verbs that are no part of what is said: `X refers to ...`, where in `X occurs when ...` they are."""
_PLURALS = frozenset(
    ["people", "men", "women", "children", "data", "bacteria", "criteria", "phenomena"]
)
_WHO = re.compile(r"(?:an?|the|one of)\s(?:[^\s.]+\s){0,10}?who\b", re.IGNORECASE)
_GENUS = re.compile(
    r"(?:an?|the|any|one of the)\s+(?P<noun>(?:[\w-]+\s+){0,4}?[\w-]+?)s?"
    r"(?=,|\.|\s(?:of|that|which|who|whose|whom|in|on|at|for|by|with|to|from|between|where|made|used)\b)",
    re.IGNORECASE,
)
_BODIES = frozenset(["group", "body", "party", "club", "army", "class", "band", "team", "family"])
_RUN_END = re.compile(r"[,;:.()]")
_CLAUSE = frozenset(["that", "dass", "que"])
"""`Inflation means that ...` says what follows from it, not what it is."""
_ALIAS = r"(?:\s*\((?P<alias>[^()]{1,40})\))?"


@dataclass(frozen=True)
class Definition:
    """A term and what it means, in the words of the source."""

    term: str
    """As it is written within a sentence: no article, small letter unless it is a name."""
    text: str
    """What it means: capital letter, full stop, without the term."""
    sentence: Sentence
    plural: bool
    past: bool = False
    """Whether the source speaks of it in the past: `Necker was ...`."""

    @property
    def person(self) -> bool:
        """Whether it is somebody: a name, and somebody `who` did something."""
        return self.term[:1].isupper() and bool(_WHO.match(self.text))

    @property
    def collective(self) -> bool:
        """Whether it is one body of several: one asks `what` it is, not `who`."""
        return not self.plural and self.genus in _BODIES

    @property
    def genus(self) -> str:
        """What kind of thing it is said to be: `tissue` of `The tissue that carries water`."""
        match = _GENUS.match(self.text)
        found = stems(match["noun"]) if match else []
        return found[-1] if found else ""

    @property
    def key(self) -> str:
        """For telling terms apart."""
        return " ".join(stems(self.term))


@lru_cache(maxsize=8)
def _patterns(tag: str) -> tuple[re.Pattern[str], ...]:
    from coursewright.authors.extraction.languages import LANGUAGES  # noqa: PLC0415 - for the cache

    language = LANGUAGES[tag]
    articles = "|".join(sorted(word for word in language.articles if word.isalpha()))
    subject = rf"^(?:(?:{articles})\s+|[lL]['’])?(?P<term>[^,;:()?!\"“”]{{2,70}}?){_ALIAS}"
    return (
        re.compile(
            rf"{subject},?\s+(?P<verb>{language.copulas})\s+"
            rf"(?P<body>(?:{language.determiners})\b\s*.+)$",
            re.IGNORECASE,
        ),
        re.compile(rf"{subject}\s+(?P<verb>{language.verbs})\s+(?P<body>.+)$", re.IGNORECASE),
        re.compile(rf"{subject}\s+(?P<verb>are|sind|sont|son)\s+(?P<body>\w.+)$", re.IGNORECASE),
    )


def find(sentences: Sequence[Sentence], language: Language) -> tuple[Definition, ...]:
    """All definitions, in the order of the text; the first one of a term counts."""
    names = _Names(sentences, language)
    found: dict[str, Definition] = {}
    for sentence in sentences:
        definition = _of_label(sentence, language, names) or _of_sentence(sentence, language, names)
        if definition is not None:
            found.setdefault(definition.key, definition)
    return tuple(found.values())


def _of_sentence(sentence: Sentence, language: Language, names: "_Names") -> Definition | None:
    if not sentence.stands_alone(language):
        return None
    for number, pattern in enumerate(_patterns(language.tag)):
        match = pattern.match(sentence.text)
        if match is None:
            continue
        body = match["body"]
        if number == 2 and not _is_plural_noun_phrase(match["term"], body, language):  # noqa: PLR2004
            continue
        term = match["term"]
        if number == 1:
            if not match["verb"].lower().startswith(_SPLIT_OFF):
                body = f"{match['verb']} {body}"
            elif words_of(body)[:1] and words_of(body)[0].lower() in _CLAUSE:
                continue
            term = _NAMED.sub("", term)
        definition = _checked(term, body, sentence, language, names, verb=match["verb"])
        if definition is not None:
            return definition
    return None


def _of_label(sentence: Sentence, language: Language, names: "_Names") -> Definition | None:
    """`Term: what it means`, as an item of a list."""
    if sentence.kind is not PassageKind.LIST_ITEM or sentence.position != 0:
        return None
    match = _LABEL.match(sentence.text)
    if match is None:
        return None
    return _checked(match["term"], match["body"], sentence, language, names)


def _is_plural_noun_phrase(term: str, body: str, language: Language) -> bool:
    first = words_of(body)[:1]
    if not first or not term.rstrip().lower().endswith(("s", "a", "e", "i", "n", "x")):
        return False
    if first[0].lower() in language.stopwords:
        return False
    if language.tag == "en" and _PARTICIPLE.match(body):
        return False
    run = words_of(_RUN_END.split(body, maxsplit=1)[0])
    noun = list(takewhile(lambda word: word.lower() not in language.stopwords, run))
    if language.tag == "en":
        return any(looks_plural(word) or word.lower() in _PLURALS for word in noun)
    return language.tag != "de" or any(word[0].isupper() for word in noun)


def _checked(
    term: str,
    body: str,
    sentence: Sentence,
    language: Language,
    names: "_Names",
    *,
    verb: str = "",
) -> Definition | None:
    term = _without_article(term.strip().strip("*_`'’“”\""), language)
    words = words_of(term)
    indefinite = sentence.text.partition(" ")[0].lower() in {"a", "an"}
    if (
        not words
        or len(term.split()) > MOST_TERM_WORDS
        or not _is_term(words, language, indefinite=indefinite)
    ):
        return None
    count = len(body.split())
    if not LEAST_WORDS <= count <= MOST_WORDS or (verb and _NO_DEFINITION.match(body)):
        return None
    if f" {normal(term)} " in f" {normal(body)} " or body.rstrip(".").endswith((":", ",")):
        return None
    key = stems(term)
    if len(key) == 1 and key[0] in stems(body):
        return None
    shown = names.as_within_a_sentence(term)
    past = verb.lower() in _PAST_VERBS
    return Definition(shown, ended(capitalised(body.strip())), sentence, _plural(term, verb), past)


def _is_term(words: Sequence[str], language: Language, *, indefinite: bool) -> bool:
    lower = [word.lower() for word in words]
    named = len(words) > 1 and words[0][:1].isupper() and words[-1][:1].isupper()
    if lower[0] in language.unfit_starts and not named:
        return False
    if lower[-1] in language.stopwords - (_HARMLESS if len(words) > 1 else frozenset()):
        return False
    inner = {word for word in lower if word in language.stopwords} - _HARMLESS
    linking = {"of", "the", "and", "in", "for", "to", "de", "du", "la", "der", "des", "von", "del"}
    if len(inner) > 2 or not inner <= linking:  # noqa: PLR2004 - "head of the state"
        return False
    head = lower.index("of") - 1 if "of" in lower[1:] else len(lower) - 1
    if _is_generic(lower[head]):
        if head == 0:
            return len(lower) == 1 and indefinite and lower[0].rstrip("s") in _DEFINABLE
        return not {*lower[:head]} <= _VAGUE
    return not all(word in language.stopwords for word in lower)


def _is_generic(noun: str) -> bool:
    return noun in _GENERIC or noun.rstrip("s") in _GENERIC


def _without_article(term: str, language: Language) -> str:
    head, _, rest = term.partition(" ")
    return rest if rest and head.lower() in language.articles else term


def looks_plural(term: str) -> bool:
    """A guess by the ending, where no verb tells."""
    last = normal(term).rpartition(" ")[2]
    return last.endswith("s") and not last.endswith(("ss", "is", "us", "ics", "as", "ens", "os"))


def _plural(term: str, verb: str) -> bool:
    if not verb:
        return looks_plural(term)
    return verb.lower() in _PLURAL_VERBS


_PAST_VERBS = frozenset(["was", "were"])
_PLURAL_VERBS = frozenset(
    [
        "are",
        "were",
        "refer to",
        "mean",
        "denote",
        "occur when",
        "happen when",
        "sind",
        "waren",
        "bezeichnen",
        "sont",
        "étaient",
        "désignent",
        "son",
        "eran",
    ]
)


class _Names:
    """Which words are written with a capital letter within a sentence: names and abbreviations."""

    def __init__(self, sentences: Iterable[Sentence], language: Language) -> None:
        self._nouns_are_capital = language.tag == "de"
        self._small: set[str] = set()
        self._capital: set[str] = set()
        for sentence in sentences:
            for word in words_of(sentence.text)[1:]:
                (self._small if word[0].islower() else self._capital).add(word.lower())

    def as_within_a_sentence(self, term: str) -> str:
        """`Gradient descent` becomes `gradient descent`, `Paris` and `SQL` stay."""
        first, space, rest = term.partition(" ")
        if self._nouns_are_capital or (first.isupper() and len(first) > 1):
            return term
        if any(char.isupper() for char in first[1:]):
            return term
        low = first.lower()
        is_name = low in self._capital and low not in self._small
        if is_name or any(word[0].isupper() for word in rest.split()):
            return term
        return low + space + rest
