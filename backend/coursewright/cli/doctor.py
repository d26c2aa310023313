"""`doctor`: what is configured, what works, what to do."""

import asyncio
import platform
import socket
import sys
from collections.abc import Container, Sequence
from dataclasses import asdict, dataclass

import typer
from rich.markup import escape
from rich.table import Table

from coursewright import __version__
from coursewright.bootstrap import (
    load_credentials,
    models_config,
    open_application,
    writes_by_model,
)
from coursewright.cli import options
from coursewright.cli.console import FAILED, out, print_json, settings
from coursewright.course.errors import CoursewrightError, NotConfigured
from coursewright.database.health import describe
from coursewright.providers.names import SERVICES, ModelName
from coursewright.providers.opening import keys_by_service
from coursewright.providers.prices import is_known
from coursewright.settings import Settings, env_files
from coursewright.sources import encyclopedia
from coursewright.sources.library import Library

_MARKS = {True: "[green]ok[/]", False: "[red]no[/]", None: "[dim]-[/]"}


@dataclass(frozen=True)
class Finding:
    """One line of the report."""

    name: str
    fine: bool | None
    """None: neither good nor bad, only said."""
    says: str
    do: str = ""


def doctor(as_json: options.Json = False) -> None:
    """Say what is configured, what works, and what to do about the rest."""
    loaded = settings()
    keys = _keys()
    author = _author(loaded)
    # Nothing can be opened with settings that contradict each other, and that is said once.
    wrong = False in {keys.fine, author.fine}
    database = [] if wrong else asyncio.run(_database(loaded))
    findings = [*_program(loaded), *database, _port(loaded), author, *_sources(), keys]
    findings += [] if wrong else _models(loaded)
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        table = Table(box=None, pad_edge=False, show_header=False)
        for finding in findings:
            table.add_row(_MARKS[finding.fine], finding.name, escape(finding.says))
            if finding.do:
                table.add_row("", "", f"[bold]hint:[/] {escape(finding.do)}")
        out.print(table)
    if any(finding.fine is False for finding in findings):
        raise typer.Exit(FAILED)


def _program(loaded: Settings) -> list[Finding]:
    files = ", ".join(str(path) for path in env_files())
    return [
        Finding(
            "Program",
            True,
            f"coursewright {__version__}, Python {sys.version.split()[0]},"
            f" {platform.system()} {platform.machine()}",
        ),
        Finding("Settings", None, files or "defaults and environment; there is no .env file"),
        Finding("Data", None, str(loaded.data_dir)),
    ]


async def _database(loaded: Settings) -> list[Finding]:
    try:
        async with open_application(loaded, working="never", command="doctor") as application:
            facts = await describe(application.database)
    except CoursewrightError as error:
        return [Finding("Database", False, error.message, error.hint)]
    kind = "embedded" if loaded.embedded else "DATABASE_URL"
    found = [Finding("Database", True, f"Postgres {facts.version}, {kind}")]
    if facts.bypasses_rls:
        found.append(
            Finding(
                "Login",
                False,
                f"the login {facts.login!r} of DATABASE_URL bypasses row-level security",
                "Requests switch to a role that does not; better still, give the program a login"
                " of its own that owns nothing and is a member of coursewright_app.",
            )
        )
    return found


def _port(loaded: Settings) -> Finding:
    with socket.socket(socket.AF_INET6 if ":" in loaded.host else socket.AF_INET) as probe:
        probe.settimeout(0.5)
        taken = loaded.port != 0 and probe.connect_ex((loaded.host, loaded.port)) == 0
    if not taken:
        return Finding("Port", True, f"{loaded.port} on {loaded.host} is free")
    return Finding(
        "Port",
        None,
        f"{loaded.port} on {loaded.host} is taken, perhaps by `coursewright serve` itself",
        "Where it is another program: --port 8009, or COURSEWRIGHT_PORT=8009.",
    )


def _author(loaded: Settings) -> Finding:
    try:
        credentials = load_credentials()
        by_model = writes_by_model(loaded, credentials, models_config(loaded))
    except NotConfigured as error:
        return Finding("Author", False, error.message, error.hint)
    if by_model:
        return Finding("Author", True, f"a model ({loaded.author})")
    hint = ""
    if loaded.openai_url and not (credentials.any or loaded.model):
        hint = "COURSEWRIGHT_OPENAI_URL is set; name its model: COURSEWRIGHT_MODEL=openai:MODEL"
    says = "built-in: writes out of sources, needs no key and no network"
    return Finding("Author", True, says, hint)


def _models(loaded: Settings) -> list[Finding]:
    config, credentials = models_config(loaded), load_credentials()
    if not writes_by_model(loaded, credentials, config):
        return []
    has_openai = loaded.openai_url is not None
    keyed = keys_by_service(credentials, has_openai=has_openai)
    rows = {
        service: ", then ".join(
            str(name) for name in config.chains[service] if (service, name.provider) in keyed
        )
        for service in SERVICES
    }
    used = dict.fromkeys(
        name for chain in config.chains.values() for name in chain if _of_any(keyed, name)
    )
    return [
        *(Finding(f"  {service}", None, models) for service, models in rows.items()),
        _cost_limit(loaded, [name for name in used if not is_known(name.provider, name.model)]),
    ]


def _of_any(keyed: Container[tuple[str, str]], name: ModelName) -> bool:
    return any((service, name.provider) in keyed for service in SERVICES)


def _cost_limit(loaded: Settings, without_price: Sequence[ModelName]) -> Finding:
    if loaded.max_cost_per_course is None:
        return Finding("Cost limit", None, "none")
    says = f"${loaded.max_cost_per_course} a course"
    if not without_price:
        return Finding("Cost limit", None, says)
    names = ", ".join(map(str, without_price))
    return Finding("Cost limit", None, says, f"No price is known of {names}: they count as free.")


def _sources() -> list[Finding]:
    primers = Library().primers()
    return [
        Finding("Primers", bool(primers), f"{len(primers)} topics: `coursewright sources`"),
        Finding(
            "Encyclopedia",
            encyclopedia.available() or None,
            "installed" if encyclopedia.available() else "not installed",
            ""
            if encyclopedia.available()
            else "To add some thousand short topics: make encyclopedia",
        ),
    ]


def _keys() -> Finding:
    try:
        keys = load_credentials()
    except NotConfigured as error:
        return Finding("Keys", False, error.message, error.hint)
    if not keys.any:
        return Finding("Keys", None, "none, and none is needed")
    counts = ", ".join(f"{name} {count}" for name, count in keys.counts().items())
    return Finding("Keys", None, f"{counts}; `coursewright keys --check` tries them")
