"""Who is asking, and how that is known: never by anything that the request merely says."""

from contextvars import ContextVar
from urllib.parse import quote
from uuid import UUID

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from coursewright.accounts.mode import Mode
from coursewright.bootstrap import Application
from coursewright.course.base import Value
from coursewright.course.errors import NotConfigured, NotSignedIn
from coursewright.database import users
from coursewright.settings import LOOPBACK, Settings

SIGN_IN = "/sign-in"
_LONGEST_NEXT = 500
_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")


class Who(Value):
    """Who is asking."""

    user_id: UUID
    email: str
    """Empty where none is known."""
    mode: Mode


shown: ContextVar[Who | None] = ContextVar("shown", default=None)
"""Who is asking, for the head of every page: the templates read it, not each route."""


async def who_asks(request: Request) -> Who:
    """Who is asking.

    Raises `NotSignedIn`; `Unavailable` when that cannot be known now; `NotConfigured` where only
    the owner of this machine is let in, and the request comes from elsewhere.
    """
    application: Application = request.app.state.application
    found = await _who(request, application)
    shown.set(found)
    return found


async def signed_in(request: Request) -> UUID:
    """The user that is asking; on the loopback address without accounts, the local owner."""
    return (await who_asks(request)).user_id


async def _who(request: Request, application: Application) -> Who:
    mode = application.mode
    if mode is Mode.LOCAL:
        if not is_from_here(request, application.settings):
            raise NotConfigured(
                "nobody has to sign in here, so only this machine is let in, and no proxy",
                hint="Make an account (coursewright users add somebody@example.org), and start the"
                " service anew: then people sign in.",
            )
        return Who(user_id=application.owner, email="", mode=mode)
    if mode is Mode.SUPABASE:
        return await _bearer(request, application)
    token = session_token(request)
    holder = await application.accounts.whose(token) if token else None
    if holder is None:
        raise NotSignedIn("nobody is signed in", hint="Sign in first: POST /api/session.")
    return Who(user_id=holder.user_id, email=holder.email, mode=mode)


def is_from_here(request: Request, settings: Settings) -> bool:
    """Whether a program of this machine asks. What a proxy here passes on is not from here."""
    return (
        settings.host in LOOPBACK
        and request.client is not None
        and request.client.host in LOOPBACK
        and not any(name in request.headers for name in _FORWARDED)
    )


async def _bearer(request: Request, application: Application) -> Who:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if application.tokens is None or scheme.lower() != "bearer" or not token.strip():
        raise NotSignedIn(
            "nobody is signed in",
            hint="Send `Authorization: Bearer` with the access token of Supabase.",
        )
    claims = await application.tokens.verify(token.strip())
    await users.ensure(application.database, claims.user_id)
    return Who(user_id=claims.user_id, email=claims.email, mode=Mode.SUPABASE)


def session_token(request: Request) -> str:
    """The token in the cookie; empty when there is none."""
    return request.cookies.get(cookie_name(request.app.state.application.settings), "")


def cookie_name(settings: Settings) -> str:
    """`__Host-` where https allows it: no other host, not even a subdomain, can set that one."""
    secure = settings.public is not None and settings.public.secure
    return "__Host-coursewright" if secure else "coursewright"


def set_session(response: Response, application: Application, token: str) -> None:
    """Gives the browser the session; an empty token takes it away."""
    settings = application.settings
    longest = application.accounts.times.longest.total_seconds()
    response.set_cookie(
        cookie_name(settings),
        token,
        max_age=int(longest) if token else 0,
        path="/",
        secure=settings.public is not None and settings.public.secure,
        httponly=True,
        samesite="lax",
    )


def to_sign_in(request: Request) -> Response:
    """Sends a browser to where it signs in, and from there back to where it was."""
    back = request.url.path if request.method in {"GET", "HEAD"} else "/"
    if request.url.query and back != "/":
        back += f"?{request.url.query}"
    return RedirectResponse(f"{SIGN_IN}?next={quote(back, safe='/')}", status_code=303)


def own_path(path: str) -> str:
    """A path of ours to go on to; `/` for whatever might lead elsewhere."""
    plain = path.startswith("/") and not path.startswith(("//", "/\\"))
    if not plain or len(path) > _LONGEST_NEXT or not path.isprintable() or "\\" in path:
        return "/"
    return path
