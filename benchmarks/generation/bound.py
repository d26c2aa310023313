"""The shortest time in which the calls of some courses can be made.

The larger of two bounds:

- the critical path of a course: its outline, then the longest chain of calls that need each other,
  each as long as it really took, as if it had been sent the moment that its input was there;
  a chapter is taken to need the complete outline (that ours begins earlier is a gain);
- the quota: each model has C places in any 60 s over its projects. Its calls in the order in which
  their input can be there at the earliest, the n-th is sent no sooner than then, and than 60 s
  after the one C before it; then comes the shortest call. For T tokens, of which any 60 s hold M,
  60 (ceil(T / M) - 1) seconds after the first call; and since calls are not cut in two, as many
  windows as the large ones need, of which few fit into one.
"""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from generation.scene import GROQ, KEYS, LIMITS

WINDOW = 60.0
PROJECTS = {
    "gemini": sum(name.startswith("GEMINI") for name in KEYS),
    "groq": sum(name.startswith("GROQ") for name in KEYS),
}


@dataclass(frozen=True, kw_only=True)
class Made:
    """A call that was answered."""

    course: str
    piece: str
    provider: str
    model: str
    seconds: float
    tokens: int
    """Those that the limit by the minute counts."""


def lower_bound(calls: Sequence[Made]) -> float:
    """Seconds for all courses together."""
    courses = {call.course for call in calls}
    paths = [critical_path([call for call in calls if call.course == each]) for each in courses]
    return max(*paths, quota(calls))


def critical_path(calls: Sequence[Made]) -> float:
    """Seconds of the longest chain of one course. Calls of one piece follow each other, but for
    the parts of a lecture, which are written side by side.
    """
    took = _took(calls)
    return took.get("outline", 0.0) + _after_outline(took)


def _took(calls: Sequence[Made]) -> dict[str, float]:
    """Seconds of each piece of a course."""
    took: dict[str, float] = {}
    for call in calls:
        if call.piece == "audio_script/full_lecture":
            took[call.piece] = max(call.seconds, took.get(call.piece, 0.0))
        else:
            took[call.piece] = took.get(call.piece, 0.0) + call.seconds
    return took


def _longest(took: Mapping[str, float], kind: str) -> float:
    return max((took[key] for key in took if key.startswith(kind)), default=0.0)


def _after_outline(took: Mapping[str, float]) -> float:
    chapters = [key.removeprefix("chapter/") for key in took if key.startswith("chapter/")]
    ends = [
        took[f"chapter/{number}"] + took.get(f"{kind}/{number}", 0.0)
        for number in chapters
        for kind in ("mcqs", "flashcards", "glossary")
    ]
    after_all = max(_longest(took, kind) for kind in ("article/", "suggestions", "audio_script/"))
    return max([*ends, _longest(took, "chapter/") + after_all])


def quota(calls: Sequence[Made]) -> float:
    """Seconds until the limits have let all calls through, and the shortest of them is answered."""
    begins = earliest(calls)
    bounds = [0.0]
    for provider, model in {(call.provider, call.model) for call in calls}:
        mine = [at for at, call in enumerate(calls) if call.model == model]
        limits = LIMITS[f"{provider}_models"].get(model) or LIMITS["groq_models"][GROQ]
        shortest = min(calls[at].seconds for at in mine)
        first = min(begins[at] for at in mine)
        rounds = windows(
            [calls[at].tokens for at in mine], tpm=limits["tpm"], projects=PROJECTS[provider]
        )
        last = _last_sent(
            sorted(begins[at] for at in mine), places=limits["rpm"] * PROJECTS[provider]
        )
        bounds.append(max(last, first + WINDOW * (rounds - 1)) + shortest)
    return max(bounds)


def windows(tokens: Sequence[int], *, tpm: int, projects: int) -> int:
    """How many windows of all projects calls of so many tokens need at least.

    Calls are not cut in two: of those with more than a third of `tpm` a window of one project holds
    two at most, and so on for each such share.
    """
    needed = math.ceil(sum(tokens) / (tpm * projects))
    for fit in {max(1, tpm // each) for each in tokens if each}:
        large = sum(each * (fit + 1) > tpm for each in tokens)
        needed = max(needed, math.ceil(large / (fit * projects)))
    return needed


def earliest(calls: Sequence[Made]) -> list[float]:
    """When the input of each call can be there: seconds from the order, on the critical path.
    Calls of one piece are in the order in which they were made.
    """
    took = {
        course: _took([call for call in calls if call.course == course])
        for course in {call.course for call in calls}
    }
    before: defaultdict[tuple[str, str], float] = defaultdict(float)
    found: list[float] = []
    for call in calls:
        found.append(_needs(call.piece, took[call.course]) + before[call.course, call.piece])
        if call.piece != "audio_script/full_lecture":
            before[call.course, call.piece] += call.seconds
    return found


def _needs(piece: str, took: Mapping[str, float]) -> float:
    """When what a piece needs can be there."""
    kind, _, number = piece.partition("/")
    outline = 0.0 if kind == "outline" else took.get("outline", 0.0)
    if kind in {"outline", "chapter"}:
        return outline
    if kind in {"mcqs", "flashcards", "glossary"}:
        return outline + took.get(f"chapter/{number}", 0.0)
    return outline + _longest(took, "chapter/")


def _last_sent(ready: Sequence[float], places: int) -> float:
    """When the last of some calls can be sent, of which any window holds so many."""
    sent: list[float] = []
    for at, moment in enumerate(ready):
        sent.append(max(moment, sent[at - places] + WINDOW) if at >= places else moment)
    return sent[-1]
