"""Finding the passages that a question is about."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol, cast

from coursewright.course.sources import Passage, PassageKind
from coursewright.sources.topics import tokens


class _Index(Protocol):
    def index(self, corpus: list[list[str]], *, show_progress: bool) -> None: ...

    def get_scores(self, query_tokens_single: list[str]) -> Sequence[float]: ...


def search(passages: Sequence[Passage], query: str, *, limit: int = 10) -> list[Passage]:
    """The passages closest to a query by BM25 over words (and the headings above), best first.

    Headings, and passages without any word of the query, are left out; equals stay in the order of
    the text.
    BM25 as in Robertson and Zaragoza, "The Probabilistic Relevance Framework" (2009), with the
    usual k1 = 1.5 and b = 0.75.
    """
    wanted = list(dict.fromkeys(tokens(query)))
    passages = [each for each in passages if each.kind is not PassageKind.HEADING]
    corpus = [[*tokens(each.text), *_context(each.place.headings[-1:])] for each in passages]
    vocabulary = {word for words in corpus for word in words}
    known = [word for word in wanted if word in vocabulary]
    if not known or limit < 1:
        return []
    scores = _index(corpus).get_scores(known)
    ranked = sorted(range(len(passages)), key=lambda number: (-scores[number], number))
    return [passages[number] for number in ranked[:limit] if scores[number] > 0]


def _index(corpus: list[list[str]]) -> _Index:
    # bm25s takes a third of a second to load, and not every course is searched.
    import bm25s  # noqa: PLC0415  # pyright: ignore[reportMissingTypeStubs] - see above; it has no types

    index = cast("_Index", bm25s.BM25(k1=1.5, b=0.75))
    index.index(corpus, show_progress=False)
    return index


@lru_cache(maxsize=4096)
def _context(headings: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word for heading in headings for word in tokens(heading))
