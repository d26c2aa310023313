"""The process in which a document of a stranger is parsed.

`python -m coursewright.sources.child REQUEST < document > answer`; see `process.py`.
Its memory, its time and what it may write are bounded before any parser is loaded.
"""

import math
import sys

from pydantic import ValidationError

from coursewright.course.base import Value
from coursewright.course.errors import SourceError
from coursewright.sources.blocks import Parsed
from coursewright.sources.detect import Format
from coursewright.sources.formats import parse
from coursewright.sources.limits import Limits


class Request(Value):
    """What the parent asks for."""

    form: Format
    name: str
    charset: str | None
    limits: Limits


class Refusal(Value):
    """Why a document cannot be read."""

    message: str
    hint: str


class Answer(Value):
    """Exactly one of the two."""

    parsed: Parsed | None = None
    refusal: Refusal | None = None


def answer(request: Request, data: bytes) -> Answer:
    """Parses, and turns whatever goes wrong into words."""
    name = request.name
    try:
        parsed = parse(
            data, request.form, name=name, limits=request.limits, charset=request.charset
        )
    except SourceError as error:
        return Answer(refusal=Refusal(message=error.message, hint=error.hint))
    except MemoryError:
        return Answer(refusal=too_much_memory(name, request.limits))
    except RecursionError:
        return Answer(
            refusal=Refusal(
                message=f"{name} nests its parts too deeply to be read",
                hint="Save its text in another format, for instance as .txt.",
            )
        )
    except Exception as error:  # noqa: BLE001 - a damaged file makes libraries raise anything
        return Answer(
            refusal=Refusal(
                message=f"{name} is damaged: its reader stumbled ({type(error).__name__})",
                hint="Open it in the program that made it and save it anew, or give another"
                " format of it.",
            )
        )
    return Answer(parsed=parsed)


def too_much_memory(name: str, limits: Limits) -> Refusal:
    """Why a document was given up that needs too much memory."""
    return Refusal(
        message=f"reading {name} needs more than {limits.memory_bytes / 1e6:,.0f} MB of memory",
        hint="Give the part that matters as a file of its own.",
    )


def restrict(limits: Limits) -> None:
    """Bounds this process for good. On Windows only the parent's time limit applies."""
    try:
        import resource  # noqa: PLC0415 - there is none on Windows
    except ImportError:
        return
    seconds = math.ceil(limits.seconds) + 1
    wanted = (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    )
    for which, value in wanted:
        _, hard = resource.getrlimit(which)
        bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
        try:
            resource.setrlimit(which, (bound, bound))
        except (ValueError, OSError):
            continue  # macOS refuses RLIMIT_AS; the others still hold


def main() -> int:
    """Reads the request and the document, writes the answer."""
    try:
        request = Request.model_validate_json(sys.argv[1])
    except (IndexError, ValidationError):
        return 2
    restrict(request.limits)
    found = answer(request, sys.stdin.buffer.read())
    sys.stdout.buffer.write(found.model_dump_json().encode())
    sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
