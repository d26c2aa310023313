"""`share`, `shares`, `unshare`: links by which somebody else can read a course."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import typer
from rich.table import Table

from coursewright.bootstrap import Application
from coursewright.cli import options
from coursewright.cli.console import err, out, print_json, settings, with_application
from coursewright.course.errors import BadRequest, NotFound
from coursewright.database.shares import Share
from coursewright.generation.sharing import DAYS, MOST_DAYS, NewShare
from coursewright.settings import Settings


def share(
    course: options.CourseName,
    days: Annotated[
        int, typer.Option(min=1, max=MOST_DAYS, help="How long the link opens the course.")
    ] = DAYS,
    as_json: options.Json = False,
) -> None:
    """Make a link by which anybody who has it can read the course, and print it.

    It is shown this once: only a digest of it is kept.
    """
    loaded = settings()

    async def action(application: Application) -> tuple[NewShare, str]:
        found = await application.reading.resolve(application.owner, course)
        made = await application.sharing.create(application.owner, found, days=days)
        return made, _base(loaded, application.served_at)

    made, base = with_application("share", action, loaded=loaded)
    if as_json:
        print_json({**made.model_dump(mode="json"), "path": made.path, "url": base + made.path})
        return
    out.print(f"{base}{made.path}", markup=False, soft_wrap=True)
    err.print(
        f"open until {made.expires_at.astimezone():%Y-%m-%d %H:%M}."
        f" Revoke it: coursewright unshare {course} {str(made.id)[:8]}"
    )


def shares(course: options.CourseName, as_json: options.Json = False) -> None:
    """List the links of a course."""
    found = with_application("shares", lambda application: _list(application, course))
    if as_json:
        print_json([each.model_dump(mode="json") for each in found])
        return
    if not found:
        err.print(f"the course is not shared. Share it: coursewright share {course}")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("Link", "State", "Made", "Open until", "Last used"):
        table.add_column(name)
    for each in found:
        table.add_row(
            str(each.id)[:8],
            _state(each),
            _day(each.created_at),
            _day(each.expires_at),
            _day(each.last_used_at) if each.last_used_at else "never",
        )
    out.print(table)


def unshare(
    course: options.CourseName,
    link: Annotated[
        str | None,
        typer.Argument(
            help="The link as `coursewright shares` names it; without it, all that are open.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Revoke links of a course: they open nothing from now on."""

    async def action(application: Application) -> int:
        course_id = await application.reading.resolve(application.owner, course)
        every = await application.sharing.list_all(application.owner, course_id)
        for each in (chosen := _chosen(every, link)):
            await application.sharing.revoke(application.owner, course_id, each)
        return len(chosen)

    revoked = with_application("unshare", action)
    err.print(f"revoked {revoked} {'link' if revoked == 1 else 'links'}")


def _base(loaded: Settings, served_at: str | None) -> str:
    """The address that people type; where none is set, the one that this machine has."""
    host = f"[{loaded.host}]" if ":" in loaded.host else loaded.host
    return loaded.public_url or served_at or f"http://{host}:{loaded.port}"


async def _list(application: Application, course: str) -> list[Share]:
    found = await application.reading.resolve(application.owner, course)
    return await application.sharing.list_all(application.owner, found)


def _chosen(every: list[Share], link: str | None) -> list[UUID]:
    if link is None:
        return [each.id for each in every if each.is_open(datetime.now(UTC))]
    found = [each.id for each in every if str(each.id).startswith(link.strip().lower())]
    if not found or not link.strip():
        raise NotFound(f"the course has no link {link}", hint="`coursewright shares` lists them.")
    if len(found) > 1:
        raise BadRequest(f"{link!r} is the beginning of {len(found)} links", hint="Give more.")
    return found


def _state(each: Share) -> str:
    if each.revoked_at is not None:
        return "revoked"
    return "open" if each.is_open(datetime.now(UTC)) else "ended"


def _day(moment: datetime) -> str:
    return f"{moment.astimezone():%Y-%m-%d %H:%M}"
