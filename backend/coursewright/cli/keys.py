"""`keys`: how every API key stands, and whether it works."""

from collections.abc import Sequence
from typing import Annotated
from uuid import uuid4

import typer
from rich.markup import escape
from rich.table import Table

from coursewright.bootstrap import Application
from coursewright.cli import options
from coursewright.cli.console import FAILED, err, out, print_json, with_application
from coursewright.database.quota import PostgresQuota
from coursewright.providers.checking import Checked, check_key
from coursewright.providers.key_table import KeyRow
from coursewright.providers.names import SERVICES
from coursewright.providers.opening import Providers

_STYLES = {"ok": "green", "off": "red", "waits": "yellow", "day spent": "yellow"}
_NOTE = (
    "Keys of one project or organization share one quota: more keys add room only across separate"
    " projects. Using several free projects to get around limits may break a provider's terms; a"
    " paid tier does not. Gemini's free tier may use prompts for training, and its terms exclude"
    " apps directed at minors."
)


def keys(
    check: Annotated[
        bool, typer.Option("--check", help="Send one tiny call with each key.")
    ] = False,
    as_json: options.Json = False,
) -> None:
    """Say how every API key stands: what is spent, what is left, what is wrong with it.

    Of a key only a fingerprint is ever shown. What other processes on the same database spend is
    counted in.
    """

    async def action(application: Application) -> bool:
        providers = application.providers
        if providers is None:
            return _none(application, as_json=as_json)
        checked = await _check(application, providers) if check else []
        rows = await application.key_rows()
        if as_json:
            print_json(
                {
                    "keys": [row.model_dump() for row in rows],
                    **({"checked": [each.model_dump() for each in checked]} if check else {}),
                }
            )
        else:
            _show(rows)
            if check:
                _show_checked(checked)
            err.print(f"\n[dim]{_NOTE}[/]")
        return all(each.works for each in checked)

    if not with_application("keys", action):
        raise typer.Exit(FAILED)


def _none(application: Application, *, as_json: bool) -> bool:
    if as_json:
        print_json({"keys": []})
        return True
    if application.credentials.any:
        err.print("There are keys, but the built-in author writes (COURSEWRIGHT_AUTHOR).")
        return True
    err.print("There is no API key, and none is needed: the built-in author writes out of sources.")
    err.print(
        "For courses on any topic set GEMINI_API_KEY or GROQ_API_KEY in the environment or in .env,"
        " or COURSEWRIGHT_OPENAI_URL and COURSEWRIGHT_MODEL=openai:MODEL for a server of your own."
        " Without a key: coursewright emulate",
        soft_wrap=True,
    )
    return True


async def _check(application: Application, providers: Providers) -> list[Checked]:
    found: list[Checked] = []
    seen: set[str] = set()
    for service, chain in providers.asker.chains.items():
        for name in chain:
            for credential in providers.registry.keys(service, name.provider):
                if credential.fingerprint in seen:
                    continue
                seen.add(credential.fingerprint)
                with err.status(f"Trying {credential.fingerprint} ..."):
                    found.append(
                        await check_key(
                            credential,
                            name,
                            providers.models,
                            providers.config.limits,
                            service=service,
                            shared=PostgresQuota(application.database, worker=uuid4()),
                        )
                    )
    return found


def _show(rows: Sequence[KeyRow]) -> None:
    last = ""
    table = _table()
    for row in sorted(rows, key=lambda row: (row.provider, row.variables, row.model)):
        if row.fingerprint != last:
            if last:
                out.print(table, "")
            out.print(_heading(row), soft_wrap=True)
            last, table = row.fingerprint, _table()
        free = "-" if row.free_in is None else "now" if not row.free_in else f"{row.free_in:.0f} s"
        table.add_row(
            f"  {escape(row.model)}",
            f"[{_STYLES.get(row.state, 'yellow')}]{row.state}[/]",
            _of(row.minute_spent, row.minute_limit),
            _of(row.tokens_spent, row.tokens_limit),
            _of(row.day_spent, row.day_limit),
            free,
        )
        if row.reason:
            table.add_row(f"    [dim]{escape(row.reason)}[/]")
    out.print(table)


def _table() -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 1, 0, 0))
    table.add_column("  model", min_width=24, overflow="fold")
    table.add_column("state", min_width=5, overflow="fold")
    for name, width in (("minute", 7), ("tokens", 14), ("day", 12), ("free", 5)):
        table.add_column(name, justify="right", min_width=width, no_wrap=True)
    return table


def _heading(row: KeyRow) -> str:
    """The key, by its fingerprint and its variables; its project; the services that it serves."""
    project = "project not named" if row.project is None else f"project {escape(row.project)}"
    shared = f", shared with {', '.join(row.shared_with)}" if row.shared_with else ""
    services = "all services" if set(row.services) >= set(SERVICES) else ", ".join(row.services)
    return (
        f"[bold]{row.fingerprint}[/]  {', '.join(row.variables)}  [dim]{project}{shared};"
        f" {services}[/]"
    )


def _of(spent: int, limit: int | None) -> str:
    return f"{spent:,}" if limit is None else f"{spent:,}/{limit:,}"


def _show_checked(checked: Sequence[Checked]) -> None:
    out.print()
    for each in checked:
        if each.works:
            out.print(f"[green]ok[/] {each.fingerprint} {each.model}: {each.seconds:.1f} s")
        else:
            out.print(f"[red]no[/] {each.fingerprint} {each.model}: {escape(each.reason)}")
            out.print(f"   [bold]hint:[/] {escape(each.hint)}")
