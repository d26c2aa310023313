"""`users`: the accounts of people who may sign in. Only the operator makes them."""

import sys
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from coursewright.accounts.mode import Mode
from coursewright.bootstrap import LOCAL_OWNER, Application
from coursewright.cli import options
from coursewright.cli.ask import confirmed
from coursewright.cli.console import MISUSED, err, out, print_json, with_application
from coursewright.cli.ending import asking
from coursewright.course.errors import BadRequest
from coursewright.database.accounts import Account

app = typer.Typer(
    help="Accounts of people who may sign in: add, list, remove, password.", no_args_is_help=True
)

Email = Annotated[str, typer.Argument(metavar="EMAIL", help="The address that names the account.")]
_LONGEST_LINE = 2048


@app.command()
def add(
    email: Email,
    owner: Annotated[
        bool,
        typer.Option(
            "--owner", help="The account of whoever owns this machine, with the courses made on it."
        ),
    ] = False,
    as_json: options.Json = False,
) -> None:
    """Make an account. The password is asked for, or read from standard input."""
    password = _password()

    async def action(application: Application) -> None:
        made = await application.accounts.add(
            email, password, user_id=LOCAL_OWNER if owner else None
        )
        if as_json:
            print_json(made.model_dump())
        else:
            err.print(f"made an account for {escape(made.email)}")
        _note(application)

    with_application("users add", action)


@app.command("list")
def list_users(as_json: options.Json = False) -> None:
    """List all accounts."""

    async def action(application: Application) -> None:
        found = await application.accounts.everyone()
        if as_json:
            print_json([each.model_dump(mode="json") for each in found])
        elif found:
            _show(found)
        else:
            err.print("There is no account. Make one: coursewright users add EMAIL")

    with_application("users list", action)


@app.command()
def remove(email: Email, yes: options.Yes = False) -> None:
    """Delete an account with all its courses. Asks first; there is no way back."""

    async def action(application: Application) -> None:
        found = await application.accounts.find(email)
        if not yes and not confirmed(
            f"Delete {found.email} with all courses and progress for good?"
        ):
            err.print("nothing was deleted")
            raise typer.Exit(MISUSED)
        await application.accounts.delete(found.user_id)
        err.print(f"deleted {escape(found.email)} with everything")

    with_application("users remove", action)


@app.command()
def password(email: Email) -> None:
    """Set a new password and end all sessions of the account."""

    async def action(application: Application) -> None:
        found = await application.accounts.find(email)
        await application.accounts.set_password(found.email, _password())
        err.print(f"set a new password for {escape(found.email)}; all sessions have ended")

    with_application("users password", action)


def _password() -> str:
    """From the terminal, unseen and twice; or the first line of standard input. Never an argument,
    which every process of the machine could read.
    """
    if sys.stdin.isatty():
        with asking():
            typed: str = typer.prompt(
                "Password", hide_input=True, confirmation_prompt=True, err=True
            )
        return typed
    line = sys.stdin.readline(_LONGEST_LINE).rstrip("\r\n")
    if not line:
        raise BadRequest(
            "there is no password on standard input",
            hint="Type it when asked, or: coursewright users add EMAIL < file",
        )
    return line


def _note(application: Application) -> None:
    if application.mode is Mode.LOCAL:
        err.print(
            "[dim]From the next start on, `coursewright serve` asks everybody to sign in.[/]"
            if application.settings.auth == "auto"
            else "[dim]COURSEWRIGHT_AUTH=local: nobody is asked to sign in.[/]"
        )


def _show(found: list[Account]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("E-mail", overflow="fold")
    for name in ("Made", "Signed in last"):
        table.add_column(name, no_wrap=True)
    for each in found:
        last = each.signed_in_at
        table.add_row(
            escape(each.email),
            f"{each.created_at:%Y-%m-%d}",
            f"{last:%Y-%m-%d %H:%M} UTC" if last else "never",
        )
    out.print(table)
