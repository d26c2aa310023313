"""`emulate`: the models' services on this machine, with their limits and faults, without a key."""

import errno
from collections.abc import Sequence
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.markup import escape

from coursewright.cli.console import err
from coursewright.cli.emulated import calls_table, line_of, settings_for
from coursewright.cli.emulated_limits import limited
from coursewright.course.errors import BadRequest, NotConfigured
from coursewright.emulator.desk import Call
from coursewright.emulator.options import EmulatorOptions, WindowKind
from coursewright.emulator.server import Emulator, serve

PORT = 8089
_FAULTS = {
    "overloaded": 0.4,
    "malformed": 0.15,
    "stall": 0.1,
    "reset": 0.1,
    "empty": 0.1,
    "errors": 0.1,
    "blocked": 0.05,
}
"""How `--faults` is dealt out: services that are overloaded are by far the most common."""
_OPTION = {"--latency-scale": "--latency"}
_LIMITS, _TROUBLE, _QUESTIONS = "Limits and keys", "Faults", "Faults in questions"


def _share(meaning: str, panel: str = _TROUBLE) -> typer.models.OptionInfo:
    return typer.Option(
        metavar="PERCENT", min=0, max=100, help=meaning, show_default=False, rich_help_panel=panel
    )


Percent = float | None


def emulate(
    port: Annotated[
        int, typer.Option(help="The port; 0 takes a free one.", min=0, max=65535)
    ] = PORT,
    latency: Annotated[
        float,
        typer.Option(
            metavar="FACTOR", min=0, help="1 answers as fast as the real services, 0 at once."
        ),
    ] = 1.0,
    seed: Annotated[int, typer.Option(help="Another seed, other faults.")] = 0,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No line for each call.")] = False,
    window: Annotated[
        WindowKind,
        typer.Option(help="How a minute is counted.", rich_help_panel=_LIMITS),
    ] = "sliding",
    limits: Annotated[
        str,
        typer.Option(
            metavar="TEXT",
            help="Limits in place of those of the free tiers, such as "
            "'gemini:* rpm=5 rpd=20; groq:* tpm=8000'; what is not named stays. A model that is "
            "named is there.",
            show_default=False,
            rich_help_panel=_LIMITS,
        ),
    ] = "",
    day_seconds: Annotated[
        float,
        typer.Option(
            metavar="SECONDS", min=1, help="How long a day lasts.", rich_help_panel=_LIMITS
        ),
    ] = 86_400.0,
    project: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY=NAME",
            help="The project that a key belongs to: keys of one project share its limits. Other "
            "keys are projects of their own. May be given several times.",
            show_default=False,
            rich_help_panel=_LIMITS,
        ),
    ] = None,
    dead_key: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY",
            help="A key that is refused. May be given several times.",
            show_default=False,
            rich_help_panel=_LIMITS,
        ),
    ] = None,
    leaked_key: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY",
            help="A key that was reported as leaked. May be given several times.",
            show_default=False,
            rich_help_panel=_LIMITS,
        ),
    ] = None,
    faults: Annotated[Percent, _share("Calls that fail, in all ways together.")] = None,
    overloaded: Annotated[Percent, _share("Calls answered with 503, in bursts.")] = None,
    errors: Annotated[Percent, _share("Calls answered with 500.")] = None,
    stall: Annotated[Percent, _share("Calls that are never answered.")] = None,
    reset: Annotated[Percent, _share("Calls whose connection breaks in the middle.")] = None,
    malformed: Annotated[Percent, _share("Answers that are cut, or no JSON.")] = None,
    empty: Annotated[Percent, _share("Answers without a text.")] = None,
    blocked: Annotated[Percent, _share("Answers that a safety filter holds back.")] = None,
    unsafe: Annotated[
        str | None,
        typer.Option(
            metavar="PATTERN",
            help="What the safety filter holds back in any case: a regular expression.",
            show_default=False,
            rich_help_panel=_TROUBLE,
        ),
    ] = None,
    wrong_keys: Annotated[
        Percent, _share("Questions whose right answer is called wrong.", _QUESTIONS)
    ] = None,
    double_keys: Annotated[
        Percent, _share("Questions of which two options are right.", _QUESTIONS)
    ] = None,
    duplicate_questions: Annotated[
        Percent, _share("Questions that are asked a second time.", _QUESTIONS)
    ] = None,
) -> None:
    """Try the product under limits, without a key: Gemini and Groq, emulated on this machine.

    Prints the settings that send the program here. The answers are readable courses out of the
    primers that come with the program; nothing leaves this machine.
    """
    shares = {
        name: share if share is not None else _FAULTS.get(name, 0.0) * (faults or 0.0)
        for name, share in {
            "overloaded": overloaded,
            "errors": errors,
            "stall": stall,
            "reset": reset,
            "malformed": malformed,
            "empty": empty,
            "blocked": blocked,
            "wrong_keys": wrong_keys,
            "double_keys": double_keys,
            "duplicate_questions": duplicate_questions,
        }.items()
    }
    options = _options(
        window=window,
        latency_scale=latency,
        seed=seed,
        day_seconds=day_seconds,
        projects=_projects(project or ()),
        dead_keys=frozenset(dead_key or ()),
        leaked_keys=frozenset(leaked_key or ()),
        unsafe=unsafe,
        **{name: share / 100 for name, share in shares.items()},
        **limited(limits),
    )
    serve_emulator(options, port, quiet=quiet)


def serve_emulator(options: EmulatorOptions, port: int, *, quiet: bool) -> None:
    """Serves until interrupted, and says what came."""

    def started(emulator: Emulator) -> None:
        err.print(f"[bold green]Emulating[/] Gemini and Groq on [bold]{emulator.url}[/]")
        err.print("[dim]In another terminal (Ctrl-C here ends it):[/]\n")
        for line in settings_for(emulator):
            err.print(f"export {line}", markup=False, soft_wrap=True)
        err.print()

    def answered(call: Call) -> None:
        err.print(escape(line_of(call)), soft_wrap=True)

    try:
        desk = serve(options, port=port, started=started, answered=None if quiet else answered)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise NotConfigured(
                f"cannot listen on port {port}: {error.strerror}",
                hint="Choose another with --port.",
            ) from error
        raise NotConfigured(
            f"port {port} is taken by another program",
            hint="Choose another: --port 8090 (0 takes a free one).",
        ) from None
    err.print()
    err.print(calls_table(desk))


def _options(**fields: object) -> EmulatorOptions:
    try:
        return EmulatorOptions.model_validate(fields)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = "--" + str(first["loc"][0]).replace("_", "-")
        raise BadRequest(
            f"{_OPTION.get(name, name)}: {first['msg']}",
            hint="`coursewright emulate --help` shows what can be given.",
        ) from None


def _projects(given: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in given:
        key, _, name = each.rpartition("=")
        if not key or not name:
            raise BadRequest(
                "--project: there is no `=` between a key and a name",
                hint="Write it like --project test-key-1=school.",
            )
        if found.setdefault(key, name) != name:
            raise BadRequest(
                f"--project: one key is said to belong to both {found[key]} and {name}",
                hint="A key belongs to one project.",
            )
    return found
