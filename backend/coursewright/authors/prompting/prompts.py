"""The prompts: one Markdown file each, with a version that goes into the ledger."""

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import BaseLoader, Environment, StrictUndefined, Template, TemplateNotFound

from coursewright.course.brief import Level

_PARTS = re.compile(
    r"\Aversion: (?P<version>\d+)\n# System\n(?P<system>.+?)\n# User\n(?P<user>.+)\Z", re.DOTALL
)
_TAG = re.compile(r"<(?=/?\s*(?:section|passage|chapter|plan)\b)", re.IGNORECASE)
"""The tags that stand around material."""
_EMPTY_LINES = re.compile(r"\n{3,}")

LEVELS = {
    Level.BEGINNER: "a beginner who knows nothing of the topic yet",
    Level.INTERMEDIATE: "somebody who knows the basics and wants to understand and apply more",
    Level.ADVANCED: "somebody with solid knowledge who wants depth, precision and hard cases",
}


@dataclass(frozen=True)
class Prompt:
    """What is said to a model."""

    name: str
    """With its version, e.g. `chapter@1`."""
    system: str
    user: str


def render(name: str, **values: Any) -> Prompt:
    """The prompt of that name, filled in. Raises `jinja2.UndefinedError` for a value left out."""
    version, system, user = _load(name)
    return Prompt(
        name=f"{name}@{version}",
        system=_tidy(system.render(values)),
        user=_tidy(user.render(values)),
    )


def names() -> list[str]:
    """All prompts that there are."""
    found = (path.name.removesuffix(".md") for path in files(_FOLDER).joinpath(_PATH).iterdir())
    return sorted(name for name in found if not name.startswith("_"))


def fenced(text: str) -> str:
    """Material that cannot end the tag that it stands in."""
    return _TAG.sub("‹", text).strip()


def _tidy(text: str) -> str:
    return _EMPTY_LINES.sub("\n\n", text).strip()


_FOLDER, _PATH = "coursewright.authors", "prompts"


class _Loader(BaseLoader):
    def get_source(self, environment: Environment, template: str) -> tuple[str, None, None]:
        del environment
        path = files(_FOLDER).joinpath(_PATH, template)
        if not path.is_file():
            raise TemplateNotFound(template)
        return path.read_text(encoding="utf-8"), None, None


_environment = Environment(
    loader=_Loader(),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    autoescape=False,  # noqa: S701 - prompts are no HTML; material is fenced
)


@cache
def _load(name: str) -> tuple[str, Template, Template]:
    text, _, _ = _Loader().get_source(_environment, f"{name}.md")
    found = _PARTS.match(text)
    if found is None:
        message = f"the prompt {name} needs `version: N`, `# System` and `# User`"
        raise ValueError(message)
    return (
        found["version"],
        _environment.from_string(found["system"]),
        _environment.from_string(found["user"]),
    )
