"""The words that rules look for, by language. Where a language is missing, these rules are skipped."""

import re
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class RuleWords:
    """Patterns, as alternatives."""

    all_or_none: str
    """Of `normal` text: without accents and punctuation."""
    absolute: str
    vague: str
    negative: str
    answer: str
    """Words by which an explanation names the right option."""
    stopwords: frozenset[str]
    """Function words that stem and key may share."""


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


WORDS = {
    "en": RuleWords(
        all_or_none=r"(?:all|none|neither|both|any|some)(?: of)?(?: the)?(?: other)? (?:above|these|those|answers|options|choices)"
        r"(?: (?:is|are)(?: all)? (?:correct|right|true|wrong|false|incorrect))?"
        r"|(?:both|neither|only )?(?: ?options?| ?answers?)? ?[a-d] (?:and|n?or) [a-d](?: only| are correct| are right)?",
        absolute=r"always|never|absolutely|completely|entirely|invariably|under no circumstances|in every case",
        vague=r"often|usually|sometimes|frequently|rarely|seldom|occasionally|most of the time|in many cases",
        negative=r"not|except|never|isn't|aren't|doesn't|don't|cannot|can't|incorrect"
        r"|(?:(?<=is )|(?<=are )|(?<=was )|(?<=were ))false|false(?= (?:statement|claim|sentence|answer))"
        r"|least(?= (?:likely|probable|important|suitable|appropriate))",
        answer=r"answer|correct|right|option",
        stopwords=_set(
            "the and for with from that this what which who whom whose when where why how does did are was "
            "were been being have has had into onto over under about after before between during through "
            "term word means mean meaning following best describes called name kind type part used use one "
            "two they them their its his her you your than then also only some any all each every more most "
            "can could may might will would should must not"
        ),
    ),
    "de": RuleWords(
        all_or_none=r"(?:alle|keine|keiner|keines|beide) (?:der )?(?:oben )?(?:obigen|genannten|antworten|optionen)(?: antworten| optionen)?"
        r"(?: (?:ist|sind) (?:richtig|falsch|korrekt))?|(?:sowohl|weder) [a-d] (?:als auch|noch) [a-d]",
        absolute=r"immer|niemals|nie|absolut|vollständig|unter keinen umständen|in jedem fall",
        vague=r"oft|häufig|meistens|manchmal|gelegentlich|selten|gewöhnlich",
        negative=r"nicht|kein|keine|keinen|außer|niemals|falsch",
        answer=r"antwort|richtig|korrekt|option",
        stopwords=_set(
            "der die das und für mit von dem den des ein eine einer eines einem welche welcher welches was "
            "wer wie wann warum ist sind war waren wird werden begriff gemeint bedeutet folgende nicht auch "
            "nur als bei aus auf nach über unter durch"
        ),
    ),
    "fr": RuleWords(
        all_or_none=r"(?:toutes?|aucune?) (?:de )?(?:ces|les) (?:reponses|propositions).{0,20}"
        r"|(?:aucune?|toutes?) des (?:reponses|propositions).{0,20}",
        absolute=r"toujours|jamais|absolument|complètement|entièrement|en aucun cas",
        vague=r"souvent|parfois|généralement|fréquemment|rarement|habituellement",
        negative=r"pas|jamais|sauf|aucun|aucune|faux|fausse",
        answer=r"réponse|correcte?|juste|option",
        stopwords=_set(
            "les des une dans pour par sur avec que qui quoi quel quelle quels quelles est sont était terme "
            "correspond désigne suivant suivante pas plus aux ces cette"
        ),
    ),
    "es": RuleWords(
        all_or_none=r"(?:todas?|ningun[oa]) (?:de )?(?:las|los) (?:anteriores|respuestas|opciones).{0,20}",
        absolute=r"siempre|nunca|jamás|absolutamente|completamente|en ningún caso",
        vague=r"a menudo|a veces|generalmente|frecuentemente|raramente|normalmente",
        negative=r"no|nunca|excepto|salvo|ningún|ninguna|falso|falsa",
        answer=r"respuesta|correcta?|opción",
        stopwords=_set(
            "los las una unos unas del por para con que qué cuál cuáles quién cómo cuándo dónde es son era "
            "término corresponde significa siguiente no más"
        ),
    ),
}


def words_for(language: str) -> RuleWords | None:
    """The words of a BCP 47 tag, or None."""
    return WORDS.get(language.partition("-")[0].lower())


def has(pattern: str, text: str) -> re.Match[str] | None:
    """The first whole-word match, case apart."""
    return re.search(rf"(?<!\w)(?:{pattern})(?!\w)", text, re.IGNORECASE)


def every(pattern: str, text: str) -> Iterator[re.Match[str]]:
    """All whole-word matches, case apart."""
    return re.finditer(rf"(?<!\w)(?:{pattern})(?!\w)", text, re.IGNORECASE)
