"""The HTTP service: JSON under `/api`, pages for the browser, `/health`."""

from pathlib import Path

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from coursewright import __version__
from coursewright.api import errors
from coursewright.api.guard import Guard
from coursewright.api.routes import (
    costs,
    courses,
    editing,
    events,
    exports,
    health,
    pages,
    pieces,
    revisions,
    shared,
    shares,
)
from coursewright.bootstrap import Application
from coursewright.settings import LOOPBACK, Settings

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
    app = describe_app(application.settings)
    app.state.application = application
    return app


def describe_app(settings: Settings) -> FastAPI:
    """The service with all its routes, and nothing behind it yet."""
    app = FastAPI(
        title="Coursewright",
        version=__version__,
        description=_DESCRIPTION,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        redoc_url=None,
        docs_url=None,
        responses={
            "4XX": {"model": errors.Problem, "description": "Something to mend in the request."},
            "5XX": {"model": errors.Problem, "description": "Something to mend in the service."},
        },
    )
    errors.install(app)
    app.add_middleware(
        Guard,
        hosts=frozenset({*LOOPBACK, settings.host}),
        max_body=settings.max_source_mb * 1_000_000 + _FORM,
    )
    for routes in (
        health,
        courses,
        editing,
        revisions,
        pieces,
        events,
        exports,
        shares,
        shared,
        costs,
    ):
        app.include_router(routes.router)
    app.include_router(pages.router, include_in_schema=False)
    static = Path(__file__).with_name("static")
    app.mount("/static", StaticFiles(directory=static), name="static")
    return app
