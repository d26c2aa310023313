"""Audio scripts: the chapters' most telling sentences, with plain spoken links between them."""

import re
from collections.abc import Sequence

from coursewright.authors.extraction.analysis import Analyses
from coursewright.authors.extraction.articles import cited
from coursewright.authors.extraction.centrality import score, top
from coursewright.authors.extraction.languages import Language
from coursewright.authors.extraction.sentences import Sentence
from coursewright.authors.extraction.text import fold
from coursewright.authors.extraction.wording import WORDINGS
from coursewright.course.article import AudioScript, AudioType
from coursewright.course.chapter import Block, Chapter
from coursewright.course.errors import TooLittle
from coursewright.course.outline import Outline
from coursewright.course.text import to_plain

WORDS_A_MINUTE = 150
"""Of calm reading aloud; audiobooks are read at 150 to 160 words a minute."""
_SENTENCES_A_PARAGRAPH = 5
_RECAP = 3
_UNSPOKEN = re.compile(r"[$`*<>{}|\\\[\]~^]+")
_TWO_MARKS = re.compile(r"([?!…])\s?\.")
"""What a title with a mark of its own leaves: `Next, we turn to What is money?.`"""


def write(
    audio_type: AudioType,
    outline: Outline,
    chapters: tuple[Chapter, ...],
    analyses: Analyses,
    language: Language,
) -> AudioScript:
    """A script of about `audio_type.minutes`, or as much as the chapters can say aloud.

    The links are the only sentences that are not the source's.
    """
    wording = WORDINGS[language.tag]
    texts = [
        [item for item in analyses.of_chapters((chapter,), language).sentences if _is_spoken(item)]
        for chapter in chapters
    ]
    total = sum(item.words for text in texts for item in text)
    if not total:
        raise TooLittle(
            "no sentence of the chapters can be read aloud",
            hint="Give a source with running text, beside code, formulas and tables.",
        )
    share = min(1.0, audio_type.minutes * WORDS_A_MINUTE / total)
    blocks = [Block(markdown=_said(wording.welcome, outline.title))]
    if len(chapters) > 1:
        blocks[0] = Block(
            markdown=f"{blocks[0].markdown} {wording.parts.format(count=len(chapters))}"
        )
    for number, (chapter, text) in enumerate(zip(chapters, texts, strict=True)):
        link = wording.links[0 if number == 0 else 1 + (number - 1) % (len(wording.links) - 1)]
        chosen = _choose(text, share, language)
        if chosen:
            blocks.append(Block(markdown=_said(link, chapter.title)))
            blocks += _paragraphs(chosen)
    everything = [item for text in texts for item in text if item.stands_alone(language)]
    recap = top(everything, language, _RECAP) if audio_type is AudioType.FULL_LECTURE else []
    if recap:
        blocks += [Block(markdown=wording.recap), *_paragraphs(recap)]
    blocks.append(Block(markdown=_said(wording.goodbye, outline.title)))
    form = wording.podcast if audio_type is AudioType.SHORT_PODCAST else wording.lecture
    return AudioScript(
        audio_type=audio_type, title=form.format(title=outline.title), paragraphs=tuple(blocks)
    )


def _said(link: str, title: str) -> str:
    """A link with a title in it: what cannot be spoken is left out, no two marks end it."""
    spoken = fold(_UNSPOKEN.sub(" ", to_plain(title))).rstrip(".:; ")
    return _TWO_MARKS.sub(r"\1", link.format(title=spoken))


def _is_spoken(sentence: Sentence) -> bool:
    return sentence.speakable and sentence.text.endswith((".", "!", "?")) and sentence.words > 3  # noqa: PLR2004 - a remnant


def _choose(text: Sequence[Sentence], share: float, language: Language) -> list[Sentence]:
    """About `share` of the words: what is central, and only what can follow what was said."""
    if share > 0.95:  # noqa: PLR2004 - then all of it fits
        return list(text)
    budget = share * sum(item.words for item in text)
    scores = score(text, language)
    order = sorted(range(len(text)), key=lambda index: (-scores[index], index))
    chosen: set[int] = set()
    for index in order:
        wanted = {index}
        # A sentence that points back is read together with the one before it.
        first = index
        while not text[first].stands_alone(language) and text[first].position > 0 and first > 0:
            first -= 1
            wanted.add(first)
        if not text[first].stands_alone(language) or len(wanted) > 3:  # noqa: PLR2004 - too long a thread
            continue
        words = sum(text[each].words for each in wanted - chosen)
        if words <= budget:
            budget -= words
            chosen |= wanted
    return [text[index] for index in sorted(chosen)]


def _paragraphs(sentences: Sequence[Sentence]) -> list[Block]:
    return [
        Block(markdown=" ".join(item.text for item in run), citations=cited(run))
        for start in range(0, len(sentences), _SENTENCES_A_PARAGRAPH)
        if (run := sentences[start : start + _SENTENCES_A_PARAGRAPH])
    ]
