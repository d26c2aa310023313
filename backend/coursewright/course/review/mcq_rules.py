"""The rules for one multiple-choice question.

After the guidelines of Haladyna, Downing and Rodriguez (2002) and the nineteen item-writing flaws
of Tarrant et al. (2006), as far as code can tell.
"""

import re

from coursewright.course.review.rule import Context, Rule, content_stems
from coursewright.course.review.text_rules import quoted, unsafe
from coursewright.course.review.words import has
from coursewright.course.study import GAP, Mcq
from coursewright.course.text import normal

OPTIONS = 4
_MOST_STEM, _MOST_OPTION, _MOST_EXPLANATION = 600, 300, 1200
_LONGER, _APART = 1.6, 20
"""The key stands out when it is this many times, and this many characters, longer or shorter."""
_NUMBER = re.compile(r"^[~≈$€£]?\s*[-+−]?\d+(?:[.,  ]\d+)*\s*(?P<unit>%|[^\d\W]{0,12}\.?)$")
_QUOTED = re.compile(r"[“«\"„][^”»\"“]*[”»\"“]")
_STRESSED = re.compile(
    r"(?<!\w)(?:NOT|EXCEPT|NEVER|FALSE|LEAST|NICHT|KEINE?|AUSSER|AUẞER|PAS|SAUF|NO|EXCEPTO)(?!\w)|\*\*\w+\*\*"
)
_VOWELS = "aeiou"


def _bare(text: str) -> str:
    """For comparing options: letters and digits, or the signs where there are none."""
    return normal(text) or text.strip()


def _four(item: Mcq, _: Context) -> str | None:
    count = len(item.options)
    return None if count == OPTIONS else f"it has {count} options instead of {OPTIONS}"


def _one_key(item: Mcq, _: Context) -> str | None:
    key = _bare(item.answer)
    same = sum(_bare(option) == key for option in item.options)
    return None if same == 1 else f"{same} options say what the right answer says"


def _distinct(item: Mcq, _: Context) -> str | None:
    exact = [option.strip().casefold() for option in item.options]
    if len(set(exact)) < len(exact):
        return "two options are the same"
    bare = [_bare(option) for option in item.options]
    # Formulas and code may differ only in signs.
    signs = any(re.search(r"[^\w\s.,'’\"“”-]", option) for option in item.options)
    return "two options say the same" if len(set(bare)) < len(bare) and not signs else None


def _inside(item: Mcq, _: Context) -> str | None:
    bare = [_bare(option) for option in item.options]
    for left in range(len(bare)):
        for right in range(len(bare)):
            if left == right or not bare[left] or bare[left] == bare[right]:
                continue
            if (
                f" {bare[left]} " in f" {bare[right]} "
                and not bare[left].replace(" ", "").isdigit()
            ):
                return f"option “{item.options[right]}” contains “{item.options[left]}”"
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
        if re.fullmatch(rf"(?:{context.words.all_or_none})\W*", option.strip(), re.IGNORECASE):
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
        fits = [option[:1].lower() in _VOWELS for option in item.options]
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
    key = normal(item.answer)
    # A digit or a letter stands in many a stem without giving anything away.
    if len(key) > 2 and f" {key} " in f" {normal(item.stem)} ":  # noqa: PLR2004 - see above
        return "the question names its answer"
    return None


_SYMBOLS = re.compile(r"[$`\u0370-\uffff]")
"""Of stems that ask without words: formulas, code, scripts without spaces."""


def _form(item: Mcq, _: Context) -> str | None:
    stem = item.stem.strip()
    words = normal(stem.replace(GAP, " ")).split()
    if len(words) <= 1 and not _SYMBOLS.search(stem):
        return "there is no question"
    gaps = len(re.findall(r"_{3,}", stem))
    if gaps > 1:
        return f"it has {gaps} gaps"
    if gaps == 1 or stem.endswith(("?", "？", ":", "…", "...")) or "?" in stem:
        return None
    return "it is neither a question nor a sentence with a gap"


def _negative(item: Mcq, context: Context) -> str | None:
    if context.words is None or "?" not in item.stem:
        return None
    asked = _QUOTED.sub(" ", item.stem)
    if (found := has(context.words.negative, asked)) and not _STRESSED.search(asked):
        return f"it does not stress its “{found.group()}”"
    return None


def _alike(item: Mcq, _: Context) -> str | None:
    numbers = [_NUMBER.match(option.strip()) for option in item.options]
    if all(numbers):
        values = [_value(option) for option in item.options]
        if values != sorted(values) and values != sorted(values, reverse=True):
            return "its numbers are not in order"
        return None
    if any(numbers) and not all(any(char.isdigit() for char in option) for option in item.options):
        return "some options are numbers and some are not"
    words = [len(option.split()) for option in item.options]
    if max(words) >= 9 and min(words) <= 2:  # noqa: PLR2004 - a term beside a sentence
        return "some options are terms and some are sentences"
    dots = {option.rstrip().endswith(".") for option in item.options}
    if len(dots) > 1 and min(words) > 3:  # noqa: PLR2004 - abbreviations end with a point too
        return "some options are sentences and some are not"
    return None


def _value(option: str) -> float:
    digits = re.sub(r"[^\d.,−+-]", "", option).replace("−", "-")
    whole = re.fullmatch(r"[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?", digits)
    digits = digits.replace(",", "") if whole else digits.replace(",", ".")
    try:
        return float(digits.strip(".") or 0)
    except ValueError:
        return 0.0


def is_ordered(item: Mcq) -> bool:
    """Whether the options are numbers, whose order is not to be changed."""
    return all(_NUMBER.match(option.strip()) for option in item.options)


def _explained(item: Mcq, context: Context) -> str | None:
    text = f" {normal(item.explanation)} "
    if not text.strip():
        return "nothing explains its answer"
    key = _bare(item.answer)
    named = [option for option in item.distractors if f" {_bare(option)} " in text]
    if named and f" {key} " not in text and f" {key} " not in f" {normal(item.quotation)} ":
        return f"the explanation speaks of “{named[0]}”, not of the right answer"
    if context.words is not None:
        for option in item.distractors:
            claim = rf"(?:{context.words.answer})\W+(?:\w+\W+){{0,2}}{re.escape(option)}"
            if has(claim, item.explanation):
                return f"the explanation calls “{option}” right"
        letter = has(rf"(?:{context.words.answer})\W+(?:\w+\W+)?\(?([A-D])\b", item.explanation)
        if letter and letter[1].isupper() and ord(letter[1]) - ord("A") != item.key:
            return f"the explanation calls option {letter[1]} right"
    return None


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
    Rule(name="distinct-options", title="No two options say the same", check=_distinct,
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
