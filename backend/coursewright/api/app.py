"""The HTTP service: JSON under `/api`, pages for the browser, `/health`."""

from pathlib import Path

from fastapi import Depends, FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.staticfiles import StaticFiles
from fastapi.telemetry import TelemetryConfig

from coursewright import __version__
from coursewright.accounts.mode import Mode
from coursewright.api import errors
from coursewright.api.auth import signed_in
from coursewright.api.description import Described, scheme_of
from coursewright.api.guard import Guard, Site
from coursewright.api.routes import (
    account,
    account_pages,
    costs,
    courses,
    editing,
    events,
    exports,
    files,
    health,
    operations,
    pages,
    pieces,
    progress,
    revisions,
    shared,
    shares,
    study,
)
from coursewright.api.tracking import Tracking, name_the_course
from coursewright.bootstrap import Application
from coursewright.settings import LOOPBACK, Settings

_NO_TELEMETRY: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False}
"""FastAPI's own has whole addresses in it, and with them what is nobody's business; ours is in
`tracing.py` and `metrics.py`."""
_FORM = 1_000_000
"""Bytes of a form beside its files."""
_DESCRIPTION = """
Turns a topic, or a person's own documents, into a complete course.

Order a course with `POST /api/courses`, watch it being made with
`GET /api/courses/{id}/events`, and read it with `GET /api/courses/{id}`: every piece is there as
soon as it stands. Errors are problem details (RFC 9457) with a `hint` that says what to do.
"""


def create_app(application: Application) -> FastAPI:
    """The service for an application that is open; whoever opened it closes it."""
    app = describe_app(application.settings, application.mode)
    app.state.application = application
    return app


def create_worker_app(application: Application) -> FastAPI:
    """What a process that only makes courses answers to whoever watches over it."""
    app = FastAPI(
        title="Coursewright worker",
        version=__version__,
        openapi_url=None,
        telemetry=_NO_TELEMETRY,
    )
    app.state.application = application
    errors.install(app)
    site = site_of(application.settings, Mode.LOCAL)
    app.add_middleware(Guard, site=site, max_body=0)
    app.add_middleware(Tracking)
    for routes in (health, operations):
        app.include_router(routes.router)
    return app


def describe_app(settings: Settings, mode: Mode = Mode.LOCAL) -> FastAPI:
    """The service with all its routes, and nothing behind it yet."""
    app = Described(
        title="Coursewright",
        version=__version__,
        description=_DESCRIPTION,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        redoc_url=None,
        docs_url=None,
        telemetry=_NO_TELEMETRY,
        dependencies=[Depends(name_the_course)],
        responses={
            "4XX": {"model": errors.Problem, "description": "Something to mend in the request."},
            "5XX": {"model": errors.Problem, "description": "Something to mend in the service."},
        },
    )
    app.scheme = scheme_of(settings, mode)
    errors.install(app)
    if settings.origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.origins,
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=[
                "Authorization",
                "Content-Type",
                "Idempotency-Key",
                "If-Match",
                "Last-Event-ID",
            ],
            expose_headers=["ETag"],  # what a change of this version names in If-Match
            allow_credentials=False,  # bearer tokens only: no cookie of ours goes to other pages
        )
    app.add_middleware(
        Guard,
        site=site_of(settings, mode),
        max_body=settings.max_source_mb * 1_000_000 + _FORM,
    )
    app.add_middleware(Tracking)  # the last one lies around all others
    app.include_router(health.router)
    app.include_router(operations.router)
    app.include_router(account.entrance)
    app.include_router(files.router)  # a link to a file needs no sign-in; all else there asks
    app.include_router(shared.router)  # whoever has a link reads its course, signed in or not
    # Whatever is added here is for whoever is signed in, whether the route asks who it is or not.
    only = [Depends(signed_in)]
    for routes in (
        courses,
        editing,
        revisions,
        pieces,
        events,
        exports,
        shares,
        costs,
        study,
        progress,
        account,
    ):
        app.include_router(routes.router, dependencies=only)
    app.include_router(account_pages.entrance, include_in_schema=False)
    for routes in (pages, account_pages):
        app.include_router(routes.router, include_in_schema=False, dependencies=only)
    static = Path(__file__).with_name("static")
    app.mount("/static", StaticFiles(directory=static), name="static")
    return app


def site_of(settings: Settings, mode: Mode) -> Site:
    """What the service is called, and who signs in to it."""
    public = settings.public
    return Site(
        hosts=frozenset({*LOOPBACK, settings.host, *([] if public is None else [public.host])}),
        public=public,
        bearer=mode is Mode.SUPABASE,
        private=mode is not Mode.LOCAL,
    )
