"""The rules for one multiple-choice question.

After the guidelines of Haladyna, Downing and Rodriguez (2002) and the nineteen item-writing flaws
of Tarrant et al. (2006), as far as code can tell.
"""

import re
from itertools import combinations, permutations

from coursewright.course.review.asking import asks
from coursewright.course.review.numbers import comparable, in_order, is_number
from coursewright.course.review.rule import Context, Rule, content_stems
from coursewright.course.review.sameness import (
    gives_away,
    is_unspaced,
    say_the_same,
    stands_in,
    stems_stand_in,
)
from coursewright.course.review.text_rules import quoted, unsafe
from coursewright.course.review.words import every, has
from coursewright.course.study import GAP, Mcq
from coursewright.course.text import normal, stems

OPTIONS = 4
_MOST_STEM, _MOST_OPTION, _MOST_EXPLANATION = 600, 300, 1200
_LONGER, _APART = 1.6, 20
"""The key stands out when it is this many times, and this many characters, longer or shorter."""
_SIGNS = re.compile(r"[^\w\s.,;:'’\"“”„!?()*_`-]|\d[.,]\d")
"""Formulas and decimals: what stands in the letters alone says nothing of them."""
_LETTERS = re.compile(r"[^\W\d]")
_LETTER = re.compile(
    r"(?<!\w)(?:answers?|options?|choices?|antwort|option|réponse|respuesta|opción)"
    r"(?:\s+(?:is|ist|est|es))?\s*:?\s+\(?([A-D])\)?(?=\s*(?:[.,;:!)]|$)|\s+(?:is|ist|est|es|because)\b)",
    re.IGNORECASE,
)
"""An explanation that names an option by its letter."""
_QUOTED = re.compile(r"[“«\"„][^”»\"“„]*[”»\"“]|`[^`]*`")
_SAYS_AN = re.compile(
    r"(?!uni[^nm]|use|usu|eu|one\b|once)[aeiou]|hour|honest|honou?r|heir", re.IGNORECASE
)
"""Words behind `an`: those that sound like a vowel."""


def _bare(text: str) -> str:
    """For comparing options: letters and digits, or the signs where there are none."""
    return normal(text) or text.strip()


def _four(item: Mcq, _: Context) -> str | None:
    count = len(item.options)
    return None if count == OPTIONS else f"it has {count} options instead of {OPTIONS}"


def _one_key(item: Mcq, _: Context) -> str | None:
    same = 1 + sum(say_the_same(item.answer, option) for option in item.distractors)
    return None if same == 1 else f"{same} options say what the right answer says"


def _distinct(item: Mcq, _: Context) -> str | None:
    same = any(say_the_same(one, other) for one, other in combinations(item.distractors, 2))
    return "two wrong options say the same" if same else None


def _inside(item: Mcq, _: Context) -> str | None:
    for inner, outer in permutations(item.options, 2):
        part, whole = _bare(inner), _bare(outer)
        if part == whole or not _LETTERS.search(part) or _SIGNS.search(inner + outer):
            continue
        if f" {part} " in f" {whole} " and not (is_number(inner) and is_number(outer)):
            return f"option “{outer}” contains “{inner}”"
    return None


def _length(item: Mcq, _: Context) -> str | None:
    key = len(item.answer)
    others = [len(option) for option in item.distractors]
    if not others:
        return None
    if key > _LONGER * max(others) and key - max(others) >= _APART:
        return "the right answer is by far the longest"
    if key * _LONGER < min(others) and min(others) - key >= _APART:
        return "the right answer is by far the shortest"
    return None


def _all_or_none(item: Mcq, context: Context) -> str | None:
    if context.words is None:
        return None
    for option in item.options:
        if re.fullmatch(context.words.all_or_none, normal(option), re.IGNORECASE):
            return f"“{option}” tests logic, not knowledge"
    return None


def _absolute(item: Mcq, context: Context) -> str | None:
    if context.words is None or has(context.words.absolute, item.answer):
        return None
    for option in item.distractors:
        if found := has(context.words.absolute, option):
            return f"only wrong options say “{found.group()}”"
    return None


def _vague(item: Mcq, context: Context) -> str | None:
    if context.words is None:
        return None
    for option in item.options:
        if found := has(context.words.vague, option):
            return f"“{found.group()}” means something else to everybody"
    return None


def _grammar(item: Mcq, context: Context) -> str | None:
    """Only the key fits the article before the gap, or the number of the verb behind it."""
    if context.language.partition("-")[0].lower() != "en":
        return None
    article = re.search(r"(?<!\w)(an?)\s+(?:____|[:.…]*$)", item.stem, re.IGNORECASE)
    if article is not None:
        wanted = article[1].lower() == "an"
        fits = [_SAYS_AN.match(normal(option)) is not None for option in item.options]
        if fits[item.key] == wanted and fits.count(wanted) == 1:
            return f"only the right answer fits “{article[1]}”"
    verb = re.search(r"____\s+(is|are|was|were|has|have)\b", item.stem)
    if verb is not None:
        plural = verb[1] in {"are", "were", "have"}
        fits = [_is_plural(option) == plural for option in item.options]
        if fits[item.key] and fits.count(True) == 1:
            return f"only the right answer fits “{verb[1]}”"
    return None


def _is_plural(option: str) -> bool:
    last = normal(option).rpartition(" ")[2]
    return last.endswith("s") and not last.endswith(("ss", "us", "is", "ics"))


def _shared_word(item: Mcq, context: Context) -> str | None:
    elsewhere = {word for option in item.distractors for word in content_stems(option, context)}
    shared = content_stems(item.stem, context) & content_stems(item.answer, context)
    if only := sorted(shared - elsewhere):
        return f"the question and the right answer alone share “{only[0]}”"
    return None


def _given_away(item: Mcq, _: Context) -> str | None:
    return "the question names its answer" if gives_away(item.answer, item.stem) else None


def _form(item: Mcq, context: Context) -> str | None:
    stem = item.stem.strip()
    words = normal(stem.replace(GAP, " ")).split()
    formula = "$" in stem or "`" in stem
    if not words and not formula:
        return "there is no question"
    if len(words) == 1 and not formula and not is_unspaced(stem):
        return "there is no question"
    gaps = len(re.findall(r"_{3,}|[（(][\s\u3000]*[）)]", stem))
    if gaps > 1:
        return f"it has {gaps} gaps"
    if gaps == 1 or asks(stem, context.language) or stem.endswith((":", "：", "…", "...")):
        return None
    return "it is neither a question nor a sentence with a gap"


def _negative(item: Mcq, context: Context) -> str | None:
    if context.words is None or not asks(item.stem, context.language):
        return None
    asked = _QUOTED.sub(" ", item.stem)
    found = [match.group() for match in every(context.words.negative, asked)]
    if not found or any(word.isupper() or f"**{word}**" in asked for word in found):
        return None
    return f"it does not stress its “{found[0]}”"


def _alike(item: Mcq, _: Context) -> str | None:
    numbers = [is_number(option) for option in item.options]
    if comparable(item.options):
        return None if in_order(item.options) else "its numbers are not in order"
    if any(numbers) and not all(any(char.isdigit() for char in option) for option in item.options):
        return "some options are numbers and some are not"
    words = [len(option.split()) for option in item.options]
    if max(words) >= 9 and min(words) <= 2:  # noqa: PLR2004 - a term beside a sentence
        return "some options are terms and some are sentences"
    dots = {option.rstrip().endswith(".") for option in item.options}
    if len(dots) > 1 and min(words) > 3:  # noqa: PLR2004 - abbreviations end with a point too
        return "some options are sentences and some are not"
    return None


def is_ordered(item: Mcq) -> bool:
    """Whether the options are numbers, whose order is not to be changed."""
    return comparable(item.options)


def _explained(item: Mcq, context: Context) -> str | None:
    if not item.explanation.strip():
        return "nothing explains its answer"
    named = [option for option in item.distractors if stands_in(option, item.explanation)]
    if named and not _speaks_of_key(item, context):
        return f"the explanation speaks of “{named[0]}”, not of the right answer"
    if context.words is None:
        return None
    for option in item.distractors:
        claim = rf"(?:{context.words.answer})\W+(?:\w+\W+){{0,2}}?{re.escape(option)}"
        for found in every(claim, item.explanation):
            # "The answer is not X" and "Answer: Y, not X" are no claims.
            denied = has(context.words.negative, found.group()) or stands_in(
                item.answer, found.group()
            )
            if not denied:
                return f"the explanation calls “{option}” right"
    letter = _LETTER.search(item.explanation)
    if letter and not any(option.strip() == letter[1] for option in item.options):
        return f"the explanation speaks of option {letter[1]}, but options are shuffled"
    return None


def _speaks_of_key(item: Mcq, context: Context) -> bool:
    """Whether explanation or quotation hold the key, or half of the words that carry it."""
    told = f"{item.explanation} {item.quotation}"
    if stands_in(item.answer, told) or stems_stand_in(item.answer, told):
        return True
    carrying = content_stems(item.answer, context)
    heard = tuple(stems(told))
    # Of Latin words the ending changes: mitochondrion, mitochondria.
    found = [
        word
        for word in carrying
        if any(each.startswith(word[: max(5, len(word) - 3)]) for each in heard)
    ]
    return bool(carrying) and 2 * len(found) >= len(carrying)


def _bounds(item: Mcq, _: Context) -> str | None:
    if any(not option.strip() for option in item.options):
        return "an option is empty"
    if len(item.stem) > _MOST_STEM:
        return f"the question has more than {_MOST_STEM} characters"
    if any(len(option) > _MOST_OPTION for option in item.options):
        return f"an option has more than {_MOST_OPTION} characters"
    if len(item.explanation) > _MOST_EXPLANATION:
        return f"the explanation has more than {_MOST_EXPLANATION} characters"
    return None


def _plain(item: Mcq, _: Context) -> str | None:
    return unsafe(item.stem, item.explanation, *item.options)


MCQ_RULES: tuple[Rule[Mcq], ...] = (
    Rule(name="plain-text", title="Nothing hidden, nothing that runs", check=_plain,
         why="What a model or a document wrote is never trusted as markup."),
    Rule(name="bounds", title="No text is empty or endless", check=_bounds,
         why="Who reads long options tests reading, not knowledge."),
    Rule(name="four-options", title="There are four options", check=_four,
         why="With the same number everywhere, a guess is worth the same everywhere."),
    Rule(name="one-key", title="Exactly one option is right", check=_one_key,
         why="With two right answers, the one who knows both has to guess."),
    Rule(name="distinct-options", title="No two wrong options say the same", check=_distinct,
         why="Two that say the same are both wrong, as there is only one answer."),
    Rule(name="option-inside-option", title="No option contains another", check=_inside,
         why="Overlapping options rule one another out."),
    Rule(name="key-length", title="The key does not stand out by its length", check=_length,
         why="Writers take more care with the right answer, and test-takers know."),
    Rule(name="all-or-none", title="No all or none of the above", check=_all_or_none,
         why="Who knows two right options need not know the third."),
    Rule(name="absolute-words", title="No absolute words in wrong options alone", check=_absolute,
         why="Always and never are rarely true, and test-takers know."),
    Rule(name="vague-quantifiers", title="No vague quantifiers", check=_vague,
         why="Often and usually mean something else to everybody."),
    Rule(name="grammar-cue", title="Grammar does not give the key away", check=_grammar,
         why="Only the key fits the article or the verb."),
    Rule(name="shared-word", title="Stem and key alone share no word", check=_shared_word,
         why="A word of the question in one option only points to it."),
    Rule(name="answer-in-stem", title="The question does not name its answer", check=_given_away,
         why="Then there is nothing to know."),
    Rule(name="stem-form", title="The stem is a question or has one gap", check=_form,
         why="The problem has to be clear before the options are read."),
    Rule(name="negative-stem", title="A negative stem stresses its NOT", check=_negative,
         why="A small not is overlooked by those who know the answer."),
    Rule(name="options-alike", title="Options are alike in kind, numbers in order", check=_alike,
         why="The odd one out is chosen or left out for its looks."),
    Rule(name="explanation", title="The explanation does not contradict the key", check=_explained,
         why="One of the two is wrong, and the learner cannot tell which."),
    Rule(name="quotation", title="The words it rests on stand in the chapter", check=quoted,
         why="Nobody can learn what the chapter never said."),
)  # fmt: skip
