"""The shortest time in which the calls of some courses can be made.

The larger of two bounds:

- the critical path of a course: its outline, then the longest chain of calls that need each other,
  each as long as it really took, as if it had been sent the moment that its input was there;
  a chapter is taken to need the complete outline (that ours begins earlier is a gain);
- the quota: for each model, with N calls and C places in any 60 s over its projects,
  60 (ceil(N / C) - 1) seconds until the last one may be sent, and then the shortest call; and so
  for tokens.
"""

import math
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
    took: dict[str, float] = {}
    for call in calls:
        if call.piece == "audio_script/full_lecture":
            took[call.piece] = max(call.seconds, took.get(call.piece, 0.0))
        else:
            took[call.piece] = took.get(call.piece, 0.0) + call.seconds
    return took.get("outline", 0.0) + _after_outline(took)


def _after_outline(took: Mapping[str, float]) -> float:
    def longest(kind: str) -> float:
        return max((took[key] for key in took if key.startswith(kind)), default=0.0)

    chapters = [key.removeprefix("chapter/") for key in took if key.startswith("chapter/")]
    ends = [
        took[f"chapter/{number}"] + took.get(f"{kind}/{number}", 0.0)
        for number in chapters
        for kind in ("mcqs", "flashcards", "glossary")
    ]
    after_all = max(longest(kind) for kind in ("article/", "suggestions", "audio_script/"))
    return max([*ends, longest("chapter/") + after_all])


def quota(calls: Sequence[Made]) -> float:
    """Seconds until the limits have let all calls through, and the shortest of them is answered."""
    bounds = [0.0]
    for provider, model in {(call.provider, call.model) for call in calls}:
        mine = [call for call in calls if call.model == model]
        limits = LIMITS[f"{provider}_models"].get(model) or LIMITS["groq_models"][GROQ]
        rounds = max(
            math.ceil(len(mine) / (limits["rpm"] * PROJECTS[provider])),
            math.ceil(sum(call.tokens for call in mine) / (limits["tpm"] * PROJECTS[provider])),
        )
        bounds.append(WINDOW * (rounds - 1) + min(call.seconds for call in mine))
    return max(bounds)
