"""My account: sign in and out, password, all my data, delete everything."""

from datetime import UTC, datetime
from typing import IO, Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from coursewright.accounts.mode import Mode
from coursewright.api.auth import Who, session_token, set_session
from coursewright.api.dependencies import App, Asking
from coursewright.api.takeaway import spooled, take_away
from coursewright.bootstrap import Application
from coursewright.course.errors import BadRequest, Conflict

entrance = APIRouter(prefix="/api", tags=["account"])
"""What is open to whoever is not signed in yet."""
router = APIRouter(prefix="/api", tags=["account"])

Password = Annotated[SecretStr, Field(max_length=1024)]
DELETE_WORD = "delete everything"


class _Order(BaseModel):
    """What is asked for."""

    model_config = ConfigDict(extra="forbid")


class SignIn(_Order):
    """An account and its password."""

    email: Annotated[str, Field(max_length=320, examples=["somebody@example.org"])]
    password: Password = Field(examples=["four random words here"])


class AccountOut(BaseModel):
    """Who is signed in."""

    user_id: UUID
    email: str = Field(description="Empty where none is known.")
    mode: Mode = Field(description="`local`: the owner of this machine, without a password.")


class NewPassword(_Order):
    """The present password and the next one."""

    old: Password = Field(examples=["four random words here"])
    new: Password = Field(examples=["other random words there"])


class Deletion(_Order):
    """That it is meant: the password, where there is one, and the words."""

    password: Password = Field(SecretStr(""), description="Where one signs in with a password.")
    confirm: str = Field(description=f"`{DELETE_WORD}`", max_length=100, examples=["no"])


class Ended(BaseModel):
    """How many sessions have ended."""

    sessions: int


@entrance.post("/session", summary="Sign in")
async def sign_in(order: SignIn, request: Request, response: Response, app: App) -> AccountOut:
    """Begins a session and sets its cookie. 401: address or password is not right; 429: too often.

    A session that the browser had before ends.
    """
    _needs_accounts(app)
    holder, token = await app.accounts.sign_in(
        order.email, order.password.get_secret_value(), address=address_of(request)
    )
    await app.accounts.sign_out(session_token(request))
    set_session(response, app, token)
    return AccountOut(user_id=holder.user_id, email=holder.email, mode=Mode.ACCOUNTS)


@router.delete("/session", status_code=204, summary="Sign out")
async def sign_out(request: Request, app: App) -> Response:
    """Ends this session, here and in the database."""
    _needs_accounts(app)
    await app.accounts.sign_out(session_token(request))
    response = Response(status_code=204)
    set_session(response, app, "")
    return response


@router.delete("/sessions", summary="Sign out everywhere")
async def sign_out_everywhere(response: Response, app: App, who: Asking) -> Ended:
    """Ends all sessions of mine, this one included."""
    _needs_accounts(app)
    ended = await app.accounts.sign_out_everywhere(who.user_id)
    set_session(response, app, "")
    return Ended(sessions=ended)


@router.get("/account", summary="Who is signed in")
async def account(who: Asking) -> AccountOut:
    """Who I am to this service."""
    return AccountOut(user_id=who.user_id, email=who.email, mode=who.mode)


@router.put("/account/password", status_code=204, summary="Change my password")
async def change_password(order: NewPassword, request: Request, app: App, who: Asking) -> Response:
    """Asks for the present one, and ends all sessions but this one."""
    _needs_accounts(app)
    await app.accounts.change_password(
        who.user_id,
        order.old.get_secret_value(),
        order.new.get_secret_value(),
        address=address_of(request),
        token=session_token(request),
    )
    return Response(status_code=204)


@router.get(
    "/account/export",
    summary="All my data",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "A zip of JSON files, and of files as they are.",
            "content": {"application/zip": {}},
        }
    },
)
async def export(
    app: App, who: Asking, spool: Annotated[IO[bytes], Depends(spooled)]
) -> StreamingResponse:
    """A zip: one JSON file for each table, with all rows that are mine as they are stored; and my
    uploads and recordings.
    """
    chunks = await take_away(app.database, app.files, who, spool, at=datetime.now(UTC))
    return StreamingResponse(
        chunks,
        media_type="application/zip",
        headers={"Content-Disposition": 'attachment; filename="coursewright.zip"'},
    )


@router.post("/account/delete", status_code=204, summary="Delete my account with all my data")
async def delete(order: Deletion, request: Request, app: App, who: Asking) -> Response:
    """Courses, study, sessions, everything. There is no way back.

    A user of Supabase stays known to Supabase; what is kept here is deleted.
    """
    if order.confirm != DELETE_WORD:
        raise BadRequest(
            "nothing was deleted: it was not confirmed",
            hint=f"Send confirm: {DELETE_WORD!r}, and the password.",
        )
    await delete_account(app, who, order.password.get_secret_value(), request)
    response = Response(status_code=204)
    set_session(response, app, "")
    return response


async def delete_account(app: Application, who: Who, password: str, request: Request) -> None:
    """Deletes everything of whoever asks, once it is sure that it is they who ask."""
    if who.mode is Mode.LOCAL:
        raise Conflict(
            "the owner of this machine has no account that could be deleted",
            hint="Delete the courses, or the whole data folder: `coursewright doctor` says where.",
        )
    if who.mode is Mode.ACCOUNTS:
        await app.accounts.confirm(who.user_id, password, address=address_of(request))
    # Readers of a course that is being made are told that it ends.
    for course in await app.reading.summaries(who.user_id, limit=10_000):
        await app.commands.delete(who.user_id, course.id)
    await app.accounts.delete(who.user_id)


def address_of(request: Request) -> str:
    """Where it comes from. Behind a proxy of this machine that is what the proxy says (uvicorn)."""
    return request.client.host if request.client else ""


def _needs_accounts(app: Application) -> None:
    if app.mode is not Mode.ACCOUNTS:
        raise Conflict(
            "this service has no local accounts",
            hint="Sign in at Supabase." if app.mode is Mode.SUPABASE else "Nobody has to sign in.",
        )
