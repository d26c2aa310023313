"""Pages to sign in and out, and of my account. All work without JavaScript."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from coursewright.accounts.mode import Mode
from coursewright.accounts.passwords import SHORTEST
from coursewright.api.auth import SIGN_IN, own_path, session_token, set_session
from coursewright.api.dependencies import App, Asking
from coursewright.api.errors import headers_of, status_of
from coursewright.api.rendering import page
from coursewright.api.routes.account import DELETE_WORD, address_of, delete_account
from coursewright.course.errors import BadRequest, CoursewrightError

entrance = APIRouter()
"""What is open to whoever is not signed in yet."""
router = APIRouter()

Field = Annotated[str, Form(max_length=1024)]


@entrance.get(SIGN_IN, response_class=HTMLResponse)
async def form(app: App, after: Annotated[str, Query(alias="next")] = "/") -> Response:
    """Where people sign in."""
    if app.mode is Mode.LOCAL:
        return RedirectResponse("/", status_code=303)
    if app.mode is Mode.SUPABASE:
        return page(
            "problem.html",
            status=401,
            title="Sign in with Supabase",
            hint="These pages have no sign-in of Supabase. Programs send its access token to the"
            " API: `Authorization: Bearer`.",
        )
    return page("sign-in.html", after=own_path(after))


@entrance.post(SIGN_IN, response_class=HTMLResponse)
async def sign_in(
    request: Request,
    app: App,
    email: Field = "",
    password: Field = "",
    after: Annotated[str, Form(alias="next")] = "/",
) -> Response:
    """Signs in, and goes on to where the person wanted to be."""
    if app.mode is not Mode.ACCOUNTS:
        return RedirectResponse(SIGN_IN, status_code=303)
    try:
        _, token = await app.accounts.sign_in(email, password, address=address_of(request))
    except CoursewrightError as error:
        answer = page(
            "sign-in.html",
            status=status_of(error),
            after=own_path(after),
            email=email,
            problem=error,
        )
        answer.headers.update(headers_of(error))
        return answer
    await app.accounts.sign_out(session_token(request))
    answer = RedirectResponse(own_path(after), status_code=303)
    set_session(answer, app, token)
    return answer


@entrance.post("/sign-out", response_class=HTMLResponse)
async def sign_out(request: Request, app: App) -> Response:
    """Ends this session; harmless when it has ended already."""
    if app.mode is Mode.ACCOUNTS:
        await app.accounts.sign_out(session_token(request))
    return _left(app)


@router.get("/account", response_class=HTMLResponse)
async def account(who: Asking, said: Annotated[str, Query(max_length=40)] = "") -> Response:
    """My account: password, sessions, data."""
    return _account(who, said=_SAID.get(said, ""))


@router.post("/account/password", response_class=HTMLResponse)
async def change_password(
    request: Request, app: App, who: Asking, old: Field = "", new: Field = "", again: Field = ""
) -> Response:
    """Changes the password."""
    try:
        if who.mode is not Mode.ACCOUNTS:
            return RedirectResponse("/account", status_code=303)
        if new != again:
            raise BadRequest("the two new passwords are not the same", hint="Type it twice.")
        await app.accounts.change_password(
            who.user_id, old, new, address=address_of(request), token=session_token(request)
        )
    except CoursewrightError as error:
        return _account(who, status=status_of(error), problem=error)
    return RedirectResponse("/account?said=changed", status_code=303)


@router.post("/account/sign-out-everywhere", response_class=HTMLResponse)
async def sign_out_everywhere(app: App, who: Asking) -> Response:
    """Ends all sessions."""
    await app.accounts.sign_out_everywhere(who.user_id)
    return _left(app)


@router.post("/account/delete", response_class=HTMLResponse)
async def delete(
    request: Request, app: App, who: Asking, password: Field = "", confirm: Field = ""
) -> Response:
    """Deletes the account with everything."""
    try:
        if confirm.strip().lower() != DELETE_WORD:
            raise BadRequest("nothing was deleted", hint=f"Type the words {DELETE_WORD!r} as well.")
        await delete_account(app, who, password, request)
    except CoursewrightError as error:
        return _account(who, status=status_of(error), problem=error)
    return _left(app)


_SAID = {"changed": "The password is changed. All other sessions have ended."}


def _account(who: Asking, *, status: int = 200, **values: object) -> Response:
    return page(
        "account.html",
        status=status,
        here="account",
        who=who,
        word=DELETE_WORD,
        shortest=SHORTEST,
        **values,
    )


def _left(app: App) -> Response:
    answer = RedirectResponse(SIGN_IN, status_code=303)
    set_session(answer, app, "")
    return answer
